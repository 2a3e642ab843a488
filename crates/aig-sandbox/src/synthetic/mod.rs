//! Slides to try things with: valid pyramidal tiled TIFF, painted from a seed. Knows no patient, no sandbox, no network.
//!
//! ```
//! use aig_sandbox::synthetic::SlideSpec;
//!
//! let directory = tempfile::tempdir()?;
//! let path = directory.path().join("slide.tiff");
//! SlideSpec::new(512, 384).seed(7).write(&path)?;
//! assert!(path.metadata()?.len() > 10_000);
//! # Ok::<(), std::io::Error>(())
//! ```

mod noise;
mod stain;

use std::{
    io::{self, BufWriter, Seek, Write},
    path::Path,
};

use crate::{
    raster::Raster,
    tiled_tiff::{Page, PageRole, TILE, TiledTiff},
};
use stain::Stain;

/// How much smaller each level of the pyramid is than the one before.
const LEVEL_STEP: u32 = 4;
/// Levels end when one tile holds the whole slide.
const SMALLEST_LEVEL: u32 = TILE;

/// What a slide shall be. The same spec gives the same bytes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SlideSpec {
    /// Pixels at full resolution.
    pub width: u32,
    /// Pixels at full resolution.
    pub height: u32,
    /// Micrometres a pixel at full resolution.
    pub mpp: f64,
    /// Where tissue and nuclei lie.
    pub seed: u64,
    /// What is on the glass.
    pub tissue: Tissue,
}

/// What is on the glass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tissue {
    /// Pieces of tissue in the colours of haematoxylin and eosin, with nuclei.
    HematoxylinEosin,
    /// Nothing: applications end such a slide as a user error.
    None,
}

impl SlideSpec {
    /// A stained slide at 0.5 micrometres a pixel (a 20x scan).
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, mpp: 0.5, seed: 1, tissue: Tissue::HematoxylinEosin }
    }

    /// With this resolution, in micrometres a pixel.
    #[must_use]
    pub fn mpp(self, mpp: f64) -> Self {
        Self { mpp, ..self }
    }

    /// With tissue that lies elsewhere.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Without any tissue.
    #[must_use]
    pub fn blank(self) -> Self {
        Self { tissue: Tissue::None, ..self }
    }

    /// Writes the slide under `path`, whole or not at all: a temporary file beside it, then a rename.
    ///
    /// # Errors
    /// What the file system says, and [`io::ErrorKind::InvalidInput`] for a spec without pixels or resolution.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = publishable(directory)?;
        self.write_to(BufWriter::new(&mut file))?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }

    /// Writes the slide to anything that can seek.
    ///
    /// # Errors
    /// As [`SlideSpec::write`].
    pub fn write_to(&self, out: impl Write + Seek) -> io::Result<()> {
        if self.width == 0 || self.height == 0 || !self.mpp.is_finite() || self.mpp < 0.01 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a slide needs pixels and a resolution"));
        }
        let mut file = TiledTiff::new(out)?;
        let mut reduced = self.write_full_level(&mut file)?;
        let mut factor = LEVEL_STEP;
        while reduced.width().max(reduced.height()) >= SMALLEST_LEVEL {
            self.write_reduced_level(&mut file, &reduced, factor)?;
            reduced = reduced.reduced(LEVEL_STEP);
            factor *= LEVEL_STEP;
        }
        file.finish().map(drop)
    }

    /// Paints and writes the first level, and gives the second.
    fn write_full_level<W: Write + Seek>(&self, file: &mut TiledTiff<W>) -> io::Result<Raster> {
        let stain = Stain::new(self);
        let mut reduced = Raster::new(self.width / LEVEL_STEP, self.height / LEVEL_STEP);
        file.page(&self.page(1), |area, pixels| {
            stain.paint(area, pixels);
            reduced.fill_reduced(area, pixels, LEVEL_STEP);
        })?;
        Ok(reduced)
    }

    fn write_reduced_level<W: Write + Seek>(
        &self,
        file: &mut TiledTiff<W>,
        level: &Raster,
        factor: u32,
    ) -> io::Result<()> {
        let page = Page { width: level.width(), height: level.height(), ..self.page(factor) };
        file.page(&page, |area, pixels| level.copy_tile(area, pixels))
    }

    fn page(&self, factor: u32) -> Page {
        Page {
            width: self.width,
            height: self.height,
            mpp: self.mpp * f64::from(factor),
            role: if factor == 1 { PageRole::Full } else { PageRole::Reduced },
            description: format!("synthetic slide, seed {}, {} um/px, not a specimen", self.seed, self.mpp),
        }
    }
}

/// A temporary file that ends up with the permissions of an ordinary one.
fn publishable(directory: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".slide-").suffix(".part");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(directory)
}

/// A slide of the default set.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DemoSlide {
    /// The name of its file.
    pub file_name: &'static str,
    /// What it shows.
    pub spec: SlideSpec,
}

/// The default set: three slides with tissue in different sizes and resolutions, and a blank one.
pub fn demo_slides() -> [DemoSlide; 4] {
    let slide = |file_name, spec| DemoSlide { file_name, spec };
    [
        slide("slide-1-biopsy.tiff", SlideSpec::new(3072, 2304).seed(11)),
        slide("slide-2-resection.tiff", SlideSpec::new(4096, 3072).seed(23)),
        slide("slide-3-core.tiff", SlideSpec::new(2560, 2560).seed(37).mpp(0.25)),
        slide("slide-4-blank.tiff", SlideSpec::new(2048, 1536).seed(41).blank()),
    ]
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tiff::{decoder::Decoder, tags::Tag};

    use super::*;

    fn bytes(spec: &SlideSpec) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        spec.write_to(&mut out).unwrap();
        out.into_inner()
    }

    #[test]
    fn the_same_spec_gives_the_same_bytes_and_another_seed_others() {
        let spec = SlideSpec::new(300, 200);
        assert_eq!(bytes(&spec), bytes(&spec));
        assert_ne!(bytes(&spec), bytes(&spec.clone().seed(2)));
    }

    #[test]
    fn the_pyramid_has_reduced_levels_that_say_so_with_their_own_resolution() {
        let mut decoder = Decoder::new(Cursor::new(bytes(&SlideSpec::new(1500, 1100).mpp(0.25)))).unwrap();
        assert_eq!(decoder.dimensions().unwrap(), (1500, 1100));
        assert_eq!(decoder.get_tag_u32(Tag::NewSubfileType).unwrap(), 0);
        decoder.next_image().unwrap();
        assert_eq!(decoder.dimensions().unwrap(), (375, 275));
        assert_eq!(decoder.get_tag_u32(Tag::NewSubfileType).unwrap(), 1);
        assert!(!decoder.more_images());
    }

    #[test]
    fn a_spec_without_pixels_is_refused_and_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let error = SlideSpec::new(0, 5).write(&directory.path().join("a.tiff")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert_eq!(directory.path().read_dir().unwrap().count(), 0);
    }
}

//! What a slide file says about itself: size, resolution and format, and never a value that it does not say.

mod directory;
mod error;
mod resolution;

use std::{
    fmt,
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

pub use error::SlideError;
pub use resolution::Resolution;

/// The facts of one whole slide image, read from the file.
///
/// ```no_run
/// use aig_platform::slide::Slide;
///
/// let slide = Slide::read("case-7.svs")?;
/// println!("{} x {} px at {} µm a pixel", slide.width_px, slide.height_px, slide.mpp()?);
/// # Ok::<(), aig_platform::slide::SlideError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Slide {
    /// Where the file is.
    pub path: PathBuf,
    /// What kind of file it is, by its content and not by its name.
    pub format: SlideFormat,
    /// Width of the full-resolution image.
    pub width_px: u32,
    /// Height of the full-resolution image.
    pub height_px: u32,
    /// Size of a pixel, as far as the file tells it.
    pub resolution: Option<Resolution>,
    /// Number of images in the file: the levels of the pyramid, and label or overview pictures.
    pub images: usize,
    /// Length of the file in bytes.
    pub bytes: u64,
}

/// The kinds of slide files that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SlideFormat {
    /// TIFF 6.0, offsets of 32 bits.
    Tiff,
    /// BigTIFF, offsets of 64 bits.
    BigTiff,
    /// Aperio SVS: a TIFF or BigTIFF whose description starts with `Aperio`.
    AperioSvs,
}

impl SlideFormat {
    /// The media type of the file. All of these are TIFF, SVS too.
    pub fn media_type(self) -> &'static str {
        "image/tiff"
    }
}

impl fmt::Display for SlideFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tiff => "TIFF",
            Self::BigTiff => "BigTIFF",
            Self::AperioSvs => "Aperio SVS",
        })
    }
}

impl Slide {
    /// Reads the facts of the slide at `path`: its directories, never its pixels, so a file of many gigabytes takes
    /// milliseconds. Blocking.
    ///
    /// Every image of the file is checked to lie inside it, so a file whose copy stopped half way is found out here.
    ///
    /// # Errors
    /// [`SlideError`], when the file cannot be read, is no TIFF or SVS, is cut short or damaged. A missing resolution
    /// is no error here but in [`Slide::mpp`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, SlideError> {
        let path = path.as_ref();
        // Before opening: to open a pipe is to wait for somebody who writes into it.
        let named = std::fs::metadata(path).map_err(|source| SlideError::unreadable(path, source))?;
        if !named.is_file() {
            return Err(SlideError::NotASlide { path: path.to_owned() });
        }
        let file = File::open(path).map_err(|source| SlideError::unreadable(path, source))?;
        let metadata = file.metadata().map_err(|source| SlideError::unreadable(path, source))?;
        if !metadata.is_file() {
            return Err(SlideError::NotASlide { path: path.to_owned() });
        }
        directory::read(path, BufReader::new(file), metadata.len())
    }

    /// Micrometres a pixel, the same in both directions.
    ///
    /// # Errors
    /// [`SlideError`], when the file does not say it, says something that no slide scanner makes (72 dpi is what image
    /// editors write when they do not know), or says different things for the two directions.
    pub fn mpp(&self) -> Result<f64, SlideError> {
        let Some(resolution) = self.resolution else {
            return Err(SlideError::NoResolution { path: self.path.clone() });
        };
        resolution.mpp(&self.path)
    }

    /// The name without its folders and its last extension: what a slide is called where only a short name will do.
    pub fn stem(&self) -> Option<&str> {
        self.path.file_stem()?.to_str()
    }
}

/// Whether a file of this name may be a slide: `.tif`, `.tiff` or `.svs` in any case.
pub fn has_slide_extension(path: &Path) -> bool {
    let Some(extension) = path.extension().and_then(|extension| extension.to_str()) else { return false };
    ["tif", "tiff", "svs"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests;

//! What the sandbox's applications compute from a slide: where tissue lies, what is dark in it, how dense it is.
//! Plain image analysis on the slide's own pixels. Knows files and pixels; knows no run, no HTTP.

mod dark_spots;
mod geojson;
mod grid;
mod heatmap;
mod outline;
mod picture;
mod readout;
mod slide;
mod tissue;

use std::path::Path;

pub(crate) use outline::Outline;
pub(crate) use picture::{description, of_heatmap};
use slide::Slide;
pub(crate) use slide::Unreadable;

/// What was found on a slide. Outlines are in pixels of its full resolution.
#[derive(Debug)]
pub(crate) struct Findings {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// The slide itself, small, as a PNG.
    pub(crate) picture: Vec<u8>,
    mpp: f64,
    tissue: Class,
    spots: Class,
    heat: heatmap::Heat,
}

/// Things of one kind.
#[derive(Debug)]
struct Class {
    name: &'static str,
    colour: [u8; 3],
    outlines: Vec<Outline>,
}

/// Why a slide gives no findings.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the slide cannot be read: {0}")]
    Unreadable(#[from] Unreadable),
    #[error("no tissue found on the slide")]
    NoTissue { width: u32, height: u32, picture: Vec<u8> },
}

/// Blocks: seconds for the largest slides.
pub(crate) fn analyse(path: &Path, mpp: f64) -> Result<Findings, Refusal> {
    let slide = Slide::open(path)?;
    let picture = picture::of(&slide.image).map_err(Unreadable::File)?;
    let found = tissue::find(&slide);
    if found.outlines.is_empty() {
        return Err(Refusal::NoTissue { width: slide.width, height: slide.height, picture });
    }
    let pixel_um = mpp * slide.scale;
    let spots = dark_spots::find(&slide, &found.mask, pixel_um);
    let heat = heatmap::Heat::new(&slide, &found.mask, &spots.mask);
    Ok(Findings {
        width: slide.width,
        height: slide.height,
        picture,
        mpp,
        tissue: Class { name: "Tissue", colour: [0, 153, 76], outlines: found.outlines },
        spots: Class { name: dark_spots::name(pixel_um), colour: [92, 58, 138], outlines: spots.outlines },
        heat,
    })
}

impl Findings {
    /// The outlines of the tissue as a GeoJSON FeatureCollection that QuPath imports as annotations.
    pub(crate) fn tissue_geojson(&self) -> Vec<u8> {
        geojson::collection(&[(&self.tissue, geojson::Kind::Annotation)])
    }

    /// The outlines of what is dark, as QuPath's detections.
    pub(crate) fn spots_geojson(&self) -> Vec<u8> {
        geojson::collection(&[(&self.spots, geojson::Kind::Detection)])
    }

    /// Both kinds of outlines in one collection.
    pub(crate) fn geojson(&self) -> Vec<u8> {
        geojson::collection(&[(&self.tissue, geojson::Kind::Annotation), (&self.spots, geojson::Kind::Detection)])
    }

    /// One row a class: how many features, how much area.
    pub(crate) fn readout_csv(&self) -> Vec<u8> {
        readout::csv(&[&self.tissue, &self.spots], self.mpp, f64::from(self.width) * f64::from(self.height))
    }

    /// How dense the dark parts lie, as an RGB TIFF.
    pub(crate) fn heatmap_tiff(&self) -> std::io::Result<Vec<u8>> {
        self.heat.tiff(self.mpp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::SlideSpec;

    fn findings(spec: &SlideSpec) -> Result<Findings, Refusal> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("slide.tiff");
        spec.write(&path).unwrap();
        analyse(&path, spec.mpp)
    }

    #[test]
    fn a_stained_slide_has_tissue_inside_its_bounds_and_nuclei_in_the_tissue() {
        let found = findings(&SlideSpec::new(1200, 900).seed(5)).unwrap();
        assert!((1..=4).contains(&found.tissue.outlines.len()), "{} pieces", found.tissue.outlines.len());
        assert!(found.spots.outlines.len() > 50, "{} nuclei", found.spots.outlines.len());
        assert_eq!(found.spots.name, "Nucleus");
        for outline in found.tissue.outlines.iter().chain(&found.spots.outlines) {
            for ring in &outline.rings {
                assert_eq!(ring.first(), ring.last(), "a ring is closed");
                assert!(ring.len() >= 5);
                assert!(ring.iter().all(|[x, y]| (0.0..=1200.0).contains(x) && (0.0..=900.0).contains(y)));
            }
        }
    }

    #[test]
    fn other_pixels_give_other_findings() {
        let of = |seed| findings(&SlideSpec::new(800, 600).seed(seed)).unwrap().geojson();
        assert_ne!(of(1), of(2));
        assert_eq!(of(1), of(1));
    }

    #[test]
    fn a_blank_slide_has_no_tissue() {
        let refusal = findings(&SlideSpec::new(600, 600).blank()).unwrap_err();
        assert!(matches!(refusal, Refusal::NoTissue { width: 600, height: 600, .. }), "{refusal}");
    }

    #[test]
    fn counts_of_the_readout_agree_with_the_features() {
        let found = findings(&SlideSpec::new(1000, 800).seed(9)).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&found.geojson()).unwrap();
        let features = json["features"].as_array().unwrap();
        let csv = String::from_utf8(found.readout_csv()).unwrap();
        for row in csv.lines().skip(1) {
            let cells: Vec<&str> = row.split(',').collect();
            let named = features.iter().filter(|f| f["properties"]["classification"]["name"] == cells[0]).count();
            assert_eq!(cells[1].parse::<usize>().unwrap(), named);
        }
        assert_eq!(csv.lines().count(), 3);
    }

    #[test]
    fn a_cut_file_and_a_text_are_unreadable() {
        let directory = tempfile::tempdir().unwrap();
        let whole = directory.path().join("whole.tiff");
        SlideSpec::new(600, 400).write(&whole).unwrap();
        let bytes = std::fs::read(&whole).unwrap();
        for content in [&bytes[..bytes.len() / 2], b"not a slide", b""] {
            let path = directory.path().join("broken");
            std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), content).unwrap();
            assert!(matches!(analyse(&path, 0.5), Err(Refusal::Unreadable(_))));
        }
    }
}

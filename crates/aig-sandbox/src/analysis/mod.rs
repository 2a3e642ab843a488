//! What the sandbox's applications compute from a slide: where tissue lies, what is dark in it, how dense it is.
//! Plain image analysis on the slide's own pixels. Knows files and pixels; knows no run, no HTTP.

mod dark_spots;
mod geojson;
mod grid;
mod heatmap;
mod outline;
mod picture;
mod pixel;
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
mod tests;

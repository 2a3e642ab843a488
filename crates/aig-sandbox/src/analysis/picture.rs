//! Small pictures for people: a slide as a thumbnail, a heatmap as it is.

use std::io::{self, Cursor};

use tiff::{decoder::Decoder, tags::Tag};

use super::{Unreadable, slide};
use crate::{png, raster::Raster};

/// The longer side of a thumbnail has at most so many pixels.
const LONGEST: u32 = 640;

/// A PNG of the image, reduced if it is large.
pub(super) fn of(image: &Raster) -> io::Result<Vec<u8>> {
    let step = image.width().max(image.height()).div_ceil(LONGEST);
    if step <= 1 { png::encode(image) } else { png::encode(&image.reduced(step)) }
}

/// A heatmap's TIFF as a PNG.
pub(crate) fn of_heatmap(tiff: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let mut decoder = Decoder::new(Cursor::new(tiff))?;
    Ok(of(&slide::read_reduced(&mut decoder)?)?)
}

/// What a TIFF says about itself.
pub(crate) fn description(tiff: &[u8]) -> Option<String> {
    Decoder::new(Cursor::new(tiff)).ok()?.get_tag_ascii_string(Tag::ImageDescription).ok()
}

//! What is dark within the tissue: nuclei where pixels are fine enough, else dark regions.

use super::{
    grid::Grid,
    outline::Outline,
    slide::Slide,
    tissue::{Mask, otsu},
};

/// Nuclei are 5 to 15 micrometres wide: coarser pixels show no nuclei.
const NUCLEUS_PIXEL_UM: f64 = 2.5;
/// Haematoxylin takes red out: dark and bright pixels must differ at least this much in red to be two kinds.
const LEAST_CONTRAST: u64 = 40;
/// Specks of fewer pixels are noise.
const LEAST_PIXELS: usize = 4;

#[derive(Debug)]
pub(super) struct SpotsFound {
    /// Of the image's pixels.
    pub(super) mask: Grid,
    pub(super) outlines: Vec<Outline>,
}

/// What a spot is called at this size of a pixel.
pub(super) fn name(pixel_um: f64) -> &'static str {
    if pixel_um <= NUCLEUS_PIXEL_UM { "Nucleus" } else { "Dark region" }
}

pub(super) fn find(slide: &Slide, tissue: &Mask, pixel_um: f64) -> SpotsFound {
    let width = slide.image.width() as usize;
    let in_tissue = |(at, pixel): (usize, &[u8; 3])| tissue.covers(at % width, at / width).then_some(pixel[0]);
    let reds: Vec<u8> = slide.image.pixels().iter().enumerate().filter_map(in_tissue).collect();
    let threshold = otsu(reds.iter().copied());
    let dark = contrast(&reds, threshold) >= LEAST_CONTRAST;
    let pixels = slide.image.pixels();
    let mask = Grid::new(width, slide.image.height() as usize, |x, y| {
        dark && tissue.covers(x, y) && pixels[y * width + x][0] <= threshold
    })
    .without_corner_contacts();
    let regions = mask.regions(least_pixels(pixel_um));
    let outlines = regions.iter().map(|region| Outline::around(region, slide.scale)).collect();
    SpotsFound { mask, outlines }
}

/// At least a third of the smallest nucleus's area, where a pixel is that fine.
fn least_pixels(pixel_um: f64) -> usize {
    let smallest_um2 = 6.0;
    ((smallest_um2 / (pixel_um * pixel_um)) as usize).max(LEAST_PIXELS)
}

/// How far the means on both sides of a threshold lie apart.
fn contrast(values: &[u8], threshold: u8) -> u64 {
    let mean = |dark: bool| {
        let side = values.iter().filter(|value| (**value <= threshold) == dark);
        let (count, sum) = side.fold((0_u64, 0_u64), |(count, sum), value| (count + 1, sum + u64::from(*value)));
        sum.checked_div(count)
    };
    match (mean(true), mean(false)) {
        (Some(dark), Some(bright)) => bright - dark,
        _ => 0,
    }
}

//! Tissue is where the glass is coloured: a threshold by Otsu on saturation, smoothed on a coarse grid.

use super::{grid::Grid, outline::Outline, slide::Slide};

/// The coarse grid's longer side.
const GRID_SIDE: u32 = 384;
/// Bright glass and scanner noise stay below this saturation.
const LEAST_SATURATION: u8 = 20;
/// Pieces smaller than this part of the slide are dirt.
const LEAST_PIECE: f64 = 0.0008;

/// Tissue on a coarse grid, and its outlines at full resolution.
#[derive(Debug)]
pub(super) struct TissueFound {
    pub(super) mask: Mask,
    pub(super) outlines: Vec<Outline>,
}

/// A coarse grid over the image.
#[derive(Debug)]
pub(super) struct Mask {
    pub(super) grid: Grid,
    /// Pixels of the image along a side of a cell.
    pub(super) cell: usize,
}

impl Mask {
    /// Whether a pixel of the image is covered.
    pub(super) fn covers(&self, x: usize, y: usize) -> bool {
        self.grid.get(x / self.cell, y / self.cell)
    }
}

pub(super) fn find(slide: &Slide) -> TissueFound {
    let threshold = otsu(slide.image.pixels().iter().map(saturation)).max(LEAST_SATURATION);
    let cell = slide.image.width().max(slide.image.height()).div_ceil(GRID_SIDE).max(1) as usize;
    let grid = coarse(slide, cell, |pixel| saturation(pixel) > threshold);
    let least = (LEAST_PIECE * (grid.width * grid.height) as f64).ceil() as usize;
    let regions = grid.regions(least.max(4));
    let mask = keep(&grid, &regions);
    let scale = slide.scale * cell as f64;
    let outlines = regions.iter().map(|region| Outline::around(region, scale)).collect();
    TissueFound { mask: Mask { grid: mask, cell }, outlines }
}

/// Cells of which at least half of the pixels say yes; cells that the image does not fill are left out.
fn coarse(slide: &Slide, cell: usize, yes: impl Fn(&[u8; 3]) -> bool) -> Grid {
    let (width, height) = (slide.image.width() as usize / cell, slide.image.height() as usize / cell);
    let mut counts = vec![0_usize; width * height];
    for (y, row) in slide.image.rows().take(height * cell).enumerate() {
        for (x, pixel) in row.iter().take(width * cell).enumerate() {
            counts[y / cell * width + x / cell] += usize::from(yes(pixel));
        }
    }
    Grid::new(width, height, |x, y| counts[y * width + x] * 2 >= cell * cell).smoothed().without_corner_contacts()
}

fn keep(grid: &Grid, regions: &[super::grid::Region]) -> Grid {
    let mut kept = vec![false; grid.width * grid.height];
    regions.iter().flat_map(|region| &region.cells).for_each(|(x, y)| kept[y * grid.width + x] = true);
    Grid::new(grid.width, grid.height, |x, y| kept[y * grid.width + x])
}

fn saturation(pixel: &[u8; 3]) -> u8 {
    let [r, g, b] = *pixel;
    r.max(g).max(b) - r.min(g).min(b)
}

/// The value that parts a histogram so that the two sides differ most (Otsu 1979).
pub(super) fn otsu(values: impl Iterator<Item = u8>) -> u8 {
    let mut histogram = [0_u64; 256];
    values.for_each(|value| histogram[usize::from(value)] += 1);
    let total: u64 = histogram.iter().sum();
    let sum: f64 = histogram.iter().enumerate().map(|(value, count)| value as f64 * *count as f64).sum();
    let (mut below, mut sum_below, mut best, mut threshold) = (0_u64, 0.0, 0.0, 0);
    for (value, count) in histogram.iter().enumerate() {
        below += count;
        sum_below += value as f64 * *count as f64;
        let above = total - below;
        if below == 0 || above == 0 {
            continue;
        }
        let distance = sum_below / below as f64 - (sum - sum_below) / above as f64;
        let spread = below as f64 * above as f64 * distance * distance;
        if spread > best {
            (best, threshold) = (spread, value as u8);
        }
    }
    threshold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn otsu_parts_two_heaps_between_them() {
        let values = [10, 11, 12, 10, 200, 201, 199, 200];
        let threshold = otsu(values.into_iter());
        assert!((12..199).contains(&threshold), "{threshold}");
    }

    #[test]
    fn otsu_of_one_value_or_none_is_harmless() {
        assert_eq!(otsu(std::iter::repeat_n(7, 5)), 0);
        assert_eq!(otsu(std::iter::empty()), 0);
    }
}

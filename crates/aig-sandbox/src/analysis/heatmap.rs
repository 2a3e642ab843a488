//! How dense the dark parts of the tissue lie: a small map in colour.

use std::io::{Cursor, Error};

use super::{grid::Grid, slide::Slide, tissue::Mask};
use crate::{
    raster::Raster,
    tiled_tiff::{Page, PageRole, TiledTiff},
};

const BACKGROUND: [u8; 3] = [255; 3];
/// From sparse to dense, in the manner of viridis: readable for the colour-blind and in print.
const COLOURS: [[u8; 3]; 5] = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
/// A cell is coloured by the share of dark pixels around it, in cells.
const REACH: usize = 5;

/// The map and its scale.
#[derive(Debug)]
pub(super) struct Heat {
    map: Raster,
    /// Pixels of the full resolution a pixel of the map.
    scale: f64,
    /// The share that has the brightest colour.
    densest: f64,
}

impl Heat {
    pub(super) fn new(slide: &Slide, tissue: &Mask, dark: &Grid) -> Self {
        let (width, height) = (tissue.grid.width, tissue.grid.height);
        let (sums, pixels) = (Sums::of(tissue, dark), (tissue.cell * tissue.cell) as f64);
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let smooth: Vec<f64> = places.map(|(x, y)| sums.around(x, y) / pixels).collect();
        let densest = dense(&smooth, tissue);
        let mut map = Raster::filled(width as u32, height as u32, BACKGROUND);
        for (y, row) in map.rows_mut().enumerate() {
            for (x, pixel) in row.iter_mut().enumerate().filter(|(x, _)| tissue.grid.get(*x, y)) {
                *pixel = colour(smooth[y * width + x] / densest);
            }
        }
        Self { map, scale: slide.scale * tissue.cell as f64, densest }
    }

    pub(super) fn tiff(&self, mpp: f64) -> Result<Vec<u8>, Error> {
        let page = Page {
            width: self.map.width(),
            height: self.map.height(),
            mpp: mpp * self.scale,
            role: PageRole::Full,
            description: format!(
                "share of dark pixels in the tissue from 0 (dark violet) to {:.4} and more (yellow), one pixel is {:.2} slide pixels",
                self.densest, self.scale
            ),
        };
        let mut file = TiledTiff::new(Cursor::new(Vec::new()))?;
        file.page(&page, |area, pixels| self.map.copy_tile(area, pixels))?;
        Ok(file.finish()?.into_inner())
    }
}

/// The 99th percentile over the tissue: a few extremes do not darken the rest.
fn dense(shares: &[f64], tissue: &Mask) -> f64 {
    let width = tissue.grid.width;
    let inside = shares.iter().enumerate().filter(|(at, _)| tissue.grid.get(at % width, at / width));
    let mut shares: Vec<f64> = inside.map(|(_, share)| *share).collect();
    shares.sort_by(f64::total_cmp);
    shares.get(shares.len() * 99 / 100).copied().unwrap_or_default().max(f64::EPSILON)
}

/// How many dark pixels lie above and to the left of each corner of the cells: of any rectangle, four of them tell.
struct Sums {
    width: usize,
    height: usize,
    corners: Vec<u64>,
}

impl Sums {
    fn of(tissue: &Mask, dark: &Grid) -> Self {
        let (width, height, cell) = (tissue.grid.width, tissue.grid.height, tissue.cell);
        let mut corners = vec![0_u64; (width + 1) * (height + 1)];
        for y in 0..height {
            let mut row = 0;
            for x in 0..width {
                row += in_cell(dark, (x, y), cell);
                corners[(y + 1) * (width + 1) + x + 1] = corners[y * (width + 1) + x + 1] + row;
            }
        }
        Self { width, height, corners }
    }

    /// The mean over the neighbourhood of a cell, in dark pixels a cell.
    fn around(&self, x: usize, y: usize) -> f64 {
        let span = |at: usize, end: usize| (at.saturating_sub(REACH), (at + REACH + 1).min(end));
        let ((left, right), (top, bottom)) = (span(x, self.width), span(y, self.height));
        let corner = |x: usize, y: usize| self.corners[y * (self.width + 1) + x];
        let dark = corner(right, bottom) + corner(left, top) - corner(right, top) - corner(left, bottom);
        dark as f64 / ((right - left) * (bottom - top)) as f64
    }
}

fn in_cell(dark: &Grid, (x, y): (usize, usize), cell: usize) -> u64 {
    let rows = y * cell..(y + 1) * cell;
    rows.map(|y| (x * cell..(x + 1) * cell).filter(|x| dark.get(*x, y)).count() as u64).sum()
}

fn colour(share: f64) -> [u8; 3] {
    let place = share.clamp(0.0, 1.0) * (COLOURS.len() - 1) as f64;
    let index = (place as usize).min(COLOURS.len() - 2);
    let (from, to, at) = (COLOURS[index], COLOURS[index + 1], place - index as f64);
    std::array::from_fn(|channel| (f64::from(from[channel]) * (1.0 - at) + f64::from(to[channel]) * at).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::{super::grid::drawn, *};

    #[test]
    fn the_share_around_a_cell_is_that_of_the_pixels_within_reach_and_within_the_map() {
        let (width, height, cell) = (15, 14, 2);
        let is_dark = |x: usize, y: usize| (x * 7 + y * 5).is_multiple_of(3) || (x > 20 && y < 9);
        let dark = Grid::new(width * cell, height * cell, is_dark);
        let tissue = Mask { grid: Grid::new(width, height, |_, _| true), cell };
        let sums = Sums::of(&tissue, &dark);
        for (x, y) in [(0, 0), (7, 6), (14, 13), (14, 0), (3, 12)] {
            let near = |at: usize, of: usize| (at / cell).abs_diff(of) <= REACH;
            let pixels = (0..height * cell).flat_map(|py| (0..width * cell).map(move |px| (px, py)));
            let within: Vec<_> = pixels.filter(|(px, py)| near(*px, x) && near(*py, y)).collect();
            let share = within.iter().filter(|(px, py)| is_dark(*px, *py)).count() as f64 / within.len() as f64;
            assert!((sums.around(x, y) / 4.0 - share).abs() < 1e-12, "{x} {y}");
        }
    }

    #[test]
    fn cells_of_one_pixel_are_counted_as_they_are() {
        let dark = drawn(&["#.", ".#"]);
        let tissue = Mask { grid: Grid::new(2, 2, |_, _| true), cell: 1 };
        assert!((Sums::of(&tissue, &dark).around(0, 0) - 0.5).abs() < 1e-12);
    }
}

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
        let shares = shares(tissue, dark);
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let smooth: Vec<f64> = places.map(|place| around(&shares, (width, height), place)).collect();
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

/// The share of dark pixels in each cell.
fn shares(tissue: &Mask, dark: &Grid) -> Vec<f64> {
    let (width, height, cell) = (tissue.grid.width, tissue.grid.height, tissue.cell);
    let mut counts = vec![0_u32; width * height];
    for y in 0..height * cell {
        for x in 0..width * cell {
            counts[y / cell * width + x / cell] += u32::from(dark.get(x, y));
        }
    }
    counts.into_iter().map(|count| f64::from(count) / (cell * cell) as f64).collect()
}

/// The mean over the neighbourhood of a cell.
fn around(shares: &[f64], (width, height): (usize, usize), (x, y): (usize, usize)) -> f64 {
    let span = |at: usize, end: usize| at.saturating_sub(REACH)..(at + REACH + 1).min(end);
    let rows = span(y, height);
    let columns = span(x, width);
    let count = rows.len() * columns.len();
    let sum: f64 =
        rows.map(|row| shares[row * width + columns.start..row * width + columns.end].iter().sum::<f64>()).sum();
    sum / count as f64
}

fn colour(share: f64) -> [u8; 3] {
    let place = share.clamp(0.0, 1.0) * (COLOURS.len() - 1) as f64;
    let index = (place as usize).min(COLOURS.len() - 2);
    let (from, to, at) = (COLOURS[index], COLOURS[index + 1], place - index as f64);
    std::array::from_fn(|channel| (f64::from(from[channel]) * (1.0 - at) + f64::from(to[channel]) * at).round() as u8)
}

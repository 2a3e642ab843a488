//! How a stained slide looks: pieces of tissue on bright glass, darker where it is dense, nuclei in it.
//! Only additions, multiplications and comparisons, so every machine paints the same.

use super::{
    SlideSpec, Tissue,
    noise::{hash, lerp, rough, unit},
};
use crate::tiled_tiff::{TILE, TileArea};

const GLASS: [f32; 3] = [244.0, 243.0, 246.0];
const EOSIN_PALE: [f32; 3] = [236.0, 182.0, 206.0];
const EOSIN_DEEP: [f32; 3] = [206.0, 116.0, 166.0];
const NUCLEUS: [f32; 3] = [92.0, 58.0, 138.0];
/// Fields are computed at this spacing and interpolated between.
const FIELD_STEP: u32 = 16;
/// Of a field along a tile, both ends included.
const POINTS: usize = (TILE / FIELD_STEP) as usize + 1;
/// The nuclei's grid in micrometres: at most one nucleus a cell, so that they stay apart.
const NUCLEUS_GRID_UM: f32 = 14.0;

/// Paints one slide.
#[derive(Debug)]
pub(super) struct Stain {
    seed: u64,
    tissue: Field,
    density: Field,
    nucleus_grid: f32,
    tissue_kind: Tissue,
}

impl Stain {
    pub(super) fn new(spec: &SlideSpec) -> Self {
        let (width, height) = (spec.width as f32, spec.height as f32);
        let pieces = pieces(spec);
        let wave = width.min(height) / 6.0;
        let tissue = Field::new(spec, |x, y| {
            let inside = pieces.iter().map(|piece| piece.depth(x, y)).fold(f32::MIN, f32::max);
            inside + (rough(spec.seed ^ 1, x / wave, y / wave) - 0.5) * 1.2
        });
        let grain = wave / 3.0;
        let density = Field::new(spec, |x, y| rough(spec.seed ^ 2, x / grain, y / grain));
        let nucleus_grid = (NUCLEUS_GRID_UM / spec.mpp as f32).max(6.0);
        Self { seed: spec.seed, tissue, density, nucleus_grid, tissue_kind: spec.tissue }
    }

    pub(super) fn paint(&self, area: TileArea, tile: &mut [u8]) {
        let glass = GLASS.map(|sample| sample as u8);
        tile.chunks_exact_mut(3).for_each(|pixel| pixel.copy_from_slice(&glass));
        if self.tissue_kind == Tissue::None {
            return;
        }
        if !self.tissue.rises_above_zero(area) {
            return;
        }
        for (row, y) in tile.chunks_exact_mut(TILE as usize * 3).zip(area.y..) {
            self.paint_stroma(TileArea { y, ..area }, row);
        }
        self.paint_nuclei(area, tile);
    }

    /// One row of a tile.
    fn paint_stroma(&self, place: TileArea, row: &mut [u8]) {
        let (tissue, density) = (self.tissue.row(place), self.density.row(place));
        for (at, pixel) in row.chunks_exact_mut(3).enumerate() {
            let depth = along(&tissue, at);
            if depth <= 0.0 {
                continue;
            }
            let density = along(&density, at);
            let edge = (depth * 12.0).min(1.0);
            let noise = (hash(self.seed ^ 3, i64::from(place.x) + at as i64, i64::from(place.y)) & 7) as f32 - 3.5;
            for (channel, sample) in pixel.iter_mut().enumerate() {
                let stroma = lerp(EOSIN_PALE[channel], EOSIN_DEEP[channel], density) + noise;
                *sample = lerp(GLASS[channel], stroma, edge) as u8;
            }
        }
    }

    fn paint_nuclei(&self, area: TileArea, tile: &mut [u8]) {
        let cells = |from: u32| {
            let first = (from as f32 / self.nucleus_grid) as i64 - 1;
            first..=first + (TILE as f32 / self.nucleus_grid) as i64 + 3
        };
        for cell_y in cells(area.y) {
            for nucleus in cells(area.x).filter_map(|cell_x| self.nucleus(cell_x, cell_y)) {
                nucleus.stamp(area, tile);
            }
        }
    }

    /// The nucleus of one cell of the grid, if tissue is there and dense enough.
    fn nucleus(&self, cell_x: i64, cell_y: i64) -> Option<Nucleus> {
        let dice = hash(self.seed ^ 4, cell_x, cell_y);
        let part = |shift: u32| unit(dice.rotate_left(shift));
        let jitter = |shift: u32| 0.25 + 0.5 * part(shift);
        let stagger = 0.5 * (cell_y & 1) as f32;
        let x = (cell_x as f32 + jitter(0) + stagger) * self.nucleus_grid;
        let y = (cell_y as f32 + jitter(13)) * self.nucleus_grid;
        let wanted = self.density.at(x, y) * 1.3 - 0.2;
        let present = self.tissue.at(x, y) > 0.12 && part(26) < wanted;
        present.then_some(Nucleus {
            x,
            y,
            radius_x: self.nucleus_grid * (0.15 + 0.08 * part(39)),
            radius_y: self.nucleus_grid * (0.15 + 0.08 * part(51)),
        })
    }
}

struct Nucleus {
    x: f32,
    y: f32,
    radius_x: f32,
    radius_y: f32,
}

impl Nucleus {
    fn stamp(&self, area: TileArea, tile: &mut [u8]) {
        let span = |centre: f32, radius: f32, origin: u32| {
            let from = (centre - radius - origin as f32).max(0.0) as usize;
            let to = (centre + radius + 1.0 - origin as f32).clamp(0.0, TILE as f32) as usize;
            from..to.max(from)
        };
        let columns = span(self.x, self.radius_x, area.x);
        for y in span(self.y, self.radius_y, area.y) {
            let row = y * TILE as usize;
            let dy = ((area.y as usize + y) as f32 - self.y) / self.radius_y;
            for x in columns.clone() {
                let dx = ((area.x as usize + x) as f32 - self.x) / self.radius_x;
                let cover = ((1.0 - dx * dx - dy * dy) * 2.5).clamp(0.0, 0.92);
                let at = (row + x) * 3;
                blend(&mut tile[at..at + 3], cover);
            }
        }
    }
}

fn blend(pixel: &mut [u8], cover: f32) {
    for (sample, colour) in pixel.iter_mut().zip(NUCLEUS) {
        *sample = lerp(f32::from(*sample), colour, cover) as u8;
    }
}

/// An ellipse of tissue; its depth falls from 1 at the centre to 0 at the rim.
#[derive(Debug)]
struct Piece {
    x: f32,
    y: f32,
    radius_x: f32,
    radius_y: f32,
}

impl Piece {
    fn depth(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = ((x - self.x) / self.radius_x, (y - self.y) / self.radius_y);
        1.0 - dx * dx - dy * dy
    }
}

/// Two to four pieces, each inside its own part of the slide.
fn pieces(spec: &SlideSpec) -> Vec<Piece> {
    let count = 2 + hash(spec.seed ^ 5, 0, 0) % 3;
    let (width, height) = (spec.width as f32, spec.height as f32);
    (0..count)
        .map(|n| {
            let part = |k: i64| unit(hash(spec.seed ^ 6, n as i64, k));
            Piece {
                x: width * (n as f32 + 0.42 + 0.16 * part(0)) / count as f32,
                y: height * (0.4 + 0.2 * part(1)),
                radius_x: width * (0.26 + 0.08 * part(2)) / count as f32,
                radius_y: height * (0.2 + 0.1 * part(3)),
            }
        })
        .collect()
}

/// Values at every sixteenth pixel, bilinear between.
#[derive(Debug)]
struct Field {
    columns: usize,
    values: Vec<f32>,
}

impl Field {
    fn new(spec: &SlideSpec, value: impl Fn(f32, f32) -> f32) -> Self {
        // Tiles reach beyond the slide, and interpolation one point further.
        let points = |length: u32| ((length.next_multiple_of(TILE) + TILE) / FIELD_STEP) as usize + 2;
        let (columns, rows) = (points(spec.width), points(spec.height));
        let place = |index: usize| (index as u32 * FIELD_STEP) as f32;
        let values = (0..rows).flat_map(|y| (0..columns).map(move |x| (x, y))).map(|(x, y)| value(place(x), place(y)));
        Self { columns, values: values.collect() }
    }

    /// The values along one row of a tile, at every sixteenth pixel.
    fn row(&self, place: TileArea) -> [f32; POINTS] {
        std::array::from_fn(|point| self.at((place.x + point as u32 * FIELD_STEP) as f32, place.y as f32))
    }

    fn rises_above_zero(&self, area: TileArea) -> bool {
        let rows = (0..POINTS as u32).map(|point| TileArea { y: area.y + point * FIELD_STEP, ..area });
        rows.flat_map(|place| self.row(place)).any(|value| value > 0.0)
    }

    fn at(&self, x: f32, y: f32) -> f32 {
        let (x, y) = ((x / FIELD_STEP as f32).max(0.0), (y / FIELD_STEP as f32).max(0.0));
        let (column, row) = (x as usize, y as usize);
        let (fx, fy) = (x - column as f32, y - row as f32);
        let value = |dx: usize, dy: usize| self.values.get((row + dy) * self.columns + column + dx).copied();
        let (Some(a), Some(b), Some(c), Some(d)) = (value(0, 0), value(1, 0), value(0, 1), value(1, 1)) else {
            return 0.0;
        };
        lerp(lerp(a, b, fx), lerp(c, d, fx), fy)
    }
}

/// Between the values of a row.
fn along(row: &[f32; POINTS], at: usize) -> f32 {
    let point = at / FIELD_STEP as usize;
    let part = (at % FIELD_STEP as usize) as f32 / FIELD_STEP as f32;
    lerp(row[point], row[point + 1], part)
}

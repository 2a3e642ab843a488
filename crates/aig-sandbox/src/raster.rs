//! An RGB image in memory. Knows pixels, not files.

use crate::tiled_tiff::{TILE, TileArea};

/// Eight bits a sample, rows from the top.
#[derive(Clone, Debug)]
pub(crate) struct Raster {
    width: u32,
    pixels: Vec<[u8; 3]>,
}

impl Raster {
    pub(crate) fn new(width: u32, height: u32) -> Self {
        Self::filled(width, height, [0; 3])
    }

    pub(crate) fn filled(width: u32, height: u32, pixel: [u8; 3]) -> Self {
        Self { width: width.max(1), pixels: vec![pixel; (width.max(1) * height.max(1)) as usize] }
    }

    /// From whole rows; `None` when the pixels do not fill them.
    pub(crate) fn from_pixels(width: u32, pixels: Vec<[u8; 3]>) -> Option<Self> {
        let whole = width > 0 && !pixels.is_empty() && pixels.len().is_multiple_of(width as usize);
        whole.then_some(Self { width, pixels })
    }

    pub(crate) fn width(&self) -> u32 {
        self.width
    }

    pub(crate) fn height(&self) -> u32 {
        self.pixels.len() as u32 / self.width
    }

    pub(crate) fn pixels(&self) -> &[[u8; 3]] {
        &self.pixels
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[[u8; 3]]> {
        self.pixels.chunks_exact(self.width as usize)
    }

    pub(crate) fn rows_mut(&mut self) -> impl Iterator<Item = &mut [[u8; 3]]> {
        self.pixels.chunks_exact_mut(self.width as usize)
    }

    /// Fills one tile of a TIFF from here; what lies beyond the edge repeats nothing and is black.
    pub(crate) fn copy_tile(&self, area: TileArea, tile: &mut [u8]) {
        tile.fill(0);
        let rows = self.rows().skip(area.y as usize).zip(tile.chunks_exact_mut(TILE as usize * 3));
        for (row, out) in rows {
            for (pixel, out) in row.iter().skip(area.x as usize).zip(out.chunks_exact_mut(3)) {
                out.copy_from_slice(pixel);
            }
        }
    }

    /// Takes the averages of `step` x `step` blocks of a full-resolution tile: this raster is the reduced image.
    pub(crate) fn fill_reduced(&mut self, area: TileArea, tile: &[u8], step: u32) {
        let (first_x, first_y) = ((area.x / step) as usize, (area.y / step) as usize);
        let stride = TILE as usize * 3;
        let bands = tile.chunks_exact(stride * step as usize);
        for (row, band) in self.rows_mut().skip(first_y).zip(bands) {
            for (column, out) in row.iter_mut().skip(first_x).take((TILE / step) as usize).enumerate() {
                *out = block_mean(band, stride, column * step as usize * 3, step as usize);
            }
        }
    }

    /// A copy `step` times smaller.
    pub(crate) fn reduced(&self, step: u32) -> Self {
        let mut small = Self::new(self.width / step, self.height() / step);
        let bytes = self.pixels.as_flattened();
        let stride = self.width as usize * 3;
        let bands = bytes.chunks_exact(stride * step as usize);
        for (row, band) in small.rows_mut().zip(bands) {
            for (column, out) in row.iter_mut().enumerate() {
                *out = block_mean(band, stride, column * step as usize * 3, step as usize);
            }
        }
        small
    }
}

fn block_mean(band: &[u8], stride: usize, left: usize, step: usize) -> [u8; 3] {
    let mut sums = [0_u32; 3];
    for row in band.chunks_exact(stride).take(step) {
        for pixel in row.iter().as_slice()[left..].chunks_exact(3).take(step) {
            for (sum, sample) in sums.iter_mut().zip(pixel) {
                *sum += u32::from(*sample);
            }
        }
    }
    let count = (step * step) as u32;
    sums.map(|sum| ((sum + count / 2) / count) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reduced_copy_holds_the_means_of_its_blocks() {
        let mut image = Raster::new(4, 2);
        for (at, pixel) in image.rows_mut().flatten().enumerate() {
            *pixel = [at as u8 * 10; 3];
        }
        let small = image.reduced(2);
        assert_eq!(small.pixels(), [[25; 3], [45; 3]]);
    }
}

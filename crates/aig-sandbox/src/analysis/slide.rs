//! Reads a slide's TIFF into an image of moderate size, chunk by chunk: memory does not grow with the slide.

use std::{
    fs::File,
    io::{BufReader, Read, Seek},
    path::Path,
};

use tiff::{
    ColorType, TiffError,
    decoder::{ChunkType, Decoder},
    tags::Tag,
};

use super::pixel::{Samples, eight_bits};
use crate::raster::Raster;

/// Levels up to this many pixels are decoded whole; a level beyond is only taken when there is no smaller one.
const DECODED_PIXELS: u64 = 16_000_000;
/// The image that is analysed has at most this many pixels.
const ANALYSED_PIXELS: u64 = 3_200_000;
/// Of larger blocks only every n-th pixel is looked at, so that sums stay in 16 bits: 16 * 16 * 255 < 65,536.
const LARGEST_BLOCK: u32 = 16;
/// Of slides that are so long and thin that their blocks cannot grow, at most so many times more.
const THINNEST: u64 = 4;
/// Of the tag PlanarConfiguration (TIFF 6.0, section 8).
const PLANES: u16 = 2;
/// Pages of the pyramid have the shape of the first; labels and overviews do not.
const SHAPE_TOLERANCE: f64 = 0.03;

/// A slide, reduced.
#[derive(Debug)]
pub(crate) struct Slide {
    /// Of the full resolution.
    pub(crate) width: u32,
    /// Of the full resolution.
    pub(crate) height: u32,
    pub(crate) image: Raster,
    /// Pixels of the full resolution a pixel of the image.
    pub(crate) scale: f64,
}

/// Why a file is not a slide we can read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("{0}")]
    File(#[from] std::io::Error),
    #[error("not a TIFF that can be decoded ({0})")]
    Tiff(#[from] TiffError),
    #[error("pixels of the kind {0:?} are not supported, only gray, RGB and YCbCr of 8 or 16 bits")]
    Pixels(ColorType),
    #[error("the samples of its pixels lie in planes of their own, which is not supported")]
    Planes,
    #[error("{0} x {1} pixels are too long and thin to be looked at")]
    Shape(u32, u32),
}

type Tiff = Decoder<BufReader<File>>;

impl Slide {
    pub(crate) fn open(path: &Path) -> Result<Self, Unreadable> {
        let mut tiff = Decoder::new(BufReader::new(File::open(path)?))?;
        let (width, height) = tiff.dimensions()?;
        let level = choose_level(&mut tiff)?;
        tiff.seek_to_image(level)?;
        let image = read_reduced(&mut tiff)?;
        let (level_width, _) = tiff.dimensions()?;
        let block = block_size(tiff.dimensions()?);
        let scale = f64::from(width) / f64::from(level_width) * f64::from(block);
        Ok(Self { width, height, image, scale })
    }
}

/// The largest level that is cheap to decode, else the smallest there is.
fn choose_level(tiff: &mut Tiff) -> Result<usize, Unreadable> {
    let first = tiff.dimensions()?;
    let mut levels = vec![(0, first)];
    let mut page = 0;
    while tiff.more_images() {
        page += 1;
        tiff.next_image()?;
        let size = tiff.dimensions()?;
        if same_shape(first, size) {
            levels.push((page, size));
        }
    }
    levels.sort_by_key(|(_, size)| pixels(*size));
    let cheap = levels.iter().rev().find(|(_, size)| pixels(*size) <= DECODED_PIXELS);
    Ok(cheap.or(levels.first()).map_or(0, |(page, _)| *page))
}

fn same_shape(a: (u32, u32), b: (u32, u32)) -> bool {
    let aspect = |(width, height): (u32, u32)| f64::from(width) / f64::from(height.max(1));
    (aspect(a) / aspect(b) - 1.0).abs() < SHAPE_TOLERANCE
}

fn pixels((width, height): (u32, u32)) -> u64 {
    u64::from(width) * u64::from(height)
}

/// How many pixels along each side become one.
fn block_size(size: (u32, u32)) -> u32 {
    let ratio = (pixels(size) as f64 / ANALYSED_PIXELS as f64).sqrt().ceil() as u32;
    ratio.clamp(1, size.0.min(size.1).max(1))
}

/// The page that the decoder is at.
pub(super) fn read_reduced(tiff: &mut Decoder<impl Read + Seek>) -> Result<Raster, Unreadable> {
    let size = tiff.dimensions()?;
    let colour = tiff.colortype()?;
    let samples = Samples::of(colour)?;
    if samples.count() > 1 && tiff.find_tag_unsigned::<u16>(Tag::PlanarConfiguration)? == Some(PLANES) {
        return Err(Unreadable::Planes);
    }
    let mut blocks = Blocks::new(size, block_size(size))?;
    let (chunk_width, chunk_height) = tiff.chunk_dimensions();
    let across = match tiff.get_chunk_type() {
        ChunkType::Strip => 1,
        ChunkType::Tile => size.0.div_ceil(chunk_width.max(1)),
    };
    let down = size.1.div_ceil(chunk_height.max(1));
    for chunk in 0..across.saturating_mul(down) {
        let data = eight_bits(tiff.read_chunk(chunk)?, colour)?;
        let (width, _) = tiff.chunk_data_dimensions(chunk);
        let origin = (chunk % across * chunk_width, chunk / across * chunk_height);
        blocks.add(origin, width, samples, &data);
    }
    Ok(blocks.means())
}

/// Sums of square blocks; what does not fill a block at the right and lower edge is left out.
struct Blocks {
    side: u32,
    step: u32,
    width: u32,
    height: u32,
    sums: Vec<[u16; 3]>,
}

impl Blocks {
    /// A file can claim any size: memory is only taken for what can be looked at.
    fn new(size: (u32, u32), side: u32) -> Result<Self, Unreadable> {
        let (width, height) = (size.0 / side, size.1 / side);
        if pixels((width, height)) > ANALYSED_PIXELS * THINNEST {
            return Err(Unreadable::Shape(size.0, size.1));
        }
        let sums = vec![[0; 3]; (width * height) as usize];
        Ok(Self { side, step: side.div_ceil(LARGEST_BLOCK), width, height, sums })
    }

    fn add(&mut self, (left, top): (u32, u32), width: u32, samples: Samples, data: &[u8]) {
        for (row, y) in data.chunks_exact((width as usize * samples.count()).max(1)).zip(top..) {
            let block_y = y / self.side;
            if !(y % self.side).is_multiple_of(self.step) || block_y >= self.height {
                continue;
            }
            let first = (block_y * self.width) as usize;
            let line = &mut self.sums[first..first + self.width as usize];
            for (pixel, x) in row.chunks_exact(samples.count()).zip(left..) {
                if !(x % self.side).is_multiple_of(self.step) {
                    continue;
                }
                let Some(sum) = line.get_mut((x / self.side) as usize) else { break };
                let Some([r, g, b]) = samples.rgb(pixel) else { continue };
                *sum = [sum[0] + u16::from(r), sum[1] + u16::from(g), sum[2] + u16::from(b)];
            }
        }
    }

    fn means(self) -> Raster {
        let taken = u32::from(u16::try_from(self.side.div_ceil(self.step)).unwrap_or(1)).pow(2);
        let mean = |sum: u16| ((u32::from(sum) + taken / 2) / taken).min(255) as u8;
        let pixels = self.sums.into_iter().map(|sum| sum.map(mean)).collect();
        Raster::from_pixels(self.width, pixels).unwrap_or_else(|| Raster::new(1, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_averaged_across_chunks_and_partial_ones_left_out() {
        let mut blocks = Blocks::new((5, 2), 2).unwrap();
        blocks.add((0, 0), 3, Samples::Gray, &[10, 20, 100, 30, 40, 100]);
        blocks.add((3, 0), 2, Samples::Gray, &[200, 7, 200, 7]);
        assert_eq!(blocks.means().pixels(), [[25; 3], [150; 3]]);
    }

    #[test]
    fn a_bright_slide_of_large_blocks_does_not_overflow() {
        let mut blocks = Blocks::new((64, 64), 64).unwrap();
        blocks.add((0, 0), 64, Samples::Gray, &[255; 64 * 64]);
        assert_eq!(blocks.means().pixels(), [[255; 3]]);
    }
}

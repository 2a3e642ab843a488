//! Reads the directories of a TIFF or BigTIFF: the facts of the first image, and whether all images lie inside the file.

use std::{
    io::{self, BufRead, Seek},
    path::Path,
};

use tiff::{
    TiffError, TiffFormatError,
    decoder::{Decoder, Limits, ifd::Value},
    tags::Tag,
};

use super::{Resolution, Slide, SlideError, SlideFormat};

/// Most bytes of a description that are looked at: Aperio's have about one thousand.
const DESCRIPTION_BYTES: usize = 16 * 1024;
/// Most images of one file: pyramids have about ten, stacks of focal planes some hundred.
const MOST_IMAGES: usize = 4096;
/// `ResolutionUnit` when the tag is missing: inch (TIFF 6.0, section 8).
const DEFAULT_UNIT: u16 = 2;
/// Most memory for the list of tiles of one image: some two million tiles.
const TILE_LIST_BYTES: usize = 64 * 1024 * 1024;

pub(super) fn read(path: &Path, mut file: impl BufRead + Seek, bytes: u64) -> Result<Slide, SlideError> {
    let explain = |error| explain(path, bytes, error);
    let is_big = is_big_tiff(&mut file).map_err(|source| SlideError::unreadable(path, source))?;
    let mut limits = Limits::default();
    limits.decoding_buffer_size = TILE_LIST_BYTES;
    let mut tiff = Decoder::new(file).map_err(explain)?.with_limits(limits);
    let (width_px, height_px) = tiff.dimensions().map_err(explain)?;
    let description = description(&mut tiff).map_err(explain)?;
    let resolution = resolution(&mut tiff, &description).map_err(explain)?;
    let images = check_extent(&mut tiff, bytes).map_err(explain)?;
    let format = format_of(is_big, &description);
    Ok(Slide { path: path.to_owned(), format, width_px, height_px, resolution, images, bytes })
}

/// BigTIFF has the version 43 in bytes 2 and 3, in the byte order of the file.
fn is_big_tiff(file: &mut impl BufRead) -> io::Result<bool> {
    let head = file.fill_buf()?;
    Ok(matches!(head.get(..4), Some(b"II\x2b\0" | b"MM\0\x2b")))
}

fn format_of(is_big: bool, description: &str) -> SlideFormat {
    match (is_aperio(description), is_big) {
        (true, _) => SlideFormat::AperioSvs,
        (false, true) => SlideFormat::BigTiff,
        (false, false) => SlideFormat::Tiff,
    }
}

fn is_aperio(description: &str) -> bool {
    description.starts_with("Aperio")
}

/// The start of the description; empty when there is none. Read as bytes, since scanners do not keep to ASCII.
fn description<R: io::Read + Seek>(tiff: &mut Decoder<R>) -> Result<String, TiffError> {
    let mut buffer = vec![0; DESCRIPTION_BYTES];
    let length = tiff.image_ifd().find_tag_bytes(Tag::ImageDescription, &mut buffer, 0)?.unwrap_or_default();
    buffer.truncate(length);
    Ok(String::from_utf8_lossy(&buffer).trim_matches('\0').to_owned())
}

fn resolution<R: io::Read + Seek>(tiff: &mut Decoder<R>, description: &str) -> Result<Option<Resolution>, TiffError> {
    if is_aperio(description) {
        return Ok(Resolution::from_aperio(description));
    }
    let x = tiff.find_tag(Tag::XResolution)?.and_then(number);
    let y = tiff.find_tag(Tag::YResolution)?.and_then(number);
    let unit = tiff.find_tag_unsigned(Tag::ResolutionUnit)?.unwrap_or(DEFAULT_UNIT);
    Ok(Resolution::from_tags(x, y, unit))
}

fn number(value: Value) -> Option<f64> {
    match value {
        Value::Rational(numerator, denominator) => Some(f64::from(numerator) / f64::from(denominator)),
        other => other.into_f64().ok(),
    }
}

/// Checks that the strips or tiles of every image end before the file does, and counts the images.
fn check_extent<R: io::Read + Seek>(tiff: &mut Decoder<R>, bytes: u64) -> Result<usize, TiffError> {
    let mut next = tiff.ifd_pointer();
    let mut images = 0;
    while let Some(pointer) = next {
        images += 1;
        if images > MOST_IMAGES {
            return Err(TiffFormatError::CycleInOffsets.into());
        }
        let directory = tiff.read_directory(pointer)?;
        for (offsets, counts) in [(Tag::TileOffsets, Tag::TileByteCounts), (Tag::StripOffsets, Tag::StripByteCounts)] {
            let mut tags = tiff.read_directory_tags(&directory);
            let offsets: Vec<u64> = tags.find_tag_unsigned_vec(offsets)?.unwrap_or_default();
            let counts: Vec<u64> = tags.find_tag_unsigned_vec(counts)?.unwrap_or_default();
            let ends = offsets.iter().zip(&counts).map(|(offset, count)| offset.saturating_add(*count));
            if ends.max().unwrap_or_default() > bytes {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
        }
        next = directory.next();
    }
    Ok(images)
}

fn explain(path: &Path, length: u64, error: TiffError) -> SlideError {
    let path = path.to_owned();
    match error {
        TiffError::FormatError(TiffFormatError::TiffSignatureNotFound | TiffFormatError::TiffSignatureInvalid) => {
            SlideError::NotASlide { path }
        }
        TiffError::IoError(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
            SlideError::Truncated { path, length }
        }
        TiffError::IoError(source) => SlideError::Unreadable { path, source },
        other => SlideError::Damaged { path, source: other.into() },
    }
}

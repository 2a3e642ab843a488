//! Slides built byte by byte with the encoder of the `tiff` crate, and what is read back from them.

use std::io::{Cursor, Seek, Write};

use tiff::{
    encoder::{Rational, TiffEncoder, TiffKind, colortype::Gray8},
    tags::{ResolutionUnit, Tag},
};

use super::*;

#[derive(Default)]
struct Sample {
    resolution: Option<(ResolutionUnit, u32, u32)>,
    description: Option<&'static str>,
    levels: Vec<(u32, u32)>,
}

impl Sample {
    fn classic(&self) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        self.encode(TiffEncoder::new(&mut file).unwrap());
        file.into_inner()
    }

    fn big(&self) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        self.encode(TiffEncoder::new_big(&mut file).unwrap());
        file.into_inner()
    }

    fn encode<W: Write + Seek, K: TiffKind>(&self, mut tiff: TiffEncoder<W, K>) {
        for &(width, height) in &self.levels {
            let mut image = tiff.new_image::<Gray8>(width, height).unwrap();
            match self.resolution {
                Some((unit, n, d)) => image.resolution(unit, Rational { n, d }),
                None => image.resolution_unit(ResolutionUnit::None),
            }
            if let Some(description) = self.description {
                image.encoder().write_tag(Tag::ImageDescription, description).unwrap();
            }
            image.write_data(&vec![128; (width * height) as usize]).unwrap();
        }
    }
}

fn two_levels() -> Sample {
    Sample {
        resolution: Some((ResolutionUnit::Centimeter, 40_000, 1)),
        description: None,
        levels: vec![(64, 48), (32, 24)],
    }
}

fn read(bytes: &[u8]) -> Result<Slide, SlideError> {
    directory::read(Path::new("slide.tiff"), Cursor::new(bytes), bytes.len() as u64)
}

#[test]
fn a_tiff_tells_its_size_and_resolution() {
    let slide = read(&two_levels().classic()).unwrap();
    assert_eq!((slide.width_px, slide.height_px, slide.images), (64, 48, 2));
    assert_eq!(slide.format, SlideFormat::Tiff);
    assert_eq!(slide.mpp().unwrap(), 0.25);
    assert_eq!(slide.stem(), Some("slide"));
}

#[test]
fn a_big_tiff_tells_the_same() {
    let slide = read(&two_levels().big()).unwrap();
    assert_eq!((slide.width_px, slide.height_px, slide.images), (64, 48, 2));
    assert_eq!(slide.format, SlideFormat::BigTiff);
    assert_eq!(slide.mpp().unwrap(), 0.25);
}

#[test]
fn dots_per_inch_are_converted() {
    let sample = Sample { resolution: Some((ResolutionUnit::Inch, 101_600, 2)), ..two_levels() };
    assert_eq!(read(&sample.classic()).unwrap().mpp().unwrap(), 0.5);
}

#[test]
fn the_description_of_aperio_counts_more_than_the_tags() {
    let description = "Aperio Image Library v11\r\n64x48 [0,0 64x48] (8x8)|AppMag = 40|MPP = 0.2462|Date = 01/02/26";
    let slide = read(&Sample { description: Some(description), ..two_levels() }.classic()).unwrap();
    assert_eq!(slide.format, SlideFormat::AperioSvs);
    assert_eq!(slide.mpp().unwrap(), 0.2462);

    let silent = Sample { description: Some("Aperio|AppMag = 40"), ..two_levels() };
    assert!(matches!(read(&silent.classic()).unwrap().mpp(), Err(SlideError::NoResolution { .. })));
}

#[test]
fn a_description_of_somebody_else_is_not_searched() {
    let sample = Sample { description: Some("Scanner X|MPP = 9.0"), ..two_levels() };
    assert_eq!(read(&sample.classic()).unwrap().mpp().unwrap(), 0.25);
}

#[test]
fn a_missing_or_absurd_resolution_is_named_and_never_invented() {
    let none = read(&Sample { resolution: None, ..two_levels() }.classic()).unwrap();
    assert_eq!(none.resolution, None);
    assert!(matches!(none.mpp(), Err(SlideError::NoResolution { .. })));

    let screen = Sample { resolution: Some((ResolutionUnit::Inch, 72, 1)), ..two_levels() };
    assert!(matches!(read(&screen.classic()).unwrap().mpp(), Err(SlideError::ImplausibleResolution { .. })));
}

#[test]
fn a_file_cut_at_any_byte_is_an_error_and_never_a_panic() {
    for whole in [two_levels().classic(), two_levels().big()] {
        assert!(read(&whole).is_ok(), "the control");
        for length in (0..whole.len()).step_by(7) {
            let error = read(&whole[..length]).unwrap_err();
            let expected = if length < 4 {
                matches!(error, SlideError::NotASlide { .. } | SlideError::Truncated { .. })
            } else {
                matches!(error, SlideError::Truncated { .. })
            };
            assert!(expected, "{length}: {error:?}");
        }
    }
}

#[test]
fn other_files_are_told_from_slides() {
    for bytes in [&b""[..], b"I", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04 a zip", b"II\x55\0 a raw photograph"] {
        assert!(matches!(read(bytes), Err(SlideError::NotASlide { .. })), "{bytes:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.tiff");
    std::fs::File::create(&path).unwrap().write_all(&two_levels().classic()).unwrap();
    assert_eq!(Slide::read(&path).unwrap().path, path, "the control");
    assert!(matches!(Slide::read(folder.path()), Err(SlideError::NotASlide { .. })));
    let missing = Slide::read(folder.path().join("none.svs")).unwrap_err();
    assert!(matches!(missing, SlideError::Unreadable { .. }));
    assert!(missing.path().ends_with("none.svs"));
}

/// Where the first directory of a classic TIFF starts, and how many entries of 12 bytes it has.
fn first_directory(bytes: &[u8]) -> (usize, usize) {
    let start = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
    let entries = u16::from_le_bytes(bytes[start..start + 2].try_into().unwrap()) as usize;
    (start, entries)
}

#[test]
fn an_image_that_goes_on_after_the_end_is_found_out() {
    const STRIP_BYTE_COUNTS: u16 = 279;
    let mut bytes = Sample { levels: vec![(4, 4)], ..two_levels() }.classic();
    let (start, entries) = first_directory(&bytes);
    let entry = (0..entries)
        .map(|index| start + 2 + 12 * index)
        .find(|at| u16::from_le_bytes(bytes[*at..at + 2].try_into().unwrap()) == STRIP_BYTE_COUNTS);
    let value = entry.unwrap() + 8;
    let too_many = bytes.len() as u32;
    bytes[value..value + 4].copy_from_slice(&too_many.to_le_bytes());
    assert!(matches!(read(&bytes), Err(SlideError::Truncated { .. })));
}

#[test]
fn a_ring_of_directories_ends() {
    let mut bytes = Sample { levels: vec![(4, 4)], ..two_levels() }.classic();
    let (start, entries) = first_directory(&bytes);
    let next = start + 2 + 12 * entries;
    bytes[next..next + 4].copy_from_slice(&(start as u32).to_le_bytes());
    assert!(matches!(read(&bytes), Err(SlideError::Damaged { .. })));
}

#[test]
fn a_wild_offset_does_not_take_memory_or_panic() {
    let whole = two_levels().classic();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] = 0xff;
        let _ = read(&bytes);
    }
}

#[test]
fn names_of_slides_are_known_in_any_case() {
    for name in ["a.tif", "a.TIFF", "b.Svs", "x/y.z.tiff"] {
        assert!(has_slide_extension(Path::new(name)), "{name}");
    }
    for name in ["a.png", "tiff", ".tiff", "a.tiff.part", "a"] {
        assert!(!has_slide_extension(Path::new(name)), "{name}");
    }
}

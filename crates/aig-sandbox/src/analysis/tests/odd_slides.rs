//! Slides of every make that people submit: each gives the right area, or says clearly why not. None takes memory beyond reason.

use std::{io::Cursor, path::Path};

use tiff::encoder::{
    Compression, TiffEncoder, TiffValue,
    colortype::{self, ColorType},
    compression::DeflateLevel,
};

use super::*;

const WIDTH: u32 = 200;
const HEIGHT: u32 = 160;
const GLASS: [u8; 3] = [245; 3];
const STAIN: [u8; 3] = [205, 120, 175];

/// An ellipse that covers 0.3 * 0.3 * pi = 28.27 % of the slide.
fn ellipse(width: u32, height: u32) -> impl Iterator<Item = [u8; 3]> {
    let part = |at: u32, side: u32| (f64::from(at) + 0.5) / f64::from(side) - 0.5;
    (0..height).flat_map(move |y| (0..width).map(move |x| (part(x, width), part(y, height)))).map(|(x, y)| {
        let inside = (x / 0.3).powi(2) + (y / 0.3).powi(2) < 1.0;
        if inside { STAIN } else { GLASS }
    })
}

fn analysed(bytes: &[u8]) -> Result<Findings, Refusal> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("slide");
    write(&path, bytes);
    analyse(&path, 0.5)
}

fn write(path: &Path, bytes: &[u8]) {
    std::io::Write::write_all(&mut std::fs::File::create(path).unwrap(), bytes).unwrap();
}

/// The share of the tissue, in percent.
fn area(bytes: &[u8]) -> f64 {
    let csv = String::from_utf8(analysed(bytes).unwrap().readout_csv()).unwrap();
    csv.lines().nth(1).unwrap().rsplit(',').next().unwrap().parse().unwrap()
}

fn is_right(what: &str, bytes: &[u8]) {
    let area = area(bytes);
    assert!((27.3..29.3).contains(&area), "{what}: {area} % instead of 28.27 %");
}

fn encoded<C: ColorType<Inner: TiffValue>>(samples: &[C::Inner], compression: Compression) -> Vec<u8>
where
    [C::Inner]: TiffValue,
{
    let mut file = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file).unwrap().with_compression(compression);
    encoder.write_image::<C>(WIDTH, HEIGHT, samples).unwrap();
    file.into_inner()
}

fn rgb() -> Vec<u8> {
    ellipse(WIDTH, HEIGHT).flatten().collect()
}

#[test]
fn every_compression_and_depth_that_is_read_gives_the_same_area() {
    let sixteen: Vec<u16> = rgb().into_iter().map(|sample| u16::from(sample) * 257).collect();
    let opaque: Vec<u8> = ellipse(WIDTH, HEIGHT).flat_map(|[r, g, b]| [r, g, b, 255]).collect();
    let compressions = [
        ("uncompressed", Compression::Uncompressed),
        ("LZW", Compression::Lzw),
        ("PackBits", Compression::Packbits),
        ("Deflate", Compression::Deflate(DeflateLevel::Fast)),
    ];
    for (name, compression) in compressions {
        is_right(name, &encoded::<colortype::RGB8>(&rgb(), compression));
        is_right(&format!("16 bits, {name}"), &encoded::<colortype::RGB16>(&sixteen, compression));
    }
    is_right("RGBA", &encoded::<colortype::RGBA8>(&opaque, Compression::Lzw));
    let mut big = Cursor::new(Vec::new());
    TiffEncoder::new_big(&mut big).unwrap().write_image::<colortype::RGB8>(WIDTH, HEIGHT, &rgb()).unwrap();
    is_right("BigTIFF", big.get_ref());
}

/// As scanners write it: brightness and differences, half as many of the latter.
#[test]
fn jpeg_tiles_have_the_colours_that_they_show() {
    is_right("JPEG", include_bytes!("jpeg.tif"));
}

#[test]
fn of_several_pages_the_pyramid_is_read_and_the_label_is_not() {
    let mut file = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file).unwrap();
    let label = vec![30_u8; 300 * 60 * 3];
    encoder.write_image::<colortype::RGB8>(WIDTH, HEIGHT, &rgb()).unwrap();
    encoder.write_image::<colortype::RGB8>(300, 60, &label).unwrap();
    let small: Vec<u8> = ellipse(WIDTH / 4, HEIGHT / 4).flatten().collect();
    encoder.write_image::<colortype::RGB8>(WIDTH / 4, HEIGHT / 4, &small).unwrap();
    is_right("a pyramid with a label", file.get_ref());
}

#[test]
fn a_slide_without_colours_has_no_tissue() {
    let gray: Vec<u8> = ellipse(WIDTH, HEIGHT).map(|[_, g, _]| g).collect();
    let refusal = analysed(&encoded::<colortype::Gray8>(&gray, Compression::Lzw)).unwrap_err();
    assert!(matches!(refusal, Refusal::NoTissue { width: WIDTH, height: HEIGHT, .. }), "{refusal}");
}

/// A TIFF of one strip, whose tags say what they are told to say.
fn crafted(tags: &[(u16, u32)], data: &[u8]) -> Vec<u8> {
    const HEAD: u32 = 8;
    let strip = [(273, HEAD), (279, data.len() as u32)];
    let mut tags: Vec<(u16, u32)> = tags.iter().copied().chain(strip).collect();
    tags.sort_unstable();
    let mut file = [b"II*\0".as_slice(), &(HEAD + data.len() as u32).to_le_bytes(), data].concat();
    file.extend((tags.len() as u16).to_le_bytes());
    for (tag, value) in tags {
        let long = 4_u16;
        file.extend([tag.to_le_bytes(), long.to_le_bytes()].concat());
        file.extend([1_u32.to_le_bytes(), value.to_le_bytes()].concat());
    }
    file.extend(0_u32.to_le_bytes());
    file
}

/// Gray of 8 bits.
fn claimed(width: u32, height: u32) -> Vec<u8> {
    let tags = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (277, 1), (278, height)];
    crafted(&tags, &[170; 100])
}

#[test]
fn a_small_file_that_claims_a_huge_image_takes_no_memory() {
    for (width, height) in
        [(1, u32::MAX), (u32::MAX, 1), (2, u32::MAX), (u32::MAX, u32::MAX), (1, 100_000_000), (1_000_000, 1_000_000)]
    {
        let refusal = analysed(&claimed(width, height)).unwrap_err();
        assert!(matches!(refusal, Refusal::Unreadable(_)), "{width} x {height}: {refusal}");
    }
    // The control: the same file with honest claims is read.
    assert!(matches!(analysed(&claimed(10, 10)).unwrap_err(), Refusal::NoTissue { width: 10, height: 10, .. }));
}

#[test]
fn what_cannot_be_read_says_why() {
    let planes = [(256, 10), (257, 10), (258, 8), (259, 1), (262, 2), (277, 3), (278, 10), (284, 2)];
    let palette = [(256, 10), (257, 10), (258, 8), (259, 1), (262, 3), (277, 1), (278, 10)];
    let jpeg_2000 = [(256, 10), (257, 10), (258, 8), (259, 33005), (262, 1), (277, 1), (278, 10)];
    let whole = encoded::<colortype::RGB8>(&rgb(), Compression::Lzw);
    let table = [
        ("planes", crafted(&planes, &[170; 300]), ""),
        ("a palette", crafted(&palette, &[170; 100]), "RGBPalette"),
        ("JPEG 2000", crafted(&jpeg_2000, &[170; 100]), "compression method"),
        ("no pixels", claimed(0, 10), "invalid dimensions"),
        ("cut", whole[..whole.len() / 3].to_vec(), "failed to fill"),
        ("a head alone", whole[..8].to_vec(), "failed to fill"),
        ("nothing", Vec::new(), "signature"),
        ("a text", b"hello".to_vec(), "signature"),
    ];
    for (what, bytes, why) in table {
        let refusal = analysed(&bytes).unwrap_err();
        assert!(matches!(refusal, Refusal::Unreadable(_)), "{what}: {refusal}");
        assert!(refusal.to_string().contains(why), "{what}: {refusal}");
    }
}

#[test]
fn slides_of_one_pixel_and_of_one_column_have_no_tissue_and_a_picture() {
    for (width, height) in [(1, 1), (1, 3000), (3000, 1), (2, 50_000)] {
        let mut file = Cursor::new(Vec::new());
        let samples = vec![200; width as usize * height as usize * 3];
        TiffEncoder::new(&mut file).unwrap().write_image::<colortype::RGB8>(width, height, &samples).unwrap();
        let refusal = analysed(file.get_ref()).unwrap_err();
        let Refusal::NoTissue { width: told, picture, .. } = refusal else { panic!("{width} x {height}: {refusal}") };
        assert_eq!((told, picture.starts_with(b"\x89PNG")), (width, true));
    }
}

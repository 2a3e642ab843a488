//! Writes PNG (W3C, third edition): eight bits RGB, for browsers.

use std::io::{self, Write};

use flate2::{Compression, Crc, write::ZlibEncoder};

use crate::raster::Raster;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Eight bits a sample, truecolour, deflate, adaptive filters, not interlaced (section 11.2.1).
const KIND: [u8; 5] = [8, 2, 0, 0, 0];
/// Each byte less the one a pixel before (section 9.2).
const FILTER_SUB: u8 = 1;
const SAMPLES: usize = 3;

pub(crate) fn encode(image: &Raster) -> io::Result<Vec<u8>> {
    let mut header = Vec::with_capacity(13);
    header.extend(image.width().to_be_bytes());
    header.extend(image.height().to_be_bytes());
    header.extend(KIND);
    let mut png = SIGNATURE.to_vec();
    chunk(&mut png, *b"IHDR", &header)?;
    chunk(&mut png, *b"IDAT", &packed(image)?)?;
    chunk(&mut png, *b"IEND", &[])?;
    Ok(png)
}

/// Length, name, data, and the CRC of name and data (section 5.3).
fn chunk(png: &mut Vec<u8>, name: [u8; 4], data: &[u8]) -> io::Result<()> {
    let length = u32::try_from(data.len()).map_err(io::Error::other)?;
    let mut crc = Crc::new();
    crc.update(&name);
    crc.update(data);
    png.extend(length.to_be_bytes());
    png.extend(name);
    png.extend(data);
    png.extend(crc.sum().to_be_bytes());
    Ok(())
}

fn packed(image: &Raster) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let mut line = Vec::with_capacity(1 + image.width() as usize * SAMPLES);
    for row in image.rows() {
        let bytes = row.as_flattened();
        let before = [0; SAMPLES].iter().chain(bytes);
        line.clear();
        line.push(FILTER_SUB);
        line.extend(bytes.iter().zip(before).map(|(byte, before)| byte.wrapping_sub(*before)));
        encoder.write_all(&line)?;
    }
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::ZlibDecoder;

    use super::*;

    /// Name and data of each chunk; the CRCs must be right.
    fn chunks(mut png: &[u8]) -> Vec<([u8; 4], Vec<u8>)> {
        png = png.strip_prefix(SIGNATURE).unwrap();
        let mut found = Vec::new();
        while !png.is_empty() {
            let length = u32::from_be_bytes(png[..4].try_into().unwrap()) as usize;
            let mut crc = Crc::new();
            crc.update(&png[4..8 + length]);
            assert_eq!(crc.sum().to_be_bytes(), png[8 + length..12 + length]);
            found.push((png[4..8].try_into().unwrap(), png[8..8 + length].to_vec()));
            png = &png[12 + length..];
        }
        found
    }

    #[test]
    fn pixels_come_back_from_the_filtered_lines() {
        let pixels = vec![[1, 2, 3], [250, 0, 9], [4, 4, 4], [0, 255, 7]];
        let png = encode(&Raster::from_pixels(2, pixels.clone()).unwrap()).unwrap();
        let chunks = chunks(&png);
        assert_eq!(chunks[0].1, [0, 0, 0, 2, 0, 0, 0, 2, 8, 2, 0, 0, 0]);
        assert_eq!((chunks[0].0, chunks[1].0, chunks[2].0), (*b"IHDR", *b"IDAT", *b"IEND"));
        let mut lines = Vec::new();
        ZlibDecoder::new(chunks[1].1.as_slice()).read_to_end(&mut lines).unwrap();
        let mut back = Vec::new();
        for line in lines.chunks(7) {
            assert_eq!(line[0], FILTER_SUB);
            let first: Vec<u8> = line[1..4].to_vec();
            let second: Vec<u8> =
                line[4..].iter().zip(&first).map(|(byte, before)| byte.wrapping_add(*before)).collect();
            back.extend([first, second]);
        }
        assert_eq!(back, pixels.iter().map(|pixel| pixel.to_vec()).collect::<Vec<_>>());
    }
}

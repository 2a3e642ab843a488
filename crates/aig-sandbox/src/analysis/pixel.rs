//! Samples of a TIFF as red, green and blue.

use tiff::{ColorType, decoder::DecodingResult};

use super::slide::Unreadable;

/// What the samples of a pixel mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Samples {
    Gray,
    Rgb,
    Rgba,
    /// As JPEG has it: brightness and two differences. The decoder leaves them so.
    YCbCr,
}

impl Samples {
    pub(super) fn of(colour: ColorType) -> Result<Self, Unreadable> {
        match colour {
            ColorType::Gray(8 | 16) => Ok(Self::Gray),
            ColorType::RGB(8 | 16) => Ok(Self::Rgb),
            ColorType::RGBA(8 | 16) => Ok(Self::Rgba),
            ColorType::YCbCr(8) => Ok(Self::YCbCr),
            other => Err(Unreadable::Pixels(other)),
        }
    }

    pub(super) fn count(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb | Self::YCbCr => 3,
            Self::Rgba => 4,
        }
    }

    pub(super) fn rgb(self, samples: &[u8]) -> Option<[u8; 3]> {
        match (self, samples) {
            (Self::YCbCr, [y, cb, cr]) => Some(from_ycbcr([*y, *cb, *cr])),
            (Self::Gray, [gray]) => Some([*gray; 3]),
            (_, [r, g, b, ..]) => Some([*r, *g, *b]),
            _ => None,
        }
    }
}

/// ITU-T T.871 (JFIF), section 7.
fn from_ycbcr(samples: [u8; 3]) -> [u8; 3] {
    let [y, cb, cr] = samples.map(f32::from);
    let (cb, cr) = (cb - 128.0, cr - 128.0);
    [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb].map(|value| value.round() as u8)
}

/// Of sixteen bits the upper eight.
pub(super) fn eight_bits(data: DecodingResult, colour: ColorType) -> Result<Vec<u8>, Unreadable> {
    match data {
        DecodingResult::U8(data) => Ok(data),
        DecodingResult::U16(data) => Ok(data.into_iter().map(|sample| (sample >> 8) as u8).collect()),
        _ => Err(Unreadable::Pixels(colour)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brightness_and_differences_become_colours() {
        let table = [
            ([255, 128, 128], [255, 255, 255]),
            ([0, 128, 128], [0, 0, 0]),
            ([76, 85, 255], [254, 0, 0]),
            ([29, 255, 107], [0, 0, 254]),
        ];
        for (samples, colour) in table {
            assert_eq!(Samples::YCbCr.rgb(&samples), Some(colour), "{samples:?}");
        }
    }
}

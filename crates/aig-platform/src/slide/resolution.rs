//! The size of a pixel: from the TIFF resolution tags, or from the description that Aperio scanners write.

use std::path::Path;

use super::SlideError;

/// Sizes of a pixel that slides have: from oil immersion to an overview scan. 72 dpi would be 353 µm.
const PLAUSIBLE_MPP: std::ops::RangeInclusive<f64> = 0.01..=20.0;
/// How far the two directions may differ and still be one resolution: scanners write both rounded.
const SQUARE_WITHIN: f64 = 0.01;

/// Micrometres a pixel, in both directions, as the file says it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resolution {
    /// Across.
    pub x: f64,
    /// Down.
    pub y: f64,
}

impl Resolution {
    /// From `XResolution`, `YResolution` (pixels a unit) and `ResolutionUnit` (TIFF 6.0, section 8; 1 is "no unit").
    pub(super) fn from_tags(x: Option<f64>, y: Option<f64>, unit: u16) -> Option<Self> {
        let micrometres = match unit {
            2 => 25_400.0,
            3 => 10_000.0,
            _ => return None,
        };
        let size = |pixels: f64| (pixels.is_finite() && pixels > 0.0).then(|| micrometres / pixels);
        let x = size(x?)?;
        Some(Self { x, y: y.map_or(Some(x), size)? })
    }

    /// From an Aperio description: fields parted by `|`, one of them `MPP = 0.2525`.
    pub(super) fn from_aperio(description: &str) -> Option<Self> {
        let fields = description.split('|').filter_map(|field| field.split_once('='));
        let (_, value) = fields.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("MPP"))?;
        let mpp: f64 = value.trim().parse().ok()?;
        (mpp.is_finite() && mpp > 0.0).then_some(Self { x: mpp, y: mpp })
    }

    pub(super) fn mpp(self, path: &Path) -> Result<f64, SlideError> {
        let Self { x, y } = self;
        if let Some(&mpp) = [x, y].iter().find(|mpp| !PLAUSIBLE_MPP.contains(*mpp)) {
            return Err(SlideError::ImplausibleResolution { path: path.to_owned(), mpp });
        }
        if (x - y).abs() > SQUARE_WITHIN * x {
            return Err(SlideError::UnequalResolution { path: path.to_owned(), x, y });
        }
        Ok(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolution_tags_are_pixels_a_unit() {
        let at = |x, unit| Resolution::from_tags(Some(x), None, unit).map(|resolution| resolution.x);
        assert_eq!(at(20_000.0, 3), Some(0.5));
        assert_eq!(at(50_800.0, 2), Some(0.5));
        assert_eq!(at(20_000.0, 1), None, "no unit, no resolution");
        assert_eq!(at(0.0, 3), None);
        assert_eq!(at(f64::NAN, 3), None);
        assert_eq!(Resolution::from_tags(None, Some(20_000.0), 3), None);
    }

    #[test]
    fn the_aperio_field_is_found_wherever_it_stands() {
        let of = |text| Resolution::from_aperio(text).map(|resolution| resolution.x);
        assert_eq!(of("Aperio v1\r\n100x100|AppMag = 40|MPP = 0.2525|Left = 3"), Some(0.2525));
        assert_eq!(of("Aperio|mpp=0.5"), Some(0.5));
        assert_eq!(of("Aperio|AppMag = 40"), None, "a magnification is not a resolution");
        assert_eq!(of("Aperio|MPP = "), None);
        assert_eq!(of("Aperio|MPP = 0"), None);
        assert_eq!(of("Aperio|OffMPP = 0.5"), None);
    }

    #[test]
    fn values_that_no_slide_has_are_refused() {
        let mpp = |x, y| Resolution { x, y }.mpp(Path::new("a.tiff"));
        assert_eq!(mpp(0.25, 0.2501).unwrap(), 0.25);
        assert!(matches!(mpp(352.8, 352.8), Err(SlideError::ImplausibleResolution { .. })));
        assert!(matches!(mpp(0.25, 0.5), Err(SlideError::UnequalResolution { .. })));
    }
}

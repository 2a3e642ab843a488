//! The readout: a CSV (RFC 4180) with one row a class.

use super::{Class, Outline};

pub(super) fn csv(classes: &[&Class], mpp: f64, slide_area: f64) -> Vec<u8> {
    let mut text = String::from("class_name,feature_count,area_um2,area_percent\r\n");
    for class in classes {
        let area: f64 = class.outlines.iter().map(Outline::area).sum();
        let (um2, percent) = (area * mpp * mpp, area / slide_area * 100.0);
        text.push_str(&format!("{},{},{um2:.1},{percent:.3}\r\n", class.name, class.outlines.len()));
    }
    text.into_bytes()
}

//! Outlines as GeoJSON (RFC 7946, with pixels for coordinates) in the dialect that QuPath reads.

use serde_json::{Value, json};

use super::{Class, Outline};

/// QuPath's kinds of objects.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Annotation,
    Detection,
}

impl Kind {
    fn object_type(self) -> &'static str {
        match self {
            Self::Annotation => "annotation",
            Self::Detection => "detection",
        }
    }
}

pub(super) fn collection(classes: &[(&Class, Kind)]) -> Vec<u8> {
    let features: Vec<Value> = classes.iter().flat_map(|(class, kind)| class_features(class, *kind)).collect();
    json!({"type": "FeatureCollection", "features": features}).to_string().into_bytes()
}

fn class_features(class: &Class, kind: Kind) -> impl Iterator<Item = Value> + '_ {
    class.outlines.iter().enumerate().map(move |(number, outline)| feature(class, kind, number, outline))
}

fn feature(class: &Class, kind: Kind, number: usize, outline: &Outline) -> Value {
    json!({
        "type": "Feature",
        "id": format!("{}-{}", class.name.to_lowercase().replace(' ', "-"), number + 1),
        "geometry": {"type": "Polygon", "coordinates": outline.rings},
        "properties": {
            "objectType": kind.object_type(),
            "classification": {"name": class.name, "color": class.colour},
            "measurements": {"Area px^2": outline.area()},
        },
    })
}

//! Outlines of a GeoJSON file as a drawing (SVG), and what its colours mean.

use std::fmt::Write;

use maud::{Markup, html};
use serde::Deserialize;

use crate::state::Picture;

#[derive(Deserialize)]
struct Collection {
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    geometry: Geometry,
    properties: Properties,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Geometry {
    Polygon {
        coordinates: Vec<Ring>,
    },
    MultiPolygon {
        coordinates: Vec<Vec<Ring>>,
    },
    #[serde(other)]
    Other,
}

type Ring = Vec<[f64; 2]>;

#[derive(Deserialize)]
struct Properties {
    classification: Classification,
}

#[derive(Deserialize, PartialEq)]
struct Classification {
    name: String,
    color: [u8; 3],
}

/// All outlines of one class, as one path.
pub(super) struct Class {
    pub(super) name: String,
    pub(super) colour: String,
    pub(super) count: usize,
    path: String,
}

/// The classes of a collection, in the order of their first features. `None` for what is no such file.
pub(super) fn classes(geojson: &[u8]) -> Option<Vec<Class>> {
    let collection: Collection = serde_json::from_slice(geojson).ok()?;
    let mut classes: Vec<Class> = Vec::new();
    for feature in &collection.features {
        let of = &feature.properties.classification;
        let known = classes.iter().position(|class| class.name == of.name);
        let at = known.unwrap_or(classes.len());
        if known.is_none() {
            let [red, green, blue] = of.color;
            let colour = format!("#{red:02x}{green:02x}{blue:02x}");
            classes.push(Class { name: of.name.clone(), colour, count: 0, path: String::new() });
        }
        classes.get_mut(at).into_iter().for_each(|class| class.add(&feature.geometry));
    }
    Some(classes)
}

impl Class {
    fn add(&mut self, geometry: &Geometry) {
        self.count += 1;
        match geometry {
            Geometry::Polygon { coordinates } => self.rings(coordinates),
            Geometry::MultiPolygon { coordinates } => coordinates.iter().for_each(|rings| self.rings(rings)),
            Geometry::Other => {}
        }
    }

    fn rings(&mut self, rings: &[Ring]) {
        for ring in rings {
            for (at, [x, y]) in ring.iter().enumerate() {
                // Writing to a string cannot fail.
                _ = write!(self.path, "{}{x:.0} {y:.0}", if at == 0 { 'M' } else { 'L' });
            }
            self.path.push('Z');
        }
    }
}

/// In the slide's own pixels, so that it fits over any picture of it.
pub(super) fn drawing(classes: &[Class], picture: &Picture) -> Markup {
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (picture.width) " " (picture.height) } preserveAspectRatio="none" {
            title { "Outlines" }
            @for class in classes {
                path d=(class.path) fill=(class.colour) fill-opacity="0.15" fill-rule="evenodd" stroke=(class.colour) stroke-width="1.5" vector-effect="non-scaling-stroke" {}
            }
        }
    }
}

/// A patch of each colour with its class.
pub(super) fn legend(classes: &[Class]) -> Markup {
    html! {
        ul.legend {
            @for class in classes {
                li {
                    svg aria-hidden="true" viewBox="0 0 2 2" { rect width="2" height="2" fill=(class.colour) {} }
                    " " (super::html::given(&class.name)) " (" (class.count) ")"
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn outlines_are_drawn_by_class_and_hostile_names_are_escaped() {
        let feature = |name: &str, geometry| json!({"type": "Feature", "geometry": geometry, "properties": {"classification": {"name": name, "color": [0, 153, 255]}}});
        let ring = json!([[0, 0], [10.26, 0], [10, 10], [0, 0]]);
        let file = json!({"type": "FeatureCollection", "features": [
            feature("<b>", json!({"type": "Polygon", "coordinates": [ring]})),
            feature("Cell", json!({"type": "MultiPolygon", "coordinates": [[ring], [ring]]})),
            feature("<b>", json!({"type": "Point", "coordinates": [1, 2]})),
        ]});
        let classes = classes(file.to_string().as_bytes()).unwrap();
        assert_eq!(classes.iter().map(|class| class.count).collect::<Vec<_>>(), [2, 1]);
        let picture = Picture { key: String::new(), width: 20, height: 10 };
        let svg = drawing(&classes, &picture).into_string();
        assert!(svg.contains("viewBox=\"0 0 20 10\"") && svg.contains("d=\"M0 0L10 0L10 10L0 0Z\""), "{svg}");
        assert!(svg.contains("fill=\"#0099ff\""));
        assert!(legend(&classes).into_string().contains("&lt;b&gt; (2)"));
    }

    #[test]
    fn what_is_no_collection_gives_nothing() {
        for text in ["", "{}", "[1]", r#"{"features":[{"geometry":{"type":"Polygon","coordinates":[["x"]]}}]}"#] {
            assert!(classes(text.as_bytes()).is_none(), "{text}");
        }
    }
}

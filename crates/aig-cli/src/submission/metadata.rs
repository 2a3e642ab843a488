//! The metadata of a slide: what the file says, and what the person adds with `--set`, as the schema wants it.

use serde_json::{Map, Value, json};

use super::{Inspected, Resolution};
use crate::{args::Setting, failure::Failure};

/// The field that a file may leave open.
const RESOLUTION: &str = "resolution_mpp";

/// Metadata of one slide for an artifact with this JSON Schema.
pub(super) fn of(
    slide: &Inspected,
    schema: &Map<String, Value>,
    settings: &[Setting],
) -> anyhow::Result<Map<String, Value>> {
    let mut metadata = Map::new();
    for setting in settings {
        set(&mut metadata, schema, setting)?;
    }
    for (name, value) in facts(slide) {
        if allows(schema, name) && !metadata.contains_key(name) {
            metadata.insert(name.to_owned(), value);
        }
    }
    if resolution(schema, settings) == Resolution::OfTheFile {
        metadata.insert(RESOLUTION.to_owned(), json!(slide.slide.mpp()?));
    }
    Ok(metadata)
}

/// Whether the file has to say its resolution.
pub(super) fn resolution(schema: &Map<String, Value>, settings: &[Setting]) -> Resolution {
    let is_given = settings.iter().any(|setting| setting.path.first().is_some_and(|name| name == RESOLUTION));
    if allows(schema, RESOLUTION) && !is_given { Resolution::OfTheFile } else { Resolution::NotNeeded }
}

/// Refuses settings for fields that the schema does not have, and those that contradict each other.
pub(super) fn check(schema: &Map<String, Value>, settings: &[Setting]) -> Result<(), Failure> {
    let mut metadata = Map::new();
    settings.iter().try_for_each(|setting| {
        is_known(schema, &setting.path)?;
        set(&mut metadata, schema, setting)
    })
}

fn is_known(schema: &Map<String, Value>, path: &[String]) -> Result<(), Failure> {
    let mut schema = schema;
    for name in path {
        if !allows(schema, name) && !schema.contains_key("patternProperties") {
            let unknown = format!("`--set {}`: there is no field `{name}`", path.join("."));
            return Err(Failure::usage(unknown).with_hint(format!("the fields here are {}", names(schema))));
        }
        let Some(below) = property(schema, name) else { return Ok(()) };
        schema = below;
    }
    Ok(())
}

fn names(schema: &Map<String, Value>) -> String {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flat_map(Map::keys).map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// What every file says. The resolution is not among it: it may be missing.
fn facts(slide: &Inspected) -> [(&'static str, Value); 4] {
    [
        ("checksum_base64_crc32c", json!(slide.crc32c.to_string())),
        ("width_px", json!(slide.slide.width_px)),
        ("height_px", json!(slide.slide.height_px)),
        ("media_type", json!(slide.slide.format.media_type())),
    ]
}

/// Whether a schema leaves room for a field: it names it, or it does not forbid what it does not name.
fn allows(schema: &Map<String, Value>, name: &str) -> bool {
    let is_open = schema.get("additionalProperties") != Some(&Value::Bool(false));
    is_open || schema.get("properties").is_some_and(|known| known.get(name).is_some())
}

fn property<'a>(schema: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    schema.get("properties")?.get(name)?.as_object()
}

fn set(metadata: &mut Map<String, Value>, schema: &Map<String, Value>, setting: &Setting) -> Result<(), Failure> {
    let Some((last, parents)) = setting.path.split_last() else { return Ok(()) };
    let mut target = metadata;
    let mut schema = Some(schema);
    for name in parents {
        schema = schema.and_then(|schema| property(schema, name));
        let entry = target.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
        target = entry.as_object_mut().ok_or_else(|| twice(&setting.path))?;
    }
    let wanted = schema.and_then(|schema| property(schema, last)).map_or(Wanted::Anything, wanted);
    match target.insert(last.clone(), value(&setting.value, wanted)) {
        Some(_) => Err(twice(&setting.path)),
        None => Ok(()),
    }
}

fn twice(path: &[String]) -> Failure {
    Failure::usage(format!("`--set {}` is given twice", path.join("."))).with_hint("give each field once")
}

/// What the schema wants for a field.
enum Wanted {
    Text,
    Anything,
}

fn wanted(property: &Map<String, Value>) -> Wanted {
    let is_text = match property.get("type") {
        Some(Value::String(name)) => name == "string",
        Some(Value::Array(names)) => names.iter().any(|name| name == "string"),
        _ => property.get("enum").and_then(Value::as_array).is_some_and(|values| values.iter().all(Value::is_string)),
    };
    if is_text { Wanted::Text } else { Wanted::Anything }
}

/// JSON where it is JSON and no text is wanted, so that `0.25` is a number; text otherwise.
fn value(text: &str, wanted: Wanted) -> Value {
    match wanted {
        Wanted::Text => Value::from(text),
        Wanted::Anything => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Map<String, Value> {
        let schema = json!({
            "properties": {
                "code": { "type": "string" },
                "stain": { "enum": ["H&E"] },
                "resolution_mpp": { "type": "number" },
                "specimen": { "type": "object", "properties": { "age": { "type": "integer" } } },
            },
            "additionalProperties": false,
        });
        schema.as_object().unwrap().clone()
    }

    fn put(texts: &[&str]) -> Result<Value, Failure> {
        let mut metadata = Map::new();
        for text in texts {
            set(&mut metadata, &schema(), &text.parse().unwrap())?;
        }
        Ok(Value::Object(metadata))
    }

    #[test]
    fn the_schema_says_whether_digits_are_text() {
        let metadata = put(&["code=007", "resolution_mpp=0.25", "specimen.age=61", "specimen.name=x y", "stain=H&E"]);
        let expected =
            json!({ "code": "007", "resolution_mpp": 0.25, "specimen": { "age": 61, "name": "x y" }, "stain": "H&E" });
        assert_eq!(metadata.unwrap(), expected);
    }

    #[test]
    fn a_field_is_set_once() {
        assert!(put(&["code=1", "code=2"]).is_err());
        assert!(put(&["code=1", "code.x=2"]).is_err());
    }

    #[test]
    fn a_setting_for_an_unknown_field_is_refused_with_the_known_ones() {
        let checked = |text: &str| check(&schema(), &[text.parse().unwrap()]);
        for fine in ["code=1", "specimen.age=3", "specimen.anything=x"] {
            assert!(checked(fine).is_ok(), "{fine}");
        }
        let refused = crate::failure::Report::of(&checked("colour=blue").unwrap_err().into());
        assert_eq!(refused.message, "`--set colour`: there is no field `colour`");
        assert!(refused.hint.unwrap().contains("code"));
        assert!(check(&schema(), &["code=1".parse().unwrap(), "code=2".parse().unwrap()]).is_err());
    }

    #[test]
    fn a_closed_schema_gets_only_what_it_names() {
        assert!(allows(&schema(), "code"));
        assert!(!allows(&schema(), "media_type"));
        assert!(allows(&Map::new(), "media_type"));
    }
}

//! The JSON Schemas of metadata: what a slide must say of itself, and what a result says.

use serde_json::{Map, Value, json};

const TISSUES: [&str; 9] =
    ["ADRENAL_GLAND", "BLADDER", "BONE", "BRAIN", "BREAST", "COLON", "LIVER", "LUNG", "LYMPH_NODE"];
const DISEASES: [&str; 5] = ["BLADDER_CANCER", "BREAST_CANCER", "COLORECTAL_CANCER", "LIVER_CANCER", "LUNG_CANCER"];
const SLIDE_TYPES: [&str; 4] = ["image/tiff", "application/dicom", "application/zip", "application/octet-stream"];

/// A slide of any kind.
pub(super) fn slide() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Slide",
        "description": "Facts about a whole slide image, read from the file itself.",
        "type": "object",
        "properties": {
            "checksum_base64_crc32c": checksum(),
            "width_px": pixels("Width of the full resolution in pixels."),
            "height_px": pixels("Height of the full resolution in pixels."),
            "resolution_mpp": {
                "description": "Micrometres a pixel at full resolution.",
                "type": "number", "exclusiveMinimum": 0, "maximum": 10,
            },
            "media_type": {"description": "Media type of the file.", "type": "string", "enum": SLIDE_TYPES},
        },
        "required": ["checksum_base64_crc32c", "width_px", "height_px", "resolution_mpp", "media_type"],
    })
}

/// A slide with its stain and specimen.
pub(super) fn stained_slide() -> Value {
    let mut schema = slide();
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.insert(
            "staining_method".into(),
            json!({"description": "How the slide is stained.", "type": "string", "enum": ["H&E"]}),
        );
        properties.insert("specimen".into(), specimen());
    }
    if let Some(required) = schema["required"].as_array_mut() {
        required.extend(["staining_method", "specimen"].map(Value::from));
    }
    schema
}

fn specimen() -> Value {
    json!({
        "description": "Where the tissue is from and what it has.",
        "type": "object",
        "properties": {
            "tissue": {"type": "string", "enum": TISSUES},
            "disease": {"type": "string", "enum": DISEASES},
        },
        "required": ["tissue", "disease"],
    })
}

/// What a result's metadata says.
pub(super) fn result(mime_type: &str) -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "checksum_base64_crc32c": checksum(),
            "media_type": {"type": "string", "const": mime_type},
        },
        "required": ["checksum_base64_crc32c", "media_type"],
    })
}

fn checksum() -> Value {
    json!({
        "description": "CRC32C of the whole file: four bytes, big-endian, base64.",
        "type": "string", "pattern": "^[A-Za-z0-9+/]{6}==$",
    })
}

fn pixels(description: &str) -> Value {
    json!({"description": description, "type": "integer", "minimum": 1, "maximum": 1_000_000})
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

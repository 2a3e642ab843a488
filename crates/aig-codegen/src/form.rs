//! Knows forms: `application/x-www-form-urlencoded`, to and from a JSON object.

use percent_encoding::percent_decode;
use serde_json::{Map, Value};

use crate::ValueKind;
use crate::target::pair;

/// The members of an object as a form. A list repeats its key, null is left out, an object is written as JSON.
pub(crate) fn write(value: &Value) -> String {
    let members = value.as_object().into_iter().flatten();
    let pairs = members.flat_map(|(name, value)| texts(value).into_iter().map(move |text| pair(name, &text)));
    pairs.collect::<Vec<_>>().join("&")
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        other => vec![other.to_string()],
    }
}

/// A form as an object, each text as what it stands for.
pub(crate) fn read(form: &[u8], members: &[(&str, ValueKind, bool)]) -> Value {
    let mut object = Map::new();
    for part in form.split(|byte| *byte == b'&').filter(|part| !part.is_empty()) {
        let end = part.iter().position(|byte| *byte == b'=').unwrap_or(part.len());
        let (name, value) = part.split_at_checked(end).unwrap_or((part, &[]));
        let (name, text) = (decoded(name), decoded(value.strip_prefix(b"=").unwrap_or(value)));
        let known = members.iter().find(|(member, ..)| *member == name);
        let value = known.map_or_else(|| Value::from(text.as_str()), |(_, kind, _)| value_of(&text, *kind));
        match (known, object.get_mut(&name)) {
            (Some((.., true)), Some(Value::Array(items))) => items.push(value),
            (Some((.., true)), _) => drop(object.insert(name, Value::Array(vec![value]))),
            _ => drop(object.insert(name, value)),
        }
    }
    Value::Object(object)
}

fn value_of(text: &str, kind: ValueKind) -> Value {
    let is_literal = matches!(kind, ValueKind::Integer | ValueKind::Number | ValueKind::Boolean);
    let literal = is_literal.then(|| serde_json::from_str(text).ok()).flatten();
    literal.unwrap_or_else(|| Value::from(text))
}

fn decoded(bytes: &[u8]) -> String {
    let spaced: Vec<u8> = bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).decode_utf8_lossy().into_owned()
}

//! Walks a JSON body along its schema in the document.

use aig_codegen::OperationInfo;
use serde_json::{Map, Value, json};

use super::{Mistake, Mistakes, scalar};
use crate::api::document;

pub(super) fn check(operation: &OperationInfo, body: &Value, mistakes: &mut Mistakes) {
    let mut walk = Walk { place: vec![json!("body")], mistakes };
    walk.value(document::request(operation), body);
}

struct Walk<'m> {
    place: Vec<Value>,
    mistakes: &'m mut Mistakes,
}

impl Walk<'_> {
    fn value(&mut self, schema: &'static Value, value: &Value) {
        let schema = document::resolved(schema);
        match document::choice(schema) {
            Some((_, true)) if value.is_null() => return,
            Some((something, _)) => return self.value(something, value),
            None => {}
        }
        if let Some(words) = schema["enum"].as_array() {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            return self.held(schema, value, scalar::one_of(value.as_str(), &words));
        }
        match (schema["type"].as_str(), value) {
            (Some("string"), _) => self.held(schema, value, text(schema, value)),
            (Some("array"), Value::Array(items)) => self.items(&schema["items"], items),
            (Some("array"), _) => self.held(schema, value, Err(Mistake::no_list())),
            (Some("object"), Value::Object(members)) => self.members(schema, members),
            (Some("object"), _) if schema["properties"].is_object() => {
                self.held(schema, value, Err(Mistake::no_object()));
            }
            (Some("object"), _) => self.held(schema, value, Err(Mistake::no_map())),
            // Nothing else is in a request of the document; reading it would tell.
            _ => {}
        }
    }

    fn items(&mut self, schema: &'static Value, items: &[Value]) {
        for (index, item) in items.iter().enumerate() {
            if self.mistakes.are_enough() {
                return;
            }
            self.at(json!(index), |walk| walk.value(schema, item));
        }
    }

    /// In the order of the document. Members that it does not name are let through.
    fn members(&mut self, schema: &'static Value, members: &Map<String, Value>) {
        let required = |name: &str| schema["required"].as_array().is_some_and(|names| names.iter().any(|n| n == name));
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            self.at(json!(name), |walk| match members.get(name) {
                Some(value) => walk.value(schema, value),
                None if required(name) => walk.mistakes.note(walk.place.clone(), Mistake::missing(), None),
                None => {}
            });
        }
    }

    fn at(&mut self, step: Value, look: impl FnOnce(&mut Self)) {
        self.place.push(step);
        look(self);
        self.place.pop();
    }

    fn held(&mut self, schema: &Value, value: &Value, verdict: Result<(), Mistake>) {
        if let Err(mistake) = verdict {
            self.mistakes.note(self.place.clone(), mistake, shown(schema, value));
        }
    }
}

fn text(schema: &Value, value: &Value) -> Result<(), Mistake> {
    let limit = |name: &str| schema[name].as_u64().and_then(|limit| usize::try_from(limit).ok());
    match (schema["format"].as_str(), value) {
        (Some("uuid"), Value::String(text)) => scalar::uuid(text),
        (Some("uuid"), _) => Err(Mistake::new("uuid_type", "UUID input should be a string, bytes or UUID object")),
        (Some("date-time"), Value::String(text)) => scalar::instant(text),
        (Some("date-time"), _) => Err(Mistake::new("datetime_type", "Input should be a valid datetime")),
        (Some("uri"), Value::String(text)) => scalar::url(text, limit("maxLength").unwrap_or(usize::MAX)),
        (Some("uri"), _) => Err(Mistake::new("url_type", "URL input should be a string or URL")),
        (_, Value::String(text)) => scalar::length(text, limit("minLength"), limit("maxLength")),
        _ => Err(Mistake::no_text()),
    }
}

/// What was sent, unless it is a secret or has parts: those may hold secrets, and no end.
fn shown(schema: &Value, value: &Value) -> Option<Value> {
    let is_plain = match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => true,
    };
    (is_plain && schema["x-sensitive"] != true).then(|| value.clone())
}

//! Knows what of a document is prose, and writes the rest down in one way only.

use crate::codegen::{
    json::Json,
    node::{Node, Problem},
};

use super::super::document::Document;

/// What is for people and tools, and never on the wire.
pub(super) fn is_prose(key: &str) -> bool {
    const PROSE: &[&str] = &[
        "$comment",
        "deprecated",
        "description",
        "example",
        "examples",
        "externalDocs",
        "links",
        "operationId",
        "summary",
        "tags",
        "title",
        "xml",
    ];
    PROSE.contains(&key) || key.starts_with("x-")
}

/// Objects whose members are named by the author: `title` may be a field.
fn is_dictionary(key: &str) -> bool {
    const DICTIONARIES: &[&str] =
        &["$defs", "content", "dependentSchemas", "headers", "patternProperties", "properties", "responses"];
    DICTIONARIES.contains(&key)
}

/// The text that two nodes share exactly if they mean the same: references followed, members sorted, prose left out.
/// `above` are the references being followed; one that leads back is written as how far it leads back.
pub(crate) fn wire_text(document: &Document, node: &Node<'_>) -> Result<String, Problem> {
    Writer { document: Some(document), above: Vec::new() }.node(node)
}

/// The same with references as they stand: cheap, and good enough to recognise what was moved and not edited.
pub(crate) fn shallow_text(node: &Node<'_>) -> Result<String, Problem> {
    Writer { document: None, above: Vec::new() }.node(node)
}

struct Writer<'d> {
    /// Where references are followed, if they are.
    document: Option<&'d Document>,
    above: Vec<String>,
}

impl Writer<'_> {
    fn node(&mut self, node: &Node<'_>) -> Result<String, Problem> {
        match node.json {
            Json::Object(_) if node.has("$ref") => self.reference(node),
            Json::Object(_) => self.object(node, is_prose),
            Json::Array(_) => {
                let texts: Result<Vec<_>, _> = node.items()?.iter().map(|item| self.node(item)).collect();
                Ok(format!("[{}]", texts?.join(",")))
            }
            other => Ok(other.to_string()),
        }
    }

    fn reference(&mut self, node: &Node<'_>) -> Result<String, Problem> {
        let Some(document) = self.document else { return self.object(node, is_prose) };
        let target = document.root().follow(&node.require("$ref")?)?;
        if let Some(distance) = self.above.iter().rev().position(|pointer| *pointer == target.pointer) {
            return Ok(format!("<{distance}>"));
        }
        self.above.push(target.pointer.clone());
        let text = self.node(&target);
        self.above.pop();
        let siblings = self.object(node, |key| key == "$ref" || is_prose(key))?;
        Ok(if siblings == "{}" { text? } else { format!("{}&{siblings}", text?) })
    }

    fn object(&mut self, node: &Node<'_>, leaves_out: impl Fn(&str) -> bool) -> Result<String, Problem> {
        let mut members = Vec::new();
        for (key, value) in node.members()?.into_iter().filter(|(key, _)| !leaves_out(key)) {
            let text = match key {
                "enum" | "required" => sorted(value.json),
                "const" | "default" | "mapping" => data_text(value.json),
                _ if is_dictionary(key) => self.dictionary(&value)?,
                "allOf" | "anyOf" | "oneOf" | "parameters" | "security" | "type" => self.set(&value)?,
                _ => self.node(&value)?,
            };
            members.push(format!("{}:{text}", Json::String(key.to_owned())));
        }
        members.sort();
        Ok(format!("{{{}}}", members.join(",")))
    }

    fn dictionary(&mut self, node: &Node<'_>) -> Result<String, Problem> {
        let mut members = Vec::new();
        for (key, value) in node.members()? {
            members.push(format!("{}:{}", Json::String(key.to_owned()), self.node(&value)?));
        }
        members.sort();
        Ok(format!("{{{}}}", members.join(",")))
    }

    /// A list whose order says nothing; a single entry may stand without its list.
    fn set(&mut self, node: &Node<'_>) -> Result<String, Problem> {
        if !matches!(node.json, Json::Array(_)) {
            return self.node(node);
        }
        let mut texts = node.items()?.iter().map(|item| self.node(item)).collect::<Result<Vec<_>, _>>()?;
        texts.sort();
        Ok(format!("[{}]", texts.join(",")))
    }
}

/// A list of data whose order says nothing.
fn sorted(json: &Json) -> String {
    match json {
        Json::Array(items) => {
            let mut texts: Vec<_> = items.iter().map(data_text).collect();
            texts.sort();
            format!("[{}]", texts.join(","))
        }
        other => data_text(other),
    }
}

/// A value as one text, whatever the order of its members.
pub(super) fn data_text(json: &Json) -> String {
    match json {
        Json::Array(items) => format!("[{}]", items.iter().map(data_text).collect::<Vec<_>>().join(",")),
        Json::Object(members) => {
            let text = |(key, value): &(String, Json)| format!("{}:{}", Json::String(key.clone()), data_text(value));
            let mut texts: Vec<_> = members.iter().map(text).collect();
            texts.sort();
            format!("{{{}}}", texts.join(","))
        }
        other => other.to_string(),
    }
}

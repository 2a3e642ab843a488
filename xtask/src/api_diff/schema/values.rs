//! Knows the values, formats, patterns and the keywords that are compared as a whole.

use std::collections::BTreeMap;

use crate::codegen::{
    json::Json,
    node::{Node, Problem},
};

use super::{
    super::document::Document,
    Alternative, Kind,
    expand::passes_on,
    kind_of,
    wire::{data_text, is_prose, wire_text},
};

/// A value that is said somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) text: String,
    pub(crate) at: String,
}

impl Entry {
    pub(crate) fn of(node: &Node<'_>) -> Self {
        Self { text: data_text(node.json), at: node.pointer.clone() }
    }
}

/// What is compared as a whole: no tool can tell which of two such schemas allows more.
const KEYWORDS: &[&str] = &[
    "contains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "maxContains",
    "minContains",
    "not",
    "patternProperties",
    "propertyNames",
    "then",
    "unevaluatedItems",
];

/// The keywords of an alternative that are compared as a whole, as sorted texts.
pub(crate) fn keywords<'d>(
    document: &'d Document,
    alternative: &Alternative<'d>,
) -> Result<BTreeMap<&'static str, Entry>, Problem> {
    let mut found = BTreeMap::new();
    for keyword in KEYWORDS {
        let texts: Result<Vec<_>, _> = alternative.all(keyword).map(|node| wire_text(document, &node)).collect();
        let mut texts = texts?;
        texts.sort();
        texts.dedup();
        if !texts.is_empty() {
            found.insert(*keyword, Entry { text: texts.join(" and "), at: alternative.place_of(keyword) });
        }
    }
    Ok(found)
}

impl Alternative<'_> {
    /// The values that it may have; `None` where they are free.
    pub(crate) fn values(&self) -> Result<Option<Vec<Entry>>, Problem> {
        let Some(mut values) = self.own_values()? else { return Ok(None) };
        for entry in &self.further {
            if values.iter().all(|known| known.text != entry.text) {
                values.push(entry.clone());
            }
        }
        Ok(Some(values))
    }

    /// Whether it is a list of values, and nothing more is said of them.
    pub(super) fn is_list(&self) -> bool {
        let lists = |part: &Node<'_>| part.has("enum") || part.has("const");
        self.kind.is_scalar() && self.parts.iter().any(lists) && self.parts.iter().all(says_values_only)
    }

    /// The values that all lists have and that are of this type.
    fn own_values(&self) -> Result<Option<Vec<Entry>>, Problem> {
        let mut lists = Vec::new();
        for node in self.all("enum") {
            lists.push(
                node.items()?.into_iter().filter(|item| self.may_be(item.json)).map(|item| Entry::of(&item)).collect(),
            );
        }
        for node in self.all("const") {
            lists.push(if self.may_be(node.json) { vec![Entry::of(&node)] } else { Vec::new() });
        }
        Ok(lists.into_iter().reduce(|known: Vec<Entry>, list| {
            known.into_iter().filter(|entry| list.iter().any(|other| other.text == entry.text)).collect()
        }))
    }

    fn may_be(&self, value: &Json) -> bool {
        match (self.kind, kind_of(value)) {
            (Kind::Any, _) | (Kind::Number, Kind::Integer) => true,
            (kind, other) => kind == other,
        }
    }

    /// All texts that a keyword has: one value must match every pattern.
    pub(crate) fn texts(&self, keyword: &'static str) -> Vec<String> {
        let mut texts: Vec<_> = self.all(keyword).map(|node| data_text(node.json)).collect();
        texts.sort();
        texts.dedup();
        texts
    }

    pub(crate) fn format(&self) -> Result<Option<String>, Problem> {
        let format = self.all("format").next().map(|node| node.text().map(str::to_owned)).transpose()?;
        Ok(format.filter(|_| matches!(self.kind, Kind::Text | Kind::Integer | Kind::Number)))
    }
}

fn says_values_only(part: &Node<'_>) -> bool {
    let Json::Object(members) = part.json else { return true };
    members.iter().all(|(key, _)| matches!(key.as_str(), "enum" | "const" | "type") || passes_on(key) || is_prose(key))
}

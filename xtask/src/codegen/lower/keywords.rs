//! Knows every keyword of a schema, so that none is lost in silence.

use serde_json::Number;

use crate::codegen::api::Limits;
use crate::codegen::json::Json;
use crate::codegen::node::{Node, Problem};

/// Keywords that shape a type.
const SHAPES: &[&str] = &[
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "enum",
    "format",
    "items",
    "nullable",
    "oneOf",
    "prefixItems",
    "properties",
    "required",
    "type",
    "patternProperties",
    "unevaluatedProperties",
    "discriminator",
];

/// Keywords that limit a value and can be checked.
const LIMITS: &[&str] = &[
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "uniqueItems",
];

/// Keywords that narrow a value in a way that is not checked before sending.
const UNCHECKED: &[&str] = &[
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "maxContains",
    "minContains",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
];

/// Keywords for people and other tools.
const ANNOTATIONS: &[&str] = &[
    "$anchor",
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "default",
    "definitions",
    "deprecated",
    "description",
    "example",
    "examples",
    "externalDocs",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];

/// What of a schema has no effect on the generated code although it may be meant to: a keyword that narrows a value
/// in a way that is not checked, and a keyword that nobody here has heard of.
pub(super) fn remarks(node: &Node<'_>) -> Result<Vec<Problem>, Problem> {
    let mut remarks = Vec::new();
    for (name, member) in node.members()? {
        if UNCHECKED.contains(&name) {
            remarks.push(member.problem("is not checked before sending"));
        } else if !is_known(name) {
            remarks.push(member.problem(format!("`{name}` is no keyword of a schema; it has no effect")));
        }
    }
    Ok(remarks)
}

fn is_known(name: &str) -> bool {
    name.starts_with("x-") || [SHAPES, LIMITS, ANNOTATIONS].iter().any(|known| known.contains(&name))
}

/// Whether the schema says anything about a value.
pub(super) fn is_blank(node: &Node<'_>) -> bool {
    match node.json {
        Json::Bool(value) => *value,
        Json::Object(members) => members.iter().all(|(name, _)| {
            let shapes = [SHAPES, LIMITS].iter().any(|known| known.contains(&name.as_str()));
            !shapes
        }),
        _ => false,
    }
}

/// Whether the schema has keywords that shape a type besides these.
pub(super) fn shapes_beside(node: &Node<'_>, but: &[&str]) -> bool {
    SHAPES.iter().any(|name| !but.contains(name) && node.has(name))
}

/// A pair of limits of which the second excludes its number.
#[derive(Debug, Default)]
pub(super) struct Edge {
    pub(super) inclusive: Option<Number>,
    pub(super) exclusive: Option<Number>,
}

impl Edge {
    pub(super) fn lower(node: &Node<'_>) -> Result<Self, Problem> {
        Self::of(node, "minimum", "exclusiveMinimum")
    }

    pub(super) fn upper(node: &Node<'_>) -> Result<Self, Problem> {
        Self::of(node, "maximum", "exclusiveMaximum")
    }

    fn of(node: &Node<'_>, inclusive: &str, exclusive: &str) -> Result<Self, Problem> {
        let number = node.get(inclusive).map(|limit| limit.number().cloned()).transpose()?;
        match node.get(exclusive) {
            // OpenAPI 3.0 says by a boolean that the limit beside it excludes its number.
            Some(Node { json: Json::Bool(true), .. }) => Ok(Self { exclusive: number, inclusive: None }),
            None | Some(Node { json: Json::Bool(false), .. }) => Ok(Self { inclusive: number, exclusive: None }),
            Some(limit) => Ok(Self { inclusive: number, exclusive: Some(limit.number()?.clone()) }),
        }
    }

    /// The number, whether it is excluded or not.
    pub(super) fn number(self) -> Option<Number> {
        self.inclusive.or(self.exclusive)
    }
}

/// The limits that a schema sets.
pub(super) fn limits(node: &Node<'_>) -> Result<Limits, Problem> {
    let (lower, upper) = (Edge::lower(node)?, Edge::upper(node)?);
    let number = |name| node.get(name).map(|limit| limit.number().cloned()).transpose();
    let count = |name| node.get(name).map(|limit| limit.count()).transpose();
    let either = |list, map| Ok::<_, Problem>(count(list)?.or(count(map)?));
    Ok(Limits {
        minimum: lower.inclusive,
        maximum: upper.inclusive,
        exclusive_minimum: lower.exclusive,
        exclusive_maximum: upper.exclusive,
        multiple_of: number("multipleOf")?,
        min_length: count("minLength")?,
        max_length: count("maxLength")?,
        pattern: node.text_of("pattern")?.map(str::to_owned),
        min_items: either("minItems", "minProperties")?,
        max_items: either("maxItems", "maxProperties")?,
        one_of: Vec::new(),
        unique: node.flag("uniqueItems")?,
    })
}

//! Knows every keyword of a schema, so that none is lost in silence.

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

/// The limits that a schema sets.
pub(super) fn limits(node: &Node<'_>) -> Result<Limits, Problem> {
    let number = |name| node.get(name).map(|limit| limit.number().cloned()).transpose();
    let count = |name| node.get(name).map(|limit| limit.count()).transpose();
    let either = |list, map| Ok::<_, Problem>(count(list)?.or(count(map)?));
    Ok(Limits {
        minimum: number("minimum")?,
        maximum: number("maximum")?,
        exclusive_minimum: number("exclusiveMinimum")?,
        exclusive_maximum: number("exclusiveMaximum")?,
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

//! Knows the form of one schema, looking no further than it must.

use std::collections::BTreeSet;

use super::keywords::{Edge, is_blank, shapes_beside};
use super::{Lowering, keywords};
use crate::codegen::api::{Format, Ty};
use crate::codegen::json::Json;
use crate::codegen::node::{Node, Problem, whole};

/// How many references may lead on to others before the document is taken for a circle.
const DEPTH: usize = 64;

#[derive(Debug)]
pub(super) enum Form<'d> {
    Plain(Ty),
    /// A whole number out of a list.
    Integers(Vec<i64>),
    Reference(Node<'d>),
    /// Says what another schema says, with limits of its own perhaps.
    Same(Node<'d>),
    /// An object with known members, told by one schema or by several together.
    Struct(Vec<Node<'d>>),
    Enum(Vec<String>),
    Union(Vec<Choice<'d>>),
    Array(Option<Node<'d>>),
    Tuple(Vec<Node<'d>>),
    Map(Node<'d>),
}

/// One of several things that a value may be.
#[derive(Debug)]
pub(super) enum Choice<'d> {
    Schema(Node<'d>),
    /// What the schema says under one of its several types.
    Typed(Node<'d>, &'d str),
}

/// A form, and whether null is allowed beside it.
#[derive(Debug)]
pub(super) struct Formed<'d> {
    pub(super) form: Form<'d>,
    pub(super) nullable: bool,
}

impl<'d> Formed<'d> {
    const fn new(form: Form<'d>) -> Self {
        Self { form, nullable: false }
    }
}

impl<'d> Lowering<'d> {
    pub(super) fn form(&mut self, node: &Node<'d>) -> Result<Formed<'d>, Problem> {
        if let Json::Bool(true) = node.json {
            return Ok(Formed::new(Form::Plain(Ty::Any)));
        }
        self.remarks.extend(keywords::remarks(node)?);
        let mut formed = self.form_by_keyword(node)?;
        formed.nullable |= node.flag("nullable")?;
        Ok(formed)
    }

    fn form_by_keyword(&self, node: &Node<'d>) -> Result<Formed<'d>, Problem> {
        if let Some(reference) = node.get("$ref") {
            return self.reference(node, reference);
        }
        if let Some(parts) = node.get("allOf") {
            return self.all_of(node, &parts);
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(choices) = node.get(keyword)
                && !only_requires(&choices)?
            {
                return any_of(node, &choices, keyword);
            }
        }
        if let Some(values) = node.get("enum") {
            return enumeration(node, &values.items()?);
        }
        if let Some(value) = node.get("const") {
            return enumeration(node, &[value]);
        }
        by_type(node)
    }

    fn reference(&self, node: &Node<'d>, reference: Node<'d>) -> Result<Formed<'d>, Problem> {
        if !shapes_beside(node, &["$ref", "nullable"]) {
            return Ok(Formed::new(Form::Reference(reference)));
        }
        let target = self.root.follow(&reference)?;
        self.merged(node, vec![target, node.clone()])
    }

    fn all_of(&self, node: &Node<'d>, parts: &Node<'d>) -> Result<Formed<'d>, Problem> {
        let mut parts: Vec<_> = parts.items()?.into_iter().filter(|part| !is_blank(part)).collect();
        if shapes_beside(node, &["allOf", "nullable", "discriminator"]) && !is_bare_object(node) {
            parts.push(node.clone());
        }
        match <[_; 1]>::try_from(parts) {
            Ok([only]) => Ok(Formed::new(Form::Same(only))),
            Err(parts) => self.merged(node, parts),
        }
    }

    /// Several schemas that hold together.
    fn merged(&self, node: &Node<'d>, parts: Vec<Node<'d>>) -> Result<Formed<'d>, Problem> {
        let mut flat = Vec::new();
        for part in &parts {
            self.flatten(part, &mut flat, &node.pointer, DEPTH)?;
        }
        if flat.is_empty() {
            return Ok(Formed::new(Form::Plain(Ty::Any)));
        }
        if flat.iter().all(is_object) {
            return Ok(Formed::new(Form::Struct(flat)));
        }
        let types: BTreeSet<_> = flat.iter().filter_map(|part| part.text_of("type").ok().flatten()).collect();
        match (types.len(), flat.into_iter().find(|part| part.has("type"))) {
            (1, Some(first)) if first.pointer != node.pointer => Ok(Formed::new(Form::Same(first))),
            _ => Err(node.problem("a combination of other schemas than objects is not supported")),
        }
    }

    /// The schemas without references and combinations among them.
    fn flatten(&self, part: &Node<'d>, flat: &mut Vec<Node<'d>>, own: &str, depth: usize) -> Result<(), Problem> {
        if depth == 0 {
            return Err(part.problem("the combination of schemas leads back to itself"));
        }
        if let Some(reference) = part.get("$ref") {
            if part.pointer != own {
                let target = self.root.follow(&reference)?;
                if target.pointer == own {
                    return Err(reference.problem("the combination of schemas leads back to itself"));
                }
                self.flatten(&target, flat, own, depth - 1)?;
            }
        } else if part.pointer != own {
            for inner in part.items_of("allOf")? {
                self.flatten(&inner, flat, own, depth - 1)?;
            }
        }
        if shapes_beside(part, &["$ref", "allOf", "nullable", "discriminator"]) {
            flat.push(part.clone());
        }
        Ok(())
    }

    /// The schema that references lead to in the end.
    pub(super) fn resolved(&self, node: &Node<'d>) -> Result<Node<'d>, Problem> {
        let mut node = node.clone();
        for _ in 0..DEPTH {
            let Some(reference) = node.get("$ref") else { return Ok(node) };
            node = self.root.follow(&reference)?;
        }
        Err(node.problem("the reference leads back to itself"))
    }
}

/// Whether the schema tells no more than that it is an object.
fn is_bare_object(node: &Node<'_>) -> bool {
    !shapes_beside(node, &["allOf", "nullable", "discriminator", "type"]) && is_object(node)
}

fn is_object(node: &Node<'_>) -> bool {
    let says_object = node.text_of("type").is_ok_and(|name| name == Some("object"));
    says_object || (!node.has("type") && (node.has("properties") || node.has("required")))
}

/// Choices that only say which members must be there narrow an object and shape nothing.
fn only_requires(choices: &Node<'_>) -> Result<bool, Problem> {
    let items = choices.items()?;
    Ok(items.iter().all(|choice| !shapes_beside(choice, &["required"]) && choice.has("required")))
}

fn is_null(node: &Node<'_>) -> bool {
    let by_type = node.text_of("type").is_ok_and(|name| name == Some("null"));
    let by_value = node.json.get("const") == Some(&Json::Null);
    let by_list =
        matches!(node.json.get("enum"), Some(Json::Array(items)) if items.iter().all(|item| *item == Json::Null));
    by_type || by_value || by_list
}

fn any_of<'d>(node: &Node<'d>, choices: &Node<'d>, keyword: &str) -> Result<Formed<'d>, Problem> {
    // An object that welcomes any member says nothing that the choices do not.
    let welcomes = node.get("additionalProperties").is_none_or(|values| is_blank(&values));
    let beside = [keyword, "nullable", "discriminator", "type", "additionalProperties"];
    if shapes_beside(node, &beside) || !welcomes {
        return Err(node.problem(format!("`{keyword}` beside other shapes is not supported")));
    }
    let (nulls, mut rest): (Vec<_>, Vec<_>) = choices.items()?.into_iter().partition(is_null);
    let nullable = !nulls.is_empty();
    let form = match rest.len() {
        0 => Form::Plain(Ty::Null),
        1 => rest.pop().map_or(Form::Plain(Ty::Null), Form::Same),
        _ => Form::Union(rest.into_iter().map(Choice::Schema).collect()),
    };
    Ok(Formed { form, nullable })
}

fn enumeration<'d>(node: &Node<'d>, values: &[Node<'d>]) -> Result<Formed<'d>, Problem> {
    let rest: Vec<_> = values.iter().filter(|value| *value.json != Json::Null).collect();
    let nullable = rest.len() < values.len();
    let form = if rest.is_empty() {
        Form::Plain(Ty::Null)
    } else if let Ok(texts) = rest.iter().map(|value| value.text().map(str::to_owned)).collect() {
        Form::Enum(texts)
    } else if let Some(numbers) = rest.iter().map(|value| whole(value.number().ok()?)).collect() {
        Form::Integers(numbers)
    } else if rest.iter().all(|value| value.boolean().is_ok()) {
        Form::Plain(Ty::Boolean)
    } else if rest.iter().all(|value| value.number().is_ok()) {
        Form::Plain(Ty::Number)
    } else {
        return mixed(node, &rest, nullable);
    };
    Ok(Formed { form, nullable })
}

/// Values of several kinds are taken as any value of those kinds.
fn mixed<'d>(node: &Node<'d>, values: &[&Node<'d>], nullable: bool) -> Result<Formed<'d>, Problem> {
    let mut kinds = BTreeSet::new();
    for value in values {
        kinds.insert(match value.json {
            Json::String(_) => "string",
            Json::Number(number) if number.is_f64() => "number",
            Json::Number(_) => "integer",
            Json::Bool(_) => "boolean",
            other => return Err(value.problem(format!("{} in an enumeration is not supported", other.kind()))),
        });
    }
    let form = Form::Union(kinds.into_iter().map(|kind| Choice::Typed(node.clone(), kind)).collect());
    Ok(Formed { form, nullable })
}

fn by_type<'d>(node: &Node<'d>) -> Result<Formed<'d>, Problem> {
    let Some(given) = node.get("type") else {
        return Ok(Formed::new(typed(node, implied_type(node))?));
    };
    if let Ok(name) = given.text() {
        return Ok(Formed::new(typed(node, Some(name))?));
    }
    let names = given.items()?.iter().map(Node::text).collect::<Result<Vec<_>, _>>()?;
    let rest: Vec<_> = names.iter().copied().filter(|name| *name != "null").collect();
    let nullable = rest.len() < names.len();
    let form = match rest.as_slice() {
        [] => Form::Plain(Ty::Null),
        [only] => typed(node, Some(only))?,
        several => Form::Union(several.iter().map(|name| Choice::Typed(node.clone(), name)).collect()),
    };
    Ok(Formed { form, nullable })
}

/// The type of a schema that does not say it.
fn implied_type(node: &Node<'_>) -> Option<&'static str> {
    let implied = [
        ("object", &["properties", "additionalProperties", "required", "patternProperties"][..]),
        ("array", &["items", "prefixItems", "minItems", "maxItems"]),
        ("string", &["minLength", "maxLength", "pattern", "format"]),
        ("number", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
    ];
    implied.iter().find(|(_, keywords)| keywords.iter().any(|keyword| node.has(keyword))).map(|(name, _)| *name)
}

pub(super) fn typed<'d>(node: &Node<'d>, name: Option<&str>) -> Result<Form<'d>, Problem> {
    Ok(match name {
        None => Form::Plain(Ty::Any),
        Some("null") => Form::Plain(Ty::Null),
        Some("boolean") => Form::Plain(Ty::Boolean),
        Some("number") => Form::Plain(Ty::Number),
        Some("integer") => Form::Plain(integer(node)?),
        Some("string") => Form::Plain(Ty::Text(format(node)?)),
        Some("array") => array(node)?,
        Some("object") => object(node)?,
        Some(other) => return Err(node.problem(format!("the type `{other}` is not known"))),
    })
}

/// The narrowest type that holds every number within the limits.
fn integer(node: &Node<'_>) -> Result<Ty, Problem> {
    if matches!(node.text_of("format")?, Some("uint64")) {
        return Ok(Ty::Unsigned);
    }
    let (lowest, highest) = (Edge::lower(node)?.number(), Edge::upper(node)?.number());
    let below = lowest.as_ref().is_some_and(|low| low.is_f64() && low.as_f64().is_some_and(|low| low < -9.3e18));
    Ok(match highest {
        Some(high) if high.is_u64() && !high.is_i64() && lowest.is_some_and(|low| low.is_u64()) => Ty::Unsigned,
        Some(high) if high.is_i64() && !below => Ty::Integer,
        Some(high) if high.as_f64().is_some_and(|high| high > 9.3e18) || below => Ty::BigInteger,
        _ if below => Ty::BigInteger,
        _ => Ty::Integer,
    })
}

fn format(node: &Node<'_>) -> Result<Format, Problem> {
    Ok(match node.text_of("format")? {
        None => Format::Plain,
        Some("date-time") => Format::Timestamp,
        Some("date") => Format::Date,
        Some("binary") => Format::Binary,
        Some("uuid" | "uuid1" | "uuid3" | "uuid4" | "uuid5" | "uuid6" | "uuid7" | "uuid8") => Format::Uuid,
        Some(other) => Format::Other(other.to_owned()),
    })
}

fn array<'d>(node: &Node<'d>) -> Result<Form<'d>, Problem> {
    let first = node.items_of("prefixItems")?;
    let items = node.get("items").filter(|items| *items.json != Json::Bool(false));
    if first.is_empty() {
        return Ok(Form::Array(items));
    }
    let length = |name| node.get(name).map(|length| length.count()).transpose();
    let is_closed = length("maxItems")? == Some(first.len()) || node.json.get("items") == Some(&Json::Bool(false));
    let is_whole = length("minItems")? == Some(first.len());
    if !is_closed || !is_whole {
        return Err(
            node.problem("a list with fixed first entries and others behind, or some left out, is not supported")
        );
    }
    // The longest tuple that serde reads.
    if first.len() > 16 {
        return Err(node.problem("more than 16 fixed entries are not supported"));
    }
    Ok(Form::Tuple(first))
}

fn object<'d>(node: &Node<'d>) -> Result<Form<'d>, Problem> {
    let closed = |name: &str| node.json.get(name) == Some(&Json::Bool(false));
    if !node.members_of("properties")?.is_empty() {
        return Ok(Form::Struct(vec![node.clone()]));
    }
    let mut patterns = node.members_of("patternProperties")?;
    if let (1, Some((_, values))) = (patterns.len(), patterns.pop()) {
        return Ok(Form::Map(values));
    }
    if closed("additionalProperties") || closed("unevaluatedProperties") {
        return Ok(Form::Struct(vec![node.clone()]));
    }
    let values = node.get("additionalProperties").or_else(|| node.get("unevaluatedProperties"));
    Ok(values.filter(|values| !is_blank(values)).map_or(Form::Plain(Ty::Object), Form::Map))
}

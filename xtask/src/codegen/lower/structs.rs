//! Knows how an object with known members becomes a struct.

use std::collections::BTreeSet;

use super::Lowering;
use super::keywords::is_blank;
use crate::codegen::api::{Field, Schema, Struct, Ty};
use crate::codegen::json::Json;
use crate::codegen::names::{Names, field_name, type_name};
use crate::codegen::node::{Node, Problem};

impl<'d> Lowering<'d> {
    /// A struct of all members of the parts. Where two parts tell the same member, the later one narrows it.
    pub(super) fn structure(&mut self, parts: &[Node<'d>], name: &str) -> Result<Struct, Problem> {
        let required = required_of(parts)?;
        let mut members: Vec<(&str, Node<'d>)> = Vec::new();
        for part in parts {
            for (wire, node) in part.members_of("properties")? {
                match members.iter_mut().find(|(known, _)| *known == wire) {
                    Some(member) => member.1 = node,
                    None => members.push((wire, node)),
                }
            }
        }
        let mut names = Names::default();
        let mut fields = Vec::new();
        for (wire, node) in members {
            let is_required = required.contains(wire);
            let field = self.field(wire, &node, is_required, name, &mut names);
            fields.extend(self.keep(field));
        }
        let rest = self.rest(parts, name)?;
        Ok(Struct { fields, rest })
    }

    fn field(
        &mut self,
        wire: &str,
        node: &Node<'d>,
        required: bool,
        parent: &str,
        names: &mut Names,
    ) -> Result<Field, Problem> {
        let rust = node.text_of_rust_name()?;
        let schema = self.schema(node, &format!("{parent}{}", type_name(wire)))?;
        Ok(Field {
            wire: wire.to_owned(),
            name: names.claim(&field_name(rust.unwrap_or(wire))),
            required,
            constant: self.constant(node)?,
            schema,
            boxed: false,
        })
    }

    /// The one text that a member can have.
    fn constant(&self, node: &Node<'d>) -> Result<Option<String>, Problem> {
        Ok(match self.literal(node)? {
            Some(Json::String(text)) => Some(text.clone()),
            _ => None,
        })
    }

    /// The one value that a member can have, as FastAPI writes a `Literal`.
    pub(super) fn literal(&self, node: &Node<'d>) -> Result<Option<&'d Json>, Problem> {
        let node = self.resolved(node)?;
        Ok(match (node.json.get("const"), node.json.get("enum")) {
            (Some(value), _) => Some(value),
            (None, Some(Json::Array(values))) if values.len() == 1 => values.first(),
            _ => None,
        })
    }

    /// What members that are not named look like, when the document welcomes them.
    fn rest(&mut self, parts: &[Node<'d>], name: &str) -> Result<Option<Schema>, Problem> {
        let Some(node) = parts.iter().rev().find_map(|part| part.get("additionalProperties")) else { return Ok(None) };
        if *node.json == Json::Bool(false) {
            return Ok(None);
        }
        if is_blank(&node) {
            return Ok(Some(Schema::of(Ty::Any, &node.pointer)));
        }
        self.schema(&node, &format!("{name}Value")).map(Some)
    }
}

impl<'d> Node<'d> {
    fn text_of_rust_name(&self) -> Result<Option<&'d str>, Problem> {
        match self.json {
            Json::Object(_) => self.text_of("x-rust-name"),
            _ => Ok(None),
        }
    }
}

fn required_of<'d>(parts: &[Node<'d>]) -> Result<BTreeSet<&'d str>, Problem> {
    let mut required = BTreeSet::new();
    for part in parts {
        for name in part.items_of("required")? {
            required.insert(name.text()?);
        }
    }
    Ok(required)
}

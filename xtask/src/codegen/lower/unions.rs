//! Knows how a choice between schemas becomes a union, and what tells its members apart.

use super::Lowering;
use super::form::Choice;
use crate::codegen::api::{Discriminator, Member, Schema, Ty, TypeKind, Union};
use crate::codegen::json::Json;
use crate::codegen::names::Names;
use crate::codegen::node::{Node, Problem};

impl<'d> Lowering<'d> {
    pub(super) fn union(&mut self, node: &Node<'d>, choices: &[Choice<'d>], name: &str) -> Result<TypeKind, Problem> {
        let mut names = Names::with_reserved(&["Unknown"]);
        let mut members: Vec<Member> = Vec::new();
        let mut sources = Vec::new();
        for choice in choices {
            let label = self.label(choice)?;
            let schema = self.choice(choice, &format!("{name}{label}"))?;
            if members.iter().any(|known| is_same(&known.schema, &schema)) {
                continue;
            }
            let label = match (choice, &schema.ty) {
                (Choice::Schema(node), Ty::Named(target)) if node.has("$ref") => target.clone(),
                _ => label,
            };
            members.push(Member { name: names.claim(&label), schema, boxed: false });
            sources.push(choice);
        }
        let discriminator = self.discriminator(node, &sources)?;
        Ok(TypeKind::Union(Union { members, discriminator }))
    }

    /// What a member is called: by its title, or by what it is.
    fn label(&self, choice: &Choice<'d>) -> Result<String, Problem> {
        let (node, kind) = match choice {
            Choice::Typed(node, kind) => (node, Some(*kind)),
            Choice::Schema(node) => (node, node.text_of("type").ok().flatten()),
        };
        let titled = matches!(choice, Choice::Schema(_)).then(|| node.text_of("title")).transpose()?.flatten();
        let format = node.text_of("format")?;
        Ok(match (titled, kind, format) {
            (Some(title), ..) => variant(title),
            (None, Some("string"), Some(format)) => variant(format),
            (None, Some(kind), _) => variant(kind),
            _ => "Variant".to_owned(),
        })
    }

    fn discriminator(&self, node: &Node<'d>, choices: &[&Choice<'d>]) -> Result<Option<Discriminator>, Problem> {
        let nodes: Option<Vec<_>> = choices
            .iter()
            .map(|choice| match choice {
                Choice::Schema(node) => Some(node),
                Choice::Typed(..) => None,
            })
            .collect();
        let Some(nodes) = nodes else { return Ok(None) };
        match node.get("discriminator") {
            Some(declared) => self.declared_discriminator(&declared, &nodes).map(Some),
            None => self.implied_discriminator(&nodes),
        }
    }

    fn declared_discriminator(&self, declared: &Node<'d>, nodes: &[&Node<'d>]) -> Result<Discriminator, Problem> {
        let property = declared.require("propertyName")?.text()?.to_owned();
        let mut mapping = Vec::new();
        for (value, target) in declared.members_of("mapping")? {
            let found = nodes.iter().enumerate().find(|(_, node)| is_choice(node, &target));
            let (index, node) =
                found.ok_or_else(|| target.problem(format!("{} is none of the choices", target.json)))?;
            // Python writes `True` for true.
            let tag = self.tag(node, &property)?.filter(|tag| tag.eq_ignore_ascii_case(value));
            mapping.push((tag.unwrap_or_else(|| value.to_owned()), index));
        }
        for (index, node) in nodes.iter().enumerate() {
            if mapping.iter().any(|(_, mapped)| *mapped == index) {
                continue;
            }
            let implied = self.tag(node, &property)?.or_else(|| node.text_of("$ref").ok().flatten().map(last_token));
            let implied =
                implied.ok_or_else(|| node.problem(format!("no value of `{property}` stands for this choice")))?;
            mapping.push((implied, index));
        }
        Ok(Discriminator { property, mapping })
    }

    /// A member with one value of its own in each choice tells them apart as well as a declaration.
    fn implied_discriminator(&self, nodes: &[&Node<'d>]) -> Result<Option<Discriminator>, Problem> {
        let Some(first) = nodes.first() else { return Ok(None) };
        for (property, _) in self.resolved(first)?.members_of("properties")? {
            let tags = nodes.iter().map(|node| self.tag(node, property)).collect::<Result<Option<Vec<_>>, _>>()?;
            let Some(tags) = tags else { continue };
            let distinct: std::collections::BTreeSet<_> = tags.iter().collect();
            if distinct.len() == tags.len() {
                let mapping = tags.into_iter().enumerate().map(|(index, value)| (value, index)).collect();
                return Ok(Some(Discriminator { property: property.to_owned(), mapping }));
            }
        }
        Ok(None)
    }

    /// The one value of a member of the object, as a text.
    fn tag(&self, node: &Node<'d>, property: &str) -> Result<Option<String>, Problem> {
        let object = self.resolved(node)?;
        let Some(member) = object.get("properties").and_then(|properties| properties.get(property)) else {
            return Ok(None);
        };
        Ok(match self.literal(&member)? {
            Some(Json::String(text)) => Some(text.clone()),
            Some(tag @ (Json::Number(_) | Json::Bool(_))) => Some(tag.to_string()),
            _ => None,
        })
    }
}

fn variant(text: &str) -> String {
    crate::codegen::names::variant_name(text)
}

fn is_same(one: &Schema, other: &Schema) -> bool {
    one.ty == other.ty && one.limits == other.limits
}

/// Whether a mapping means this choice: by its reference, by its name, or as pydantic writes a choice of choices, as a copy.
fn is_choice(choice: &Node<'_>, target: &Node<'_>) -> bool {
    let Ok(text) = target.text() else { return choice.json == target.json };
    let reference = choice.text_of("$ref").ok().flatten();
    reference.is_some_and(|reference| reference == text || last_token(reference) == text)
}

fn last_token(reference: &str) -> String {
    reference.rsplit('/').next().unwrap_or_default().to_owned()
}

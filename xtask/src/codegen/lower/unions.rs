//! Knows how a choice between schemas becomes a union, and what tells its members apart.

use super::Lowering;
use super::form::Choice;
use crate::codegen::api::{Discriminator, Member, Schema, Ty, TypeKind, Union};
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
            let text = target.text()?;
            let index =
                nodes.iter().position(|node| node.text_of("$ref").ok().flatten().is_some_and(|r| leads_to(r, text)));
            let index = index.ok_or_else(|| target.problem(format!("`{text}` is none of the choices")))?;
            mapping.push((value.to_owned(), index));
        }
        for (index, node) in nodes.iter().enumerate() {
            if mapping.iter().any(|(_, mapped)| *mapped == index) {
                continue;
            }
            let constant = self.constant_of(node, &property)?;
            let implied = constant.or_else(|| node.text_of("$ref").ok().flatten().map(last_token));
            let implied =
                implied.ok_or_else(|| node.problem(format!("no value of `{property}` stands for this choice")))?;
            mapping.push((implied, index));
        }
        Ok(Discriminator { property, mapping })
    }

    /// A member with one text of its own in each choice tells them apart as well as a declaration.
    fn implied_discriminator(&self, nodes: &[&Node<'d>]) -> Result<Option<Discriminator>, Problem> {
        let Some(first) = nodes.first() else { return Ok(None) };
        for (property, _) in self.resolved(first)?.members_of("properties")? {
            let constants =
                nodes.iter().map(|node| self.constant_of(node, property)).collect::<Result<Option<Vec<_>>, _>>()?;
            let Some(constants) = constants else { continue };
            let distinct: std::collections::BTreeSet<_> = constants.iter().collect();
            if distinct.len() == constants.len() {
                let mapping = constants.into_iter().enumerate().map(|(index, value)| (value, index)).collect();
                return Ok(Some(Discriminator { property: property.to_owned(), mapping }));
            }
        }
        Ok(None)
    }

    /// The one text of a member of the object.
    fn constant_of(&self, node: &Node<'d>, property: &str) -> Result<Option<String>, Problem> {
        let object = self.resolved(node)?;
        let member = object.get("properties").and_then(|properties| properties.get(property));
        member.map_or(Ok(None), |member| self.constant(&member))
    }
}

fn variant(text: &str) -> String {
    crate::codegen::names::variant_name(text)
}

fn is_same(one: &Schema, other: &Schema) -> bool {
    one.ty == other.ty && one.limits == other.limits
}

fn leads_to(reference: &str, target: &str) -> bool {
    reference == target || last_token(reference) == target
}

fn last_token(reference: &str) -> String {
    reference.rsplit('/').next().unwrap_or_default().to_owned()
}

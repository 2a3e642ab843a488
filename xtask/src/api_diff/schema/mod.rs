//! Knows schemas as the comparison sees them: no references, no `allOf`, one alternative for each type.
//!
//! `type: [string, null]`, `nullable: true` and `anyOf: [{type: string}, {type: null}]` say the same; so do a schema
//! and a reference to it, and an `allOf` and the object it describes. All of them come out alike here, one level at a
//! time: what stands below a schema (fields, items) is taken apart when it is looked at, so recursion ends by itself.

mod expand;
mod kinds;
mod limits;
mod objects;
mod values;
mod wire;

use crate::codegen::node::{Node, Problem};

use super::document::Document;

pub(super) use self::{
    kinds::{Kind, kind_of},
    limits::{Bound, Limits},
    objects::{Field, Rest},
    values::{Entry, keywords},
    wire::{shallow_text, wire_text},
};

/// Schemas that all hold for one value; none at all allow anything.
#[derive(Debug, Clone)]
pub(super) struct Schema<'d> {
    /// Where it stands, or would stand.
    pub(super) at: String,
    pub(super) nodes: Vec<Node<'d>>,
}

impl<'d> Schema<'d> {
    pub(super) fn of(node: Node<'d>) -> Self {
        Self { at: node.pointer.clone(), nodes: vec![node] }
    }

    pub(super) fn anything(at: &str) -> Self {
        Self { at: at.to_owned(), nodes: Vec::new() }
    }

    /// Tells schemas of one document apart.
    pub(super) fn key(&self) -> String {
        let pointers: Vec<_> = self.nodes.iter().map(|node| node.pointer.as_str()).collect();
        if pointers.is_empty() { format!("any {}", self.at) } else { pointers.join(" ") }
    }

    /// Takes the schema apart, one level deep.
    pub(super) fn shape(&self, document: &'d Document) -> Result<Shape<'d>, Problem> {
        let candidates = expand::all(document, &self.nodes, &mut Vec::new())?;
        let mut shape = Shape { at: self.at.clone(), is_nullable: false, alternatives: Vec::new() };
        for candidate in candidates {
            for kind in kinds::of(&candidate)? {
                shape.take(kind, &candidate, &self.at)?;
            }
        }
        Ok(shape)
    }

    /// A keyword of the schema itself, outside of its alternatives or in all of them.
    pub(super) fn keyword(&self, document: &'d Document, name: &str) -> Result<Option<Node<'d>>, Problem> {
        for node in &self.nodes {
            let found = node.get(name);
            let found = if found.is_some() { found } else { document.resolved(node.clone())?.get(name) };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

/// A schema taken apart.
#[derive(Debug)]
pub(super) struct Shape<'d> {
    pub(super) at: String,
    pub(super) is_nullable: bool,
    /// What it may be, apart from null.
    pub(super) alternatives: Vec<Alternative<'d>>,
}

impl<'d> Shape<'d> {
    fn take(&mut self, kind: Kind, candidate: &expand::Candidate<'d>, at: &str) -> Result<(), Problem> {
        if kind == Kind::Null {
            self.is_nullable = true;
            return Ok(());
        }
        let alternative = Alternative {
            kind,
            name: candidate.name.clone(),
            at: candidate.place().unwrap_or(at).to_owned(),
            parts: candidate.parts.clone(),
            further: Vec::new(),
        };
        match alternative.values()? {
            Some(values) if values.is_empty() => {}
            Some(values) if alternative.is_list() => self.list(alternative, values),
            _ => self.alternatives.push(alternative),
        }
        Ok(())
    }

    /// Values that are said one by one are one list.
    fn list(&mut self, alternative: Alternative<'d>, values: Vec<Entry>) {
        let is_twin = |known: &&mut Alternative<'d>| {
            known.is_list() && (known.kind, &known.name) == (alternative.kind, &alternative.name)
        };
        match self.alternatives.iter_mut().find(is_twin) {
            Some(known) => known.further.extend(values),
            None => self.alternatives.push(alternative),
        }
    }

    /// Whether it allows anything, null included.
    pub(super) fn is_anything(&self) -> bool {
        self.alternatives.iter().any(|alternative| alternative.kind == Kind::Any)
    }
}

/// One type that a value may have, with all that is said of values of this type.
#[derive(Debug, Clone)]
pub(super) struct Alternative<'d> {
    pub(super) kind: Kind,
    /// The component that it is, if it is nothing else.
    pub(super) name: Option<String>,
    pub(super) at: String,
    parts: Vec<Node<'d>>,
    /// The values of the alternatives that are one list with this one.
    further: Vec<Entry>,
}

impl<'d> Alternative<'d> {
    pub(super) fn key(&self) -> String {
        let pointers: Vec<_> = self.parts.iter().map(|part| part.pointer.as_str()).collect();
        format!("{:?} {}", self.kind, pointers.join(" "))
    }

    /// Every place that a keyword stands at.
    fn all(&self, keyword: &str) -> impl Iterator<Item = Node<'d>> {
        self.parts.iter().filter_map(move |part| part.get(keyword))
    }

    /// The first place of a keyword, else of the alternative: what messages point at.
    pub(super) fn place_of(&self, keyword: &str) -> String {
        let found = self.parts.iter().find_map(|part| part.get(keyword));
        found.map_or_else(|| self.at.clone(), |node| node.pointer)
    }

    pub(super) fn first(&self, keyword: &str) -> Option<Node<'d>> {
        self.parts.iter().find_map(|part| part.get(keyword))
    }
}

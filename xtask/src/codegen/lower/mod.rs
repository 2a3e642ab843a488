//! Knows how to read an API out of a document.
//!
//! Everything that a document says in several ways becomes one way here. What cannot be taken is a problem with its place;
//! all problems of a document are told at once.

mod finish;
mod form;
mod keywords;
mod operations;
mod parameters;
mod responses;
mod schemas;
mod structs;
mod unions;

use std::collections::BTreeMap;

use super::api::{Api, Notes, TypeDef};
use super::json::Json;
use super::names::{Names, type_name};
use super::node::{Node, Problem};

/// What was read, and what is narrower in the document than in the generated code.
#[derive(Debug)]
pub(crate) struct Lowered {
    pub(crate) api: Api,
    pub(crate) remarks: Vec<Problem>,
}

/// Reads an API.
///
/// # Errors
/// Every shape of the document that cannot be taken.
pub(crate) fn lower(document: &Json) -> Result<Lowered, Vec<Problem>> {
    let root = Node::root(document);
    let frame = frame(&root).map_err(|problem| vec![problem])?;
    let mut lowering = Lowering::new(root.clone());
    lowering.components();
    let operations = lowering.operations();
    let Lowering { types, mut problems, remarks, .. } = lowering;
    let mut api = Api { types, operations, ..frame };
    finish::finish(&mut api, &mut problems);
    if problems.is_empty() { Ok(Lowered { api, remarks }) } else { Err(problems) }
}

/// The document's own facts, without types and operations.
fn frame(root: &Node<'_>) -> Result<Api, Problem> {
    let version = root.require("openapi")?;
    if !["3.0.", "3.1", "3.2"].iter().any(|known| version.text().is_ok_and(|text| text.starts_with(known))) {
        return Err(version.problem(format!("OpenAPI 3 is wanted, this is {}", version.json)));
    }
    let info = root.require("info")?;
    let server = root.items_of("servers")?.first().map(|server| server.require("url")).transpose()?;
    Ok(Api {
        title: info.require("title")?.text()?.to_owned(),
        version: info.require("version")?.text()?.to_owned(),
        server_prefix: server.map(|url| url.text().map(path_of)).transpose()?.unwrap_or_default(),
        types: Vec::new(),
        operations: Vec::new(),
    })
}

/// The path of a server's URL: the host is for the caller to choose.
fn path_of(url: &str) -> String {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or(String::new(), |(_, path)| format!("/{path}")),
        None => url.to_owned(),
    };
    path.trim_end_matches('/').to_owned()
}

/// The work in progress.
#[derive(Debug)]
pub(super) struct Lowering<'d> {
    root: Node<'d>,
    names: Names,
    /// The Rust name of each schema that something refers to, by pointer.
    named: BTreeMap<String, String>,
    types: Vec<TypeDef>,
    problems: Vec<Problem>,
    remarks: Vec<Problem>,
}

impl<'d> Lowering<'d> {
    fn new(root: Node<'d>) -> Self {
        Self {
            root,
            names: Names::default(),
            named: BTreeMap::new(),
            types: Vec::new(),
            problems: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Keeps the value, or notes the problem and goes on.
    fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problems.push(problem)).ok()
    }

    /// Names every component first, so that they come before inline schemas and may refer to one another.
    fn components(&mut self) {
        let schemas = self.root.get("components").map_or(Ok(Vec::new()), |node| node.members_of("schemas"));
        let Some(schemas) = self.keep(schemas) else { return };
        let mut claimed = Vec::new();
        for (name, node) in schemas {
            let given = self.given_name(&node);
            if let Some(given) = self.keep(given) {
                claimed.push((node, given, type_name(name)));
            }
        }
        let (explicit, implied): (Vec<_>, Vec<_>) = claimed.iter().partition(|(_, given, _)| given.is_some());
        for (node, given, _) in explicit {
            let name = given.clone().unwrap_or_default();
            if !self.names.claim_exactly(&name) {
                self.problems.push(node.problem(format!("`x-rust-name` {name} is taken; give another")));
            }
            self.named.insert(node.pointer.clone(), name);
        }
        for (node, _, wanted) in implied {
            let name = self.names.claim(wanted);
            self.named.insert(node.pointer.clone(), name);
        }
        for (node, ..) in &claimed {
            let name = self.named.get(&node.pointer).cloned().unwrap_or_default();
            let defined = self.define(node, name);
            self.keep(defined);
        }
    }

    /// The name that the document asks for.
    fn given_name(&self, node: &Node<'d>) -> Result<Option<String>, Problem> {
        let Some(given) = node.get("x-rust-name") else { return Ok(None) };
        let name = given.text()?;
        if type_name(name) != name {
            return Err(given.problem(format!("`{name}` cannot name a type; `{}` could", type_name(name))));
        }
        Ok(Some(name.to_owned()))
    }
}

/// What the document tells people.
fn notes(node: &Node<'_>) -> Result<Notes, Problem> {
    Ok(Notes {
        title: node.text_of("title")?.map(str::to_owned),
        description: node.text_of("description")?.map(str::to_owned),
        deprecated: node.flag("deprecated")?,
    })
}

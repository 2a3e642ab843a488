//! Knows a document and where it came from, so that whatever is wrong with it names its file and place.

use std::fmt;

use crate::codegen::{
    json::Json,
    node::{Node, Problem},
};

/// A document that cannot be read.
#[derive(Debug)]
pub(crate) struct Flaw {
    source: String,
    message: String,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.message)
    }
}

impl std::error::Error for Flaw {}

/// An OpenAPI 3 document.
#[derive(Debug)]
pub(crate) struct Document {
    source: String,
    json: Json,
}

impl Document {
    /// Takes a document; `source` names it in messages and reports.
    ///
    /// # Errors
    /// When it is no OpenAPI 3 document.
    pub(crate) fn new(source: &str, json: Json) -> Result<Self, Flaw> {
        let document = Self { source: source.to_owned(), json };
        document.read(Self::check)?;
        Ok(document)
    }

    fn check(&self) -> Result<(), Problem> {
        let root = self.root();
        let version = root.require("openapi")?;
        if !version.text()?.starts_with("3.") {
            return Err(version.problem("only OpenAPI 3 documents are compared"));
        }
        root.require("paths")?.members().map(drop)
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn root(&self) -> Node<'_> {
        Node::root(&self.json)
    }

    /// A text of the `info` object; it is shown, and never compared.
    pub(crate) fn info(&self, name: &str) -> String {
        let info = self.root().get("info").and_then(|info| info.get(name));
        info.and_then(|node| node.text().ok()).unwrap_or_default().to_owned()
    }

    /// Does what may find a problem in this document.
    ///
    /// # Errors
    /// The problem, with the name of the document.
    pub(super) fn read<'d, T>(&'d self, find: impl FnOnce(&'d Self) -> Result<T, Problem>) -> Result<T, Flaw> {
        find(self).map_err(|problem| Flaw { source: self.source.clone(), message: problem.to_string() })
    }

    /// What a local reference leads to.
    pub(super) fn follow<'d>(&'d self, reference: &Node<'d>) -> Result<Node<'d>, Problem> {
        self.root().follow(reference)
    }

    /// The object itself where a reference to it may stand instead: a parameter, body, answer, header or path item.
    pub(super) fn resolved<'d>(&'d self, node: Node<'d>) -> Result<Node<'d>, Problem> {
        let mut seen = Vec::new();
        let mut current = node;
        while let Some(reference) = current.get("$ref") {
            if seen.contains(&current.pointer) {
                return Err(current.problem("the reference leads back to itself"));
            }
            seen.push(current.pointer.clone());
            current = self.follow(&reference)?;
        }
        Ok(current)
    }
}

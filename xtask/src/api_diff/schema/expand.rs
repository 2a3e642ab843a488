//! Knows how references, `allOf`, `anyOf` and `oneOf` multiply out into plain alternatives.

use crate::codegen::{
    json::Json,
    node::{Node, Problem},
};

use super::{super::document::Document, wire::is_prose};

/// More alternatives than a reader could hold apart: such a schema is not compared, it is refused.
const MOST_ALTERNATIVES: usize = 512;

/// Where the schemas with names are.
const COMPONENTS: &str = "/components/schemas/";

/// Plain schemas that all hold, and the name of the component that they are.
#[derive(Debug, Clone, Default)]
pub(super) struct Candidate<'d> {
    pub(super) parts: Vec<Node<'d>>,
    pub(super) name: Option<String>,
    /// Whether null was allowed beside the parts (`nullable` beside a reference, OpenAPI 3.0).
    pub(super) only_null: bool,
}

impl Candidate<'_> {
    /// Where the first part stands that says anything.
    pub(super) fn place(&self) -> Option<&str> {
        let telling = self.parts.iter().find(|part| !is_bare(part));
        telling.or(self.parts.last()).map(|part| part.pointer.as_str())
    }

    fn is_bare(&self) -> bool {
        self.parts.iter().all(is_bare)
    }
}

/// Whether a keyword says something of other schemas, and nothing of a value itself.
pub(super) fn passes_on(key: &str) -> bool {
    matches!(key, "$ref" | "allOf" | "anyOf" | "oneOf" | "nullable" | "discriminator" | "default")
}

/// Whether a schema only passes on to others.
fn is_bare(part: &Node<'_>) -> bool {
    let Json::Object(members) = part.json else { return true };
    members.iter().all(|(key, _)| passes_on(key) || is_prose(key))
}

/// The alternatives of schemas that all hold. `above` are the references being followed.
pub(super) fn all<'d>(
    document: &'d Document,
    nodes: &[Node<'d>],
    above: &mut Vec<String>,
) -> Result<Vec<Candidate<'d>>, Problem> {
    let mut candidates = vec![Candidate::default()];
    for node in nodes {
        candidates = product(&candidates, &expand(document, node, above)?);
        if candidates.len() > MOST_ALTERNATIVES {
            return Err(node.problem(format!("has more than {MOST_ALTERNATIVES} alternatives")));
        }
    }
    Ok(candidates)
}

fn expand<'d>(document: &'d Document, node: &Node<'d>, above: &mut Vec<String>) -> Result<Vec<Candidate<'d>>, Problem> {
    match node.json {
        Json::Bool(true) => return Ok(vec![Candidate::default()]),
        Json::Bool(false) => return Ok(Vec::new()),
        Json::Object(_) => {}
        other => return Err(node.problem(format!("must be a schema, is {}", other.kind()))),
    }
    let own = Candidate { parts: vec![node.clone()], ..Candidate::default() };
    let mut candidates = vec![own];
    if node.has("$ref") {
        candidates = product(&candidates, &referenced(document, node, above)?);
    }
    candidates = product(&candidates, &all(document, &node.items_of("allOf")?, above)?);
    for keyword in ["anyOf", "oneOf"] {
        if node.has(keyword) {
            candidates = product(&candidates, &any(document, &node.items_of(keyword)?, above)?);
        }
    }
    if node.flag("nullable")? && !node.has("type") {
        candidates.push(Candidate { only_null: true, ..Candidate::default() });
    }
    Ok(candidates)
}

fn any<'d>(document: &'d Document, nodes: &[Node<'d>], above: &mut Vec<String>) -> Result<Vec<Candidate<'d>>, Problem> {
    let mut candidates = Vec::new();
    for node in nodes {
        candidates.extend(expand(document, node, above)?);
    }
    Ok(candidates)
}

fn referenced<'d>(
    document: &'d Document,
    node: &Node<'d>,
    above: &mut Vec<String>,
) -> Result<Vec<Candidate<'d>>, Problem> {
    let target = document.follow(&node.require("$ref")?)?;
    if above.contains(&target.pointer) {
        return Err(node.problem("the reference leads back to itself with nothing in between"));
    }
    above.push(target.pointer.clone());
    let mut candidates = expand(document, &target, above)?;
    above.pop();
    let is_single = candidates.len() == 1;
    for candidate in &mut candidates {
        if is_single || candidate.name.is_none() {
            candidate.name = component(&target.pointer).or(candidate.name.take());
        }
    }
    Ok(candidates)
}

/// The name of a component, as people write it.
fn component(pointer: &str) -> Option<String> {
    let name = pointer.strip_prefix(COMPONENTS).filter(|rest| !rest.contains('/'))?;
    Some(name.replace("~1", "/").replace("~0", "~"))
}

fn product<'d>(left: &[Candidate<'d>], right: &[Candidate<'d>]) -> Vec<Candidate<'d>> {
    left.iter().flat_map(|one| right.iter().map(|other| both(one, other))).collect()
}

fn both<'d>(one: &Candidate<'d>, other: &Candidate<'d>) -> Candidate<'d> {
    let name = match (one.is_bare(), other.is_bare()) {
        (true, true) => one.name.as_ref().or(other.name.as_ref()),
        (true, false) => other.name.as_ref(),
        (false, true) => one.name.as_ref(),
        (false, false) => None,
    };
    Candidate {
        name: name.cloned(),
        parts: one.parts.iter().chain(&other.parts).cloned().collect(),
        only_null: one.only_null || other.only_null,
    }
}

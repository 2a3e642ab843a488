//! Knows how paths become operations with names.

use super::{Lowering, notes};
use crate::codegen::api::{Operation, RequestBody};
use crate::codegen::names::{Names, field_name, type_name};
use crate::codegen::node::{Node, Problem};

const METHODS: &[&str] = &["get", "head", "options", "post", "put", "patch", "delete", "trace"];

/// Methods whose repetition changes nothing more (RFC 9110, section 9.2.2).
const IDEMPOTENT: &[&str] = &["get", "head", "options", "put", "delete", "trace"];

/// An operation in the document, not yet read.
#[derive(Debug)]
struct Found<'d> {
    node: Node<'d>,
    path_item: Node<'d>,
    path: &'d str,
    method: &'d str,
    id: String,
}

impl<'d> Lowering<'d> {
    pub(super) fn operations(&mut self) -> Vec<Operation> {
        let found = self.found();
        let Some(mut found) = self.keep(found) else { return Vec::new() };
        tell_twins_apart(&mut found);
        shorten(&mut found);
        let (mut names, mut ids) = (Names::default(), Names::default());
        let mut operations = Vec::new();
        for operation in &mut found {
            operation.id = ids.claim(&field_name(&operation.id));
            let name = names.claim(&type_name(&operation.id));
            let read = self.operation(operation, name);
            operations.extend(self.keep(read));
        }
        operations
    }

    fn found(&mut self) -> Result<Vec<Found<'d>>, Problem> {
        let mut found: Vec<Found<'d>> = Vec::new();
        for (path, path_item) in self.root.members_of("paths")? {
            let path_item = self.resolved(&path_item)?;
            for (method, node) in path_item.members()? {
                if !METHODS.contains(&method) {
                    continue;
                }
                let id = node.text_of("operationId")?.map_or_else(|| format!("{method} {path}"), str::to_owned);
                if let Some(twin) = found.iter().find(|known| known.id == id) {
                    let message = format!("the operationId `{id}` is already that of #{}", twin.node.pointer);
                    self.remarks.push(node.problem(message));
                }
                found.push(Found { node, path_item: path_item.clone(), path, method, id });
            }
        }
        Ok(found)
    }

    fn operation(&mut self, found: &Found<'d>, name: String) -> Result<Operation, Problem> {
        let Found { node, path_item, path, method, id } = found;
        let idempotent = node.get("x-idempotent").map(|flag| flag.boolean()).transpose()?;
        let parameters = self.parameters(path_item, node, &name);
        let body = self.request_body(node, &name);
        let responses = self.responses(node, &name);
        Ok(Operation {
            id: id.clone(),
            pointer: node.pointer.clone(),
            method: (*method).to_owned(),
            path: (*path).to_owned(),
            summary: node.text_of("summary")?.map(str::to_owned),
            notes: notes(node)?,
            parameters: self.keep(parameters).unwrap_or_default(),
            body: self.keep(body).flatten(),
            responses: self.keep(responses).unwrap_or_default(),
            idempotent: idempotent.unwrap_or_else(|| IDEMPOTENT.contains(method)),
            name,
        })
    }

    fn request_body(&mut self, node: &Node<'d>, name: &str) -> Result<Option<RequestBody>, Problem> {
        let Some(body) = node.get("requestBody") else { return Ok(None) };
        let body = self.resolved(&body)?;
        let content = self.content(&body, &format!("{name}Request"))?;
        Ok(Some(RequestBody { pointer: body.pointer.clone(), required: body.flag("required")?, content }))
    }
}

/// Operations that share an id get the one that FastAPI would have made of it. FastAPI only warns of them: they come from
/// functions of the same name in several routers, and from one function behind several methods.
fn tell_twins_apart(found: &mut [Found<'_>]) {
    let ids: Vec<String> = found.iter().map(|operation| operation.id.clone()).collect();
    let bases: Vec<String> = found.iter().map(|operation| short_id(operation).to_owned()).collect();
    for operation in found {
        let twins = || ids.iter().zip(&bases).filter(|(id, _)| **id == operation.id).map(|(_, base)| base);
        if twins().count() > 1 {
            let base = twins().min_by_key(|base| base.len()).cloned().unwrap_or_default();
            operation.id = base + &suffix(operation);
        }
    }
}

/// FastAPI writes `{function}_{path}_{method}`; the function alone says it, where it stays unique.
fn shorten(found: &mut [Found<'_>]) {
    let short: Vec<String> = found.iter().map(|operation| short_id(operation).to_owned()).collect();
    for (index, operation) in found.iter_mut().enumerate() {
        let Some(id) = short.get(index) else { continue };
        if short.iter().filter(|other| *other == id).count() == 1 {
            operation.id.clone_from(id);
        }
    }
}

fn short_id<'f>(found: &'f Found<'_>) -> &'f str {
    found.id.strip_suffix(&suffix(found)).filter(|id| !id.is_empty()).unwrap_or(&found.id)
}

/// `_v1_runs__run_id__get`: the path and the method, as FastAPI writes them into an id.
fn suffix(found: &Found<'_>) -> String {
    let path: String = found.path.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
    format!("{path}_{}", found.method)
}

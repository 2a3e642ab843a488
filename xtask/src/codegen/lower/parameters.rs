//! Knows how parameters are read, and which of them can be written as text.

use super::{Lowering, notes};
use crate::codegen::api::{ListStyle, Parameter, Place, Schema};
use crate::codegen::names::{Names, field_name, type_name};
use crate::codegen::node::{Node, Problem};

/// Headers that are no parameters, whatever a document says (OpenAPI 3.1, Parameter Object).
const NO_PARAMETERS: &[&str] = &["accept", "content-type", "authorization"];

impl<'d> Lowering<'d> {
    /// The parameters of an operation: its own hide those of the path.
    pub(super) fn parameters(
        &mut self,
        path_item: &Node<'d>,
        node: &Node<'d>,
        name: &str,
    ) -> Result<Vec<Parameter>, Problem> {
        let own = self.resolved_items(node)?;
        let mut nodes = self.resolved_items(path_item)?;
        nodes.retain(|shared| !own.iter().any(|parameter| key(parameter) == key(shared)));
        nodes.extend(own);
        // Names that generated code uses for itself.
        let mut names = Names::with_reserved(&["body", "content_type"]);
        let (mut parameters, before) = (Vec::new(), self.problems.len());
        for parameter in nodes {
            let read = self.parameter(&parameter, name, &mut names);
            parameters.extend(self.keep(read).flatten());
        }
        if self.problems.len() == before {
            check_path(node, &parameters)?;
        }
        Ok(parameters)
    }

    fn resolved_items(&self, node: &Node<'d>) -> Result<Vec<Node<'d>>, Problem> {
        node.items_of("parameters")?.iter().map(|parameter| self.resolved(parameter)).collect()
    }

    fn parameter(&mut self, node: &Node<'d>, parent: &str, names: &mut Names) -> Result<Option<Parameter>, Problem> {
        let wire = node.require("name")?.text()?;
        let place = place(&node.require("in")?)?;
        if place == Place::Header && NO_PARAMETERS.contains(&wire.to_ascii_lowercase().as_str()) {
            return Ok(None);
        }
        let list = list_style(node, place)?;
        let mut schema = self.schema(&node.require("schema")?, &format!("{parent}{}", type_name(wire)))?;
        schema.sensitive |= node.flag("x-sensitive")?;
        let required = place == Place::Path || node.flag("required")?;
        let name = names.claim(&field_name(node.text_of("x-rust-name")?.unwrap_or(wire)));
        let mut notes = notes(node)?;
        notes.description = notes.description.or_else(|| schema.notes.description.clone());
        Ok(Some(Parameter { wire: wire.to_owned(), name, place, required, list, schema: without_null(schema), notes }))
    }
}

/// A parameter cannot be null, only absent.
fn without_null(schema: Schema) -> Schema {
    Schema { nullable: false, ..schema }
}

fn key<'d>(node: &Node<'d>) -> (Option<&'d str>, Option<&'d str>) {
    let text = |name| node.text_of(name).ok().flatten();
    (text("name"), text("in"))
}

fn place(node: &Node<'_>) -> Result<Place, Problem> {
    match node.text()? {
        "path" => Ok(Place::Path),
        "query" => Ok(Place::Query),
        "header" => Ok(Place::Header),
        "cookie" => Ok(Place::Cookie),
        other => Err(node.problem(format!("a parameter in `{other}` is not supported"))),
    }
}

/// Only the styles that OpenAPI takes when none is named. A list in the query repeats its name unless it says otherwise.
fn list_style(node: &Node<'_>, place: Place) -> Result<ListStyle, Problem> {
    let usual = match place {
        Place::Path | Place::Header => "simple",
        Place::Query | Place::Cookie => "form",
    };
    if let Some(style) = node.get("style").filter(|style| style.text() != Ok(usual)) {
        return Err(style.problem(format!("only the style `{usual}` is supported here")));
    }
    let explodes = node.get("explode").map_or(Ok(true), |explode| explode.boolean())?;
    Ok(if place == Place::Query && !explodes { ListStyle::Joined } else { ListStyle::Repeated })
}

/// Every name in the template must be a parameter, and every path parameter must be in the template.
fn check_path(node: &Node<'_>, parameters: &[Parameter]) -> Result<(), Problem> {
    let template = node.pointer.rsplit('/').nth(1).unwrap_or_default().replace("~1", "/").replace("~0", "~");
    let in_template: Vec<&str> =
        template.split('{').skip(1).filter_map(|piece| Some(piece.split_once('}')?.0)).collect();
    let declared: Vec<&str> = parameters
        .iter()
        .filter(|parameter| parameter.place == Place::Path)
        .map(|parameter| parameter.wire.as_str())
        .collect();
    if let Some(name) = in_template.iter().find(|name| !declared.contains(name)) {
        return Err(node.problem(format!("the path parameter `{name}` is not declared")));
    }
    if let Some(name) = declared.iter().find(|name| !in_template.contains(name)) {
        return Err(node.problem(format!("the path has no place for the parameter `{name}`")));
    }
    Ok(())
}

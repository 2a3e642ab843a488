//! Knows what an operation answers, by status and media type.

use super::Lowering;
use crate::codegen::api::{Content, Response};
use crate::codegen::names::type_name;
use crate::codegen::node::{Node, Problem};

impl<'d> Lowering<'d> {
    pub(super) fn responses(&mut self, node: &Node<'d>, name: &str) -> Result<Vec<Response>, Problem> {
        let mut responses = Vec::new();
        for (key, response) in node.members_of("responses")? {
            if key.starts_with("x-") {
                continue;
            }
            let response = self.resolved(&response)?;
            let hint = if key.starts_with('2') {
                format!("{name}Response")
            } else {
                format!("{name}Response{}", type_name(key))
            };
            let content = self.content(&response, &hint.replace("Type", ""))?;
            for status in statuses(key, &response)? {
                responses.push(Response { pointer: response.pointer.clone(), status, content: content.clone() });
            }
        }
        Ok(responses)
    }

    /// The media types of a body. Only JSON and forms have a type of their own.
    pub(super) fn content(&mut self, node: &Node<'d>, hint: &str) -> Result<Vec<Content>, Problem> {
        let mut contents = Vec::new();
        for (media_type, node) in node.members_of("content")? {
            let mut content = Content { media_type: media_type.to_owned(), schema: None };
            if content.is_json() || content.is_form() {
                content.schema = node.get("schema").map(|schema| self.schema(&schema, hint)).transpose()?;
            }
            contents.push(content);
        }
        Ok(contents)
    }
}

/// The statuses of a key: one, the range that `4XX` stands for, or the rest.
fn statuses(key: &str, node: &Node<'_>) -> Result<Vec<Option<u16>>, Problem> {
    match key {
        "default" => Ok(vec![None]),
        "1XX" | "3XX" | "4XX" | "5XX" => Ok(Vec::new()),
        "2XX" => Ok(vec![Some(200)]),
        _ => match key.parse() {
            Ok(status) if (100..600).contains(&status) => Ok(vec![Some(status)]),
            _ => Err(node.problem(format!("`{key}` is no status"))),
        },
    }
}

//! Holds a request against the document before anything reads it, and words what is wrong as FastAPI does: every mistake
//! at once, each with its place, pydantic's name for it, and what was sent.

mod body;
mod json_text;
mod mistake;
mod parameter;
mod scalar;

use aig_codegen::{Location, OperationInfo};
use http::{HeaderMap, header};
use serde_json::{Value, json};

use super::problem::Problem;
pub(super) use mistake::Mistake;

/// What a client sent, before it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent<'r> {
    pub(super) path: &'r [(&'static str, String)],
    pub(super) query: &'r [(String, String)],
    pub(super) headers: &'r HeaderMap,
    pub(super) body: &'r [u8],
}

/// # Errors
/// 422 with one entry for each mistake: the path's first, then the query's, then the body's.
pub(super) fn check(operation: &OperationInfo, sent: Sent<'_>) -> Result<(), Problem> {
    let mut mistakes = Mistakes::default();
    for location in [Location::Path, Location::Query] {
        let here = operation.parameters.iter().filter(|parameter| parameter.location == location);
        here.for_each(|parameter| parameter::check(parameter, sent, &mut mistakes));
    }
    if operation.body.is_some() {
        whole_body(operation, sent, &mut mistakes)?;
    }
    mistakes.finish()
}

/// A body that is no JSON ends everything: nothing else is said then.
fn whole_body(operation: &OperationInfo, sent: Sent<'_>, mistakes: &mut Mistakes) -> Result<(), Problem> {
    let place = || vec![json!("body")];
    if sent.body.is_empty() {
        mistakes.note(place(), Mistake::missing(), Some(Value::Null));
        return Ok(());
    }
    if !is_json(sent.headers) {
        mistakes.note(place(), Mistake::no_object(), None);
        return Ok(());
    }
    let value = serde_json::from_slice(sent.body).map_err(|error| json_text::problem(sent.body, &error))?;
    body::check(operation, &value, mistakes);
    Ok(())
}

/// Without a media type, JSON is meant.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(sent) = headers.get(header::CONTENT_TYPE) else { return true };
    let media_type = sent.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let subtype = media_type.to_ascii_lowercase();
    subtype == "application/json" || (subtype.starts_with("application/") && subtype.ends_with("+json"))
}

/// Nobody reads more of them, and a body of 32 MiB could have millions.
const MOST_MISTAKES: usize = 1_000;

/// How much of a text that was sent is said again, in bytes.
const LONGEST_INPUT: usize = 1_024;

/// What is wrong with a request: everything, or the first of very much.
#[derive(Debug, Default)]
pub(super) struct Mistakes(Vec<Value>);

impl Mistakes {
    /// Whether there are so many that no more are noted: who looks for them can stop.
    pub(super) fn are_enough(&self) -> bool {
        self.0.len() >= MOST_MISTAKES
    }

    /// Notes a mistake at a place: `"body"`, then names and numbers. `input` is left out where it may be a secret or has
    /// parts, and cut where it is long.
    pub(super) fn note(&mut self, loc: Vec<Value>, mistake: Mistake, input: Option<Value>) {
        if self.are_enough() {
            return;
        }
        let mut entry = json!({"type": mistake.kind, "loc": loc, "msg": mistake.message});
        if let Some(input) = input {
            entry["input"] = cut(input);
        }
        if let Some(ctx) = mistake.ctx {
            entry["ctx"] = ctx;
        }
        self.0.push(entry);
    }

    pub(super) fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::unprocessable(self.0)) }
    }
}

fn cut(input: Value) -> Value {
    match input {
        Value::String(text) if text.len() > LONGEST_INPUT => {
            let (end, _) = text.char_indices().take_while(|(at, _)| *at < LONGEST_INPUT).last().unwrap_or_default();
            Value::from(format!("{}…", text.get(..end).unwrap_or_default()))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests;

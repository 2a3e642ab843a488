//! What the tests of the comparison share: a small document, edits of it, and tables of what they must give.

mod answers;
mod inputs;
mod neutral;
mod operations;
mod outputs;
mod own_document;
mod parameters;
mod reordered;
mod reports;
mod reversed;
mod unreadable;

use serde_json::Value;

use crate::codegen::json::Json;

use super::{
    change::Change,
    compare::compare,
    document::{Document, Flaw},
    verdict::{Impact, Verdict},
};

/// One edit of a document.
enum Edit {
    /// Sets what a pointer leads to; the last step may be new.
    Set(&'static str, Value),
    Drop(&'static str),
    /// Appends to a list.
    Push(&'static str, Value),
}

fn set(pointer: &'static str, value: Value) -> Edit {
    Edit::Set(pointer, value)
}

fn push(pointer: &'static str, value: Value) -> Edit {
    Edit::Push(pointer, value)
}

/// A row of a table: edits, and the changes they give as `rule CLIENTS/SERVERS` (B, R or C).
struct Row {
    name: &'static str,
    edits: Vec<Edit>,
    changes: &'static [&'static str],
}

fn row(name: &'static str, edits: impl Into<Vec<Edit>>, changes: &'static [&'static str]) -> Row {
    Row { name, edits: edits.into(), changes }
}

fn base() -> Value {
    serde_json::from_str(include_str!("base.json")).unwrap()
}

impl Edit {
    fn apply(&self, document: &mut Value) {
        match self {
            Self::Set(pointer, value) => {
                let (parent, last) = parent(document, pointer);
                match parent {
                    Value::Array(items) => items[last.parse::<usize>().unwrap()] = value.clone(),
                    other => other[last] = value.clone(),
                }
            }
            Self::Drop(pointer) => {
                let (parent, last) = parent(document, pointer);
                match parent {
                    Value::Array(items) => drop(items.remove(last.parse().unwrap())),
                    other => drop(other.as_object_mut().unwrap().remove(&last).unwrap()),
                }
            }
            Self::Push(pointer, value) => {
                document.pointer_mut(pointer).unwrap().as_array_mut().unwrap().push(value.clone());
            }
        }
    }
}

fn parent<'v>(document: &'v mut Value, pointer: &str) -> (&'v mut Value, String) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer} has no parent"));
    (parent, last.replace("~1", "/").replace("~0", "~"))
}

fn edited(edits: &[Edit]) -> Value {
    let mut document = base();
    edits.iter().for_each(|edit| edit.apply(&mut document));
    document
}

fn document(source: &str, value: &Value) -> Result<Document, Flaw> {
    Document::new(source, json(value))
}

fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(number) => Json::Number(number.clone()),
        Value::String(text) => Json::String(text.clone()),
        Value::Array(items) => Json::Array(items.iter().map(json).collect()),
        Value::Object(members) => Json::Object(members.iter().map(|(key, value)| (key.clone(), json(value))).collect()),
    }
}

fn difference(old: &Value, new: &Value) -> Vec<Change> {
    let (old, new) = (document("old", old).unwrap(), document("new", new).unwrap());
    compare(&old, &new).unwrap()
}

/// Such as `field-added C/R`.
fn brief(change: &Change) -> String {
    let letter = |impact| match impact {
        Impact::Breaking => 'B',
        Impact::Risky => 'R',
        Impact::Compatible => 'C',
    };
    format!("{} {}/{}", change.rule, letter(change.verdict.clients), letter(change.verdict.servers))
}

/// What of a change turns round when the documents are swapped.
fn mirror(change: &Change, flip: bool) -> (String, String, Vec<&'static str>, [Impact; 2]) {
    let Verdict { clients, servers } = change.verdict;
    let pointers = (change.pointers.old.clone(), change.pointers.new.clone());
    let positions = change.positions.iter().map(|position| position.name()).collect();
    let (old, new) = if flip { (pointers.1, pointers.0) } else { pointers };
    (old, new, positions, if flip { [servers, clients] } else { [clients, servers] })
}

/// Checks a table: each row gives its changes, and the swapped documents give them mirrored.
fn check(rows: Vec<Row>) {
    let mut wrong = Vec::new();
    for row in rows {
        let (old, new) = (base(), edited(&row.edits));
        let forward = difference(&old, &new);
        let mut found: Vec<_> = forward.iter().map(brief).collect();
        let mut wanted: Vec<_> = row.changes.iter().map(|text| (*text).to_owned()).collect();
        found.sort();
        wanted.sort();
        if found != wanted {
            wrong.push(format!("{}:\n  wanted {wanted:?}\n  found  {found:?}", row.name));
        }
        let mut there: Vec<_> = forward.iter().map(|change| mirror(change, false)).collect();
        let mut back: Vec<_> = difference(&new, &old).iter().map(|change| mirror(change, true)).collect();
        there.sort();
        back.sort();
        if there != back {
            wrong.push(format!("{} is not mirrored:\n  there {there:?}\n  back  {back:?}", row.name));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

//! Puts null where an answer has nothing to say: a service of FastAPI sends every member of its models, and scripts count on it.

use std::{collections::HashMap, sync::LazyLock};

use aig_codegen::{OPERATIONS, OperationInfo};
use serde_json::Value;

use super::document;

/// Where members that may be null are, in the answers of an operation.
#[derive(Debug)]
enum Shape {
    Plain,
    List(Box<Self>),
    Object(Vec<Member>),
}

#[derive(Debug)]
struct Member {
    name: &'static str,
    may_be_null: bool,
    shape: Shape,
}

static SHAPES: LazyLock<HashMap<&'static str, Shape>> =
    LazyLock::new(|| OPERATIONS.iter().map(|it| (it.id, shape(document::answer(it, it.success)))).collect());

/// The same answer, with every member that the document lets be null.
pub(super) fn filled(operation: &OperationInfo, mut answer: Value) -> Value {
    if let Some(shape) = SHAPES.get(operation.id) {
        fill(shape, &mut answer);
    }
    answer
}

fn fill(shape: &Shape, value: &mut Value) {
    match (shape, value) {
        (Shape::List(shape), Value::Array(items)) => items.iter_mut().for_each(|item| fill(shape, item)),
        (Shape::Object(known), Value::Object(members)) => {
            for member in known {
                match members.get_mut(member.name) {
                    Some(value) => fill(&member.shape, value),
                    None if member.may_be_null => _ = members.insert(member.name.to_owned(), Value::Null),
                    None => {}
                }
            }
        }
        _ => {}
    }
}

fn shape(schema: &'static Value) -> Shape {
    let schema = document::resolved(schema);
    if let Some((something, _)) = document::choice(schema) {
        return shape(something);
    }
    if schema["type"] == "array" {
        return Shape::List(Box::new(shape(&schema["items"])));
    }
    let Some(properties) = schema["properties"].as_object() else { return Shape::Plain };
    let member = |(name, schema): (&'static String, _)| {
        let may_be_null = document::choice(schema).is_some_and(|(_, may_be_null)| may_be_null);
        Member { name, may_be_null, shape: shape(schema) }
    };
    Shape::Object(properties.iter().map(member).collect())
}

//! Knows what can be said only when every type is read: nullability behind names, circles of types.

use std::collections::{BTreeMap, BTreeSet};

use crate::codegen::api::{Api, Format, Place, Schema, Ty, TypeDef, TypeKind};
use crate::codegen::node::Problem;

pub(super) fn finish(api: &mut Api, problems: &mut Vec<Problem>) {
    spread_null(api);
    break_alias_circles(api, problems);
    box_circles(api);
    write_parameters_as_text(api, problems);
}

/// A parameter is a text: where several kinds of value fit, the text itself is the parameter.
fn write_parameters_as_text(api: &mut Api, problems: &mut Vec<Problem>) {
    let mut operations = std::mem::take(&mut api.operations);
    for parameter in operations.iter_mut().flat_map(|operation| &mut operation.parameters) {
        let element = match &api.resolve(&parameter.schema).ty {
            Ty::Array(items) if parameter.place != Place::Path => items,
            _ => &parameter.schema,
        };
        match fit(api, element) {
            Fit::Text => {}
            Fit::Several if *element == parameter.schema => parameter.schema.ty = Ty::Text(Format::Plain),
            Fit::Several => {
                let items = Schema::of(Ty::Text(Format::Plain), &element.pointer);
                parameter.schema.ty = Ty::Array(Box::new(items));
            }
            Fit::Nothing => problems.push(Problem {
                pointer: parameter.schema.pointer.clone(),
                message: format!("the parameter `{}` cannot be written as text", parameter.wire),
            }),
        }
    }
    api.operations = operations;
}

/// How a value fits into a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Text,
    /// It may be of several kinds, all of them texts.
    Several,
    Nothing,
}

fn fit(api: &Api, schema: &Schema) -> Fit {
    match &api.resolve(schema).ty {
        Ty::Any => Fit::Several,
        Ty::Boolean | Ty::Integer | Ty::Unsigned | Ty::BigInteger | Ty::Number | Ty::Text(_) => Fit::Text,
        Ty::Named(name) => match api.find(name).map(|def| &def.kind) {
            Some(TypeKind::Enum(_)) => Fit::Text,
            Some(TypeKind::Union(union)) if union.members.iter().all(|m| fit(api, &m.schema) != Fit::Nothing) => {
                Fit::Several
            }
            _ => Fit::Nothing,
        },
        Ty::Null | Ty::Object | Ty::Array(_) | Ty::Tuple(_) | Ty::Map(_) => Fit::Nothing,
    }
}

/// A use of a type that allows null allows null.
fn spread_null(api: &mut Api) {
    let mut nullable: BTreeSet<String> =
        api.types.iter().filter(|def| def.nullable).map(|def| def.name.clone()).collect();
    // A name for a name that allows null allows null too, however long the chain.
    loop {
        let before = nullable.len();
        for def in &api.types {
            if let TypeKind::Alias(Schema { ty: Ty::Named(target), .. }) = &def.kind
                && nullable.contains(target)
            {
                nullable.insert(def.name.clone());
            }
        }
        if nullable.len() == before {
            break;
        }
    }
    each_schema(api, &mut |schema| {
        if let Ty::Named(name) = &schema.ty {
            schema.nullable |= nullable.contains(name);
        }
    });
    for def in &mut api.types {
        if let TypeKind::Alias(schema) = &mut def.kind {
            schema.nullable = false;
        }
    }
}

fn each_schema(api: &mut Api, change: &mut impl FnMut(&mut Schema)) {
    for def in &mut api.types {
        match &mut def.kind {
            TypeKind::Struct(structure) => {
                structure.fields.iter_mut().for_each(|field| walk(&mut field.schema, change));
                structure.rest.iter_mut().for_each(|rest| walk(rest, change));
            }
            TypeKind::Union(union) => union.members.iter_mut().for_each(|member| walk(&mut member.schema, change)),
            TypeKind::Alias(schema) | TypeKind::Newtype(schema) => walk(schema, change),
            TypeKind::Enum(_) => {}
        }
    }
    for operation in &mut api.operations {
        let bodies = operation.body.iter_mut().flat_map(|body| &mut body.content);
        let answers = operation.responses.iter_mut().flat_map(|response| &mut response.content);
        bodies.chain(answers).filter_map(|content| content.schema.as_mut()).for_each(|schema| walk(schema, change));
    }
}

fn walk(schema: &mut Schema, change: &mut impl FnMut(&mut Schema)) {
    change(schema);
    match &mut schema.ty {
        Ty::Array(inner) | Ty::Map(inner) => walk(inner, change),
        Ty::Tuple(items) => items.iter_mut().for_each(|item| walk(item, change)),
        _ => {}
    }
}

/// The names that a schema mentions: all of them, or only those it holds without a list or a map between.
fn mentions(schema: &Schema, within: Within, names: &mut BTreeSet<String>) {
    match &schema.ty {
        Ty::Named(name) => {
            names.insert(name.clone());
        }
        Ty::Tuple(items) => items.iter().for_each(|item| mentions(item, within, names)),
        Ty::Array(inner) | Ty::Map(inner) if within == Within::Anything => mentions(inner, within, names),
        _ => {}
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    /// Lists and maps too.
    Anything,
    /// Only what lies in the value itself.
    Value,
}

type Graph = BTreeMap<String, BTreeSet<String>>;

fn reaches(graph: &Graph, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        for next in graph.get(name).into_iter().flatten() {
            if next == to {
                return true;
            }
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    false
}

/// A name for a list of itself needs a type of its own; a name for itself means nothing.
fn break_alias_circles(api: &mut Api, problems: &mut Vec<Problem>) {
    let (mut all, mut direct) = (Graph::new(), Graph::new());
    for def in &api.types {
        if let TypeKind::Alias(schema) = &def.kind {
            mentions(schema, Within::Anything, all.entry(def.name.clone()).or_default());
            mentions(schema, Within::Value, direct.entry(def.name.clone()).or_default());
        }
    }
    for def in &mut api.types {
        let TypeKind::Alias(schema) = &def.kind else { continue };
        if reaches(&direct, &def.name, &def.name) {
            let what = match schema.ty {
                Ty::Tuple(_) => "a list of fixed entries that holds itself is not supported",
                _ => "the schema is nothing but itself",
            };
            problems.push(Problem { pointer: def.pointer.clone(), message: what.to_owned() });
        }
        if reaches(&all, &def.name, &def.name) {
            def.kind = TypeKind::Newtype(schema.clone());
        }
    }
}

/// Boxes what would make a type infinitely large.
fn box_circles(api: &mut Api) {
    let graph: Graph = api.types.iter().map(|def| (def.name.clone(), held(def))).collect();
    for def in &mut api.types {
        let name = def.name.clone();
        let circular = |schema: &Schema| {
            let mut names = BTreeSet::new();
            mentions(schema, Within::Value, &mut names);
            names.iter().any(|held| *held == name || reaches(&graph, held, &name))
        };
        match &mut def.kind {
            TypeKind::Struct(structure) => {
                structure.fields.iter_mut().for_each(|field| field.boxed = circular(&field.schema));
            }
            TypeKind::Union(union) => {
                union.members.iter_mut().for_each(|member| member.boxed = circular(&member.schema));
            }
            _ => {}
        }
    }
}

fn held(def: &TypeDef) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    match &def.kind {
        TypeKind::Struct(structure) => {
            structure.fields.iter().for_each(|field| mentions(&field.schema, Within::Value, &mut names));
        }
        TypeKind::Union(union) => {
            union.members.iter().for_each(|member| mentions(&member.schema, Within::Value, &mut names));
        }
        TypeKind::Alias(schema) | TypeKind::Newtype(schema) => mentions(schema, Within::Value, &mut names),
        TypeKind::Enum(_) => {}
    }
    names
}

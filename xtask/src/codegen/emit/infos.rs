//! Knows how the facts about an operation are written as a constant, and how its answer is read.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::idents::ident;
use super::limits::expression;
use super::types::Types;
use crate::codegen::api::{Content, Format, ListStyle, Operation, Parameter, Place, Response, Schema, Ty, TypeKind};
use crate::codegen::json::Json;

/// How a success is read.
#[derive(Debug)]
pub(super) enum Answer<'o> {
    Json(&'o Schema),
    Untyped,
    Bytes,
    Redirect,
    Empty,
}

/// The success that an operation is sent for, and its status.
pub(super) fn answer(operation: &Operation) -> (Answer<'_>, u16) {
    let successes = || operation.responses.iter().filter_map(|response| Some((response, response.status?)));
    let good = || successes().filter(|(_, status)| (200..300).contains(status));
    let contents =
        || good().flat_map(|(response, status)| response.content.iter().map(move |content| (content, status)));
    if let Some((schema, status)) = contents().find_map(|(content, status)| Some((typed(content)?, status))) {
        return (Answer::Json(schema), status);
    }
    if let Some((_, status)) = contents().find(|(content, _)| !content.is_json()) {
        return (Answer::Bytes, status);
    }
    if let Some(status) = redirect(operation) {
        return (Answer::Redirect, good().map(|(_, status)| status).next().unwrap_or(status));
    }
    if let Some((_, status)) = contents().next() {
        return (Answer::Untyped, status);
    }
    (Answer::Empty, good().map(|(_, status)| status).next().unwrap_or(200))
}

fn typed(content: &Content) -> Option<&Schema> {
    content.schema.as_ref().filter(|schema| content.is_json() && schema.ty != Ty::Any)
}

/// The status that leads elsewhere. 304 leads nowhere.
fn redirect(operation: &Operation) -> Option<u16> {
    let statuses = operation.responses.iter().filter_map(|response| response.status);
    statuses.into_iter().find(|status| matches!(status, 301 | 302 | 303 | 307 | 308))
}

fn errors(responses: &[Response]) -> impl Iterator<Item = Literal> {
    let mut statuses: Vec<u16> =
        responses.iter().filter_map(|response| response.status).filter(|s| *s >= 400).collect();
    statuses.sort_unstable();
    statuses.dedup();
    statuses.into_iter().map(Literal::u16_unsuffixed)
}

pub(super) fn info(types: &Types<'_>, operation: &Operation) -> TokenStream {
    let Operation { id, path, idempotent, .. } = operation;
    let summary = operation.summary.as_deref().or(operation.notes.title.as_deref()).unwrap_or_default();
    let deprecated = operation.notes.deprecated;
    let method = method(&operation.method);
    let parameters = operation.parameters.iter().map(|parameter| parameter_info(types, parameter));
    let (answer, success) = answer(operation);
    let success = Literal::u16_unsuffixed(success);
    let answer = match answer {
        Answer::Json(_) => quote!(Json),
        Answer::Untyped => quote!(Untyped),
        Answer::Bytes => quote!(Bytes),
        Answer::Redirect => quote!(Redirect),
        Answer::Empty => quote!(Empty),
    };
    let redirect = option(redirect(operation).map(Literal::u16_unsuffixed));
    let errors = errors(&operation.responses);
    let body = option(operation.body.as_ref().and_then(super::bodies::main_content).map(|content| &content.media_type));
    quote! {
        &OperationInfo {
            id: #id,
            summary: #summary,
            method: Method::#method,
            path: #path,
            parameters: &[#(#parameters),*],
            body: #body,
            success: #success,
            answer: Answer::#answer,
            redirect: #redirect,
            errors: &[#(#errors),*],
            idempotent: #idempotent,
            deprecated: #deprecated,
        }
    }
}

fn option(value: Option<impl quote::ToTokens>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}

fn method(name: &str) -> proc_macro2::Ident {
    ident(&crate::codegen::names::variant_name(name))
}

pub(super) fn location(place: Place) -> TokenStream {
    match place {
        Place::Path => quote!(Location::Path),
        Place::Query => quote!(Location::Query),
        Place::Header => quote!(Location::Header),
        Place::Cookie => quote!(Location::Cookie),
    }
}

fn parameter_info(types: &Types<'_>, parameter: &Parameter) -> TokenStream {
    let Parameter { wire, required, schema, .. } = parameter;
    let location = location(parameter.place);
    let element = element(types, schema);
    let kind = kind(types, element);
    let is_joined = is_joined(types, parameter);
    let repeated = is_list(types, schema) && !is_joined;
    let joined = is_joined.then(|| quote!(joined: true,));
    let sensitive = element.sensitive || schema.sensitive;
    let limits = expression(&element.limits).map(|limits| quote!(limits: #limits,));
    let default = match &schema.default {
        Some(Json::String(text)) => Some(text.clone()),
        Some(value @ (Json::Number(_) | Json::Bool(_))) => Some(value.to_string()),
        _ => None,
    };
    let default = default.map(|text| quote!(default: Some(#text),));
    quote! {
        ParameterInfo {
            name: #wire,
            location: #location,
            kind: #kind,
            required: #required,
            repeated: #repeated,
            #joined
            sensitive: #sensitive,
            #limits
            #default
            ..ParameterInfo::BLANK
        }
    }
}

/// Whether all values stand behind one name.
pub(super) fn is_joined(types: &Types<'_>, parameter: &Parameter) -> bool {
    parameter.list == ListStyle::Joined && is_list(types, &parameter.schema)
}

pub(super) fn is_list(types: &Types<'_>, schema: &Schema) -> bool {
    matches!(types.api.resolve(schema).ty, Ty::Array(_))
}

/// What is repeated, or the value itself; with its own limits or else those behind its name.
fn element<'s>(types: &'s Types<'_>, schema: &'s Schema) -> &'s Schema {
    match &types.api.resolve(schema).ty {
        Ty::Array(items) => items,
        _ => schema,
    }
}

/// What the text of a parameter stands for.
pub(super) fn kind(types: &Types<'_>, schema: &Schema) -> TokenStream {
    match &types.api.resolve(schema).ty {
        Ty::Boolean => quote!(ValueKind::Boolean),
        Ty::Integer | Ty::Unsigned => quote!(ValueKind::Integer),
        Ty::Number | Ty::BigInteger => quote!(ValueKind::Number),
        Ty::Text(Format::Uuid) => quote!(ValueKind::Uuid),
        Ty::Text(Format::Timestamp) => quote!(ValueKind::Timestamp),
        Ty::Text(Format::Date) => quote!(ValueKind::Date),
        Ty::Named(name) => match types.api.find(name).map(|def| &def.kind) {
            Some(TypeKind::Enum(_)) => {
                let name = ident(name);
                quote!(ValueKind::OneOf(models::#name::VALUES))
            }
            _ => quote!(ValueKind::Text),
        },
        _ => quote!(ValueKind::Text),
    }
}

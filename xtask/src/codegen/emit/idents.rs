//! Knows identifiers and the imports that a piece of code needs.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

use crate::codegen::names::is_keyword;

pub(super) fn ident(name: &str) -> Ident {
    if is_keyword(name) { Ident::new_raw(name, Span::call_site()) } else { Ident::new(name, Span::call_site()) }
}

/// Everything that the code names and does not define, each import only when it is needed.
pub(super) fn imports(code: &TokenStream) -> TokenStream {
    let mut used = BTreeSet::new();
    collect(code.clone(), &mut used);
    let mut imports = TokenStream::new();
    for (name, import) in [
        (
            "BTreeMap",
            quote!(
                use std::collections::BTreeMap;
            ),
        ),
        (
            "Timestamp",
            quote!(
                use jiff::Timestamp;
            ),
        ),
        (
            "Date",
            quote!(
                use jiff::civil::Date;
            ),
        ),
        (
            "Deserialize",
            quote!(
                use serde::Deserialize;
            ),
        ),
        (
            "Deserializer",
            quote!(
                use serde::Deserializer;
            ),
        ),
        (
            "Serialize",
            quote!(
                use serde::Serialize;
            ),
        ),
        (
            "Map",
            quote!(
                use serde_json::Map;
            ),
        ),
        (
            "Number",
            quote!(
                use serde_json::Number;
            ),
        ),
        (
            "Value",
            quote!(
                use serde_json::Value;
            ),
        ),
        (
            "Uuid",
            quote!(
                use uuid::Uuid;
            ),
        ),
    ] {
        if used.contains(name) {
            imports.extend(import);
        }
    }
    let support: Vec<Ident> = [
        "Answer",
        "Body",
        "Checker",
        "DecodeError",
        "EncodeError",
        "InvalidParameter",
        "Limits",
        "Location",
        "Method",
        "Nullable",
        "Operation",
        "OperationInfo",
        "ParameterInfo",
        "Parts",
        "Reader",
        "Sensitive",
        "Target",
        "UnionReader",
        "UnknownValue",
        "Validate",
        "ValueKind",
        "Violations",
    ]
    .into_iter()
    .filter(|name| used.contains(*name))
    .map(ident)
    .collect();
    if !support.is_empty() {
        imports.extend(quote!(use aig_codegen::{#(#support),*};));
    }
    imports
}

fn collect(code: TokenStream, used: &mut BTreeSet<String>) {
    for token in code {
        match token {
            TokenTree::Ident(name) => {
                used.insert(name.to_string());
            }
            TokenTree::Group(group) => collect(group.stream(), used),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

//! Knows identifiers and the imports that a piece of code needs.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

use crate::codegen::names::is_keyword;

pub(super) fn ident(name: &str) -> Ident {
    if is_keyword(name) { Ident::new_raw(name, Span::call_site()) } else { Ident::new(name, Span::call_site()) }
}

/// Names of other crates, and where they live.
const FOREIGN: &[(&str, &str)] = &[
    ("BTreeMap", "std::collections::BTreeMap"),
    ("Map", "serde_json::Map"),
    ("Number", "serde_json::Number"),
    ("Value", "serde_json::Value"),
    ("Uuid", "uuid::Uuid"),
];

/// Names of the support that is written by hand.
const SUPPORT: &[&str] = &[
    "Answer",
    "Body",
    "Bound",
    "Checker",
    "Date",
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
    "Timestamp",
    "UnknownValue",
    "Validate",
    "ValueKind",
    "Violations",
];

/// Everything that the code names and does not define, each import only when it is needed.
pub(super) fn imports(code: &TokenStream) -> TokenStream {
    let mut used = BTreeSet::new();
    collect(code.clone(), &mut used);
    let mut imports = TokenStream::new();
    for (_, path) in FOREIGN.iter().filter(|(name, _)| used.contains(*name)) {
        let path = foreign(path);
        imports.extend(quote!(use #path;));
    }
    let support: Vec<Ident> = SUPPORT.iter().filter(|name| used.contains(**name)).map(|name| ident(name)).collect();
    if !support.is_empty() {
        imports.extend(quote!(use aig_codegen::{#(#support),*};));
    }
    imports
}

fn foreign(path: &str) -> TokenStream {
    let segments = path.split("::").map(|segment| Ident::new(segment, Span::call_site()));
    quote!(#(#segments)::*)
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

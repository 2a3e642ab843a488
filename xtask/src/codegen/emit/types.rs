//! Knows the Rust type of a schema.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::idents::ident;
use crate::codegen::api::{Api, Format, Operation, Schema, Ty, TypeDef, TypeKind};

/// The types of an API, and what holds for them as a whole.
#[derive(Debug)]
pub(super) struct Types<'a> {
    pub(super) api: &'a Api,
    /// Types with a float somewhere inside: they have no `Eq`.
    inexact: BTreeSet<&'a str>,
    /// Types that requests are made of: they can be validated.
    sent: BTreeSet<&'a str>,
    /// What stands before the name of a type.
    prefix: TokenStream,
}

impl<'a> Types<'a> {
    pub(super) fn new(api: &'a Api) -> Self {
        let mut types = Self { api, inexact: BTreeSet::new(), sent: BTreeSet::new(), prefix: TokenStream::new() };
        types.inexact = types.inexact();
        types.sent = types.sent();
        types
    }

    /// The same types, as the operations name them.
    pub(super) fn for_operations(&self) -> Self {
        let (inexact, sent) = (self.inexact.clone(), self.sent.clone());
        Self { api: self.api, inexact, sent, prefix: quote!(models::) }
    }

    pub(super) fn is_sent(&self, name: &str) -> bool {
        self.sent.contains(name)
    }

    /// `, Eq` for a type without floats.
    pub(super) fn eq(&self, name: &str) -> Option<TokenStream> {
        (!self.inexact.contains(name)).then(|| quote!(, Eq))
    }

    /// The type of a value that is not null.
    pub(super) fn value(&self, schema: &Schema) -> TokenStream {
        match &schema.ty {
            Ty::Any => quote!(Value),
            Ty::Null => quote!(()),
            Ty::Boolean => quote!(bool),
            Ty::Integer => quote!(i64),
            Ty::Unsigned => quote!(u64),
            Ty::BigInteger => quote!(Number),
            Ty::Number => quote!(f64),
            Ty::Text(_) if schema.sensitive => quote!(Sensitive),
            Ty::Text(Format::Timestamp) => quote!(Timestamp),
            Ty::Text(Format::Date) => quote!(Date),
            Ty::Text(Format::Uuid) => quote!(Uuid),
            Ty::Text(Format::Plain | Format::Other(_) | Format::Binary) => quote!(String),
            Ty::Object => quote!(Map<String, Value>),
            Ty::Array(items) => {
                let items = self.nullable(items);
                quote!(Vec<#items>)
            }
            Ty::Tuple(items) => {
                let items = items.iter().map(|item| self.nullable(item));
                quote!((#(#items,)*))
            }
            Ty::Map(values) => {
                let values = self.nullable(values);
                quote!(BTreeMap<String, #values>)
            }
            Ty::Named(name) => {
                let (prefix, name) = (&self.prefix, ident(name));
                quote!(#prefix #name)
            }
        }
    }

    /// The type of a value that may be null where the schema allows it.
    pub(super) fn nullable(&self, schema: &Schema) -> TokenStream {
        let value = self.value(schema);
        // Any value is null as well as it is.
        if schema.nullable && schema.ty != Ty::Any { quote!(Option<#value>) } else { value }
    }

    /// The type of an argument, and the expression that makes the value of it.
    pub(super) fn argument(&self, schema: &Schema, name: &TokenStream) -> (TokenStream, TokenStream) {
        let resolved = self.api.resolve(schema);
        match &resolved.ty {
            _ if is_convertible(resolved) => {
                let value = self.value(schema);
                (quote!(impl Into<#value>), quote!(#name.into()))
            }
            Ty::Array(items) if !items.nullable && is_convertible(self.api.resolve(items)) => {
                let items = self.value(items);
                (
                    quote!(impl IntoIterator<Item = impl Into<#items>>),
                    quote!(#name.into_iter().map(Into::into).collect()),
                )
            }
            Ty::Array(items) => {
                let items = self.nullable(items);
                (quote!(impl IntoIterator<Item = #items>), quote!(#name.into_iter().collect()))
            }
            _ => (self.value(schema), quote!(#name)),
        }
    }

    /// Grows a set of types until nothing more belongs to it.
    fn closure(&self, belongs: impl Fn(&TypeDef, &BTreeSet<&'a str>) -> bool) -> BTreeSet<&'a str> {
        let mut set = BTreeSet::new();
        loop {
            let more: Vec<_> =
                self.api.types.iter().filter(|def| !set.contains(def.name.as_str()) && belongs(def, &set)).collect();
            if more.is_empty() {
                return set;
            }
            set.extend(more.iter().map(|def| def.name.as_str()));
        }
    }

    fn inexact(&self) -> BTreeSet<&'a str> {
        self.closure(|def, known| schemas_of(def).iter().any(|schema| has_float(schema, known)))
    }

    fn sent(&self) -> BTreeSet<&'a str> {
        let mut open: Vec<&'a str> = self.api.operations.iter().flat_map(request_names).collect();
        let mut sent = BTreeSet::new();
        while let Some(name) = open.pop() {
            if sent.insert(name)
                && let Some(def) = self.api.find(name)
            {
                schemas_of(def).into_iter().for_each(|schema| names_in(schema, &mut open));
            }
        }
        sent
    }
}

/// Whether callers have the value in another type as well: a `&str`, an instant or a day of jiff.
const fn is_convertible(schema: &Schema) -> bool {
    matches!(schema.ty, Ty::Text(Format::Plain | Format::Other(_) | Format::Binary | Format::Timestamp | Format::Date))
}

fn request_names(operation: &Operation) -> Vec<&str> {
    let mut names = Vec::new();
    for content in operation.body.iter().flat_map(|body| &body.content) {
        content.schema.iter().for_each(|schema| names_in(schema, &mut names));
    }
    names
}

/// The schemas that a type is made of.
fn schemas_of(def: &TypeDef) -> Vec<&Schema> {
    match &def.kind {
        TypeKind::Struct(structure) => {
            structure.fields.iter().map(|field| &field.schema).chain(structure.rest.as_ref()).collect()
        }
        TypeKind::Union(union) => union.members.iter().map(|member| &member.schema).collect(),
        TypeKind::Alias(schema) | TypeKind::Newtype(schema) => vec![schema],
        TypeKind::Enum(_) => Vec::new(),
    }
}

fn names_in<'s>(schema: &'s Schema, names: &mut Vec<&'s str>) {
    match &schema.ty {
        Ty::Named(name) => names.push(name),
        Ty::Array(inner) | Ty::Map(inner) => names_in(inner, names),
        Ty::Tuple(items) => items.iter().for_each(|item| names_in(item, names)),
        _ => {}
    }
}

fn has_float(schema: &Schema, inexact: &BTreeSet<&str>) -> bool {
    match &schema.ty {
        Ty::Number => true,
        Ty::Named(name) => inexact.contains(name.as_str()),
        Ty::Array(inner) | Ty::Map(inner) => has_float(inner, inexact),
        Ty::Tuple(items) => items.iter().any(|item| has_float(item, inexact)),
        _ => false,
    }
}

//! Knows how limits are checked before sending.

use proc_macro2::TokenStream;
use quote::quote;

use super::idents::ident;
use super::limits::expression;
use super::types::Types;
use crate::codegen::api::{Field, Format, Limits, Schema, Struct, Ty, TypeDef, TypeKind, Union};

/// How generated code gets at a value.
#[derive(Debug, Clone)]
pub(super) enum Access {
    /// A variable that is a reference.
    Binding(TokenStream),
    /// A member of something.
    Member(TokenStream),
}

impl Access {
    pub(super) fn binding(name: &str) -> Self {
        let name = ident(name);
        Self::Binding(quote!(#name))
    }

    fn reference(&self) -> TokenStream {
        match self {
            Self::Binding(value) => quote!(#value),
            Self::Member(value) => quote!(&#value),
        }
    }

    fn copied(&self) -> TokenStream {
        match self {
            Self::Binding(value) => quote!(*#value),
            Self::Member(value) => quote!(#value),
        }
    }

    /// What a method is called on.
    const fn receiver(&self) -> &TokenStream {
        match self {
            Self::Binding(value) | Self::Member(value) => value,
        }
    }
}

/// The check of a value; `None` when there is nothing to check.
pub(super) fn check(types: &Types<'_>, schema: &Schema, value: &Access) -> Option<TokenStream> {
    let resolved = types.api.resolve(schema);
    let limits = if schema.limits == Limits::default() { &resolved.limits } else { &schema.limits };
    let limits = expression(limits);
    let (reference, copied, receiver) = (value.reference(), value.copied(), value.receiver());
    match &resolved.ty {
        Ty::Text(_) if is_typed(types, schema) => None,
        Ty::Text(_) if resolved.sensitive || schema.sensitive => {
            limits.map(|limits| quote!(checker.text(#receiver.expose(), &#limits);))
        }
        Ty::Text(_) => limits.map(|limits| quote!(checker.text(#reference, &#limits);)),
        Ty::Integer => limits.map(|limits| quote!(checker.integer(#copied, &#limits);)),
        Ty::Unsigned => limits.map(|limits| quote!(checker.unsigned(#copied, &#limits);)),
        Ty::Number => limits.map(|limits| quote!(checker.number(#copied, &#limits);)),
        Ty::BigInteger => limits.map(|limits| quote!(checker.big_integer(#reference, &#limits);)),
        Ty::Object => limits.map(|limits| quote!(checker.count(#receiver.len(), &#limits);)),
        Ty::Array(items) => {
            let list = limits.map(|limits| quote!(checker.list(#reference, &#limits);));
            joined(list, each(types, items, value, &quote!(each)))
        }
        Ty::Map(values) => {
            let count = limits.map(|limits| quote!(checker.count(#receiver.len(), &#limits);));
            joined(count, each(types, values, value, &quote!(entries)))
        }
        Ty::Tuple(items) => tuple(types, items, value),
        Ty::Named(name) if is_checked(types, name) => Some(quote!(#receiver.check(checker);)),
        _ => None,
    }
}

/// Whether the type itself keeps to the format, so that no limit of a text applies.
fn is_typed(types: &Types<'_>, schema: &Schema) -> bool {
    matches!(types.api.resolve(schema).ty, Ty::Text(Format::Timestamp | Format::Date | Format::Uuid))
}

fn is_checked(types: &Types<'_>, name: &str) -> bool {
    types.is_sent(name) && !matches!(types.api.find(name), Some(TypeDef { kind: TypeKind::Enum(_), .. }) | None)
}

fn joined(one: Option<TokenStream>, other: Option<TokenStream>) -> Option<TokenStream> {
    match (one, other) {
        (None, None) => None,
        (one, other) => Some(quote!(#one #other)),
    }
}

fn each(types: &Types<'_>, items: &Schema, value: &Access, walk: &TokenStream) -> Option<TokenStream> {
    let check = check_nullable(types, items, &Access::binding("item"))?;
    let value = value.reference();
    Some(quote!(checker.#walk(#value, |checker, item| { #check });))
}

pub(super) fn check_nullable(types: &Types<'_>, schema: &Schema, value: &Access) -> Option<TokenStream> {
    if !schema.nullable || schema.ty == Ty::Any {
        return check(types, schema, value);
    }
    let check = check(types, schema, &Access::binding("value"))?;
    let value = value.reference();
    Some(quote!(if let Some(value) = #value { #check }))
}

fn tuple(types: &Types<'_>, items: &[Schema], value: &Access) -> Option<TokenStream> {
    let checks: Vec<_> = items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| {
            let position = syn::Index::from(index);
            let value = value.receiver();
            let check = check_nullable(types, item, &Access::Member(quote!(#value.#position)))?;
            Some(quote!(checker.field(#index, |checker| { #check });))
        })
        .collect();
    (!checks.is_empty()).then(|| quote!(#(#checks)*))
}

fn implementation(types: &Types<'_>, def: &TypeDef, checks: TokenStream) -> Option<TokenStream> {
    let name = ident(&def.name);
    let checker = if checks.is_empty() { quote!(_checker) } else { quote!(checker) };
    types.is_sent(&def.name).then(|| {
        quote! {
            impl Validate for #name {
                fn check(&self, #checker: &mut Checker) {
                    #checks
                }
            }
        }
    })
}

pub(super) fn of_struct(types: &Types<'_>, def: &TypeDef, structure: &Struct) -> Option<TokenStream> {
    implementation(types, def, structure.fields.iter().filter_map(|field| of_field(types, field)).collect())
}

fn of_field(types: &Types<'_>, field: &Field) -> Option<TokenStream> {
    let (name, wire) = (ident(&field.name), &field.wire);
    let is_option = !field.required || (field.schema.nullable && field.schema.ty != Ty::Any);
    let has_null = !field.required && field.schema.nullable && field.schema.explicit_null;
    if !is_option {
        let check = check(types, &field.schema, &Access::Member(quote!(self.#name)))?;
        return Some(quote!(checker.field(#wire, |checker| { #check });));
    }
    let check = check(types, &field.schema, &Access::binding("value"))?;
    let found = if has_null { quote!(self.#name.as_ref().and_then(Nullable::value)) } else { quote!(&self.#name) };
    Some(quote!(if let Some(value) = #found { checker.field(#wire, |checker| { #check }); }))
}

pub(super) fn of_newtype(types: &Types<'_>, def: &TypeDef, schema: &Schema) -> Option<TokenStream> {
    implementation(types, def, check(types, schema, &Access::Member(quote!(self.0))).unwrap_or_default())
}

pub(super) fn of_union(types: &Types<'_>, def: &TypeDef, union: &Union) -> Option<TokenStream> {
    let arms: TokenStream = union
        .members
        .iter()
        .filter_map(|member| {
            let name = ident(&member.name);
            let check = check_nullable(types, &member.schema, &Access::binding("value"))?;
            Some(quote!(Self::#name(value) => { #check }))
        })
        .collect();
    let checks = if arms.is_empty() { arms } else { quote!(match self { #arms _ => {} }) };
    implementation(types, def, checks)
}

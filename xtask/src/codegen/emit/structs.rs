//! Knows how an object with known members is printed.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::idents::ident;
use super::types::Types;
use super::{checks, docs};
use crate::codegen::api::{Field, Schema, Struct, Ty, TypeDef};

pub(super) fn structure(types: &Types<'_>, def: &TypeDef, structure: &Struct) -> TokenStream {
    let name = ident(&def.name);
    let doc = docs::described(&def.notes, &format!("`{}`.", def.name));
    let eq = types.eq(&def.name);
    let fields = structure.fields.iter().map(|field| member(types, field));
    let rest = structure.rest.as_ref().map(|rest| rest_member(types, structure, rest));
    let wire = wire(&name, structure);
    let methods = methods(types, structure);
    let checks = checks::of_struct(types, def, structure);
    let default = structure.fields.iter().all(|field| !is_argument(field)).then(|| {
        quote! {
            impl Default for #name {
                fn default() -> Self {
                    Self::new()
                }
            }
        }
    });
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq #eq)]
        #[non_exhaustive]
        pub struct #name {
            #(#fields)*
            #rest
        }

        #wire

        impl #name {
            #methods
        }

        #default
        #checks
    }
}

pub(super) fn alias(types: &Types<'_>, def: &TypeDef, schema: &Schema) -> TokenStream {
    let name = ident(&def.name);
    let doc = docs::field(&def.notes, &def.name, schema);
    let value = types.value(schema);
    quote!(#doc pub type #name = #value;)
}

pub(super) fn newtype(types: &Types<'_>, def: &TypeDef, schema: &Schema) -> TokenStream {
    let name = ident(&def.name);
    let doc = docs::field(&def.notes, &def.name, schema);
    let eq = types.eq(&def.name);
    let value = types.value(schema);
    let checks = checks::of_newtype(types, def, schema);
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq #eq)]
        pub struct #name(pub #value);

        aig_codegen::newtype!(#name);

        impl From<#value> for #name {
            fn from(value: #value) -> Self {
                Self(value)
            }
        }

        #checks
    }
}

/// Whether a value may be missing in Rust: unset or null.
fn is_option(field: &Field) -> bool {
    !field.required || (field.schema.nullable && field.schema.ty != Ty::Any)
}

/// Whether the constructor asks for the field.
fn is_argument(field: &Field) -> bool {
    !is_option(field) && field.constant.is_none() && field.schema.ty != Ty::Null
}

fn has_explicit_null(field: &Field) -> bool {
    !field.required && field.schema.nullable && field.schema.explicit_null
}

fn member(types: &Types<'_>, field: &Field) -> TokenStream {
    let name = ident(&field.name);
    let doc = docs::field(&field.schema.notes, &field.wire, &field.schema);
    let value = member_type(types, field);
    quote!(#doc pub #name: #value,)
}

/// The table of members that reading and writing go by.
fn wire(name: &Ident, structure: &Struct) -> TokenStream {
    let members = structure.fields.iter().map(|field| {
        let (kind, name, wire) = (presence(field), ident(&field.name), &field.wire);
        quote!(#kind #name: #wire,)
    });
    let rest = structure.rest.as_ref().map(|_| rest_name(structure)).map(|name| quote!(..#name));
    quote!(aig_codegen::object!(#name { #(#members)* #rest });)
}

/// What the absence and the null of a field mean.
fn presence(field: &Field) -> Ident {
    let kind = match (field.required, is_option(field)) {
        (true, false) => "required",
        (true, true) => "nullable",
        _ if has_explicit_null(field) => "explicit",
        _ if field.schema.ty == Ty::Any => "anything",
        _ => "optional",
    };
    ident(kind)
}

fn member_type(types: &Types<'_>, field: &Field) -> TokenStream {
    let value = types.value(&field.schema);
    let value = if field.boxed { quote!(Box<#value>) } else { value };
    if has_explicit_null(field) {
        quote!(Option<Nullable<#value>>)
    } else if is_option(field) {
        quote!(Option<#value>)
    } else {
        value
    }
}

fn rest_name(structure: &Struct) -> Ident {
    let mut name = "rest".to_owned();
    while structure.fields.iter().any(|field| field.name == name) {
        name.push('_');
    }
    ident(&name)
}

fn rest_member(types: &Types<'_>, structure: &Struct, rest: &Schema) -> TokenStream {
    let name = rest_name(structure);
    let values = types.nullable(rest);
    let doc = docs::doc("Members that the document does not name.");
    quote!(#doc pub #name: BTreeMap<String, #values>,)
}

fn methods(types: &Types<'_>, structure: &Struct) -> TokenStream {
    let arguments = structure.fields.iter().filter(|field| is_argument(field)).map(|field| {
        let name = ident(&field.name);
        let (argument, _) = types.argument(&field.schema, &quote!(#name));
        quote!(#name: #argument)
    });
    let values = structure.fields.iter().map(|field| {
        let name = ident(&field.name);
        let value = first_value(types, field);
        quote!(#name: #value)
    });
    let rest = structure.rest.as_ref().map(|_| rest_name(structure)).map(|name| quote!(#name: BTreeMap::new(),));
    let setters = structure.fields.iter().filter(|field| is_option(field)).map(|field| setter(types, field));
    quote! {
        /// A value with everything that is required.
        pub fn new(#(#arguments),*) -> Self {
            Self { #(#values,)* #rest }
        }

        #(#setters)*
    }
}

fn first_value(types: &Types<'_>, field: &Field) -> TokenStream {
    let name = ident(&field.name);
    if let (true, Some(constant)) = (field.required && !is_option(field), &field.constant) {
        let value = types.value(&field.schema);
        return quote!(<#value>::from(#constant));
    }
    if is_option(field) {
        return quote!(None);
    }
    if field.schema.ty == Ty::Null {
        return quote!(());
    }
    let (_, value) = types.argument(&field.schema, &quote!(#name));
    if field.boxed { quote!(Box::new(#value)) } else { value }
}

fn setter(types: &Types<'_>, field: &Field) -> TokenStream {
    let name = ident(&field.name);
    let setter = format_ident!("with_{}", field.name);
    let doc = docs::doc(&format!("Sets `{}`.", field.name));
    let (argument, value) = if has_explicit_null(field) {
        let value = member_value(types, field);
        (quote!(impl Into<Nullable<#value>>), quote!(value.into()))
    } else {
        let (argument, value) = types.argument(&field.schema, &quote!(value));
        (argument, if field.boxed { quote!(Box::new(#value)) } else { value })
    };
    quote! {
        #doc
        #[must_use]
        pub fn #setter(mut self, value: #argument) -> Self {
            self.#name = Some(#value);
            self
        }
    }
}

fn member_value(types: &Types<'_>, field: &Field) -> TokenStream {
    let value = types.value(&field.schema);
    if field.boxed { quote!(Box<#value>) } else { value }
}

//! Knows how a choice between types is printed.

use proc_macro2::TokenStream;
use quote::quote;

use super::idents::ident;
use super::types::Types;
use super::{checks, docs};
use crate::codegen::api::{Discriminator, Member, TypeDef, Union};

pub(super) fn union(types: &Types<'_>, def: &TypeDef, union: &Union) -> TokenStream {
    let name = ident(&def.name);
    let doc = docs::described(&def.notes, &format!("`{}`: one of several types.", def.name));
    let eq = types.eq(&def.name);
    let members = union.members.iter().map(|member| {
        let name = ident(&member.name);
        let doc = docs::described(&member.schema.notes, &format!("`{}`.", member.name));
        let value = types.nullable(&member.schema);
        let value = if member.boxed { quote!(Box<#value>) } else { value };
        quote!(#doc #name(#value),)
    });
    let read = match &union.discriminator {
        Some(discriminator) => by_discriminator(union, discriminator),
        None => by_fit(union),
    };
    let checks = checks::of_union(types, def, union);
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq #eq, Serialize)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum #name {
            #(#members)*
            /// Something that the document does not list.
            Unknown(Value),
        }

        impl<'de> Deserialize<'de> for #name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = Value::deserialize(deserializer)?;
                #read
            }
        }

        #checks
    }
}

fn by_discriminator(union: &Union, discriminator: &Discriminator) -> TokenStream {
    let property = &discriminator.property;
    let arms = discriminator.mapping.iter().filter_map(|(value, index)| {
        let wrap = wrap(union.members.get(*index)?);
        Some(quote!(Some(#value) => serde_json::from_value(value).map(#wrap).map_err(serde::de::Error::custom)))
    });
    quote! {
        match value.get(#property).and_then(Value::as_str) {
            #(#arms,)*
            _ => Ok(Self::Unknown(value)),
        }
    }
}

fn by_fit(union: &Union) -> TokenStream {
    let offers = union.members.iter().map(wrap);
    quote! {
        let mut reader = UnionReader::new(&value);
        #(reader.offer(#offers);)*
        let best = reader.best();
        Ok(best.unwrap_or(Self::Unknown(value)))
    }
}

fn wrap(member: &Member) -> TokenStream {
    let name = ident(&member.name);
    if member.boxed { quote!(|value| Self::#name(Box::new(value))) } else { quote!(Self::#name) }
}

//! Knows how a choice between types is printed.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::idents::ident;
use super::types::Types;
use super::{checks, docs};
use crate::codegen::api::{Discriminator, TypeDef, Union};

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
    let variants: Vec<_> = union.members.iter().map(|member| ident(&member.name)).collect();
    let by = union.discriminator.as_ref().map(|discriminator| by(&variants, discriminator));
    let checks = checks::of_union(types, def, union);
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq #eq)]
        #[non_exhaustive]
        pub enum #name {
            #(#members)*
            /// Something that the document does not list.
            Unknown(Value),
        }

        aig_codegen::union!(#name { #(#variants,)* } #by);

        #checks
    }
}

/// The member that tells the types apart, and what it says of which.
fn by(variants: &[Ident], discriminator: &Discriminator) -> TokenStream {
    let property = &discriminator.property;
    let told = discriminator.mapping.iter().filter_map(|(text, index)| {
        let variant = variants.get(*index)?;
        Some(quote!(#text => #variant,))
    });
    quote!(by #property { #(#told)* })
}

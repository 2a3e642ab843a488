//! Knows how an enumeration of texts is printed.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::idents::ident;
use crate::codegen::api::{TypeDef, Variant};

pub(super) fn enumeration(def: &TypeDef, variants: &[Variant]) -> TokenStream {
    let name = ident(&def.name);
    let doc = docs::described(&def.notes, &format!("`{}`.", def.name));
    let names: Vec<_> = variants.iter().map(|variant| ident(&variant.name)).collect();
    let wires: Vec<_> = variants.iter().map(|variant| variant.wire.as_str()).collect();
    let docs = wires.iter().map(|wire| docs::doc(&format!("`{}`.", wire.replace('`', "'"))));
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum #name {
            #(#docs #names,)*
            /// A value that the document does not list.
            Unknown(UnknownValue),
        }

        impl #name {
            /// The values that the document lists.
            pub const ALL: &'static [Self] = &[#(Self::#names),*];
            /// The values that the document lists, as on the wire.
            pub const VALUES: &'static [&'static str] = &[#(#wires),*];

            /// The value on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#names => #wires,)*
                    Self::Unknown(value) => value.as_str(),
                }
            }
        }

        impl From<&str> for #name {
            fn from(text: &str) -> Self {
                match text {
                    #(#wires => Self::#names,)*
                    other => Self::Unknown(UnknownValue::keep(other)),
                }
            }
        }

        aig_codegen::string_enum!(#name);
    }
}

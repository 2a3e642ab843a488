//! Knows how a body is held, sent and read.

use proc_macro2::TokenStream;
use quote::quote;

use super::checks::{self, Access};
use super::docs;
use super::infos::{is_list, kind};
use super::types::Types;
use crate::codegen::api::{Content, RequestBody, Schema, Struct, Ty, TypeKind};

/// The media type that a body is sent as: JSON before forms before anything else.
pub(super) fn main_content(body: &RequestBody) -> Option<&Content> {
    let find = |wanted: fn(&Content) -> bool| body.content.iter().find(|content| wanted(content));
    find(Content::is_json).or_else(|| find(Content::is_form)).or_else(|| body.content.first())
}

/// How a body is held, sent and read.
pub(super) struct Body<'b> {
    content: &'b Content,
    schema: Option<&'b Schema>,
    value: TokenStream,
    argument: (TokenStream, TokenStream),
    required: bool,
    /// The members of a form with what their texts stand for.
    form: TokenStream,
}

impl<'b> Body<'b> {
    pub(super) fn of(types: &Types<'_>, body: &'b RequestBody) -> Option<Self> {
        let content = main_content(body)?;
        let schema = content.schema.as_ref();
        let value = match schema {
            Some(schema) => types.nullable(schema),
            None if content.is_json() => quote!(Value),
            None => quote!(Vec<u8>),
        };
        let argument = match schema {
            Some(schema) if !schema.nullable => types.argument(schema, &quote!(body)),
            None if !content.is_json() => (quote!(impl Into<Vec<u8>>), quote!(body.into())),
            _ => (value.clone(), quote!(body)),
        };
        let form = schema.filter(|_| content.is_form()).map(|schema| form_members(types, schema)).unwrap_or_default();
        Some(Self { content, schema, value, argument, required: body.required, form })
    }

    /// Whether the caller must say the media type: a multipart boundary, or one of a range.
    fn is_open(&self) -> bool {
        let media_type = &self.content.media_type;
        self.schema.is_none()
            && !self.content.is_json()
            && (media_type.starts_with("multipart/") || media_type.contains('*'))
    }

    pub(super) fn fields(&self) -> TokenStream {
        let value = &self.value;
        let value = if self.required { value.clone() } else { quote!(Option<#value>) };
        let doc = docs::doc(&format!("The body, as `{}`.", self.content.media_type.replace('`', "'")));
        let content_type =
            self.is_open().then(|| quote!(#[doc = " The media type of the body."] pub content_type: String,));
        quote!(#doc pub body: #value, #content_type)
    }

    pub(super) fn argument(&self) -> Option<TokenStream> {
        let argument = &self.argument.0;
        let content_type = self.is_open().then(|| quote!(content_type: impl Into<String>,));
        self.required.then(|| quote!(#content_type body: #argument))
    }

    pub(super) fn value(&self) -> TokenStream {
        let value = &self.argument.1;
        let media_type = &self.content.media_type;
        match (self.required, self.is_open()) {
            (true, true) => quote!(content_type: content_type.into(), body: #value,),
            (true, false) => quote!(body: #value,),
            (false, true) => quote!(content_type: String::from(#media_type), body: None,),
            (false, false) => quote!(body: None,),
        }
    }

    pub(super) fn setter(&self) -> Option<TokenStream> {
        let (argument, value) = &self.argument;
        let content_type = self
            .is_open()
            .then(|| (quote!(content_type: impl Into<String>,), quote!(self.content_type = content_type.into();)));
        let (content_argument, content_set) = content_type.unwrap_or_default();
        (!self.required).then(|| {
            quote! {
                /// Sets the body.
                #[must_use]
                pub fn with_body(mut self, #content_argument body: #argument) -> Self {
                    #content_set
                    self.body = Some(#value);
                    self
                }
            }
        })
    }

    pub(super) fn send(&self) -> TokenStream {
        let media_type = &self.content.media_type;
        let make = if self.content.is_json() {
            quote!(Body::json(#media_type, body))
        } else if self.content.is_form() && self.schema.is_some() {
            quote!(Body::form(body))
        } else if self.is_open() {
            quote!(Ok(Body::new(self.content_type.clone(), body.clone())))
        } else {
            quote!(Ok(Body::new(#media_type, body.clone())))
        };
        let make = if self.required {
            quote!(let body = &self.body; #make.map(Some))
        } else {
            quote!(self.body.as_ref().map(|body| #make).transpose())
        };
        quote! {
            fn body(&self) -> Result<Option<Body>, EncodeError> {
                #make
            }
        }
    }

    pub(super) fn check(&self, types: &Types<'_>) -> Option<TokenStream> {
        let schema = self.schema?;
        let check = checks::check_nullable(types, schema, &Access::binding("body"))?;
        let check = quote!(checker.at(Location::Body, |checker| { #check }););
        Some(if self.required {
            quote!(let body = &self.body; #check)
        } else {
            quote!(if let Some(body) = &self.body { #check })
        })
    }

    pub(super) fn read(&self) -> TokenStream {
        let form = &self.form;
        let read = if self.content.is_json() {
            quote!(__reader.json())
        } else if self.schema.is_some() {
            quote!(__reader.form(&[#form]))
        } else {
            quote!(Some(__reader.bytes()))
        };
        let content_type = self.is_open().then(|| quote!(let content_type = __reader.content_type();));
        let body = if self.required { read } else { quote!(if __reader.has_body() { #read } else { None }) };
        quote!(let body = #body; #content_type)
    }

    pub(super) fn read_value(&self) -> TokenStream {
        let content_type = self.is_open().then(|| quote!(content_type,));
        if self.required { quote!(body: body?, #content_type) } else { quote!(body, #content_type) }
    }
}

fn form_members(types: &Types<'_>, schema: &Schema) -> TokenStream {
    let Ty::Named(name) = &types.api.resolve(schema).ty else { return TokenStream::new() };
    let Some(TypeKind::Struct(Struct { fields, .. })) = types.api.find(name).map(|def| &def.kind) else {
        return TokenStream::new();
    };
    fields
        .iter()
        .map(|field| {
            let (wire, repeated) = (&field.wire, is_list(types, &field.schema));
            let element = match &types.api.resolve(&field.schema).ty {
                Ty::Array(items) => items,
                _ => &field.schema,
            };
            let kind = kind(types, element);
            quote!((#wire, #kind, #repeated),)
        })
        .collect()
}

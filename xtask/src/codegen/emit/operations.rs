//! Knows how an operation is printed: a struct of its parameters, and the way from there to a request and back.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::bodies::Body;
use super::checks::Access;
use super::idents::ident;
use super::infos::{Answer, answer, info, is_joined, is_list, location};
use super::types::Types;
use super::{checks, docs};
use crate::codegen::api::{Operation, Parameter, Place};

pub(super) fn operation(types: &Types<'_>, operation: &Operation) -> TokenStream {
    let types = &types.for_operations();
    let name = ident(&operation.name);
    let doc = documentation(operation);
    let body = operation.body.as_ref().and_then(|body| Body::of(types, body));
    let fields = operation.parameters.iter().map(|parameter| field(types, parameter));
    let body_fields = body.as_ref().map(Body::fields);
    let inherent = inherent(types, operation, body.as_ref());
    let implementation = implementation(types, operation, body.as_ref());
    let derive_default = (arguments(types, operation, body.as_ref()).is_empty()).then(|| {
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
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub struct #name {
            #(#fields)*
            #body_fields
        }

        impl #name {
            #inherent
        }

        #derive_default

        impl Operation for #name {
            #implementation
        }
    }
}

fn documentation(operation: &Operation) -> TokenStream {
    let Operation { method, path, summary, notes, .. } = operation;
    let call = format!("`{} {path}`", method.to_uppercase());
    let mut text = summary
        .as_ref()
        .map_or_else(|| call.clone(), |summary| format!("{}.\n\n{call}", summary.trim_end_matches('.')));
    if let Some(description) = &notes.description {
        text = format!("{text}\n\n{description}");
    }
    let doc = docs::doc(&text);
    let deprecated = notes.deprecated.then(|| quote!(#[deprecated = "the API calls it deprecated"]));
    quote!(#doc #deprecated)
}

fn field_type(types: &Types<'_>, parameter: &Parameter) -> TokenStream {
    let value = types.value(&parameter.schema);
    if parameter.required || is_list(types, &parameter.schema) { value } else { quote!(Option<#value>) }
}

fn field(types: &Types<'_>, parameter: &Parameter) -> TokenStream {
    let name = ident(&parameter.name);
    let doc = docs::field(&parameter.notes, &parameter.wire, &parameter.schema);
    let value = field_type(types, parameter);
    quote!(#doc pub #name: #value,)
}

/// What an operation is made of: everything that a request must have.
fn arguments(types: &Types<'_>, operation: &Operation, body: Option<&Body<'_>>) -> Vec<TokenStream> {
    let required = operation.parameters.iter().filter(|parameter| parameter.required);
    let mut arguments: Vec<TokenStream> = required
        .map(|parameter| {
            let name = ident(&parameter.name);
            let (argument, _) = types.argument(&parameter.schema, &quote!(#name));
            quote!(#name: #argument)
        })
        .collect();
    arguments.extend(body.and_then(Body::argument));
    arguments
}

fn inherent(types: &Types<'_>, operation: &Operation, body: Option<&Body<'_>>) -> TokenStream {
    let arguments = arguments(types, operation, body);
    let values = operation.parameters.iter().map(|parameter| {
        let name = ident(&parameter.name);
        let (_, value) = types.argument(&parameter.schema, &quote!(#name));
        match (parameter.required, is_list(types, &parameter.schema)) {
            (true, _) => quote!(#name: #value,),
            (false, true) => quote!(#name: Vec::new(),),
            (false, false) => quote!(#name: None,),
        }
    });
    let body_value = body.map(Body::value);
    let setters = operation.parameters.iter().filter(|parameter| !parameter.required).map(|p| setter(types, p));
    let body_setter = body.and_then(Body::setter);
    quote! {
        /// The operation with everything that it must have.
        pub fn new(#(#arguments),*) -> Self {
            Self { #(#values)* #body_value }
        }

        #(#setters)*
        #body_setter
    }
}

fn setter(types: &Types<'_>, parameter: &Parameter) -> TokenStream {
    let name = ident(&parameter.name);
    let setter = format_ident!("with_{}", parameter.name);
    let doc = docs::doc(&format!("Sets `{}`.", parameter.name));
    let (argument, value) = types.argument(&parameter.schema, &quote!(value));
    let value = if is_list(types, &parameter.schema) { value } else { quote!(Some(#value)) };
    quote! {
        #doc
        #[must_use]
        pub fn #setter(mut self, value: #argument) -> Self {
            self.#name = #value;
            self
        }
    }
}

fn implementation(types: &Types<'_>, operation: &Operation, body: Option<&Body<'_>>) -> TokenStream {
    let info = info(types, operation);
    let target = target(types, operation);
    let send = body.map(Body::send);
    let (response, decode) = response(types, operation);
    let validate = validate(types, operation, body);
    let parse = parse(types, operation, body);
    quote! {
        const INFO: &'static OperationInfo = #info;

        type Response = #response;

        fn target(&self) -> Result<Target, InvalidParameter> {
            #target
        }

        #send
        #decode
        #validate
        #parse
    }
}

fn target(types: &Types<'_>, operation: &Operation) -> TokenStream {
    let calls = operation.parameters.iter().map(|parameter| {
        let (name, wire) = (ident(&parameter.name), &parameter.wire);
        let is_plain = parameter.required && !is_list(types, &parameter.schema);
        let values = if is_plain { quote!([&self.#name]) } else { quote!(&self.#name) };
        match parameter.place {
            Place::Path => quote!(.with_path(#wire, &self.#name)?),
            Place::Query if is_joined(types, parameter) => quote!(.with_joined_query(#wire, #values)),
            Place::Query => quote!(.with_query(#wire, #values)),
            Place::Header => quote!(.with_header(#wire, #values)),
            Place::Cookie => quote!(.with_cookie(#wire, #values)),
        }
    });
    quote!(Ok(Target::new(Self::INFO) #(#calls)*))
}

/// The type of the answer, and how it is read.
fn response(types: &Types<'_>, operation: &Operation) -> (TokenStream, TokenStream) {
    let (response, argument, read) = match answer(operation).0 {
        Answer::Json(schema) => (types.nullable(schema), quote!(body), quote!(aig_codegen::decode(body))),
        Answer::Untyped => (quote!(Value), quote!(body), quote!(aig_codegen::__private::untyped(body))),
        Answer::Bytes => (quote!(Vec<u8>), quote!(body), quote!(Ok(body.to_vec()))),
        Answer::Redirect | Answer::Empty => (quote!(()), quote!(_body), quote!(Ok(()))),
    };
    let decode = quote! {
        fn decode(#argument: &[u8]) -> Result<Self::Response, DecodeError> {
            #read
        }
    };
    (response, decode)
}

fn validate(types: &Types<'_>, operation: &Operation, body: Option<&Body<'_>>) -> TokenStream {
    let mut steps = TokenStream::new();
    for place in [Place::Path, Place::Query, Place::Header, Place::Cookie] {
        let parameters = operation.parameters.iter().filter(|parameter| parameter.place == place);
        let checks: TokenStream = parameters.filter_map(|parameter| parameter_check(types, parameter)).collect();
        if !checks.is_empty() {
            let location = location(place);
            steps.extend(quote!(checker.at(#location, |checker| { #checks });));
        }
    }
    steps.extend(body.and_then(|body| body.check(types)));
    if steps.is_empty() {
        return quote!(
            fn validate(&self) -> Result<(), Violations> {
                Ok(())
            }
        );
    }
    quote! {
        fn validate(&self) -> Result<(), Violations> {
            let mut checker = Checker::default();
            #steps
            checker.finish()
        }
    }
}

fn parameter_check(types: &Types<'_>, parameter: &Parameter) -> Option<TokenStream> {
    let (name, wire) = (ident(&parameter.name), &parameter.wire);
    if parameter.required || is_list(types, &parameter.schema) {
        let check = checks::check(types, &parameter.schema, &Access::Member(quote!(self.#name)))?;
        let check = quote!(checker.field(#wire, |checker| { #check }););
        // An empty list is an absent parameter, which keeps to every limit.
        return Some(if parameter.required { check } else { quote!(if !self.#name.is_empty() { #check }) });
    }
    let check = checks::check(types, &parameter.schema, &Access::binding("value"))?;
    Some(quote!(if let Some(value) = &self.#name { checker.field(#wire, |checker| { #check }); }))
}

fn parse(types: &Types<'_>, operation: &Operation, body: Option<&Body<'_>>) -> TokenStream {
    if operation.parameters.is_empty() && body.is_none() {
        return quote!(
            fn parse(_parts: &Parts<'_>) -> Result<Self, Violations> {
                Ok(Self::new())
            }
        );
    }
    let reads = operation.parameters.iter().map(|parameter| {
        let (name, wire) = (ident(&parameter.name), &parameter.wire);
        let location = location(parameter.place);
        match (parameter.required, is_list(types, &parameter.schema)) {
            _ if is_joined(types, parameter) => quote!(let #name = __reader.joined(#location, #wire);),
            (_, true) => quote!(let #name = __reader.all(#location, #wire);),
            (true, false) => quote!(let #name = __reader.required(#location, #wire);),
            (false, false) => quote!(let #name = __reader.optional(#location, #wire);),
        }
    });
    let values = operation.parameters.iter().map(|parameter| {
        let name = ident(&parameter.name);
        let is_certain = !parameter.required || is_list(types, &parameter.schema);
        if is_certain { quote!(#name,) } else { quote!(#name: #name?,) }
    });
    let (body_read, body_value) = (body.map(Body::read), body.map(Body::read_value));
    quote! {
        fn parse(parts: &Parts<'_>) -> Result<Self, Violations> {
            let mut __reader = Reader::new(parts);
            #(#reads)*
            #body_read
            let __operation = __reader.finish(|| Some(Self { #(#values)* #body_value }))?;
            __operation.validate()?;
            Ok(__operation)
        }
    }
}

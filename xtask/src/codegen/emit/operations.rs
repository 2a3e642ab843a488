//! Knows how an operation is printed: a struct of its parameters, and the way from there to a request and back.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::checks::Access;
use super::idents::ident;
use super::infos::{Answer, answer, info, is_list, kind, location};
use super::types::Types;
use super::{checks, docs};
use crate::codegen::api::{Content, Operation, Parameter, Place, RequestBody, Schema, Struct, Ty, TypeKind};

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

/// The media type that a body is sent as: JSON before forms before anything else.
pub(super) fn main_content(body: &RequestBody) -> Option<&Content> {
    let find = |wanted: fn(&Content) -> bool| body.content.iter().find(|content| wanted(content));
    find(Content::is_json).or_else(|| find(Content::is_form)).or_else(|| body.content.first())
}

/// How a body is held, sent and read.
struct Body<'b> {
    content: &'b Content,
    schema: Option<&'b Schema>,
    value: TokenStream,
    argument: (TokenStream, TokenStream),
    required: bool,
    /// The members of a form with what their texts stand for.
    form: TokenStream,
}

impl<'b> Body<'b> {
    fn of(types: &Types<'_>, body: &'b RequestBody) -> Option<Self> {
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

    fn fields(&self) -> TokenStream {
        let value = &self.value;
        let value = if self.required { value.clone() } else { quote!(Option<#value>) };
        let doc = docs::doc(&format!("The body, as `{}`.", self.content.media_type.replace('`', "'")));
        let content_type =
            self.is_open().then(|| quote!(#[doc = " The media type of the body."] pub content_type: String,));
        quote!(#doc pub body: #value, #content_type)
    }

    fn argument(&self) -> Option<TokenStream> {
        let argument = &self.argument.0;
        let content_type = self.is_open().then(|| quote!(content_type: impl Into<String>,));
        self.required.then(|| quote!(#content_type body: #argument))
    }

    fn value(&self) -> TokenStream {
        let value = &self.argument.1;
        let media_type = &self.content.media_type;
        match (self.required, self.is_open()) {
            (true, true) => quote!(content_type: content_type.into(), body: #value,),
            (true, false) => quote!(body: #value,),
            (false, true) => quote!(content_type: String::from(#media_type), body: None,),
            (false, false) => quote!(body: None,),
        }
    }

    fn setter(&self) -> Option<TokenStream> {
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

    fn send(&self) -> TokenStream {
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

    fn check(&self, types: &Types<'_>) -> Option<TokenStream> {
        let schema = self.schema?;
        let check = checks::check_nullable(types, schema, &Access::binding("body"))?;
        let check = quote!(checker.at(Location::Body, |checker| { #check }););
        Some(if self.required {
            quote!(let body = &self.body; #check)
        } else {
            quote!(if let Some(body) = &self.body { #check })
        })
    }

    fn read(&self) -> TokenStream {
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

    fn read_value(&self) -> TokenStream {
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

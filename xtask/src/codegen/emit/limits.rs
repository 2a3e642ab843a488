//! Knows how limits are written as a constant.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::codegen::api::Limits;
use crate::codegen::node::wide;

/// The limits as an expression; `None` when there are none.
pub(super) fn expression(limits: &Limits) -> Option<TokenStream> {
    if *limits == Limits::default() {
        return None;
    }
    let mut set = TokenStream::new();
    for (name, number) in [
        (quote!(minimum), &limits.minimum),
        (quote!(maximum), &limits.maximum),
        (quote!(exclusive_minimum), &limits.exclusive_minimum),
        (quote!(exclusive_maximum), &limits.exclusive_maximum),
        (quote!(multiple_of), &limits.multiple_of),
    ] {
        if let Some(bound) = number.as_ref().and_then(bound) {
            set.extend(quote!(#name: Some(#bound),));
        }
    }
    for (name, count) in [
        (quote!(min_length), limits.min_length),
        (quote!(max_length), limits.max_length),
        (quote!(min_items), limits.min_items),
        (quote!(max_items), limits.max_items),
    ] {
        if let Some(count) = count.map(Literal::usize_unsuffixed) {
            set.extend(quote!(#name: Some(#count),));
        }
    }
    if let Some(pattern) = &limits.pattern {
        set.extend(quote!(pattern: Some(#pattern),));
    }
    if !limits.one_of.is_empty() {
        let numbers = limits.one_of.iter().copied().map(Literal::i64_unsuffixed);
        set.extend(quote!(one_of: &[#(#numbers),*],));
    }
    if limits.unique {
        set.extend(quote!(unique: true,));
    }
    Some(quote!(Limits { #set ..Limits::NONE }))
}

/// The number with every digit that it has in the document.
fn bound(number: &serde_json::Number) -> Option<TokenStream> {
    if let Some(number) = wide(number).map(Literal::i128_unsuffixed) {
        return Some(quote!(Bound::Whole(#number)));
    }
    let number = Literal::f64_unsuffixed(number.as_f64()?);
    Some(quote!(Bound::Real(#number)))
}

//! Finds secrets in text: the planted ones in every form that secrets travel in, and whatever is as random as a token.

use std::collections::BTreeSet;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

use super::canary;

/// The secrets that are in `text`, with what surrounds them.
pub(super) fn hits(text: &str) -> BTreeSet<String> {
    let forms = canary::ALL.into_iter().flat_map(forms);
    let planted = forms.filter_map(|form| Some(around(text, text.find(&form)?)));
    let random = words(text).filter(|(_, word)| is_random(word)).map(|(at, _)| around(text, at));
    planted.chain(random).collect()
}

/// One text for each kind of leak that must be found.
pub(super) fn leaks() -> impl Iterator<Item = String> {
    let planted = canary::ALL.into_iter().flat_map(forms);
    // What the random sources of this crate and of its test kit make: 32 bytes in base64, and a signed token.
    let bytes: Vec<u8> = (0..32_u8).map(|number| number.wrapping_mul(151).wrapping_add(7)).collect();
    let random = URL_SAFE_NO_PAD.encode(&bytes);
    let token = format!("eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJhdXRoMHxhZGEifQ.{random}");
    planted.chain([random, token])
}

/// In clear, percent-encoded, in hexadecimal digits, and in base64, wherever in the encoded text it begins.
fn forms(secret: &str) -> Vec<String> {
    let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![secret.to_owned(), percent, hex];
    for before in ["", "a", "ab"] {
        let encoded = STANDARD.encode(format!("{before}{secret}"));
        // The first and the last characters depend on what stands beside the secret.
        let inner = encoded.get(before.len() * 2..encoded.len().saturating_sub(4)).unwrap_or_default();
        forms.push(inner.to_owned());
    }
    forms
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    text.split(move |character| !is_part(character)).map(|word| (word.as_ptr().addr() - text.as_ptr().addr(), word))
}

/// Whether a word is long and mixed as tokens, codes, verifiers and states are, and names are not.
fn is_random(word: &str) -> bool {
    let count = |is: fn(&u8) -> bool| word.bytes().filter(is).count();
    word.len() >= 32
        && count(u8::is_ascii_uppercase) >= 6
        && count(u8::is_ascii_lowercase) >= 6
        && count(u8::is_ascii_digit) >= 2
}

fn around(text: &str, at: usize) -> String {
    let begin = (0..=at).rev().find(|begin| at - begin >= 120 && text.is_char_boundary(*begin)).unwrap_or_default();
    text[begin..].chars().take(240).collect()
}

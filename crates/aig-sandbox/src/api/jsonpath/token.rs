//! Cuts the text of a JSON path into tokens.

use serde_json::Value;

use super::{PathError, text::text};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A word: a key, or `exists`, `like_regex`, `flag`, `last`, …
    Word(String),
    Text(String),
    Number(Value),
    /// Everything else: `$ @ . [ ] ( ) * ? && || ! == != <> < <= > >= - ,`
    Sign(&'static str),
}

const SIGNS: [&str; 23] = [
    "**", "&&", "||", "==", "!=", "<>", "<=", ">=", "<", ">", "!", "$", "@", ".", "[", "]", "(", ")", "*", "?", "-",
    ",", "+",
];

/// Tokens with the places where they begin, counted in characters.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, PathError> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let position = text.chars().count() - rest.chars().count();
        if rest.is_empty() {
            return Ok(tokens);
        }
        let (token, length) = next(rest)
            .ok_or_else(|| PathError { message: "what is written here is not understood".into(), position })?;
        tokens.push((position, token));
        rest = rest.get(length..).unwrap_or_default();
    }
}

fn next(rest: &str) -> Option<(Token, usize)> {
    let first = rest.chars().next()?;
    if first == '"' {
        return text(rest).map(|(text, length)| (Token::Text(text), length));
    }
    if first.is_ascii_digit() {
        return number(rest);
    }
    if is_word(first) {
        let length = rest.find(|character: char| !is_word(character)).unwrap_or(rest.len());
        return Some((Token::Word(rest.get(..length)?.to_owned()), length));
    }
    let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign))?;
    Some((Token::Sign(sign), sign.len()))
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn number(rest: &str) -> Option<(Token, usize)> {
    let digits = |character: char| character.is_ascii_digit() || matches!(character, '.' | 'e' | 'E');
    let length = rest.find(|character| !digits(character)).unwrap_or(rest.len());
    let value: serde_json::Number = serde_json::from_str(rest.get(..length)?).ok()?;
    Some((Token::Number(Value::Number(value)), length))
}

//! Knows JSON bodies, and says of one that cannot be read where it goes wrong and never what it holds.

use std::fmt;

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

/// A value that has no JSON form, which no generated model is.
#[derive(Debug)]
pub struct EncodeError(serde_json::Error);

impl EncodeError {
    pub(crate) const fn new(error: serde_json::Error) -> Self {
        Self(error)
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request cannot be written as JSON")
    }
}

impl std::error::Error for EncodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// A body that is not what the document promises.
///
/// It tells the place and the reason. Texts of the body are left out: they may be secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    pointer: String,
    message: String,
}

impl DecodeError {
    /// The place in the body (RFC 6901), as near as it could be told.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What is wrong there.
    pub fn message(&self) -> &str {
        &self.message
    }

    fn new(error: &serde_json::Error, body: &[u8]) -> Self {
        Self { pointer: pointer_at(read_part(error, body)), message: without_texts(&error.to_string()) }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the top" } else { &self.pointer };
        write!(f, "the body is not what the API promises, at {place}: {}", self.message)
    }
}

impl std::error::Error for DecodeError {}

pub(crate) fn encode(value: &impl Serialize) -> Result<Vec<u8>, EncodeError> {
    serde_json::to_vec(value).map_err(EncodeError)
}

/// Reads a JSON body.
///
/// # Errors
/// When the body is no JSON, or not that of the type.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(body).map_err(|error| DecodeError::new(&error, body))
}

/// What had been read when the error came up.
fn read_part<'b>(error: &serde_json::Error, body: &'b [u8]) -> &'b [u8] {
    let before: usize =
        body.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    body.get(..before + error.column()).unwrap_or(body)
}

/// A step of the way into a document.
enum Step {
    Key(String),
    Index(usize),
}

/// Where one is after reading this much of a JSON text.
fn pointer_at(read: &[u8]) -> String {
    let mut steps: Vec<Step> = Vec::new();
    let mut bytes = read.iter().enumerate();
    let mut text = None;
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => text = read_text(read.get(at + 1..).unwrap_or_default(), &mut bytes),
            b':' => {
                if let (Some(Step::Key(key)), Some(name)) = (steps.last_mut(), text.take()) {
                    *key = name;
                }
            }
            b',' => {
                if let Some(Step::Index(index)) = steps.last_mut() {
                    *index += 1;
                }
            }
            b'{' => steps.push(Step::Key(String::new())),
            b'[' => steps.push(Step::Index(0)),
            // The last bracket may belong to the value that is wrong.
            b'}' | b']' if at + 1 < read.len() => drop(steps.pop()),
            _ => {}
        }
    }
    let closed = matches!(read.last(), Some(b'}' | b']'));
    if closed {
        steps.pop();
    }
    steps.iter().map(shown).collect()
}

/// The text that begins here; the bytes are moved behind it.
fn read_text<'b>(rest: &[u8], bytes: &mut impl Iterator<Item = (usize, &'b u8)>) -> Option<String> {
    let mut escaped = false;
    let end = rest.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    let length = end.unwrap_or(rest.len());
    bytes.nth(length.min(rest.len().saturating_sub(1)));
    let raw = rest.get(..length)?;
    let quoted = [b"\"", raw, b"\""].concat();
    serde_json::from_slice(&quoted).ok()
}

fn shown(step: &Step) -> String {
    match step {
        Step::Key(key) if key.is_empty() => String::new(),
        Step::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Step::Index(index) => format!("/{index}"),
    }
}

/// A message of serde without the texts that it repeats.
fn without_texts(message: &str) -> String {
    let mut parts = message.split('"');
    let mut clean = parts.next().unwrap_or_default().to_owned();
    // A text may hold quotes itself: only what stands before the first and behind the last one is kept.
    if let Some(last) = parts.next_back() {
        clean.push_str("\"…\"");
        clean.push_str(last);
    }
    clean
}

#[cfg(test)]
mod tests {
    #![expect(non_camel_case_types, reason = "the table of members names them as the fields are named")]

    use super::*;
    use crate::models::{ItemResultReadResponse, RunReadResponse};

    fn error<T: DeserializeOwned>(body: &str) -> DecodeError {
        decode::<T>(body.as_bytes()).err().unwrap()
    }

    #[test]
    fn an_error_tells_the_place_and_keeps_the_text() {
        let error =
            error::<Vec<RunReadResponse>>("[\n {\"a\\\"b\": [1, {\"c\": 2}],\n  \"run_id\": \"s3cret-s3cret\"}]");
        assert_eq!(error.pointer(), "/0/run_id");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }

    #[test]
    fn places_are_found() {
        #[derive(Debug)]
        struct Inner {
            number: i64,
        }
        crate::object!(Inner { required number: "n/m", });
        type Body = std::collections::BTreeMap<String, Vec<Inner>>;
        let cases = [
            (r#"{"x": [{"n/m": 1}, {"n/m": "one"}]}"#, "/x/1/n~1m"),
            (r#"{"x": [{"n/m": 1}, {}]}"#, "/x/1"),
            (r#"{"x": [{"n/m": 1}], "y": 3}"#, "/y"),
            (r#"{"x": [{"n/m": {"deep": 1}}]}"#, "/x/0/n~1m"),
            (r#"7"#, ""),
            (r#""#, ""),
        ];
        for (body, place) in cases {
            assert_eq!(error::<Body>(body).pointer(), place, "{body}: {}", error::<Body>(body));
        }
    }

    #[test]
    fn a_missing_member_is_named() {
        let error = error::<ItemResultReadResponse>("{}");
        assert!(error.to_string().contains("missing field `item_id`"), "{error}");
    }
}

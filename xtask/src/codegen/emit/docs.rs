//! Knows how the document's prose becomes documentation that rustdoc does not run.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::api::{Format, Limits, Notes, Schema, Ty};

/// Words that make rustdoc take a code block for Rust (the rustdoc book, "Documentation tests").
const RUST_WORDS: &[&str] = &["rust", "ignore", "should_panic", "no_run", "compile_fail", "test_harness", "custom"];

/// Documentation of one line for each line of the text.
pub(super) fn doc(text: &str) -> TokenStream {
    harmless(text)
        .into_iter()
        .map(|line| {
            let line = if line.is_empty() { line } else { format!(" {line}") };
            quote!(#[doc = #line])
        })
        .collect()
}

/// What the document tells about a thing, or else what it is.
pub(super) fn described(notes: &Notes, otherwise: &str) -> TokenStream {
    let text = notes.description.as_deref().or(notes.title.as_deref()).filter(|text| !text.trim().is_empty());
    let text = doc(text.unwrap_or(otherwise));
    let deprecated = notes.deprecated.then(|| quote!(#[deprecated = "the API calls it deprecated"]));
    quote!(#text #deprecated)
}

/// The facts about a field: what it says, its format, its limits, its default.
pub(super) fn field(notes: &Notes, wire: &str, schema: &Schema) -> TokenStream {
    let described = described(notes, &format!("`{}`.", wire.replace('`', "'")));
    let facts = facts(schema);
    if facts.is_empty() {
        return described;
    }
    let facts = doc(&format!("\n{}.", facts.join("; ")));
    quote!(#described #facts)
}

fn facts(schema: &Schema) -> Vec<String> {
    let mut facts = Vec::new();
    if let Ty::Text(Format::Other(format)) = &schema.ty {
        facts.push(format!("Format: {format}"));
    }
    limits(&schema.limits, &mut facts);
    if let Some(default) = schema.default.as_ref().filter(|default| **default != crate::codegen::json::Json::Null) {
        facts.push(format!("Default: `{}`", default.to_string().replace('`', "'")));
    }
    facts
}

fn limits(limits: &Limits, facts: &mut Vec<String>) {
    let mut say = |what: &str, limit: Option<String>| facts.extend(limit.map(|limit| format!("{what} {limit}")));
    let number = |limit: &Option<serde_json::Number>| limit.as_ref().map(ToString::to_string);
    say("At least", number(&limits.minimum));
    say("At most", number(&limits.maximum));
    say("More than", number(&limits.exclusive_minimum));
    say("Less than", number(&limits.exclusive_maximum));
    say("A multiple of", number(&limits.multiple_of));
    say("Characters, at least:", limits.min_length.map(|limit| limit.to_string()));
    say("Characters, at most:", limits.max_length.map(|limit| limit.to_string()));
    say("Pattern:", limits.pattern.as_ref().map(|pattern| format!("`` {} ``", pattern.replace("``", "` `"))));
    say("Entries, at least:", limits.min_items.map(|limit| limit.to_string()));
    say("Entries, at most:", limits.max_items.map(|limit| limit.to_string()));
    say("One of", (!limits.one_of.is_empty()).then(|| format!("{:?}", limits.one_of)));
    say("Entries differ from", limits.unique.then(|| "one another".to_owned()));
}

/// The lines of a text without anything that rustdoc takes for a test: code blocks are marked as text, none is left open,
/// and indentation never makes one.
fn harmless(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut fence: Option<String> = None;
    for line in text.trim_end().replace('\t', "    ").lines() {
        let line = line.trim_end();
        let content = line.trim_start();
        match (&fence, fence_of(content)) {
            (Some(open), Some((found, ""))) if found.starts_with(open.as_str()) => {
                lines.push(open.clone());
                fence = None;
            }
            (Some(_), _) => lines.push(line.to_owned()),
            (None, Some((found, info))) => {
                lines.push(format!("{found}{}", language(info)));
                fence = Some(found.to_owned());
            }
            (None, None) => {
                let indent = (line.len() - content.len()).min(3);
                lines.push(format!("{}{}", " ".repeat(indent), entry(content)));
            }
        }
    }
    lines.extend(fence);
    lines
}

/// A line that may begin a quotation or an entry of a list, and then no code block within it.
fn entry(line: &str) -> String {
    let Some((mark, rest)) = entry_of(line) else { return line.to_owned() };
    let rest = rest.trim_start();
    let escape = if fence_of(rest).is_some() { "\\" } else { "" };
    format!("{mark} {escape}{}", entry(rest)).trim_end().to_owned()
}

/// The mark of a quotation or an entry of a list, and what stands behind it.
fn entry_of(line: &str) -> Option<(&str, &str)> {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mark = line.get(digits..)?.chars().next()?;
    let (mark, rest) = match (digits, mark) {
        (0, '>' | '-' | '*' | '+') => line.split_at_checked(1)?,
        (1..=9, '.' | ')') => line.split_at_checked(digits + 1)?,
        _ => return None,
    };
    (mark == ">" || rest.is_empty() || rest.starts_with(' ')).then_some((mark, rest))
}

/// The marks that open or close a code block, and what stands behind them.
fn fence_of(line: &str) -> Option<(&str, &str)> {
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let length = line.chars().take_while(|c| *c == mark).count();
    let (found, info) = line.split_at_checked(length)?;
    (length >= 3 && !info.contains('`')).then(|| (found, info.trim()))
}

fn language(info: &str) -> &str {
    let end = info.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '-' | '_')).unwrap_or(info.len());
    let word = info.get(..end).unwrap_or_default();
    let is_rust =
        word.is_empty() || RUST_WORDS.contains(&word) || word.starts_with("edition") || word.starts_with("ignore");
    if is_rust { "text" } else { word }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn code_blocks_are_never_rust() {
        let cases = [
            ("```\nlet a;\n```", "```text\nlet a;\n```"),
            ("```rust\nlet a;\n```", "```text\nlet a;\n```"),
            ("```json\n{}\n```", "```json\n{}\n```"),
            ("```json,rust\n{}\n```", "```json\n{}\n```"),
            ("~~~should_panic\nx\n~~~", "~~~text\nx\n~~~"),
            ("left open\n```\nx", "left open\n```text\nx\n```"),
            ("````\n```\nx\n```\n````", "````text\n```\nx\n```\n````"),
            ("list\n\n        deep", "list\n\n   deep"),
            ("\tdeep", "   deep"),
            ("a ```b``` c", "a ```b``` c"),
            ("> ```\n> bad(\n> ```", "> \\```\n> bad(\n> \\```"),
            ("- ```rust\n  bad(\n  ```", "- \\```rust\n  bad(\n```text\n```"),
            (">     bad(", "> bad("),
            ("1.      bad(", "1. bad("),
            ("> - ~~~\n> -    x", "> - \\~~~\n> - x"),
            ("---\n**a**\n-1\n*\n>", "---\n**a**\n-1\n*\n>"),
            ("```inline``` c", "```inline``` c"),
        ];
        for (text, wanted) in cases {
            assert_eq!(harmless(text).join("\n"), wanted, "{text}");
        }
    }
}

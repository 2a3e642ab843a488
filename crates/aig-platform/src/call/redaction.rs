//! Taking secrets out of what a server wrote: it may echo the request, signed URLs and all.

use serde_json::Value;

/// The secrets of one request.
#[derive(Default)]
pub(crate) struct Redaction(Vec<String>);

const SHOWN: &str = "[redacted]";

impl Redaction {
    /// Texts that must not be shown. Very short ones would mangle ordinary words and are no secrets.
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        Self(secrets.into_iter().filter(|secret| secret.len() >= 6).map(str::to_owned).collect())
    }

    /// `text` without the secrets, and without the query of any URL.
    pub(crate) fn text(&self, text: &str) -> String {
        let shown = self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), SHOWN));
        without_queries(&shown)
    }

    /// The same for every text of a JSON value.
    pub(crate) fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(values) => values.into_iter().map(|value| self.value(value)).collect(),
            Value::Object(entries) => {
                entries.into_iter().map(|(name, value)| (self.text(&name), self.value(value))).collect()
            }
            other => other,
        }
    }
}

/// Cuts the query of every URL in the text: signatures live there.
fn without_queries(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (before, url) = rest.split_at(start);
        let end = url.find(|character: char| character.is_whitespace() || "\"'<>`".contains(character));
        let (url, after) = url.split_at(end.unwrap_or(url.len()));
        shown.push_str(before);
        match url.split_once('?') {
            Some((address, _)) => shown.extend([address, "?", SHOWN]),
            None => shown.push_str(url),
        }
        rest = after;
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_of_urls_and_named_secrets_disappear_and_the_rest_stays() {
        let redaction = Redaction::new(["canary-token"]);
        let text = "bad \"https://bucket.example/a?X-Sig=1&b=2\" and gs://b/k; token canary-token (why?)";
        let shown = "bad \"https://bucket.example/a?[redacted]\" and gs://b/k; token [redacted] (why?)";
        assert_eq!(redaction.text(text), shown);
    }

    #[test]
    fn a_whole_value_is_covered() {
        let echo = serde_json::json!([{ "input": { "download_url": "https://h/p?sig=canary" }, "n": 1 }]);
        let shown = Redaction::default().value(echo);
        assert_eq!(shown, serde_json::json!([{ "input": { "download_url": "https://h/p?[redacted]" }, "n": 1 }]));
    }
}

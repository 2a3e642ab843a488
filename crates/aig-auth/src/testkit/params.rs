//! Parameters of a request: a query, a form, or a flat JSON object.

use std::collections::HashSet;

use serde_json::Value;

use super::{Request, core::MAX_BODY, error::OAuthError};

/// Codes, tokens, addresses and states are shorter.
const MAX_VALUE: usize = 8 * 1024;
/// A session remembers its scope.
const MAX_SCOPE: usize = 1024;

/// Names and values in the order they came.
#[derive(Clone, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// The query of a GET, the body of anything else; nothing of a request that is refused for its size. `None` when
    /// the body is neither a form (RFC 6749 section 3.2) nor JSON.
    pub(super) fn of(request: &Request) -> Option<Self> {
        if request.query.len().max(request.body.len()) > MAX_BODY {
            return Some(Self::default());
        }
        if matches!(request.method.as_str(), "GET" | "HEAD") {
            return Some(Self::from_form(request.query.as_bytes()));
        }
        let kind = request.header("content-type").unwrap_or_default();
        match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "application/json" => Self::from_json(&request.body),
            "application/x-www-form-urlencoded" => Some(Self::from_form(&request.body)),
            _ => request.body.is_empty().then(Self::default),
        }
    }

    fn from_form(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().collect())
    }

    /// Auth0 takes the parameters of its token endpoint as JSON, too.
    fn from_json(text: &[u8]) -> Option<Self> {
        let object: serde_json::Map<String, Value> = serde_json::from_slice(text).ok()?;
        Some(Self(object.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect()))
    }

    /// The value of a parameter. One without a value counts as left out (RFC 6749 section 3.1).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(existing, value)| existing == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter, or an empty text.
    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// The value of a parameter that has to be there.
    pub(super) fn require(&self, name: &str, missing: &'static str) -> Result<&str, OAuthError> {
        self.get(name).ok_or(OAuthError::invalid_request(missing))
    }

    /// No parameter may come twice (RFC 6749 section 3.1), but `resource` (RFC 8707) may; and none is endless.
    pub(super) fn check(&self) -> Result<(), OAuthError> {
        let mut seen = HashSet::new();
        if !self.0.iter().all(|(name, _)| name == "resource" || seen.insert(name)) {
            return Err(OAuthError::invalid_request("a parameter is repeated"));
        }
        if self.0.iter().any(|(_, value)| value.len() > MAX_VALUE) {
            return Err(OAuthError::invalid_request("a parameter is too long"));
        }
        if self.text("scope").len() > MAX_SCOPE {
            return Err(OAuthError::invalid_scope("the scope is too long"));
        }
        Ok(())
    }

    /// All values of one name, joined by blanks: some clients send `scope` once per element.
    pub(super) fn join(mut self, name: &str) -> Self {
        let values: Vec<String> =
            self.0.iter().filter(|(existing, _)| existing == name).map(|(_, value)| value.clone()).collect();
        self.0.retain(|(existing, _)| existing != name);
        self.0.push((name.to_owned(), values.join(" ")));
        self
    }

    pub(super) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_without_a_value_counts_as_left_out() {
        let params = Params::from_form(b"state=&scope=a+b");
        assert_eq!(params.get("state"), None);
        assert_eq!(params.get("scope"), Some("a b"));
    }

    #[test]
    fn a_repeated_parameter_is_an_error_unless_it_may_repeat() {
        assert!(Params::from_form(b"scope=a&scope=b").check().is_err());
        assert!(Params::from_form(b"resource=a&resource=b&scope=c").check().is_ok());
        assert!(Params::from_form(b"scope=a&scope=b").join("scope").check().is_ok());
    }

    #[test]
    fn a_flat_json_object_is_taken_as_a_form() {
        let request = Request { method: "POST".into(), body: br#"{"a":"1","b":2}"#.to_vec(), ..Request::default() }
            .with_header("Content-Type", "application/json; charset=utf-8");
        let params = Params::of(&request).unwrap();
        assert_eq!((params.get("a"), params.get("b")), (Some("1"), None));
    }

    #[test]
    fn a_body_of_another_kind_is_not_guessed_at() {
        let post = |kind: &str, body: &str| {
            let request = Request { method: "POST".into(), body: body.into(), ..Request::default() };
            Params::of(&request.with_header("content-type", kind))
        };
        assert!(
            post("Application/X-WWW-Form-URLencoded; charset=UTF-8", "a=1").is_some_and(|read| read.text("a") == "1")
        );
        for (kind, body) in
            [("text/plain", "a=1"), ("", "a=1"), ("application/json", "a=1"), ("application/json", "[]")]
        {
            assert!(post(kind, body).is_none(), "{kind}: {body}");
        }
        assert!(post("", "").is_some(), "nothing is nothing of any kind");
    }
}

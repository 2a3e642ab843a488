//! What the address of a page asks for beyond the page itself.

use serde::Deserialize;
use url::form_urlencoded::Serializer;

/// The query; what cannot be understood counts as not asked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) follow: String,
    pub(super) page: String,
    pub(super) show: String,
    pub(super) find: String,
    pub(super) bucket: String,
    pub(super) prefix: String,
    pub(super) notice: String,
}

impl Asked {
    /// Whether the page is to show what happens while it is open.
    pub(super) fn follows(&self) -> bool {
        self.follow == "on"
    }

    /// Counted from 0.
    pub(super) fn page(&self) -> usize {
        self.page.parse().unwrap_or_default()
    }

    /// What a form must carry along so that it leads back to the same view: without the page and the notice.
    pub(super) fn kept(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("follow", &self.follow),
            ("show", &self.show),
            ("find", &self.find),
            ("bucket", &self.bucket),
            ("prefix", &self.prefix),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.as_str()))
    }

    /// The query of the same view with one thing changed, beginning with its question mark.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(self.kept().filter(|(kept, _)| *kept != name));
        if !value.is_empty() {
            query.append_pair(name, value);
        }
        format!("?{}", query.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_view_keeps_the_rest_and_is_percent_encoded() {
        let asked = Asked { follow: "on".into(), find: "a&b=\"<".into(), notice: "x".into(), ..Asked::default() };
        assert_eq!(asked.with("show", "failing"), "?follow=on&find=a%26b%3D%22%3C&show=failing");
        assert_eq!(asked.with("follow", ""), "?find=a%26b%3D%22%3C");
    }
}

//! Which requests of a log are asked for.

use jiff::Timestamp;
use url::form_urlencoded;

/// Which requests of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Those with a greater number.
    pub after: u64,
    /// Of this operation, by its id.
    pub operation: Option<String>,
    /// Answered with this status, such as `404`, or one of a class, such as `5xx`.
    pub status: Option<String>,
    /// With this text in the path.
    pub path: Option<String>,
    /// Of this HTTP method.
    pub method: Option<String>,
    /// Not older than this, by the sandbox's clock.
    pub since: Option<Timestamp>,
}

impl RequestFilter {
    pub(super) fn query(&self) -> String {
        let (operation, status) = (("operation", &self.operation), ("status", &self.status));
        let optional = [operation, status, ("path", &self.path), ("method", &self.method)];
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("after", &self.after.to_string());
        query.extend_pairs(optional.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))));
        query.extend_pairs(self.since.iter().map(|since| ("since", since.to_string())));
        query.finish()
    }
}

//! Knows how parameters become a path, a query and headers, percent-encoded so that none can leave its place.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{OperationInfo, ParameterValue};

/// Everything but the unreserved characters of RFC 3986, section 2.3: so `/`, `?`, `+` and `&` stay data.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a request goes, below the server prefix.
///
/// `Debug` shows the names of the query and no values: a share token may be among them.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    path: String,
    query: Vec<(&'static str, String)>,
    /// The pairs of the query, percent-encoded.
    encoded: Vec<String>,
    headers: Vec<(&'static str, String)>,
    cookies: Vec<(&'static str, String)>,
}

impl Target {
    /// The target of an operation whose parameters are still to be filled in.
    pub fn new(info: &OperationInfo) -> Self {
        Self {
            path: info.path.to_owned(),
            query: Vec::new(),
            encoded: Vec::new(),
            headers: Vec::new(),
            cookies: Vec::new(),
        }
    }

    /// Fills in a path parameter.
    ///
    /// # Errors
    /// When the value is empty, `.` or `..`: URL parsers remove such segments, even percent-encoded
    /// ([WHATWG URL](https://url.spec.whatwg.org/#double-dot-path-segment)), and the request would reach another operation.
    pub fn with_path(mut self, name: &'static str, value: &impl ParameterValue) -> Result<Self, InvalidParameter> {
        let text = value.to_text();
        if matches!(text.as_str(), "" | "." | "..") {
            return Err(InvalidParameter { name });
        }
        self.path = self.path.replace(&format!("{{{name}}}"), &encoded(&text));
        Ok(self)
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn with_query<'v, V: ParameterValue + 'v>(
        mut self,
        name: &'static str,
        values: impl IntoIterator<Item = &'v V>,
    ) -> Self {
        for value in values {
            let text = value.to_text();
            self.encoded.push(pair(name, &text));
            self.query.push((name, text));
        }
        self
    }

    /// Adds a query parameter whose values stand behind one key: a comma between two is bare, one inside a value is
    /// encoded ([RFC 6570, section 3.2.8](https://www.rfc-editor.org/rfc/rfc6570#section-3.2.8)).
    #[must_use]
    pub fn with_joined_query<'v, V: ParameterValue + 'v>(
        mut self,
        name: &'static str,
        values: impl IntoIterator<Item = &'v V>,
    ) -> Self {
        let texts: Vec<String> = values.into_iter().map(ParameterValue::to_text).collect();
        if !texts.is_empty() {
            let list: Vec<String> = texts.iter().map(|text| encoded(text)).collect();
            self.encoded.push(format!("{}={}", encoded(name), list.join(",")));
            self.query.push((name, texts.join(",")));
        }
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header<'v, V: ParameterValue + 'v>(
        mut self,
        name: &'static str,
        values: impl IntoIterator<Item = &'v V>,
    ) -> Self {
        for value in values {
            self.headers.push((name, value.to_text()));
        }
        self
    }

    /// Adds a cookie.
    #[must_use]
    pub fn with_cookie<'v, V: ParameterValue + 'v>(
        mut self,
        name: &'static str,
        values: impl IntoIterator<Item = &'v V>,
    ) -> Self {
        for value in values {
            self.cookies.push((name, value.to_text()));
        }
        self
    }

    /// The path below the server prefix, percent-encoded, beginning with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query as pairs, not encoded. A repeated key stands once for each value.
    pub fn query(&self) -> &[(&'static str, String)] {
        &self.query
    }

    /// The headers that are parameters of the operation.
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.headers
    }

    /// The cookies that are parameters of the operation.
    pub fn cookies(&self) -> &[(&'static str, String)] {
        &self.cookies
    }

    /// The query, percent-encoded; `None` when there is none.
    pub fn query_string(&self) -> Option<String> {
        (!self.encoded.is_empty()).then(|| self.encoded.join("&"))
    }

    /// Path and query, percent-encoded. It may hold a share token: not for logs.
    pub fn path_and_query(&self) -> String {
        match self.query_string() {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }
}

pub(crate) fn pair(name: &str, value: &str) -> String {
    format!("{}={}", encoded(name), encoded(value))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.query.iter().map(|(name, _)| name).collect();
        f.debug_struct("Target").field("path", &self.path).field("query", &names).finish_non_exhaustive()
    }
}

/// A path parameter that would lead elsewhere: it is empty, `.` or `..`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidParameter {
    name: &'static str,
}

impl InvalidParameter {
    /// The name of the parameter.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl fmt::Display for InvalidParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is empty, `.` or `..` and cannot be part of a path; name the thing itself", self.name)
    }
}

impl std::error::Error for InvalidParameter {}

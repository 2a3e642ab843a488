//! Knows what an operation of the API is: its parts as data, and how its request and its answer look.

use std::fmt;

use crate::{Body, DecodeError, EncodeError, InvalidParameter, ParameterInfo, Parts, Target, Violations};

/// An operation with its parameters: everything that a request needs but a host and an authorization.
///
/// ```
/// use aig_codegen::{Operation, operations::ListRuns};
///
/// let runs = ListRuns::new().with_page_size(100).with_sort(["-submitted_at"]);
/// let target = runs.target()?;
/// assert_eq!(target.path_and_query(), "/v1/runs?page_size=100&sort=-submitted_at");
/// assert!(ListRuns::INFO.idempotent);
/// # Ok::<(), aig_codegen::InvalidParameter>(())
/// ```
pub trait Operation: Sized + fmt::Debug + Send + Sync + 'static {
    /// What is known without parameters.
    const INFO: &'static OperationInfo;

    /// What a success carries: a model, or `()` when there is nothing to read.
    type Response: Send + 'static;

    /// Path and query, percent-encoded.
    ///
    /// # Errors
    /// When a path parameter is empty, `.` or `..`: such a request would reach another operation.
    fn target(&self) -> Result<Target, InvalidParameter>;

    /// The body, for an operation that has one.
    ///
    /// # Errors
    /// When the value has no JSON form, which no generated model is.
    fn body(&self) -> Result<Option<Body>, EncodeError> {
        Ok(None)
    }

    /// Reads the body of a success.
    ///
    /// # Errors
    /// When the body is not what the document promises.
    fn decode(body: &[u8]) -> Result<Self::Response, DecodeError>;

    /// Checks the request against the limits of the document, before anything is sent.
    ///
    /// # Errors
    /// Every limit that is broken, with its place.
    fn validate(&self) -> Result<(), Violations>;

    /// Reads the operation back from the parts of a request, as a server does.
    ///
    /// # Errors
    /// Every part that is missing, unreadable or outside the limits of the document.
    fn parse(parts: &Parts<'_>) -> Result<Self, Violations>;
}

/// What is known of an operation without its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperationInfo {
    /// The unique name, as the document's `operationId`.
    pub id: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path template below the server prefix, such as `/v1/runs/{run_id}`.
    pub path: &'static str,
    /// Every parameter, in the order of the document.
    pub parameters: &'static [ParameterInfo],
    /// The media type of the body, for an operation that has one.
    pub body: Option<&'static str>,
    /// The status of a success. For an operation that only redirects, the status of the redirect.
    pub success: u16,
    /// How a success is to be read.
    pub answer: Answer,
    /// The status that leads to a signed URL, for an operation that redirects.
    pub redirect: Option<u16>,
    /// Every error status that the document declares.
    pub errors: &'static [u16],
    /// Whether sending it twice has the effect of sending it once (RFC 9110, section 9.2.2, or said by the document).
    pub idempotent: bool,
    /// Whether the document calls it deprecated.
    pub deprecated: bool,
}

impl OperationInfo {
    /// The parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<&'static ParameterInfo> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

/// How a success is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Answer {
    /// There is nothing to read.
    Empty,
    /// JSON of the operation's response type.
    Json,
    /// JSON that the document promises nothing about, or nothing at all.
    Untyped,
    /// Bytes of another media type.
    Bytes,
    /// Nothing here: the `Location` header says where.
    Redirect,
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Method {
    /// Reads.
    Get,
    /// Reads the headers alone.
    Head,
    /// Asks what is allowed.
    Options,
    /// Does what the operation says.
    Post,
    /// Replaces.
    Put,
    /// Changes in part.
    Patch,
    /// Removes.
    Delete,
    /// Echoes.
    Trace,
}

impl Method {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Trace => "TRACE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

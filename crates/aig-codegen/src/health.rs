//! Knows the health endpoint, which the OpenAPI document does not list.

#![expect(non_camel_case_types, reason = "the table of members names them as the fields are named")]

/// Where a deployment says how it is: below its root, beside the prefix of the API.
pub const HEALTH_PATH: &str = "/health";

/// How a deployment says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Up, or up with something missing.
    pub status: HealthStatus,
    /// What is missing, for people.
    pub reason: Option<String>,
}

impl Health {
    /// A statement without a reason.
    pub const fn new(status: HealthStatus) -> Self {
        Self { status, reason: None }
    }

    /// Sets the reason.
    #[must_use]
    pub fn with_reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

crate::object!(Health { required status: "status", optional reason: "reason", });

/// The state of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HealthStatus {
    /// Everything works.
    Up,
    /// It works, with something missing.
    Degraded,
    /// A value that this version does not know.
    Unknown(crate::UnknownValue),
}

impl HealthStatus {
    /// The values known to this version.
    pub const VALUES: &'static [&'static str] = &["UP", "DEGRADED"];

    /// The text on the wire.
    pub const fn as_str(&self) -> &str {
        match self {
            Self::Up => "UP",
            Self::Degraded => "DEGRADED",
            Self::Unknown(value) => value.as_str(),
        }
    }
}

impl From<&str> for HealthStatus {
    fn from(text: &str) -> Self {
        match text {
            "UP" => Self::Up,
            "DEGRADED" => Self::Degraded,
            other => Self::Unknown(crate::UnknownValue::keep(other)),
        }
    }
}

crate::string_enum!(HealthStatus);

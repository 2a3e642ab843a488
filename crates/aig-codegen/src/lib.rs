//! Models and operations of the Aignostics Platform API, generated from its OpenAPI document.
//!
//! # Invariant
//! Knows what the API says on the wire, never how to send it: no HTTP client, no authorization, no clock.
//!
#![doc = include_str!("../README.md")]

// Generated code names this crate by its name, so that it compiles here and in any crate that depends on this one.
extern crate self as aig_codegen;

mod body;
mod bound;
mod by_text;
mod date;
mod form;
#[rustfmt::skip]
mod generated;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod health;
mod json;
mod limits;
mod newtype;
mod nullable;
mod object;
mod operation;
mod parameter;
mod reader;
mod route;
mod sensitive;
mod string_enum;
mod target;
mod timestamp;
mod union;
mod violation;

pub use body::Body;
pub use bound::Bound;
pub use date::Date;
pub use generated::{
    API_TITLE, API_VERSION, DOCUMENT_SHA256, OPERATIONS, SERVER_PREFIX, enums, models, operations, parameters,
};
pub use health::{HEALTH_PATH, Health, HealthStatus};
pub use json::{DecodeError, EncodeError, decode};
pub use limits::Limits;
pub use nullable::Nullable;
pub use operation::{Answer, Method, Operation, OperationInfo};
pub use parameter::{InvalidText, Location, ParameterInfo, ParameterValue, ValueKind};
pub use reader::{Parts, Reader};
pub use route::{Route, route};
pub use sensitive::Sensitive;
pub use string_enum::UnknownValue;
pub use target::{InvalidParameter, Target};
pub use timestamp::Timestamp;
pub use violation::{Checker, Validate, Violation, Violations};

/// The OpenAPI 3.1 document that this crate is generated from.
pub const DOCUMENT: &str = include_str!("../openapi/aignostics-platform.json");

//! Secrets that tests use: each can be found wherever it turns up.

pub(crate) const ACCESS_TOKEN: &str = "aT1canaryAccess";
pub(crate) const REFRESH_TOKEN: &str = "rT2canaryRefresh";
pub(crate) const ID_TOKEN: &str = "iT3canaryIdentity";
pub(crate) const CLIENT_SECRET: &str = "service-secret";
pub(crate) const API_KEY: &str = "kQ7canaryKey";
pub(crate) const PROXY_PASSWORD: &str = "pP5canaryProxy";
pub(crate) const COOKIE: &str = "cK6canaryCookie";
pub(crate) const DEVICE_CODE: &str = "dC7canaryDevice";
/// A claim of a token: somebody's address.
pub(crate) const PERSON: &str = "ada@example.test";
pub(crate) const HEADER: &str = "hX9canaryHeader";
pub(crate) const QUERY: &str = "qW5canaryQuery";
pub(crate) const BODY: &str = "bU2canaryBody";
pub(crate) const VARIABLE: &str = "eV1canaryVariable";
pub(crate) const STORED: &str = "stored-canary";

pub(crate) const ALL: [&str; 14] = [
    ACCESS_TOKEN,
    REFRESH_TOKEN,
    ID_TOKEN,
    CLIENT_SECRET,
    API_KEY,
    PROXY_PASSWORD,
    COOKIE,
    DEVICE_CODE,
    PERSON,
    HEADER,
    QUERY,
    BODY,
    VARIABLE,
    STORED,
];

//! A sandbox that another process started, asked and steered over its own pages. It knows nothing of the platform's API.

mod error;
mod filter;
mod readings;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use url::Url;

use crate::{
    SANDBOX_HEADER, SnapshotInfo,
    control::PREFIX,
    http_client::{self, Proxy, is_loopback},
};

pub use error::RemoteError;
pub use filter::RequestFilter;
pub use readings::{ClockReading, RemoteStatus, Rule};

/// A running sandbox.
///
/// ```
/// use aig_sandbox::{Remote, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::builder().start().await?; // most often in another process
/// let remote = Remote::connect(sandbox.url()).await?;
/// remote.advance_clock("30d").await?;
/// assert!(remote.clock().await?.now > remote.clock().await?.machine);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Remote {
    root: String,
    client: reqwest::Client,
}

impl Remote {
    /// Looks whether a sandbox is at `url`, before anything is asked of it.
    ///
    /// # Errors
    /// When the address is not on loopback, nothing answers, or something else does.
    pub async fn connect(url: &str) -> Result<Self, RemoteError> {
        let address = || RemoteError::Address { url: url.to_owned() };
        let parsed = Url::parse(url).map_err(|_| address())?;
        let is_near = parsed.scheme() == "http" && parsed.host().is_some_and(|host| is_loopback(&host));
        let client = http_client::build(Proxy::Never).filter(|_| is_near).ok_or_else(address)?;
        let remote = Self { root: parsed.origin().ascii_serialization(), client };
        remote.call(remote.client.get(remote.page("/healthz"))).await?;
        Ok(remote)
    }

    /// Where it is, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.root
    }

    /// How it stands.
    ///
    /// # Errors
    /// As of all that is asked: [`RemoteError`].
    pub async fn status(&self) -> Result<RemoteStatus, RemoteError> {
        self.get("/status").await
    }

    /// The variables by which programs find it.
    ///
    /// # Errors
    /// See [`Remote::status`].
    pub async fn environment(&self) -> Result<BTreeMap<String, String>, RemoteError> {
        self.get("/environment").await
    }

    /// A refresh token of its first user, for `AIGNOSTICS_REFRESH_TOKEN`.
    ///
    /// # Errors
    /// See [`Remote::status`].
    pub async fn refresh_token(&self) -> Result<String, RemoteError> {
        let session: Value = self.post("/sessions", &json!({})).await?;
        session.get("refresh_token").and_then(Value::as_str).map(str::to_owned).ok_or_else(|| self.protocol())
    }

    /// What the clocks say.
    ///
    /// # Errors
    /// See [`Remote::status`].
    pub async fn clock(&self) -> Result<ClockReading, RemoteError> {
        self.get("/clock").await
    }

    /// Puts the clock forward by a span such as `30d` or `1h 30m`.
    ///
    /// # Errors
    /// See [`Remote::status`]; refused is what is no span forward in time.
    pub async fn advance_clock(&self, span: &str) -> Result<ClockReading, RemoteError> {
        self.post("/clock", &json!({"advance": span})).await
    }

    /// Puts the clock forward to a time.
    ///
    /// # Errors
    /// See [`Remote::status`]; refused is a time that is over, and one beyond the year 2999.
    pub async fn set_clock(&self, at: Timestamp) -> Result<ClockReading, RemoteError> {
        self.post("/clock", &json!({"set": at})).await
    }

    /// Stops the clock where it is: only putting it forward moves it.
    ///
    /// # Errors
    /// See [`Remote::status`].
    pub async fn freeze_clock(&self) -> Result<ClockReading, RemoteError> {
        self.post("/clock", &json!({"freeze": true})).await
    }

    /// Lets a stopped clock go on from where it stands.
    ///
    /// # Errors
    /// See [`Remote::status`].
    pub async fn unfreeze_clock(&self) -> Result<ClockReading, RemoteError> {
        self.post("/clock", &json!({"freeze": false})).await
    }

    /// The rules for faults in force.
    ///
    /// # Errors
    /// See [`Remote::status`].
    pub async fn faults(&self) -> Result<Vec<Rule>, RemoteError> {
        self.get("/faults").await
    }

    /// Adds a rule, or a list of them: what [`Fault`](crate::faults::Fault) is in JSON. Gives their numbers.
    ///
    /// # Errors
    /// See [`Remote::status`]; refused is what is no fault.
    pub async fn inject(&self, faults: &Value) -> Result<Vec<u64>, RemoteError> {
        Ok(self.post::<Ids>("/faults", faults).await?.ids)
    }

    /// Adds the rules of a [`Scenario`](crate::faults::Scenario), by its name.
    ///
    /// # Errors
    /// See [`Remote::status`].
    pub async fn play(&self, scenario: &str) -> Result<Vec<u64>, RemoteError> {
        Ok(self.post::<Ids>(&format!("/scenarios/{}", segment(scenario)), &json!({})).await?.ids)
    }

    /// Takes one rule back.
    ///
    /// # Errors
    /// See [`Remote::status`]; refused is a number that no rule has.
    pub async fn remove_fault(&self, id: u64) -> Result<(), RemoteError> {
        self.call(self.client.delete(self.page(&format!("/faults/{id}")))).await.map(drop)
    }

    /// Takes all rules back.
    ///
    /// # Errors
    /// See [`Remote::status`].
    pub async fn clear_faults(&self) -> Result<(), RemoteError> {
        self.call(self.client.delete(self.page("/faults"))).await.map(drop)
    }

    /// The last requests, oldest first: what [`LoggedRequest`](crate::LoggedRequest) is in JSON, each with a `curl` command.
    ///
    /// # Errors
    /// See [`Remote::status`].
    pub async fn requests(&self, filter: &RequestFilter) -> Result<Vec<Value>, RemoteError> {
        let page = format!("{}?{}", self.page("/requests"), filter.query());
        let text = self.call(self.client.get(page)).await?;
        text.lines().map(|line| serde_json::from_str(line).map_err(|_| self.protocol())).collect()
    }

    /// The same as an HTTP archive (HAR 1.2).
    ///
    /// # Errors
    /// See [`Remote::status`].
    pub async fn archive(&self, filter: &RequestFilter) -> Result<Value, RemoteError> {
        self.get(&format!("/requests.har?{}", filter.query())).await
    }

    /// Forgets all requests so far; numbers go on.
    ///
    /// # Errors
    /// See [`Remote::status`].
    pub async fn clear_requests(&self) -> Result<(), RemoteError> {
        self.call(self.client.delete(self.page("/requests"))).await.map(drop)
    }

    /// The snapshots that it can load.
    ///
    /// # Errors
    /// See [`Remote::status`].
    pub async fn snapshots(&self) -> Result<Vec<SnapshotInfo>, RemoteError> {
        self.get("/snapshots").await
    }

    /// Keeps its state under this name.
    ///
    /// # Errors
    /// See [`Remote::status`]; refused is a name that is taken, or that cannot be one.
    pub async fn save_snapshot(&self, name: &str) -> Result<SnapshotInfo, RemoteError> {
        self.post("/snapshots", &json!({"name": name})).await
    }

    /// Puts the state of this name in the place of what is there.
    ///
    /// # Errors
    /// See [`Remote::status`]; refused is a name that no snapshot has.
    pub async fn load_snapshot(&self, name: &str) -> Result<SnapshotInfo, RemoteError> {
        self.post(&format!("/snapshots/{}/load", segment(name)), &json!({})).await
    }

    /// Forgets the state of this name.
    ///
    /// # Errors
    /// See [`Remote::status`]; refused is a name that no snapshot has.
    pub async fn delete_snapshot(&self, name: &str) -> Result<(), RemoteError> {
        self.call(self.client.delete(self.page(&format!("/snapshots/{}", segment(name))))).await.map(drop)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, RemoteError> {
        let text = self.call(self.client.get(self.page(path))).await?;
        serde_json::from_str(&text).map_err(|_| self.protocol())
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, RemoteError> {
        let request = self.client.post(self.page(path)).header(http::header::CONTENT_TYPE, "application/json");
        let text = self.call(request.body(body.to_string())).await?;
        serde_json::from_str(&text).map_err(|_| self.protocol())
    }

    fn page(&self, path: &str) -> String {
        format!("{}{PREFIX}{path}", self.root)
    }

    /// The text of an answer that is a success, and from a sandbox.
    async fn call(&self, request: reqwest::RequestBuilder) -> Result<String, RemoteError> {
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        if !response.headers().contains_key(SANDBOX_HEADER) {
            return Err(RemoteError::NotASandbox { url: self.root.clone() });
        }
        let status = response.status();
        let text = response.text().await.map_err(|error| self.unreachable(&error))?;
        if status.is_success() { Ok(text) } else { Err(RemoteError::of_answer(status, &text)) }
    }

    fn unreachable(&self, error: &reqwest::Error) -> RemoteError {
        let reason = match () {
            () if error.is_connect() => "no connection",
            () if error.is_timeout() => "it took too long",
            () => "the answer broke off",
        };
        RemoteError::Unreachable { url: self.root.clone(), reason }
    }

    fn protocol(&self) -> RemoteError {
        RemoteError::Protocol { url: self.root.clone() }
    }
}

#[derive(Deserialize)]
struct Ids {
    ids: Vec<u64>,
}

fn segment(name: &str) -> impl std::fmt::Display {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC)
}

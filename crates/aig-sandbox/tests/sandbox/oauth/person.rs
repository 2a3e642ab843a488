//! A person before the pages of the authorization server, with a browser that runs no script and comes from nowhere else.

use std::collections::BTreeMap;

use aig_sandbox::{Sandbox, SandboxBuilder};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::Digest;

use crate::wire::Wire;

pub(super) const ADA: &str = "auth0|sandbox-ada";
pub(super) const GRACE: &str = "auth0|sandbox-grace";
pub(super) const LINUS: &str = "auth0|sandbox-linus";
pub(super) const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-for-pkce";
pub(super) const REDIRECT: &str = "http://127.0.0.1:4711/callback";

/// A sandbox, and a client that follows no redirect.
pub(super) struct Tenant {
    pub(super) sandbox: Sandbox,
    pub(super) wire: Wire,
}

/// An answer, its body as text.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: http::HeaderMap,
    pub(super) text: String,
}

impl Tenant {
    pub(super) async fn new() -> Self {
        Self::of(Sandbox::builder()).await
    }

    pub(super) async fn of(builder: SandboxBuilder) -> Self {
        let sandbox = builder.start().await.unwrap();
        let wire = Wire::new(&sandbox).await;
        Self { sandbox, wire }
    }

    pub(super) async fn get(&self, target: &str) -> Reply {
        let url = if target.starts_with('/') { format!("{}{target}", self.wire.url) } else { target.to_owned() };
        Reply::of(self.wire.client.get(url)).await
    }

    /// A form, as a browser sends one from a page of the sandbox.
    pub(super) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.form_from(&self.wire.url, path, fields).await
    }

    pub(super) async fn form_from(&self, origin: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let request = self.wire.client.post(format!("{}{path}", self.wire.url)).header("origin", origin);
        Reply::of(request.header("content-type", "application/x-www-form-urlencoded").body(encoded(fields))).await
    }

    pub(super) async fn token(&self, fields: &[(&str, &str)]) -> Reply {
        self.form("/oauth/token", fields).await
    }

    /// `/authorize` as a client writes it, with some parameters changed; those without a value are left out.
    pub(super) async fn authorize(&self, changes: &[(&str, &str)]) -> Reply {
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(VERIFIER));
        let usual = [
            ("response_type", "code"),
            ("client_id", "sandbox-interactive"),
            ("redirect_uri", REDIRECT),
            ("scope", "openid offline_access"),
            ("state", "abc"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let mut query: BTreeMap<&str, &str> = usual.into_iter().collect();
        query.extend(changes.iter().copied());
        query.retain(|_, value| !value.is_empty());
        self.get(&format!("/authorize?{}", encoded(&query.into_iter().collect::<Vec<_>>()))).await
    }

    /// Presses a button of the page that `shown` is, with this account chosen.
    pub(super) async fn press(&self, shown: &Reply, decision: &str, user: &str) -> Reply {
        self.form(shown.action(), &[("ticket", shown.ticket()), ("user", user), ("decision", decision)]).await
    }

    /// An authorization code of the first user.
    pub(super) async fn code(&self, changes: &[(&str, &str)]) -> String {
        let back = self.press(&self.authorize(changes).await, "allow", ADA).await;
        back.sent_back()["code"].clone()
    }

    /// The token request for a code, with some parameters changed; those without a value are left out.
    pub(super) async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> Reply {
        let usual = [
            ("grant_type", "authorization_code"),
            ("client_id", "sandbox-interactive"),
            ("redirect_uri", REDIRECT),
            ("code", code),
            ("code_verifier", VERIFIER),
        ];
        let mut fields: BTreeMap<&str, &str> = usual.into_iter().collect();
        fields.extend(changes.iter().copied());
        fields.retain(|_, value| !value.is_empty());
        self.token(&fields.into_iter().collect::<Vec<_>>()).await
    }

    pub(super) async fn refresh(&self, client_id: &str, refresh_token: &str) -> Reply {
        let fields = [("grant_type", "refresh_token"), ("client_id", client_id), ("refresh_token", refresh_token)];
        self.token(&fields).await
    }

    /// What the API says to this bearer.
    pub(super) async fn status_of_me(&self, access_token: &str) -> u16 {
        let request = self.wire.client.get(format!("{}/api/v1/me", self.wire.url));
        request.bearer_auth(access_token).send().await.unwrap().status().as_u16()
    }
}

impl Reply {
    pub(super) async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(super) fn json(&self) -> Value {
        let read = serde_json::from_str(&self.text);
        assert!(read.is_ok(), "no JSON: {self:?}");
        read.unwrap()
    }

    /// A member of a JSON answer.
    #[track_caller]
    pub(super) fn member(&self, name: &str) -> String {
        let json = self.json();
        assert!(json[name].is_string(), "no {name}: {self:?}");
        json[name].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(super) fn claims(&self, name: &str) -> Value {
        self.part(name, 1)
    }

    /// The id of the key that signed the access token.
    #[track_caller]
    pub(super) fn signer(&self) -> String {
        self.part("access_token", 0)["kid"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn part(&self, name: &str, index: usize) -> Value {
        let token = self.member(name);
        let part = token.split('.').nth(index).unwrap();
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    /// What the redirect carries, decoded.
    #[track_caller]
    pub(super) fn sent_back(&self) -> BTreeMap<String, String> {
        assert!(self.status == 303 && self.text.is_empty(), "no redirect: {self:?}");
        url::Url::parse(self.header("location")).unwrap().query_pairs().into_owned().collect()
    }

    #[track_caller]
    pub(super) fn ticket(&self) -> &str {
        self.between("name=\"ticket\" value=\"")
    }

    #[track_caller]
    pub(super) fn action(&self) -> &str {
        self.between("method=\"post\" action=\"")
    }

    #[track_caller]
    fn between(&self, mark: &str) -> &str {
        assert!(self.text.contains(mark), "no {mark}: {self:?}");
        self.text.split_once(mark).unwrap().1.split_once('"').unwrap().0
    }

    /// A page, and nobody is sent anywhere.
    #[track_caller]
    pub(super) fn is_page(&self, status: u16, says: &str) {
        assert_eq!((self.status, self.header("content-type")), (status, "text/html; charset=utf-8"), "{self:?}");
        assert!(self.header("location").is_empty() && self.text.contains(says), "no {says:?}: {self:?}");
        assert!(self.text.contains("SANDBOX"), "{self:?}");
    }

    /// A refusal of the shape of RFC 6749 section 5.2, that nobody may keep.
    #[track_caller]
    pub(super) fn is_refused(&self, status: u16, error: &str) {
        assert_eq!((self.status, self.member("error").as_str()), (status, error), "{self:?}");
        assert!(!self.member("error_description").is_empty());
        let kept = ["content-type", "cache-control", "pragma"].map(|name| self.header(name));
        assert_eq!(kept, ["application/json", "no-store", "no-cache"], "{self:?}");
    }
}

pub(super) fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

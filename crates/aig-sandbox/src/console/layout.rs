//! The frame of every page: banner, navigation, and a policy that allows our one style sheet and our one script.

use std::sync::LazyLock;

use axum::response::{Html, IntoResponse, Response};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use maud::{Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::{Asked, notice::Notice};
use crate::control::PREFIX;

const STYLE: &str = include_str!("console.css");
const ICON: &str = include_str!("icon.svg");
/// Where browsers look for it without being told, too: else every visit would leave a failed request in the log.
pub(super) const ICON_PATH: &str = "/favicon.ico";
const SCRIPT: &str = include_str!("console.js");

/// By their hashes, nothing else runs or styles; what is loaded and sent stays here.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        hash(STYLE),
        hash(SCRIPT),
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// What a page says about itself.
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    /// Its address, without the query.
    pub(super) path: &'a str,
    /// Names and places to jump to.
    pub(super) sections: &'a [(&'a str, &'a str)],
    pub(super) asked: &'a Asked,
    /// One line of what is going on, read out when it changes.
    pub(super) summary: &'a str,
}

/// A whole page.
pub(super) fn page(status: StatusCode, page: &Page<'_>, main: &Markup) -> Response {
    let body = html! {
        (head(page.title, page.asked.follows()))
        body data-summary=(page.summary) data-follow[page.asked.follows()] {
            (banner())
            header {
                p.name { a href={ (PREFIX) "/" } { "Console" } }
                nav aria-label="Sections" {
                    ul { @for (title, place) in page.sections { li { a href=(place) { (title) } } } }
                }
                (follow(page))
            }
            main id="main" {
                @if let Some(notice) = Notice::named(&page.asked.notice) { (notice) }
                (main)
            }
            footer { p { "Everything here is synthetic and stays on this machine. Times are UTC by the sandbox's clock." } }
            script { (PreEscaped(SCRIPT)) }
        }
    };
    answer(status, &body)
}

/// A page that says why something cannot be done.
pub(super) fn problem(status: StatusCode, what: &str) -> Response {
    let body = html! {
        (head("This did not work", false))
        body {
            (banner())
            main id="main" { h1 { "This did not work" } p { (what) } p { a href={ (PREFIX) "/" } { "To the console" } } }
            script { (PreEscaped(SCRIPT)) }
        }
    };
    answer(status, &body)
}

fn answer(status: StatusCode, body: &Markup) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // With `no-referrer` browsers send forms with `Origin: null`, which the guard has to refuse.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    let text = format!("<!doctype html><html lang=\"en\">{}</html>", body.0);
    (status, headers, Html(text)).into_response()
}

fn head(title: &str, follows: bool) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width,initial-scale=1";
            link rel="icon" href=(ICON_PATH) type="image/svg+xml";
            title { (title) " · SANDBOX" }
            style { (PreEscaped(STYLE)) }
            @if follows { noscript { meta http-equiv="refresh" content="5"; } }
        }
    }
}

/// The picture in a browser's tab.
pub(super) async fn icon() -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "max-age=86400")], ICON).into_response()
}

fn banner() -> Markup {
    html! {
        a.skip href="#main" { "Skip to the content" }
        p.banner { strong { "SANDBOX" } " Synthetic data, not for clinical use" }
    }
}

/// A link, so that it works without a script: then the browser loads the page anew every few seconds.
fn follow(page: &Page<'_>) -> Markup {
    let (query, text) = if page.asked.follows() {
        (page.asked.with("follow", ""), "Stop following")
    } else {
        (page.asked.with("follow", "on"), "Follow")
    };
    html! {
        p.follow {
            a.button id="follow" href={ (page.path) (query) } { (text) }
            span id="live" role="status" aria-live="polite" {}
        }
    }
}

//! The log of requests: filtered, newest first, each as a command to repeat it.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use maud::{Markup, html};

use super::{
    Asked, Console,
    forms::{self, Fields},
    html::{
        Column::{self, Number, Text},
        copyable, given, time_of_day,
    },
    notice::Notice,
    overview,
};
use crate::{control::PREFIX, request_log::LoggedRequest};

const SHOWN: usize = 30;
const COLUMNS: [Column; 5] = [Text("Time"), Text("Status"), Text("Request"), Number("ms"), Text("Repeat")];
const KINDS: [(&str, &str); 4] = [
    ("", "all"),
    ("failing", "failing (400 and above)"),
    ("faults", "struck by a fault"),
    ("changes", "changes (not GET or HEAD)"),
];

pub(super) fn section(console: &Console, asked: &Asked) -> Markup {
    let (total, found, shown) = console.control.log.look(|log| {
        let wanted = || log.clone().filter(|request| is_asked(request, asked));
        (log.len(), wanted().count(), newest(wanted()))
    });
    let content = html! {
        (filter(asked))
        div id="request-list" data-live {
            p.soft { (found) " of " (total) " in the log, the newest first" }
            @if found > 0 { (table(console, "Requests", "log", &shown)) }
        }
        div.row {
            a.button href={ (PREFIX) "/requests.har" } download="sandbox.har" { "Download as HAR" }
            (forms::form(console, asked, "requests-end", &html! { button { "Forget all" span.unseen { " requests" } } }))
        }
    };
    overview::section("requests", "Requests", &content)
}

pub(super) async fn clear(State(console): State<Arc<Console>>, fields: Fields) -> Response {
    console.control.log.clear();
    fields.done(&format!("{PREFIX}/"), "requests", Notice::RequestsForgotten)
}

pub(super) fn is_failing(request: &LoggedRequest) -> bool {
    request.status >= 400
}

fn is_asked(request: &LoggedRequest, asked: &Asked) -> bool {
    let kind = match asked.show.as_str() {
        "failing" => is_failing(request),
        "faults" => request.fault.is_some(),
        "changes" => !matches!(request.method.as_str(), "GET" | "HEAD"),
        _ => true,
    };
    let find = asked.find.trim();
    let operation = request.operation.unwrap_or_default();
    kind && (request.path.contains(find) || operation.contains(find) || find.parse() == Ok(request.status))
}

/// Works by address, so a view can be kept and sent.
fn filter(asked: &Asked) -> Markup {
    html! {
        form.row role="search" method="get" action={ (PREFIX) "/#requests" } {
            @if asked.follows() { input type="hidden" name="follow" value="on"; }
            div {
                label for="show" { "Show" }
                select id="show" name="show" {
                    @for (value, text) in KINDS { option value=(value) selected[value == asked.show] { (text) } }
                }
            }
            div {
                label for="find" { "Path, operation or status" }
                input id="find" name="find" value=(given(&asked.find)) placeholder="get_run" autocomplete="off" spellcheck="false";
            }
            button { "Filter" span.unseen { " requests" } }
        }
    }
}

/// Requests in a row that differ in time alone: clients that wait ask the same again and again.
pub(super) struct Repeated {
    last: LoggedRequest,
    times: usize,
}

/// As many as a table shows, the newest first, of those that come oldest first.
pub(super) fn newest<'a>(requests: impl DoubleEndedIterator<Item = &'a LoggedRequest>) -> Vec<Repeated> {
    let mut found: Vec<Repeated> = Vec::new();
    for request in requests.rev() {
        if let Some(same) = found.last_mut().filter(|same| is_same(&same.last, request)) {
            same.times += 1;
            continue;
        }
        if found.len() == SHOWN {
            break;
        }
        found.push(Repeated { last: request.clone(), times: 1 });
    }
    found
}

fn is_same(one: &LoggedRequest, other: &LoggedRequest) -> bool {
    let key = |request: &LoggedRequest| (request.status, request.fault, request.operation);
    key(one) == key(other) && one.method == other.method && one.path == other.path && one.query == other.query
}

/// `place` keeps the ids of two tables on one page apart.
pub(super) fn table(console: &Console, caption: &str, place: &str, requests: &[Repeated]) -> Markup {
    let rows = html! { @for repeated in requests { (row(console, place, repeated)) } };
    super::html::table(caption, &COLUMNS, &rows)
}

fn row(console: &Console, place: &str, repeated: &Repeated) -> Markup {
    let request = &repeated.last;
    html! {
        tr {
            td { (time_of_day(request.at)) }
            td { (status(request)) }
            td.request {
                code { (request.method) " " (given(&request.path)) (given(&query(request))) }
                @if let Some(operation) = request.operation { " " span.soft { (operation) } }
                @if repeated.times > 1 { " " strong { "× " (repeated.times) } }
            }
            td.number { (format!("{:.1}", request.duration_ms)) }
            td {
                details id={ "curl-" (place) "-" (request.number) } {
                    summary { "curl" span.unseen { " of request " (request.number) } }
                    (copyable("the command", &given(&request.as_curl(&console.control.url))))
                }
            }
        }
    }
}

/// What the log has kept of it; an ellipsis for what it has not.
fn query(request: &LoggedRequest) -> String {
    let (hidden, kept): (Vec<&str>, Vec<&str>) =
        request.query.split('&').filter(|part| !part.is_empty()).partition(|part| part.ends_with("REDACTED"));
    let hidden = (!hidden.is_empty()).then_some("…");
    let shown: Vec<&str> = kept.into_iter().chain(hidden).collect();
    if shown.is_empty() { String::new() } else { format!("?{}", shown.join("&")) }
}

fn status(request: &LoggedRequest) -> Markup {
    let class = match request.status {
        500.. => "system-error",
        400.. => "user-error",
        300.. => "skipped",
        _ => "good",
    };
    html! {
        span class={ "badge " (class) } { (request.status) }
        @if let Some(fault) = request.fault { " " span.soft { "fault " (fault) } }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn request(number: u64, path: &str) -> LoggedRequest {
        LoggedRequest {
            number,
            at: Timestamp::UNIX_EPOCH,
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: String::new(),
            operation: None,
            status: 200,
            duration_ms: 0.0,
            user_agent: None,
            range: None,
            content_type: None,
            fault: None,
        }
    }

    #[test]
    fn a_query_is_shown_without_what_was_redacted() {
        let of = |text: &str| query(&LoggedRequest { query: text.to_owned(), ..request(1, "/") });
        assert_eq!(of(""), "");
        assert_eq!(of("page=2&share_token=REDACTED&sort=id&x=REDACTED&REDACTED"), "?page=2&sort=id&…");
        assert_eq!(of("X-Amz-Signature=REDACTED"), "?…");
    }

    #[test]
    fn the_same_again_is_one_line_and_the_newest_lines_are_shown() {
        let log = [request(1, "/a"), request(2, "/b"), request(3, "/b"), request(4, "/a")];
        let lines: Vec<(u64, usize)> = newest(log.iter()).iter().map(|line| (line.last.number, line.times)).collect();
        assert_eq!(lines, [(4, 1), (3, 2), (1, 1)]);
        let many: Vec<LoggedRequest> = (0..100).map(|number| request(number, &format!("/{number}"))).collect();
        let lines = newest(many.iter());
        assert_eq!((lines.len(), lines[0].last.number), (SHOWN, 99));
    }
}

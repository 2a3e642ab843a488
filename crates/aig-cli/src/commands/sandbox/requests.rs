//! `aig sandbox requests`: the log of a running sandbox, once or for as long as it goes on.

use std::{path::Path, time::Duration};

use aig_sandbox::{Remote, RemoteError, RequestFilter};
use anyhow::Context as _;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Context, found::running};
use crate::{
    args::RequestsArgs,
    draft,
    exit::Exit,
    failure::Failure,
    format::Format,
    output::{Column, Document, Listing, print_one, refuse_csv},
    printer::Printer,
    text,
};

/// How often a log that is followed is read: quick enough to watch, slow enough to be no load.
const EVERY: Duration = Duration::from_millis(300);
const LINE_SCHEMA: &str = "aig.sandbox.request/1";

/// A request of the log. What this version does not know of is passed on.
#[derive(Debug, Clone, Deserialize, Serialize)]
struct Logged {
    number: u64,
    at: Timestamp,
    method: String,
    path: String,
    #[serde(default)]
    query: String,
    status: u16,
    duration_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<u64>,
    #[serde(default)]
    curl: String,
    #[serde(flatten)]
    other: Map<String, Value>,
}

impl Logged {
    const COLUMNS: &'static [Column<Self>] = &[
        Column { title: "number", cell: |request| request.number.to_string() },
        Column { title: "at", cell: |request| request.at.to_string() },
        Column { title: "method", cell: |request| request.method.clone() },
        Column { title: "path", cell: |request| request.path.clone() },
        Column { title: "query", cell: |request| request.query.clone() },
        Column { title: "operation", cell: |request| request.operation.clone().unwrap_or_default() },
        Column { title: "status", cell: |request| request.status.to_string() },
        Column { title: "duration ms", cell: |request| request.duration_ms.to_string() },
        Column { title: "fault", cell: |request| request.fault.map(|id| id.to_string()).unwrap_or_default() },
    ];

    /// In a line: what has a fixed width first, so that lines stand below each other one by one.
    fn line(&self) -> String {
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", self.query) };
        let fault = self.fault.map(|id| format!("  (fault {id})")).unwrap_or_default();
        let line = format!(
            "{:>6}  {}  {:6} {}  {:>7.1} ms  {}{query}{fault}",
            self.number,
            text::time(self.at),
            self.method,
            self.status,
            self.duration_ms,
            self.path
        );
        text::plain(&line)
    }
}

pub(super) async fn requests(printer: &Printer, args: &RequestsArgs) -> anyhow::Result<Exit> {
    let remote = running(&args.at).await?;
    if args.clear {
        refuse_csv(printer.format())?;
        remote.clear_requests().await?;
        let cleared = serde_json::json!({ "requests_left": 0 });
        print_one(printer, "aig.sandbox.requests.cleared/1", &cleared, |_| "forgotten".to_owned())?;
        return Ok(Exit::Done);
    }
    if let Some(file) = &args.har {
        refuse_csv(printer.format())?;
        archive(printer, &remote, args, file).await?;
        return Ok(Exit::Done);
    }
    let requests = parsed(remote.requests(&args.filter()).await?)?;
    match printer.format() {
        Format::Text => requests.iter().try_for_each(|request| print(printer, args, request))?,
        _ => listing(&requests).print(printer)?,
    }
    if requests.is_empty() {
        printer.note("no such requests");
    }
    Ok(Exit::Done)
}

/// Each new request as it comes, until a signal or the end of the sandbox: then the job is done.
pub(super) async fn follow(context: &Context, args: &RequestsArgs) -> anyhow::Result<Exit> {
    let printer = &context.printer;
    if !matches!(printer.format(), Format::Text | Format::Jsonl) {
        let endless = Failure::usage("what is followed has no end, and one document has");
        return Err(endless.with_hint("use `--output jsonl`").into());
    }
    tokio::select! {
        outcome = pursue(printer, args) => outcome,
        _ = context.interrupt.raised() => Ok(Exit::Done),
    }
}

async fn pursue(printer: &Printer, args: &RequestsArgs) -> anyhow::Result<Exit> {
    let remote = running(&args.at).await?;
    let mut filter = args.filter();
    let mut found = remote.requests(&filter).await?;
    loop {
        for request in parsed(found)? {
            filter.after = request.number;
            print(printer, args, &request)?;
        }
        tokio::time::sleep(EVERY).await;
        found = match newer(&remote, &filter).await {
            Err(RemoteError::Unreachable { .. }) => {
                printer.note("the sandbox has ended");
                return Ok(Exit::Done);
            }
            found => found?,
        };
    }
}

/// What came since. One connection that fails is not the end of a sandbox that has much to do.
async fn newer(remote: &Remote, filter: &RequestFilter) -> Result<Vec<Value>, RemoteError> {
    for _ in 0..2 {
        match remote.requests(filter).await {
            Err(RemoteError::Unreachable { .. }) => tokio::time::sleep(EVERY).await,
            outcome => return outcome,
        }
    }
    remote.requests(filter).await
}

fn parsed(found: Vec<Value>) -> anyhow::Result<Vec<Logged>> {
    let parsed: Result<_, _> = found.into_iter().map(serde_json::from_value).collect();
    parsed.context("the log of the sandbox cannot be read: it may be of another version")
}

fn print(printer: &Printer, args: &RequestsArgs, request: &Logged) -> anyhow::Result<()> {
    match printer.format() {
        Format::Jsonl => printer.json(&Document::new(LINE_SCHEMA, request)),
        _ if args.curl => printer.data(text::plain(&request.curl)),
        _ => printer.data(request.line()),
    }
}

fn listing(requests: &[Logged]) -> Listing<'_, Logged> {
    Listing {
        schema: "aig.sandbox.requests/1",
        line_schema: LINE_SCHEMA,
        member: "requests",
        items: requests,
        columns: Logged::COLUMNS,
        csv: Logged::COLUMNS,
    }
}

/// Writes the archive whole: a temporary file beside it, then a rename.
async fn archive(printer: &Printer, remote: &Remote, args: &RequestsArgs, file: &Path) -> anyhow::Result<()> {
    let archive = remote.archive(&args.filter()).await?;
    let written = draft::publish(file, &serde_json::to_vec_pretty(&archive)?);
    written.with_context(|| format!("cannot write `{}`", file.display()))?;
    printer.note(format_args!("written to {}", file.display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_a_line_without_control_characters_and_keeps_what_is_new() {
        let request: Logged = serde_json::from_value(serde_json::json!({
            "number": 7, "at": "2026-11-22T06:00:00.5Z", "method": "GET", "path": "/a\u{1b}[31m", "query": "page=1",
            "status": 503, "duration_ms": 1.25, "fault": 2, "curl": "curl", "bytes": 5,
        }))
        .unwrap();
        assert_eq!(request.line(), "     7  2026-11-22 06:00:00Z  GET    503      1.2 ms  /a [31m?page=1  (fault 2)");
        assert_eq!(serde_json::to_value(&request).unwrap()["bytes"], 5);
    }
}

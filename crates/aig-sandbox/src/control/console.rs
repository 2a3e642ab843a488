//! One page for people: runs, requests, faults, the clock. Server-rendered, without a script.

use crate::{
    request_log::LoggedRequest,
    state::{Item, ItemPhase, Run, RunPhase},
};

use super::Control;

const STYLE: &str = include_str!("console.css");
const SHOWN: usize = 50;

pub(super) fn page(control: &Control) -> String {
    let runs: String = control.platform.with(|world| world.runs().take(SHOWN).map(run).collect());
    let requests: String = control.log.after(0).iter().rev().take(SHOWN).map(request).collect();
    let faults: String = control
        .faults
        .list()
        .iter()
        .map(|(id, fault)| {
            format!("<li><code>{id}</code> {}</li>", escape(&serde_json::to_string(fault).unwrap_or_default()))
        })
        .collect();
    let buckets: String = control
        .platform
        .storage
        .summary()
        .iter()
        .map(|(name, objects, bytes)| format!("<tr><td>{}</td><td>{objects}</td><td>{bytes}</td></tr>", escape(name)))
        .collect();
    let people: String = control
        .platform
        .people
        .persons
        .iter()
        .map(|person| {
            format!(
                "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                escape(&person.name()),
                escape(person.email),
                escape(person.organization),
                escape(person.role)
            )
        })
        .collect();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>SANDBOX of the Aignostics Platform</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>{STYLE}</style></head><body>\
         <header><strong>SANDBOX</strong> synthetic, not for clinical use</header><main>\
         <h1>Sandbox</h1><p>API root <code>{url}</code>, sandbox time <time>{now}</time></p>\
         {runs}{requests}{faults}{buckets}{people}</main></body></html>",
        url = escape(&control.url),
        now = control.platform.clock.now(),
        runs = section("Runs", "runs", &table("<th>Run</th><th>Application</th><th>State</th><th>Items</th>", &runs)),
        requests =
            section("Requests", "requests", &table("<th>No</th><th>Request</th><th>Status</th><th>ms</th>", &requests)),
        faults = section("Faults", "faults", &list(&faults)),
        buckets = section("Objects", "objects", &table("<th>Bucket</th><th>Objects</th><th>Bytes</th>", &buckets)),
        people = section(
            "Users",
            "users",
            &table("<th>Name</th><th>E-mail</th><th>Organization</th><th>Role</th>", &people)
        ),
    )
}

fn run(run: &Run) -> String {
    let state = match run.phase() {
        RunPhase::Pending => "pending".to_owned(),
        RunPhase::Processing => "processing".to_owned(),
        RunPhase::Terminated(end, _) => format!("{end:?}"),
    };
    let items: String = run.items.iter().take(SHOWN).map(item).collect();
    format!(
        "<tr><td><code>{}</code></td><td>{} {}</td><td>{state}</td><td><details><summary>{} items</summary><ul>{items}</ul></details></td></tr>",
        run.id,
        escape(&run.application_id),
        escape(&run.version),
        run.items.len(),
    )
}

fn item(item: &Item) -> String {
    let state = match &item.phase {
        ItemPhase::Pending => "pending".to_owned(),
        ItemPhase::Processing => "processing".to_owned(),
        ItemPhase::Terminated { reason, failure, .. } => {
            let failure = failure.as_ref().map(|failure| format!(": {}", failure.message)).unwrap_or_default();
            format!("{reason:?}{failure}")
        }
    };
    format!("<li>{} <em>{}</em></li>", escape(&item.external_id), escape(&state))
}

fn request(request: &LoggedRequest) -> String {
    let fault = request.fault.map(|id| format!(" (fault {id})")).unwrap_or_default();
    format!(
        "<tr><td>{}</td><td><code>{} {}</code></td><td>{}{fault}</td><td>{}</td></tr>",
        request.number,
        escape(&request.method),
        escape(&request.path),
        request.status,
        request.duration_ms,
    )
}

fn section(title: &str, id: &str, content: &str) -> String {
    format!("<section aria-labelledby=\"{id}\"><h2 id=\"{id}\">{title}</h2>{content}</section>")
}

fn table(head: &str, rows: &str) -> String {
    if rows.is_empty() {
        return "<p>None yet.</p>".to_owned();
    }
    format!(
        "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
}

fn list(entries: &str) -> String {
    if entries.is_empty() { "<p>None.</p>".to_owned() } else { format!("<ul>{entries}</ul>") }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_send_is_escaped() {
        assert_eq!(escape("<b a=\"x\">&"), "&lt;b a=&quot;x&quot;&gt;&amp;");
    }
}

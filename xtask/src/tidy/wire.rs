//! Rules about what stands on the wire: names of parameters and statuses come from the generated operations.

use std::collections::BTreeSet;

use anyhow::Result;
use regex_lite::Regex;
use serde_json::Value;

use super::{
    Finding,
    tree::{File, Tree},
};

/// Where requests are built, sent, answered and judged.
const SPEAKERS: &[&str] = &[
    "crates/aig-auth/src/",
    "crates/aig-cache/src/",
    "crates/aig-cli/src/",
    "crates/aig-platform/src/",
    "crates/aig-sandbox/src/",
];

/// Where requests are built and answered. The command line has options that are called as parameters are.
const BUILDERS: &[&str] =
    &["crates/aig-auth/src/", "crates/aig-cache/src/", "crates/aig-platform/src/", "crates/aig-sandbox/src/"];

/// Where a status may stand although it is none that an operation declares, and why.
const OTHER_STATUSES: &[(&str, &str)] = &[
    ("crates/aig-auth/src/api_key/sending.rs", "a token endpoint that takes keys is no operation of the document"),
    ("crates/aig-auth/src/external/endpoint.rs", "an endpoint that hands out tokens is no operation of the document"),
    ("crates/aig-auth/src/http/client.rs", "documents and keys of an issuer come with 200 or not at all"),
    ("crates/aig-auth/src/http/fault.rs", "one table for every status that HTTP has: what it means to who signs in"),
    ("crates/aig-auth/src/oauth/", "OAuth has statuses of its own (RFC 6749, section 5; RFC 7009, section 2.2)"),
    ("crates/aig-cli/src/args/sandbox/fault.rs", "faults are made to break the document"),
    ("crates/aig-platform/src/call/verdict.rs", "one table for every status that HTTP has, declared or not"),
    ("crates/aig-platform/src/health.rs", "health is no operation of the document"),
    ("crates/aig-platform/src/transfer/", "storage answers with statuses of its own: ranges, and links that are over"),
    ("crates/aig-platform/src/transport/recording.rs", "a double answers what its script says"),
    ("crates/aig-sandbox/src/api/problem.rs", "one table of refusals; `contract.rs` holds them against the document"),
    (
        "crates/aig-sandbox/src/api/routing.rs",
        "what is answered where no operation is: another method, a slash too many",
    ),
    (
        "crates/aig-sandbox/src/api/validation/json_text.rs",
        "a body that is no text is refused before it is any operation's",
    ),
    ("crates/aig-sandbox/src/api/mod.rs", "what is answered before there is an operation: no such path, too large"),
    ("crates/aig-sandbox/src/console/", "the sandbox's own pages are no operations of the document"),
    ("crates/aig-sandbox/src/control/", "the sandbox's own controls are no operations of the document"),
    ("crates/aig-sandbox/src/faults/", "faults are made to break the document"),
    ("crates/aig-sandbox/src/guard.rs", "requests from web pages are refused before they are read"),
    ("crates/aig-sandbox/src/limits.rs", "bodies are refused before anybody knows the operation"),
    ("crates/aig-sandbox/src/oauth/", "OAuth has statuses of its own (RFC 6749, section 5.2)"),
    ("crates/aig-sandbox/src/remote/error.rs", "the sandbox's own controls are no operations of the document"),
    ("crates/aig-sandbox/src/storage/", "object storage has statuses of its own"),
];

/// Where the name of a parameter means something else, and why.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("crates/aig-auth/src/testkit/", "the sign-in server of the tests has the `state` of OAuth"),
    ("crates/aig-sandbox/src/console/", "fields of the sandbox's own forms, and parameters of its own pages"),
    ("crates/aig-sandbox/src/control/", "members of the sandbox's own answers, and of an HTTP archive (HAR 1.2)"),
    ("crates/aig-sandbox/src/seed/", "places in files of seeds"),
];

/// What the document says that nobody else may.
#[derive(Debug, Default)]
struct Wire {
    statuses: BTreeSet<String>,
    /// Every parameter, and whether its name is also that of a member of a schema.
    parameters: Vec<(String, Sort)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Nothing but a parameter has the name.
    Alone,
    /// A member of a body has it too: it is a parameter only where a query or a path is spoken of.
    Shared,
}

/// The places where product code spells a parameter or a status that the generated operations know.
///
/// # Errors
/// When the document is no JSON.
pub(crate) fn check(tree: &Tree, document: &str) -> Result<Vec<Finding>> {
    let wire = Wire::of(&serde_json::from_str(document)?);
    let mut findings = statuses(tree, &wire)?;
    findings.extend(names(tree, &wire)?);
    Ok(findings)
}

fn statuses(tree: &Tree, wire: &Wire) -> Result<Vec<Finding>> {
    let status = wire.status()?;
    let (mut findings, mut needed) = (Vec::new(), BTreeSet::new());
    for (file, line, _) in lines(tree, SPEAKERS).filter(|(.., text)| status.is_match(text)) {
        match listed(OTHER_STATUSES, file) {
            Some(place) => drop(needed.insert(place)),
            None => findings.push(Finding::new(&file.path, line, "a status of the API comes from the operations")),
        }
    }
    findings.extend(needless(tree, OTHER_STATUSES, &needed));
    Ok(findings)
}

fn names(tree: &Tree, wire: &Wire) -> Result<Vec<Finding>> {
    let speaks = Regex::new(r#""(query|path)"|Location::|_pair|with_query|with_path"#)?;
    let (mut findings, mut needed) = (Vec::new(), BTreeSet::new());
    for (file, line, text) in lines(tree, BUILDERS) {
        let spelled = wire.parameters.iter().filter(|(name, sort)| {
            text.contains(&format!("\"{name}\"")) && (*sort == Sort::Alone || speaks.is_match(text))
        });
        let message = |name: &str| format!("`{name}` is a parameter of the API: its name comes from the operations");
        let found: Vec<_> = spelled.map(|(name, _)| Finding::new(&file.path, line, message(name))).collect();
        match listed(OTHER_NAMES, file).filter(|_| !found.is_empty()) {
            Some(place) => drop(needed.insert(place)),
            None => findings.extend(found),
        }
    }
    findings.extend(needless(tree, OTHER_NAMES, &needed));
    Ok(findings)
}

impl Wire {
    fn of(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flat_map(|paths| paths.values());
        let operations: Vec<&Value> = paths.filter_map(Value::as_object).flat_map(|path| path.values()).collect();
        let statuses = operations.iter().filter_map(|operation| operation["responses"].as_object());
        let schemas = document["components"]["schemas"].as_object();
        let members: BTreeSet<&String> = schemas
            .into_iter()
            .flat_map(|schemas| schemas.values())
            .filter_map(|schema| schema["properties"].as_object())
            .flat_map(|properties| properties.keys())
            .collect();
        let parameters = operations.iter().filter_map(|operation| operation["parameters"].as_array()).flatten();
        let names: BTreeSet<&str> = parameters.filter_map(|parameter| parameter["name"].as_str()).collect();
        let sort = |name: &str| if members.iter().any(|member| *member == name) { Sort::Shared } else { Sort::Alone };
        Self {
            statuses: statuses.flat_map(|responses| responses.keys().cloned()).collect(),
            parameters: names.into_iter().map(|name| (name.to_owned(), sort(name))).collect(),
        }
    }

    /// A line with a status: by its name, by its number beside the word, or as the arm of a table.
    fn status(&self) -> Result<Regex> {
        let numbers = self.statuses.iter().cloned().collect::<Vec<_>>().join("|");
        let number = format!(r"(^|[^\w.])({numbers})([^\w.]|$)");
        Ok(Regex::new(&format!(
            r#"StatusCode::[A-Z]{{2}}|(status|as_u16|errors|success|redirect).*{number}|{number}.*(status|as_u16)|(^|[\s(&])({numbers})\b[^"]*=>"#
        ))?)
    }
}

/// The lines of code of some places, without comments and tests.
fn lines<'t>(tree: &'t Tree, places: &'t [&str]) -> impl Iterator<Item = (&'t File, usize, &'t str)> {
    let files = tree.rust().filter(|file| places.iter().any(|place| file.path.starts_with(place)));
    files.flat_map(|file| {
        let code = file.product().lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        code.map(move |(at, line)| (file, at + 1, line))
    })
}

fn listed(exceptions: &[(&'static str, &str)], file: &File) -> Option<&'static str> {
    exceptions.iter().find(|(place, _)| file.path.starts_with(place)).map(|(place, _)| *place)
}

/// An exception that nothing needs would hide the next mistake.
fn needless(tree: &Tree, exceptions: &[(&'static str, &str)], needed: &BTreeSet<&str>) -> Vec<Finding> {
    let is_there = |place: &str| tree.files.iter().any(|file| file.path.starts_with(place));
    let unused = exceptions.iter().filter(|(place, _)| is_there(place) && !needed.contains(place));
    unused.map(|(place, _)| Finding::new(place, 1, "needs no exception: take it off those of tidy")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"paths": {"/v1/a": {"get": {"responses": {"200": {}, "307": {}, "404": {}}, "parameters": [
        {"in": "query", "name": "page-size"}, {"in": "query", "name": "state"}, {"in": "path", "name": "a_id"}
    ]}}}, "components": {"schemas": {"A": {"properties": {"state": {}}}}}}"#;

    fn found(path: &str, text: &str) -> usize {
        check(&Tree { files: vec![File::new(path, text)] }, DOCUMENT).unwrap().len()
    }

    #[test]
    fn a_parameter_that_is_spelled_by_hand_is_found() {
        for text in [
            "query.push((\"page-size\", size));",
            "let id = path.get(\"a_id\");",
            "url.query_pairs_mut().append_pair(\"state\", state);",
            "json!([\"query\", \"state\"])",
        ] {
            assert_eq!(found("crates/aig-platform/src/listing.rs", text), 1, "{text}");
            assert_eq!(found("crates/aig-sandbox/src/api/page.rs", text), 1, "{text}");
            assert_eq!(found("crates/aig-auth/src/external/http.rs", text), 1, "{text}");
        }
    }

    #[test]
    fn a_status_that_is_spelled_by_hand_is_found() {
        for text in [
            "if response.status == StatusCode::NOT_FOUND {",
            "Err(error) if error.status() == Some(404) => {",
            "            404 => Kind::NotFound,",
            "    (404, _) => failed(Kind::NotFound),",
            "    Ok(Ok((404, body))) => judge(&body),",
            "matches!(status.as_u16(), 301 | 307)",
            "if 404 == answer.status {",
            "operation.errors.contains(&404)",
        ] {
            assert_eq!(found("crates/aig-platform/src/runs.rs", text), 1, "{text}");
            assert_eq!(found("crates/aig-cli/src/exit.rs", text), 1, "{text}");
            assert_eq!(found("crates/aig-auth/src/refreshing/provider.rs", text), 1, "{text}");
            assert_eq!(found("crates/aig-auth/src/http/fault.rs", text), 0, "{text}");
            assert_eq!(found("crates/aig-platform/src/call/verdict.rs", text), 0, "{text}");
        }
    }

    #[test]
    fn numbers_words_and_members_that_mean_something_else_are_not() {
        for text in [
            "const LARGEST: u64 = 200;",
            "let interval = Duration::from_millis(200);",
            "let fields = [\"state\", \"output\"];",
            "let status = StatusCode::from_u16(O::INFO.success);",
            "// a status of 404",
            "#[cfg(test)]\nmod tests { const A: StatusCode = StatusCode::NOT_FOUND; }",
        ] {
            assert_eq!(found("crates/aig-platform/src/runs.rs", text), 0, "{text}");
        }
    }

    #[test]
    fn an_exception_that_nothing_needs_is_found() {
        assert_eq!(found("crates/aig-sandbox/src/guard.rs", "fn a() {}"), 1);
        assert_eq!(found("crates/aig-sandbox/src/guard.rs", "StatusCode::FORBIDDEN"), 0);
        assert_eq!(found("crates/aig-sandbox/src/seed/place.rs", "fn a() {}"), 1);
        assert_eq!(found("crates/aig-sandbox/src/seed/place.rs", "const PLACE: &str = \"page-size\";"), 0);
    }
}

//! The controls: each implementation that is wrong in one thing turns the checks red that watch over it, and no check watches nothing.

use std::{collections::BTreeSet, sync::Arc};

use aig_tests::behaviour::{Scope, checks, judge};
use futures_util::future::join_all;
use serde_json::json;

use crate::{
    plain, sandbox, subject,
    wrong::{Liar, Told, Wrong},
};

struct Lie {
    name: &'static str,
    wrong: Wrong,
    red: &'static [&'static str],
}

const fn lie(name: &'static str, wrong: Wrong, red: &'static [&'static str]) -> Lie {
    Lie { name, wrong, red }
}

const LIES: &[Lie] = &[
    lie(
        "lets anybody in",
        Wrong::Status(401, 200),
        &[
            "without a token nothing is read",
            "with a token of another issuer nothing is read",
            "without a token nothing is changed",
            "with a token of another issuer nothing is changed",
        ],
    ),
    lie("health is a secret", Wrong::Tells(no_health), &["health is told without a token"]),
    lie(
        "forgets members",
        Wrong::Tells(forgets),
        &[
            "get_run answers as the document says",
            "get_me answers as the document says",
            "list_grants answers as the document says",
            "get_grant answers as the document says",
            "list_share_tokens answers as the document says",
            "get_share_token answers as the document says",
            "list_version_documents answers as the document says",
            "get_version_document answers as the document says",
            "get_application answers as the document says",
            "get_application_version answers as the document says",
            "list_applications answers as the document says",
            "list_runs answers as the document says",
            "list_run_items answers as the document says",
            "get_run_item answers as the document says",
        ],
    ),
    lie("calls its JSON text", Wrong::Tells(text), &["get_me answers as the document says"]),
    lie(
        "finds what is not there",
        Wrong::Status(404, 200),
        &["what is not there is 404, with a detail", "a path that is none is 404"],
    ),
    lie("answers any method", Wrong::Status(405, 200), &["a method that a path does not have is 405"]),
    lie("names one mistake of many", Wrong::Tells(names_one), &["every mistake of a request is named"]),
    lie("is deaf to what is shared", Wrong::Deaf(&["resource_id"]), &["grants and share tokens are filtered as asked"]),
    lie(
        "takes bad requests for bad, and says no more",
        Wrong::Tells(names_nothing),
        &[
            "an id that is none is 422 and named",
            "a number outside its limits is 422 and named",
            "a word outside its list is 422 and named",
            "a submission that cannot be is refused",
        ],
    ),
    lie(
        "has one page",
        Wrong::Deaf(&["page"]),
        &["pages join without gaps and repetitions", "a page past the end is empty"],
    ),
    lie(
        "sorts as it likes",
        Wrong::Deaf(&["sort"]),
        &["runs are sorted as asked", "a field that cannot be sorted by is 422"],
    ),
    lie(
        "gives everything",
        Wrong::Deaf(&["application_id", "application_version", "external_id", "submitted_by"]),
        &["runs are filtered as asked"],
    ),
    lie(
        "gives every item",
        Wrong::Deaf(&["item_id__in", "external_id__in", "state", "termination_reason"]),
        &["items are filtered as asked"],
    ),
    lie("does not read metadata", Wrong::Deaf(&["custom_metadata"]), &["runs are found by their metadata"]),
    lie("counts one item too many", Wrong::Tells(counts), &["the counts of a run are those of its items"]),
    lie("numbers items anew", Wrong::Tells(another_item), &["an item has the same id in the listing and by itself"]),
    lie("boasts of a version", Wrong::Tells(another_version), &["the latest version is one of the versions"]),
    lie("takes me for somebody else", Wrong::Tells(somebody_else), &["what I submitted was submitted by me"]),
    lie(
        "redirects for good",
        Wrong::Status(307, 301),
        &[
            "get_run_artifact_file answers as the document says",
            "get_version_document_file answers as the document says",
            "get_version_document_content answers as the document says",
        ],
    ),
    lie("changes a byte of every file", Wrong::Tells(corrupts), &["an artifact has the checksum that it promises"]),
    lie("has empty files", Wrong::Tells(empties), &["a document is read without a token"]),
    lie(
        "forbids nothing",
        Wrong::Status(403, 200),
        &[
            "a run of others is forbidden",
            "a grant opens a run until it is revoked, once",
            "a share token opens a run until it is revoked, once",
        ],
    ),
    lie(
        "cancels and revokes twice",
        Wrong::Status(409, 202),
        &[
            "a run is canceled once",
            "a grant opens a run until it is revoked, once",
            "a share token opens a run until it is revoked, once",
        ],
    ),
    lie(
        "submits with another status",
        Wrong::Status(201, 200),
        &["a submitted run is there at once", "a run is canceled once"],
    ),
    lie(
        "overwrites what has changed",
        Wrong::Status(412, 200),
        &["metadata of a run changes by its checksum", "metadata of an item changes by its checksum"],
    ),
    lie("keeps what was deleted", Wrong::Status(410, 307), &["deleted results are gone"]),
    lie("shows the secret again", Wrong::Tells(shows_secrets), &["the secret of a share token is shown once"]),
];

fn no_health(told: &mut Told) {
    if told.is("GET", "/health") {
        told.status = 401;
    }
}

/// A required member of each answer, or of the first row: none by which others are found.
fn forgets(told: &mut Told) {
    const REQUIRED: &[&str] = &[
        "statistics",
        "organization",
        "created_by",
        "revoked",
        "visibility",
        "description",
        "changelog",
        "input_artifacts",
    ];
    if told.method != "GET" || told.status != 200 {
        return;
    }
    told.change(|body| {
        let first = if body.is_array() { body.get_mut(0) } else { Some(body) };
        let Some(first) = first.and_then(|first| first.as_object_mut()) else { return };
        for member in REQUIRED {
            first.remove(*member);
        }
    });
}

fn text(told: &mut Told) {
    if told.status == 200 {
        told.headers.insert("content-type", http::HeaderValue::from_static("text/plain"));
    }
}

fn names_nothing(told: &mut Told) {
    if told.status == 422 {
        told.change(|body| *body = json!({ "detail": "bad request" }));
    }
}

fn names_one(told: &mut Told) {
    told.change(|body| {
        if let Some(entries) = body.get_mut("detail").and_then(|detail| detail.as_array_mut()) {
            entries.truncate(1);
        }
    });
}

fn counts(told: &mut Told) {
    told.change(|body| {
        if let Some(count) = body.pointer_mut("/statistics/item_count") {
            *count = json!(count.as_u64().unwrap_or(0) + 1);
        }
    });
}

fn another_item(told: &mut Told) {
    told.change(|body| {
        if let Some(id) = body.get_mut("item_id") {
            *id = json!("00000000-0000-4000-8000-000000000000");
        }
    });
}

fn another_version(told: &mut Told) {
    told.change(|body| {
        if let Some(number) = body.pointer_mut("/0/latest_version/number") {
            *number = json!("99.0.0");
        }
    });
}

fn somebody_else(told: &mut Told) {
    told.change(|body| {
        if let Some(id) = body.pointer_mut("/user/id") {
            *id = json!("auth0|nobody");
        }
    });
}

fn corrupts(told: &mut Told) {
    if told.path.contains("/storage/")
        && let Some(first) = told.bytes.first_mut()
    {
        *first ^= 1;
    }
}

fn empties(told: &mut Told) {
    if told.path.contains("/storage/") {
        told.bytes.clear();
    }
}

fn shows_secrets(told: &mut Told) {
    use std::sync::Mutex;
    static SECRETS: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut secrets = SECRETS.lock().unwrap();
    told.change(|body| match body["share_token"].as_str() {
        Some(secret) => secrets.push(secret.to_owned()),
        None if body["share_token_id"].is_string() => body["share_token"] = json!(*secrets),
        None => {}
    });
}

/// What each lie turns red that it should turn red, besides what else it does.
async fn missed(lie: &Lie) -> Vec<String> {
    let sandbox = sandbox().await;
    let liar = Arc::new(Liar { honest: plain(), wrong: lie.wrong });
    let subject = match subject(&sandbox, liar).await {
        Ok(subject) => subject,
        Err(error) => return vec![format!("{}: {error}", lie.name)],
    };
    let report = judge(&subject, Scope::Everything).await;
    let failed = report.failed();
    let missed = lie.red.iter().filter(|name| !failed.contains(name));
    missed.map(|name| format!("{}: {name:?} did not fail\n{report}", lie.name)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_check_fails_for_an_implementation_that_is_wrong_in_what_it_watches() {
    let missed: Vec<_> = join_all(LIES.iter().map(missed)).await.concat();
    assert!(missed.is_empty(), "{}", missed.join("\n\n"));
    let watched: BTreeSet<&str> = LIES.iter().flat_map(|lie| lie.red).copied().collect();
    let all: BTreeSet<String> = checks().into_iter().map(|check| check.name).collect();
    let unwatched: Vec<_> = all.iter().filter(|name| !watched.contains(name.as_str())).collect();
    assert!(unwatched.is_empty(), "no lie turns these red: {unwatched:?}");
    let unknown: Vec<_> = watched.iter().filter(|name| !all.contains(**name)).collect();
    assert!(unknown.is_empty(), "there are no such checks: {unknown:?}");
}

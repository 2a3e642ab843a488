//! The log of requests: what is kept of them, without secrets, and every form in which it is had.

use aig_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::wire::Wire;

#[tokio::test]
async fn requests_are_logged_without_secrets_and_can_be_repeated_with_curl() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    wire.get("/api/v1/runs?page_size=5&custom_metadata=$.canary&sort=state").await;
    wire.get("/api/v1/runs/6f2a3f0e-0f8b-4a63-9a52-7d7c1f2f4a10?share_token=canary").await;
    let log = wire.client.get(format!("{}/_sandbox/requests?status=404", sandbox.url())).send().await.unwrap();
    let lines = log.text().await.unwrap();
    let entries: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["operation"], "get_run");
    assert!(
        entries[0]["curl"].as_str().unwrap().starts_with("curl -X GET -H \"Authorization: Bearer $TOKEN\" 'http://")
    );
    let archive = wire.get("/_sandbox/requests.har").await.body;
    assert_eq!(archive["log"]["entries"].as_array().unwrap().len(), 2);
    for text in [lines, archive.to_string(), format!("{:?}", sandbox.requests())] {
        assert!(!text.contains("canary") && !text.contains(&wire.token), "{text}");
    }
    let newer = wire.client.get(format!("{}/_sandbox/requests?after=2", sandbox.url())).send().await.unwrap();
    assert_eq!(newer.text().await.unwrap(), "");
    assert_eq!(wire.delete("/_sandbox/requests").await.status, 204);
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn requests_are_chosen_and_followed() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    wire.get("/api/v1/me").await;
    wire.post("/api/v1/runs", &json!({})).await;
    let lines = async |query: &str| {
        let url = format!("{}/_sandbox/requests?{query}", sandbox.url());
        wire.client.get(url).send().await.unwrap().text().await.unwrap().lines().count()
    };
    assert_eq!(lines("").await, 2);
    assert_eq!((lines("method=post").await, lines("status=4xx").await, lines("status=200").await), (1, 1, 1));
    assert_eq!((lines("path=/me").await, lines("operation=create_run").await), (1, 1));
    assert_eq!((lines("since=2001-01-01T00:00:00Z").await, lines("since=2999-01-01T00:00:00Z").await), (2, 0));
    for wrong in ["status=many", "colour=1", "since=yesterday"] {
        assert_eq!(wire.get(&format!("/_sandbox/requests?{wrong}")).await.status, 422, "{wrong}");
    }
    let url = format!("{}/_sandbox/requests?follow=true&operation=list_runs", sandbox.url());
    let mut followed = wire.client.get(url).send().await.unwrap();
    assert_eq!(followed.chunk().await.unwrap().unwrap(), "\n");
    wire.get("/api/v1/me").await;
    wire.get("/api/v1/runs").await;
    let line: Value = serde_json::from_slice(&followed.chunk().await.unwrap().unwrap()).unwrap();
    assert_eq!(line["operation"], "list_runs");
    sandbox.shutdown().await;
    assert_eq!(followed.chunk().await.unwrap_or_default(), None, "it ends with the sandbox");
}

#[tokio::test]
async fn the_archive_has_every_field_that_har_1_2_requires() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    wire.get("/api/v1/runs?page=1").await;
    wire.get("/api/v1/me").await;
    let log = wire.get("/_sandbox/requests.har").await.body["log"].clone();
    assert_eq!((&log["version"], &log["creator"]["name"]), (&json!("1.2"), &json!("aig-sandbox")));
    let has = |value: &Value, fields: &[&str]| fields.iter().all(|field| !value[*field].is_null());
    let entries = log["entries"].as_array().unwrap();
    for entry in entries {
        assert!(has(entry, &["startedDateTime", "time", "request", "response", "cache", "timings"]), "{entry}");
        let sizes = ["method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"];
        assert!(has(&entry["request"], &sizes), "{entry}");
        let sizes = ["status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL"];
        assert!(has(&entry["response"], &sizes) && has(&entry["response"], &["headersSize", "bodySize"]), "{entry}");
        assert!(has(&entry["response"]["content"], &["size", "mimeType"]), "{entry}");
        assert!(has(&entry["timings"], &["send", "wait", "receive"]), "{entry}");
        assert!(entry["startedDateTime"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    }
    assert!(entries[0]["request"]["url"].as_str().unwrap().ends_with("?page=1"));
    assert!(entries[1]["request"]["url"].as_str().unwrap().ends_with("/me"), "no empty query");
    let one = wire.get("/_sandbox/requests.har?operation=get_me").await.body;
    assert_eq!(one["log"]["entries"].as_array().unwrap().len(), 1);
}

/// What nobody may find again, wherever it was put.
const SECRETS: [&str; 15] = [
    "canary-bearer",
    "canary-cookie",
    "canary-key",
    "canary-signature",
    "canary-credential",
    "canary-share",
    "canary-code",
    "canary-state",
    "canary-bare",
    "canary-padded",
    "canary-path",
    "canaryorder",
    "canary-body",
    "canary-form",
    "canary-patient",
];

#[tokio::test]
async fn secrets_are_in_no_form_of_the_log() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let send = async |method: &str, path: &str, body: &'static str| {
        let request = wire.client.request(method.parse().unwrap(), format!("{}{path}", wire.url));
        let request = request.header("authorization", "Bearer canary-bearer").header("cookie", "a=canary-cookie");
        let request = request.header("x-api-key", "canary-key").header("content-type", "application/json");
        request.body(body).send().await.unwrap();
    };
    let signed =
        "X-Amz-Signature=canary-signature&X-Amz-Credential=canary-credential&x-goog-signature=canary-signature";
    for (method, path) in [
        ("GET", format!("/storage/b/k?{signed}&prefix=p")),
        ("PUT", format!("/storage/b/k?{signed}")),
        (
            "GET",
            "/api/v1/runs?share_token=canary-share&share%5Ftoken=canary-share&external_id=canary-patient".to_owned(),
        ),
        ("GET", "/api/v1/runs?custom_metadata=$.name==%22canary-patient%22".to_owned()),
        ("GET", "/authorize?state=canary-state&code_challenge=canary-code&login_hint=canary-patient".to_owned()),
        ("GET", "/?code=canary-code&state=canary-state".to_owned()),
        ("GET", "/activate?user_code=canary-code".to_owned()),
        ("GET", "/api/v1/runs?canary-bare".to_owned()),
        ("GET", "/storage/b/k?canary-padded==".to_owned()),
        ("GET", "/api/v1/runs?canary-padded==&sort=canaryorder".to_owned()),
        ("GET", "/api/v1/runs/6f2a3f0e-0f8b-4a63-9a52-7d7c1f2f4a10/items/canary-path".to_owned()),
        ("PATCH", "/api/v1/runs/6f2a3f0e-0f8b-4a63-9a52-7d7c1f2f4a10/items/canary-path".to_owned()),
        ("POST", "/api/v1/runs".to_owned()),
        ("POST", "/oauth/token".to_owned()),
    ] {
        send(method, &path, r#"{"items": [{"url": "https://x/?sig=canary-body"}], "form": "canary-form"}"#).await;
    }
    let text = async |page: &str| {
        wire.client.get(format!("{}/_sandbox/{page}", wire.url)).send().await.unwrap().text().await.unwrap()
    };
    let forms =
        [text("requests").await, text("requests.har").await, text("").await, format!("{:?}", sandbox.requests())];
    for (form, what) in forms.iter().zip(["lines", "archive", "console", "debug"]) {
        assert!(form.contains("/oauth/token"), "{what} has the requests");
        let found: Vec<&str> = SECRETS.into_iter().filter(|secret| form.contains(secret)).collect();
        assert!(found.is_empty(), "{found:?} in {what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_command_does_the_same_again() {
    let shell = |script: &str, token: &str| {
        let mut sh = std::process::Command::new("sh");
        sh.args(["-c", script]).env("TOKEN", token).env("NO_PROXY", "*").stdin(std::process::Stdio::null());
        sh.output()
    };
    if !shell("curl --version", "").is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no curl");
        return;
    }
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let place = tempfile::tempdir().unwrap();
    let body = r#"{"application_id": "none", "items": []}"#;
    std::io::Write::write_all(&mut std::fs::File::create(place.path().join("BODY")).unwrap(), body.as_bytes()).unwrap();
    wire.get("/api/v1/runs?page=1&page_size=5&sort=-submitted_at").await;
    wire.post("/api/v1/runs", &serde_json::from_str(body).unwrap()).await;
    wire.get("/storage/a'b$(exit)%20%22/{x}[1-3]?list-type=2&prefix=it's&x;y").await;
    wire.client.head(format!("{}/storage/b/k", wire.url)).header("range", "bytes=1-2").send().await.unwrap();
    wire.client.request("O'DD".parse().unwrap(), format!("{}/x", wire.url)).send().await.unwrap();
    let logged = sandbox.requests();
    for request in &logged {
        let command = request.as_curl(sandbox.url());
        let script = format!("cd '{}' && {command} --silent --show-error --max-time 20", place.path().display());
        let output = shell(&script, &wire.token).unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        let again = sandbox.requests().pop().unwrap();
        let same = |request: &aig_sandbox::LoggedRequest| {
            (request.method.clone(), request.path.clone(), request.query.clone(), request.range.clone(), request.status)
        };
        assert_eq!(same(&again), same(request), "{command}");
    }
    assert_eq!(sandbox.requests().len(), 2 * logged.len());
}

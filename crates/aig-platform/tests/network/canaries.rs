//! Planted secrets: every operation at the finest level of every log of the HTTP stack, and none of them is seen.

use std::{
    collections::{BTreeSet, HashMap},
    error::Error as _,
    fmt::Debug,
};

use aig_auth::TokenProvider as _;
use aig_codegen::OPERATIONS;
use aig_platform::{
    Client, Error,
    settings::{Settings, Sources, Variables},
    sign_in::SignIn,
    transfer::SignedUrl,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tracing_subscriber::util::SubscriberInitExt as _;
use uuid::Uuid;

use crate::{
    authority::{Authority, Leaf},
    child,
    every_call::{VERSION_PATH, every_call, operation_of, version},
    server::{Answer, Heard, behaviour, proxy, secure},
};

const BEARER: &str = "canary-bearer-4kd82";
const SHARE: &str = "canary-share-93jf1";
const SIGNATURE: &str = "canary-signature-0d8sq";
const REFRESH: &str = "canary-refresh-7fm3x";
const ISSUED: &str = "canary-issued-1mc9z";
const HMAC: &str = "canary-hmac-5pq7w";
const PROXY: &str = "canary-proxy-2xk4v";
const ALL: [&str; 7] = [BEARER, SHARE, SIGNATURE, REFRESH, ISSUED, HMAC, PROXY];

/// Answers well, repeats everything in an error, breaks off.
const HOSTS: [&str; 3] = ["good.example", "echo.example", "torn.example"];

/// Shows something in every way in which a program may show it.
fn show(value: &impl Debug) {
    println!("{value:?} {value:#?}");
}

fn show_error(error: &Error) {
    show(error);
    println!("{error} {:?} {:?} {:?}", error.hint(), error.detail(), error.fields());
    let mut cause = error.source();
    while let Some(error) = cause {
        println!("{error} {error:?}");
        cause = error.source();
    }
}

/// The job: everything that can be called, shown, and logged to the standard output.
pub(crate) async fn operations(variables: &Variables) {
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    log.with_writer(std::io::stdout).finish().init();
    if variables.get("AIG_TEST_LEAK").is_some() {
        ALL.iter().for_each(|canary| tracing::trace!(canary, "leak"));
        return;
    }
    for host in HOSTS {
        let settings = settings(variables, host);
        show(&settings);
        let provider = SignIn::new(&settings).build().unwrap();
        show(&provider);
        show(&provider.token(&Default::default()).await.map_err(Error::from));
        show(&SignIn::new(&settings).build().unwrap().sign_in().await.map_err(Error::from));
        let client = Client::builder().settings(settings).token(BEARER).build().unwrap();
        show(&client);
        call(&client).await;
        show(&(client.info(), client.health().await));
    }
}

fn settings(variables: &Variables, host: &str) -> Settings {
    let impatient = ["AIGNOSTICS_RUN_RETRY_WAIT_MIN", "AIGNOSTICS_APPLICATION_VERSION_RETRY_WAIT_MIN"];
    let overrides =
        child::deployment(host, REFRESH).into_iter().chain(impatient.map(|name| (name, "0.001".to_owned())));
    Settings::load(Sources::new(variables.clone()).overrides(overrides)).unwrap()
}

async fn call(client: &Client) {
    let slide = SignedUrl::new(&format!("https://storage.example/a?signature={SIGNATURE}")).unwrap();
    show(&(client.run(Uuid::nil()).with_share_token(SHARE), &slide));
    every_call(client, SHARE, &slide, |outcome| match outcome {
        Ok(answer) => show(&answer),
        Err(error) => show_error(&error),
    })
    .await;
}

/// A platform that answers well, with secrets wherever the contract has them.
fn good(heard: &Heard) -> Answer {
    let path = heard.path().split('?').next().unwrap_or_default();
    let answer = |value: Value| Answer::json(200, &value);
    if path.ends_with("/file") || path.ends_with("/content") {
        return Answer::new(307, &format!("location: https://good.example/storage?signature={SIGNATURE}\r\n"), b"");
    }
    if path.ends_with("/items/slide") || path.ends_with("/items") {
        let link = format!("https://storage.example/a?signature={SIGNATURE}");
        let item = json!({ "item_id": Uuid::nil(), "external_id": "slide", "custom_metadata": null, "output": "FULL",
            "state": "TERMINATED", "input_artifacts": [{ "input_artifact_id": Uuid::nil(), "name": "slide",
            "download_url": link }], "output_artifacts": [] });
        return answer(if path.ends_with("slide") { item } else { json!([item]) });
    }
    match path {
        "/api/v1/me" => {
            let mut me = crate::tls::me();
            me["organization"]["aignostics_bucket_hmac_secret_access_key"] = json!(HMAC);
            answer(me)
        }
        "/oauth/token" => answer(
            json!({ "access_token": ISSUED, "refresh_token": REFRESH, "token_type": "Bearer", "expires_in": 60 }),
        ),
        VERSION_PATH => answer(version()),
        "/api/v1/access/share-tokens" if heard.head.starts_with("POST") => {
            answer(json!({ "share_token_id": Uuid::nil(), "share_token": SHARE, "revoked": false,
                "created_at": "2026-01-01T00:00:00Z", "expires_at": null }))
        }
        _ => answer(json!([])),
    }
}

/// A platform that repeats everything that it was sent in its errors.
fn echo(heard: &Heard) -> Answer {
    let body = String::from_utf8_lossy(&heard.body);
    let error = json!({ "detail": [{ "loc": ["query"], "msg": format!("{} {body}", heard.head), "input": heard.head }],
        "error": "invalid_grant", "error_description": format!("{body} {ISSUED}") });
    Answer::json(422, &error)
}

fn torn(heard: &Heard) -> Answer {
    let whole = good(heard);
    let length = whole.bytes.len();
    whole.cut_to(length.saturating_sub(3))
}

/// The forms in which a secret could be seen.
fn forms(secret: &str) -> [String; 3] {
    let hex = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    [secret.to_owned(), STANDARD.encode(secret), hex]
}

fn hits(text: &str) -> Vec<&'static str> {
    let seen = |canary: &&str| forms(canary).iter().any(|form| text.contains(form.as_str()));
    ALL.into_iter().filter(seen).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_seen_in_any_error_debug_or_log_of_the_whole_stack() {
    let directory = tempfile::tempdir().unwrap();
    let (authority, bundle) = (Authority::new("canaries"), directory.path().join("ca.pem"));
    authority.write(&bundle);
    let (mut places, mut logs) = (HashMap::new(), Vec::new());
    for (host, answer) in HOSTS.into_iter().zip([good, echo, torn] as [fn(&Heard) -> Answer; 3]) {
        let (address, log) = secure(authority.acceptor(&[host], Leaf::Good), behaviour(answer)).await;
        places.insert(host, address);
        logs.push(log);
    }
    let (proxy, asked) = proxy(places).await;
    let variables = |leak: bool| {
        let mut variables = vec![
            ("HTTPS_PROXY", format!("http://user:{PROXY}@{proxy}")),
            ("REQUESTS_CA_BUNDLE", bundle.to_str().unwrap().to_owned()),
        ];
        variables.extend(leak.then(|| ("AIG_TEST_LEAK", "1".to_owned())));
        variables
    };
    let control = child::run("canaries", variables(true)).await;
    assert_eq!(hits(&control.said), ALL, "the search finds nothing");
    let finished = child::run("canaries", variables(false)).await;
    let wire: String = logs.iter().chain([&asked]).flat_map(|log| log.lock().unwrap().clone()).fold(
        String::new(),
        |mut all, heard| {
            all += &heard.head;
            all += &String::from_utf8_lossy(&heard.body);
            all
        },
    );
    for canary in [BEARER, SHARE, SIGNATURE, REFRESH] {
        assert!(wire.contains(canary), "{canary} was never sent: the test shows nothing");
    }
    assert!(wire.contains(&STANDARD.encode(format!("user:{PROXY}"))), "the proxy's password was never sent");
    let reached = logs[0].lock().unwrap().iter().filter_map(operation).collect::<BTreeSet<_>>();
    assert_eq!(reached.len(), OPERATIONS.len(), "{reached:?}");
    for logger in ["reqwest", "rustls", "hyper", "aig_platform"] {
        assert!(finished.said.contains(logger), "{logger} logged nothing");
    }
    let leaks = hits(&finished.said.replace(&STANDARD.encode(format!("user:{PROXY}")), PROXY));
    println!(
        "canaries planted={} operations={} hosts=3 bytes={} hits={}",
        ALL.len(),
        reached.len(),
        finished.said.len(),
        leaks.len()
    );
    assert_eq!(leaks, [""; 0], "{}", around(&finished.said, leaks.first()));
}

/// The line in which a secret was seen.
fn around(text: &str, canary: Option<&&str>) -> String {
    let found = canary.and_then(|canary| text.lines().find(|line| line.contains(*canary)));
    found.unwrap_or_default().chars().take(2_000).collect()
}

fn operation(heard: &Heard) -> Option<&'static str> {
    operation_of(heard.head.split(' ').next()?, heard.path().split('?').next()?)
}

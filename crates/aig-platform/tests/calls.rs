//! Calls over a scripted transport: what is sent, how often, and what comes of it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use aig_auth::{AccessToken, AuthError, Identity, Rejection, TokenProvider, TokenRequest};
use aig_platform::{
    Client, Error, ErrorKind, Policy, RunEvent, Submission, SubmissionItem, WaitOptions,
    enums::RunState,
    operations::ListRuns,
    transfer::SignedUrl,
    transport::{RecordedRequest, RecordingTransport, Reply, TransportErrorKind},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

const RUN: &str = "0b7a3d3e-0c5e-4d57-8f5c-1d2f3a4b5c6d";

/// Tokens that are numbered: a refused one is followed by the next.
#[derive(Debug, Default)]
struct Numbered {
    number: AtomicU32,
    who: Option<Identity>,
}

#[async_trait]
impl TokenProvider for Numbered {
    async fn token(&self, _request: &TokenRequest) -> Result<AccessToken, AuthError> {
        Ok(AccessToken::new(&format!("canary-token-{}", self.number.load(Ordering::SeqCst))).unwrap())
    }

    async fn reject(&self, token: &AccessToken, _reason: Rejection) {
        let current = format!("canary-token-{}", self.number.load(Ordering::SeqCst));
        if token.expose() == current {
            self.number.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn identity(&self) -> Option<Identity> {
        self.who.clone()
    }
}

fn client(transport: &Arc<RecordingTransport>) -> Client {
    client_of(transport, Numbered::default())
}

fn client_of(transport: &Arc<RecordingTransport>, tokens: Numbered) -> Client {
    Client::builder()
        .api_root("https://platform.example")
        .token_provider(Arc::new(tokens))
        .transport(Arc::clone(transport) as _)
        .build()
        .unwrap()
}

fn run_id() -> Uuid {
    RUN.parse().unwrap()
}

fn run_json(state: &str, done: i64, total: i64) -> Value {
    json!({ "run_id": RUN, "application_id": "test-app", "version_number": "1.0.0", "state": state, "output": "NONE",
        "termination_reason": null, "error_code": null, "error_message": null, "submitted_at": "2026-11-22T03:00:00Z",
        "submitted_by": "ada", "statistics": { "item_count": total, "item_pending_count": total - done,
        "item_processing_count": 0, "item_user_error_count": 0, "item_system_error_count": 0, "item_skipped_count": 0,
        "item_succeeded_count": done } })
}

fn item_json(number: u128, state: &str) -> Value {
    let reason = (state == "TERMINATED").then_some("SUCCEEDED");
    json!({ "item_id": Uuid::from_u128(number), "external_id": format!("slide-{number}"), "custom_metadata": null,
        "state": state, "output": "FULL", "termination_reason": reason, "input_artifacts": [], "output_artifacts": [] })
}

fn me_json(user: &str) -> Value {
    json!({ "user": { "id": user }, "organization": { "id": "org", "aignostics_bucket_hmac_access_key_id": "canary-key",
        "aignostics_bucket_hmac_secret_access_key": "canary-secret", "aignostics_bucket_name": "bucket",
        "aignostics_bucket_protocol": "gs", "aignostics_logfire_token": "canary-log", "aignostics_sentry_dsn": "canary-dsn" } })
}

async fn get_run(transport: RecordingTransport) -> (Result<RunState, Error>, Vec<RecordedRequest>) {
    let transport = Arc::new(transport);
    let outcome = client(&transport).run(run_id()).get().await;
    (outcome.map(|run| run.state.clone()), transport.requests())
}

#[tokio::test(start_paused = true)]
async fn a_call_carries_the_token_and_reaches_the_right_place() {
    let (outcome, requests) =
        get_run(RecordingTransport::new().reply(Reply::json(200, &run_json("PENDING", 0, 1)))).await;
    assert_eq!(outcome.unwrap(), RunState::Pending);
    let request = &requests[0];
    assert_eq!((request.method.as_str(), request.origin.as_str()), ("GET", "https://platform.example"));
    assert_eq!(request.path, format!("/api/v1/runs/{RUN}"));
    assert_eq!(request.bearer(), Some("canary-token-0"));
    assert_eq!(request.headers["accept-encoding"], "identity");
    assert!(request.headers["user-agent"].to_str().unwrap().starts_with("aig-platform/"));
}

#[tokio::test(start_paused = true)]
async fn a_passing_fault_is_passed_over_and_four_attempts_are_the_most() {
    let good = || Reply::json(200, &run_json("PENDING", 0, 1));
    for fault in [
        Reply::status(503),
        Reply::status(429),
        Reply::failure(TransportErrorKind::Interrupted),
        Reply::failure(TransportErrorKind::Connect),
        good().cut(),
    ] {
        let transport =
            RecordingTransport::new().reply(fault.clone()).reply(fault.clone()).reply(fault.clone()).reply(good());
        assert!(get_run(transport).await.0.is_ok(), "{fault:?}");
        let stubborn = fault.clone();
        let (outcome, requests) = get_run(RecordingTransport::new().fallback(move |_| stubborn.clone())).await;
        let error = outcome.unwrap_err();
        assert_eq!((requests.len(), error.attempts()), (4, 4), "{fault:?}");
        assert!(error.is_retryable(), "{error:?}");
        assert_eq!(error.operation(), Some("get_run"));
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for_and_never_beyond_the_deadline() {
    let busy = |wait: &str| Reply::status(503).with_header("retry-after", wait);
    let begun = Instant::now();
    let transport = RecordingTransport::new().reply(busy("7")).reply(Reply::json(200, &run_json("PENDING", 0, 1)));
    assert!(get_run(transport).await.0.is_ok());
    assert!((7.0..7.5).contains(&begun.elapsed().as_secs_f64()), "{:?}", begun.elapsed());
    let begun = Instant::now();
    let (outcome, requests) = get_run(RecordingTransport::new().fallback(move |_| busy("1000000000"))).await;
    assert_eq!(outcome.unwrap_err().retry_after(), Some(Duration::from_secs(60)));
    assert!(begun.elapsed() <= Duration::from_secs(120) && requests.len() == 2, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_comes_ends_in_time() {
    #[derive(Debug)]
    struct Silent;

    #[async_trait]
    impl aig_platform::transport::Transport for Silent {
        async fn send(
            &self,
            _request: aig_platform::transport::Request,
        ) -> Result<aig_platform::transport::Response, aig_platform::transport::TransportError> {
            std::future::pending().await
        }
    }

    let client =
        Client::builder().api_root("https://p.example").token("t").transport(Arc::new(Silent)).build().unwrap();
    let begun = Instant::now();
    assert_eq!(client.me().await.unwrap_err().kind(), ErrorKind::Timeout);
    assert!(begun.elapsed() <= Duration::from_secs(120));
    let once = client.runs().submit(submission()).await.unwrap_err();
    assert_eq!(once.kind(), ErrorKind::Timeout, "the version cannot be read, nothing was submitted");
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_once_and_forbidden_is_final() {
    let transport =
        RecordingTransport::new().reply(Reply::status(401)).reply(Reply::json(200, &run_json("PENDING", 0, 1)));
    let (outcome, requests) = get_run(transport).await;
    assert!(outcome.is_ok());
    let tokens: Vec<_> = requests.iter().map(|request| request.bearer().unwrap().to_owned()).collect();
    assert_eq!(tokens, ["canary-token-0", "canary-token-1"]);
    let (outcome, requests) = get_run(RecordingTransport::new().fallback(|_| Reply::status(401))).await;
    assert_eq!((outcome.unwrap_err().kind(), requests.len()), (ErrorKind::Unauthenticated, 2));
    let (outcome, requests) = get_run(RecordingTransport::new().fallback(|_| Reply::status(403))).await;
    assert_eq!((outcome.unwrap_err().kind(), requests.len()), (ErrorKind::Forbidden, 1));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_that_all_fail_send_little_more_than_a_thousand_requests() {
    for (status, most) in [(503, 35), (429, 100)] {
        let transport = Arc::new(RecordingTransport::new().fallback(move |_| Reply::status(status)));
        let client = client(&transport);
        for _ in 0..1_000 {
            assert!(client.run(run_id()).get_with(Policy::Bypass).await.is_err());
        }
        let extra = transport.requests().len() - 1_000;
        assert!(extra <= most, "{extra} extra sends at {status}");
        println!("retry_quota status={status} calls=1000 extra_sends={extra} bar={most}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_that_is_secret_is_shown_whatever_the_server_echoes() {
    let echo = json!({ "detail": [{ "loc": ["query"], "msg": "bad canary-share-token and canary-token-0",
        "input": "https://storage.example/x?X-Signature=canary-signature" }] });
    let mut shown = String::new();
    for status in [400, 401, 403, 404, 409, 410, 412, 422, 429, 500, 503, 302] {
        let echo = echo.clone();
        let transport = Arc::new(RecordingTransport::new().fallback(move |_| Reply::json(status, &echo)));
        let run = client(&transport).run(run_id()).with_share_token("canary-share-token");
        let error = run.get().await.unwrap_err();
        shown += &format!("{error} {error:?} {:?} {run:?} {:?}", error.detail(), transport.requests());
        assert!(transport.requests()[0].query("share_token").is_some());
    }
    let transport = Arc::new(RecordingTransport::new().fallback(|_| Reply::json(200, &me_json("ada"))));
    shown += &format!("{:?} {:?}", client(&transport).me().await.unwrap(), submission());
    let leak = shown.find("canary").map(|place| shown.get(place.saturating_sub(80)..place + 40));
    assert_eq!(leak, None);
    println!("canaries bytes={} hits=0", shown.len());
}

#[tokio::test(start_paused = true)]
async fn an_answer_outside_the_contract_is_named_so() {
    let (outcome, _) = get_run(RecordingTransport::new().reply(
        Reply::status(200).with_header("content-type", "text/html").with_body("<html>canary: sign in to the Wi-Fi"),
    ))
    .await;
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.hint().unwrap().contains("network"));
    assert!(!format!("{error} {error:?}").contains("canary"));
    let (outcome, _) = get_run(RecordingTransport::new().reply(Reply::json(200, &run_json("QUEUED", 0, 1)))).await;
    assert_eq!(outcome.unwrap().as_str(), "QUEUED", "a value of a newer API is kept");
}

#[tokio::test(start_paused = true)]
async fn answers_are_kept_for_their_user_and_dropped_by_a_change() {
    let transport = Arc::new(RecordingTransport::new().fallback(|request| match request.method.as_str() {
        "GET" => Reply::json(200, &run_json("PENDING", 0, 1)),
        _ => Reply::status(202),
    }));
    let who = |subject: &str| Numbered { who: Some(Identity::new("issuer", subject)), ..Numbered::default() };
    let cache: Arc<dyn aig_platform::OperationCache> = Arc::new(aig_cache::MokaCache::default());
    let sharing = |subject: &str| {
        let builder = Client::builder().api_root("https://platform.example").cache(Arc::clone(&cache));
        builder.token_provider(Arc::new(who(subject))).transport(Arc::clone(&transport) as _).build().unwrap()
    };
    let (ada, grace) = (sharing("ada"), sharing("grace"));
    let sent = || transport.requests().len();
    for _ in 0..3 {
        ada.run(run_id()).get().await.unwrap();
    }
    assert_eq!(sent(), 1);
    grace.run(run_id()).get().await.unwrap();
    assert_eq!(sent(), 2, "another user's answer was used");
    ada.run(run_id()).with_share_token("another-share-token").get().await.unwrap();
    assert_eq!(sent(), 3, "a share token is a key of its own");
    ada.run(run_id()).cancel().await.unwrap();
    ada.run(run_id()).get().await.unwrap();
    assert_eq!(sent(), 5, "a change drops what was there");
    grace.run(run_id()).get().await.unwrap();
    assert_eq!(sent(), 5, "and leaves other users alone");
}

fn version_json() -> Value {
    let schema =
        json!({ "type": "object", "required": ["width_px"], "properties": { "width_px": { "type": "integer" } } });
    json!({ "version_number": "1.0.0", "changelog": "", "released_at": "2026-01-01T00:00:00Z", "output_artifacts": [],
        "input_artifacts": [{ "name": "whole_slide_image", "mime_type": "image/tiff", "metadata_schema": schema }] })
}

fn submission() -> Submission {
    let link = SignedUrl::new("https://storage.example/bucket/a.tiff?X-Signature=canary-signature").unwrap();
    let facts = json!({ "width_px": 1024 });
    let item = SubmissionItem::new("slide-1").artifact("whole_slide_image", &link, facts.as_object().cloned().unwrap());
    Submission::new("test-app").version("1.0.0").item(item)
}

/// A platform that makes runs: `answer` says what a POST is answered with after it was carried out.
fn platform(answer: impl Fn(&Value) -> Reply + Send + Sync + 'static) -> Arc<RecordingTransport> {
    let made = std::sync::Mutex::new(Vec::<Value>::new());
    Arc::new(RecordingTransport::new().fallback(move |request| {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", _) => {
                let mut run = run_json("PENDING", 0, 1);
                run["custom_metadata"] = request.json()["custom_metadata"].clone();
                made.lock().unwrap().push(run.clone());
                answer(&run)
            }
            (_, path) if path.ends_with("/versions/1.0.0") => Reply::json(200, &version_json()),
            _ => Reply::json(200, &*made.lock().unwrap()),
        }
    }))
}

fn posts(transport: &RecordingTransport) -> usize {
    transport.requests().iter().filter(|request| request.method == "POST").count()
}

#[tokio::test(start_paused = true)]
async fn a_submission_is_sent_once_and_looked_up_when_its_outcome_is_unknown() {
    let lost = [
        Reply::failure(TransportErrorKind::Interrupted),
        Reply::failure(TransportErrorKind::Timeout),
        Reply::json(201, &json!({ "run_id": RUN })).cut(),
        Reply::status(502),
        Reply::status(503),
        Reply::status(504),
        Reply::status(500),
        Reply::status(408),
    ];
    for reply in &lost {
        let answer = reply.clone();
        let transport = platform(move |_| answer.clone());
        let submitted = client(&transport).runs().submit(submission()).await.unwrap();
        assert_eq!((submitted.run_id, posts(&transport)), (run_id(), 1), "{reply:?}");
        let look_up = transport.requests().pop().unwrap();
        let expected = format!("$.aig.submission_id ? (@ == \"{}\")", submitted.submission_id.unwrap());
        assert_eq!(look_up.query("custom_metadata"), Some(expected.as_str()));
    }
    println!("submit ambiguous_answers={} duplicates=0 resolved={}", lost.len(), lost.len());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_never_appears_is_reported_as_unknown_and_is_not_sent_again() {
    let transport = Arc::new(RecordingTransport::new().fallback(|request| match request.method.as_str() {
        "POST" => Reply::failure(TransportErrorKind::Interrupted),
        _ if request.path.ends_with("/versions/1.0.0") => Reply::json(200, &version_json()),
        // Somebody else's run: a service that ignores the filter must not mislead.
        _ => Reply::json(200, &json!([run_json("PENDING", 0, 1)])),
    }));
    let client = client(&transport);
    let error = client.runs().submit(submission()).await.unwrap_err();
    assert_eq!((error.kind(), posts(&transport)), (ErrorKind::OutcomeUnknown, 1));
    assert!(!error.is_retryable());
    let unmarked = client.runs().submit(submission().without_submission_id()).await.unwrap_err();
    assert_eq!(unmarked.kind(), ErrorKind::OutcomeUnknown);
}

#[tokio::test(start_paused = true)]
async fn a_submission_that_cannot_be_right_is_not_sent() {
    let transport = platform(|_| Reply::json(201, &json!({ "run_id": RUN })));
    let client = client(&transport);
    let wrong = submission().item(SubmissionItem::new("slide-1"));
    let error = client.runs().submit(wrong).await.unwrap_err();
    let places: Vec<_> = error.fields().iter().map(|field| field.pointer.as_str()).collect();
    assert_eq!(places, ["/items/1/external_id", "/items/1/input_artifacts"]);
    assert_eq!(posts(&transport), 0);
    client.runs().submit(submission()).await.unwrap();
    assert_eq!(posts(&transport), 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_was_never_made_is_tried_again_even_for_a_submission() {
    let transport = platform(|_| Reply::json(201, &json!({ "run_id": RUN })));
    let client = client(&transport);
    client.runs().check(&submission()).await.unwrap();
    transport.push(Reply::failure(TransportErrorKind::Connect));
    client.runs().submit(submission()).await.unwrap();
    assert_eq!(posts(&transport), 2);
}

#[tokio::test(start_paused = true)]
async fn a_run_made_a_moment_ago_may_be_missing_for_a_moment() {
    let transport = platform(|_| Reply::json(201, &json!({ "run_id": RUN })));
    let client = client(&transport);
    let run = client.run(client.runs().submit(submission()).await.unwrap().run_id);
    for _ in 0..3 {
        transport.push(Reply::status(404));
    }
    transport.push(Reply::json(200, &run_json("PENDING", 0, 1)));
    assert!(run.get_with(Policy::Bypass).await.is_ok());
    (0..50).for_each(|_| transport.push(Reply::status(404)));
    let begun = Instant::now();
    assert_eq!(run.get_with(Policy::Bypass).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(begun.elapsed() <= Duration::from_secs(5));
    let stranger = client.run(Uuid::nil()).get().await.unwrap_err();
    assert_eq!((stranger.kind(), stranger.attempts()), (ErrorKind::NotFound, 1));
}

/// A run that ended for `reason`, and the replies to `cancel` before that is read.
async fn cancelled(before: &[u16], reason: &str) -> Result<(), ErrorKind> {
    let mut ended = run_json("TERMINATED", 1, 1);
    ended["termination_reason"] = reason.into();
    let transport = RecordingTransport::new().fallback(move |_| Reply::json(200, &ended));
    let transport =
        Arc::new(before.iter().fold(transport, |transport, status| transport.reply(Reply::status(*status))));
    client(&transport).run(run_id()).cancel().await.map_err(|error| error.kind())
}

#[tokio::test(start_paused = true)]
async fn a_cancel_whose_first_answer_was_lost_is_no_conflict_with_itself() {
    assert_eq!(cancelled(&[503, 409], "CANCELED_BY_USER").await, Ok(()));
    assert_eq!(cancelled(&[503, 409], "ALL_ITEMS_PROCESSED").await, Err(ErrorKind::Conflict), "it ended by itself");
    assert_eq!(cancelled(&[409], "CANCELED_BY_USER").await, Err(ErrorKind::Conflict), "somebody cancelled it before");
}

#[tokio::test(start_paused = true)]
async fn a_missing_run_has_no_empty_list_of_items() {
    let transport = Arc::new(RecordingTransport::new().fallback(|_| Reply::status(404)));
    let client = client(&transport);
    assert_eq!(client.run(run_id()).items().all().await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(client.runs().list(ListRuns::new()).all().await.unwrap_err().kind(), ErrorKind::NotFound);
}

/// A run that goes through `states`, one at each reading; items are read in between and follow one reading later.
fn moving(states: &'static [(&'static str, i64)]) -> Arc<RecordingTransport> {
    let readings = AtomicU32::new(0);
    Arc::new(RecordingTransport::new().fallback(move |request| {
        let reading = readings.load(Ordering::SeqCst) as usize;
        if request.path.ends_with("/items") {
            // What was true when the run was last read, and not more: the list lags behind.
            let done = states[reading.saturating_sub(1).min(states.len() - 1)].1;
            let state = |number| if i64::from(number) < done { "TERMINATED" } else { "PENDING" };
            let items: Vec<_> = (0..3_u8).map(|number| item_json(u128::from(number), state(number))).collect();
            return Reply::json(200, &items);
        }
        readings.fetch_add(1, Ordering::SeqCst);
        let (state, done) = states[reading.min(states.len() - 1)];
        if state == "DOWN" { Reply::status(503) } else { Reply::json(200, &run_json(state, done, 3)) }
    }))
}

#[tokio::test(start_paused = true)]
async fn a_watch_tells_every_change_once_and_misses_no_last_item() {
    let transport = moving(&[("PENDING", 0), ("PROCESSING", 1), ("PENDING", 1), ("PROCESSING", 2), ("TERMINATED", 3)]);
    let mut watch = client(&transport).run(run_id()).events(WaitOptions::default());
    let (mut runs, mut done, mut finished) = (Vec::new(), Vec::new(), 0);
    while let Some(event) = watch.next().await {
        match event.unwrap() {
            RunEvent::Run { run, .. } => runs.push(run.state.to_string()),
            RunEvent::Item { item, .. } if item.state.as_str() == "TERMINATED" => done.push(item.external_id.clone()),
            RunEvent::Finished(outcome) => finished = outcome.succeeded().count(),
            _ => {}
        }
    }
    assert_eq!(runs, ["PENDING", "PROCESSING", "PENDING", "PROCESSING", "TERMINATED"]);
    done.sort();
    assert_eq!((done.as_slice(), finished), (["slide-0", "slide-1", "slide-2"].map(str::to_owned).as_slice(), 3));
}

#[tokio::test(start_paused = true)]
async fn a_watch_outlives_an_outage_and_says_so() {
    let transport =
        moving(&[("PENDING", 0), ("DOWN", 0), ("DOWN", 0), ("DOWN", 0), ("DOWN", 0), ("DOWN", 0), ("TERMINATED", 3)]);
    let run = client(&transport).run(run_id());
    let mut watch = run.events(WaitOptions::default());
    let mut outages = 0;
    while let Some(event) = watch.next().await {
        outages += u32::from(matches!(event.unwrap(), RunEvent::Unreachable { .. }));
    }
    assert!(outages >= 1);
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_when_the_time_is_up() {
    let begun = Instant::now();
    let options = WaitOptions::default().timeout(Duration::from_secs(100));
    let error = client(&moving(&[("PENDING", 0)])).run(run_id()).wait(options.clone()).await.unwrap_err();
    assert_eq!((error.kind(), begun.elapsed().as_secs()), (ErrorKind::Timeout, 100));
    let down = client(&moving(&[("DOWN", 0)])).run(run_id()).wait(options).await.unwrap_err();
    assert_eq!(down.kind(), ErrorKind::Unavailable, "what kept it is said");
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_asks_seldom() {
    let transport = moving(&[("PROCESSING", 0)]);
    let options = WaitOptions::default().timeout(Duration::from_secs(3_600));
    assert!(client(&transport).run(run_id()).wait(options).await.is_err());
    let requests = transport.requests().len();
    assert!((200..320).contains(&requests), "{requests} requests in an hour");
    println!("watch hour_without_change requests={requests}");
}

/// A run whose metadata change under the caller `others` times, with checksums that are checked.
fn contended(others: u32) -> Arc<RecordingTransport> {
    let state = std::sync::Mutex::new((json!({ "note": "ours", "sdk": { "created_at": "x" } }), 0_u32, others));
    Arc::new(RecordingTransport::new().fallback(move |request| {
        let mut state = state.lock().unwrap();
        let (metadata, version, others) = &mut *state;
        if request.method == "PUT" {
            if *others > 0 {
                *others -= 1;
                *version += 1;
                metadata["theirs"] = json!(*version);
            }
            if request.json()["custom_metadata_checksum"] != json!(version.to_string()) {
                return Reply::json(412, &json!({ "detail": "changed meanwhile" }));
            }
            *metadata = request.json()["custom_metadata"].clone();
            *version += 1;
            return Reply::json(200, &json!({ "custom_metadata_checksum": version.to_string() }));
        }
        let mut run = run_json("PENDING", 0, 1);
        run["custom_metadata"] = metadata.clone();
        run["custom_metadata_checksum"] = json!(version.to_string());
        Reply::json(200, &run)
    }))
}

#[tokio::test(start_paused = true)]
async fn a_stale_checksum_is_a_conflict_that_holds_what_is_there() {
    let transport = contended(1);
    let run = client(&transport).run(run_id());
    let error = run.update_metadata(Some(serde_json::Map::new()), Some("0".to_owned())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PreconditionFailed);
    let there = error.current_metadata().unwrap();
    assert_eq!(there.checksum.as_deref(), Some("1"));
    assert_eq!(there.custom_metadata.as_ref().unwrap()["theirs"], 1);
}

#[tokio::test(start_paused = true)]
async fn merging_keeps_what_others_write_at_the_same_time() {
    let transport = contended(2);
    let run = client(&transport).run(run_id());
    let changes = json!({ "note": null, "sdk": { "tags": ["a"] } });
    assert_eq!(run.merge_metadata(changes.as_object().unwrap()).await.unwrap().as_deref(), Some("3"));
    let merged = run.get().await.unwrap().custom_metadata.clone().unwrap();
    assert_eq!((merged.get("note"), &merged["theirs"]), (None, &json!(2)));
    assert_eq!((&merged["sdk"]["created_at"], &merged["sdk"]["tags"]), (&json!("x"), &json!(["a"])));
    assert!(merged["sdk"]["updated_at"].is_string());
    let quarrel = client(&contended(100)).run(run_id()).merge_metadata(changes.as_object().unwrap()).await.unwrap_err();
    assert_eq!(quarrel.kind(), ErrorKind::PreconditionFailed);
}

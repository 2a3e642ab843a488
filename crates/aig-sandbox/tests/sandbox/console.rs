//! The console's pages and forms over HTTP, without a browser: what they show, what they change, whom they refuse.

use std::time::Duration;

use aig_sandbox::{
    RunPlan, Sandbox, SlideUse,
    faults::{Effect, Fault},
    synthetic::SlideSpec,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use object_store::{ObjectStoreExt, path::Path};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    console_content::{HOSTILE, shown},
    wire::{Wire, slideless_item, submit},
};

/// Somebody with a browser on the console.
struct Visitor {
    wire: Wire,
    secret: String,
}

/// Names and values of a form.
type Filled<'a> = &'a [(&'a str, &'a str)];

struct Page {
    status: u16,
    headers: http::HeaderMap,
    text: String,
}

impl Visitor {
    async fn new(sandbox: &Sandbox) -> Self {
        let mut visitor = Self { wire: Wire::new(sandbox).await, secret: String::new() };
        let page = visitor.look("/_sandbox/").await.text;
        let (_, rest) = page.split_once("name=\"form\" value=\"").unwrap();
        visitor.secret = rest.split('"').next().unwrap().to_owned();
        visitor
    }

    async fn look(&self, path: &str) -> Page {
        self.answer(self.wire.client.get(format!("{}{path}", self.wire.url))).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Page {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Page { status, headers, text: String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned() }
    }

    fn form(&self, action: &str, fields: &[(&str, &str)], secret: &str) -> reqwest::RequestBuilder {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("form", secret).extend_pairs(fields);
        let request = self.wire.client.post(format!("{}/_sandbox/forms/{action}", self.wire.url));
        request.header("content-type", "application/x-www-form-urlencoded").body(body.finish())
    }

    /// As a browser sends it.
    async fn send(&self, action: &str, fields: &[(&str, &str)]) -> Page {
        self.answer(self.form(action, fields, &self.secret).header("origin", &self.wire.url)).await
    }

    /// Sends a form that must be taken, and looks at the page it leads to.
    async fn done(&self, action: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.send(action, fields).await;
        assert_eq!(answer.status, 303, "{action}: {}", answer.text);
        self.look(answer.headers["location"].to_str().unwrap()).await.text
    }
}

fn contains_all(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "{text} is not in {page}");
    }
}

#[tokio::test]
async fn the_first_page_shows_what_the_sandbox_holds() {
    let (sandbox, shown) = shown().await;
    let visitor = Visitor::new(&sandbox).await;
    let page = visitor.look("/_sandbox/").await.text;
    contains_all(&page, &["SANDBOX", &shown.finished, &shown.hostile, "done, 1 failed", "3 succeeded, 1 user error"]);
    contains_all(
        &page,
        &["Ada Sandbox", "grace@sandbox.example", "aignostics-platform-results", "he-tme", "1.2.0-beta.1"],
    );
    contains_all(
        &page,
        &["answer 503, Retry-After &lt;b&gt;, on get_me, 2 times more", "cut 10", "below /storage/&lt;x&gt;"],
    );
    contains_all(&page, &[&format!("export AIGNOSTICS_API_ROOT='{}'", sandbox.url()), "GET /api/v1/me"]);
    contains_all(&page, &["/_sandbox/requests.har", "curl -X GET -H &quot;Authorization: Bearer $TOKEN&quot;"]);
    for secret in [visitor.wire.token.as_str(), &sandbox.refresh_token().await.unwrap()] {
        assert!(!page.contains(secret));
    }
}

#[tokio::test]
async fn a_run_is_shown_with_its_failures_counts_and_pictures() {
    let (sandbox, shown) = shown().await;
    let visitor = Visitor::new(&sandbox).await;
    let page = visitor.look(&format!("/_sandbox/runs/{}", shown.finished)).await.text;
    contains_all(
        &page,
        &["slide-1.tiff", "no_tissue", "no tissue found on the slide", "Tissue", "Nucleus", "Share of slide"],
    );
    contains_all(&page, &["tissue_qc:geojson_polygons", "cell_detection:geojson_polygons", "share of dark pixels"]);
    assert!(!page.contains("X-Amz-Signature"), "input URLs are signed");
    let pictures: Vec<&str> =
        page.split("<img").skip(1).filter_map(|tag| tag.split("src=\"").nth(1)?.split('"').next()).collect();
    // Four slides; of three of them two drawings, and the slide again under a heatmap.
    assert_eq!(pictures.len(), 4 + 3 * 4, "{pictures:?}");
    for picture in pictures {
        let answer = visitor.look(picture).await;
        let kind = answer.headers["content-type"].to_str().unwrap();
        let begin = if kind == "image/png" { "\u{fffd}PNG\r\n" } else { "<svg xmlns=\"http://www.w3.org/2000/svg\"" };
        assert!(answer.status == 200 && answer.text.starts_with(begin), "{picture}: {} {kind}", answer.status);
    }
    let narrowed = visitor.look(&format!("/_sandbox/runs/{}?show=failed", shown.finished)).await.text;
    assert!(narrowed.contains(">blank.tiff</h3>") && !narrowed.contains(">slide-1.tiff</h3>"));
}

#[tokio::test]
async fn counts_on_the_page_are_those_of_the_file() {
    let (sandbox, shown) = shown().await;
    let visitor = Visitor::new(&sandbox).await;
    let items =
        visitor.wire.get(&format!("/api/v1/runs/{}/items?external_id__in=slide-1.tiff", shown.finished)).await.body;
    let artifacts = items[0]["output_artifacts"].as_array().unwrap();
    let readout = artifacts.iter().find(|artifact| artifact["name"] == "readout_generation:slide_readouts").unwrap();
    let path =
        format!("/api/v1/runs/{}/artifacts/{}/file", shown.finished, readout["output_artifact_id"].as_str().unwrap());
    let csv = String::from_utf8(visitor.wire.download(&path).await).unwrap();
    let page = visitor.look(&format!("/_sandbox/runs/{}", shown.finished)).await.text;
    for row in csv.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        contains_all(&page, &[&format!("<th scope=\"row\">{}</th><td class=\"number\">{}</td>", cells[0], cells[1])]);
    }
}

#[tokio::test]
async fn hostile_names_are_text_on_every_page() {
    let (sandbox, shown) = shown().await;
    let visitor = Visitor::new(&sandbox).await;
    let hostile = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("find", HOSTILE[1])
        .append_pair("prefix", HOSTILE[0])
        .append_pair("bucket", HOSTILE[3])
        .append_pair("notice", HOSTILE[0])
        .finish();
    for path in [
        "/_sandbox/".to_owned(),
        format!("/_sandbox/?{hostile}"),
        format!("/_sandbox/runs/{}", shown.hostile),
        format!("/_sandbox/runs/{}?{hostile}", shown.hostile),
        "/_sandbox/runs/%3Cscript%3Ealert(1)%3C/script%3E".to_owned(),
        "/_sandbox/tokens/%3Cscript%3Ealert(1)%3C/script%3E".to_owned(),
    ] {
        let page = visitor.look(&path).await.text;
        for text in ["<script>alert", "<img src=x", "<svg onload", "</title></style>", "\u{202e}", "\u{1b}"] {
            assert!(!page.contains(text), "{text:?} is on {path}");
        }
    }
    let run = visitor.look(&format!("/_sandbox/runs/{}", shown.hostile)).await.text;
    contains_all(
        &run,
        &["&lt;script&gt;alert(1)&lt;/script&gt;", "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;", "a\u{fffd}gpj.exe"],
    );
}

#[tokio::test]
async fn the_policy_allows_the_pages_own_style_and_script_and_nothing_else() {
    let (sandbox, shown) = shown().await;
    let visitor = Visitor::new(&sandbox).await;
    for path in ["/_sandbox/".to_owned(), format!("/_sandbox/runs/{}", shown.finished)] {
        let page = visitor.look(&path).await;
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        for element in ["style", "script"] {
            let (_, rest) = page.text.split_once(&format!("<{element}>")).unwrap();
            let content = rest.split_once(&format!("</{element}>")).unwrap().0;
            let hash = BASE64_STANDARD.encode(Sha256::digest(content));
            contains_all(
                policy,
                &[&format!("{element}-src 'sha256-{hash}';"), "default-src 'none'", "frame-ancestors 'none'"],
            );
            assert_eq!(page.text.matches(&format!("<{element}")).count(), 1, "{path}");
        }
        assert!(!policy.contains("unsafe"));
        assert!(!page.text.contains(" style=\"") && !page.text.contains(" onclick="), "{path}");
        for attribute in ["src=\"", "action=\""] {
            assert!(page.text.split(attribute).skip(1).all(|address| address.starts_with("/_sandbox/")), "{path}");
        }
        assert_eq!(page.headers["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn faults_are_set_and_taken_back_by_forms() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let fields =
        [("effect", "answer"), ("amount", "429"), ("retry_after", "7"), ("operation", "get_me"), ("times", "2")];
    let page = visitor.done("fault", &fields).await;
    contains_all(&page, &["The fault is in force.", "answer 429, Retry-After 7, on get_me, 2 times more"]);
    let answer = visitor.wire.get("/api/v1/me").await;
    assert_eq!((answer.status, answer.headers["retry-after"].to_str().unwrap()), (429, "7"));
    assert!(visitor.done("fault-removal", &[("id", "1")]).await.contains("The fault is gone."));
    assert_eq!(visitor.wire.get("/api/v1/me").await.status, 200);
    assert!(visitor.done("scenario", &[("name", "outage")]).await.contains("answer 503"));
    assert_eq!(visitor.wire.get("/api/v1/me").await.status, 503);
    assert!(visitor.done("faults-end", &[]).await.contains("Nothing goes wrong any more."));
    assert_eq!(visitor.wire.get("/api/v1/me").await.status, 200);
    for effect in ["delay", "drop", "lose", "cut", "stall", "corrupt", "wrong_checksum", "expired_url", "replaced"] {
        let page = visitor.done("fault", &[("effect", effect), ("amount", "5"), ("path", "/never/")]).await;
        contains_all(&page, &[&effect.replace('_', " "), "below /never/"]);
    }
    visitor.done("faults-end", &[]).await;
    let dice =
        [("effect", "expired_url"), ("path", "/storage/"), ("probability", "0.5"), ("seed", "7"), ("latency", "3")];
    let page = visitor.done("fault", &dice).await;
    contains_all(&page, &["below /storage/, with probability 0.5, with dice of seed 7, late by 3 ms"]);
    let rule = &visitor.wire.get("/_sandbox/faults").await.body[0]["fault"];
    let wanted =
        json!({"effect": "expired_url", "path": "/storage/", "probability": 0.5, "seed": 7, "latency": 3, "skip": 0});
    assert_eq!(*rule, wanted);
}

#[tokio::test]
async fn a_form_that_cannot_be_done_says_why_and_keeps_what_was_typed() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let cases: [(&str, Filled<'_>, &str); 17] = [
        ("clock", &[("by", "yesterday <b>")], "Give a span forward in time"),
        ("clock", &[("by", "-1h")], "Give a span forward in time"),
        ("clock", &[("at", "2001-01-01T00:00:00Z")], "Give a time to come"),
        ("clock", &[("at", "tomorrow")], "Give a time to come"),
        ("fault", &[("effect", "drop"), ("seed", "-1")], "give a whole number"),
        ("fault", &[("effect", "drop"), ("latency", "long")], "give a whole number"),
        ("fault", &[("effect", "drop"), ("operation", "get_runz")], "there is no `get_runz`"),
        ("snapshot", &[("name", "../etc")], "name has 1 to 64 letters"),
        ("snapshot-load", &[("name", "never")], "there is no snapshot"),
        ("snapshot-removal", &[("name", "never")], "there is no snapshot"),
        ("fault", &[("effect", "explode")], "Choose what shall happen."),
        ("fault", &[("effect", "answer"), ("amount", "99999")], "The status is a number"),
        ("fault", &[("effect", "delay"), ("amount", "soon")], "give a whole number"),
        ("fault", &[("effect", "drop"), ("probability", "7")], "The probability is a number from 0 to 1."),
        ("fault-removal", &[("id", "77")], "not in force any more"),
        ("scenario", &[("name", "none")], "a scenario is"),
        ("token", &[("user", "nobody")], "No token"),
    ];
    for (action, fields, why) in cases {
        let page = visitor.send(action, fields).await;
        assert_eq!(page.status, 422, "{action} {fields:?}");
        contains_all(&page.text, &[why, "role=\"alert\""]);
    }
    let page = visitor.send("clock", &[("by", "yesterday <b>")]).await.text;
    contains_all(&page, &["value=\"yesterday &lt;b&gt;\""]);
    assert_eq!(visitor.wire.get("/_sandbox/faults").await.body, json!([]));
}

#[tokio::test]
async fn the_clock_is_put_forward_by_a_form() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    assert!(visitor.look("/_sandbox/").await.text.contains("<dt>Ahead</dt><dd>nothing</dd>"));
    let page = visitor.done("clock", &[("by", "30d")]).await;
    contains_all(&page, &["The clock has been put forward.", "<dd>30d</dd>"]);
    assert_eq!(visitor.wire.get("/api/v1/me").await.status, 401, "tokens age");
}

#[tokio::test]
async fn the_clock_is_set_stopped_and_let_go_on_by_forms() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let page = visitor.done("clock", &[("hand", "stop")]).await;
    contains_all(&page, &["The clock stands still.", ", stands still</dd>", "Let the clock go on"]);
    let page = visitor.done("clock", &[("at", "2100-01-01T00:00:00Z")]).await;
    contains_all(&page, &["The clock has been put forward.", "2100-01-01 00:00:00</time>, stands still"]);
    let clock = visitor.wire.get("/_sandbox/clock").await.body;
    assert_eq!((&clock["now"], &clock["frozen"]), (&json!("2100-01-01T00:00:00Z"), &json!(true)));
    let page = visitor.done("clock", &[("hand", "resume")]).await;
    contains_all(&page, &["The clock goes on from where it stood.", "2100-01-01 00:00:", "Stop the clock"]);
    assert_eq!(visitor.wire.get("/_sandbox/clock").await.body["frozen"], false);
}

#[tokio::test]
async fn a_state_is_saved_loaded_and_its_snapshot_deleted_by_forms() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).slides(SlideUse::Ignore).start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let empty = visitor.look("/_sandbox/").await.text;
    contains_all(&empty, &["No snapshot yet.", "aig run submit --application test-app slides/"]);
    let page = visitor.done("snapshot", &[("name", "before")]).await;
    contains_all(&page, &["The snapshot is saved.", "<strong>before</strong>", "0 runs, 0 objects"]);
    let taken = visitor.send("snapshot", &[("name", "before")]).await;
    assert_eq!(taken.status, 422);
    contains_all(&taken.text, &["there is a snapshot `before` already", "value=\"before\""]);
    let run = submit(&visitor.wire, "test-app", [slideless_item("a", &SlideSpec::new(9, 9))]).await;
    assert!(visitor.look("/_sandbox/").await.text.contains(&format!("/_sandbox/runs/{run}")));
    let page = visitor.done("snapshot-load", &[("name", "before")]).await;
    assert!(page.contains("The snapshot has taken the place of what was here."));
    assert!(page.contains("No run yet.") && !page.contains(&format!("/_sandbox/runs/{run}")), "{page}");
    assert_eq!(visitor.send("snapshot-removal", &[("name", "before")]).await.status, 403, "a form of before");
    let visitor = Visitor::new(&sandbox).await;
    let page = visitor.done("snapshot-removal", &[("name", "before")]).await;
    contains_all(&page, &["The snapshot is gone.", "No snapshot yet."]);
    assert!(sandbox.snapshots().unwrap().is_empty());
}

#[tokio::test]
async fn the_log_is_filtered_followed_and_forgotten() {
    let (sandbox, shown) = shown().await;
    let visitor = Visitor::new(&sandbox).await;
    let failing = visitor.look("/_sandbox/?show=failing&find=get_me").await.text;
    let (_, list) = failing.split_once("id=\"request-list\"").unwrap();
    contains_all(list.split_once("</section>").unwrap().0, &["<p class=\"soft\">1 of ", "GET /api/v1/me", ">503<"]);
    let about = visitor.look(&format!("/_sandbox/runs/{}", shown.finished)).await.text;
    contains_all(&about, &["get_run", &format!("/_sandbox/?find={}#requests", shown.finished)]);
    let followed = visitor.look("/_sandbox/?follow=on&show=failing").await.text;
    contains_all(
        &followed,
        &["<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>", "Stop following", "data-follow"],
    );
    assert!(!failing.contains("http-equiv"));
    let page = visitor.done("requests-end", &[("follow", "on")]).await;
    contains_all(&page, &["The log of requests is empty.", "Stop following", "No request has failed."]);
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn tokens_are_shown_once_open_the_api_and_are_revoked() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let issued = visitor.send("token", &[("user", "auth0|sandbox-grace")]).await;
    assert_eq!(issued.status, 303);
    let address = issued.headers["location"].to_str().unwrap();
    let page = visitor.look(address).await;
    let token = |of: &str| {
        page.text
            .split(&format!("Copy {of}"))
            .next()
            .unwrap()
            .rsplit("<code>")
            .next()
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .to_owned()
    };
    let (access, refresh) = (token("the access token"), token("the refresh token"));
    let claims = sandbox.authorization().verify(&access).unwrap();
    assert_eq!(claims.sub, "auth0|sandbox-grace");
    assert!(refresh.starts_with("v1."), "{refresh}");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(visitor.look(address).await.status, 410);
    let overview = visitor.look("/_sandbox/").await.text;
    let log = format!("{:?}{}", sandbox.requests(), visitor.look("/_sandbox/requests").await.text);
    assert!(!overview.contains(&access) && !log.contains(&access) && !log.contains(address));
    assert!(overview.contains("1 open session"));
    let page = visitor.done("sessions-end", &[("user", "auth0|sandbox-grace")]).await;
    contains_all(&page, &["All sessions of this user have ended"]);
    assert!(sandbox.authorization().verify(&access).is_err());
}

#[tokio::test]
async fn forms_of_other_pages_change_nothing() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let own = visitor.wire.url.clone();
    let secret = visitor.secret.clone();
    let localhost = own.replace("127.0.0.1", "localhost");
    let elsewhere = [Some("https://evil.example"), Some("null"), Some("http://127.0.0.1:1"), None];
    let cases = elsewhere.into_iter().map(|origin| (origin, secret.as_str()));
    let without_secret = [(Some(own.as_str()), ""), (Some(own.as_str()), "0000"), (Some(own.as_str()), &secret[1..])];
    for (origin, secret) in cases.chain(without_secret) {
        for (action, fields) in
            [("scenario", [("name", "outage")]), ("clock", [("by", "30d")]), ("token", [("user", "auth0|sandbox-ada")])]
        {
            let form = visitor.form(action, &fields, secret);
            let form = if let Some(origin) = origin { form.header("origin", origin) } else { form };
            assert_eq!(visitor.answer(form).await.status, 403, "{action} from {origin:?}");
        }
    }
    assert_eq!(visitor.wire.get("/_sandbox/faults").await.body, json!([]));
    assert_eq!(visitor.wire.get("/api/v1/me").await.status, 200, "the clock stands where it was");
    let taken = visitor.form("scenario", &[("name", "outage")], &secret).header("origin", localhost);
    assert_eq!(visitor.answer(taken).await.status, 303);
    assert_eq!(visitor.look("/_sandbox/forms/faults-end").await.status, 405, "a link changes nothing");
    let secret_of_another = Visitor::new(&Sandbox::builder().start().await.unwrap()).await.secret;
    assert_ne!(secret_of_another, secret);
}

#[tokio::test]
async fn objects_are_downloaded_whole_and_never_shown_as_pages() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let page = "<script>alert(1)</script>";
    visitor.wire.bucket().await.put(&Path::from("a b/evil.html"), page.into()).await.unwrap();
    let listed = visitor.look("/_sandbox/?bucket=aignostics-platform-sandbox&prefix=a").await.text;
    let (_, rest) = listed.split_once("href=\"/_sandbox/object?").unwrap();
    let link = format!("/_sandbox/object?{}", rest.split('"').next().unwrap().replace("&amp;", "&"));
    let answer = visitor.look(&link).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, page));
    assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"evil.html\"");
    assert_eq!(answer.headers["content-security-policy"], "sandbox; default-src 'none'");
    assert_eq!(visitor.look("/_sandbox/object?bucket=none&key=a").await.status, 404);
    assert_eq!(
        visitor.look("/_sandbox/object?bucket=aignostics-platform-sandbox&key=../../etc/passwd").await.status,
        404
    );
    assert_eq!(visitor.look("/_sandbox/pictures/slides/..%2F..%2Fetc%2Fpasswd").await.status, 404);
}

#[tokio::test]
async fn a_waiting_run_has_a_button_that_moves_it_on() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).slides(SlideUse::Ignore).start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let run = submit(&visitor.wire, "test-app", [slideless_item("a", &SlideSpec::new(9, 9))]).await;
    assert!(visitor.look("/_sandbox/").await.text.contains("Let the next item through"));
    assert!(visitor.done("step", &[("run", &run)]).await.contains("The next item of the run may go through."));
    visitor.wire.wait_for_end(&run).await;
    let page = visitor.look(&format!("/_sandbox/runs/{run}")).await.text;
    assert!(page.contains("1 succeeded") && !page.contains("Let the next item through"), "{page}");
    assert_eq!(visitor.send("step", &[("run", "nonsense")]).await.status, 409);
}

#[tokio::test]
async fn faults_of_everything_spare_the_console_and_many_runs_come_in_pages() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).slides(SlideUse::Ignore).start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let mut runs = Vec::new();
    for _ in 0..21 {
        runs.push(submit(&visitor.wire, "test-app", [slideless_item("a", &SlideSpec::new(9, 9))]).await);
    }
    sandbox.inject(Fault::new(Effect::Drop));
    sandbox.advance_clock(Duration::from_secs(1));
    let first = visitor.look("/_sandbox/").await.text;
    assert!(first.contains("Older runs") && first.contains(&runs[20]) && !first.contains(&runs[0]));
    let second = visitor.look("/_sandbox/?page=1").await.text;
    assert!(second.contains("Newer runs") && second.contains(&runs[0]) && !second.contains(&runs[20]));
    for page in ["18446744073709551615", "-1", "x"] {
        assert_eq!(visitor.look(&format!("/_sandbox/?page={page}")).await.status, 200);
    }
}

//! What the pages show: runs, counts, pictures, the log, objects, and no more at a time than a person can read.

use std::time::Duration;

use aig_sandbox::{
    RunPlan, Sandbox, SlideUse,
    faults::{Effect, Fault},
    synthetic::SlideSpec,
};
use object_store::{ObjectStoreExt, path::Path};

use super::{Visitor, contains_all};
use crate::{
    console_content::shown,
    wire::{slideless_item, submit},
};

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
async fn faults_of_everything_spare_the_console_and_many_runs_come_in_pages() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).slides(SlideUse::Ignore).start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let mut runs = Vec::new();
    for _ in 0..21 {
        runs.push(submit(&visitor.wire, "test-app", [slideless_item("a", &SlideSpec::new(9, 9))]).await);
    }
    sandbox.inject(Fault::new(Effect::Drop));
    sandbox.advance_clock(Duration::from_secs(1)).unwrap();
    // The keys of results name their run as well.
    let lists = |page: &str, run: &str| page.contains(&format!("href=\"/_sandbox/runs/{run}\""));
    let first = visitor.look("/_sandbox/").await.text;
    assert!(first.contains("Older runs") && lists(&first, &runs[20]) && !lists(&first, &runs[0]));
    let second = visitor.look("/_sandbox/?page=1").await.text;
    assert!(second.contains("Newer runs") && lists(&second, &runs[0]) && !lists(&second, &runs[20]));
    for page in ["18446744073709551615", "-1", "x"] {
        assert_eq!(visitor.look(&format!("/_sandbox/?page={page}")).await.status, 200);
    }
}

#[tokio::test]
async fn pictures_go_with_the_results_of_their_run_and_not_with_those_of_another() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).slides(SlideUse::Ignore).start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let spec = SlideSpec::new(9, 9);
    let mut runs = Vec::new();
    for _ in 0..3 {
        let run = submit(&visitor.wire, "test-app", ["a", "b"].map(|name| slideless_item(name, &spec))).await;
        visitor.wire.wait_for_end(&run).await;
        runs.push(run);
    }
    let pictures = async |run: &str| {
        let page = visitor.look(&format!("/_sandbox/runs/{run}")).await.text;
        let found: Vec<String> = page
            .split("src=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .filter(|address| address.contains("/pictures/slides/"))
            .map(str::to_owned)
            .collect();
        found
    };
    let (first, last) = (pictures(&runs[0]).await, pictures(&runs[2]).await);
    assert!(!first.is_empty() && first[0] != last[0]);
    assert_eq!(visitor.wire.delete(&format!("/api/v1/runs/{}/artifacts", runs[0])).await.status, 200);
    assert_eq!((visitor.look(&first[0]).await.status, visitor.look(&last[0]).await.status), (404, 200));
    assert!(pictures(&runs[0]).await.is_empty(), "no broken picture on the page");
    sandbox.advance_clock(Duration::from_secs(31 * 24 * 3600)).unwrap();
    while visitor.look(&last[0]).await.status != 404 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_long_log_and_a_run_of_many_items_are_short_pages() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).slides(SlideUse::Ignore).start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let spec = SlideSpec::new(9, 9);
    let items = (0..600).map(|number| slideless_item(&format!("slide-{number}"), &spec));
    let run = submit(&visitor.wire, "test-app", items).await;
    for number in 0..200 {
        visitor.wire.get(&format!("/api/v1/nothing/{number}")).await;
    }
    for path in ["/_sandbox/".to_owned(), format!("/_sandbox/runs/{run}"), format!("/_sandbox/runs/{run}?page=25")] {
        let page = visitor.look(&path).await.text;
        assert!(page.len() < 200_000, "{path}: {}", page.len());
        assert!(page.matches("<details id=\"curl-").count() <= 35, "{path}");
        assert!(page.matches("Page </span>").count() <= 9, "{path}");
    }
    let middle = visitor.look(&format!("/_sandbox/runs/{run}?page=25")).await.text;
    contains_all(&middle, &["slide-300", "</span>1</a>", "</span>50</a>", "aria-current=\"page\""]);
}

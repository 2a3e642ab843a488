//! The demo through the binary: the main job, end to end, and what lies on the disk afterwards.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use aig_tests::{Finished, aig, run};
use serde_json::Value;

/// The demo in `home`, with JSON on stdout.
fn demo(home: &Path) -> (Finished, Value) {
    let finished = run(aig(home).args(["demo", "--output", "json"]));
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    let story = finished.json();
    (finished, story)
}

fn list<'a>(story: &'a Value, member: &str) -> &'a Vec<Value> {
    story[member].as_array().unwrap()
}

/// The paths of one item's artifacts, by their extension.
fn artifacts(home: &Path, story: &Value, item: &str) -> BTreeMap<String, PathBuf> {
    let of_item = list(story, "artifacts").iter().filter(|file| file["external_id"] == item);
    of_item
        .map(|file| home.join(file["path"].as_str().unwrap()))
        .map(|path| (path.extension().unwrap().to_str().unwrap().to_owned(), path))
        .collect()
}

#[test]
fn the_demo_ends_as_planned_its_results_open_and_it_can_be_repeated() {
    let home = tempfile::tempdir().unwrap();
    let (finished, story) = demo(home.path());
    the_story_holds_no_secret(&finished);
    assert_eq!(story["schema"], "aig.demo/1");
    assert_eq!(story["outcome"], "as_planned");
    the_items_ended_as_planned(&story);
    every_artifact_is_there_and_right(home.path(), &story);
    the_slides_are_told_as_they_are(home.path(), &story);
    for slide in list(&story, "slides") {
        let item = slide["external_id"].as_str().unwrap();
        let files = artifacts(home.path(), &story, item);
        if !files.is_empty() {
            let drawn = polygons_lie_inside(&files["geojson"], slide);
            counts_agree(&files["csv"], &drawn);
            tiff_decodes(&files["tiff"]);
        }
    }
    nothing_is_left_over(home.path(), &story);
    a_second_demo_works_and_says_what_it_skipped(home.path(), &story);
    a_slide_that_was_damaged_since_is_written_again(home.path(), &story);
}

fn the_items_ended_as_planned(story: &Value) {
    let reasons: Vec<&str> =
        list(story, "items").iter().map(|item| item["termination_reason"].as_str().unwrap()).collect();
    assert_eq!(reasons.iter().filter(|reason| **reason == "SUCCEEDED").count(), 3, "{reasons:?}");
    assert_eq!(reasons.iter().filter(|reason| **reason == "USER_ERROR").count(), 1, "{reasons:?}");
    let failed = list(story, "items").iter().find(|item| item["termination_reason"] == "USER_ERROR").unwrap();
    assert_eq!(failed["error_code"], "no_tissue");
    assert!(!failed["error_message"].as_str().unwrap().is_empty());
}

fn every_artifact_is_there_and_right(home: &Path, story: &Value) {
    assert_eq!(list(story, "artifacts").len(), 9);
    for file in list(story, "artifacts") {
        assert_eq!(file["verified"], true, "{file}");
        let bytes = fs::read(home.join(file["path"].as_str().unwrap())).unwrap();
        assert_eq!(bytes.len() as u64, file["bytes"], "{file}");
        assert_eq!(checksum(home.join(file["path"].as_str().unwrap())), file["checksum_base64_crc32c"], "{file}");
    }
}

/// The checksum of a file, by the library and not by the command under test.
fn checksum(path: PathBuf) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(aig_platform::transfer::checksum(&path)).unwrap().crc32c.to_string()
}

fn the_slides_are_told_as_they_are(home: &Path, story: &Value) {
    assert_eq!(list(story, "slides").len(), 4);
    for slide in list(story, "slides") {
        let path = home.join(slide["path"].as_str().unwrap());
        let file = aig_platform::slide::Slide::read(&path).unwrap();
        assert_eq!(slide["width_px"], file.width_px);
        assert_eq!(slide["resolution_mpp"], file.mpp().unwrap());
        assert_eq!(slide["checksum_base64_crc32c"], checksum(path));
        assert!(slide["bucket_url"].as_str().unwrap().starts_with("gs://"), "{slide}");
    }
}

/// How many features each class has in a GeoJSON file whose polygons lie on the slide.
fn polygons_lie_inside(path: &Path, slide: &Value) -> BTreeMap<String, u64> {
    let collection: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(collection["type"], "FeatureCollection");
    let (width, height) = (slide["width_px"].as_f64().unwrap(), slide["height_px"].as_f64().unwrap());
    let mut counts = BTreeMap::new();
    for feature in list(&collection, "features") {
        assert_eq!(feature["geometry"]["type"], "Polygon");
        for ring in feature["geometry"]["coordinates"].as_array().unwrap() {
            let points = ring.as_array().unwrap();
            assert!(points.len() >= 4 && points.first() == points.last(), "a ring is closed (RFC 7946, 3.1.6)");
            for point in points {
                let (x, y) = (point[0].as_f64().unwrap(), point[1].as_f64().unwrap());
                assert!((0.0..=width).contains(&x) && (0.0..=height).contains(&y), "{x},{y} is not on the slide");
            }
        }
        *counts.entry(feature["properties"]["classification"]["name"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert!(!counts.is_empty(), "something was found on a slide with tissue");
    counts
}

fn counts_agree(path: &Path, drawn: &BTreeMap<String, u64>) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |name: &str| header.iter().position(|title| *title == name).unwrap();
    let (name, count) = (column("class_name"), column("feature_count"));
    let counted: BTreeMap<String, u64> = lines
        .map(|line| line.split(',').collect::<Vec<_>>())
        .map(|cells| (cells[name].to_owned(), cells[count].parse().unwrap()))
        .filter(|(_, count)| *count > 0)
        .collect();
    assert_eq!(&counted, drawn);
}

fn tiff_decodes(path: &Path) {
    let mut decoder = tiff::decoder::Decoder::new(fs::File::open(path).unwrap()).unwrap();
    let (width, height) = decoder.dimensions().unwrap();
    assert!(width > 0 && height > 0);
    decoder.read_image().unwrap();
}

fn nothing_is_left_over(home: &Path, story: &Value) {
    let mut files = Vec::new();
    walk(home, &mut files);
    for path in &files {
        let name = path.file_name().unwrap().to_string_lossy();
        assert!(!name.contains(".part") && !name.contains(".tmp"), "{path:?} was left");
    }
    let run = home.join("aig-demo").join(story["run"]["run_id"].as_str().unwrap());
    assert_eq!(files.iter().filter(|path| path.starts_with(&run)).count(), 9);
    let secrets = files.iter().filter(|path| fs::read(path).unwrap().windows(13).any(|text| text == b"refresh_token"));
    assert_eq!(secrets.count(), 0, "the session is gone");
    assert_eq!(files.iter().filter(|path| path.starts_with(home.join("cache"))).count(), 0, "and its lock, too");
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, found) } else { found.push(path) }
    }
}

fn a_second_demo_works_and_says_what_it_skipped(home: &Path, first: &Value) {
    let (finished, story) = demo(home);
    assert!(list(first, "skipped").is_empty(), "the control: the first one wrote its slides");
    assert_eq!(list(&story, "skipped").len(), 4, "the slides were there");
    assert!(finished.stderr.contains("skipped"), "{finished:#?}");
    assert_ne!(first["run"]["run_id"], story["run"]["run_id"]);
    every_artifact_is_there_and_right(home, first);
    every_artifact_is_there_and_right(home, &story);
}

fn a_slide_that_was_damaged_since_is_written_again(home: &Path, first: &Value) {
    let path = home.join(first["slides"][0]["path"].as_str().unwrap());
    let bytes = fs::read(&path).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_len(bytes.len() as u64 / 2).unwrap();
    let (_, story) = demo(home);
    assert_eq!(list(&story, "skipped").len(), 3);
    assert!(fs::read(&path).unwrap() == bytes, "the same slide again");
    let mut one_other_byte = bytes.clone();
    one_other_byte[bytes.len() / 2] ^= 1;
    fs::File::create(&path).unwrap().write_all(&one_other_byte).unwrap();
    let (_, story) = demo(home);
    assert_eq!(list(&story, "skipped").len(), 3, "one byte is seen");
    assert!(fs::read(&path).unwrap() == bytes, "the same slide again");
}

fn the_story_holds_no_secret(finished: &Finished) {
    for text in [&finished.stdout, &finished.stderr] {
        for secret in ["X-Amz-Signature", "X-Goog-Signature", "eyJ", "hmac_secret", "refresh_token"] {
            assert!(!text.contains(secret), "{secret} is told");
        }
    }
}

#[test]
fn own_slides_of_which_one_fails_are_exit_code_7() {
    let home = tempfile::tempdir().unwrap();
    let slides = home.path().join("mine");
    fs::create_dir(&slides).unwrap();
    aig_sandbox::synthetic::SlideSpec::new(800, 600).write(&slides.join("one.tiff")).unwrap();
    let good = run(aig(home.path()).args(["demo", "--slides", "mine", "--output", "json"]));
    assert_eq!(good.code, Some(0), "{good:#?}");
    aig_sandbox::synthetic::SlideSpec::new(800, 600).blank().write(&slides.join("two.tiff")).unwrap();
    let bad = run(aig(home.path()).args(["demo", "--slides", "mine", "--output", "json"]));
    assert_eq!(bad.code, Some(7), "{bad:#?}");
    assert_eq!(bad.json()["outcome"], "items_failed");
}

//! The job of the demo with one command after the other, against `aig sandbox up` in a process of its own.

use std::fs;

use aig_sandbox::synthetic::SlideSpec;
use serde_json::Value;

use crate::common::{Finished, Home, SandboxProcess, files_below, finish};

/// A sandbox with a person signed in, and a folder with a slide with tissue and a blank one.
fn signed_in() -> (Home, SandboxProcess) {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    let login = sandbox.sign_in(&home);
    assert_eq!(login.code, Some(0), "{login:#?}");
    assert_eq!(login.json()["was_signed_in"], false);
    let folder = home.path().join("slides");
    fs::create_dir(&folder).unwrap();
    SlideSpec::new(1024, 768).seed(3).write(&folder.join("tissue.tiff")).unwrap();
    SlideSpec::new(640, 512).blank().write(&folder.join("blank.tiff")).unwrap();
    (home, sandbox)
}

fn done(finished: &Finished) -> Value {
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    finished.json()
}

/// Submits the files and gives the id of the run.
fn submit(home: &Home, sandbox: &SandboxProcess, files: &[&str]) -> String {
    let mut arguments = vec!["run", "submit", "--quiet", "--application", "test-app"];
    arguments.extend(files);
    let finished = sandbox.run(home, &arguments);
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    assert_eq!(finished.stderr, "");
    finished.stdout.trim().to_owned()
}

#[test]
fn the_whole_job_with_separate_commands() {
    let (home, sandbox) = signed_in();
    let me = done(&sandbox.run(&home, &["whoami", "--output", "json"]));
    assert_eq!(me["schema"], "aig.whoami/1");
    assert!(!me.to_string().contains("hmac"), "{me}");

    let applications = done(&sandbox.run(&home, &["application", "list", "--output", "json"]));
    assert!(applications["applications"].as_array().unwrap().iter().any(|one| one["application_id"] == "test-app"));
    let schema = done(&sandbox.run(&home, &["application", "schema", "test-app", "--output", "json"]));
    assert!(schema["input_artifacts"][0]["metadata_schema"]["properties"]["width_px"].is_object(), "{schema}");

    let run = submit(&home, &sandbox, &["slides"]);
    let watched = sandbox.run(&home, &["run", "watch", &run, "--output", "json"]);
    assert_eq!(watched.code, Some(7), "the blank slide fails: {watched:#?}");
    let items = watched.json()["items"].as_array().unwrap().clone();
    let reason = |name: &str| {
        let item = items.iter().find(|item| item["external_id"] == name).unwrap();
        (item["termination_reason"].as_str().unwrap().to_owned(), item["error_code"].as_str().map(str::to_owned))
    };
    assert_eq!(reason("tissue"), ("SUCCEEDED".into(), None));
    assert_eq!(reason("blank"), ("USER_ERROR".into(), Some("no_tissue".into())));

    let downloaded = done(&sandbox.run(&home, &["run", "download", &run, "--dest", "results", "--output", "json"]));
    let files = downloaded["files"].as_array().unwrap();
    assert_eq!(files.len(), 3, "{downloaded}");
    assert!(files.iter().all(|file| file["verified"] == true));
    assert_eq!(downloaded["skipped_items"][0]["external_id"], "blank");
    assert_eq!(files_below(&home.path().join("results").join(&run)).len(), 3);

    let again = done(&sandbox.run(&home, &["run", "download", &run, "--dest", "results", "--output", "json"]));
    assert!(again["files"].as_array().unwrap().iter().all(|file| file["already_there"] == true), "{again}");

    let listed = done(&sandbox.run(&home, &["run", "list", "--output", "json"]));
    assert_eq!(listed["runs"][0]["run_id"], run.as_str());
    let shown = done(&sandbox.run(&home, &["run", "show", &run, "--output", "json"]));
    assert_eq!(shown["items"].as_array().unwrap().len(), 2);
    assert!(!shown.to_string().contains("X-Amz-Signature"), "{shown}");
}

#[test]
fn a_result_that_was_damaged_on_disk_is_downloaded_again() {
    let (home, sandbox) = signed_in();
    let run = submit(&home, &sandbox, &["slides/tissue.tiff"]);
    assert_eq!(sandbox.run(&home, &["run", "watch", &run]).code, Some(0));
    let download = || done(&sandbox.run(&home, &["run", "download", &run, "--output", "json"]));
    let path = home.path().join(download()["files"][0]["path"].as_str().unwrap());
    let good = fs::read(&path).unwrap();
    fs::File::create(&path).unwrap();
    let already: Vec<bool> =
        download()["files"].as_array().unwrap().iter().map(|file| file["already_there"] == true).collect();
    assert_eq!(already.iter().filter(|there| !**there).count(), 1);
    assert_eq!(fs::read(&path).unwrap(), good);
}

#[test]
fn signing_in_twice_says_so_and_signing_out_ends_it() {
    let (home, sandbox) = signed_in();
    let again = done(&sandbox.run(&home, &["login", "--output", "json"]));
    assert_eq!(again["was_signed_in"], true);
    assert_eq!(sandbox.run(&home, &["logout"]).code, Some(0));
    assert_eq!(sandbox.run(&home, &["whoami"]).code, Some(4));
    assert_eq!(sandbox.run(&home, &["logout"]).code, Some(0), "signing out twice is no error");
}

#[test]
fn lists_come_in_every_format() {
    let (home, sandbox) = signed_in();
    let text = sandbox.run(&home, &["application", "list"]);
    assert!(text.stdout.starts_with("APPLICATION"), "{text:#?}");
    let csv = sandbox.run(&home, &["application", "list", "--output", "csv"]);
    assert_eq!(csv.stdout.lines().next(), Some("application_id,name,latest_version,regulatory_classes"));
    let lines = sandbox.run(&home, &["application", "list", "--output", "jsonl"]);
    for line in lines.stdout.lines() {
        let one: Value = serde_json::from_str(line).unwrap();
        assert_eq!(one["schema"], "aig.application.summary/1");
    }
    let empty = sandbox.run(&home, &["run", "list", "--output", "csv"]);
    assert_eq!((empty.code, empty.stdout.lines().count()), (Some(0), 1), "a header and no runs: {empty:#?}");
    let nothing = sandbox.run(&home, &["run", "list"]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(0), ""), "{nothing:#?}");
    assert!(nothing.stderr.starts_with("no runs yet"), "{nothing:#?}");
    let filtered = sandbox.run(&home, &["run", "list", "--application", "he-tme"]);
    assert!(filtered.stderr.starts_with("no runs of `he-tme`"), "{filtered:#?}");
}

#[test]
fn a_list_of_runs_as_csv_has_what_the_json_has() {
    let (home, sandbox) = signed_in();
    let run = submit(&home, &sandbox, &["slides"]);
    assert_eq!(sandbox.run(&home, &["run", "watch", &run]).code, Some(7));
    let csv = sandbox.run(&home, &["run", "list", "--output", "csv"]).stdout;
    let json = done(&sandbox.run(&home, &["run", "list", "--output", "json"]));
    let (titles, values) = csv.split_once('\n').unwrap();
    let row: std::collections::BTreeMap<&str, &str> = titles.split(',').zip(values.trim().split(',')).collect();
    for field in
        ["run_id", "application_id", "version_number", "state", "termination_reason", "submitted_at", "terminated_at"]
    {
        assert_eq!(json["runs"][0][field], row[field], "{field}: {csv}");
    }
    assert_eq!((row["state"], row["item_count"], row["item_user_error_count"]), ("TERMINATED", "2", "1"));
    assert!(row["submitted_at"].parse::<jiff::Timestamp>().is_ok() && row["submitted_at"].contains('T'));
}

#[test]
fn slides_are_found_in_folders_of_folders() {
    let (home, sandbox) = signed_in();
    let run = submit(&home, &sandbox, &["slides"]);
    assert_eq!(sandbox.run(&home, &["run", "watch", &run]).code, Some(7));
    assert_eq!(sandbox.run(&home, &["run", "download", &run, "--dest", "slides"]).code, Some(0));
    fs::create_dir(home.path().join("slides/more")).unwrap();
    SlideSpec::new(300, 200).write(&home.path().join("slides/more/third.tiff")).unwrap();
    let arguments = ["run", "submit", "--application", "test-app", "slides", "--output", "json"];
    let submitted = done(&sandbox.run(&home, &arguments));
    let ids: Vec<_> = submitted["slides"].as_array().unwrap().iter().map(|slide| &slide["external_id"]).collect();
    assert_eq!(ids, ["blank", "third", "tissue"], "and the results of the first run are no slides");
}

#[test]
fn what_is_not_there_is_exit_code_5() {
    let (home, sandbox) = signed_in();
    let nobody = "4f1c7a52-0d4e-4c8e-9a53-2f0a3f2f0b6e";
    for arguments in [
        &["run", "show", nobody][..],
        &["run", "watch", nobody],
        &["run", "download", nobody],
        &["run", "cancel", nobody],
        &["application", "show", "nothing"],
        &["application", "schema", "nothing"],
        &["application", "schema", "test-app", "--version", "9.9.9"],
    ] {
        let finished = sandbox.run(&home, arguments);
        assert_eq!(finished.code, Some(5), "{arguments:?}: {finished:#?}");
    }
    assert_eq!(files_below(home.path()).iter().filter(|name| name.contains(nobody)).count(), 0);
}

#[test]
fn metadata_that_does_not_fit_is_refused_before_anything_is_uploaded() {
    let (home, sandbox) = signed_in();
    let without = sandbox.run(&home, &["run", "submit", "--application", "he-tme", "slides/tissue.tiff"]);
    assert_eq!(without.code, Some(2), "{without:#?}");
    assert!(!without.stderr.contains("uploaded"), "{without:#?}");
    let both = sandbox.run(&home, &["run", "submit", "--application", "he-tme", "slides"]);
    for line in ["  staining_method: is missing (blank, tissue)", "  specimen: is missing (blank, tissue)"] {
        assert_eq!(both.stderr.lines().filter(|said| *said == line).count(), 1, "{line}: {both:#?}");
    }
    assert!(both.stderr.contains("hint: `aig application schema he-tme`"), "{both:#?}");
    let json = sandbox.run(&home, &["run", "submit", "--application", "he-tme", "slides", "--output", "json"]).error();
    assert_eq!(json["error"]["problems"][0]["slides"], serde_json::json!(["blank", "tissue"]), "{json}");
}

#[test]
fn events_of_a_run_come_one_a_line_and_the_last_is_the_end() {
    let (home, sandbox) = signed_in();
    let run = submit(&home, &sandbox, &["slides/tissue.tiff"]);
    let watched = sandbox.run(&home, &["run", "watch", &run, "--output", "jsonl"]);
    assert_eq!(watched.code, Some(0), "{watched:#?}");
    let events: Vec<Value> = watched.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.iter().all(|event| event["schema"] == "aig.run.event/1"));
    assert_eq!(events.last().unwrap()["event"], "finished");
    assert!(events.iter().any(|event| event["event"] == "item"));
}

#[test]
fn a_watch_that_is_given_too_little_time_is_exit_code_9() {
    let (home, sandbox) = signed_in();
    let run = submit(&home, &sandbox, &["slides"]);
    let watched = sandbox.run(&home, &["run", "watch", &run, "--timeout", "0s"]);
    assert_eq!(watched.code, Some(9), "{watched:#?}");
}

#[test]
fn what_is_wrong_beside_the_slides_is_said_before_they_are_read() {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    fs::File::create(home.path().join("wrong.tiff")).unwrap();
    let submit = |arguments: &[&str]| {
        let finished = sandbox.run(&home, &[&["run", "submit", "wrong.tiff", "--application"], arguments].concat());
        assert!(!finished.stderr.contains("wrong.tiff"), "{finished:#?}");
        finished.code
    };
    assert_eq!(submit(&["test-app"]), Some(4));
    assert_eq!(sandbox.sign_in(&home).code, Some(0));
    assert_eq!(submit(&["nothing"]), Some(5));
    assert_eq!(submit(&["test-app", "--version", "9.9.9"]), Some(5));
    assert_eq!(submit(&["he-tme", "--set", "colour=blue", "--set", "colour=red"]), Some(2));
}

#[test]
fn a_destination_that_cannot_be_made_is_said_once_and_before_anything_is_asked_for() {
    let home = Home::new();
    fs::File::create(home.path().join("file")).unwrap();
    let sandbox = SandboxProcess::start(&home);
    for dest in ["file", "file/below"] {
        let arguments = ["run", "download", "4f1c7a52-0d4e-4c8e-9a53-2f0a3f2f0b6e", "--dest", dest];
        let finished = sandbox.run(&home, &arguments);
        assert_eq!((finished.code, finished.errors()), (Some(1), 1), "nobody is signed in: {finished:#?}");
        assert_eq!(finished.stderr.matches("hint:").count(), 1, "{finished:#?}");
        assert!(finished.stderr.contains(&format!("`{dest}`")), "{finished:#?}");
    }
}

#[test]
fn a_download_without_results_is_no_success() {
    let (home, sandbox) = signed_in();
    let download = |run: &str| sandbox.run(&home, &["run", "download", run, "--dest", "results"]);
    let run = submit(&home, &sandbox, &["slides"]);
    let early = download(&run);
    assert_eq!(early.code, Some(1), "{early:#?}");
    assert!(early.stderr.contains("of 2 items have ended"), "{early:#?}");
    assert!(early.stderr.contains(&format!("aig run watch {run}")), "{early:#?}");

    let blank = submit(&home, &sandbox, &["slides/blank.tiff"]);
    let watched = sandbox.run(&home, &["run", "watch", &blank]);
    assert!(!watched.stderr.contains("aig run download"), "{watched:#?}");
    let nothing = download(&blank);
    assert_eq!(nothing.code, Some(7), "{nothing:#?}");
    for finished in [early, nothing] {
        assert!(!finished.stderr.contains("checksum right"), "{finished:#?}");
        assert!(!finished.stderr.contains("results/"), "{finished:#?}");
        assert_eq!((finished.errors(), finished.stderr.matches("hint:").count()), (1, 1), "{finished:#?}");
    }
    assert!(!home.path().join("results").exists());
    let canceled = sandbox.run(&home, &["run", "cancel", &blank]);
    assert_eq!(canceled.code, Some(3), "{canceled:#?}");
    assert!(canceled.stderr.contains("has ended already (") && canceled.stderr.contains("hint:"), "{canceled:#?}");
}

#[test]
fn a_canceled_run_ends_without_success() {
    let (home, sandbox) = signed_in();
    let run = submit(&home, &sandbox, &["slides"]);
    assert_eq!(sandbox.run(&home, &["run", "cancel", &run]).code, Some(0));
    let watched = sandbox.run(&home, &["run", "watch", &run, "--output", "json"]);
    assert_eq!(watched.code, Some(7), "{watched:#?}");
    assert_eq!(watched.json()["run"]["termination_reason"], "CANCELED_BY_USER");
}

#[test]
fn a_sandbox_that_dies_in_mid_run_is_exit_code_10_with_a_hint() {
    let (home, sandbox) = signed_in();
    let run = submit(&home, &sandbox, &["slides"]);
    let mut watch = sandbox.aig(&home, &["run", "watch", &run]);
    let mut download = sandbox.aig(&home, &["run", "download", &run, "--dest", "results"]);
    sandbox.kill();
    for command in [&mut watch, &mut download] {
        let finished = finish(command);
        assert_eq!(finished.code, Some(10), "{finished:#?}");
        assert_eq!(finished.errors(), 1, "{finished:#?}");
        assert!(finished.stderr.contains("hint:"), "{finished:#?}");
    }
    assert!(!home.path().join("results").exists(), "nothing came, so nothing is left");
}

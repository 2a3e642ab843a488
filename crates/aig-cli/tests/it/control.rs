//! A running sandbox seen and steered from another process.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    process::Stdio,
};

use serde_json::{Value, json};

use crate::common::{Finished, Home, SandboxProcess, finish, signal};

fn done(finished: &Finished) -> Value {
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    finished.json()
}

#[test]
fn the_ready_document_names_every_endpoint_and_what_it_says_is_so() {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    let (endpoints, environment) = (&sandbox.ready["endpoints"], &sandbox.ready["environment"]);
    for (endpoint, variable) in [
        ("api_root", "AIGNOSTICS_API_ROOT"),
        ("authorization", "AIGNOSTICS_AUTHORIZATION_BASE_URL"),
        ("token", "AIGNOSTICS_TOKEN_URL"),
        ("device_authorization", "AIGNOSTICS_DEVICE_URL"),
        ("jwks", "AIGNOSTICS_JWS_JSON_URL"),
        ("storage", "AIGNOSTICS_BUCKET_ENDPOINT"),
    ] {
        assert_eq!(endpoints[endpoint], environment[variable]);
    }
    for page in ["health", "console", "jwks", "openid_configuration"] {
        let url = endpoints[page].as_str().unwrap();
        let path = url.strip_prefix(sandbox.ready["url"].as_str().unwrap()).unwrap();
        assert!(sandbox.http(&format!("GET {path}"), "").starts_with("HTTP/1.1 200"), "{url}");
    }
    assert_eq!(sandbox.ready["schema"], "aig.sandbox/1");
}

#[test]
fn the_status_is_told_to_people_and_to_programs() {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    let status = done(&sandbox.run(&home, &["sandbox", "status", "--output", "json"]));
    assert_eq!(status["url"], sandbox.ready["url"]);
    assert_eq!((&status["schema"], &status["ready"]), (&json!("aig.sandbox.status/1"), &json!(true)));
    assert_eq!((&status["runs"]["PENDING"], &status["run_plan"]), (&json!(0), &json!("timed")));
    let text = sandbox.run(&home, &["sandbox", "status"]);
    assert!(text.stdout.contains("0 pending") && text.stdout.contains("/_sandbox/"), "{text:#?}");
}

#[test]
fn the_clock_is_put_forward() {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    let shown = sandbox.run(&home, &["sandbox", "clock", "show"]);
    assert!(!shown.stdout.contains("ahead"), "{shown:#?}");
    let advanced = sandbox.run(&home, &["sandbox", "clock", "advance", "2h"]);
    assert!(advanced.stdout.contains("2 h ahead"), "{advanced:#?}");
    let reading = done(&sandbox.run(&home, &["sandbox", "clock", "show", "--output", "json"]));
    let time = |name: &str| reading[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let ahead = time("now").duration_since(time("machine")).as_secs_f64();
    assert!((ahead - 7200.0).abs() < 1.0, "{ahead}");
    for wrong in ["yesterday", "--", "0x", "9000000d"] {
        assert_eq!(sandbox.run(&home, &["sandbox", "clock", "advance", wrong]).code, Some(2), "{wrong}");
    }
}

#[test]
fn the_clock_is_set_stopped_and_let_go_on() {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    let clock = |arguments: &[&str]| sandbox.run(&home, &[&["sandbox", "clock"], arguments].concat());
    assert!(clock(&["set", "2100-01-01"]).stdout.starts_with("2100-01-01 00:00:0"));
    assert!(clock(&["freeze"]).stdout.contains("stands still"));
    let frozen = done(&clock(&["set", "2101-01-01T00:00:00+01:00", "--output", "json"]));
    assert_eq!((&frozen["now"], &frozen["frozen"]), (&json!("2100-12-31T23:00:00Z"), &json!(true)));
    assert_eq!(done(&clock(&["show", "--output", "json"]))["now"], frozen["now"]);
    let status = sandbox.run(&home, &["sandbox", "status"]);
    assert!(status.stdout.contains("2100-12-31 23:00:00Z") && status.stdout.contains("stands still"), "{status:#?}");
    let let_go = clock(&["unfreeze"]);
    assert!(let_go.stdout.starts_with("2100-12-31 23:00:0") && !let_go.stdout.contains("still"), "{let_go:#?}");
    for wrong in ["2001-01-01", "tomorrow", "4000-01-01"] {
        let refused = clock(&["set", wrong]);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused:#?}");
    }
}

#[test]
fn faults_strike_are_listed_and_taken_back() {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    let run = |arguments: &[&str]| sandbox.run(&home, &[&["sandbox", "faults"], arguments].concat());
    let health = || sandbox.http("GET /health", "").lines().next().unwrap().to_owned();
    assert!(run(&["list"]).stderr.contains("no faults"));

    let added = done(&run(&["add", "status=503", "--path", "/health", "--times", "2", "--output", "json"]));
    assert_eq!(added["ids"], json!([1]));
    assert!(health().contains("503"));
    let listed = done(&run(&["list", "--output", "json"]));
    assert_eq!(listed["faults"][0]["fault"]["times"], 1, "{listed}");
    let table = run(&["list"]);
    assert!(table.stdout.contains("status 503") && table.stdout.contains("/health"), "{table:#?}");
    assert_eq!(run(&["remove", "1"]).code, Some(0));
    assert!(health().contains("200"));

    let unknown = run(&["remove", "1"]);
    assert_eq!((unknown.code, unknown.errors()), (Some(5), 1), "{unknown:#?}");
    assert_eq!(run(&["add", r#"[{"path": "/health", "effect": {"answer": {"status": 500}}}]"#]).code, Some(0));
    assert!(health().contains("500"));
    assert_eq!(run(&["play", "outage"]).code, Some(0));
    assert!(run(&["clear"]).stdout.contains("no faults"));
    assert!(health().contains("200"));
    for wrong in [
        &["add", "explode"][..],
        &["add", r#"{"effect": "explode"}"#],
        &["add", r#"{"effect": "drop"}"#, "--times", "1"],
        &["play", "armageddon"],
        &["add"],
        &["add", "drop", "--body", "x"],
        &["remove"],
        &["clear", "1"],
    ] {
        assert_eq!(run(wrong).code, Some(2), "{wrong:?}");
    }
}

#[test]
fn a_fault_is_all_that_was_typed_and_scenarios_are_listed_without_a_sandbox() {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    let run = |arguments: &[&str]| sandbox.run(&home, &[&["sandbox", "faults"], arguments].concat());
    let body = r#"{"error": "invalid_grant"}"#;
    let rule = ["add", "status=400", "--path", "/health", "--body", body, "--retry-after", "3", "--latency", "1"];
    assert_eq!(run(&[&rule[..], &["--probability", "1", "--seed", "7"]].concat()).code, Some(0));
    let answer = sandbox.http("GET /health", "").to_lowercase();
    assert!(answer.contains("400 bad request") && answer.contains("retry-after: 3") && answer.ends_with(body));
    let table = run(&["list"]).stdout;
    assert!(table.contains("status 400, Retry-After 3, a body of its own, 1 ms late") && table.contains("1, dice 7"));

    let listed = done(&home.run(&["sandbox", "faults", "scenarios", "--output", "json"]));
    let names = listed["scenarios"].as_array().unwrap().iter().map(|scenario| scenario["name"].as_str().unwrap());
    for name in names {
        assert_eq!(run(&["play", name]).code, Some(0), "{name}");
    }
    let faults = listed["scenarios"].as_array().unwrap().iter().map(|it| it["faults"].as_array().unwrap().len());
    let in_force = done(&run(&["list", "--output", "json"]))["faults"].as_array().unwrap().len();
    assert_eq!(in_force, 1 + faults.sum::<usize>());
}

#[test]
fn a_state_is_kept_under_a_name_and_comes_back() {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    let run = |arguments: &[&str]| sandbox.run(&home, &[&["sandbox", "snapshot"], arguments].concat());
    assert!(run(&["list"]).stderr.contains("no snapshots"));
    assert_eq!(done(&run(&["save", "before", "--output", "json"]))["name"], "before");
    assert_eq!(sandbox.run(&home, &["sandbox", "clock", "advance", "30d"]).code, Some(0));
    assert!(run(&["list"]).stdout.contains("before"));
    assert_eq!(run(&["load", "before"]).code, Some(0));
    assert!(!sandbox.run(&home, &["sandbox", "clock", "show"]).stdout.contains("ahead"));
    let again = run(&["save", "before"]);
    assert_eq!((again.code, again.errors()), (Some(3), 1), "{again:#?}");
    assert!(again.stderr.contains("hint: `aig sandbox snapshot delete"), "{again:#?}");
    assert_eq!(run(&["save", "../up"]).code, Some(2));
    assert_eq!(run(&["delete", "before"]).code, Some(0));
    assert_eq!(run(&["load", "before"]).code, Some(5));
}

#[test]
fn what_is_kept_in_a_directory_is_there_again() {
    let home = Home::new();
    let persist = ["--persist", "kept"];
    let sandbox = SandboxProcess::start_with(&home, &[&persist[..], &["--seed", "demo"]].concat());
    let run = sandbox.run(&home, &["sandbox", "status", "--output", "json"]).json()["runs"].clone();
    assert!(run["TERMINATED"].as_u64().unwrap() > 0, "the demo seed has runs: {run}");
    let url = sandbox.ready["url"].clone();
    let second = home.run(&[&["sandbox", "up"], &persist[..]].concat());
    assert_eq!((second.code, second.errors()), (Some(2), 1), "one at a time: {second:#?}");
    assert!(second.stderr.contains("another sandbox uses it"), "{second:#?}");
    sandbox.kill();
    let sandbox = SandboxProcess::start_with(&home, &persist);
    assert_eq!(sandbox.ready["url"], url, "at the same address, killed or not");
    assert_eq!(sandbox.run(&home, &["sandbox", "status", "--output", "json"]).json()["runs"], run);
    for (arguments, words) in [(["--seed", "nowhere.toml"], "nowhere.toml"), (["--persist", "mine"], "`--persist`")] {
        fs::create_dir_all(home.path().join("mine/thing")).unwrap();
        let refused = home.run(&[&["sandbox", "up"], &arguments[..]].concat());
        assert_eq!((refused.code, refused.errors()), (Some(2), 1), "{refused:#?}");
        assert!(refused.stderr.contains(words) && refused.stderr.contains("hint:"), "{refused:#?}");
    }
}

#[test]
fn requests_are_shown_in_every_form() {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    let run = |arguments: &[&str]| sandbox.run(&home, &[&["sandbox", "requests"], arguments].concat());
    assert!(run(&[]).stderr.contains("no such requests"));
    sandbox.http("GET /health", "");
    sandbox.http("GET /api/v1/me", "");
    let all = done(&run(&["--output", "json"]));
    assert_eq!(all["requests"].as_array().unwrap().len(), 2, "{all}");
    let lines = run(&["--filter", "status=4xx", "--filter", "path=/api", "--filter", "method=get"]);
    assert_eq!(lines.stdout.lines().count(), 1, "{lines:#?}");
    assert!(lines.stdout.contains("GET") && lines.stdout.contains("401") && lines.stdout.contains("/api/v1/me"));
    let curl = run(&["--curl", "--filter", "operation=get_me"]);
    assert!(curl.stdout.starts_with("curl -X GET") && curl.stdout.contains("$TOKEN"), "{curl:#?}");
    let csv = run(&["--output", "csv"]);
    assert!(csv.stdout.starts_with("number,at,method,path"), "{csv:#?}");

    assert_eq!(run(&["--har", "log.har"]).code, Some(0));
    let archive: Value = serde_json::from_slice(&fs::read(home.path().join("log.har")).unwrap()).unwrap();
    assert_eq!(archive["log"]["entries"].as_array().unwrap().len(), 2);
    let nowhere = run(&["--har", "nowhere/log.har"]);
    assert_eq!((nowhere.code, nowhere.errors()), (Some(1), 1), "{nowhere:#?}");
    assert!(nowhere.stderr.contains("`nowhere/log.har`") && nowhere.stderr.contains("hint:"), "{nowhere:#?}");
    assert_eq!(run(&["--follow", "--output", "json"]).code, Some(2));
    assert_eq!(run(&["--filter", "since=2999-01-01"]).stdout, "");
    assert_eq!(run(&["--clear"]).code, Some(0));
    assert!(run(&[]).stderr.contains("no such requests"));
    assert_eq!(run(&["--filter", "verb=GET"]).code, Some(2));
}

#[test]
fn requests_that_are_followed_come_one_by_one_until_ctrl_c() {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    sandbox.http("GET /health", "");
    let mut follow = sandbox.aig(&home, &["sandbox", "requests", "--follow", "--output", "jsonl"]);
    let mut child = follow.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap()).unwrap();
    assert_eq!(next()["path"], "/health");
    sandbox.http("GET /api/v1/me", "");
    let new = next();
    assert_eq!(
        (&new["path"], &new["number"], &new["schema"]),
        (&json!("/api/v1/me"), &json!(2), &json!("aig.sandbox.request/1"))
    );
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(0), "who follows ends it so");
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(stderr, "");
}

#[test]
fn following_ends_with_the_sandbox() {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    sandbox.http("GET /health", "");
    let mut follow = sandbox.aig(&home, &["sandbox", "requests", "--follow"]);
    let mut child = follow.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().ends_with("/health"));
    sandbox.kill();
    assert_eq!((lines.next(), child.wait().unwrap().code()), (None, Some(0)));
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(stderr, "the sandbox has ended\n");
}

#[test]
fn what_is_no_sandbox_is_refused_before_anything_is_asked_of_it() {
    let home = Home::new();
    let refused = |finished: Finished, code: i32, words: &str| {
        assert_eq!((finished.code, finished.errors()), (Some(code), 1), "{finished:#?}");
        assert!(finished.stderr.contains(words) && finished.stderr.contains("hint:"), "{finished:#?}");
    };
    let status = ["sandbox", "status"];
    refused(home.run(&status), 2, "AIGNOSTICS_API_ROOT is not set");
    for live in ["staging", "https://platform.aignostics.com"] {
        refused(finish(home.aig(&status).env("AIGNOSTICS_API_ROOT", live)), 2, live);
    }
    refused(home.run(&["sandbox", "faults", "clear", "--url", "http://192.0.2.7"]), 2, "not the address of a sandbox");
    refused(home.run(&["sandbox", "status", "--url", "http://127.0.0.1:1"]), 10, "no sandbox answers");

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let other = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        let length = stream.read(&mut request).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}").unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    refused(home.run(&["sandbox", "faults", "clear", "--url", &url]), 2, "is not a sandbox");
    assert!(other.join().unwrap().starts_with("GET "), "nothing was changed there");
}

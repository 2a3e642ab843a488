//! `aig login` at a sandbox that asks nobody, in each of its ways, and the options of the sandbox that decide about it.

use std::process::Command;

use crate::common::{Finished, Home, SandboxProcess, finish};

const APPROVED: &str = "--auto-approve";

#[track_caller]
fn done(finished: &Finished) -> serde_json::Value {
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    finished.json()
}

#[test]
fn auto_approve_lets_a_device_in_as_the_first_user_or_as_the_one_who_is_named() {
    for (option, id) in
        [(APPROVED, "auth0|sandbox-ada"), ("--auto-approve=linus@elsewhere.example", "auth0|sandbox-linus")]
    {
        let home = Home::new();
        let sandbox = SandboxProcess::start_with(&home, &[option]);
        done(&sandbox.run(&home, &["login", "--device", "--output", "json"]));
        assert_eq!(done(&sandbox.run(&home, &["whoami", "--output", "json"]))["user"]["id"], id);
    }
}

#[test]
fn a_browser_without_scripts_comes_back_with_a_session() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("skipped: there is no curl");
        return;
    }
    let home = Home::new();
    let sandbox = SandboxProcess::start_with(&home, &[APPROVED, "--refresh-token-rotation", "all"]);
    let mut login = sandbox.aig(&home, &["login", "--browser", "--output", "json"]);
    let browser = "curl --silent --location --noproxy * --output page.html %s";
    done(&finish(login.env("BROWSER", browser)));
    assert_eq!(done(&sandbox.run(&home, &["whoami", "--output", "json"]))["user"]["id"], "auth0|sandbox-ada");
}

#[test]
fn a_session_outlives_its_access_tokens_until_its_own_end() {
    let home = Home::new();
    let lifetimes = ["--access-token-lifetime", "1m", "--refresh-token-lifetime", "1h"];
    let sandbox = SandboxProcess::start_with(&home, &[&[APPROVED][..], &lifetimes].concat());
    done(&sandbox.run(&home, &["login", "--device", "--output", "json"]));
    for (advance, code) in [("2m", Some(0)), ("1h", Some(4))] {
        assert_eq!(sandbox.run(&home, &["sandbox", "clock", "advance", advance]).code, Some(0));
        let listed = sandbox.run(&home, &["run", "list"]);
        assert_eq!(listed.code, code, "after {advance}: {listed:#?}");
    }
}

#[test]
fn what_no_sandbox_can_do_at_sign_in_is_bad_usage() {
    let home = Home::new();
    for (option, words) in [
        ("--auto-approve=nobody", "auth0|sandbox-ada"),
        ("--access-token-lifetime=soon", "90s"),
        ("--access-token-lifetime=0s", "one at least"),
        ("--refresh-token-rotation=some", "device, all or off"),
    ] {
        let refused = home.run(&["sandbox", "up", option]);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused:#?}");
        assert!(refused.stderr.contains(words), "{refused:#?}");
    }
    let running = home.run(&["sandbox", "exec", "--url", "http://127.0.0.1:9", APPROVED, "--", "true"]);
    assert_eq!(running.code, Some(2), "it is a sandbox that starts that is told: {running:#?}");
}

//! `aig sandbox exec`: what the command gets, how it ends, and what is left of it.
#![cfg(unix)]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    process::Stdio,
};

use crate::common::{Finished, Home, SandboxProcess, files_below, finish, signal};

const AIG: &str = env!("CARGO_BIN_EXE_aig");

fn exec(home: &Home, command: &[&str]) -> Finished {
    home.run(&[&["sandbox", "exec", "--"], command].concat())
}

fn shell(home: &Home, script: &str) -> Finished {
    exec(home, &["sh", "-c", script])
}

#[test]
fn the_command_is_signed_in_at_the_sandbox_whatever_the_caller_is() {
    let home = Home::new();
    let mut file = fs::File::create(home.path().join("mine.env")).unwrap();
    file.write_all(b"AIGNOSTICS_ORGANIZATION_ID=org_mine\nAIGNOSTICS_RUN_TIMEOUT=nonsense\n").unwrap();
    let mut command = home.aig(&["sandbox", "exec", "--", AIG, "whoami", "--output", "json"]);
    let finished = finish(
        command
            .env("AIGNOSTICS_API_ROOT", "https://platform.aignostics.com")
            .env("AIGNOSTICS_REFRESH_TOKEN", "a-token-of-mine-that-is-none")
            .env("AIGNOSTICS_PROFILE", "mine")
            .env("AIGNOSTICS_ENV_FILE", home.path().join("mine.env"))
            .env("HTTP_PROXY", "http://127.0.0.1:9")
            .env("ALL_PROXY", "http://127.0.0.1:9"),
    );
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    assert_eq!(finished.json()["user"]["id"], "auth0|sandbox-ada");
    assert_eq!(finished.stderr, "", "nothing of ours is mixed with what the command says");
    assert_eq!(files_below(home.path()), ["mine.env"], "the caller's own sessions are not touched");
}

#[test]
fn the_command_gets_every_variable_and_a_cache_directory_that_goes() {
    let home = Home::new();
    let mut command =
        home.aig(&["sandbox", "exec", "--", "sh", "-c", "env; test -d \"$AIGNOSTICS_CACHE_DIR\" && echo there"]);
    let finished = finish(command.env("NO_PROXY", "intranet.example"));
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    let value = |name: &str| {
        let line = finished.stdout.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
        line.unwrap_or_else(|| panic!("no {name} in {finished:#?}")).to_owned()
    };
    for name in [
        "AIGNOSTICS_API_ROOT",
        "AIGNOSTICS_AUDIENCE",
        "AIGNOSTICS_AUTHORIZATION_BASE_URL",
        "AIGNOSTICS_TOKEN_URL",
        "AIGNOSTICS_REDIRECT_URI",
        "AIGNOSTICS_DEVICE_URL",
        "AIGNOSTICS_JWS_JSON_URL",
        "AIGNOSTICS_CLIENT_ID_INTERACTIVE",
        "AIGNOSTICS_CLIENT_ID_DEVICE",
        "AIGNOSTICS_REFRESH_TOKEN",
        "AIGNOSTICS_BUCKET_ENDPOINT",
    ] {
        assert!(!value(name).is_empty());
    }
    assert_eq!(value("OAUTHLIB_INSECURE_TRANSPORT"), "1");
    assert_eq!(value("NO_PROXY"), "intranet.example,127.0.0.1,localhost");
    assert!(finished.stdout.contains("there\n"), "{finished:#?}");
    let cache = value("AIGNOSTICS_CACHE_DIR");
    assert!(!std::path::Path::new(&cache).parent().unwrap().exists(), "{cache} is still there");
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    let home = Home::new();
    for (script, code) in [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137)] {
        let finished = shell(&home, script);
        assert_eq!((finished.code, finished.stderr.as_str()), (Some(code), ""), "{script}: {finished:#?}");
    }
}

#[test]
fn a_command_that_cannot_be_run_is_127_or_126_with_a_hint() {
    let home = Home::new();
    let plain = home.path().join("plain");
    fs::File::create(&plain).unwrap();
    fs::set_permissions(&plain, fs::Permissions::from_mode(0o644)).unwrap();
    for (program, code) in [("no-such-command-anywhere", 127), ("./nowhere/at/all", 127), ("./plain", 126), (".", 126)]
    {
        let finished = exec(&home, &[program]);
        assert_eq!((finished.code, finished.errors()), (Some(code), 1), "{program}: {finished:#?}");
        assert!(finished.stderr.contains(&format!("`{program}`")), "{finished:#?}");
    }
    assert_eq!(home.run(&["sandbox", "exec"]).code, Some(2), "no command at all is a usage error");
}

#[test]
fn stdin_and_stdout_are_those_of_the_command() {
    let home = Home::new();
    let mut command = home.aig(&["sandbox", "exec", "cat", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"through and through").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.stdout, b"through and through");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn signals_are_passed_on_and_the_command_decides() {
    for name in ["TERM", "INT"] {
        let home = Home::new();
        let script = "trap 'echo caught; exit 5' TERM INT; echo ready; while :; do sleep 0.05; done";
        let mut command = home.aig(&["sandbox", "exec", "--", "sh", "-c", script]);
        // A group of its own: nobody else is sent the signal, and no terminal has told the command already.
        let mut child = command.stdout(Stdio::piped()).process_group(0).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        signal(&child, name);
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!((rest.as_str(), child.wait().unwrap().code()), ("caught\n", Some(5)), "{name}");
    }
}

#[test]
fn a_running_sandbox_is_used_when_it_is_named() {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    let url = sandbox.ready["url"].as_str().unwrap();
    let finished =
        home.run(&["sandbox", "exec", "--url", url, "--", "sh", "-c", "echo $AIGNOSTICS_API_ROOT; \"$0\" whoami", AIG]);
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    assert!(finished.stdout.starts_with(&format!("{url}\n")) && finished.stdout.contains("Ada"), "{finished:#?}");
    let seen = sandbox.run(&home, &["sandbox", "requests", "--filter", "operation=get_me", "--output", "json"]);
    assert_eq!(seen.json()["requests"].as_array().unwrap().len(), 1, "{seen:#?}");
    assert_eq!(home.run(&["sandbox", "exec", "--url", url, "--port", "1", "--", "true"]).code, Some(2));
    sandbox.kill();
}

#[test]
fn a_sandbox_that_is_not_there_is_an_error_of_ours() {
    let home = Home::new();
    let finished = home.run(&["sandbox", "exec", "--url", "http://127.0.0.1:1", "--", "true"]);
    assert_eq!((finished.code, finished.errors()), (Some(10), 1), "{finished:#?}");
}

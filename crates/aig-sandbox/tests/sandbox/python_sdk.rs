//! The Python SDK (`aignostics` 1.6.0 from PyPI), unchanged, by environment variables alone.
//! Takes minutes and the network: runs with `AIG_SLOW_TESTS=1`, else says that it was skipped.

use std::{
    path::Path,
    process::{Command, Output},
};

use aig_sandbox::{RunPlan, Sandbox, synthetic::SlideSpec};

const JOB: &str = include_str!("../python/job.py");

#[tokio::test(flavor = "multi_thread")]
async fn the_python_sdk_does_its_job_unchanged() {
    if !wanted() {
        eprintln!("skipped: the Python SDK is tried with AIG_SLOW_TESTS=1");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    if let Err(reason) = install(&root.join("venv")) {
        eprintln!("skipped: no Python SDK from PyPI: {reason}");
        return;
    }
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).start().await.unwrap();
    for name in ["slides", "results", "home"] {
        std::fs::create_dir(root.join(name)).unwrap();
    }
    SlideSpec::new(800, 600).write(&root.join("slides/tissue.tiff")).unwrap();
    SlideSpec::new(500, 400).blank().write(&root.join("slides/blank.tiff")).unwrap();
    let refresh_token = sandbox.refresh_token().await.unwrap();
    let sdk = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(root.join("venv/bin").join(program));
        command.args(arguments).current_dir(root).env("HOME", root.join("home"));
        command.env("AIGNOSTICS_CACHE_DIR", root.join("home/cache")).env("NO_PROXY", "127.0.0.1,localhost");
        command.envs(sandbox.environment().iter()).env("AIGNOSTICS_REFRESH_TOKEN", &refresh_token);
        command.output().unwrap()
    };
    let arguments = ["-c", JOB, "slides", "results"];
    for (program, arguments, expected) in [
        ("python", &arguments[..], "python sdk: done"),
        ("aignostics", &["user", "whoami"], "sandbox-ada"),
        ("aignostics", &["application", "list"], "he-tme"),
        ("aignostics", &["application", "run", "list"], "test-app (1.0.0)"),
    ] {
        let output = tokio::task::block_in_place(|| sdk(program, arguments));
        assert!(text(&output).contains(expected), "{program} {arguments:?}: {}", text(&output));
    }
}

fn install(venv: &Path) -> Result<(), String> {
    let run = |command: &mut Command| match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(text(&output)),
        Err(error) => Err(error.to_string()),
    };
    run(Command::new("python3").args(["-m", "venv"]).arg(venv))?;
    run(Command::new(venv.join("bin/pip")).args(["install", "--quiet", "aignostics==1.6.0"]))
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[expect(clippy::disallowed_methods, reason = "whoever runs the tests chooses the tier by it")]
fn wanted() -> bool {
    std::env::var_os("AIG_SLOW_TESTS").is_some()
}

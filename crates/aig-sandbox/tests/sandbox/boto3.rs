//! boto3 from PyPI against the object storage. Takes the network: runs with `AIG_SLOW_TESTS=1`, else says that it was
//! skipped.

use std::{path::Path, process::Command};

use aig_sandbox::Sandbox;

use crate::wire::Wire;

const SCRIPT: &str = include_str!("../python/storage.py");

#[tokio::test(flavor = "multi_thread")]
async fn boto3_does_everything_and_is_refused_whenever_it_should_be() {
    if !wanted() {
        eprintln!("skipped: boto3 is tried with AIG_SLOW_TESTS=1");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let python = match installed(&directory.path().join("venv")) {
        Ok(python) => python,
        Err(reason) => {
            eprintln!("skipped: no boto3 from PyPI: {reason}");
            return;
        }
    };
    let sandbox = Sandbox::builder().start().await.unwrap();
    let me = Wire::new(&sandbox).await.get("/api/v1/me").await.body;
    let text = |name: &str| me["organization"][name].as_str().unwrap().to_owned();
    let mut command = Command::new(python);
    command.args(["-c", SCRIPT, sandbox.url(), &sandbox.storage_endpoint(), &text("aignostics_bucket_name")]);
    command.arg(text("aignostics_bucket_hmac_access_key_id")).arg(text("aignostics_bucket_hmac_secret_access_key"));
    command.env("NO_PROXY", "127.0.0.1,localhost");
    let output = tokio::task::block_in_place(|| command.output().unwrap());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{said}");
    assert!(output.status.success() && said.contains("groups done"), "{}", String::from_utf8_lossy(&output.stderr));
}

fn installed(venv: &Path) -> Result<String, String> {
    let run = |command: &mut Command| match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => Err(error.to_string()),
    };
    run(Command::new("python3").args(["-m", "venv"]).arg(venv))?;
    run(Command::new(venv.join("bin/pip")).args(["install", "--quiet", "boto3"]))?;
    Ok(venv.join("bin/python").to_string_lossy().into_owned())
}

#[expect(clippy::disallowed_methods, reason = "whoever runs the tests chooses the tier by it")]
fn wanted() -> bool {
    std::env::var_os("AIG_SLOW_TESTS").is_some()
}

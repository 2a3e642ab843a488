//! The Python SDK (`aignostics` 1.6.0 from PyPI), unchanged, by environment variables alone.
//! Takes minutes and the network: runs with `AIG_SLOW_TESTS=1`, else says that it was skipped.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

use aig_sandbox::{RunPlan, Sandbox, synthetic::SlideSpec};
use tempfile::TempDir;

/// Long enough to cancel a run before it begins; the script puts the clock forward for the one that shall end.
const PATIENT: RunPlan = RunPlan::Timed { queued: Duration::from_secs(300), item: Duration::ZERO };

#[tokio::test(flavor = "multi_thread")]
async fn the_python_library_does_its_job_unchanged() {
    let Some(workplace) = Workplace::new(RunPlan::Immediate).await else { return };
    let token = workplace.sandbox.refresh_token().await.unwrap();
    workplace.says("job.py", &["slides", "results"], Some(&token), "python sdk: done");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_command_line_does_its_job_unchanged() {
    let Some(workplace) = Workplace::new(PATIENT).await else { return };
    let token = workplace.sandbox.refresh_token().await.unwrap();
    workplace.says("commands.py", &["slides", "results"], Some(&token), "python command line: done");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_sdk_signs_in_by_browser_and_by_device() {
    let Some(workplace) = Workplace::new(RunPlan::Immediate).await else { return };
    for way in ["browser", "device"] {
        let _ = std::fs::remove_dir_all(workplace.root().join("home"));
        std::fs::create_dir(workplace.root().join("home")).unwrap();
        workplace.says("sign_in.py", &[way], None, "python sign-in: done");
    }
}

/// A sandbox, two slides, and a home directory of its own for the SDK.
struct Workplace {
    sandbox: Sandbox,
    directory: TempDir,
    python: PathBuf,
}

impl Workplace {
    /// `None`, with the reason printed, where the slow tier is not wanted or PyPI cannot be had.
    #[expect(clippy::print_stderr, reason = "a test that is skipped says why")]
    async fn new(plan: RunPlan) -> Option<Self> {
        if !wanted() {
            eprintln!("skipped: the Python SDK is tried with AIG_SLOW_TESTS=1");
            return None;
        }
        let python = match tokio::task::block_in_place(installed) {
            Ok(python) => python,
            Err(reason) => {
                eprintln!("skipped: no Python SDK from PyPI: {reason}");
                return None;
            }
        };
        let directory = tempfile::tempdir().unwrap();
        for name in ["slides", "results", "home"] {
            std::fs::create_dir(directory.path().join(name)).unwrap();
        }
        SlideSpec::new(800, 600).write(&directory.path().join("slides/tissue.tiff")).unwrap();
        SlideSpec::new(500, 400).blank().write(&directory.path().join("slides/blank.tiff")).unwrap();
        let sandbox = Sandbox::builder().run_plan(plan).start().await.unwrap();
        Some(Self { sandbox, directory, python })
    }

    fn root(&self) -> &Path {
        self.directory.path()
    }

    /// Runs a script of `tests/python`; it has to end well and to say `expected`.
    #[track_caller]
    fn says(&self, script: &str, arguments: &[&str], refresh_token: Option<&str>, expected: &str) {
        let home = self.root().join("home");
        let mut command = Command::new(&self.python);
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(script)).args(arguments);
        command.current_dir(self.root()).env("HOME", &home).env("AIGNOSTICS_CACHE_DIR", home.join("cache"));
        command.envs(self.sandbox.environment().iter()).env("NO_PROXY", "127.0.0.1,localhost").env("NO_COLOR", "1");
        command.env("AIGNOSTICS_CONSOLE_WIDTH", "200");
        if let Some(token) = refresh_token {
            command.env("AIGNOSTICS_REFRESH_TOKEN", token);
        }
        let output = tokio::task::block_in_place(|| command.output()).unwrap();
        assert!(
            output.status.success() && text(&output).contains(expected),
            "{script} {arguments:?}: {}",
            text(&output)
        );
    }
}

/// The interpreter of a virtual environment with the SDK; made once a target directory.
fn installed() -> Result<PathBuf, String> {
    static ONCE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = ONCE.lock().unwrap();
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("aignostics-1.6.0");
    let run = |command: &mut Command| match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(text(&output)),
        Err(error) => Err(error.to_string()),
    };
    if !venv.join("bin/aignostics").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run(Command::new(venv.join("bin/pip")).args(["install", "--quiet", "aignostics==1.6.0"]))?;
    }
    Ok(venv.join("bin/python"))
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[expect(clippy::disallowed_methods, reason = "whoever runs the tests chooses the tier by it")]
fn wanted() -> bool {
    std::env::var_os("AIG_SLOW_TESTS").is_some()
}

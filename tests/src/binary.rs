//! The binary under test, and one run of it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use serde_json::Value;

/// A command that runs `aig` of this build, with an environment of its own: no `AIGNOSTICS_*` or `AIG_*` variable of the caller
/// reaches it, and its cache and home are below `home`.
///
/// # Panics
/// When the binary cannot be built.
pub fn aig(home: &Path) -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os() {
        let is_ours = ["AIGNOSTICS_", "AIG_"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix));
        if is_ours || name == "NO_COLOR" || name == "CLICOLOR_FORCE" {
            command.env_remove(&name);
        }
    }
    command.env("HOME", home).env("AIGNOSTICS_CACHE_DIR", home.join("cache")).current_dir(home);
    command
}

/// How a run of the binary ended.
#[derive(Debug)]
pub struct Finished {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output, whole.
    pub stdout: String,
    /// Standard error, whole.
    pub stderr: String,
}

impl Finished {
    /// Standard output as one JSON document.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("stdout is not JSON: {error}\n{self:#?}"))
    }
}

/// Runs the command to its end.
///
/// # Panics
/// When it cannot be started or prints what is not UTF-8.
pub fn run(command: &mut Command) -> Finished {
    let Output { status, stdout, stderr } = command.output().expect("aig starts");
    let text = |bytes| String::from_utf8(bytes).expect("aig prints UTF-8");
    Finished { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// `target/<profile>/aig` beside this test, brought up to date once a process.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let built = Command::new(env!("CARGO")).args(["build", "--quiet", "--package", "aig-cli"]).status();
        assert!(built.is_ok_and(|status| status.success()), "aig does not build");
        let test = std::env::current_exe().expect("a test has a path");
        let profile =
            test.ancestors().find(|folder| folder.join("deps").is_dir()).expect("tests are built below target/");
        profile.join(format!("aig{}", std::env::consts::EXE_SUFFIX))
    })
}

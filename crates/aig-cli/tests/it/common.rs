//! What the tests of the binary share: a clean home for it, one run of it, a sandbox beside it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use aig_sandbox::synthetic::SlideSpec;
use serde_json::Value;
use tempfile::TempDir;

/// A home of its own for the binary: nothing of the machine's user is read or written.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A home with a folder `mine` that has a small slide: the demo is quick with it.
    pub(crate) fn with_slide() -> Self {
        let home = Self::new();
        let folder = home.path().join("mine");
        std::fs::create_dir(&folder).unwrap();
        SlideSpec::new(700, 600).write(&folder.join("small.tiff")).unwrap();
        home
    }

    /// `aig` with `arguments`, in this home, with nothing of the caller's environment that it would heed.
    pub(crate) fn aig(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aig"));
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            let is_heeded = ["AIGNOSTICS_", "AIG_"].iter().any(|prefix| name.starts_with(prefix));
            if is_heeded || ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "RUST_LOG"].contains(&name.as_str()) {
                command.env_remove(name);
            }
        }
        command
            .env("HOME", self.path())
            .env("AIGNOSTICS_CACHE_DIR", self.path().join("cache"))
            .env("COLUMNS", "100")
            .env("TERM", "xterm-256color")
            .current_dir(self.path())
            .stdin(Stdio::null())
            .args(arguments);
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        finish(&mut self.aig(arguments))
    }
}

/// How a run of the binary ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("stdout is not JSON: {error}\n{self:#?}"))
    }

    /// How many errors were told.
    pub(crate) fn errors(&self) -> usize {
        self.stderr.lines().filter(|line| line.starts_with("error:")).count()
    }

    pub(crate) fn error(&self) -> Value {
        let last = self.stderr.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|error| panic!("stderr does not end in JSON: {error}\n{self:#?}"))
    }
}

pub(crate) fn finish(command: &mut Command) -> Finished {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Finished { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// `aig sandbox up` in a process of its own; killed when dropped.
pub(crate) struct SandboxProcess {
    child: Child,
    pub(crate) ready: Value,
}

impl SandboxProcess {
    pub(crate) fn start(home: &Home) -> Self {
        Self::start_with(home, &[])
    }

    pub(crate) fn start_with(home: &Home, options: &[&str]) -> Self {
        Self::of(home.aig(&[&["sandbox", "up", "--output", "jsonl"], options].concat()))
    }

    /// Of a command that says that it is ready.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, ready: serde_json::from_str(&line).unwrap() }
    }

    /// The command, pointed at this sandbox.
    pub(crate) fn aig(&self, home: &Home, arguments: &[&str]) -> Command {
        let mut command = home.aig(arguments);
        for (name, value) in self.ready["environment"].as_object().unwrap() {
            command.env(name, value.as_str().unwrap());
        }
        command
    }

    pub(crate) fn run(&self, home: &Home, arguments: &[&str]) -> Finished {
        finish(&mut self.aig(home, arguments))
    }

    /// Ends it with a signal, and says with which code it left.
    pub(crate) fn signal(mut self, name: &str) -> Option<i32> {
        signal(&self.child, name);
        self.child.wait().unwrap().code()
    }

    /// Kills it: it cannot say good-bye.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// `aig login --device`, with a person who types in the code and agrees.
    pub(crate) fn sign_in(&self, home: &Home) -> Finished {
        let mut command = self.aig(home, &["login", "--device", "--output", "json"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let shown: Vec<String> = lines.by_ref().take(2).collect();
        let page = shown.iter().find_map(|line| line.split_once("http://")).unwrap().1;
        let (_, path) = page.trim().split_once('/').unwrap();
        self.agree(&format!("/{path}"));
        let stderr = shown.into_iter().chain(lines).collect::<Vec<_>>().join("\n");
        let mut stdout = String::new();
        child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        Finished { code: child.wait().unwrap().code(), stdout, stderr }
    }

    /// Opens the page of a device code, chooses the first account and allows it.
    fn agree(&self, path: &str) {
        let page = self.http(&format!("GET {path}"), "");
        let form = format!(
            "ticket={}&user={}&decision=allow",
            attribute(&page, "name=\"ticket\"", "value=\""),
            encoded(attribute(&page, "name=\"user\"", "value=\""))
        );
        let answer = self.http("POST /activate", &form);
        assert!(answer.contains("Device connected"), "{answer}");
    }

    /// One request as a browser makes it, and the answer as it came.
    pub(crate) fn http(&self, request: &str, form: &str) -> String {
        let host = self.ready["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(&host).unwrap();
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

/// What stands between `before` and the next quote, after `mark`.
fn attribute<'a>(page: &'a str, mark: &str, before: &str) -> &'a str {
    let element = page.split_once(mark).unwrap_or_else(|| panic!("no {mark} in {page}")).1;
    element.split_once(before).unwrap().1.split('"').next().unwrap()
}

/// Percent-encoded for a form: ids of users may have a bar in them.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(byte).collect()
}

impl Drop for SandboxProcess {
    fn drop(&mut self) {
        // It may have ended already, as the test wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal by its short name.
pub(crate) fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// All files below a folder, relative to it, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<String> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<String>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found.sort();
    found
}

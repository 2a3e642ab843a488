//! Programs of people who take one of the crates and nothing else: built as theirs would be, and run.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use aig_auth::testkit::{AuthorizationServer, GrantType};
use aig_sandbox::{RunPlan, Sandbox, synthetic::SlideSpec};
use aig_tests::{Finished, run};
use serde_json::Value;

/// A program below `tests/consumers/`, copied out of the repository's tree.
struct Consumer {
    manifest: PathBuf,
    target: PathBuf,
    name: &'static str,
}

impl Consumer {
    /// The copy is locked to the versions of the workspace, so that whoever could build that can build this without a network.
    fn copy(name: &'static str) -> Self {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (root, theirs) = (tests.parent().unwrap(), tests.join("consumers").join(name));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("consumers").join(name);
        let manifest = fs::read_to_string(theirs.join("Cargo.toml")).unwrap();
        let absolute = manifest.replace("../../../crates", root.join("crates").to_str().unwrap());
        assert_ne!(manifest, absolute);
        write(&folder.join("Cargo.toml"), absolute.as_bytes());
        write(&folder.join("Cargo.lock"), &fs::read(root.join("Cargo.lock")).unwrap());
        write(&folder.join("src/main.rs"), &fs::read(theirs.join("src/main.rs")).unwrap());
        Self { manifest: folder.join("Cargo.toml"), target: target(), name }
    }

    fn cargo(&self, command: &str) -> Command {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.arg(command).arg("--offline").arg("--manifest-path").arg(&self.manifest);
        cargo.env("CARGO_TARGET_DIR", &self.target);
        cargo
    }

    fn build(&self) -> PathBuf {
        let built = run(self.cargo("build").arg("--quiet"));
        assert_eq!(built.code, Some(0), "{}", built.stderr);
        let name = format!("consumer-{}{}", self.name, std::env::consts::EXE_SUFFIX);
        self.target.join("debug").join(name)
    }

    /// The crates of this repository that it names, and all that it ends up with.
    fn ours(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let told = run(self.cargo("metadata").args(["--format-version", "1"]));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        let told = told.json();
        let packages = told["packages"].as_array().unwrap();
        let own = packages.iter().find(|package| package["name"] == format!("consumer-{}", self.name)).unwrap();
        (ours(&own["dependencies"]), ours(&told["packages"]))
    }
}

fn ours(list: &Value) -> BTreeSet<String> {
    let names = list.as_array().unwrap().iter().map(|package| package["name"].as_str().unwrap().to_owned());
    names.filter(|name| name.starts_with("aig-")).collect()
}

fn write(path: &Path, bytes: &[u8]) {
    // Untouched when it is the same, so that nothing is built again.
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::File::create(path).unwrap().write_all(bytes).unwrap();
}

/// The workspace's own folder of builds: what both build alike is built once.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_path_buf()
}

/// Runs the program with nothing of this process's environment but the means to run.
async fn as_a_user(program: PathBuf, arguments: Vec<String>, environment: Vec<(String, String)>) -> Finished {
    let work = move || {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(environment);
        run(&mut command)
    };
    tokio::task::spawn_blocking(work).await.unwrap()
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_with_aig_auth_alone_signs_in_once_and_stays_signed_in() {
    let consumer = Consumer::copy("auth");
    let expected = BTreeSet::from(["aig-auth".to_owned()]);
    assert_eq!(consumer.ours(), (expected.clone(), expected));
    let program = consumer.build();

    let server = AuthorizationServer::builder().auto_approve("auth0|ada").device_interval(Duration::from_secs(1));
    let server = server.serve().await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let home = home.path().to_str().unwrap();
    // Over SSH there is no browser to open: the device flow.
    let environment = owned(&[("HOME", home), ("CONSUMER_CACHE_DIR", home), ("SSH_CONNECTION", "a 1 b 2")]);
    let arguments = vec![server.issuer(), "native".to_owned()];
    for time in ["first", "second"] {
        let finished = as_a_user(program.clone(), arguments.clone(), environment.clone()).await;
        assert_eq!(finished.code, Some(0), "{time}: {finished:#?}");
        assert!(finished.stdout.starts_with("signed in"), "{time}: {finished:#?}");
        assert_eq!(finished.stderr.contains("and enter"), time == "first", "{time}: {finished:#?}");
    }
    assert_eq!(server.sessions().len(), 1);
    assert_eq!(server.token_requests(GrantType::RefreshToken), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_with_aig_platform_alone_does_the_whole_job() {
    let consumer = Consumer::copy("platform");
    let (named, all) = consumer.ours();
    assert_eq!(named, BTreeSet::from(["aig-platform".to_owned()]));
    let below = ["aig-auth", "aig-cache", "aig-codegen", "aig-platform"].map(str::to_owned);
    assert_eq!(all, BTreeSet::from(below));
    let program = consumer.build();

    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    SlideSpec::new(800, 600).write(&folder.path().join("slide.tiff")).unwrap();
    let mut environment: Vec<_> =
        sandbox.environment().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let token = sandbox.refresh_token().await.unwrap();
    environment.extend(owned(&[("AIGNOSTICS_REFRESH_TOKEN", &token), ("HOME", &path("home"))]));
    environment.extend(owned(&[("AIGNOSTICS_CACHE_DIR", &path("cache"))]));
    let arguments = vec![path("slide.tiff"), "800".into(), "600".into(), path("results")];
    let finished = as_a_user(program, arguments, environment).await;
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    let mut lines = finished.stdout.lines();
    assert_eq!(lines.next(), Some("1 of 1 slides succeeded"));
    let files: Vec<Vec<&str>> = lines.map(|line| line.rsplitn(3, ' ').collect()).collect();
    assert_eq!(files.len(), 3, "{files:?}");
    for file in files {
        let [_checksum, size, path] = file.as_slice() else { panic!("{file:?}") };
        assert_eq!(&fs::metadata(path).unwrap().len().to_string(), size);
    }
}

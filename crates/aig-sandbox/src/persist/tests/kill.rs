//! A sandbox in a process of its own is killed in the middle of many writes. What it acknowledged must be there.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{RunPlan, Sandbox, SlideUse, ids::random_u64, synthetic::SlideSpec};

/// Tells a process of this test binary that it is the sandbox, and where.
const CHILD: &str = "AIG_SANDBOX_KILL_CHILD";
/// Tells it to make the mistake that the test must notice.
const CARELESS: &str = "AIG_SANDBOX_KILL_CARELESS";
/// Many rounds.
const SLOW: &str = "AIG_SLOW_TESTS";
const WRITERS: usize = 4;

#[expect(clippy::disallowed_methods, reason = "how the test talks to the process that it starts")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Not a test by itself: what the process that is killed does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Some(directory) = variable(CHILD) else { return };
    let builder = Sandbox::builder().persist(&directory).run_plan(RunPlan::Immediate).slides(SlideUse::Ignore);
    let sandbox = builder.start().await.unwrap();
    if variable(CARELESS).is_some() {
        sandbox.stage().live().control.platform.journal.be_careless();
    }
    let links: Vec<_> = (0..WRITERS).map(|n| sandbox.links(&format!("key-{n}"), Duration::from_secs(3600))).collect();
    let ready = json!({"url": sandbox.url(), "token": sandbox.access_token().await.unwrap(), "links": links});
    let unnamed = Path::new(&directory).with_extension("ready.new");
    serde_json::to_writer(std::fs::File::create(&unnamed).unwrap(), &ready).unwrap();
    std::fs::rename(unnamed, Path::new(&directory).with_extension("ready")).unwrap();
    sandbox.closed().await;
}

/// What the sandbox has confirmed.
#[derive(Debug, Default)]
struct Confirmed {
    /// The last counter of each run that came back.
    runs: BTreeMap<String, u64>,
    /// The last content of each key that came back, and that which was on its way.
    objects: BTreeMap<String, (String, String)>,
}

#[expect(clippy::zombie_processes, reason = "the round that it is for waits for it")]
fn start(directory: &Path, careless: bool) -> (Child, Value) {
    let ready = directory.with_extension("ready");
    _ = std::fs::remove_file(&ready);
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["persist::tests::kill::child", "--exact"]).env(CHILD, directory);
    if careless {
        command.env(CARELESS, "1");
    }
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    loop {
        if let Ok(bytes) = std::fs::read(&ready) {
            return (child, serde_json::from_slice(&bytes).unwrap());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[expect(clippy::disallowed_methods, reason = "a test may build its own client")]
pub(super) fn client() -> reqwest::Client {
    _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Writes until nobody answers any more.
async fn write(number: usize, ready: Value, confirmed: Arc<Mutex<Confirmed>>) -> Option<()> {
    let (client, url, token) = (client(), ready["url"].as_str()?, ready["token"].as_str()?);
    let api = format!("{url}{}/v1/runs", aig_codegen::SERVER_PREFIX);
    let slide = SlideSpec::new(100, 100);
    let input = json!({"name": "whole_slide_image", "download_url": "http://127.0.0.1:9/x", "metadata": {
        "checksum_base64_crc32c": "AAAAAA==", "width_px": slide.width, "height_px": slide.height,
        "resolution_mpp": slide.mpp, "media_type": "image/tiff"}});
    let item = |id: &str| json!({"external_id": id, "input_artifacts": [input]});
    let run = json!({"application_id": "test-app", "items": [item("a"), item("b")]}).to_string();
    for counter in 0_u64.. {
        let post = client.post(&api).bearer_auth(token).header("content-type", "application/json").body(run.clone());
        let made: Value = serde_json::from_slice(&post.send().await.ok()?.bytes().await.ok()?).ok()?;
        let id = made["run_id"].as_str()?.to_owned();
        confirmed.lock().unwrap().runs.insert(id.clone(), 0);
        let body = json!({"custom_metadata": {"counter": counter + 1}}).to_string();
        let put = client.put(format!("{api}/{id}/custom-metadata")).bearer_auth(token);
        let put = put.header("content-type", "application/json").body(body).send().await.ok()?;
        if put.status() == 200 {
            confirmed.lock().unwrap().runs.insert(id, counter + 1);
        }
        let content = format!("{number}-{counter}-{}", "x".repeat(3000));
        let (key, link) = (format!("key-{number}"), ready["links"][number][0].as_str()?);
        confirmed.lock().unwrap().objects.entry(key.clone()).or_default().1.clone_from(&content);
        if client.put(link).body(content.clone()).send().await.ok()?.status() == 200 {
            confirmed.lock().unwrap().objects.get_mut(&key)?.0 = content;
        }
    }
    Some(())
}

/// One life and death. The error says what was lost.
async fn round(directory: &Path, confirmed: &Arc<Mutex<Confirmed>>, careless: bool) -> Result<(), String> {
    let (mut child, ready) = start(directory, careless);
    let writers: Vec<_> =
        (0..WRITERS).map(|number| tokio::spawn(write(number, ready.clone(), Arc::clone(confirmed)))).collect();
    in_the_middle(confirmed).await;
    child.kill().unwrap();
    child.wait().unwrap();
    for writer in writers {
        writer.await.unwrap();
    }
    let builder = Sandbox::builder().persist(directory).run_plan(RunPlan::Manual);
    let sandbox = builder.start().await.map_err(|error| error.to_string())?;
    let found = check(&sandbox, &confirmed.lock().unwrap());
    sandbox.shutdown().await;
    found
}

/// A few confirmed runs later, and then at no special moment.
async fn in_the_middle(confirmed: &Mutex<Confirmed>) {
    let runs = || confirmed.lock().unwrap().runs.len();
    let enough = runs() + 1 + random_u64() as usize % 16;
    let wait = async {
        while runs() < enough {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("the sandbox confirms nothing");
    tokio::time::sleep(Duration::from_micros(random_u64() % 20_000)).await;
}

fn check(sandbox: &Sandbox, confirmed: &Confirmed) -> Result<(), String> {
    let live = sandbox.stage().live();
    let platform = &live.control.platform;
    platform.with(|world| {
        if let Some(half) = world.runs().find(|run| run.items.len() != 2) {
            return Err(format!("half a run: {}", half.id));
        }
        confirmed.runs.iter().try_for_each(|(id, counter)| {
            let run = world.run(id.parse().unwrap()).ok_or_else(|| format!("run {id} is lost"))?;
            let kept = run.metadata.as_ref().and_then(|metadata| metadata["counter"].as_u64()).unwrap_or_default();
            if kept >= *counter { Ok(()) } else { Err(format!("metadata of run {id}: {kept} for {counter}")) }
        })
    })?;
    let bucket = &platform.people.organizations[0].bucket;
    for (key, (last, on_its_way)) in confirmed.objects.iter().filter(|(_, (last, _))| !last.is_empty()) {
        let object = platform.storage.buckets().get(bucket, key).map_err(|_| format!("object {key} is lost"))?;
        let content = std::fs::read_to_string(&object.parts[0].path).map_err(|error| error.to_string())?;
        if content != *last && content != *on_its_way {
            return Err(format!("object {key} is an older one"));
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sandbox_that_is_killed_has_lost_nothing_that_it_confirmed() {
    let place = tempfile::tempdir().unwrap();
    let confirmed = Arc::default();
    let rounds = if variable(SLOW).is_some() { 60 } else { 3 };
    for number in 0..rounds {
        round(&place.path().join("state"), &confirmed, false)
            .await
            .unwrap_or_else(|lost| panic!("round {number}: {lost}"));
    }
    let confirmed = confirmed.lock().unwrap();
    assert!(confirmed.runs.len() >= rounds && !confirmed.objects.is_empty(), "{confirmed:?}");
}

/// The control: the same rounds find a sandbox that confirms before it writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sandbox_that_confirms_before_it_writes_is_caught() {
    let place = tempfile::tempdir().unwrap();
    let lost = round(&place.path().join("state"), &Arc::default(), true).await;
    assert!(lost.is_err_and(|lost| lost.contains("lost")));
}

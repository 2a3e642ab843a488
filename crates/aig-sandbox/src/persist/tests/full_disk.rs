//! A disk that is full, and a directory that goes: what could not be written down has not happened, and all goes on when
//! there is room again.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};

use super::{head, kill::client, tokens};
use crate::{
    RunPlan, Sandbox, SandboxError, Seed, SlideUse,
    persist::{Entry, Journal, State, journal::Disk},
    platform::Platform,
    state::{Change, ItemPhase, ShareToken},
};

/// So many bytes go to the file, and then none.
#[derive(Debug)]
struct Filling {
    file: Box<dyn Disk>,
    room: Arc<AtomicUsize>,
}

impl Write for Filling {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let some = bytes.len().min(self.room.load(Ordering::Relaxed));
        if some == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.room.fetch_sub(some, Ordering::Relaxed);
        self.file.write(&bytes[..some])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Disk for Filling {
    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        self.file.cut(bytes)
    }
}

fn filling(journal: &Journal) -> Arc<AtomicUsize> {
    let room = Arc::new(AtomicUsize::new(usize::MAX));
    let shared = Arc::clone(&room);
    journal.write_through(|file| Box::new(Filling { file, room: shared }));
    room
}

fn line() -> [Entry; 1] {
    let token = ShareToken {
        id: uuid::Uuid::from_u128(u128::from(crate::ids::random_u64())),
        digest: [7; 32],
        created_by: "somebody".into(),
        created_at: jiff::Timestamp::UNIX_EPOCH,
        expires_at: None,
        revoked: false,
    };
    [Entry::World(Change::ShareToken(token))]
}

#[test]
fn a_line_that_breaks_off_leaves_no_trace_and_the_next_one_follows() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::begin(directory.path(), &State::new(head()).entries()).unwrap();
    let room = filling(&journal);
    let file = || std::fs::read(directory.path().join("journal")).unwrap();
    for written in 0..200 {
        let before = file();
        room.store(written, Ordering::Relaxed);
        assert_eq!(journal.write(&line()).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert!(file() == before, "after {written} bytes");
    }
    room.store(usize::MAX, Ordering::Relaxed);
    journal.write(&line()).unwrap();
    assert_eq!(tokens(directory.path()).unwrap(), 1);
}

#[test]
fn a_journal_that_was_written_anew_goes_on_even_if_its_directory_cannot_be_synced() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::begin(directory.path(), &State::new(head()).entries()).unwrap();
    let anew = journal.begin_anew_by(|_| Err(io::ErrorKind::StorageFull.into()), &State::new(head()).entries());
    journal.write(&line()).unwrap();
    assert_eq!(tokens(directory.path()).unwrap(), 1, "what was acknowledged is there");
    anew.unwrap();
}

/// A disk that writes nothing any more, and takes nothing away.
#[derive(Debug)]
struct Dead;

impl Write for Dead {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Disk for Dead {
    fn cut(&mut self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_journal_that_writes_nothing_ever_again() {
    let place = tempfile::tempdir().unwrap();
    let (_sandbox, platform, _) = waiting(&place.path().join("state")).await;
    platform.journal.write_through(|_| Box::new(Dead));
    let run = platform.with(|world| world.runs().next().unwrap().id);
    let job = platform.begin_item(run).unwrap();
    let ended = platform.end_item(&job, Ok(Vec::new()), platform.clock.now());
    tokio::time::timeout(Duration::from_secs(60), ended).await.unwrap();
    platform.with(|world| assert_eq!(world.run(run).unwrap().items[0].phase, ItemPhase::Processing));
}

#[tokio::test]
async fn a_clock_that_cannot_be_written_down_or_would_go_too_far_says_so() {
    let place = tempfile::tempdir().unwrap();
    let (sandbox, platform, room) = waiting(&place.path().join("state")).await;
    let (stood, hour) = (platform.clock.hand(), Duration::from_secs(3600));
    room.store(0, Ordering::Relaxed);
    assert!(matches!(sandbox.advance_clock(hour), Err(SandboxError::Storage { .. })));
    room.store(usize::MAX, Ordering::Relaxed);
    for far in [hour * 24 * 366 * 1000, Duration::MAX] {
        assert!(matches!(sandbox.advance_clock(far), Err(SandboxError::ClockEnds)));
    }
    assert_eq!(platform.clock.hand(), stood);
    sandbox.advance_clock(hour).unwrap();
    assert_ne!(platform.clock.hand(), stood);
}

/// What somebody reads, and what the next sandbox would.
async fn everything(client: &reqwest::Client, url: &str, token: &str, run: &str) -> Vec<Value> {
    let api = format!("{}/v1", aig_codegen::SERVER_PREFIX);
    let pages = [
        format!("{api}/runs"),
        format!("{api}/runs/{run}"),
        format!("{api}/runs/{run}/items"),
        format!("{api}/access/grants"),
    ];
    let mut read = Vec::new();
    for page in pages {
        let answer = client.get(format!("{url}{page}")).bearer_auth(token).send().await.unwrap();
        read.push(serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap());
    }
    read
}

fn changes(run: &str) -> Vec<(&'static str, String, Value)> {
    let api = format!("{}/v1", aig_codegen::SERVER_PREFIX);
    let grant = json!({"resource_type": "run", "resource_id": run, "subject_type": "user",
        "subject_id": "auth0|sandbox-linus", "relation": "viewer"});
    vec![
        ("POST", format!("{api}/runs"), json!({"application_id": "test-app", "items": [item("new")]})),
        ("PUT", format!("{api}/runs/{run}/custom-metadata"), json!({"custom_metadata": {"a": 1}})),
        ("PUT", format!("{api}/runs/{run}/items/waits/custom-metadata"), json!({"custom_metadata": {"a": 1}})),
        ("POST", format!("{api}/access/grants"), grant),
        ("DELETE", format!("{api}/runs/{run}/artifacts"), Value::Null),
    ]
}

fn item(id: &str) -> Value {
    let metadata = json!({"checksum_base64_crc32c": "AAAAAA==", "width_px": 9, "height_px": 9, "resolution_mpp": 0.5,
        "media_type": "image/tiff"});
    let input = json!({"name": "whole_slide_image", "download_url": "http://127.0.0.1:9/x", "metadata": metadata});
    json!({"external_id": id, "input_artifacts": [input]})
}

/// A sandbox that is kept and has one run that waits, and the journal's room.
async fn waiting(directory: &std::path::Path) -> (Sandbox, Arc<Platform>, Arc<AtomicUsize>) {
    let seed = directory.with_extension("seed.toml");
    let mut file = std::fs::File::create(&seed).unwrap();
    let run = "[[runs]]\napplication = \"test-app\"\nitems = [{ external_id = \"waits\", outcome = \"waiting\" }]\n";
    write!(file, "version = 1\n{run}").unwrap();
    let builder = Sandbox::builder().persist(directory).seeded_with(Seed::File(seed)).run_plan(RunPlan::Manual);
    let sandbox = builder.slides(SlideUse::Ignore).start().await.unwrap();
    let platform = Arc::clone(&sandbox.stage().live().control.platform);
    let room = filling(&platform.journal);
    (sandbox, platform, room)
}

async fn send(client: &reqwest::Client, url: &str, token: &str, change: &(&str, String, Value)) -> u16 {
    let (method, path, body) = change;
    let request = client.request(method.parse().unwrap(), format!("{url}{path}")).bearer_auth(token);
    let request = request.header("content-type", "application/json");
    let request = if body.is_null() { request } else { request.body(body.to_string()) };
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status().as_u16(), String::from_utf8(answer.bytes().await.unwrap().to_vec()).unwrap());
    assert!(status != 500 || text.contains("cannot use its disk"), "{text}");
    status
}

#[tokio::test]
async fn what_is_answered_with_500_is_seen_by_nobody_and_can_be_asked_again() {
    let place = tempfile::tempdir().unwrap();
    let (sandbox, platform, room) = waiting(&place.path().join("state")).await;
    let (client, url, token) = (client(), sandbox.url().to_owned(), sandbox.access_token().await.unwrap());
    let run = platform.with(|world| world.runs().next().unwrap().id.to_string());
    for change in changes(&run) {
        let before = everything(&client, &url, &token, &run).await;
        let clock = platform.clock.hand();
        for written in [0, 1, 60] {
            room.store(written, Ordering::Relaxed);
            assert_eq!(send(&client, &url, &token, &change).await, 500, "{change:?}");
            assert!(platform.turn_clock(|clock| clock.advance(jiff::SignedDuration::from_hours(1))).is_err());
        }
        assert_eq!(everything(&client, &url, &token, &run).await, before, "{change:?}");
        assert_eq!(platform.clock.hand(), clock);
        room.store(usize::MAX, Ordering::Relaxed);
        assert!(send(&client, &url, &token, &change).await < 300, "{change:?}");
        assert_ne!(everything(&client, &url, &token, &run).await, before, "{change:?}");
    }
    let last = everything(&client, &url, &token, &run).await;
    sandbox.shutdown().await;
    let sandbox =
        Sandbox::builder().persist(place.path().join("state")).run_plan(RunPlan::Manual).start().await.unwrap();
    assert_eq!(everything(&client, sandbox.url(), &sandbox.access_token().await.unwrap(), &run).await, last);
}

/// The control: without a way back, the change is seen although it was not written down.
#[tokio::test]
async fn a_change_that_is_made_before_it_is_written_is_noticed() {
    let place = tempfile::tempdir().unwrap();
    let (sandbox, platform, room) = waiting(&place.path().join("state")).await;
    let (client, url, token) = (client(), sandbox.url().to_owned(), sandbox.access_token().await.unwrap());
    let run = platform.with(|world| world.runs().next().unwrap().id);
    let before = everything(&client, &url, &token, &run.to_string()).await;
    room.store(0, Ordering::Relaxed);
    {
        let mut memory = platform.memory.lock().unwrap();
        memory.world.run_mut(run).unwrap().metadata = Some(serde_json::Map::new());
        let changes: Vec<Entry> = memory.world.changes().into_iter().map(Entry::World).collect();
        assert!(platform.journal.write(&changes).is_err());
    }
    assert_ne!(everything(&client, &url, &token, &run.to_string()).await, before);
}

#[tokio::test(start_paused = true)]
async fn an_item_that_ends_on_a_full_disk_has_ended_once_there_is_room() {
    let place = tempfile::tempdir().unwrap();
    let (sandbox, platform, room) = waiting(&place.path().join("state")).await;
    let run = platform.with(|world| world.runs().next().unwrap().id);
    let phase = || platform.with(|world| world.run(run).unwrap().items[0].phase.clone());
    room.store(0, Ordering::Relaxed);
    sandbox.advance_run(run).unwrap();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(phase(), ItemPhase::Processing);
    room.store(usize::MAX, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(matches!(phase(), ItemPhase::Terminated { .. }), "{:?}", phase());
}

#[cfg(unix)]
#[tokio::test]
async fn a_directory_that_is_removed_while_it_is_used_loses_nothing_in_silence() {
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join("state");
    let (sandbox, platform, _) = waiting(&directory).await;
    std::fs::remove_dir_all(&directory).unwrap();
    let run = platform.with(|world| world.runs().next().unwrap().id);
    let error = platform.change(|world| world.run_mut(run).map(drop)).unwrap_err();
    assert!(error.to_string().contains("journal"), "{error}");
    drop(sandbox);
}

//! Downloads that break, lie, stall and expire: a whole verified file, or none.

use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};

use super::*;
use crate::{
    settings::Family,
    transfer::NoProgress,
    transport::{RecordedRequest, RecordingTransport, Reply},
};

const CONTENT: &[u8] = b"0123456789abcdefghij";

#[derive(Default)]
struct Links(AtomicU32);

#[async_trait]
impl LinkSource for Links {
    async fn link(&self) -> Result<SignedUrl> {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        SignedUrl::new(&format!("https://storage.example/file?signature=canary-{number}"))
    }
}

struct Trial {
    outcome: Result<Fetched>,
    names: Vec<String>,
    content: Option<Vec<u8>>,
    requests: Vec<RecordedRequest>,
    links: u32,
}

fn fetcher(transport: Arc<RecordingTransport>) -> Fetcher {
    let family = Family {
        timeout: Duration::from_secs(30),
        retry_attempts: 4,
        retry_wait_min: Duration::from_millis(100),
        retry_wait_max: Duration::from_secs(20),
        cache_ttl: Duration::ZERO,
    };
    let behaviour = Behaviour::of(&family);
    Fetcher { transport, behaviour, progress: Arc::new(NoProgress), root: PathBuf::new() }
}

/// Fetches the content over `transport`, with an older file in the place.
async fn fetch(transport: RecordingTransport) -> Trial {
    let transport = Arc::new(transport);
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("file");
    std::io::Write::write_all(&mut std::fs::File::create(&target).unwrap(), b"older").unwrap();
    let links = Links::default();
    let expected = Expected { crc: Some(Crc32c::of(CONTENT)) };
    let fetcher = Fetcher { root: directory.path().to_owned(), ..fetcher(Arc::clone(&transport)) };
    let outcome = fetcher.fetch(0, &links, &target, expected).await;
    let names = std::fs::read_dir(&directory).unwrap();
    Trial {
        outcome,
        names: names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect(),
        content: std::fs::read(&target).ok(),
        requests: transport.requests(),
        links: links.0.load(Ordering::SeqCst),
    }
}

impl Trial {
    fn is_whole(&self) -> bool {
        self.names == ["file"] && self.content.as_deref() == Some(CONTENT) && self.outcome.is_ok()
    }

    /// Failed with the older file untouched and nothing beside it.
    fn failed(&self) -> ErrorKind {
        assert_eq!(
            (self.names.as_slice(), self.content.as_deref()),
            (["file".to_owned()].as_slice(), Some(&b"older"[..]))
        );
        let error = self.outcome.as_ref().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        error.kind()
    }
}

fn whole() -> Reply {
    Reply::status(200).with_header("content-length", "20").with_header("etag", "\"one\"").with_body(CONTENT)
}

fn broken_after(bytes: usize) -> Reply {
    let reply = Reply::status(200).with_header("content-length", "20").with_header("etag", "\"one\"");
    reply.with_body(&CONTENT[..bytes]).cut()
}

fn rest_from(first: usize, range: &str) -> Reply {
    Reply::status(206).with_header("content-range", range).with_body(&CONTENT[first..])
}

#[tokio::test(start_paused = true)]
async fn a_download_that_breaks_off_is_continued_where_it_broke() {
    let trial = fetch(RecordingTransport::new().reply(broken_after(7)).reply(rest_from(7, "bytes 7-19/20"))).await;
    assert!(trial.is_whole());
    let second = &trial.requests[1].headers;
    assert_eq!((&second["range"], &second["if-range"]), (&"bytes=7-".parse().unwrap(), &"\"one\"".parse().unwrap()));
    assert_eq!(trial.links, 1);
}

#[tokio::test(start_paused = true)]
async fn whatever_a_range_is_answered_with_the_file_is_right_or_not_there() {
    let answers = [
        ("earlier", rest_from(3, "bytes 3-19/20")),
        ("later", rest_from(9, "bytes 9-19/20")),
        ("no range", Reply::status(206).with_body(&CONTENT[7..])),
        ("nonsense", rest_from(7, "bytes seven-19/20")),
        ("overflow", rest_from(7, "bytes 7-18446744073709551616/20")),
        ("beyond", rest_from(7, "bytes 7-25/20")),
        ("short", Reply::status(206).with_header("content-range", "bytes 7-19/20").with_body(&CONTENT[7..9])),
        (
            "overlong",
            Reply::status(206).with_header("content-range", "bytes 7-19/20").with_body([&CONTENT[7..], b"xx"].concat()),
        ),
        ("other bytes", Reply::status(206).with_header("content-range", "bytes 7-19/20").with_body(vec![b'x'; 13])),
        ("whole", whole()),
        ("replaced", Reply::status(200).with_header("content-length", "3").with_body(&b"new"[..])),
        ("416", Reply::status(416)),
        ("503", Reply::status(503)),
        ("gzip", rest_from(7, "bytes 7-19/20").with_header("content-encoding", "gzip")),
    ];
    let mut wrong = 0;
    for (name, answer) in &answers {
        let transport = RecordingTransport::new().reply(broken_after(7)).reply(answer.clone()).fallback(|_| whole());
        let trial = fetch(transport).await;
        match &trial.outcome {
            Ok(_) => wrong += u32::from(!trial.is_whole()),
            Err(_) => assert_ne!(trial.failed(), ErrorKind::Io, "{name}"),
        }
        assert_eq!(trial.outcome.is_ok(), *name != "gzip", "{name}: {:?}", trial.outcome);
    }
    assert_eq!(wrong, 0);
    println!("resume_matrix cells={} wrong_published=0", answers.len());
}

#[tokio::test(start_paused = true)]
async fn an_expired_link_is_replaced_and_the_download_goes_on() {
    let transport = RecordingTransport::new()
        .reply(broken_after(7))
        .reply(Reply::status(403).with_body("<Error>expired canary</Error>"))
        .reply(rest_from(7, "bytes 7-19/20"));
    let trial = fetch(transport).await;
    assert!(trial.is_whole());
    assert_eq!(trial.links, 2);
    assert_eq!(trial.requests[2].query("signature"), Some("canary-1"));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_checksum_is_tried_once_more_and_then_an_error() {
    let wrong = || Reply::status(200).with_header("content-length", "20").with_body(vec![b'x'; 20]);
    let mended = fetch(RecordingTransport::new().reply(wrong()).reply(whole())).await;
    assert!(mended.is_whole());
    let broken = fetch(RecordingTransport::new().fallback(move |_| wrong())).await;
    assert_eq!(broken.failed(), ErrorKind::Integrity);
    assert_eq!(broken.requests.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_flipped_bit_at_any_place_is_never_published() {
    for bit in 0..CONTENT.len() * 8 {
        let mut flipped = CONTENT.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let reply = Reply::status(200).with_header("content-length", "20").with_body(flipped);
        let trial = fetch(RecordingTransport::new().fallback(move |_| reply.clone())).await;
        assert_eq!(trial.failed(), ErrorKind::Integrity, "bit {bit}");
    }
    println!("bit_flips={} published=0", CONTENT.len() * 8);
}

#[tokio::test(start_paused = true)]
async fn what_stays_broken_ends_after_a_few_attempts_and_names_the_reason() {
    for (status, kind, sends) in [
        (404, ErrorKind::NotFound, 1),
        (410, ErrorKind::Gone, 1),
        (302, ErrorKind::Protocol, 1),
        (503, ErrorKind::Unavailable, 4),
        (403, ErrorKind::Forbidden, 4),
    ] {
        let trial = fetch(RecordingTransport::new().fallback(move |_| Reply::status(status))).await;
        assert_eq!((trial.failed(), trial.requests.len()), (kind, sends), "{status}");
    }
    let cut = fetch(RecordingTransport::new().fallback(|_| Reply::failure(TransportErrorKind::Interrupted))).await;
    assert_eq!(cut.failed(), ErrorKind::Network);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_ends_early_without_a_word_is_continued() {
    let silent = Reply::status(200).with_header("content-length", "20").with_header("etag", "\"one\"");
    let transport =
        RecordingTransport::new().reply(silent.with_body(&CONTENT[..6])).reply(rest_from(6, "bytes 6-19/20"));
    assert!(fetch(transport).await.is_whole());
}

#[tokio::test(start_paused = true)]
async fn a_file_of_unknown_size_is_verified_by_its_checksum() {
    assert!(fetch(RecordingTransport::new().reply(Reply::status(200).with_body(CONTENT))).await.is_whole());
    let cut = || Reply::status(200).with_body(&CONTENT[..10]);
    assert_eq!(fetch(RecordingTransport::new().fallback(move |_| cut())).await.failed(), ErrorKind::Integrity);
}

#[tokio::test(start_paused = true)]
async fn a_stall_that_drips_is_given_up_and_a_slow_line_is_not() {
    /// One piece of so many bytes every 0.3 s, for as long as anybody reads.
    #[derive(Debug)]
    struct Dripping(usize);

    #[async_trait]
    impl Transport for Dripping {
        async fn send(&self, _request: Request) -> Result<Response, TransportError> {
            let bytes = self.0;
            let pieces = futures_util::stream::unfold(0, move |count: u32| async move {
                tokio::time::sleep(Duration::from_millis(300)).await;
                (count < 1_000).then(|| (Ok(Bytes::from(vec![b'x'; bytes])), count + 1))
            });
            Ok(Response::new(StatusCode::OK, Default::default(), crate::transport::Body::from_stream(pieces)))
        }
    }

    let directory = tempfile::tempdir().unwrap();
    let mut fetcher = Fetcher { root: directory.path().to_owned(), ..fetcher(Arc::default()) };
    for (bytes, arrives) in [(1, false), (1_000, true)] {
        fetcher.transport = Arc::new(Dripping(bytes));
        let begun = Instant::now();
        let outcome = fetcher.fetch(0, &Links::default(), &directory.path().join("file"), Expected::default()).await;
        assert_eq!(outcome.is_ok(), arrives, "{outcome:?}");
        assert!(begun.elapsed() < Duration::from_secs(if arrives { 301 } else { 4 * 33 }), "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn giving_up_in_the_middle_leaves_nothing_behind() {
    /// Answers with a body that never ends.
    #[derive(Debug)]
    struct Endless(Mutex<u32>);

    #[async_trait]
    impl Transport for Endless {
        async fn send(&self, _request: Request) -> Result<Response, TransportError> {
            *self.0.lock().unwrap() += 1;
            let pieces = futures_util::stream::unfold((), |()| async {
                tokio::task::yield_now().await;
                Some((Ok(Bytes::from_static(&[7; 100_000])), ()))
            });
            Ok(Response::new(StatusCode::OK, Default::default(), crate::transport::Body::from_stream(pieces)))
        }
    }

    let directory = tempfile::tempdir().unwrap();
    let (target, links) = (directory.path().join("file"), Links::default());
    let mut fetcher = Fetcher { root: directory.path().to_owned(), ..fetcher(Arc::default()) };
    fetcher.transport = Arc::new(Endless(Mutex::new(0)));
    let seen = Arc::new(tokio::sync::Notify::new());
    let notify = Arc::clone(&seen);
    fetcher.progress = Arc::new(move |event: &TransferEvent| {
        if matches!(event, TransferEvent::Advanced { position, .. } if *position > 3_000_000) {
            notify.notify_one();
        }
    });
    tokio::select! {
        outcome = fetcher.fetch(0, &links, &target, Expected::default()) => panic!("it cannot end: {outcome:?}"),
        () = seen.notified() => {}
    }
    // A write that was under way when the future was dropped ends on its own thread.
    while std::fs::read_dir(&directory).unwrap().count() > 0 {
        tokio::task::yield_now().await;
    }
}

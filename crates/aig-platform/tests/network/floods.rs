//! Answers without end and answers that blow up: how much memory they cost, measured in a process of its own.

use std::{io::Write as _, sync::Arc, time::Duration};

use aig_platform::{
    Client,
    settings::{Settings, Sources, Variables},
    transport::{HttpOptions, Request, ReqwestTransport, Transport as _},
};
use http::Method;
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use crate::{
    child,
    server::{listen, request},
};

/// The most that an answer may cost beyond what the process had before.
const BAR: u64 = 64 << 20;

/// The size of the answers: small by default, a gigabyte with `AIG_TEST_FULL=1`.
fn size() -> usize {
    let full = Variables::from_process().get("AIG_TEST_FULL").is_some();
    if full { 1 << 30 } else { 192 << 20 }
}

/// A server that answers every request with `head` and then `size` bytes of JSON.
async fn json_flood(size: usize) -> String {
    let address = listen(move |mut stream| async move {
        static PIECE: [u8; 1 << 16] = [b'0'; 1 << 16];
        request(&mut stream).await?;
        let head = format!("HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: {size}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.ok()?;
        for _ in 0..size / PIECE.len() {
            stream.write_all(&PIECE).await.ok()?;
        }
        Some(())
    })
    .await;
    format!("http://{address}")
}

/// A server that answers with a small body that is `size` bytes of JSON once it is unpacked.
async fn bomb(size: usize) -> (String, usize) {
    let packed = tokio::task::spawn_blocking(move || {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let piece = vec![b'0'; 1 << 20];
        (0..size >> 20).for_each(|_| packer.write_all(&piece).unwrap());
        Arc::new(packer.finish().unwrap())
    })
    .await
    .unwrap();
    let length = packed.len();
    let address = listen(move |mut stream| {
        let packed = Arc::clone(&packed);
        async move {
            request(&mut stream).await?;
            let head = format!(
                "HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
                packed.len()
            );
            stream.write_all(head.as_bytes()).await.ok()?;
            stream.write_all(&packed).await.ok()
        }
    })
    .await;
    (format!("http://{address}"), length)
}

/// The most memory that this process has held so far, in bytes (proc(5): VmHWM).
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

#[cfg(not(target_os = "linux"))]
fn peak() -> u64 {
    0
}

/// The job: reads an answer as the client does, or without its cap, and says what that cost.
pub(crate) async fn read(variables: &Variables) {
    let root = variables.get("AIG_TEST_ROOT").unwrap();
    // First a request that fails at once, so that what any request needs is there before.
    let nobody = Client::builder().api_root("http://127.0.0.1:1").token("t").build().unwrap();
    let _ = nobody.me().await;
    let before = peak();
    let outcome = match variables.get("AIG_TEST_CAP") {
        Some("none") => {
            let transport = ReqwestTransport::new(HttpOptions::default());
            let answer = transport.send(Request::new(Method::GET, root.parse().unwrap())).await.unwrap();
            answer.body.bytes(usize::MAX).await.unwrap().len().to_string()
        }
        _ => {
            let slow = [("AIGNOSTICS_API_ROOT", root), ("AIGNOSTICS_RUN_TIMEOUT", "60")];
            let settings = Settings::load(Sources::new(Variables::from_iter(slow))).unwrap();
            let client = Client::builder().settings(settings).token("t").build().unwrap();
            format!("{:?}", client.run(Uuid::nil()).get().await.unwrap_err().kind())
        }
    };
    println!("\noutcome={outcome}\ncost={}", peak() - before);
}

async fn cost(root: String, cap: &str) -> (String, u64) {
    let variables = vec![("AIG_TEST_ROOT", root), ("AIG_TEST_CAP", cap.to_owned())];
    let finished = tokio::time::timeout(Duration::from_secs(300), child::run("flood", variables)).await.unwrap();
    (finished.value("outcome").to_owned(), finished.value("cost").parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(target_os = "linux")]
async fn a_gigabyte_of_json_and_a_bomb_of_gzip_cost_less_than_64_megabytes() {
    let size = size();
    let (outcome, json) = cost(json_flood(size).await, "usual").await;
    assert_eq!(outcome, "Protocol");
    let (root, packed) = bomb(size).await;
    let (outcome, gzip) = cost(root, "usual").await;
    assert_eq!(outcome, "Protocol");
    println!(
        "floods json_bytes={size} cost_kib={} gzip_bytes={packed} ratio={} cost_kib={}",
        json >> 10,
        size / packed,
        gzip >> 10
    );
    assert!(json < BAR && gzip < BAR, "{json} and {gzip} bytes");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(target_os = "linux")]
async fn control_a_reader_without_a_cap_costs_what_the_answer_holds() {
    let size = 192 << 20;
    let (outcome, cost) = cost(json_flood(size).await, "none").await;
    assert_eq!(outcome, size.to_string());
    assert!(cost > BAR, "{cost} bytes: the measure sees nothing");
}

//! Clients that hold connections and give or take nothing: others are served, and memory has a bound.

use std::net::SocketAddr;

use aig_sandbox::Sandbox;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{
    UNTOLD, alone, by_tier, grown_since,
    naive::{self, Fault},
    resident,
    wire::{is_served, links, put},
};

const MIB: usize = 1 << 20;
/// What all readers share, and a connection with its buffers, both ends.
const MOST_KIB: fn(usize) -> i64 = |clients| (80 << 10) + clients as i64 * 128;

#[derive(Clone, Copy, Debug)]
enum Slow {
    Head,
    Body,
    Upload,
    Download,
}

/// Opens the connections, and leaves them in the middle of what they are doing.
async fn hold(address: SocketAddr, clients: usize, beginning: &str) -> Vec<TcpStream> {
    let mut held = Vec::with_capacity(clients);
    for _ in 0..clients {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(beginning.replace("@HOST@", &address.to_string()).as_bytes()).await.unwrap();
        held.push(stream);
    }
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_keep_nobody_out_and_memory_has_a_bound() {
    let _alone = alone().await;
    let clients = by_tier(60, 1000);
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (address, token) = (sandbox.address(), sandbox.access_token().await.unwrap());
    let (to_put, to_get) = links(&sandbox, "large.bin");
    let length = 64 * MIB;
    let (_, answer) = put(address, &to_put, &format!("Content-Length: {length}\r\n"), length).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    for slow in [Slow::Head, Slow::Body, Slow::Upload, Slow::Download] {
        let beginning = match slow {
            Slow::Head => "GET /health HTTP/1.1\r\nHost: ".to_owned(),
            Slow::Body => format!(
                "POST /api/v1/runs HTTP/1.1\r\nHost: @HOST@\r\nAuthorization: Bearer {token}\r\nContent-Length: 1000000\r\n\r\n{}",
                " ".repeat(60_000)
            ),
            Slow::Upload => {
                let (to_put, _) = links(&sandbox, "slow.bin");
                format!(
                    "PUT {to_put} HTTP/1.1\r\nHost: @HOST@\r\nContent-Length: {length}\r\n\r\n{}",
                    "7".repeat(60_000)
                )
            }
            Slow::Download => format!("GET {to_get} HTTP/1.1\r\nHost: @HOST@\r\n\r\n"),
        };
        let before = resident();
        let held = hold(address, clients, &beginning).await;
        let mut served = 0;
        for _ in 0..20 {
            served += u32::from(is_served(address).await);
        }
        let (sent, answer) = put(address, &to_put, &format!("Content-Length: {}\r\n", 4 * MIB), 4 * MIB).await;
        assert!(answer.starts_with("HTTP/1.1 200") && sent == 4 * MIB, "{slow:?}: {answer}");
        let grown = grown_since(before);
        println!("{clients} clients slow in {slow:?}: {served} of 20 others served, memory grew by {grown:?} MiB");
        assert_eq!(served, 20, "{slow:?}");
        assert!(grown.is_none_or(|grown| (grown << 10) < MOST_KIB(clients)), "{slow:?}: {grown:?} MiB");
        drop(held);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checks_of_slow_clients_see_a_server_that_falls_for_them() {
    let _alone = alone().await;
    let address = naive::serve(Fault::Queues).await;
    let held = hold(address, 1, "GET /health HTTP/1.1\r\nHost: ").await;
    let served = tokio::time::timeout(std::time::Duration::from_millis(500), is_served(address)).await;
    assert_ne!(served, Ok(true), "one slow client keeps all others out");
    drop(held);

    let clients = 16;
    let (address, before) = (naive::serve(Fault::Copies).await, resident());
    let held = hold(address, clients, "GET / HTTP/1.1\r\nHost: @HOST@\r\n\r\n").await;
    assert!(is_served(address).await);
    let Some(grown) = grown_since(before) else {
        println!("skipped: {UNTOLD}");
        return;
    };
    assert!((grown << 10) >= MOST_KIB(clients), "{grown} MiB of {}", clients * naive::OBJECT / MIB);
    drop(held);
}

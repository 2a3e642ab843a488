//! Bodies of a gigabyte: refused by the API before they are read, streamed to disk by the storage.

use aig_sandbox::Sandbox;

use crate::{
    UNTOLD, alone, by_tier, grown_since,
    naive::{self, Fault},
    resident,
    wire::{links, put},
};

const MIB: usize = 1 << 20;
/// Buffers of sockets and of the server, whatever the size of the body.
const MOST_MIB: i64 = 48;

#[tokio::test(flavor = "multi_thread")]
async fn the_api_refuses_a_large_body_early_and_storage_streams_it() {
    let _alone = alone().await;
    let length = by_tier(256, 1024) * MIB;
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (address, token) = (sandbox.address(), sandbox.access_token().await.unwrap());
    let before = resident();
    let run = "/api/v1/runs/00000000-0000-0000-0000-000000000000/custom-metadata";
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let (sent, answer) = put(address, run, &format!("{bearer}Content-Length: {length}\r\n"), length).await;
    println!("API: {} of {} MiB sent, {:?}", sent / MIB, length / MIB, answer.lines().next());
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(sent < 128 * MIB, "{sent} bytes were taken");
    let (target, _) = links(&sandbox, "large.bin");
    let (sent, answer) = put(address, &target, &format!("Content-Length: {length}\r\n"), length).await;
    assert!(answer.starts_with("HTTP/1.1 200") && sent == length, "{answer}");
    let Some(grown) = grown_since(before) else {
        println!("skipped: {UNTOLD}");
        return;
    };
    println!("storage: {} MiB taken, memory grew by {grown} MiB", sent / MIB);
    assert!(grown < MOST_MIB, "{grown} MiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_of_large_bodies_sees_a_server_that_hoards_them() {
    let _alone = alone().await;
    let (length, address, before) = (128 * MIB, naive::serve(Fault::Hoards).await, resident());
    let sending =
        tokio::spawn(async move { put(address, "/", &format!("Content-Length: {length}\r\n"), length).await });
    let mut most = 0;
    while !sending.is_finished() {
        let Some(grown) = grown_since(before) else {
            println!("skipped: {UNTOLD}");
            return;
        };
        most = most.max(grown);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let (sent, answer) = sending.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && sent == length);
    assert!(most >= MOST_MIB, "{most} MiB seen of {}", length / MIB);
}

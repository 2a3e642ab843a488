//! Names of objects that want to be paths: none of them becomes one.

use std::path::{Path, PathBuf};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;
use crate::storage::canonical::decode;

/// As they stand on the request line. `true` where an object may have the name.
const NAMES: [(&str, bool); 27] = [
    ("../escaped", true),
    ("../../../../../../../../tmp/escaped", true),
    ("a/../../escaped", true),
    ("a/./b/.././../escaped", true),
    ("..%2fescaped", true),
    ("..%2Fescaped", true),
    ("%2e%2e/escaped", true),
    ("%2e%2e%2fescaped", true),
    (".%2e/escaped", true),
    ("%252e%252e%252fescaped", true),
    ("..%5cescaped", true),
    ("..%5C..%5Cescaped", true),
    ("%2f%2fetc%2fescaped", true),
    ("/etc/escaped", true),
    ("%2fetc%2fescaped", true),
    ("C:%5cescaped", true),
    ("%5c%5cserver%5cshare%5cescaped", true),
    ("a%00b", true),
    ("%00", true),
    ("%ef%bc%8e%ef%bc%8e%ef%bc%8fescaped", true),
    ("%e2%80%ae%f0%9f%94%ac", true),
    ("1", true),
    // Overlong UTF-8 is no text.
    ("%c0%ae%c0%ae%c0%afescaped", false),
    ("..", false),
    ("%2e", false),
    ("a%0d%0ab", false),
    ("a\\..\\..\\escaped", true),
];

/// Sends one request with its path exactly so, signed for the name that it means.
async fn send(served: &Served, method: &str, name: &str, body: &str) -> String {
    let key = decode(name);
    let link = Link {
        method,
        host: &served.host,
        bucket: "slides",
        key: &key,
        lifetime: SignedDuration::from_hours(1),
        disposition: None,
    };
    let url = served.storage.sign(link).unwrap();
    let query = url.split_once('?').unwrap().1;
    let request = format!(
        "{method} {PREFIX}/slides/{name}?{query} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        served.host,
        body.len()
    );
    let mut stream = TcpStream::connect(&served.host).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Whatever lies below `root` and is not a numbered file of the storage's own directory.
fn escaped(root: &Path, directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let numbered = path.file_name().is_some_and(|name| name.to_string_lossy().parse::<u64>().is_ok());
        match () {
            () if path.is_dir() => found.extend(escaped(&path, directory)),
            () if numbered && path.parent() == Some(directory) => {}
            () => found.push(path),
        }
    }
    found
}

#[tokio::test]
async fn no_name_of_an_object_becomes_a_path() {
    let served = served().await;
    let (mut taken, longest) = (0, "x".repeat(1024));
    for (name, possible) in NAMES.into_iter().chain([(longest.as_str(), true), (&*"x".repeat(1025), false)]) {
        let answer = send(&served, "PUT", name, name).await;
        assert_eq!(answer.starts_with("HTTP/1.1 200"), possible, "{name}: {answer}");
        if possible {
            let answer = send(&served, "GET", name, "").await;
            assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(name), "{name}: {answer}");
            taken += 1;
        } else {
            assert!(answer.starts_with("HTTP/1.1 40"), "{name}: {answer}");
        }
    }
    let escapes = escaped(served.root.path(), &served.objects());
    println!("{} hostile names, {taken} of them taken as names, {} escapes", NAMES.len() + 2, escapes.len());
    assert!(escapes.is_empty(), "{escapes:?}");
    assert!(["/tmp/escaped", "/etc/escaped"].iter().all(|path| !Path::new(path).exists()));
}

#[tokio::test]
async fn the_check_of_names_sees_a_store_that_takes_names_for_paths() {
    let served = served().await;
    std::fs::File::create(served.objects().join("../escaped")).unwrap();
    std::fs::File::create(served.objects().join("named")).unwrap();
    assert_eq!(escaped(served.root.path(), &served.objects()).len(), 2);
}

#[tokio::test]
async fn a_name_on_disk_is_no_name_of_an_object() {
    let served = served().await;
    served.storage.store("results", "secret", "text/plain", b"secret").unwrap();
    let on_disk = std::fs::read_dir(served.objects()).unwrap().next().unwrap().unwrap();
    for name in ["1", "../results/secret", &format!("../{}", on_disk.file_name().to_string_lossy())] {
        let answer = send(&served, "GET", name, "").await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{name}: {answer}");
    }
}

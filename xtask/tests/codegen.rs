//! `cargo xtask codegen --spec` as a process: where documents come from, and what it says when one does not come.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

const DOCUMENT: &str = r##"{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "components": {"schemas": {"A": {"type": "string", "enum": ["a"]}}}}"##;

fn codegen(spec: &str, out: &Path, input: &str) -> Output {
    let mut process = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["codegen", "--spec", spec, "--out"])
        .arg(out)
        // Loopback is never asked for through a proxy.
        .env("no_proxy", "*")
        // What is wrong with a document does not stand in the generator's own calls.
        .env("RUST_BACKTRACE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    process.wait_with_output().unwrap()
}

/// What it complains of, cause by cause; nothing must have been written.
fn complaint(spec: &str, input: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("generated");
    let output = codegen(spec, &out, input);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert!(!out.exists() && !complaint.contains("backtrace"), "{complaint}");
    complaint.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Answers one request; gives the URL.
fn served(status: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut request, mut chunk) = (Vec::new(), [0; 1024]);
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            let count = stream.read(&mut chunk).unwrap();
            request.extend_from_slice(&chunk[..count]);
        }
        let length = body.len();
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}").unwrap();
    });
    format!("http://{address}/openapi.json")
}

#[test]
fn a_document_comes_from_the_standard_input_or_a_url_with_the_same_code() {
    let directory = tempfile::tempdir().unwrap();
    let [piped, fetched] = ["piped", "fetched"].map(|name| directory.path().join(name));
    assert!(codegen("-", &piped, DOCUMENT).status.success());
    let output = codegen(&served("200 OK", DOCUMENT), &fetched, "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for file in ["mod.rs", "enums.rs", "models.rs", "operations.rs"] {
        assert_eq!(std::fs::read(piped.join(file)).unwrap(), std::fs::read(fetched.join(file)).unwrap());
    }
    assert!(std::fs::read_to_string(piped.join("enums.rs")).unwrap().contains("pub enum A"));
}

#[test]
fn what_comes_in_is_told_to_be_wrong_with_its_place() {
    let told = complaint("-", "");
    assert!(told.contains("the document on the standard input cannot be used: it is empty"), "{told}");
    assert!(complaint("-", &DOCUMENT[..40]).contains("EOF while parsing"));
    let missing = DOCUMENT.replace(r#""type": "string", "enum": ["a"]"#, r##""$ref": "#/components/schemas/B""##);
    let told = complaint("-", &missing);
    assert!(told.contains("#/components/schemas/A/$ref: `#/components/schemas/B` leads nowhere"), "{told}");
}

#[test]
fn an_address_without_a_document_is_told_with_the_reason() {
    let refused = {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        format!("http://{}/openapi.json", listener.local_addr().unwrap())
    };
    let told = complaint(&refused, "");
    assert!(told.contains(&format!("cannot read the document {refused}: curl: (7)")), "{told}");
    let absent = served("404 Not Found", "<html>Not found</html>");
    let told = complaint(&absent, "");
    assert!(told.contains(&format!("cannot read the document {absent}: curl: (22)")) && told.contains("404"), "{told}");
    let page = served("200 OK", "\n<!doctype html><title>API</title>");
    let told = complaint(&page, "");
    assert!(told.contains(&format!("the document {page} cannot be used: it is a web page, no JSON")), "{told}");
}

//! curl against the object storage: signed URLs, and signatures of its own in both dialects.

use std::{path::Path, process::Command, time::Duration};

use aig_sandbox::Sandbox;

use crate::wire::Wire;

/// Runs curl in a directory; `None` without curl. The status goes to standard output, after the body.
fn curl(directory: &Path, arguments: &[&str]) -> Option<(String, u16)> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--noproxy", "*", "--write-out", "%{http_code}"]);
    let output = command.args(arguments).current_dir(directory).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let (body, status) = said.split_at(said.len().checked_sub(3)?);
    Some((body.to_owned(), status.parse().ok()?))
}

fn is_missing() -> bool {
    Command::new("curl").arg("--version").output().is_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_puts_gets_and_resumes_by_signed_urls() {
    if is_missing() {
        eprintln!("skipped: there is no curl");
        return;
    }
    let sandbox = Sandbox::builder().start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (path, content) = (directory.path(), "0123456789".repeat(500_000));
    std::fs::File::create(path.join("sent"))
        .and_then(|mut file| std::io::Write::write_all(&mut file, content.as_bytes()))
        .unwrap();
    let (put, get) = sandbox.links("curl file.txt", Duration::from_secs(3600));
    let (_, status) = curl(path, &["--upload-file", "sent", &put]).unwrap();
    assert_eq!(status, 200);
    assert_eq!(curl(path, &["--output", "got", &get]).unwrap().1, 200);
    assert!(std::fs::read_to_string(path.join("got")).unwrap() == content);

    let half = std::fs::File::options().write(true).open(path.join("got")).unwrap();
    half.set_len(2_000_000).unwrap();
    let (_, status) = curl(path, &["--continue-at", "-", "--output", "got", &get]).unwrap();
    assert_eq!(status, 206, "the rest alone is sent");
    assert!(std::fs::read_to_string(path.join("got")).unwrap() == content);
    assert_eq!(curl(path, &["--range", "3-5", &get]).unwrap(), ("345".to_owned(), 206));
    assert_eq!(curl(path, &["--head", &get]).unwrap().1, 403, "signed for GET alone");

    let tampered = get.replace("Expires=3600", "Expires=7200");
    for (url, code) in
        [(&tampered, "SignatureDoesNotMatch"), (&get.replace("127.0.0.1", "localhost"), "SignatureDoesNotMatch")]
    {
        let (body, status) = curl(path, &[url]).unwrap();
        assert!(status == 403 && body.contains(code), "{status} {body}");
    }
    sandbox.advance_clock(Duration::from_secs(3601)).unwrap();
    for arguments in [&["--upload-file", "sent", &put][..], &[&get]] {
        let (body, status) = curl(path, arguments).unwrap();
        assert!(status == 403 && body.contains("<Code>ExpiredToken</Code>"), "{status} {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_signs_for_itself_in_both_dialects() {
    if is_missing() {
        eprintln!("skipped: there is no curl");
        return;
    }
    if !Command::new("curl")
        .args(["--help", "all"])
        .output()
        .is_ok_and(|help| help.stdout.windows(11).any(|at| at == b"--aws-sigv4"))
    {
        eprintln!("skipped: this curl signs nothing");
        return;
    }
    let sandbox = Sandbox::builder().start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let me = Wire::new(&sandbox).await.get("/api/v1/me").await.body;
    let text = |name: &str| me["organization"][name].as_str().unwrap().to_owned();
    let user = |secret: &str| format!("{}:{secret}", text("aignostics_bucket_hmac_access_key_id"));
    let good = user(&text("aignostics_bucket_hmac_secret_access_key"));
    let object = format!("{}/{}/by-curl.txt", sandbox.storage_endpoint(), text("aignostics_bucket_name"));
    for (provider, header) in [("aws:amz:europe-west3:s3", "x-amz"), ("goog:goog:auto:storage", "x-goog")] {
        let payload = format!("{header}-content-sha256: UNSIGNED-PAYLOAD");
        let signed = |user: &str, more: &[&str]| {
            let signing = ["--aws-sigv4", provider, "--user", user, "--header", &payload];
            curl(path, &[&signing[..], more, &[object.as_str()]].concat()).unwrap()
        };
        let put = ["--request", "PUT", "--header", "Content-Type: text/plain", "--data-binary", "signed by curl"];
        assert_eq!(signed(&good, &put).1, 200, "{provider}: {:?}", signed(&good, &put));
        assert_eq!(signed(&good, &[]), ("signed by curl".to_owned(), 200), "{provider}");
        assert_eq!(signed(&good, &["--head", "--output", "head"]).1, 200, "{provider}");
        for more in [&put[..], &[], &["--request", "DELETE"]] {
            let (body, status) = signed(&user("guessed"), more);
            assert!(status == 403 && body.contains("SignatureDoesNotMatch"), "{provider}: {status} {body}");
        }
        assert_eq!(signed(&good, &["--request", "DELETE"]).1, 204, "{provider}");
        assert_eq!(signed(&good, &[]).1, 404, "{provider}");
    }
}

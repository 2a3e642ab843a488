//! Requests that no Rust client makes: other parts of S3, copies of parts, conditions on dates.

use reqwest::Response;

use super::*;

/// A signed URL of an object of the bucket, with these parameters, for a request with these headers.
fn signed_url(served: &Served, method: &str, key: &str, query: &[(&str, &str)], headers: &[(&str, &str)]) -> String {
    let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let url = UrlToSign {
        scheme: &GOOGLE,
        method,
        host: &served.host,
        path: &format!("{PREFIX}/slides/{key}"),
        extra: owned(query),
        headers: owned(headers),
        signed_at: served.clock.now(),
        lifetime: SignedDuration::from_hours(1),
    };
    url.sign(PLATFORM_KEY, "another")
}

async fn send_to(url: String, method: &str, headers: &[(&str, &str)], body: &str) -> Response {
    let request = http().request(method.parse().unwrap(), url).body(body.to_owned());
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
}

/// One request with all that it says signed.
async fn send(
    served: &Served,
    method: &str,
    key: &str,
    query: &[(&str, &str)],
    headers: &[(&str, &str)],
    body: &str,
) -> Response {
    send_to(signed_url(served, method, key, query, headers), method, headers, body).await
}

async fn text(served: &Served, key: &str) -> String {
    send(served, "GET", key, &[], &[], "").await.text().await.unwrap()
}

#[tokio::test]
async fn what_is_not_here_is_refused_by_name_and_the_object_stays_as_it_is() {
    let served = served().await;
    served.storage.store("slides", "kept", "text/plain", b"kept").unwrap();
    let parts = [("tagging", ""), ("acl", ""), ("attributes", ""), ("retention", ""), ("versionId", "1"), ("new", "")];
    for method in ["PUT", "GET", "DELETE", "POST"] {
        for part in parts {
            let answer = send(&served, method, "kept", &[part], &[], "<Tagging/>").await;
            assert_eq!(answer.status(), 501, "{method} {part:?}");
            assert!(answer.text().await.unwrap().contains(part.0), "{method} {part:?}");
        }
    }
    assert_eq!(text(&served, "kept").await, "kept");
    // Control: the same request without the parameter does what it says.
    assert_eq!(send(&served, "PUT", "kept", &[("x-id", "PutObject")], &[], "<Tagging/>").await.status(), 200);
    assert_eq!(text(&served, "kept").await, "<Tagging/>");
}

#[tokio::test]
async fn a_header_that_asks_for_what_is_not_here_is_refused_by_name() {
    let served = served().await;
    for (name, value) in [
        ("x-amz-tagging", "a=b"),
        ("x-amz-acl", "public-read"),
        ("x-goog-acl", "public-read"),
        ("x-amz-grant-read", "id=x"),
        ("x-amz-object-lock-mode", "GOVERNANCE"),
        ("x-amz-website-redirect-location", "/elsewhere"),
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
        ("x-goog-encryption-algorithm", "AES256"),
        ("x-amz-write-offset-bytes", "4"),
    ] {
        let answer = send(&served, "PUT", "asked", &[], &[(name, value)], "").await;
        assert_eq!(answer.status(), 501, "{name}");
        assert!(answer.text().await.unwrap().contains(name), "{name}");
    }
    assert!(!served.storage.has("slides", "asked"));
    for (name, value) in [
        ("x-amz-acl", "private"),
        ("x-goog-acl", "project-private"),
        ("x-amz-server-side-encryption", "AES256"),
        ("x-amz-tagging-directive", "COPY"),
    ] {
        assert_eq!(send(&served, "PUT", "asked", &[], &[(name, value)], "").await.status(), 200, "{name}");
    }
}

#[tokio::test]
async fn parameters_that_say_nothing_are_no_parts_of_an_object() {
    let served = served().await;
    served.storage.store("slides", "kept", "text/plain", b"kept").unwrap();
    for name in ["response-content-type", "response-content-disposition", "X-Amz-Security-Token", "x-id"] {
        let value = if name == "x-id" { "GetObject" } else { "" };
        let answer = send(&served, "GET", "kept", &[(name, value)], &[], "").await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (200, &"text/plain".parse().unwrap())
        );
    }
}

#[tokio::test]
async fn a_signature_covers_every_extension_of_the_request() {
    let served = served().await;
    served.storage.store("slides", "private", "text/plain", b"private").unwrap();
    for header in [
        ("x-amz-copy-source", "slides/private"),
        ("x-goog-copy-source", "slides/private"),
        ("x-amz-meta-case", "17"),
        ("x-goog-if-generation-match", "0"),
    ] {
        let url = signed_url(&served, "PUT", "mine", &[], &[]);
        let answer = send_to(url, "PUT", &[header], "mine").await;
        assert_eq!(answer.status(), 403, "{header:?}");
        let refusal = answer.text().await.unwrap();
        assert!(refusal.contains(&format!("<HeadersNotSigned>{}</HeadersNotSigned>", header.0)), "{refusal}");
        assert!(!served.storage.has("slides", "mine"), "{header:?}");
        // Control: the same, signed.
        assert_eq!(send(&served, "PUT", "mine", &[], &[header], "mine").await.status(), 200, "{header:?}");
        served.storage.remove("slides", "mine");
    }
    // The signature holds these in other places.
    let said = [("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), ("x-amz-date", "20260101T000000Z")];
    let url = signed_url(&served, "PUT", "mine", &[], &[]);
    assert_eq!(send_to(url, "PUT", &said, "mine").await.status(), 200);
}

#[tokio::test]
async fn a_body_that_is_not_as_promised_is_not_stored() {
    let served = served().await;
    for (header, value) in [
        ("x-goog-hash", "crc32c=AAAAAA=="),
        ("x-goog-hash", "md5=AAAAAAAAAAAAAAAAAAAAAA=="),
        ("content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ("x-amz-checksum-crc32", "AAAAAA=="),
        ("x-amz-checksum-crc32c", "no Base64"),
        ("x-amz-checksum-sha256", ""),
    ] {
        let answer = send(&served, "PUT", "x", &[], &[(header, value)], "body").await;
        assert_eq!(answer.status(), 400, "{header}: {value}");
    }
    assert!(!served.storage.has("slides", "x"));
    let left = std::fs::read_dir(served.objects()).unwrap().count();
    assert_eq!(left, 0, "nothing half-written stays");
}

#[tokio::test]
async fn a_copy_of_another_version_or_of_a_range_is_refused() {
    let served = served().await;
    served.storage.store("slides", "what?", "text/plain", b"0123456789").unwrap();
    let whole = ("x-amz-copy-source", "slides/what%3F");
    for (headers, status) in [
        (vec![("x-amz-copy-source", "slides/what%3F?versionId=1")], 501),
        (vec![whole, ("x-amz-copy-source-range", "bytes=0-4")], 400),
    ] {
        assert_eq!(send(&served, "PUT", "copy", &[], &headers, "").await.status(), status, "{headers:?}");
        assert!(!served.storage.has("slides", "copy"), "{headers:?}");
    }
    assert_eq!(send(&served, "PUT", "copy", &[], &[whole], "").await.status(), 200);
    assert_eq!(text(&served, "copy").await, "0123456789");
}

#[tokio::test]
async fn other_ways_to_sign_and_to_send_hear_which_one_to_take() {
    let served = served().await;
    let url = format!("http://{}{PREFIX}/slides/a", served.host);
    let form = http().post(&url).header("content-type", "multipart/form-data; boundary=x").body("--x--");
    let old = http().get(&url).header("authorization", "AWS KEY:c2lnbmF0dXJl");
    let old_url = http().get(format!("{url}?AWSAccessKeyId=KEY&Signature=x&Expires=1"));
    for (request, status, hint) in [(form, 501, "presign a PUT"), (old, 400, "s3v4"), (old_url, 400, "s3v4")] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{hint}");
        assert!(answer.text().await.unwrap().contains(hint), "{hint}");
    }
}

#[tokio::test]
async fn an_object_is_made_of_parts_of_others() {
    let served = served().await;
    let content = "0123456789".repeat(600_000);
    served.storage.store("slides", "source", "text/plain", content.as_bytes()).unwrap();
    let begun = send(&served, "POST", "made", &[("uploads", "")], &[("x-amz-meta-case", "17")], "").await;
    let id = xml::text(&begun.text().await.unwrap(), "UploadId").unwrap();
    let part = |number: &'static str| [("uploadId", id.as_str()), ("partNumber", number)];
    let source = ("x-amz-copy-source", "/slides/source");
    let copied = [source, ("x-amz-copy-source-range", "bytes=1-5242880")];
    let first = send(&served, "PUT", "made", &part("1"), &copied, "").await.text().await.unwrap();
    let second = send(&served, "PUT", "made", &part("2"), &[], "tail").await;
    let tags = [xml::text(&first, "ETag").unwrap(), second.headers()["etag"].to_str().unwrap().to_owned()];
    for (headers, status) in [
        ([source, ("x-amz-copy-source-range", "bytes=9999999-")], 416),
        ([source, ("x-amz-copy-source-range", "chunks=1")], 400),
        ([source, ("x-amz-copy-source-if-match", "other")], 412),
    ] {
        assert_eq!(send(&served, "PUT", "made", &part("3"), &headers, "").await.status(), status);
    }
    let list = |order: [usize; 2]| {
        let entry = |at: usize| format!("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", at + 1, tags[at]);
        order.map(entry).concat()
    };
    let complete = async |list: String| send(&served, "POST", "made", &[("uploadId", &id)], &[], &list).await.status();
    assert_eq!(complete(list([1, 0])).await, 400, "parts out of order");
    assert_eq!(complete(list([0, 1])).await, 200);
    assert!(text(&served, "made").await == format!("{}tail", &content[1..=5_242_880]));
    let copy = [("x-goog-copy-source", "slides/made")];
    assert_eq!(send(&served, "PUT", "copy", &[], &copy, "").await.status(), 200);
    let answer = send(&served, "GET", "copy", &[], &[], "").await;
    assert_eq!(answer.headers()["x-amz-meta-case"], "17", "metadata goes with a copy");
    let replaced = [copy[0], ("x-goog-metadata-directive", "REPLACE"), ("cache-control", "no-store")];
    send(&served, "PUT", "copy", &[], &replaced, "").await;
    let answer = send(&served, "GET", "copy", &[], &[], "").await;
    assert!(answer.headers().get("x-amz-meta-case").is_none() && answer.headers()["cache-control"] == "no-store");
}

#[tokio::test]
async fn small_parts_are_refused_unless_they_are_the_last() {
    let served = served().await;
    let begun = send(&served, "POST", "small", &[("uploads", "")], &[], "").await;
    let id = xml::text(&begun.text().await.unwrap(), "UploadId").unwrap();
    let mut list = String::new();
    for number in ["1", "2"] {
        let sent = send(&served, "PUT", "small", &[("uploadId", &id), ("partNumber", number)], &[], "part").await;
        let tag = sent.headers()["etag"].to_str().unwrap();
        list += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>");
    }
    let refused = send(&served, "POST", "small", &[("uploadId", &id)], &[], &list).await;
    assert!(refused.text().await.unwrap().contains("EntityTooSmall"));
    let last = list.split_inclusive("</Part>").next().unwrap();
    assert_eq!(send(&served, "POST", "small", &[("uploadId", &id)], &[], last).await.status(), 200);
}

#[tokio::test]
async fn dates_decide_where_no_tags_are_given() {
    let served = served().await;
    served.storage.store("slides", "dated", "text/plain", b"dated").unwrap();
    let modified = send(&served, "GET", "dated", &[], &[], "").await.headers()["last-modified"].clone();
    let modified = modified.to_str().unwrap();
    let (early, never) = ("Sun, 06 Nov 1994 08:49:37 GMT", "no date");
    for (headers, status) in [
        (vec![("if-modified-since", modified)], 304),
        (vec![("if-modified-since", early)], 200),
        (vec![("if-modified-since", never)], 200),
        (vec![("if-modified-since", modified), ("if-none-match", "\"other\"")], 200),
        (vec![("if-unmodified-since", early)], 412),
        (vec![("if-unmodified-since", modified)], 200),
        (vec![("if-unmodified-since", early), ("if-match", "*")], 200),
    ] {
        assert_eq!(send(&served, "GET", "dated", &[], &headers, "").await.status(), status, "{headers:?}");
    }
}

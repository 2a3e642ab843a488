//! Object storage over real HTTP, by the client library that users use.

mod hostile;
mod requests;

use std::sync::Arc;

use axum::{Router, extract::Request};
use futures_util::TryStreamExt;
use jiff::SignedDuration;
use object_store::{
    ClientOptions, GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt, PutMode, PutPayload,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
    signer::Signer,
};
use tokio::sync::watch;

use super::*;
use crate::server::{self, Command};

struct Served {
    storage: Arc<Storage>,
    clock: Clock,
    host: String,
    _command: watch::Sender<Command>,
    root: tempfile::TempDir,
}

async fn served() -> Served {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("a/b/objects");
    std::fs::create_dir_all(&directory).unwrap();
    let clock = Clock::default();
    let mut keys = Keyring::default();
    keys.add("KEY", "a/secret", Reach::Bucket("slides".into()));
    keys.add(PLATFORM_KEY, "another", Reach::Every);
    let buckets = Buckets::new(directory, &Shelved::default(), 1, Arc::default());
    let storage = Arc::new(Storage::new(buckets, keys, clock.clone()));
    storage.create_bucket("slides");
    storage.create_bucket("results");
    let handler = Arc::clone(&storage);
    let router = Router::new().fallback(move |request: Request| async move { handler.serve(request).await });
    let listener = server::bind(0).unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let (command, receiver) = watch::channel(Command::Serve);
    tokio::spawn(server::serve(listener, router, receiver));
    Served { storage, clock, host, _command: command, root }
}

impl Served {
    fn objects(&self) -> std::path::PathBuf {
        self.root.path().join("a/b/objects")
    }

    fn client_with(&self, bucket: &str, secret: &str) -> AmazonS3 {
        _ = rustls::crypto::ring::default_provider().install_default();
        AmazonS3Builder::new()
            .with_endpoint(format!("http://{}{PREFIX}", self.host))
            .with_bucket_name(bucket)
            .with_access_key_id("KEY")
            .with_secret_access_key(secret)
            .with_region("EUROPE-WEST3")
            .with_client_options(ClientOptions::new().with_allow_http(true))
            .with_retry(object_store::RetryConfig { max_retries: 0, ..Default::default() })
            .build()
            .unwrap()
    }

    fn client(&self) -> AmazonS3 {
        self.client_with("slides", "a/secret")
    }

    fn link(&self, key: &str) -> String {
        let link = Link {
            method: "GET",
            host: &self.host,
            bucket: "results",
            key,
            lifetime: SignedDuration::from_hours(1),
            disposition: Some("attachment; filename=\"a b.csv\"".into()),
        };
        self.storage.sign(link).unwrap()
    }
}

#[expect(clippy::disallowed_methods, reason = "a test may build its own client")]
fn http() -> reqwest::Client {
    _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[tokio::test]
async fn objects_with_awkward_names_are_put_listed_read_and_deleted() {
    let served = served().await;
    let client = served.client();
    let names = ["a.tiff", "dir/b c+d&e=f.tiff", "dir/ü~(1)'!*.svs", "z:1/%41.txt", "dir/deep/er.bin"];
    for name in names {
        client.put(&Path::from(name), PutPayload::from(name.as_bytes().to_vec())).await.unwrap();
    }
    for name in names {
        let found = client.get(&Path::from(name)).await.unwrap().bytes().await.unwrap();
        assert_eq!(found, name.as_bytes());
    }
    let listed: Vec<_> = client.list(Some(&Path::from("dir"))).try_collect().await.unwrap();
    assert_eq!(listed.len(), 3);
    let shallow = client.list_with_delimiter(Some(&Path::from("dir"))).await.unwrap();
    assert_eq!((shallow.objects.len(), shallow.common_prefixes.len()), (2, 1));
    client.delete(&Path::from("a.tiff")).await.unwrap();
    let error = client.get(&Path::from("a.tiff")).await.unwrap_err();
    assert!(matches!(error, object_store::Error::NotFound { .. }), "{error}");
    let all: Vec<_> = client.list(None).map_ok(|meta| meta.location).try_collect().await.unwrap();
    let paths = futures_util::stream::iter(all.into_iter().map(Ok));
    let deleted: Vec<_> = client.delete_stream(Box::pin(paths)).try_collect().await.unwrap();
    assert_eq!(deleted.len(), 4);
}

#[tokio::test]
async fn more_than_a_page_is_listed_whole_and_in_order() {
    let served = served().await;
    for number in 0..2_500 {
        served.storage.store("slides", &format!("many/{number:05}"), "text/plain", b"x").unwrap();
    }
    let listed: Vec<_> = served.client().list(Some(&Path::from("many"))).try_collect().await.unwrap();
    let keys: Vec<String> = listed.iter().map(|meta| meta.location.to_string()).collect();
    assert_eq!(keys.len(), 2_500);
    assert!(keys.is_sorted());
}

#[tokio::test]
async fn a_large_object_comes_in_parts_and_goes_out_in_ranges() {
    let served = served().await;
    let client = served.client();
    let path = Path::from("large.bin");
    let part = |n: u8| vec![n; 5 << 20];
    let mut upload = client.put_multipart(&path).await.unwrap();
    for n in 1..=3 {
        upload.put_part(part(n).into()).await.unwrap();
    }
    upload.complete().await.unwrap();
    let whole = [part(1), part(2), part(3)].concat();
    let head = client.head(&path).await.unwrap();
    assert_eq!(head.size, whole.len() as u64);
    assert!(head.e_tag.unwrap().ends_with("-3\""));
    let edge = (5 << 20) - 3..(5 << 20) + 4;
    assert_eq!(client.get_range(&path, edge).await.unwrap().to_vec(), [1, 1, 1, 2, 2, 2, 2]);
    let suffix = GetOptions { range: Some(GetRange::Suffix(2)), ..Default::default() };
    assert_eq!(client.get_opts(&path, suffix).await.unwrap().bytes().await.unwrap().to_vec(), [3, 3]);
    assert_eq!(client.get(&path).await.unwrap().bytes().await.unwrap(), whole);
    let object = served.storage.buckets.get("slides", "large.bin").unwrap();
    assert_eq!(object.crc32c, crc32c::crc32c(&whole));
}

#[tokio::test]
async fn a_write_can_ask_that_nothing_is_there() {
    let served = served().await;
    let put = || async { served.client().put_opts(&Path::from("one"), "1".into(), PutMode::Create.into()).await };
    put().await.unwrap();
    assert!(matches!(put().await.unwrap_err(), object_store::Error::AlreadyExists { .. }));
    served.client().copy(&Path::from("one"), &Path::from("two")).await.unwrap();
    assert_eq!(served.client().get(&Path::from("two")).await.unwrap().bytes().await.unwrap(), "1");
}

#[tokio::test]
async fn a_wrong_secret_and_a_foreign_bucket_are_refused() {
    let served = served().await;
    for (bucket, secret, code) in
        [("slides", "guessed", "SignatureDoesNotMatch"), ("results", "a/secret", "AccessDenied")]
    {
        let error = served.client_with(bucket, secret).get(&Path::from("a")).await.unwrap_err();
        assert!(format!("{error:?}").contains(code), "{error:?}");
    }
    let anonymous = http().get(format!("http://{}{PREFIX}/slides/a", served.host)).send().await.unwrap();
    assert_eq!(anonymous.status(), 403);
}

#[tokio::test]
async fn a_presigned_upload_takes_a_chunked_body_and_a_presigned_download_gives_it_back() {
    let served = served().await;
    let (client, path) = (served.client(), Path::from("up load.bin"));
    let put = client.signed_url(http::Method::PUT, &path, std::time::Duration::from_secs(60)).await.unwrap();
    let pieces = (0..20_u8).map(|n| Ok::<_, std::io::Error>(vec![n; 100_000]));
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    let answer = http().put(put.clone()).body(body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let get = client.signed_url(http::Method::GET, &path, std::time::Duration::from_secs(60)).await.unwrap();
    assert_eq!(http().get(get.clone()).send().await.unwrap().bytes().await.unwrap().len(), 2_000_000);
    assert_eq!(http().get(put).send().await.unwrap().status(), 403, "signed for another method");
    served.clock.advance(SignedDuration::from_secs(61));
    let late = http().get(get).send().await.unwrap();
    assert_eq!(late.status(), 403);
    assert!(late.text().await.unwrap().contains("<Code>ExpiredToken</Code>"));
}

#[tokio::test]
async fn links_of_the_platform_are_in_google_s_style_and_nothing_in_them_can_be_changed() {
    let served = served().await;
    served.storage.store("results", "run/a b.csv", "text/csv", b"0123456789").unwrap();
    let url = served.link("run/a b.csv");
    assert!(url.contains("X-Goog-Algorithm=GOOG4-HMAC-SHA256") && url.contains("X-Goog-Expires=3600"), "{url}");
    let whole = http().get(&url).bearer_auth("kept by a client that followed").send().await.unwrap();
    assert_eq!(whole.headers()["content-disposition"], "attachment; filename=\"a b.csv\"");
    assert_eq!(whole.headers()["x-goog-hash"], "crc32c=KAwGng==");
    let etag = whole.headers()["etag"].to_str().unwrap().to_owned();
    let resumed = |validator: String| http().get(&url).header("range", "bytes=7-").header("if-range", validator).send();
    assert_eq!(resumed(etag).await.unwrap().text().await.unwrap(), "789");
    assert_eq!(resumed("\"other\"".into()).await.unwrap().text().await.unwrap(), "0123456789");
    let changed = [
        url.replace("a%20b", "b"),
        url.replace("Expires=3600", "Expires=7200"),
        url.replace("127.0.0.1", "localhost"),
        url.replace("attachment", "inline"),
        format!("{url}00"),
        url.replace("X-Goog-SignedHeaders=host", "X-Goog-SignedHeaders=accept"),
    ];
    for url in changed {
        assert_eq!(http().get(url).send().await.unwrap().status(), 403);
    }
}

#[tokio::test]
async fn a_url_of_google_s_host_for_a_bucket_of_ours_is_ours_and_its_signature_counts() {
    let served = served().await;
    served.storage.store("slides", "a b.tiff", "image/tiff", b"slide").unwrap();
    let sign = |secret: &str| {
        _ = rustls::crypto::ring::default_provider().install_default();
        let builder = AmazonS3Builder::new().with_endpoint("https://storage.googleapis.com").with_bucket_name("slides");
        let builder = builder.with_access_key_id("KEY").with_secret_access_key(secret).with_region("EUROPE-WEST3");
        builder.build().unwrap()
    };
    let url = async |secret: &str| {
        let hour = std::time::Duration::from_secs(3600);
        sign(secret).signed_url(http::Method::GET, &Path::from("a b.tiff"), hour).await.unwrap().to_string()
    };
    let found = served.storage.behind_google_url(&url("a/secret").await).unwrap().unwrap();
    assert_eq!(found.size, 5);
    assert!(served.storage.behind_google_url(&url("guessed").await).unwrap().is_err());
    assert!(served.storage.behind_google_url("https://storage.googleapis.com/others/a?x=1").is_none());
    assert!(served.storage.behind_google_url("https://example.org/slides/a").is_none());
    served.clock.advance(SignedDuration::from_hours(2));
    assert!(served.storage.behind_google_url(&url("a/secret").await).unwrap().is_err(), "the sandbox's clock ends it");
}

//! A plain client of the wire for the sandbox's tests: knows no model, sees what is really sent.

use aig_sandbox::{Sandbox, synthetic::SlideSpec};
use base64::{Engine, prelude::BASE64_STANDARD};
use object_store::{
    ClientOptions, ObjectStoreExt,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
    signer::Signer,
};
use serde_json::{Value, json};

pub(crate) struct Wire {
    pub(crate) client: reqwest::Client,
    pub(crate) url: String,
    pub(crate) token: String,
    pub(crate) endpoint: String,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Value,
}

impl Wire {
    pub(crate) async fn new(sandbox: &Sandbox) -> Self {
        Self::with_token(sandbox, sandbox.access_token().await.unwrap())
    }

    pub(crate) async fn of(sandbox: &Sandbox, user: &str) -> Self {
        Self::with_token(sandbox, sandbox.access_token_of(user).await.unwrap())
    }

    #[expect(clippy::disallowed_methods, reason = "a test may build its own client")]
    fn with_token(sandbox: &Sandbox, token: String) -> Self {
        _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, url: sandbox.url().to_owned(), token, endpoint: sandbox.storage_endpoint() }
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let method = method.parse().unwrap();
        let mut request = self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status, headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    /// Follows the redirect without the bearer.
    pub(crate) async fn download(&self, path: &str) -> Vec<u8> {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 307, "{answer:?}");
        let url = answer.headers["location"].to_str().unwrap();
        let response = self.client.get(url).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.bytes().await.unwrap().to_vec()
    }

    pub(crate) async fn wait_for_end(&self, run_id: &str) -> Value {
        loop {
            let run = self.get(&format!("/api/v1/runs/{run_id}")).await.body;
            if run["state"] == "TERMINATED" {
                return run;
            }
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn bucket(&self) -> AmazonS3 {
        let me = self.get("/api/v1/me").await.body;
        let text = |name: &str| me["organization"][name].as_str().unwrap().to_owned();
        AmazonS3Builder::new()
            .with_endpoint(&self.endpoint)
            .with_bucket_name(text("aignostics_bucket_name"))
            .with_access_key_id(text("aignostics_bucket_hmac_access_key_id"))
            .with_secret_access_key(text("aignostics_bucket_hmac_secret_access_key"))
            .with_region("EUROPE-WEST3")
            .with_client_options(ClientOptions::new().with_allow_http(true))
            .build()
            .unwrap()
    }
}

pub(crate) fn checksum(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(crc32c::crc32c(bytes).to_be_bytes())
}

/// Uploads a slide to the organization's bucket and gives the item to submit.
pub(crate) async fn upload_slide(wire: &Wire, name: &str, spec: &SlideSpec) -> Value {
    let mut slide = std::io::Cursor::new(Vec::new());
    spec.write_to(&mut slide).unwrap();
    upload_bytes(wire, name, slide.into_inner(), spec).await
}

/// Uploads anything as a slide; its metadata says what `spec` does.
pub(crate) async fn upload_bytes(wire: &Wire, name: &str, bytes: Vec<u8>, spec: &SlideSpec) -> Value {
    let checksum = checksum(&bytes);
    let (bucket, key) = (wire.bucket().await, Path::from(format!("slides/{name}")));
    bucket.put(&key, bytes.into()).await.unwrap();
    let url = bucket.signed_url(http::Method::GET, &key, std::time::Duration::from_secs(3600)).await.unwrap();
    json!({
        "external_id": name,
        "input_artifacts": [{
            "name": "whole_slide_image",
            "download_url": url,
            "metadata": {
                "checksum_base64_crc32c": checksum,
                "width_px": spec.width,
                "height_px": spec.height,
                "resolution_mpp": spec.mpp,
                "media_type": "image/tiff",
            },
        }],
    })
}

/// An item whose slide is nowhere: for runs that never get to it.
pub(crate) fn slideless_item(external_id: &str, spec: &SlideSpec) -> Value {
    json!({
        "external_id": external_id,
        "input_artifacts": [{
            "name": "whole_slide_image",
            "download_url": "http://127.0.0.1:9/slide.tiff",
            "metadata": {
                "checksum_base64_crc32c": "AAAAAA==",
                "width_px": spec.width,
                "height_px": spec.height,
                "resolution_mpp": spec.mpp,
                "media_type": "image/tiff",
            },
        }],
    })
}

pub(crate) async fn submit(wire: &Wire, application: &str, items: impl IntoIterator<Item = Value>) -> String {
    submit_with(wire, application, items, Value::Null).await
}

pub(crate) async fn submit_with(
    wire: &Wire,
    application: &str,
    items: impl IntoIterator<Item = Value>,
    metadata: Value,
) -> String {
    let items: Vec<Value> = items.into_iter().collect();
    let request = json!({"application_id": application, "items": items, "custom_metadata": metadata});
    let answer = wire.post("/api/v1/runs", &request).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body["run_id"].as_str().unwrap().to_owned()
}

//! The reference pages say what the code does.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use aig_platform::reference;

fn page(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../../docs/{name}.md", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_pages_are_up_to_date() {
    for (name, written) in [("errors", reference::errors()), ("environment", reference::environment())] {
        let again = format!("cargo run -q -p aig-platform --example reference -- {name} > docs/{name}.md");
        assert_eq!(page(name), written, "run: {again}");
    }
}

#[test]
fn every_variable_of_the_users_is_there() {
    let page = reference::environment();
    for name in [
        "API_ROOT",
        "AUDIENCE",
        "AUTHORIZATION_BASE_URL",
        "TOKEN_URL",
        "REDIRECT_URI",
        "DEVICE_URL",
        "JWS_JSON_URL",
        "CLIENT_ID_INTERACTIVE",
        "CLIENT_ID_DEVICE",
        "SCOPE",
        "ORGANIZATION_ID",
        "REFRESH_TOKEN",
        "CACHE_DIR",
        "STATUS_PAGE_URL",
        "HEALTH_TIMEOUT",
        "AUTH_TIMEOUT",
        "AUTH_RETRY_ATTEMPTS",
        "AUTH_RETRY_WAIT_MIN",
        "AUTH_RETRY_WAIT_MAX",
        "AUTH_JWK_SET_CACHE_TTL",
        "ME_TIMEOUT",
        "ME_CACHE_TTL",
        "APPLICATION_TIMEOUT",
        "APPLICATION_CACHE_TTL",
        "APPLICATION_VERSION_TIMEOUT",
        "APPLICATION_VERSION_CACHE_TTL",
        "RUN_TIMEOUT",
        "RUN_RETRY_ATTEMPTS",
        "RUN_RETRY_WAIT_MIN",
        "RUN_RETRY_WAIT_MAX",
        "RUN_CACHE_TTL",
        "RUN_CANCEL_TIMEOUT",
        "RUN_DELETE_TIMEOUT",
        "RUN_SUBMIT_TIMEOUT",
        "REQUEST_TIMEOUT_SECONDS",
        "AUTHORIZATION_BACKOFF_SECONDS",
        "BUCKET_REGION_NAME",
        "BUCKET_UPLOAD_SIGNED_URL_EXPIRATION_SECONDS",
        "BUCKET_DOWNLOAD_SIGNED_URL_EXPIRATION_SECONDS",
        "BUCKET_ENDPOINT",
    ] {
        assert!(page.contains(&format!("| `AIGNOSTICS_{name}` |")), "{name} is missing");
    }
}

//! What FastAPI says to the same requests: `fastapi.json` is what a service of FastAPI 0.165 and pydantic 2.14 with these
//! parameters and models answered. Left out here are inputs that may be secrets or have parts.

use aig_codegen::{Method, OPERATIONS, SERVER_PREFIX, route};
use axum::response::IntoResponse;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use super::*;

#[derive(Deserialize)]
struct Row {
    method: String,
    path: String,
    body: Option<String>,
    detail: Vec<Value>,
}

async fn detail(outcome: Result<(), Problem>) -> Value {
    let Err(problem) = outcome else { return Value::Null };
    let body = problem.into_response().into_body();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    serde_json::from_slice::<Value>(&bytes).unwrap()["detail"].clone()
}

async fn told(row: &Row, content_type: Option<&'static str>) -> Vec<Value> {
    let method = [Method::Get, Method::Post, Method::Put].into_iter().find(|method| method.as_str() == row.method);
    let url = url::Url::parse("http://localhost").unwrap().join(&row.path).unwrap();
    let path = url.path().strip_prefix(SERVER_PREFIX).unwrap();
    let found = route(OPERATIONS, method.unwrap(), path).unwrap();
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let body = row.body.clone().unwrap_or_default();
    let headers: HeaderMap =
        content_type.map(|value| (header::CONTENT_TYPE, value.parse().unwrap())).into_iter().collect();
    let sent = Sent { path: &found.path, query: &query, headers: &headers, body: body.as_bytes() };
    detail(check(found.operation, sent)).await.as_array().cloned().unwrap_or_default()
}

/// Orders by place: members of an object have no order. An input that we leave out is left out on both sides.
fn comparable(mut theirs: Vec<Value>, mut ours: Vec<Value>) -> (Vec<Value>, Vec<Value>) {
    for list in [&mut theirs, &mut ours] {
        list.sort_by_key(|entry| entry["loc"].to_string());
    }
    for (theirs, ours) in theirs.iter_mut().zip(&ours) {
        if ours.get("input").is_none() {
            let input = theirs.as_object_mut().unwrap().remove("input").unwrap_or_default();
            let place = theirs["loc"].to_string();
            assert!(input.is_object() || input.is_array() || place.contains("download_url"), "{place}: {input}");
        }
    }
    (theirs, ours)
}

#[tokio::test]
async fn requests_are_refused_in_the_words_of_fastapi() {
    let rows: Vec<Row> = serde_json::from_str(include_str!("fastapi.json")).unwrap();
    assert!(rows.len() > 50);
    for row in rows {
        let ours = told(&row, Some("application/json")).await;
        // An empty list of items is refused by the platform's own rules, which come later.
        let theirs = row.detail.clone().into_iter().filter(|entry| entry["type"] != "too_short").collect();
        let (theirs, ours) = comparable(theirs, ours);
        assert_eq!(ours, theirs, "{} {} {:?}", row.method, row.path, row.body);
    }
}

#[tokio::test]
async fn a_body_of_another_media_type_is_no_object() {
    let row = Row {
        method: "POST".into(),
        path: "/api/v1/access/share-tokens".into(),
        body: Some("{}".into()),
        detail: vec![],
    };
    for json in
        [None, Some("application/json; charset=utf-8"), Some("APPLICATION/JSON"), Some("application/merge-patch+json")]
    {
        assert_eq!(told(&row, json).await, Vec::<Value>::new(), "{json:?}");
    }
    for other in ["text/plain", "application/x-www-form-urlencoded", "json"] {
        assert_eq!(told(&row, Some(other)).await[0]["type"], "model_attributes_type", "{other}");
    }
}

#[tokio::test]
async fn no_signed_url_is_told_again() {
    let body = serde_json::json!({"application_id": "a", "items": [{"external_id": "a", "input_artifacts": [
        {"name": "n", "metadata": {}, "download_url": "gs://bucket/key?X-Goog-Signature=5ecre7"},
        {"download_url": "https://host/?X-Goog-Signature=5ecre7"}, ["https://host/?X-Goog-Signature=5ecre7"],
    ]}]});
    let row = Row { method: "POST".into(), path: "/api/v1/runs".into(), body: Some(body.to_string()), detail: vec![] };
    let told = told(&row, None).await;
    assert_eq!(told.len(), 4);
    assert!(!serde_json::to_string(&told).unwrap().contains("5ecre7"));
}

#[tokio::test]
async fn of_very_many_mistakes_the_first_are_named_and_long_inputs_are_cut() {
    let sent = |items: String| Row {
        method: "POST".into(),
        path: "/api/v1/runs".into(),
        body: Some(format!(r#"{{"application_id": "a", "items": [{items}]}}"#)),
        detail: vec![],
    };
    let many = told(&sent(vec!["0"; 1_000_000].join(",")), None).await;
    assert_eq!(many.len(), MOST_MISTAKES);
    assert_eq!(many.last().unwrap()["loc"], json!(["body", "items", MOST_MISTAKES - 1]));
    let long = told(&sent(format!("{:?}", "γ".repeat(1 << 20))), None).await;
    let input = long[0]["input"].as_str().unwrap();
    assert!(input.starts_with("γγγ") && input.ends_with('…'), "{input}");
    assert!((1_000..1_100).contains(&input.len()), "{}", input.len());
}

#[tokio::test]
async fn json_that_cannot_be_held_is_refused_where_it_is_and_by_its_own_reason() {
    let table = [
        ("{\"γ\": 0,\n \"a\": 1e999}", 15..20, "number out of range"),
        (r#"{"a": "\ud800 and more"}"#, 6..16, "hex escape"),
        (r#"{"a": NaN}"#, 6..7, "Expecting value"),
    ];
    for (body, places, why) in table {
        let (method, path) = ("POST".into(), "/api/v1/access/share-tokens".into());
        let row = Row { method, path, body: Some(body.into()), detail: vec![] };
        let [entry] = <[Value; 1]>::try_from(told(&row, None).await).unwrap();
        assert!(entry["ctx"]["error"].as_str().unwrap().contains(why), "{body}: {entry}");
        assert!(places.contains(&entry["loc"][1].as_u64().unwrap()), "{body}: {entry}");
    }
}

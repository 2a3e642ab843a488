//! Operations that come, go and move; servers and credentials.

use serde_json::json;

use super::{Edit, base, check, difference, edited, push, row, set};

const LIST: &str = "/paths/~1things/get";
const DELETE: &str = "/paths/~1things~1{id}/delete";

fn file() -> serde_json::Value {
    base()["paths"]["/things/{id}/file"].clone()
}

#[test]
fn operations_come_go_and_move() {
    let mut renamed = file();
    renamed["get"]["operationId"] = json!("get_file_things__id__content_get");
    let mut anonymous = file();
    anonymous["get"]["operationId"] = json!("other");
    check(vec![
        row("gone", [Edit::Drop(LIST)], &["operation-removed B/C"]),
        row(
            "new",
            [set("/paths/~1new", json!({"get": {"responses": {"200": {"description": ""}}}}))],
            &["operation-added C/B"],
        ),
        row(
            "moved, known by the name of its function",
            [Edit::Drop("/paths/~1things~1{id}~1file"), set("/paths/~1things~1{id}~1content", renamed)],
            &["operation-moved B/B"],
        ),
        row(
            "moved, known by being the same",
            [Edit::Drop("/paths/~1things~1{id}~1file"), set("/paths/~1things~1{id}~1content", anonymous)],
            &["operation-moved B/B"],
        ),
        row(
            "another method",
            [
                Edit::Drop(DELETE),
                set(
                    "/paths/~1things~1{id}/post",
                    json!({"operationId": "delete_thing_things__id__post", "responses": {"204": {"description": ""}}}),
                ),
            ],
            &["operation-moved B/B"],
        ),
        row(
            "one goes and another comes",
            [Edit::Drop(DELETE), set("/paths/~1things~1{id}/get", json!({"responses": {"200": {"description": ""}}}))],
            &["operation-removed B/C", "operation-added C/B"],
        ),
        row("callbacks", [set("/paths/~1things/post/callbacks", json!({"done": {}}))], &["callbacks-changed R/R"]),
        row("webhooks", [set("/webhooks", json!({"done": {"post": {}}}))], &["webhooks-changed R/R"]),
    ]);
}

#[test]
fn a_moved_operation_is_compared_on() {
    let mut moved = file();
    moved["get"]["operationId"] = json!("get_file_things__id__content_get");
    moved["get"]["parameters"][0]["schema"]["format"] = json!("int32");
    moved["get"]["responses"].as_object_mut().unwrap().remove("307");
    check(vec![row(
        "moved and edited",
        [Edit::Drop("/paths/~1things~1{id}~1file"), set("/paths/~1things~1{id}~1content", moved)],
        &["operation-moved B/B", "format-changed B/B", "status-removed B/R"],
    )]);
}

#[test]
fn servers_are_compared_by_the_paths_below_which_operations_are() {
    check(vec![
        row("another prefix", [set("/servers", json!([{"url": "/v2"}]))], &["server-removed B/C", "server-added C/B"]),
        row("no servers", [Edit::Drop("/servers")], &["server-removed B/C", "server-added C/B"]),
        row("one more", [push("/servers", json!({"url": "/beta"}))], &["server-added C/B"]),
        row("another host", [set("/servers", json!([{"url": "https://example.com/api/"}]))], &[]),
        row(
            "a variable",
            [set(
                "/servers",
                json!([{"url": "https://{host}/{base}", "variables": {"host": {"default": "a"}, "base": {"default": "api"}}}]),
            )],
            &[],
        ),
        row(
            "of one operation",
            [set("/paths/~1things/get/servers", json!([{"url": "/other"}]))],
            &["servers-changed R/R"],
        ),
    ]);
}

#[test]
fn credentials_are_compared_as_they_are_sent() {
    let as_http = json!({"type": "http", "scheme": "Bearer"});
    check(vec![
        row("none any more", [Edit::Drop("/security")], &["security-changed C/B"]),
        row("another one, for all", [set("/security", json!([{"Key": []}]))], &["security-changed B/B"]),
        row("a choice", [push("/security", json!({"Key": []}))], &["security-changed C/B"]),
        row("both at once", [set("/security", json!([{"Bearer": [], "Key": []}]))], &["security-changed B/B"]),
        row("a choice that includes none", [push("/security", json!({}))], &["security-changed C/B"]),
        row("a scope", [set("/paths/~1things/get/security", json!([{"Bearer": ["read"]}]))], &["security-changed B/B"]),
        row("none, for one", [set("/paths/~1things/get/security", json!([]))], &["security-changed C/B"]),
        row(
            "tokens from elsewhere",
            [set("/components/securitySchemes/Bearer/flows/authorizationCode/tokenUrl", json!("/oauth/token"))],
            &["scheme-changed R/R"],
        ),
        row(
            "a bearer token by another name",
            [set("/components/securitySchemes/Bearer", as_http)],
            &["scheme-changed R/R"],
        ),
    ]);
}

#[test]
fn what_holds_for_all_operations_is_told_once_with_all_of_them() {
    let changes = difference(&base(), &edited(&[set("/security", json!([{"Key": []}]))]));
    let operations: Vec<_> = changes[0].operations.iter().map(String::as_str).collect();
    let all = ["DELETE /things/{id}", "GET /things", "GET /things/{id}/file", "POST /things"];
    assert_eq!((changes.len(), operations), (1, all.to_vec()));
}

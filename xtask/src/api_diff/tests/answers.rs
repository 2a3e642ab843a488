//! Statuses, redirects, headers and forms of answers.

use serde_json::json;

use super::{Edit, base, check, row, set};

const LIST: &str = "/paths/~1things/get/responses";
const FILE: &str = "/paths/~1things~1{id}~1file/get/responses";

#[test]
fn statuses_come_go_and_change() {
    assert!(base().pointer(LIST).is_some() && base().pointer(FILE).is_some());
    let made = base()["paths"]["/things"]["post"]["responses"]["201"].clone();
    let none = base()["paths"]["/things"]["get"]["responses"]["404"].clone();
    let empty = || json!({"description": ""});
    check(vec![
        row(
            "another success",
            [Edit::Drop("/paths/~1things/post/responses/201"), set("/paths/~1things/post/responses/200", made)],
            &["status-changed B/B"],
        ),
        row("one success more", [set("/paths/~1things/post/responses/202", empty())], &["status-added R/R"]),
        row("a first redirect", [set("/paths/~1things/get/responses/307", empty())], &["status-added R/B"]),
        row(
            "no redirect any more",
            [Edit::Drop("/paths/~1things~1{id}~1file/get/responses/307")],
            &["status-removed B/R"],
        ),
        row(
            "a redirect instead of a success",
            [
                Edit::Drop("/paths/~1things~1{id}/delete/responses/204"),
                set("/paths/~1things~1{id}/delete/responses/303", empty()),
            ],
            &["status-changed B/B"],
        ),
        row("no success any more", [Edit::Drop("/paths/~1things~1{id}/delete/responses/204")], &["status-removed B/R"]),
        row("one error more", [set("/paths/~1things/get/responses/410", empty())], &["status-added C/C"]),
        row("one error less", [Edit::Drop("/paths/~1things/post/responses/409")], &["status-removed C/C"]),
        row("errors by default", [set("/paths/~1things/get/responses/default", empty())], &["status-added C/C"]),
        row(
            "another error",
            [Edit::Drop("/paths/~1things/get/responses/404"), set("/paths/~1things/get/responses/410", none)],
            &["status-changed R/R"],
        ),
        row("the range in another case", [set("/paths/~1things/get/responses/5xx", empty())], &["status-added C/C"]),
    ]);
}

#[test]
fn forms_of_answers() {
    check(vec![
        row("no body", [Edit::Drop("/paths/~1things/post/responses/201/content")], &["media-type-removed B/C"]),
        row(
            "a body",
            [set("/paths/~1things~1{id}/delete/responses/204/content", json!({"application/json": {}}))],
            &["media-type-added C/B"],
        ),
        row(
            "items instead of a list",
            [set(
                "/paths/~1things/get/responses/200/content/application~1json/schema",
                json!({"$ref": "#/components/schemas/Thing"}),
            )],
            &["type-changed B/B"],
        ),
        row(
            "errors in detail",
            [set("/components/schemas/Fault/properties/detail/type", json!(["string", "array"]))],
            &["alternative-added B/C"],
        ),
    ]);
}

#[test]
fn headers_of_answers() {
    check(vec![
        row(
            "a required one less",
            [Edit::Drop("/paths/~1things/get/responses/200/headers/X-Total")],
            &["header-removed B/C"],
        ),
        row(
            "an optional one less",
            [Edit::Drop("/paths/~1things/get/responses/200/headers/X-Page")],
            &["header-removed R/C"],
        ),
        row(
            "one more",
            [set("/paths/~1things/get/responses/200/headers/Etag", json!({"schema": {}}))],
            &["header-added C/R"],
        ),
        row(
            "optional",
            [set("/paths/~1things/get/responses/200/headers/X-Total/required", json!(false))],
            &["header-optional B/C"],
        ),
        row(
            "required",
            [set("/paths/~1things/get/responses/200/headers/X-Page/required", json!(true))],
            &["header-required C/B"],
        ),
        row(
            "another type",
            [set("/paths/~1things/get/responses/200/headers/X-Page/schema/type", json!("boolean"))],
            &["type-changed B/B"],
        ),
        row(
            "the type of the body",
            [set("/paths/~1things/get/responses/200/headers/Content-Type", json!({"schema": {}}))],
            &[],
        ),
    ]);
}

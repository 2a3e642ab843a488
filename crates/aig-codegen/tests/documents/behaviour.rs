//! What the odd types do with JSON, and the odd operations with requests.

use aig_codegen::{Answer, Location, Nullable, Operation, OperationInfo, Parts, Timestamp, Validate, route};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{limits, names, openapi30, operations, recursion, shapes, unions};

/// Reads the value and writes it again.
fn again<T: DeserializeOwned + Serialize>(value: &Value) -> Value {
    serde_json::to_value(read::<T>(value)).unwrap()
}

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn smallest() -> Value {
    json!({"nullable": null, "never": null, "level": "low", "at": "2026-01-31T12:00:00.000001Z", "matrix": [[1.5], []],
        "pair": ["a", 1], "anything": null, "kind": "everything", "nested": {"deep": {}}})
}

#[test]
fn unset_is_left_out_and_required_null_is_written() {
    assert_eq!(again::<shapes::models::Everything>(&smallest()), smallest());
}

#[test]
fn every_shape_survives() {
    let mut full = smallest();
    let more = json!({"nullable_by_type": 5, "maybe_level": "high", "explicit": null, "on": "2026-01-31", "for": "P3D", "secret": "s",
        "secrets": ["a"], "holes": ["a", null], "list": [1, "a"], "free": {"a": 1}, "counts": {"a": 1}, "tables": {"a": {"b": null}},
        "by_pattern": {"x1": true}, "something": {"any": []}, "code": 7, "yes": true, "numbers": 4, "mixed": "auto",
        "big": 18_446_744_073_709_551_615_u64, "bigger": 1e30, "unsigned": 18_446_744_073_709_551_615_u64, "ratio": 0.1,
        "order": "asc", "wrapped": "high", "closed": {}, "implied": {"a": 1}, "size": 9_007_199_254_740_993_i64});
    full.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    assert_eq!(again::<shapes::models::Everything>(&full), full);
}

#[test]
fn a_constant_is_set_by_the_constructor() {
    let at: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
    let nested = shapes::models::EverythingNested::new(shapes::models::EverythingNestedDeep::new());
    let value = shapes::models::Everything::new(
        shapes::models::Level::Low,
        at,
        [vec![1.0]],
        ("a".to_owned(), 1),
        Value::Null,
        nested,
    );
    assert_eq!(value.kind.as_str(), "everything");
    let explicit = value.with_explicit(Nullable::Null);
    assert_eq!(serde_json::to_value(&explicit).unwrap().get("explicit"), Some(&Value::Null));
}

#[test]
fn members_that_are_not_named_are_kept_where_the_document_welcomes_them() {
    let open = json!({"id": 1, "more": {"a": [1]}});
    assert_eq!(again::<shapes::models::Open>(&open), open);
    assert_eq!(again::<shapes::models::Typed>(&json!({"more": "abc"})), json!({"more": "abc"}));
    assert_eq!(again::<shapes::models::Exact>(&json!({"a": 1, "more": 2})), json!({"a": 1}));
}

#[test]
fn names_on_the_wire_stay_whatever_they_are_in_rust() {
    let value = json!({"foo-bar": "1", "foo_bar": "2", "fooBar": 3});
    assert_eq!(again::<names::models::FooBar>(&value), value);
    let option = json!({"type": "t", "self": "s", "Some": [{"Box": "b"}], "": "e", "@": "a", "日本": "j", "rest": "r", "other": 4});
    assert_eq!(again::<names::models::OptionModel>(&option), option);
    for value in names::models::FooBar3::VALUES {
        let read = names::models::FooBar3::from(*value);
        assert!(!matches!(read, names::models::FooBar3::Unknown(_)), "{value}");
        assert_eq!(read.as_str(), *value);
    }
}

#[test]
fn a_union_is_told_by_its_discriminator() {
    let read_pet = |pet: Value| read::<unions::models::Feeding>(&json!({"pet": pet, "amount": 1})).pet;
    assert!(matches!(read_pet(json!({"kind": "cat", "lives": 9})), unions::models::FeedingPet::Cat(_)));
    assert!(matches!(read_pet(json!({"kind": "hound"})), unions::models::FeedingPet::Dog(_)));
    let fish = json!({"kind": "fish", "fins": 2});
    let unknown = read_pet(fish.clone());
    assert!(matches!(unknown, unions::models::FeedingPet::Unknown(_)));
    assert_eq!(serde_json::to_value(unknown).unwrap(), fish);
    let lifeless = json!({"pet": {"kind": "cat"}, "amount": 1});
    assert!(serde_json::from_value::<unions::models::Feeding>(lifeless).is_err());
    assert!(matches!(read(&json!({"event": "ended"})), unions::models::Event::Ended(_)));
}

#[test]
fn a_discriminator_may_be_a_number_or_a_truth() {
    use unions::models::{Nested, Truth, Untold, Version};
    let second = json!({"version": 2, "note": "n"});
    assert!(matches!(read(&second), Version::Second(_)));
    assert!(matches!(read(&second), Untold::Second(_)));
    assert_eq!(again::<Version>(&second), second);
    assert!(matches!(read(&json!({"version": 3})), Version::Unknown(_)));
    assert!(matches!(read(&json!({"version": null})), Version::Unknown(_)));
    assert!(matches!((read(&json!({"done": true})), read(&json!({"done": false}))), (Truth::Done(_), Truth::Open(_))));
    let nested = json!({"kind": "numbered", "version": 2});
    assert!(
        matches!(read(&nested), Nested::Variant(inner) if matches!(inner, unions::models::NestedVariant::Second(_)))
    );
    assert!(matches!(read(&json!({"kind": "cat", "lives": 1})), Nested::Cat(_)));
}

#[test]
fn a_union_without_discriminator_takes_what_loses_least() {
    use unions::models::{FeedingAmount, FeedingPlace, FeedingShape};
    assert!(matches!(read(&json!({"garden": "g", "room": "r"})), FeedingPlace::Outdoors(_)));
    assert!(matches!(read(&json!({"room": "r"})), FeedingPlace::Indoors(_)));
    assert!(matches!(read(&json!(1)), FeedingAmount::Integer(1)));
    assert!(matches!(read(&json!(1.5)), FeedingAmount::Number(_)));
    assert!(matches!(read(&json!({"side": 2.0})), FeedingShape::Square(_)));
    assert!(matches!(read(&json!([])), FeedingAmount::Unknown(_)));
}

#[test]
fn types_inside_themselves_are_read() {
    let tree = json!({"value": 1, "left": {"value": 2}, "children": [{"value": 3, "right": {"value": 4}}]});
    assert_eq!(again::<recursion::models::Tree>(&tree), tree);
    let lists = json!([[], [[]]]);
    assert_eq!(again::<recursion::models::Lists>(&lists), lists);
    let any = json!({"a": [1, "b", null, {"c": 1.5}]});
    assert_eq!(again::<recursion::models::JsonValue>(&any), any);
    let not = json!({"op": "not", "inner": {"op": "not", "inner": {"op": "literal", "value": true}}});
    assert_eq!(again::<recursion::models::Expression>(&not), not);
    let pony =
        json!({"name": "Max", "age": 3, "mane": "long", "height": 1.5, "parent": {"name": "M", "age": 9, "mane": "m"}});
    assert_eq!(again::<recursion::models::Pony>(&pony), pony);
    assert!(serde_json::from_value::<recursion::models::Pony>(json!({"name": "Max"})).is_err());
}

/// What a server makes of the request.
fn served<O: Operation>(table: &[&'static OperationInfo], operation: &O) -> O {
    let target = operation.target().unwrap();
    let body = operation.body().unwrap();
    let found = route(table, O::INFO.method, target.path()).unwrap();
    assert_eq!(found.operation.id, O::INFO.id);
    let owned =
        |pairs: &[(&str, String)]| pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let (query, mut headers): (Vec<_>, Vec<_>) = (owned(target.query()), owned(target.headers()));
    let cookies: Vec<_> = owned(target.cookies());
    headers.extend(body.iter().map(|body| ("content-type".to_owned(), body.content_type.to_string())));
    let bytes = body.map(|body| body.bytes).unwrap_or_default();
    O::parse(&Parts { path: &found.path, query: &query, headers: &headers, cookies: &cookies, body: &bytes }).unwrap()
}

#[test]
fn every_part_of_a_request_is_sent_and_read() {
    use operations::operations::{Any, GetFile, Login, Raw, ReadItem, Upload};
    let table = operations::OPERATIONS;
    let item = ReadItem::new(7, true, "t0ken").with_session("s").with_if_match("*");
    let target = item.target().unwrap();
    assert_eq!(target.path_and_query(), "/items/7?verbose=true");
    assert_eq!(target.headers(), [("X-Token", "t0ken".to_owned()), ("If-Match", "*".to_owned())]);
    assert_eq!(target.cookies(), [("session", "s".to_owned())]);
    assert_eq!(served(table, &item), item);

    let csv = || operations::models::GetFileExtension::Csv;
    let file = GetFile::new(uuid::Uuid::nil(), "a", csv(), ["x", "y"])
        .with_rows([1, 2])
        .with_ratio(0.5)
        .with_since("2026-01-31")
        .with_columns(["a b", "c"]);
    assert_eq!(served(table, &file), file);
    let listed = GetFile::new(uuid::Uuid::nil(), "a", csv(), ["x"]).with_columns(["a,b", "c&d"]).target().unwrap();
    assert!(listed.path_and_query().contains("?columns=a%2Cb,c%26d&"), "{}", listed.path_and_query());

    let form = operations::models::BodyLoginLoginPost::new("me & you", "a+b=c").with_age(7).with_groups([1, 2]);
    let login = Login::new(form);
    let form = String::from_utf8(login.body().unwrap().unwrap().bytes).unwrap();
    let pairs: std::collections::BTreeSet<_> = form.split('&').collect();
    assert_eq!(pairs, ["username=me%20%26%20you", "password=a%2Bb%3Dc", "age=7", "groups=1", "groups=2"].into());
    assert_eq!(served(table, &login), login);

    let upload = Upload::new("multipart/form-data; boundary=x", "--x--");
    assert_eq!(served(table, &upload), upload);
    assert_eq!(served(table, &Raw::new().with_body([0, 255])), Raw::new().with_body([0, 255]));
    assert_eq!(served(table, &Any::new()).body, None);
}

#[test]
#[expect(deprecated, reason = "a deprecated operation is among them")]
fn answers_are_read_as_the_document_says() {
    use operations::operations::{DeleteItem, GetFile, Go, PatchItemsItemId, Raw, ReadItem};
    assert_eq!((ReadItem::INFO.answer, ReadItem::INFO.success, ReadItem::INFO.errors), (Answer::Json, 200, &[][..]));
    assert_eq!(
        (DeleteItem::INFO.answer, DeleteItem::INFO.success, DeleteItem::INFO.errors),
        (Answer::Empty, 204, &[404][..])
    );
    assert_eq!((GetFile::INFO.answer, GetFile::INFO.redirect), (Answer::Bytes, Some(307)));
    assert_eq!((Go::INFO.answer, Go::INFO.success, Go::INFO.redirect), (Answer::Redirect, 302, Some(302)));
    assert_eq!(Raw::decode(b"null").unwrap(), None);
    assert_eq!(PatchItemsItemId::decode(b"").unwrap(), Value::Null);
    assert_eq!(PatchItemsItemId::INFO.body, Some("application/merge-patch+json"));
    assert!(PatchItemsItemId::INFO.idempotent && PatchItemsItemId::INFO.deprecated && !Raw::INFO.deprecated);
    assert_eq!(operations::SERVER_PREFIX, "/base");
}

#[test]
fn every_limit_is_checked_where_it_is() {
    let good = json!({"id": "ab", "lines": [{"sku": "a-12"}], "labels": {"x": "ab"}, "free": {"a": 1}, "ratio": 0.3, "level": 2,
        "pair": ["a", null], "secret": "12345678", "note": null, "either": "ab", "look": "x", "big": 5,
        "after": 9_007_199_254_740_993_i64, "before": -9_007_199_254_740_993_i64, "above": 9_007_199_254_740_993_i64,
        "below": 9_007_199_254_740_992_i64, "step": 9_007_199_254_740_993_i64, "half": 0, "enormous": 1e20, "huge": 1e16, "last": u64::MAX - 1,
        "codes": ["ab", "cd"]});
    assert_eq!(broken(&good), [""; 0]);
    let cases = [
        ("/id", json!("a")),
        ("/id", json!("abcde")),
        ("/lines", json!([])),
        ("/lines/0/sku", json!([{"sku": "a-1"}])),
        ("/lines/0/parent/sku", json!([{"sku": "a-12", "parent": {"sku": ""}}])),
        ("/labels/x", json!({"x": "a"})),
        ("/labels", json!({"x": "ab", "y": "cd"})),
        ("/free", json!({})),
        ("/ratio", json!(0.0)),
        ("/ratio", json!(1.1)),
        ("/ratio", json!(0.25)),
        ("/level", json!(3)),
        ("/pair/0", json!(["ab", 1])),
        ("/pair/1", json!(["a", -1])),
        ("/secret", json!("1234567")),
        ("/note", json!("abcde")),
        ("/either", json!("abc")),
        ("/either/sku", json!({"sku": ""})),
        ("/big", json!(4)),
        ("/after", json!(9_007_199_254_740_992_i64)),
        ("/before", json!(-9_007_199_254_740_992_i64)),
        ("/above", json!(9_007_199_254_740_992_i64)),
        ("/below", json!(9_007_199_254_740_993_i64)),
        ("/step", json!(9_007_199_254_740_994_i64)),
        ("/half", json!(-1)),
        ("/huge", json!(9_007_199_254_740_992.0)),
        ("/last", json!(u64::MAX)),
        ("/last", json!(9_223_372_036_854_775_808_u64)),
        ("/enormous", json!(u64::MAX)),
        ("/enormous", json!(3.402_823_669_209_385e38)),
        ("/enormous", json!(1.5)),
        ("/codes", json!(["ab", "ab"])),
        ("/codes/1", json!(["ab", "c"])),
        ("/a~1b~0c", json!("ab")),
    ];
    for (place, value) in cases {
        let mut order = good.clone();
        let key = place.split('/').nth(1).unwrap().replace("~1", "/").replace("~0", "~");
        order.as_object_mut().unwrap().insert(key, value.clone());
        assert_eq!(broken(&order), [place], "{value}");
    }
}

/// The places of an order that break a limit.
fn broken(order: &Value) -> Vec<String> {
    let order = read::<limits::models::Order>(order);
    order.validate().err().into_iter().flatten().map(|violation| violation.pointer).collect()
}

#[test]
fn what_openapi_3_0_says_otherwise_means_the_same() {
    let order = |id: i64, share: f64| {
        let order = read(&json!({"id": id, "level": null, "note": null}));
        let found = openapi30::operations::Order::new(share, order).validate().err().into_iter().flatten();
        found.map(|violation| violation.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(order(1, 1.0), [""; 0]);
    assert_eq!(order(0, 0.0), ["query/share: is 0, not more than 0", "body/id: is 0, not more than 0"]);
    assert_eq!(order(1, 1.5), ["query/share: is 1.5, more than 1"]);
    assert_eq!(again::<openapi30::models::Order>(&json!({"id": 1, "note": null})), json!({"id": 1, "level": null}));
}

#[test]
fn limits_of_parameters_are_checked_on_both_sides() {
    let order = |n| limits::operations::Order::new(read(&json!({"id": "ab", "lines": [{"sku": "a-12"}]}))).with_n(n);
    assert!(order(95).validate().is_ok());
    let bad = order(101).with_code("de1").with_tags(["abcd", "a", "a"]);
    let found: Vec<_> = bad.validate().unwrap_err().into_iter().map(|v| (v.location, v.pointer)).collect();
    let wanted = ["/n", "/n", "/code", "/tags", "/tags", "/tags/0"];
    assert_eq!(found, wanted.map(|place| (Location::Query, place.to_owned())));
    let query = [("n".to_owned(), "7".to_owned())];
    let parts = Parts { query: &query, body: br#"{"id": "ab", "lines": [{"sku": 7}]}"#, ..Parts::default() };
    let found = limits::operations::Order::parse(&parts).unwrap_err().to_string();
    assert!(found.starts_with("body/lines/0/sku: cannot be read: invalid type"), "{found}");
}

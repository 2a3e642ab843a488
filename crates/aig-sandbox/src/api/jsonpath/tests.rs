//! Paths as PostgreSQL reads them, and those that it refuses.

use serde::Deserialize;
use serde_json::json;

use super::*;

/// What PostgreSQL 15 says to each path (`@?`): whether it finds something, or null where it is no path.
#[derive(Deserialize)]
struct Oracle {
    document: Value,
    paths: Vec<(String, Option<bool>)>,
}

#[test]
fn paths_find_what_postgresql_finds_and_what_it_refuses_is_refused() {
    let oracle: Oracle = serde_json::from_str(include_str!("postgresql.json")).unwrap();
    assert!(oracle.paths.len() > 180);
    let wrong = oracle.paths.iter().filter_map(|(text, theirs)| {
        let ours = JsonPath::parse(text).ok().map(|path| path.matches(&oracle.document).unwrap());
        (ours != *theirs).then(|| format!("{text}: {ours:?} instead of {theirs:?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_predicate_alone_finds_something_when_it_holds() {
    let value = json!({"batch": 3, "ok": true});
    for (text, expected) in [
        ("$.batch == 3", true),
        ("$.batch > 3 || $.ok == false", false),
        ("exists($.batch)", true),
        ("!exists($.batch)", false),
        ("strict $.absent == 1", false),
        // What does not fit is forgiven to the end of a path that looks at any depth.
        ("strict exists($.**.batch.none)", false),
        ("strict !exists($.**.batch.none)", true),
        ("strict !exists($.batch.none)", false),
    ] {
        assert_eq!(JsonPath::parse(text).unwrap().matches(&value), Ok(expected), "{text}");
    }
}

#[test]
fn a_mistake_is_named_with_its_place() {
    for (text, position) in [("$.a ? (@ == )", 12), ("study", 0), ("$.a[0 to]", 8), ("$.γγ ? (@ = 1)", 10)] {
        assert_eq!(JsonPath::parse(text).unwrap_err().position, position, "{text}");
    }
}

#[test]
fn hostile_paths_are_refused_or_end_soon() {
    let deep = format!("$ ? ({}@ == 1{})", "(".repeat(5_000), ")".repeat(5_000));
    let turned = format!("$ ? ({}(@ == 1))", "!".repeat(5_000));
    let filters = format!("$ {}@ == 1{}", "? (@ ".repeat(5_000), ")".repeat(5_000));
    let large = r#"$ ? (@ like_regex "((a{1000}){1000}){1000}")"#.to_owned();
    for text in [deep, turned, filters, large] {
        assert!(JsonPath::parse(&text).is_err(), "{}", text.get(..40).unwrap());
    }
    // Would take years where expressions backtrack.
    let slow = JsonPath::parse(r#"$.a ? (@ like_regex "^(a+)+$")"#).unwrap();
    assert_eq!(slow.matches(&json!({"a": format!("{}b", "a".repeat(100_000))})), Ok(false));
    let wide = JsonPath::parse("$.**.**.** ? (@ == -1)").unwrap();
    assert_eq!(wide.matches(&json!({"a": {"b": {"c": [[[1, 2], 3], 4]}}})), Ok(false));
}

#[test]
fn a_path_that_finds_values_without_end_is_too_costly() {
    let nested = (0..60).fold(json!(0), |inner, _| json!({"a": [inner, 1]}));
    let list = json!({"a": vec![0; 2_000]});
    let doubling = format!("${}", "[0,0]".repeat(30));
    let repeated = format!("$.a[{}0]", "0 to last,".repeat(100));
    for text in [
        doubling.clone(),
        format!("$ ? (!exists({}))", doubling.replacen('$', "@", 1)),
        format!("{doubling} == 1"),
        format!("($ == 1 || {doubling} == 1) is unknown"),
        format!("$.a[*]{}", "[0,0]".repeat(30)),
        format!("strict ${}", ".**".repeat(30)),
        format!("${}", ".**".repeat(30)),
        repeated,
        "$.a[*] == $.a[*]".to_owned(),
        "strict $.a[*] ? (exists($.a[*] ? (@ == $.a[*])))".to_owned(),
    ] {
        let path = JsonPath::parse(&text).unwrap();
        let outcomes = [path.matches(&nested), path.matches(&list)];
        assert!(outcomes.contains(&Err(TooCostly)), "{text}: {outcomes:?}");
    }
    assert_eq!(JsonPath::parse("$.a[*] ? (@ == 1)").unwrap().matches(&list), Ok(false));
    assert_eq!(JsonPath::parse("$.** ? (@ == 1)").unwrap().matches(&nested), Ok(true));
}

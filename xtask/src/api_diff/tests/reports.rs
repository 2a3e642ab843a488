//! The three forms of a report, and the exit code.

use serde_json::{Value, json};

use super::{
    super::{Outcome, Side, outcome, report::Report},
    Edit, base, compare, document, edited, push, set,
};

fn edits() -> Vec<Edit> {
    vec![
        set("/info/version", json!("1.1.0")),
        Edit::Drop("/paths/~1things~1{id}/delete"),
        push("/components/schemas/State/enum", json!("A|B")),
        set("/components/schemas/Fault/properties/code", json!({"type": "string"})),
    ]
}

fn report<T>(write: impl Fn(&Report<'_>) -> T) -> T {
    let (old, new) = (document("old.json", &base()).unwrap(), document("new.json", &edited(&edits())).unwrap());
    let changes = compare(&old, &new).unwrap();
    write(&Report { old: &old, new: &new, changes: &changes })
}

#[test]
fn the_text_is_grouped_by_what_hurts_clients() {
    let text = report(super::super::report::text);
    let expected = "\
3 changes from old.json (1.0.0) to new.json (1.1.0)
clients: 1 breaking, 1 risky, 1 compatible
servers: 1 breaking, 1 risky, 1 compatible

Breaking for clients
  - DELETE /things/{id} is gone
      operation-removed; compatible for servers
      old #/paths/~1things~1{id}/delete
      new #/paths

Risky for clients
  - `State` has the value `A|B`, new
      value-added (input and output); breaking for servers
      reaches GET /things, POST /things
      old #/components/schemas/State/enum
      new #/components/schemas/State/enum/2

Compatible for clients
  - `Fault.code` is new
      field-added (output); risky for servers
      reaches GET /things
      old #/components/schemas/Fault/properties
      new #/components/schemas/Fault/properties/code
";
    assert_eq!(text, expected);
}

#[test]
fn lines_of_words_fit_80_columns() {
    let long = "x".repeat(60);
    let name: &'static str = Box::leak(format!("/components/schemas/NewThing/properties/{long}").into_boxed_str());
    let (old, new) =
        (document("old.json", &base()).unwrap(), document("new.json", &edited(&[set(name, json!({}))])).unwrap());
    let changes = compare(&old, &new).unwrap();
    let text = super::super::report::text(&Report { old: &old, new: &new, changes: &changes });
    let too_long: Vec<_> = text.lines().filter(|line| line.len() > 80 && !line.contains('#')).collect();
    assert_eq!(too_long, Vec::<&str>::new());
}

#[test]
fn the_markdown_is_one_table_with_the_worst_first() {
    let markdown = report(super::super::report::markdown);
    let rows: Vec<_> = markdown.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows[2].starts_with("| **breaking** | compatible | DELETE /things/{id} is gone |"), "{markdown}");
    assert!(rows[3].contains("`State` has the value `A\\|B`, new"), "{markdown}");
    assert!(rows.iter().all(|row| row.replace("\\|", "").matches('|').count() == 6), "{markdown}");
}

#[test]
fn the_json_counts_and_names_everything() {
    let json: Value = serde_json::from_str(&report(super::super::report::json).unwrap()).unwrap();
    assert_eq!(json["schema"], "aig.api-diff/1");
    assert_eq!(json["old"], json!({"source": "old.json", "title": "Things", "version": "1.0.0"}));
    assert_eq!(json["clients"], json!({"breaking": 1, "risky": 1, "compatible": 1}));
    let expected = json!({
        "rule": "value-added",
        "clients": "risky",
        "servers": "breaking",
        "message": "`State` has the value `A|B`, new",
        "old": "/components/schemas/State/enum",
        "new": "/components/schemas/State/enum/2",
        "positions": ["input", "output"],
        "operations": ["GET /things", "POST /things"]
    });
    assert_eq!(json["changes"][2], expected);
}

#[test]
fn every_pointer_leads_somewhere() {
    let (old, new) = (base(), edited(&edits()));
    for change in super::difference(&old, &new) {
        assert!(old.pointer(&change.pointers.old).is_some(), "{}", change.pointers.old);
        assert!(new.pointer(&change.pointers.new).is_some(), "{}", change.pointers.new);
    }
}

#[test]
fn the_outcome_is_that_of_the_worst_change_for_the_side_that_is_asked_about() {
    let outcome_of = |edits: &[Edit], side| outcome(&super::difference(&base(), &edited(edits)), side);
    let added = [set("/components/schemas/NewThing/properties/tag", json!({}))];
    let risky = [push("/components/schemas/State/enum", json!("LATE"))];
    assert_eq!(outcome_of(&[], Side::Clients), Outcome::Same);
    assert_eq!(outcome_of(&added, Side::Clients), Outcome::Compatible);
    assert_eq!(outcome_of(&risky, Side::Clients), Outcome::Compatible);
    assert_eq!(outcome_of(&added, Side::Servers), Outcome::Breaking);
    assert_eq!(outcome_of(&[Edit::Drop("/paths/~1things/get")], Side::Clients), Outcome::Breaking);
}

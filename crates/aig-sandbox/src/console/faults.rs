//! Faults: those in force, a form for one more, and whole scenarios.

use std::{iter::once, sync::Arc, time::Duration};

use aig_codegen::OPERATIONS;
use axum::{extract::State, response::Response};
use maud::{Markup, html};
use serde_json::Value;

use super::{
    Asked, Console,
    forms::{self, Fields},
    html::given,
    notice::Notice,
    overview::{self, Refused},
};
use crate::{
    control::PREFIX,
    faults::{Effect, Fault, METHODS, Scenario},
};

/// The name of an effect, what it does, and how it is made of a form.
type Kind = (&'static str, &'static str, fn(&Fields) -> Result<Effect, String>);

const EFFECTS: [Kind; 10] = [
    ("answer", "another answer, with this status", answer),
    ("delay", "late by so many milliseconds", |fields| amount(fields).map(Effect::Delay)),
    ("drop", "not done, connection closes", |_| Ok(Effect::Drop)),
    ("lose", "done, connection closes without an answer", |_| Ok(Effect::Lose)),
    ("cut", "connection closes after so many bytes", |fields| amount(fields).map(Effect::Cut)),
    ("stall", "nothing more comes after so many bytes", |fields| amount(fields).map(Effect::Stall)),
    ("corrupt", "the byte at this place is another", |fields| amount(fields).map(Effect::Corrupt)),
    ("wrong_checksum", "wrong checksum in the headers", |_| Ok(Effect::WrongChecksum)),
    ("expired_url", "not done, the signed URL has expired", |_| Ok(Effect::ExpiredUrl)),
    ("replaced", "another entity tag, no ranges", |_| Ok(Effect::Replaced)),
];

pub(super) fn section(console: &Console, asked: &Asked, refused: Option<&Refused>) -> Markup {
    let content = html! {
        div id="fault-list" data-live { (in_force(console, asked)) }
        h3 { "Scenarios" }
        (forms::form(console, asked, "scenario", &html! {
            ul.plain aria-label="Scenarios" {
                @for scenario in Scenario::ALL {
                    li.scenario { button name="name" value=(scenario) { (scenario) } " " span.soft { (scenario.about()) } }
                }
            }
        }))
        h3 { "One more fault" }
        (Refused::at(refused, "faults"))
        (forms::form(console, asked, "fault", &questions(refused)))
    };
    overview::section("faults", "Faults", &content)
}

fn in_force(console: &Console, asked: &Asked) -> Markup {
    let rules = console.control.faults.list();
    let removal = |id: u64| {
        html! {
            input type="hidden" name="id" value=(id);
            button id={ "remove-fault-" (id) } { "Remove" span.unseen { " fault " (id) } }
        }
    };
    html! {
        @if rules.is_empty() {
            p.soft { "Nothing goes wrong." }
        } @else {
            ul.plain {
                @for (id, fault) in &rules {
                    li.fault { p { strong { (id) } " " (described(fault)) } (forms::form(console, asked, "fault-removal", &removal(*id))) }
                }
            }
            (forms::form(console, asked, "faults-end", &html! { button id="end-faults" { "End all faults" } }))
        }
    }
}

/// In words, from what the programs' paths show.
fn described(fault: &Fault) -> String {
    let json = serde_json::to_value(fault).unwrap_or_default();
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), given);
    let part = |name: &str, around: &dyn Fn(String) -> String| {
        json.get(name).filter(|value| name != "skip" || **value != 0).map(|value| around(plain(value)))
    };
    let parts = [
        Some(effect(&json["effect"])),
        part("operation", &|id| format!("on {id}")),
        part("method", &|method| format!("on {method}")),
        part("path", &|path| format!("below {path}")),
        part("probability", &|share| format!("with probability {share}")),
        part("seed", &|seed| format!("with dice of seed {seed}")),
        part("latency", &|late| format!("late by {late} ms")),
        part("skip", &|count| format!("after {count} more")),
        part("times", &|count| format!("{count} times more")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn effect(effect: &Value) -> String {
    let amount = |object: &serde_json::Map<String, Value>| {
        object.iter().next().map(|(name, value)| (name.clone(), value.clone()))
    };
    match effect.as_object().and_then(amount) {
        Some((_, answer)) if answer.is_object() => {
            let retry = answer
                .get("retry_after")
                .and_then(Value::as_str)
                .map(|after| format!(", Retry-After {}", given(after)));
            let body = answer.get("body").map_or("", |_| ", a body of its own");
            format!("answer {}{}{body}", answer["status"], retry.unwrap_or_default())
        }
        Some((name, value)) => format!("{} {value}", name.replace('_', " ")),
        None => effect.as_str().unwrap_or_default().replace('_', " "),
    }
}

fn questions(refused: Option<&Refused>) -> Markup {
    let blank = Fields::blank();
    let fields = refused.filter(|refused| refused.place == "faults").map_or(&blank, |refused| &refused.fields);
    let effects = EFFECTS.iter().map(|(value, text, _)| (*value, *text));
    let operations = OPERATIONS.iter().map(|operation| (operation.id, operation.id));
    let methods = METHODS.iter().map(|method| (*method, *method));
    html! {
        div.questions {
            div.whole { (choice(fields, "effect", "What happens", effects)) }
            div { (input(fields, "amount", "Status, ms, bytes", "503")) }
            div { (input(fields, "retry_after", "Retry-After", "1")) }
            div.whole { (input(fields, "body", "Body of the answer", "a sentence")) }
            div.whole { (choice(fields, "operation", "On operation", once(ANY).chain(operations))) }
            div { (input(fields, "path", "Below path", "/storage/")) }
            div { (choice(fields, "method", "On method", once(ANY).chain(methods))) }
            div { (input(fields, "times", "Times", "for ever")) }
            div { (input(fields, "skip", "Let pass first", "0")) }
            div { (input(fields, "probability", "Probability 0–1", "1")) }
            div { (input(fields, "seed", "Seed of its dice", "the sandbox's")) }
            div { (input(fields, "latency", "Late by ms", "0")) }
        }
        button { "Add fault" }
    }
}

/// The first of the choices where none need be made.
const ANY: (&str, &str) = ("", "any");

fn input(fields: &Fields, name: &str, title: &str, hint: &str) -> Markup {
    html! {
        label for={ "fault-" (name) } { (title) }
        input id={ "fault-" (name) } name=(name) value=(fields.text(name)) placeholder=(hint) autocomplete="off" spellcheck="false";
    }
}

fn choice<'a>(fields: &Fields, name: &str, title: &str, choices: impl Iterator<Item = (&'a str, &'a str)>) -> Markup {
    html! {
        label for={ "fault-" (name) } { (title) }
        select id={ "fault-" (name) } name=(name) {
            @for (value, text) in choices { option value=(value) selected[fields.text(name) == value] { (text) } }
        }
    }
}

pub(super) async fn add(State(console): State<Arc<Console>>, fields: Fields) -> Response {
    match fault(&fields) {
        Ok(fault) => {
            console.control.faults.add(fault);
            fields.done(&format!("{PREFIX}/"), "faults", Notice::FaultAdded)
        }
        Err(why) => Refused { place: "faults", why, fields }.page(&console),
    }
}

pub(super) async fn remove(State(console): State<Arc<Console>>, fields: Fields) -> Response {
    let removed = fields.text("id").parse().is_ok_and(|id| console.control.faults.remove(id));
    if removed {
        return fields.done(&format!("{PREFIX}/"), "faults", Notice::FaultRemoved);
    }
    Refused { place: "faults", why: "This fault is not in force any more.".to_owned(), fields }.page(&console)
}

pub(super) async fn clear(State(console): State<Arc<Console>>, fields: Fields) -> Response {
    console.control.faults.clear();
    fields.done(&format!("{PREFIX}/"), "faults", Notice::FaultsEnded)
}

pub(super) async fn play(State(console): State<Arc<Console>>, fields: Fields) -> Response {
    match fields.text("name").parse::<Scenario>() {
        Ok(scenario) => {
            scenario.faults().into_iter().for_each(|fault| _ = console.control.faults.add(fault));
            fields.done(&format!("{PREFIX}/"), "faults", Notice::ScenarioPlayed)
        }
        Err(error) => Refused { place: "faults", why: error.to_string(), fields }.page(&console),
    }
}

fn fault(fields: &Fields) -> Result<Fault, String> {
    let mut fault = Fault::new(asked_effect(fields)?);
    if let Some(operation) = fields.given("operation") {
        fault = fault.on_operation(operation);
    }
    if let Some(path) = fields.given("path") {
        fault = fault.on_path(path);
    }
    if let Some(method) = fields.given("method") {
        fault = fault.on_method(method);
    }
    if let Some(share) = fields.given("probability") {
        let share = share.parse().ok().filter(|share| (0.0..=1.0).contains(share));
        fault = fault.with_probability(share.ok_or("The probability is a number from 0 to 1.")?);
    }
    if let Some(times) = fields.given("times") {
        fault = fault.times(whole(times, "Times")?);
    }
    if let Some(skip) = fields.given("skip") {
        fault = fault.after(whole(skip, "How many to let pass")?);
    }
    if let Some(seed) = fields.given("seed") {
        fault = fault.with_seed(whole(seed, "The seed")?);
    }
    if let Some(late) = fields.given("latency") {
        fault = fault.with_latency(Duration::from_millis(whole(late, "Late by ms")?));
    }
    fault.check()?;
    Ok(fault)
}

fn asked_effect(fields: &Fields) -> Result<Effect, String> {
    let asked = EFFECTS.iter().find(|(name, ..)| *name == fields.text("effect"));
    let (.., effect) = asked.ok_or("Choose what shall happen.")?;
    effect(fields)
}

fn amount(fields: &Fields) -> Result<u64, String> {
    whole(fields.text("amount"), "Status, ms or bytes")
}

fn answer(fields: &Fields) -> Result<Effect, String> {
    let status = fields.given("amount").unwrap_or("503").parse().ok().filter(|status| (200..=599).contains(status));
    let effect = Effect::status(status.ok_or("The status is a number from 200 to 599.")?);
    let effect = match fields.given("retry_after") {
        Some(after) => effect.retry_after(after),
        None => effect,
    };
    Ok(match fields.given("body") {
        Some(body) => effect.body(body),
        None => effect,
    })
}

fn whole(text: &str, what: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{what}: give a whole number."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_effect_that_there_is_can_be_chosen() {
        let refusal = serde_json::from_value::<Effect>("none".into()).unwrap_err().to_string();
        let (_, known) = refusal.split_once("expected one of ").unwrap();
        let known: Vec<&str> = known.split(", ").map(|name| name.trim_matches('`')).collect();
        let mut offered: Vec<&str> = EFFECTS.iter().map(|(name, ..)| *name).collect();
        offered.sort_by_key(|name| known.iter().position(|known| known == name));
        assert_eq!(offered, known);
    }
}

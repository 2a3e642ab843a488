//! The clock: shown, put forward, stopped.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use jiff::{SignedDuration, Span, SpanRound, Unit};
use maud::{Markup, html};

use super::{
    Asked, Console,
    forms::{self, Fields},
    html::moment,
    notice::Notice,
    overview::{self, Refused},
};
use crate::{
    clock::Clock,
    control::{
        PREFIX,
        clock::{Turn, planned},
    },
};

const STEPS: [(&str, &str); 4] = [("5m", "5 min"), ("1h", "1 h"), ("1d", "1 day"), ("30d", "30 days")];

pub(super) fn section(console: &Console, asked: &Asked, refused: Option<&Refused>) -> Markup {
    let clock = &console.platform().clock;
    let ahead = clock.now().duration_since(clock.real_now());
    let content = html! {
        dl.pairs id="clock-face" data-live {
            dt { "Here" } dd { (moment(clock.now())) @if clock.is_frozen() { ", stands still" } }
            dt { "Machine" } dd { (moment(clock.real_now())) }
            dt { "Ahead" } dd { (words(ahead)) }
        }
        p.soft { "Tokens, signed URLs, timed runs and kept results age by it." }
        (Refused::at(refused, "clock"))
        (forms::form(console, asked, "clock", &html! {
            div.row role="group" aria-label="Put the clock forward" {
                @for (span, text) in STEPS { button name="by" value=(span) { "+ " (text) } }
            }
        }))
        (forms::form(console, asked, "clock", &question(refused, "by", "Put forward by", "1h 30m")))
        (forms::form(console, asked, "clock", &question(refused, "at", "Put forward to", "2027-01-01T00:00:00Z")))
        div id="clock-hand" data-live { (forms::form(console, asked, "clock", &hand(clock))) }
    };
    overview::section("clock", "Clock", &content)
}

fn question(refused: Option<&Refused>, name: &str, title: &str, hint: &str) -> Markup {
    let typed = refused.filter(|refused| refused.place == "clock").map_or("", |refused| refused.fields.text(name));
    html! {
        div.row {
            div {
                label for=(name) { (title) }
                input id=(name) name=(name) required placeholder=(hint) autocomplete="off" spellcheck="false" value=(typed);
            }
            button { "Put forward" span.unseen { (title.trim_start_matches("Put forward")) } }
        }
    }
}

/// A button that stops a clock, or lets a stopped one go on.
fn hand(clock: &Clock) -> Markup {
    let (act, word) = if clock.is_frozen() { ("resume", "Let the clock go on") } else { ("stop", "Stop the clock") };
    html! { button id="turn-clock-hand" name="hand" value=(act) { (word) } }
}

pub(super) async fn turn(State(console): State<Arc<Console>>, fields: Fields) -> Response {
    let act = asked_turn(&fields).and_then(|turn| planned(turn, console.platform().clock.now()));
    if let Some(act) = act {
        return match console.platform().turn_clock(act) {
            Ok(()) => fields.done(&format!("{PREFIX}/"), "clock", notice(&fields)),
            Err(error) => {
                let why = format!("The clock stays: the sandbox cannot use its disk: {error}.");
                Refused { place: "clock", why, fields }.page(&console)
            }
        };
    }
    let why = match fields.given("at") {
        Some(_) => "Give a time to come, such as 2027-01-01T00:00:00Z.",
        None => "Give a span forward in time, such as 30d or 1h 30m.",
    };
    Refused { place: "clock", why: why.to_owned(), fields }.page(&console)
}

fn asked_turn(fields: &Fields) -> Option<Turn> {
    if let Some(at) = fields.given("at") {
        return Some(Turn::Set(at.parse().ok()?));
    }
    Some(match fields.text("hand") {
        "stop" => Turn::Freeze(true),
        "resume" => Turn::Freeze(false),
        _ => Turn::Advance(fields.text("by").to_owned()),
    })
}

fn notice(fields: &Fields) -> Notice {
    match fields.text("hand") {
        "stop" => Notice::ClockStopped,
        "resume" => Notice::ClockResumed,
        _ => Notice::ClockAdvanced,
    }
}

/// In days, hours, minutes and seconds.
fn words(ahead: SignedDuration) -> String {
    let round = SpanRound::new().largest(Unit::Day).smallest(Unit::Second).days_are_24_hours();
    match Span::try_from(ahead).and_then(|span| span.round(round)) {
        Ok(span) if !span.is_zero() => format!("{span:#}"),
        _ => "nothing".to_owned(),
    }
}

//! The clock: shown, and put forward.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use jiff::{SignedDuration, Span, SpanRelativeTo, SpanRound, Unit};
use maud::{Markup, html};

use super::{
    Asked, Console,
    forms::{self, Fields},
    html::moment,
    notice::Notice,
    overview::{self, Refused},
};
use crate::control::PREFIX;

const STEPS: [(&str, &str); 4] = [("5m", "5 min"), ("1h", "1 h"), ("1d", "1 day"), ("30d", "30 days")];

pub(super) fn section(console: &Console, asked: &Asked, refused: Option<&Refused>) -> Markup {
    let clock = &console.platform().clock;
    let ahead = clock.now().duration_since(clock.real_now());
    let content = html! {
        dl.pairs id="clock-face" data-live {
            dt { "Here" } dd { (moment(clock.now())) }
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
        (forms::form(console, asked, "clock", &html! {
            div.row {
                div {
                    label for="by" { "Put forward by" }
                    input id="by" name="by" required placeholder="1h 30m" autocomplete="off" spellcheck="false"
                        value=(refused.filter(|refused| refused.place == "clock").map_or("", |refused| refused.fields.text("by")));
                }
                button { "Put forward" }
            }
        }))
    };
    overview::section("clock", "Clock", &content)
}

pub(super) async fn advance(State(console): State<Arc<Console>>, fields: Fields) -> Response {
    let span: Option<SignedDuration> = fields
        .text("by")
        .parse::<Span>()
        .ok()
        .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    match span.filter(|span| span.is_positive()) {
        Some(span) => {
            console.platform().turn_clock_unasked(|clock| clock.advance(span));
            fields.done(&format!("{PREFIX}/"), "clock", Notice::ClockAdvanced)
        }
        None => {
            let why = "Give a span forward in time, such as 30d or 1h 30m.".to_owned();
            Refused { place: "clock", why, fields }.page(&console)
        }
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

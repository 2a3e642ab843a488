//! `/_sandbox/clock`: what time it is in the sandbox, put forward, stopped.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, broken, read, refused};
use crate::{clock::Clock, span};

pub(super) async fn show(State(control): State<Control>) -> Json<Value> {
    let clock = &control.platform.clock;
    Json(json!({"now": clock.now(), "machine": clock.real_now(), "frozen": clock.is_frozen()}))
}

/// One of these.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Turn {
    /// A span as jiff reads it (`30d`, `1h 30m`, `PT5M`).
    Advance(String),
    /// A time that has not come yet.
    Set(Timestamp),
    Freeze(bool),
}

pub(super) async fn turn(State(control): State<Control>, body: Bytes) -> Response {
    let turn = match read::<Turn>(&body, "a turn of the clock") {
        Ok(turn) => turn,
        Err(message) => return refused(&message),
    };
    let Some(turn) = planned(turn, control.platform.clock.now()) else {
        return refused(
            "`advance` is a span forward in time, such as \"30d\" or \"1h 30m\"; `set` is a time to come; both end before the \
             year 3000",
        );
    };
    match control.platform.turn_clock(turn) {
        Ok(()) => show(State(control)).await.into_response(),
        Err(error) => broken(&error),
    }
}

pub(crate) type Act = Box<dyn FnOnce(&Clock) + Send>;

/// 3000-01-01: far enough for everything that ages, and far from the last moment that there is, since tokens end after it.
const END: Timestamp = Timestamp::constant(32_503_680_000, 0);

/// The same, unless it leads back, or beyond the end.
pub(crate) fn forward(by: SignedDuration, now: Timestamp) -> Option<SignedDuration> {
    let ends_well = now.checked_add(by).is_ok_and(|then| then < END);
    (!by.is_negative() && ends_well).then_some(by)
}

/// What to do with the clock; `None` for what would turn it back, or beyond its end.
pub(crate) fn planned(turn: Turn, now: Timestamp) -> Option<Act> {
    Some(match turn {
        Turn::Advance(text) => {
            let by = forward(span::forward(&text)?, now)?;
            Box::new(move |clock| clock.advance(by))
        }
        Turn::Set(at) => {
            let by = forward(at.duration_since(now), now)?;
            Box::new(move |clock| clock.advance(by))
        }
        Turn::Freeze(true) => Box::new(Clock::freeze),
        Turn::Freeze(false) => Box::new(Clock::resume),
    })
}

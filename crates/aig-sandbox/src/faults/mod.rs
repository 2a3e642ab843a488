//! Faults on demand: rules that say which requests shall go wrong, how, how often.

mod mangle;
mod rule;
mod scenario;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

pub use rule::{Effect, Fault};
pub(crate) use rule::{METHODS, Matched};
pub use scenario::{Scenario, UnknownScenario};

/// The rules in force.
#[derive(Debug)]
pub(crate) struct Faults(Mutex<Book>);

#[derive(Debug)]
struct Book {
    next_id: u64,
    dice: u64,
    rules: Vec<(u64, Fault)>,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(Book { next_id: 1, dice: seed, rules: Vec::new() }))
    }

    /// The number of the new rule.
    pub(crate) fn add(&self, fault: Fault) -> u64 {
        let mut book = self.book();
        let id = book.next_id;
        book.next_id += 1;
        book.rules.push((id, fault));
        id
    }

    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut book = self.book();
        let before = book.rules.len();
        book.rules.retain(|(rule, _)| *rule != id);
        book.rules.len() < before
    }

    pub(crate) fn clear(&self) {
        self.book().rules.clear();
    }

    pub(crate) fn list(&self) -> Vec<(u64, Fault)> {
        self.book().rules.clone()
    }

    /// The first rule that strikes; it is counted, and goes when it has struck as often as it should.
    fn strike(&self, request: &Matched<'_>) -> Option<Strike> {
        let mut book = self.book();
        let Book { dice, rules, .. } = &mut *book;
        let index = rules.iter_mut().position(|(_, fault)| fault.strikes(request, || roll(dice)))?;
        let (id, fault) = rules.get(index)?;
        let strike = Strike { id: *id, effect: fault.effect.clone(), latency: fault.latency.unwrap_or_default() };
        if rules.get(index).is_some_and(|(_, fault)| fault.is_spent()) {
            rules.remove(index);
        }
        Some(strike)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A rule that strikes one request.
#[derive(Debug)]
struct Strike {
    id: u64,
    effect: Effect,
    latency: u64,
}

/// A fraction in 0..1; the same sequence from the same seed.
fn roll(dice: &mut u64) -> f64 {
    *dice = dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
    (crate::ids::mix(*dice) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Marks an answer in which a fault has struck, for the log of requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Struck(pub(crate) u64);

/// Lets faults strike. The sandbox's own pages are spared.
pub(crate) async fn layer(State(faults): State<Arc<Faults>>, request: Request, next: Next) -> Response {
    let Some(strike) = faults.strike(&Matched::of(request.method(), request.uri())) else {
        return next.run(request).await;
    };
    if strike.latency > 0 {
        tokio::time::sleep(Duration::from_millis(strike.latency)).await;
    }
    let mut response = mangle::carry_out(strike.effect, request, next).await;
    response.extensions_mut().insert(Struck(strike.id));
    response
}

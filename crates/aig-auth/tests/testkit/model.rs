//! Rotation against a naive model that remembers every refresh token it ever saw.

use std::time::Duration;

use aig_auth::testkit::{AuthorizationServer, Rotation};
use proptest::prelude::*;

use crate::{refresh, session, text};

/// What somebody does.
#[derive(Debug, Clone)]
enum Step {
    /// Presents the nth of the tokens seen so far, counted from the newest.
    Present(usize),
    /// Waits so many seconds.
    Wait(u64),
}

/// A token as the model knows it.
struct Seen {
    token: String,
    generation: usize,
}

/// The rule in the words of the documentation: the newest generation is good; the one before it is good within the
/// interval after its first use; anything else ends all.
struct Model {
    interval: u64,
    now: u64,
    newest: usize,
    replaced_at: u64,
    over: bool,
}

impl Model {
    fn allows(&mut self, generation: usize) -> bool {
        let is_newest = generation == self.newest;
        let is_in_time = generation + 1 == self.newest && self.now < self.replaced_at + self.interval;
        if self.over || !(is_newest || is_in_time) {
            self.over = true;
            return false;
        }
        if is_newest {
            self.newest += 1;
            self.replaced_at = self.now;
        }
        true
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![3 => (0..4usize).prop_map(Step::Present), 1 => (1..8u64).prop_map(Step::Wait)]
}

/// The first step at which the server and the model, which believes in `believed`, are of two minds.
async fn first_difference(interval: u64, believed: u64, steps: &[Step]) -> Option<usize> {
    let rotation = Rotation::On { reuse_interval: Duration::from_secs(interval) };
    let start = jiff::Timestamp::UNIX_EPOCH;
    let server = AuthorizationServer::builder().rotation(rotation).clock(move || start).build();
    let mut model = Model { interval: believed, now: 0, newest: 0, replaced_at: 0, over: false };
    let mut seen = vec![Seen { token: session(&server).await, generation: 0 }];
    for (index, step) in steps.iter().enumerate() {
        match step {
            Step::Wait(seconds) => {
                model.now += seconds;
                server.advance(Duration::from_secs(*seconds));
            }
            Step::Present(back) => {
                let at = seen.len() - 1 - back.min(&(seen.len() - 1));
                let expected = model.allows(seen[at].generation);
                let answer = refresh(&server, &seen[at].token).await;
                if (answer.status == 200) != expected {
                    return Some(index);
                }
                if expected {
                    seen.push(Seen { token: text(&answer, "refresh_token"), generation: model.newest });
                }
            }
        }
    }
    None
}

#[tokio::test]
async fn a_model_that_believes_in_another_interval_is_caught() {
    let lost_and_asked_again = [Step::Present(0), Step::Wait(3), Step::Present(1)];
    assert_eq!(first_difference(0, 5, &lost_and_asked_again).await, Some(2), "the server is stricter");
    assert_eq!(first_difference(5, 0, &lost_and_asked_again).await, Some(2), "the server is more lenient");
    assert_eq!(first_difference(5, 5, &lost_and_asked_again).await, None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rotation_agrees_with_the_naive_model(interval in 0..6u64, steps in prop::collection::vec(step(), 1..16)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let difference = runtime.block_on(first_difference(interval, interval, &steps));
        prop_assert_eq!(difference, None);
    }
}

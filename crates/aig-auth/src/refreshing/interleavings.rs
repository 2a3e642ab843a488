//! Every order in which refreshes and rejections can meet: what the memory layer remembers is right after each.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{
    RefreshPolicy,
    policy::Held,
    state::{Outcome, State, Turn},
};
use crate::{AccessToken, clock::Moment};

const NOW: Moment = Moment { wall: Timestamp::UNIX_EPOCH, ticks: Duration::ZERO };

/// Somebody who does two things, with anything in between.
enum Actor {
    /// Asks for its turn; if it is to fly, lands with a token of its own.
    Refresher(Option<tokio::sync::watch::Sender<Option<Outcome>>>),
    /// Looks which token there is; has that one rejected.
    Rejecter(Option<AccessToken>),
}

#[derive(Default)]
struct World {
    state: State,
    flying: usize,
    stored: Vec<AccessToken>,
    rejected: Vec<AccessToken>,
}

impl World {
    fn store(&mut self) {
        let token = AccessToken::new(&format!("token-{}", self.stored.len())).unwrap();
        self.state.succeed(Arc::new(Held::new(token.clone(), NOW, &RefreshPolicy::default(), 0.0)));
        self.stored.push(token);
    }

    fn held(&self) -> Option<AccessToken> {
        self.state.held().map(|held| held.token.clone())
    }

    fn first(&mut self, actor: &mut Actor) {
        match actor {
            Actor::Refresher(announce) => {
                if let Turn::Fly { announce: sender, .. } = self.state.turn(&NOW) {
                    self.flying += 1;
                    assert_eq!(self.flying, 1, "two refreshes at once");
                    *announce = Some(sender);
                }
            }
            Actor::Rejecter(seen) => *seen = self.held(),
        }
    }

    fn second(&mut self, actor: &mut Actor) {
        match actor {
            Actor::Refresher(announce) => {
                if announce.take().is_some() {
                    self.flying -= 1;
                    self.store();
                }
            }
            Actor::Rejecter(seen) => {
                let Some(token) = seen else { return };
                let before = self.held();
                let forgotten = self.state.reject(token, &NOW);
                // The successor of a refused token is too young here to be refused for its age.
                let expected = before.as_ref() == Some(token) && self.rejected.is_empty();
                assert_eq!(forgotten, expected, "{token:?} of {before:?}");
                if forgotten {
                    self.rejected.push(token.clone());
                } else {
                    assert_eq!(self.held(), before, "a newer token was harmed");
                }
            }
        }
    }

    fn check_end(&self) {
        let last = self.stored.last().unwrap();
        let expected = if self.rejected.contains(last) { None } else { Some(last.clone()) };
        assert_eq!(self.held(), expected);
    }
}

fn actors() -> [Actor; 4] {
    [Actor::Refresher(None), Actor::Refresher(None), Actor::Rejecter(None), Actor::Rejecter(None)]
}

/// All orders of eight steps in which each of four actors does its first before its second.
fn orders(done: [u8; 4], order: &mut Vec<usize>, all: &mut Vec<Vec<usize>>) {
    if done == [2; 4] {
        all.push(order.clone());
        return;
    }
    for actor in 0..4 {
        if done[actor] < 2 {
            let mut done = done;
            done[actor] += 1;
            order.push(actor);
            orders(done, order, all);
            order.pop();
        }
    }
}

#[test]
fn in_every_order_one_refresh_flies_and_newer_tokens_are_spared() {
    let mut all = Vec::new();
    orders([0; 4], &mut Vec::new(), &mut all);
    assert_eq!(all.len(), 2_520);
    for order in all {
        let (mut world, mut actors, mut steps) = (World::default(), actors(), [0; 4]);
        world.store();
        for actor in order {
            match steps[actor] {
                0 => world.first(&mut actors[actor]),
                _ => world.second(&mut actors[actor]),
            }
            steps[actor] += 1;
        }
        world.check_end();
    }
}

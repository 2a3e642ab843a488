//! The audit log: every event of a session's life, and no secret (F19).

use std::sync::{Arc, Mutex};

use aig_auth::{Rejection, TokenProvider as _};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::{EnvFilter, util::SubscriberInitExt as _};

use crate::{
    person::{Answer, Person},
    world::{USER, World, token},
};

/// What this test's own thread logs as audit events.
fn audit() -> (Arc<Mutex<Vec<u8>>>, DefaultGuard) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let writer = {
        let kept = kept.clone();
        move || Keeper(kept.clone())
    };
    let subscriber = tracing_subscriber::fmt().with_env_filter(EnvFilter::new("aig_auth::audit=trace"));
    (kept, subscriber.with_ansi(false).without_time().with_writer(writer).finish().set_default())
}

struct Keeper(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Keeper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_life_of_a_session_is_in_the_audit_log_without_a_secret() {
    let (kept, _guard) = audit();
    let world = World::new().await;
    let provider = world.builder().prompt(Person::who(&world.server, Answer::Approve)).build().unwrap();
    let first = provider.sign_in().await.unwrap();
    provider.reject(&first, Rejection::Unauthorized).await;
    let second = token(&provider).await.unwrap();
    world.server.revoke_sessions_of(USER);
    provider.reject(&second, Rejection::Revoked).await;
    world.clock.advance(7_200);
    assert!(token(&provider).await.is_err());
    provider.sign_in().await.unwrap();
    provider.sign_out().await.unwrap();

    let log = String::from_utf8(kept.lock().unwrap().clone()).unwrap();
    let events = [
        "signed in",
        "token rejected by a server",
        "token obtained",
        "session ended",
        "no token obtained",
        "signed out",
    ];
    let places: Vec<_> = events.iter().map(|event| log.find(event).ok_or(event)).collect();
    assert!(places.is_sorted() && places.iter().all(Result::is_ok), "{places:?} in\n{log}");
    assert!(log.contains("expires_at=") && log.contains("reason="), "{log}");
    assert!(![first, second].iter().any(|token| log.contains(token.expose())), "{log}");
}

//! Staying signed in: refresh tokens that rotate, answers that are lost, disks that do not work.

use std::{sync::Arc, time::Duration};

use aig_auth::{
    AuthErrorKind, Recovery, Rejection, Secret, SignInReason, TokenProvider as _,
    oauth::Standing,
    session::{FileSessionStore, SessionStore as _},
    testkit::{Fault, GrantType, Rotation},
};

use crate::world::{World, token};

const MOST_OF_AN_HOUR: u64 = 3_590;

fn refreshes(world: &World) -> u64 {
    world.server.token_requests(GrantType::RefreshToken)
}

fn signed_out(why: SignInReason) -> Recovery {
    Recovery::SignIn(why)
}

#[tokio::test]
async fn a_rotating_session_lives_on_from_process_to_process() {
    let world = World::new().await;
    let mut last = token(&world.signed_in().await).await.unwrap();
    let seed = world.provider();
    drop(seed);
    for round in 2..=6 {
        world.clock.advance(MOST_OF_AN_HOUR);
        let next = token(&world.provider()).await.unwrap();
        assert_ne!(next, last);
        last = next;
        assert_eq!(refreshes(&world), round);
    }
    assert!(world.server.sessions().iter().all(|session| session.ended.is_none()));
}

#[tokio::test]
async fn of_many_processes_with_an_expired_session_one_refreshes_and_the_others_adopt() {
    let world = World::new().await;
    world.signed_in().await;
    world.clock.advance(MOST_OF_AN_HOUR);
    let tokens: Vec<_> = (0..32)
        .map(|_| {
            let provider = world.provider();
            tokio::spawn(async move { token(&provider).await.unwrap() })
        })
        .collect();
    for other in tokens {
        assert_eq!(other.await.unwrap(), token(&world.provider()).await.unwrap());
    }
    assert_eq!(refreshes(&world), 2);
}

#[tokio::test]
async fn a_rejected_token_is_first_replaced_by_what_another_process_stored() {
    let world = World::new().await;
    let (one, other) = (world.provider(), world.provider());
    world.signed_in().await;
    let old = token(&one).await.unwrap();
    assert_eq!(token(&other).await.unwrap(), old);
    one.reject(&old, Rejection::Unauthorized).await;
    let new = token(&one).await.unwrap();
    assert_eq!(refreshes(&world), 2);
    other.reject(&old, Rejection::Unauthorized).await;
    assert_eq!(token(&other).await.unwrap(), new);
    assert_eq!(refreshes(&world), 2);
}

#[tokio::test]
async fn an_answer_lost_under_strict_rotation_ends_in_a_sign_in_and_two_requests() {
    for fault in [Fault::lost(), Fault::torn(20), Fault::torn(0)] {
        let world = World::new().await;
        world.signed_in().await;
        world.clock.advance(MOST_OF_AN_HOUR);
        world.server.inject(fault.on_grant(GrantType::RefreshToken));
        let provider = world.provider();
        let first = token(&provider).await.unwrap_err();
        assert!(matches!(first.recovery(), Recovery::Retry { .. }), "{first:?}");
        for _ in 0..10 {
            world.clock.advance(5);
            let error = token(&world.provider()).await.unwrap_err();
            assert_eq!(error.recovery(), signed_out(SignInReason::OutcomeUnknown));
        }
        assert_eq!(refreshes(&world), 1 + 2);
    }
}

#[tokio::test]
async fn an_answer_lost_where_the_server_allows_reuse_is_had_again() {
    let minute = Rotation::On { reuse_interval: Duration::from_secs(60) };
    for fault in [Fault::lost(), Fault::torn(20)] {
        let world = World::with(|builder| builder.rotation(minute)).await;
        world.signed_in().await;
        world.clock.advance(MOST_OF_AN_HOUR);
        world.server.inject(fault.on_grant(GrantType::RefreshToken));
        let provider = world.provider();
        assert!(token(&provider).await.is_err());
        world.clock.advance(2);
        token(&provider).await.unwrap();
        assert_eq!(refreshes(&world), 1 + 2);
    }
}

#[tokio::test]
async fn an_outage_costs_no_session_however_long_it_lasts() {
    let world = World::new().await;
    world.signed_in().await;
    world.clock.advance(MOST_OF_AN_HOUR);
    for fault in [Fault::unavailable(503), Fault::unavailable(500), Fault::dropped(), Fault::oauth("server_error")] {
        for _ in 0..5 {
            world.server.inject(fault.clone().on_grant(GrantType::RefreshToken));
            let error = token(&world.provider()).await.unwrap_err();
            assert!(matches!(error.recovery(), Recovery::Retry { .. }), "{error:?}");
        }
    }
    token(&world.provider()).await.unwrap();
}

#[tokio::test]
async fn while_the_token_lives_an_outage_is_not_noticed() {
    let world = World::new().await;
    let provider = world.signed_in().await;
    let token_in_hand = token(&provider).await.unwrap();
    world.clock.advance(55 * 60);
    world.server.inject(Fault::unavailable(503).on_grant(GrantType::RefreshToken).always());
    for _ in 0..4 {
        assert_eq!(token(&provider).await.unwrap(), token_in_hand);
        provider.settle(Duration::from_secs(70)).await;
        world.clock.advance(60);
    }
}

#[tokio::test]
async fn the_server_s_wait_is_passed_on() {
    let world = World::new().await;
    world.signed_in().await;
    world.clock.advance(MOST_OF_AN_HOUR);
    world.server.inject(Fault::unavailable(429).on_grant(GrantType::RefreshToken).retry_after("17"));
    let error = token(&world.provider()).await.unwrap_err();
    assert_eq!(error.recovery(), Recovery::Retry { after: Some(Duration::from_secs(17)) });
}

#[tokio::test]
async fn a_revoked_session_is_asked_about_once_and_then_buried() {
    let world = World::new().await;
    world.signed_in().await;
    world.server.revoke_sessions_of(crate::world::USER);
    world.clock.advance(MOST_OF_AN_HOUR);
    for _ in 0..5 {
        let error = token(&world.provider()).await.unwrap_err();
        assert_eq!(error.recovery(), signed_out(SignInReason::Revoked));
        assert_eq!(error.kind(), AuthErrorKind::NotSignedIn);
    }
    assert_eq!(refreshes(&world), 2);
}

#[tokio::test]
async fn what_the_server_rotated_is_kept_though_the_caller_has_gone() {
    let world = World::new().await;
    world.signed_in().await;
    world.clock.advance(MOST_OF_AN_HOUR);
    world.server.set_latency(Duration::from_millis(50));
    let provider = world.provider();
    let caller = tokio::time::timeout(Duration::from_millis(10), token(&provider)).await;
    assert!(caller.is_err(), "the caller gave up");
    provider.settle(Duration::from_secs(70)).await;
    world.server.set_latency(Duration::ZERO);
    token(&world.provider()).await.unwrap();
    assert_eq!(refreshes(&world), 2, "the other process found the new session");
}

#[tokio::test]
async fn a_refresh_token_from_outside_begins_a_session_and_a_new_one_begins_another() {
    let world = World::new().await;
    let (first, second) = (world.refresh_token().await, world.refresh_token().await);
    let provider = |seed: &aig_auth::Secret| world.builder().refresh_token(seed.clone()).build().unwrap();
    let token_of_first = token(&provider(&first)).await.unwrap();
    assert_eq!(token(&provider(&first)).await.unwrap(), token_of_first, "stored");
    world.clock.advance(MOST_OF_AN_HOUR);
    token(&provider(&first)).await.unwrap();
    assert_eq!(refreshes(&world), 2, "the rotated token was used, not the spent one");
    assert_ne!(token(&provider(&second)).await.unwrap(), token_of_first);
    assert_eq!(refreshes(&world), 3);
    assert!(world.server.sessions().iter().all(|session| session.ended.is_none()));
}

#[tokio::test]
async fn a_refused_refresh_token_from_outside_is_named_as_such_and_asked_about_once() {
    let world = World::new().await;
    let provider =
        || world.builder().refresh_token(Secret::new(crate::all_logs::canary::REFRESH_TOKEN)).build().unwrap();
    for _ in 0..3 {
        let error = token(&provider()).await.unwrap_err();
        assert_eq!(error.recovery(), signed_out(SignInReason::GivenTokenRefused));
        assert!(error.to_string().contains("refresh token that was given"), "{error}");
    }
    assert_eq!(refreshes(&world), 1);
    let standing = provider().explain().await.unwrap().standing;
    assert_eq!(standing, Standing::SignedOut(SignInReason::GivenTokenRefused));
    let error = token(&world.provider()).await.unwrap_err();
    assert_eq!(error.recovery(), signed_out(SignInReason::Revoked), "nothing was given here");
}

#[tokio::test]
async fn a_place_that_cannot_be_used_costs_a_warning_and_no_session() {
    let world = World::new().await;
    let file = world.directory.path().join("a-file");
    std::fs::File::create(&file).unwrap();
    let key = world.config().session_key("default");
    let store = Arc::new(FileSessionStore::new(file.join("below"), &key));
    let provider = world.builder().store(store).refresh_token(world.refresh_token().await).build().unwrap();
    token(&provider).await.unwrap();
    assert!(provider.is_degraded());
    world.clock.advance(MOST_OF_AN_HOUR);
    token(&provider).await.unwrap();
    assert_eq!(refreshes(&world), 2, "the rotated token was remembered");
}

#[tokio::test]
async fn a_damaged_file_counts_as_no_session_and_is_replaced() {
    let world = World::new().await;
    world.signed_in().await;
    let path = world.file_store().path().to_owned();
    for damage in ["", "{", "\u{feff}{}", "token:1234567890", "{\"version\":99}"] {
        let mut file = std::fs::File::create(&path).unwrap();
        std::io::Write::write_all(&mut file, damage.as_bytes()).unwrap();
        let error = token(&world.provider()).await.unwrap_err();
        assert_eq!(error.recovery(), signed_out(SignInReason::NoSession), "{damage:?}");
    }
    world.signed_in().await;
    assert!(world.file_store().load().unwrap().session.is_some());
}

#[tokio::test]
async fn a_clock_set_back_since_the_session_was_stored_means_a_refresh() {
    let world = World::new().await;
    world.signed_in().await;
    let mut past = world.file_store().begin(Duration::ZERO).unwrap();
    let mut record = past.record().clone();
    let session = record.session.as_mut().unwrap();
    session.obtained_at = "2026-01-02T00:00:00Z".parse().unwrap();
    session.access_token = session.access_token.clone().with_expiry("2026-01-02T01:00:00Z".parse().unwrap());
    past.write(record).unwrap();
    drop(past);
    token(&world.provider()).await.unwrap();
    assert_eq!(refreshes(&world), 2);
}

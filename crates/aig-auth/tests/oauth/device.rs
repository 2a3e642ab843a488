//! Device authorization (RFC 8628): its timing, its ends, and servers that do not follow it.

use std::{sync::Arc, time::Duration};

use aig_auth::{
    AuthErrorKind, Interaction, TokenProvider as _, TokenRequest,
    oauth::{Flow, NoBrowser, SignInStep},
    testkit::{Endpoint, Fault, GrantType},
};

use crate::{
    person::{Answer, Person},
    world::{USER, World, token},
};

fn seconds(sleeps: &[Duration]) -> Vec<u64> {
    sleeps.iter().map(Duration::as_secs).collect()
}

#[tokio::test]
async fn a_person_signs_in_with_a_code_and_stays_signed_in_across_processes() {
    let world = World::new().await;
    let person = Person::who(&world.server, Answer::Approve);
    let provider = world.builder().prompt(person.clone()).build().unwrap();
    assert!(token(&provider).await.is_err(), "a library call disturbs nobody");
    assert!(person.shown.lock().unwrap().is_empty());

    let request = TokenRequest::new().with_interaction(Interaction::Allowed);
    let signed_in = provider.token(&request).await.unwrap();
    world.server.verify(signed_in.expose()).unwrap();
    let identity = provider.identity().unwrap();
    assert_eq!(identity.subject, "auth0|ada");

    let other_process = world.provider();
    assert_eq!(token(&other_process).await.unwrap(), signed_in);
    assert_eq!(other_process.identity(), Some(identity));
    assert_eq!(world.server.requests(Endpoint::Token), 1);
}

/// F17 (a).
#[tokio::test]
async fn without_a_browser_a_person_is_told_why_and_gets_a_code() {
    let world = World::new().await;
    let person = Person::who(&world.server, Answer::Approve);
    let provider =
        world.builder().flow(Flow::Auto).browser(Arc::new(NoBrowser)).prompt(person.clone()).build().unwrap();
    provider.sign_in().await.unwrap();
    let shown = person.shown.lock().unwrap();
    let [SignInStep::Fallback { reason, .. }, SignInStep::EnterCode { .. }] = &shown[..] else { panic!("{shown:?}") };
    assert!(reason.contains("browser"), "{reason}");
}

/// F17 (e).
#[tokio::test]
async fn a_session_that_is_over_ends_in_a_new_sign_in_of_the_same_kind() {
    let world = World::new().await;
    world.signed_in().await;
    world.server.revoke_sessions_of(USER);
    world.clock.advance(7_200);
    let person = Person::who(&world.server, Answer::Approve);
    let provider = world.builder().prompt(person.clone()).build().unwrap();
    let request = TokenRequest::new().with_interaction(Interaction::Allowed);
    let again = provider.token(&request).await.unwrap();
    let claims = world.server.verify(again.expose()).unwrap();
    assert_eq!(claims.sub, USER);
    assert!(matches!(person.shown.lock().unwrap()[..], [SignInStep::EnterCode { .. }]), "asked once");
    assert_eq!(token(&world.provider()).await.unwrap(), again, "in the same place");
}

#[tokio::test]
async fn the_code_is_shown_even_where_a_link_has_it() {
    let world = World::new().await;
    let person = Person::who(&world.server, Answer::Approve);
    world.builder().prompt(person.clone()).build().unwrap().sign_in().await.unwrap();
    let shown = person.shown.lock().unwrap();
    let [SignInStep::EnterCode { user_code, verification_uri, verification_uri_complete, expires_in, .. }] = &shown[..]
    else {
        panic!("{shown:?}");
    };
    assert!(verification_uri.starts_with(&world.server.base_url()));
    assert!(verification_uri_complete.as_ref().unwrap().contains(user_code));
    assert_eq!(*expires_in, Duration::from_secs(900));
}

#[tokio::test]
async fn polls_begin_after_a_wait_and_every_slow_down_lengthens_it_for_good() {
    let world = World::new().await;
    let person = Person::who(&world.server, Answer::Approve);
    world.server.inject(Fault::oauth("slow_down").on_grant(GrantType::DeviceCode).times(3));
    world.server.inject(Fault::oauth("authorization_pending").on_grant(GrantType::DeviceCode).times(2));
    world.builder().prompt(person).build().unwrap().sign_in().await.unwrap();
    assert_eq!(seconds(&world.clock.sleeps.lock().unwrap()), [5, 10, 15, 20, 20, 20]);
}

#[tokio::test]
async fn outages_are_outlasted_with_growing_waits() {
    let world = World::new().await;
    let person = Person::who(&world.server, Answer::Approve);
    world.server.inject(Fault::unavailable(502).on_grant(GrantType::DeviceCode));
    world.server.inject(Fault::dropped().on_grant(GrantType::DeviceCode));
    let page = Fault::answer(404, "text/html", "<html>not json</html>").on_grant(GrantType::DeviceCode);
    world.server.inject(page);
    world.builder().prompt(person).build().unwrap().sign_in().await.unwrap();
    assert_eq!(seconds(&world.clock.sleeps.lock().unwrap()), [5, 10, 20, 40]);
}

#[tokio::test]
async fn a_person_who_says_no_is_believed() {
    let world = World::new().await;
    let provider = world.builder().prompt(Person::who(&world.server, Answer::Deny)).build().unwrap();
    assert_eq!(provider.sign_in().await.unwrap_err().kind(), AuthErrorKind::Denied);
}

#[tokio::test]
async fn a_code_that_nobody_enters_ends_the_wait() {
    let world = World::new().await;
    let provider = world.builder().prompt(Person::who(&world.server, Answer::Nothing)).build().unwrap();
    assert_eq!(provider.sign_in().await.unwrap_err().kind(), AuthErrorKind::TimedOut);
    let waited: Duration = world.clock.sleeps.lock().unwrap().iter().sum();
    assert!(waited <= Duration::from_secs(910), "{waited:?}");
}

#[tokio::test]
async fn an_expired_token_answer_ends_the_wait() {
    let world = World::new().await;
    world.server.inject(Fault::oauth("expired_token").on_grant(GrantType::DeviceCode));
    let provider = world.builder().prompt(Person::who(&world.server, Answer::Nothing)).build().unwrap();
    assert_eq!(provider.sign_in().await.unwrap_err().kind(), AuthErrorKind::TimedOut);
}

fn codes(more: &str) -> String {
    format!(
        r#"{{"device_code":"dC7canaryDevice","user_code":"ABCD","verification_uri":"https://login.example/activate",
            "expires_in":90{more}}}"#
    )
}

#[tokio::test]
async fn junk_intervals_become_sensible_ones() {
    for (more, first) in [
        ("", 5),
        (r#","interval":null"#, 5),
        (r#","interval":0"#, 5),
        (r#","interval":-3"#, 5),
        (r#","interval":"7""#, 7),
        (r#","interval":"soon""#, 5),
        (r#","interval":1000000000"#, 60),
        (r#","interval":1"#, 1),
    ] {
        let world = World::new().await;
        let answer = Fault::answer(200, "application/json", codes(more));
        world.server.inject(answer.on(Endpoint::DeviceAuthorization));
        world.server.inject(Fault::oauth("expired_token").on_grant(GrantType::DeviceCode));
        let provider = world.builder().prompt(Person::who(&world.server, Answer::Nothing)).build().unwrap();
        assert!(provider.sign_in().await.is_err());
        assert_eq!(seconds(&world.clock.sleeps.lock().unwrap()), [first], "{more}");
    }
}

#[tokio::test]
async fn answers_that_are_none_are_errors_and_never_repeated_to_anybody() {
    for body in
        ["", "null", "[]", "{}", "<html>", "{\"device_code\":\"dC7canaryDevice\"}", &codes("").replace("90", "\"x\"")]
    {
        let world = World::new().await;
        let answer = Fault::answer(200, "application/json", body);
        world.server.inject(answer.on(Endpoint::DeviceAuthorization));
        let provider = world.builder().prompt(Person::who(&world.server, Answer::Nothing)).build().unwrap();
        let error = provider.sign_in().await.unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Protocol, "{body}");
        assert!(!format!("{error:?} {error}").contains(crate::all_logs::canary::DEVICE_CODE), "{error:?}");
    }
}

#[tokio::test]
async fn people_are_not_sent_to_addresses_that_start_programs() {
    for address in ["javascript:alert(1)", "file:///etc/passwd", "http://login.example/", "smb://host/x"] {
        let world = World::new().await;
        let body = codes("").replace("https://login.example/activate", address);
        world.server.inject(Fault::answer(200, "application/json", body).on(Endpoint::DeviceAuthorization));
        let person = Person::who(&world.server, Answer::Nothing);
        let provider = world.builder().prompt(person.clone()).build().unwrap();
        assert_eq!(provider.sign_in().await.unwrap_err().kind(), AuthErrorKind::Protocol, "{address}");
        assert!(person.shown.lock().unwrap().is_empty());
    }
}

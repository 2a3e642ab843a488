//! Refresh tokens: RFC 6749 section 6, RFC 9700 section 4.14; revocation: RFC 7009.

use std::time::Duration;

use aig_auth::testkit::{AuthorizationServer, Client, Delivery, Ended, Fault, GrantType, Rotation};

use crate::{error_of, post, refresh, session, text, token};

fn server(rotation: Rotation) -> AuthorizationServer {
    crate::timeless().rotation(rotation).build()
}

fn within(seconds: u64) -> Rotation {
    Rotation::On { reuse_interval: Duration::from_secs(seconds) }
}

#[tokio::test]
async fn every_refresh_answers_a_new_refresh_token() {
    let server = server(Rotation::STRICT);
    let mut current = session(&server).await;
    for _ in 0..5 {
        let answer = refresh(&server, &current).await;
        assert_eq!((answer.status, text(&answer, "scope").as_str()), (200, "openid offline_access"));
        let next = text(&answer, "refresh_token");
        assert_ne!(next, current);
        current = next;
    }
    assert_eq!(server.sessions()[0].refreshes, 5);
}

#[tokio::test]
async fn a_spent_token_presented_again_ends_the_session_for_everybody() {
    let server = server(Rotation::STRICT);
    let first = session(&server).await;
    let answer = refresh(&server, &first).await;
    assert_eq!(error_of(&refresh(&server, &first).await), "invalid_grant");
    assert_eq!(server.sessions()[0].ended, Some(Ended::ReuseDetected));
    assert_eq!(error_of(&refresh(&server, &text(&answer, "refresh_token")).await), "invalid_grant");
    assert!(server.verify(&text(&answer, "access_token")).is_err());
}

#[tokio::test]
async fn a_lost_answer_ends_a_strict_session_when_it_is_asked_for_again() {
    let server = server(Rotation::STRICT);
    let first = session(&server).await;
    server.inject(Fault::lost().on_grant(GrantType::RefreshToken));
    assert_eq!(refresh(&server, &first).await.delivery, Delivery::Lost);
    assert_eq!(error_of(&refresh(&server, &first).await), "invalid_grant");
}

#[tokio::test]
async fn a_lost_answer_is_given_again_within_the_reuse_interval() {
    let server = server(within(10));
    let first = session(&server).await;
    server.inject(Fault::lost().on_grant(GrantType::RefreshToken));
    refresh(&server, &first).await;
    server.advance(Duration::from_secs(9));
    let again = refresh(&server, &first).await;
    assert_eq!(again.status, 200);
    assert_eq!(refresh(&server, &text(&again, "refresh_token")).await.status, 200);
}

#[tokio::test]
async fn after_the_reuse_interval_the_lost_answer_ends_the_session() {
    let server = server(within(10));
    let first = session(&server).await;
    refresh(&server, &first).await;
    server.advance(Duration::from_secs(10));
    assert_eq!(error_of(&refresh(&server, &first).await), "invalid_grant");
    assert_eq!(server.sessions()[0].ended, Some(Ended::ReuseDetected));
}

#[tokio::test]
async fn two_clients_that_refresh_at_once_both_live_within_the_reuse_interval() {
    let server = server(within(10));
    let first = session(&server).await;
    let (one, other) = tokio::join!(refresh(&server, &first), refresh(&server, &first));
    for answer in [one, other] {
        assert_eq!(answer.status, 200);
        assert_eq!(refresh(&server, &text(&answer, "refresh_token")).await.status, 200);
    }
}

#[tokio::test]
async fn a_request_that_was_dropped_before_it_was_done_costs_nothing() {
    let server = server(Rotation::STRICT);
    let first = session(&server).await;
    server.inject(Fault::dropped());
    assert_eq!(refresh(&server, &first).await.delivery, Delivery::Lost);
    assert_eq!(refresh(&server, &first).await.status, 200);
}

#[tokio::test]
async fn without_rotation_no_new_token_is_answered_and_the_old_one_lasts() {
    let server = AuthorizationServer::builder()
        .client(Client::native("native").with_rotation(Rotation::Off))
        .refresh_token_lifetime(Duration::from_secs(3_600))
        .build();
    let only = session(&server).await;
    for _ in 0..3 {
        let answer = refresh(&server, &only).await;
        assert_eq!((answer.status, answer.json().get("refresh_token")), (200, None));
    }
    server.advance(Duration::from_secs(3_600));
    assert_eq!(error_of(&refresh(&server, &only).await), "invalid_grant");
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_and_not_for_more() {
    let server = server(Rotation::STRICT);
    let first = session(&server).await;
    let ask = |refresh_token: String, scope: &'static str| {
        let server = server.clone();
        async move {
            let fields = [
                ("grant_type", "refresh_token"),
                ("client_id", "native"),
                ("refresh_token", refresh_token.as_str()),
                ("scope", scope),
            ];
            token(&server, &fields).await
        }
    };
    assert_eq!(error_of(&ask(first.clone(), "openid admin").await), "invalid_scope");
    let less = ask(first, "openid").await;
    assert_eq!(text(&less, "scope"), "openid");
    let full = refresh(&server, &text(&less, "refresh_token")).await;
    assert_eq!(text(&full, "scope"), "openid offline_access", "what was allowed stays allowed");
}

#[tokio::test]
async fn a_refresh_token_belongs_to_its_client_and_to_its_server() {
    let build =
        || AuthorizationServer::builder().client(Client::native("native")).client(Client::native("other")).build();
    let server = build();
    let mine = session(&server).await;
    let fields = [("grant_type", "refresh_token"), ("client_id", "other"), ("refresh_token", mine.as_str())];
    assert_eq!(error_of(&token(&server, &fields).await), "invalid_grant");
    assert_eq!(error_of(&refresh(&build(), &mine).await), "invalid_grant");
    assert_eq!(error_of(&refresh(&server, "rubbish").await), "invalid_grant");
    assert_eq!(refresh(&server, &mine).await.status, 200, "none of that spent it");
}

#[tokio::test]
async fn a_revoked_refresh_token_takes_its_access_tokens_along() {
    let server = server(Rotation::STRICT);
    let answer = refresh(&server, &session(&server).await).await;
    let (access, current) = (text(&answer, "access_token"), text(&answer, "refresh_token"));
    let fields = [("client_id", "native"), ("token", current.as_str()), ("token_type_hint", "refresh_token")];
    for _ in 0..2 {
        assert_eq!(post(&server, "/oauth/revoke", &fields).await.status, 200, "the second time, too");
    }
    assert_eq!(server.sessions()[0].ended, Some(Ended::Revoked));
    assert_eq!(error_of(&refresh(&server, &current).await), "invalid_grant");
    assert!(server.verify(&access).is_err());
}

#[tokio::test]
async fn a_revoked_access_token_leaves_its_session_alone() {
    let server = server(Rotation::STRICT);
    let answer = refresh(&server, &session(&server).await).await;
    let access = text(&answer, "access_token");
    assert_eq!(post(&server, "/oauth/revoke", &[("client_id", "native"), ("token", &access)]).await.status, 200);
    assert!(server.verify(&access).is_err());
    assert_eq!(refresh(&server, &text(&answer, "refresh_token")).await.status, 200);
}

#[tokio::test]
async fn revocation_refuses_strangers_and_shrugs_at_unknown_tokens() {
    let builder = AuthorizationServer::builder().client(Client::native("native")).client(Client::native("other"));
    let server = builder.build();
    let mine = session(&server).await;
    for (fields, status) in [
        ([("client_id", "native"), ("token", "unknown")], 200),
        ([("client_id", "native"), ("token", "")], 400),
        ([("client_id", "stranger"), ("token", mine.as_str())], 401),
        ([("client_id", "other"), ("token", mine.as_str())], 400),
    ] {
        assert_eq!(post(&server, "/oauth/revoke", &fields).await.status, status, "{status}");
    }
    assert_eq!(server.sessions()[0].ended, None);
}

#[tokio::test]
async fn the_operator_ends_all_sessions_of_a_user() {
    let server = server(Rotation::STRICT);
    let (one, other) = (session(&server).await, session(&server).await);
    assert_eq!(server.revoke_sessions_of("auth0|ada"), 2);
    assert_eq!(server.revoke_sessions_of("auth0|ada"), 0);
    for token in [one, other] {
        assert_eq!(error_of(&refresh(&server, &token).await), "invalid_grant");
    }
}

#[tokio::test]
async fn a_hundred_refreshes_of_one_token_at_once_answer_one_and_end_the_session() {
    let server = server(Rotation::STRICT);
    let first = session(&server).await;
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (server, first) = (server.clone(), first.clone());
            tokio::spawn(async move { refresh(&server, &first).await.status })
        })
        .collect();
    let mut good = 0;
    for task in tasks {
        good += usize::from(task.await.unwrap() == 200);
    }
    assert_eq!(good, 1);
    assert_eq!(server.sessions()[0].ended, Some(Ended::ReuseDetected));
    assert_eq!(server.token_requests(GrantType::RefreshToken), 100);
}

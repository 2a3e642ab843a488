//! Signing out: revoked at the server, gone from the disk, gone from memory.

use aig_auth::{
    Recovery, SignInReason,
    oauth::SignedOut,
    testkit::{Endpoint, Fault},
};

use crate::{
    person::{Answer, Person},
    world::{World, token},
};

#[tokio::test]
async fn signing_out_revokes_and_removes() {
    let world = World::new().await;
    let provider = world.builder().prompt(Person::who(&world.server, Answer::Approve)).build().unwrap();
    provider.sign_in().await.unwrap();
    assert!(world.file_store().path().exists());
    assert_eq!(provider.sign_out().await.unwrap(), SignedOut::Revoked);
    assert!(!world.file_store().path().exists());
    assert!(world.server.sessions()[0].ended.is_some());
    assert_eq!(token(&provider).await.unwrap_err().recovery(), Recovery::SignIn(SignInReason::NoSession));
    assert_eq!(provider.sign_out().await.unwrap(), SignedOut::NothingThere);
}

#[tokio::test]
async fn a_server_that_cannot_be_told_keeps_nobody_signed_in_here() {
    let world = World::new().await;
    let provider = world.builder().prompt(Person::who(&world.server, Answer::Approve)).build().unwrap();
    provider.sign_in().await.unwrap();
    world.server.inject(Fault::unavailable(503).on(Endpoint::Revocation).always());
    assert_eq!(provider.sign_out().await.unwrap(), SignedOut::RevocationFailed);
    assert!(!world.file_store().path().exists());
}

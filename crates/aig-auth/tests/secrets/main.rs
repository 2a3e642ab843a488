//! Planted secrets: none of them may be seen in what is logged at the finest level, nor in any Debug or error.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../all_logs/mod.rs"]
mod all_logs;
#[path = "../oauth/person.rs"]
#[expect(dead_code, reason = "shared with the tests of the flows, which use more of it")]
mod person;
#[path = "../oauth/world.rs"]
#[expect(dead_code, reason = "shared with the tests of the flows, which use more of it")]
mod world;

use std::{fmt::Debug, sync::Arc, time::Duration};

use aig_auth::{
    AccessToken, Interaction, Recovery, RefreshingProvider, Rejection, Secret, TokenProvider as _, TokenRequest,
    oauth::{ClientCredentials, Flow, HttpClient, OAuthConfig},
    session::SessionStore as _,
    testkit::{Endpoint, Fault, GrantType},
};
use tokio::{io::AsyncWriteExt as _, sync::mpsc};

use crate::{
    all_logs::{
        canary::{ACCESS_TOKEN, CLIENT_SECRET, COOKIE, ID_TOKEN, PERSON, REFRESH_TOKEN},
        logged,
    },
    person::{Answer, Person, TestBrowser},
    world::{USER, World, token},
};

/// All that was shown in one way or another.
#[derive(Default)]
struct Shown(String);

impl Shown {
    fn debug(&mut self, value: &impl Debug) {
        self.0.push_str(&format!("{value:?} {value:#?}\n"));
    }

    fn error(&mut self, error: &aig_auth::AuthError) {
        self.debug(error);
        let mut cause: Option<&dyn std::error::Error> = Some(error);
        while let Some(error) = cause {
            self.0.push_str(&format!("{error} {error:?}\n"));
            cause = error.source();
        }
    }
}

async fn by_device(world: &World, shown: &mut Shown) {
    let person = Person::who(&world.server, Answer::Approve);
    let provider = world.builder().prompt(person.clone()).build().unwrap();
    let request = TokenRequest::new().with_interaction(Interaction::Allowed);
    let first = provider.token(&request).await.unwrap();
    shown.debug(&(&first, &provider, &*person.shown.lock().unwrap(), world.config(), world.verifier()));
    shown.debug(&world.verifier().verify(first.expose()).await.unwrap());
    shown.debug(&(provider.stored().await.unwrap(), provider.explain().await.unwrap()));
    provider.reject(&first, Rejection::Unauthorized).await;
    shown.debug(&provider.token(&request).await.unwrap());
    let transaction = world.file_store().begin(Duration::ZERO).unwrap();
    shown.debug(&(&transaction, world.file_store()));
    drop(transaction);
    shown.debug(&provider.sign_out().await.unwrap());
}

async fn by_browser(world: &World, shown: &mut Shown) {
    let (opened, mut addresses) = mpsc::unbounded_channel();
    let person = Person::who(&world.server, Answer::Nothing);
    let builder = world.builder().flow(Flow::Browser).browser(Arc::new(TestBrowser { opened })).prompt(person.clone());
    shown.debug(&builder);
    let provider = builder.build().unwrap();
    let outcome = tokio::spawn(async move { provider.sign_in().await });
    let address = addresses.recv().await.unwrap();
    let landing: url::Url = world.server.sign_in(&address, USER).await.unwrap().parse().unwrap();
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", landing.port().unwrap())).await.unwrap();
    let (path, query, port) = (landing.path(), landing.query().unwrap(), landing.port().unwrap());
    let request = format!("GET {path}?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {COOKIE}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    shown.debug(&(outcome.await.unwrap().unwrap(), &*person.shown.lock().unwrap()));
}

/// Answers that hold tokens where none belong, are cut, or are errors.
async fn by_faults(world: &World, shown: &mut Shown) {
    let leaky = &format!(
        r#"{{"access_token":"{ACCESS_TOKEN}","refresh_token":"{REFRESH_TOKEN}","id_token":"{ID_TOKEN}","expires_in":"#
    );
    let spoken = format!(r#"{{"error":"LEAKED {ACCESS_TOKEN}","error_description":"{REFRESH_TOKEN}"}}"#);
    let foreign = format!(r#"{{"access_token":"{ACCESS_TOKEN}","token_type":"mac"}}"#);
    let faults = [
        Fault::answer(200, "application/json", leaky.as_str()),
        Fault::answer(200, "text/html", leaky.as_str()),
        Fault::answer(400, "application/json", leaky.as_str()),
        Fault::answer(500, "application/json", leaky.as_str()),
        Fault::answer(400, "application/json", spoken),
        Fault::answer(200, "application/json", foreign),
        Fault::torn(60),
        Fault::lost(),
    ];
    for fault in faults {
        let seed = world.refresh_token().await;
        world.server.inject(fault.on_grant(GrantType::RefreshToken));
        let provider = world.builder().refresh_token(seed).build().unwrap();
        let error = token(&provider).await.unwrap_err();
        assert!(!matches!(error.recovery(), Recovery::SignIn(_)));
        shown.error(&error);
        shown.debug(&provider);
    }
}

async fn by_client_credentials(world: &World, shown: &mut Shown) {
    let config = OAuthConfig::new(world.server.issuer(), &world.server.endpoints().token, "service").unwrap();
    let config = config.with_client_secret(CLIENT_SECRET).with_audience(world::AUDIENCE);
    let source = ClientCredentials::new(config.clone(), HttpClient::default()).unwrap();
    let provider = RefreshingProvider::new(source);
    shown.debug(&(provider.token(&TokenRequest::new()).await.unwrap(), &provider, config));
    world.server.inject(Fault::oauth("invalid_client").on(Endpoint::Token));
    let config =
        OAuthConfig::new("i", &world.server.endpoints().token, "service").unwrap().with_client_secret(CLIENT_SECRET);
    let refused = RefreshingProvider::new(ClientCredentials::new(config, HttpClient::default()).unwrap());
    shown.error(&refused.token(&TokenRequest::new()).await.unwrap_err());
}

/// What the server saw and gave: everything that must stay between the two.
async fn planted(world: &World) -> Vec<(String, String)> {
    let secret =
        ["code", "code_verifier", "device_code", "state", "refresh_token", "client_secret", "token", "user_code"];
    let mut planted: Vec<(String, String)> = Vec::new();
    for request in world.server.log() {
        for (name, value) in
            request.params.iter().filter(|(name, value)| secret.contains(&name.as_str()) && value.len() > 7)
        {
            planted.push((name.clone(), value.clone()));
        }
    }
    let issued = world.server.issue(USER, "native", "openid offline_access").await.unwrap();
    planted.push(("access_token".into(), issued.access_token.expose().into()));
    planted.push(("id_token".into(), issued.id_token.unwrap().expose().into()));
    for name in [ACCESS_TOKEN, REFRESH_TOKEN, ID_TOKEN, COOKIE, PERSON, CLIENT_SECRET] {
        planted.push((name.into(), name.into()));
    }
    planted
}

/// In clear, or in one of the forms that secrets travel in.
fn seen(text: &str, secret: &str) -> bool {
    let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    [secret, &percent, &hex].iter().any(|form| text.contains(*form))
}

#[tokio::test]
async fn no_planted_secret_is_seen_anywhere() {
    logged();
    let world = World::new().await;
    let mut shown = Shown::default();
    by_device(&world, &mut shown).await;
    by_browser(&world, &mut shown).await;
    by_faults(&world, &mut shown).await;
    by_client_credentials(&world, &mut shown).await;
    shown.debug(&(Secret::new(CLIENT_SECRET), AccessToken::new(ACCESS_TOKEN).unwrap()));

    let planted = planted(&world).await;
    let kinds: std::collections::BTreeSet<&str> = planted.iter().map(|(kind, _)| kind.as_str()).collect();
    assert!(kinds.len() >= 12, "{kinds:?}");
    let text = format!("{}\n{}", logged(), shown.0);
    let hits: Vec<_> = planted.iter().filter(|(_, secret)| seen(&text, secret)).collect();
    println!(
        "secrets: {} planted, {} hits in {} KiB of logs and debug output",
        planted.len(),
        hits.len(),
        text.len() / 1024
    );
    assert!(text.contains("reqwest") && text.contains("hyper"), "libraries are captured, too");
    assert!(hits.is_empty(), "{hits:?}");
    let control = format!("the control: {PERSON}");
    assert!(seen(&control, PERSON), "the control was not found");
}

//! Other libraries, each with a token of the same length and lifetime in hand.

use std::{error::Error, path::Path};

use google_cloud_auth::credentials::{AccessTokenCredentials, user_account};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use yup_oauth2::{AuthorizedUserAuthenticator, authorized_user::AuthorizedUserSecret};

pub(crate) const SCOPE: &str = "https://api.example/all";

/// Credentials of a user whose token endpoint is here and has answered once.
pub(crate) async fn google() -> Result<AccessTokenCredentials, Box<dyn Error>> {
    // Fails when a provider is installed already: then that one is used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}/token", listener.local_addr()?);
    let user = json!({"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"});
    let credentials = user_account::Builder::new(user).with_token_uri(endpoint).build_access_token_credentials()?;
    let (answered, token) = tokio::join!(answer_once(listener), credentials.access_token());
    answered?;
    assert_eq!(token?.token, crate::token_text());
    Ok(credentials)
}

async fn answer_once(listener: TcpListener) -> std::io::Result<()> {
    let (mut stream, _) = listener.accept().await?;
    let mut request = vec![0; 16 * 1024];
    let _ = stream.read(&mut request).await?;
    let body = json!({"access_token": crate::token_text(), "expires_in": 86_400, "token_type": "Bearer"}).to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await?;
    stream.shutdown().await
}

pub(crate) type Yup = yup_oauth2::authenticator::DefaultAuthenticator;

/// An authenticator that finds its token in its store.
pub(crate) async fn yup(directory: &Path) -> Result<Yup, Box<dyn Error>> {
    let path = directory.join("tokens.json");
    let token = yup_oauth2::storage::TokenInfo {
        access_token: Some(crate::token_text()),
        refresh_token: Some("r".into()),
        expires_at: Some(time::OffsetDateTime::now_utc() + time::Duration::DAY),
        id_token: None,
    };
    std::fs::write(&path, json!([{"scopes": [SCOPE], "token": token}]).to_string())?;
    let secret = AuthorizedUserSecret {
        client_id: "c".into(),
        client_secret: "s".into(),
        refresh_token: "r".into(),
        key_type: "authorized_user".into(),
    };
    let authenticator = AuthorizedUserAuthenticator::builder(secret).persist_tokens_to_disk(path).build().await?;
    assert_eq!(authenticator.token(&[SCOPE]).await?.token(), Some(crate::token_text().as_str()));
    Ok(authenticator)
}

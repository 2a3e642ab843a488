//! What the console keeps to itself, and whom it refuses: hostile names, foreign forms, tokens.

use aig_sandbox::Sandbox;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Visitor, contains_all};
use crate::console_content::{HOSTILE, shown};

#[tokio::test]
async fn hostile_names_are_text_on_every_page() {
    let (sandbox, shown) = shown().await;
    let visitor = Visitor::new(&sandbox).await;
    let hostile = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("find", HOSTILE[1])
        .append_pair("prefix", HOSTILE[0])
        .append_pair("bucket", HOSTILE[3])
        .append_pair("notice", HOSTILE[0])
        .finish();
    for path in [
        "/_sandbox/".to_owned(),
        format!("/_sandbox/?{hostile}"),
        format!("/_sandbox/runs/{}", shown.hostile),
        format!("/_sandbox/runs/{}?{hostile}", shown.hostile),
        "/_sandbox/runs/%3Cscript%3Ealert(1)%3C/script%3E".to_owned(),
        "/_sandbox/tokens/%3Cscript%3Ealert(1)%3C/script%3E".to_owned(),
    ] {
        let page = visitor.look(&path).await.text;
        for text in ["<script>alert", "<img src=x", "<svg onload", "</title></style>", "\u{202e}", "\u{1b}"] {
            assert!(!page.contains(text), "{text:?} is on {path}");
        }
    }
    let run = visitor.look(&format!("/_sandbox/runs/{}", shown.hostile)).await.text;
    contains_all(
        &run,
        &["&lt;script&gt;alert(1)&lt;/script&gt;", "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;", "a\u{fffd}gpj.exe"],
    );
}

#[tokio::test]
async fn the_policy_allows_the_pages_own_style_and_script_and_nothing_else() {
    let (sandbox, shown) = shown().await;
    let visitor = Visitor::new(&sandbox).await;
    for path in ["/_sandbox/".to_owned(), format!("/_sandbox/runs/{}", shown.finished)] {
        let page = visitor.look(&path).await;
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        for element in ["style", "script"] {
            let (_, rest) = page.text.split_once(&format!("<{element}>")).unwrap();
            let content = rest.split_once(&format!("</{element}>")).unwrap().0;
            let hash = BASE64_STANDARD.encode(Sha256::digest(content));
            contains_all(
                policy,
                &[&format!("{element}-src 'sha256-{hash}';"), "default-src 'none'", "frame-ancestors 'none'"],
            );
            assert_eq!(page.text.matches(&format!("<{element}")).count(), 1, "{path}");
        }
        assert!(!policy.contains("unsafe"));
        assert!(!page.text.contains(" style=\"") && !page.text.contains(" onclick="), "{path}");
        for attribute in ["src=\"", "action=\""] {
            assert!(page.text.split(attribute).skip(1).all(|address| address.starts_with("/_sandbox/")), "{path}");
        }
        assert_eq!(page.headers["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn tokens_are_shown_once_open_the_api_and_are_revoked() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let issued = visitor.send("token", &[("user", "auth0|sandbox-grace")]).await;
    assert_eq!(issued.status, 303);
    let address = issued.headers["location"].to_str().unwrap();
    let page = visitor.look(address).await;
    let token = |of: &str| {
        page.text
            .split(&format!("Copy {of}"))
            .next()
            .unwrap()
            .rsplit("<code>")
            .next()
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .to_owned()
    };
    let (access, refresh) = (token("the access token"), token("the refresh token"));
    let claims = sandbox.authorization().verify(&access).unwrap();
    assert_eq!(claims.sub, "auth0|sandbox-grace");
    assert!(refresh.starts_with("v1."), "{refresh}");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(visitor.look(address).await.status, 410);
    let overview = visitor.look("/_sandbox/").await.text;
    let log = format!("{:?}{}", sandbox.requests(), visitor.look("/_sandbox/requests").await.text);
    assert!(!overview.contains(&access) && !log.contains(&access) && !log.contains(address));
    assert!(overview.contains("1 open session"));
    let page = visitor.done("sessions-end", &[("user", "auth0|sandbox-grace")]).await;
    contains_all(&page, &["All sessions of this user have ended"]);
    assert!(sandbox.authorization().verify(&access).is_err());
}

#[tokio::test]
async fn forms_of_other_pages_change_nothing() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let own = visitor.wire.url.clone();
    let secret = visitor.secret.clone();
    let localhost = own.replace("127.0.0.1", "localhost");
    let elsewhere = [Some("https://evil.example"), Some("null"), Some("http://127.0.0.1:1"), None];
    let cases = elsewhere.into_iter().map(|origin| (origin, secret.as_str()));
    let without_secret = [(Some(own.as_str()), ""), (Some(own.as_str()), "0000"), (Some(own.as_str()), &secret[1..])];
    for (origin, secret) in cases.chain(without_secret) {
        for (action, fields) in
            [("scenario", [("name", "outage")]), ("clock", [("by", "30d")]), ("token", [("user", "auth0|sandbox-ada")])]
        {
            let form = visitor.form(action, &fields, secret);
            let form = if let Some(origin) = origin { form.header("origin", origin) } else { form };
            assert_eq!(visitor.answer(form).await.status, 403, "{action} from {origin:?}");
        }
    }
    assert_eq!(visitor.wire.get("/_sandbox/faults").await.body, json!([]));
    assert_eq!(visitor.wire.get("/api/v1/me").await.status, 200, "the clock stands where it was");
    let taken = visitor.form("scenario", &[("name", "outage")], &secret).header("origin", localhost);
    assert_eq!(visitor.answer(taken).await.status, 303);
    assert_eq!(visitor.look("/_sandbox/forms/faults-end").await.status, 405, "a link changes nothing");
    let secret_of_another = Visitor::new(&Sandbox::builder().start().await.unwrap()).await.secret;
    assert_ne!(secret_of_another, secret);
}

//! The sign-in and consent page on the sandbox's port.

use aig_sandbox::Sandbox;

use super::person::{ADA, GRACE, LINUS, Tenant};

#[tokio::test]
async fn a_person_signs_in_by_the_form_of_the_page_as_the_one_they_choose() {
    let tenant = Tenant::new().await;
    let page = tenant.authorize(&[("some_parameter_of_tomorrow", "1"), ("access_type", "offline")]).await;
    page.is_page(200, "<form");
    let back = tenant.press(&page, "allow", GRACE).await;
    let sent = back.sent_back();
    assert_eq!(sent.keys().collect::<Vec<_>>(), ["code", "iss", "state"]);
    assert_eq!((sent["state"].as_str(), sent["iss"].as_str()), ("abc", format!("{}/", tenant.wire.url).as_str()));
    assert!(back.header("location").starts_with("http://127.0.0.1:4711/callback?"));
    let tokens = tenant.redeem(&sent["code"], &[]).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    assert_eq!(tokens.claims("access_token")["sub"], GRACE);
    assert_eq!(tenant.status_of_me(&tokens.member("access_token")).await, 200);
}

/// What a screen reader, a keyboard and a browser without scripts need.
#[tokio::test]
async fn the_pages_need_no_script_no_mouse_and_no_eyes() {
    let tenant = Tenant::new().await;
    let sign_in = tenant.authorize(&[]).await;
    let fields = [("client_id", "sandbox-device"), ("scope", "offline_access")];
    let device = tenant.form("/oauth/device/code", &fields).await;
    let confirm = tenant.get(&device.member("verification_uri_complete")).await;
    let enter = tenant.get(&device.member("verification_uri")).await;
    for page in [&sign_in, &confirm, &enter] {
        page.is_page(200, "<html lang=\"en\">");
        let text = &page.text;
        assert!(text.contains("<title>") && text.matches("<h1>").count() == 1 && text.contains("<main>"));
        assert!(text.contains("name=\"viewport\""));
        for gone in ["<script", "javascript:", " onclick", " onload", "tabindex", "http-equiv"] {
            assert!(!text.contains(gone), "{gone} in {text}");
        }
        let policy = page.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-") && policy.contains("frame-ancestors 'none'")
        );
    }
    for page in [&sign_in, &confirm] {
        let choices: Vec<&str> = page.text.split("<input type=\"radio\"").collect();
        assert_eq!(choices.len(), 4, "three accounts");
        assert!(choices[..3].iter().all(|before| before.ends_with("<label class=\"account\">")), "each in its label");
        assert!(choices[0].contains("<fieldset><legend>Choose an account</legend>"), "and all of them in one group");
        for id in [ADA, GRACE, LINUS] {
            assert!(page.text.contains(&format!("value=\"{id}\"")), "{id}");
        }
        let allow = page.text.find("value=\"allow\"").unwrap();
        assert!(allow < page.text.find("value=\"deny\"").unwrap(), "the Enter key sends the first button");
    }
    assert!(enter.text.contains("<label for=\"user_code\"") && enter.text.contains("id=\"user_code\""));
}

#[tokio::test]
async fn who_says_no_sends_access_denied_back() {
    let tenant = Tenant::new().await;
    let page = tenant.authorize(&[]).await;
    let sent = tenant.press(&page, "deny", ADA).await.sent_back();
    assert_eq!((sent["error"].as_str(), sent["state"].as_str()), ("access_denied", "abc"));
    assert!(!sent["error_description"].is_empty() && sent.contains_key("iss") && !sent.contains_key("code"));
}

#[tokio::test]
async fn a_form_that_was_not_asked_of_this_person_signs_nobody_in() {
    let tenant = Tenant::new().await;
    let page = tenant.authorize(&[]).await;
    let fields = [("ticket", page.ticket()), ("user", ADA), ("decision", "allow")];
    for origin in ["http://evil.example", "null", "http://127.0.0.1:4711"] {
        assert_eq!(tenant.form_from(origin, page.action(), &fields).await.status, 403, "{origin}");
    }
    tenant.form(page.action(), &fields[1..]).await.is_page(400, "too old");
    let forged = [("ticket", "forged"), fields[1], fields[2]];
    tenant.form(page.action(), &forged).await.is_page(400, "too old");
    tenant.form("/activate", &fields).await.is_page(400, "too old");

    let page = tenant.authorize(&[]).await;
    tenant.press(&page, "allow", "").await.is_page(400, "Choose an account first");
    let page = tenant.authorize(&[]).await;
    assert_eq!(tenant.press(&page, "allow", "auth0|nobody").await.sent_back()["error"], "access_denied");
    let page = tenant.authorize(&[]).await;
    assert_eq!(tenant.press(&page, "allow", ADA).await.status, 303);
    tenant.press(&page, "allow", ADA).await.is_page(400, "used before");
    let page = tenant.authorize(&[]).await;
    tenant.sandbox.advance_clock(std::time::Duration::from_secs(601)).unwrap();
    tenant.press(&page, "allow", ADA).await.is_page(400, "too old");
}

#[tokio::test]
async fn the_state_comes_back_as_it_was() {
    let tenant = Tenant::new().await;
    let long = "x".repeat(4096);
    for state in ["a+b c&d=e", "%20%%", "é✓ \u{202e}", "<script>\"'", "code=forged&state=forged", "#?/\\", &long] {
        let page = tenant.authorize(&[("state", state)]).await;
        assert_eq!(tenant.press(&page, "allow", ADA).await.sent_back()["state"], state);
    }
    let page = tenant.authorize(&[("state", "")]).await;
    assert!(!tenant.press(&page, "allow", ADA).await.sent_back().contains_key("state"), "there was none");
}

#[tokio::test]
async fn a_hint_chooses_the_account_and_a_prompt_is_honoured() {
    let tenant = Tenant::new().await;
    let checked = |id: &str| format!("value=\"{id}\" checked");
    for hint in [GRACE, "grace@sandbox.example"] {
        let page = tenant.authorize(&[("login_hint", hint)]).await;
        assert!(page.text.contains(&checked(GRACE)) && !page.text.contains(&checked(ADA)), "{hint}");
    }
    assert!(!tenant.authorize(&[("login_hint", "nobody")]).await.text.contains(" checked"));
    for prompt in ["login", "consent", "select_account"] {
        tenant.authorize(&[("prompt", prompt)]).await.is_page(200, "Sign in");
    }
    assert_eq!(tenant.authorize(&[("prompt", "none")]).await.sent_back()["error"], "login_required");
}

#[tokio::test]
async fn a_native_client_is_sent_to_any_place_on_this_machine_and_nowhere_else() {
    let tenant = Tenant::new().await;
    let here = [
        "http://127.0.0.1:1/",
        "http://127.0.0.1/",
        "http://127.0.0.1:65535/deep/path?kept=1",
        "http://[::1]:8080/cb",
        "http://localhost:8989/",
        "http://localhost:3000",
    ];
    for redirect in here {
        let page = tenant.authorize(&[("redirect_uri", redirect)]).await;
        let back = tenant.press(&page, "allow", ADA).await;
        assert!(back.header("location").starts_with(redirect), "{redirect}: {back:?}");
        let code = &back.sent_back()["code"];
        assert_eq!(tenant.redeem(code, &[("redirect_uri", redirect)]).await.status, 200, "{redirect}");
    }
    let elsewhere = [
        "https://evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://evil.example:8989/",
        "http://localhost@evil.example/",
        "https://localhost:8989/",
        "http://127.0.0.1:8989/#fragment",
        "javascript:alert(1)",
        "/relative",
    ];
    for redirect in elsewhere {
        tenant.authorize(&[("redirect_uri", redirect)]).await.is_page(400, "may not return");
    }
    tenant.authorize(&[("redirect_uri", "")]).await.is_page(400, "did not say where to return to");
    tenant.authorize(&[("client_id", "nobody")]).await.is_page(400, "not known");
    let service = [("client_id", "sandbox-service")];
    tenant.authorize(&service).await.is_page(400, "may not return");
}

#[tokio::test]
async fn auto_approve_asks_nobody_and_names_only_people_who_are_there() {
    for (builder, id) in [
        (Sandbox::builder().auto_approve_first_user(), ADA),
        (Sandbox::builder().auto_approve(LINUS), LINUS),
        (Sandbox::builder().auto_approve("grace@sandbox.example"), GRACE),
    ] {
        let tenant = Tenant::of(builder).await;
        let code = tenant.authorize(&[("prompt", "none")]).await.sent_back()["code"].clone();
        assert_eq!(tenant.redeem(&code, &[]).await.claims("access_token")["sub"], id);
    }
    let refused = Sandbox::builder().auto_approve("auth0|nobody").start().await.unwrap_err();
    assert!(refused.to_string().contains("auth0|nobody") && refused.to_string().contains(ADA), "{refused}");
}

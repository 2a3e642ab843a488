//! Who sees what of others: grants, share tokens, organizations.

use aig_sandbox::{RunPlan, Sandbox, synthetic::SlideSpec};
use serde_json::{Value, json};

use crate::wire::{Wire, slideless_item, submit};

const ADA: &str = "auth0|sandbox-ada";
const GRACE: &str = "auth0|sandbox-grace";
const LINUS: &str = "auth0|sandbox-linus";

async fn setting() -> (Sandbox, Wire, Wire, Wire, String) {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let ada = Wire::of(&sandbox, ADA).await;
    let grace = Wire::of(&sandbox, GRACE).await;
    let linus = Wire::of(&sandbox, LINUS).await;
    let run = submit(&grace, "test-app", [slideless_item("a", &SlideSpec::new(100, 100))]).await;
    (sandbox, ada, grace, linus, run)
}

fn grant(run: &str, kind: &str, subject: &str) -> Value {
    json!({"resource_type": "run", "resource_id": run, "subject_type": kind, "subject_id": subject, "relation": "viewer"})
}

#[tokio::test]
async fn a_run_is_seen_by_its_owner_and_the_admins_of_the_organization_only() {
    let (_sandbox, ada, grace, linus, run) = setting().await;
    let path = format!("/api/v1/runs/{run}");
    assert_eq!(
        [grace.get(&path).await.status, ada.get(&path).await.status, linus.get(&path).await.status],
        [200, 200, 403]
    );
    assert_eq!(linus.get("/api/v1/runs").await.body, json!([]));
    assert_eq!(linus.get(&format!("{path}/items")).await.status, 404, "the document knows no 403 here");
    assert_eq!(linus.send("POST", &format!("{path}/cancel"), None).await.status, 403);
}

#[tokio::test]
async fn a_grant_opens_a_run_for_reading_until_it_is_revoked_once() {
    let (_sandbox, _ada, grace, linus, run) = setting().await;
    let path = format!("/api/v1/runs/{run}");
    let made = grace.post("/api/v1/access/grants", &grant(&run, "user", LINUS)).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(linus.get(&path).await.status, 200);
    assert_eq!(linus.send("POST", &format!("{path}/cancel"), None).await.status, 403);
    let id = made.body["grant_id"].as_str().unwrap();
    let listed =
        grace.get(&format!("/api/v1/access/grants?resource_id={run}&relation=viewer&revoked=false")).await.body;
    assert_eq!(listed, json!([made.body]));
    assert_eq!(linus.delete(&format!("/api/v1/access/grants/{id}")).await.status, 403);
    assert_eq!(grace.delete(&format!("/api/v1/access/grants/{id}")).await.body["revoked"], true);
    assert_eq!(grace.delete(&format!("/api/v1/access/grants/{id}")).await.status, 409);
    assert_eq!(linus.get(&path).await.status, 403);
    assert_eq!(grace.get(&format!("/api/v1/access/grants/{id}")).await.body["revoked"], true);
}

#[tokio::test]
async fn a_grant_to_an_organization_reaches_its_members_and_a_mail_address_its_user() {
    let (_sandbox, _ada, grace, linus, run) = setting().await;
    let to_organization = grant(&run, "organization_user", "org_elsewhere");
    assert_eq!(grace.post("/api/v1/access/grants", &to_organization).await.status, 201);
    assert_eq!(linus.get("/api/v1/runs").await.body[0]["run_id"], json!(run));
    let by_mail = json!({
        "resource_type": "run", "resource_id": run, "subject_type": "user",
        "subject_email": "linus@elsewhere.example", "relation": "viewer",
    });
    assert_eq!(grace.post("/api/v1/access/grants", &by_mail).await.body["subject_id"], LINUS);
}

#[tokio::test]
async fn grants_that_cannot_be_are_refused() {
    let (_sandbox, _ada, grace, linus, run) = setting().await;
    let mut editor = grant(&run, "user", LINUS);
    editor["relation"] = json!("editor");
    let answer = grace.post("/api/v1/access/grants", &editor).await;
    assert_eq!((answer.status, answer.body), (422, json!({"detail": "Only viewer grants can be created"})));
    assert_eq!(linus.post("/api/v1/access/grants", &grant(&run, "user", LINUS)).await.status, 403);
    assert_eq!(grace.post("/api/v1/access/grants", &grant(&run, "user", "nobody")).await.status, 404);
    let elsewhere = grant("6f2a3f0e-0f8b-4a63-9a52-7d7c1f2f4a10", "user", LINUS);
    assert_eq!(grace.post("/api/v1/access/grants", &elsewhere).await.status, 404);
}

#[tokio::test]
async fn a_share_token_opens_what_is_granted_to_it_until_it_ends() {
    let (sandbox, _ada, grace, linus, run) = setting().await;
    let soon = "2099-01-01T00:00:00Z";
    let made = grace.post("/api/v1/access/share-tokens", &json!({"expires_at": soon})).await.body;
    let (id, secret) = (made["share_token_id"].as_str().unwrap(), made["share_token"].as_str().unwrap());
    let path = format!("/api/v1/runs/{run}?share_token={secret}");
    assert_eq!(linus.get(&path).await.status, 403, "nothing is granted yet");
    assert_eq!(grace.post("/api/v1/access/grants", &grant(&run, "share_token", id)).await.status, 201);
    assert_eq!(linus.get(&path).await.status, 200);
    assert_eq!(linus.get(&format!("/api/v1/runs/{run}/items?share_token={secret}")).await.status, 200);
    assert_eq!(linus.get(&format!("/api/v1/runs/{run}?share_token={secret}x")).await.status, 403);
    let of_run = grace.get(&format!("/api/v1/access/share-tokens?run_id={run}&revoked=false")).await.body;
    assert_eq!(of_run[0]["share_token_id"], json!(id));
    assert!(of_run[0].get("share_token").is_none());
    assert_eq!(linus.get(&format!("/api/v1/access/share-tokens/{id}")).await.status, 403);
    assert_eq!(grace.delete(&format!("/api/v1/access/share-tokens/{id}")).await.body["revoked"], true);
    assert_eq!(grace.delete(&format!("/api/v1/access/share-tokens/{id}")).await.status, 409);
    assert_eq!(linus.get(&path).await.status, 403);
    drop(sandbox);
}

#[tokio::test]
async fn an_expired_share_token_opens_nothing() {
    let (sandbox, _ada, grace, _linus, run) = setting().await;
    let hour = std::time::Duration::from_secs(3600);
    let end = jiff_in(2 * hour);
    let made = grace.post("/api/v1/access/share-tokens", &json!({"expires_at": end})).await.body;
    let (id, secret) = (made["share_token_id"].as_str().unwrap(), made["share_token"].as_str().unwrap());
    grace.post("/api/v1/access/grants", &grant(&run, "share_token", id)).await;
    let linus = Wire::of(&sandbox, LINUS).await;
    let path = format!("/api/v1/runs/{run}?share_token={secret}");
    assert_eq!(linus.get(&path).await.status, 200);
    sandbox.advance_clock(3 * hour).unwrap();
    assert_eq!(linus.get(&path).await.status, 403);
    let past = grace.post("/api/v1/access/share-tokens", &json!({"expires_at": end})).await;
    assert_eq!(past.status, 422);
}

#[expect(clippy::disallowed_methods, reason = "what the sandbox takes must lie in the future of the machine")]
fn jiff_in(duration: std::time::Duration) -> String {
    (jiff::Timestamp::now() + duration).to_string()
}

#[tokio::test]
async fn what_is_granted_to_admins_of_an_organization_is_not_for_its_members() {
    let (sandbox, ada, grace, linus, _) = setting().await;
    let run = submit(&linus, "test-app", [slideless_item("b", &SlideSpec::new(100, 100))]).await;
    let path = format!("/api/v1/runs/{run}");
    assert_eq!((ada.get(&path).await.status, grace.get(&path).await.status), (403, 403), "admins rule at home only");
    let made = linus.post("/api/v1/access/grants", &grant(&run, "organization_admin", "org_sandbox")).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!((ada.get(&path).await.status, grace.get(&path).await.status), (200, 403));
    let listed = async |wire: &Wire| wire.get("/api/v1/access/grants").await.body;
    assert_eq!(listed(&ada).await, json!([made.body]), "whom it is for sees it");
    assert_eq!(listed(&grace).await, json!([]));
    assert_eq!(ada.send("POST", &format!("{path}/cancel"), None).await.status, 403, "a viewer only reads");
    drop(sandbox);
}

#[tokio::test]
async fn a_grant_on_an_item_or_an_artifact_opens_no_more_than_that() {
    let (sandbox, _ada, grace, linus, run) = setting().await;
    let path = format!("/api/v1/runs/{run}");
    let item = grace.get(&format!("{path}/items/a")).await.body;
    let artifacts: Vec<&str> = item["output_artifacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["output_artifact_id"].as_str().unwrap())
        .collect();
    let opened = async || {
        let mut opened = Vec::new();
        let files = artifacts.iter().map(|artifact| format!("{path}/artifacts/{artifact}/file"));
        for path in [path.clone(), format!("{path}/items"), format!("{path}/items/a")].into_iter().chain(files) {
            // The artifacts have no files yet: who may ask is told so by a 404.
            opened.push(linus.get(&path).await.status);
        }
        opened
    };
    let share = async |kind: &str, id: &str| {
        let mut grant = grant(id, "user", LINUS);
        grant["resource_type"] = json!(kind);
        let made = grace.post("/api/v1/access/grants", &grant).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.body["grant_id"].as_str().unwrap().to_owned()
    };
    assert_eq!(opened().await, [403, 404, 403, 403, 403, 403]);
    let one = share("output_artifact", artifacts[1]).await;
    assert_eq!(opened().await, [403, 404, 403, 403, 404, 403]);
    share("item", item["item_id"].as_str().unwrap()).await;
    assert_eq!(opened().await, [403, 404, 200, 404, 404, 404]);
    assert_eq!(grace.delete(&format!("/api/v1/access/grants/{one}")).await.status, 200);
    assert_eq!(opened().await, [403, 404, 200, 404, 404, 404], "the item's grant still holds");
    assert_eq!(linus.get("/api/v1/runs").await.body, json!([]));
    drop(sandbox);
}

#[tokio::test]
async fn a_share_token_opens_its_own_run_alone_with_a_bearer_and_while_its_grant_holds() {
    let (sandbox, _ada, grace, linus, run) = setting().await;
    let other = submit(&grace, "test-app", [slideless_item("b", &SlideSpec::new(100, 100))]).await;
    let made = grace.post("/api/v1/access/share-tokens", &json!({})).await.body;
    let (id, secret) = (made["share_token_id"].as_str().unwrap(), made["share_token"].as_str().unwrap());
    let granted = grace.post("/api/v1/access/grants", &grant(&run, "share_token", id)).await.body;
    let with = |run: &str| format!("/api/v1/runs/{run}?share_token={secret}");
    assert_eq!((linus.get(&with(&run)).await.status, linus.get(&with(&other)).await.status), (200, 403));
    let bare = linus.client.get(format!("{}{}", linus.url, with(&run))).send().await.unwrap();
    assert_eq!(bare.status(), 401, "a share token is no bearer");
    assert_eq!(linus.send("POST", &format!("/api/v1/runs/{run}/cancel?share_token={secret}"), None).await.status, 403);
    assert_eq!(linus.post("/api/v1/access/grants", &grant(&other, "share_token", id)).await.status, 403);
    let revoked = format!("/api/v1/access/grants/{}", granted["grant_id"].as_str().unwrap());
    assert_eq!(grace.delete(&revoked).await.status, 200);
    assert_eq!(linus.get(&with(&run)).await.status, 403, "the token lives, its grant does not");
    let logged = sandbox.requests().iter().map(|request| request.query.as_str()).collect::<String>();
    assert!(!logged.contains(secret), "the log does not know the secret");
}

#[tokio::test]
async fn grants_and_share_tokens_are_found_by_each_filter() {
    let (_sandbox, _ada, grace, _linus, run) = setting().await;
    let token = grace.post("/api/v1/access/share-tokens", &json!({})).await.body["share_token_id"].clone();
    grace.post("/api/v1/access/grants", &grant(&run, "user", LINUS)).await;
    grace.post("/api/v1/access/grants", &grant(&run, "share_token", token.as_str().unwrap())).await;
    let count = async |path: &str| grace.get(&format!("/api/v1/access/{path}")).await.body.as_array().unwrap().len();
    let table = [
        ("grants", 2),
        ("grants?resource_type=run&relation=viewer&relation=owner", 2),
        ("grants?resource_type=item", 0),
        ("grants?relation=owner", 0),
        ("grants?subject_type=share_token", 1),
        ("grants?subject_id=auth0%7Csandbox-linus&subject_type=user", 1),
        ("grants?subject_id=auth0%7Csandbox-linus&subject_type=share_token", 0),
        ("grants?revoked=true", 0),
        ("grants?revoked=False", 2),
        ("share-tokens?created_by=me&revoked=false", 1),
        ("share-tokens?created_by=auth0%7Csandbox-linus", 0),
        ("share-tokens?run_id=6f2a3f0e-0f8b-4a63-9a52-7d7c1f2f4a10", 0),
    ];
    for (path, expected) in table {
        assert_eq!(count(path).await, expected, "{path}");
    }
    assert_eq!(count(&format!("grants?resource_id={run}")).await, 2);
    assert_eq!(count(&format!("share-tokens?run_id={run}")).await, 1);
}

//! Who may see what of others: grants and share tokens.

use aig_codegen::{Operation, OperationInfo, operations};
use serde_json::{Value, json};

use super::{
    Subject, Unmet, Verdict, document, ensure,
    life::{cancel, submit_one},
    needs,
};
use crate::Wire;

fn stranger(subject: &Subject) -> Result<&Wire, Unmet> {
    needs(subject.stranger.as_ref(), "a second account, of another organization")
}

async fn seen_by_stranger(subject: &Subject, run: &str, secret: Option<&str>) -> Result<u16, Unmet> {
    let values: Vec<_> = [("run_id", run)].into_iter().chain(secret.map(|secret| ("share_token", secret))).collect();
    Ok(subject.ask_as(stranger(subject)?, operations::GetRun::INFO, &values, None).await?.status)
}

pub(super) async fn forbidden(subject: &Subject) -> Verdict {
    let other = stranger(subject)?;
    needs(subject.found.value("run_id"), "a run")?;
    for operation in [operations::GetRun::INFO, operations::GetRunItem::INFO, operations::GetRunArtifactFile::INFO] {
        needs(subject.path(operation, &[]), "a run with results")?;
        let answer = subject.ask_as(other, operation, &[], None).await?;
        document::refusal(operation.id, &answer, 403)?;
    }
    let items = subject.ask_as(other, operations::ListRunItems::INFO, &[], None).await?;
    document::refusal("list_run_items, where the document knows no 403", &items, 404)
}

fn viewer(run: &str, kind: &str, subject: &str) -> Value {
    json!({ "resource_type": "run", "resource_id": run, "subject_type": kind, "subject_id": subject, "relation": "viewer" })
}

/// Makes one thing and gives its id.
async fn make(subject: &Subject, create: &OperationInfo, id: &str, body: &Value) -> Result<Value, Unmet> {
    let answer = subject.ask_with(create, &[], body).await?;
    document::success(create, &answer)?;
    ensure(answer.body[id].is_string(), || format!("{}: no {id}", create.id))?;
    Ok(answer.body)
}

/// Revokes it, and finds that it cannot be done twice.
async fn revoke(subject: &Subject, revoke: &OperationInfo, id: (&str, &str)) -> Verdict {
    let first = subject.ask(revoke, &[id]).await?;
    document::success(revoke, &first)?;
    ensure(first.body["revoked"] == true, || format!("{}: not revoked: {}", revoke.id, first.body))?;
    let second = subject.ask(revoke, &[id]).await?;
    document::refusal(revoke.id, &second, 409)
}

pub(super) async fn grant(subject: &Subject) -> Verdict {
    let me = subject.ask_as(stranger(subject)?, operations::GetMe::INFO, &[], None).await?.body;
    let run = submit_one(subject).await?;
    let verdict = granted(subject, &run, me["user"]["id"].as_str().unwrap_or_default()).await;
    cancel(subject, &run).await?;
    verdict
}

async fn granted(subject: &Subject, run: &str, user: &str) -> Verdict {
    let before = seen_by_stranger(subject, run, None).await?;
    ensure(before == 403, || format!("before the grant: {before} instead of 403"))?;
    let made = make(subject, operations::CreateGrant::INFO, "grant_id", &viewer(run, "user", user)).await?;
    let open = seen_by_stranger(subject, run, None).await?;
    ensure(open == 200, || format!("with the grant: {open} instead of 200"))?;
    let id = made["grant_id"].as_str().unwrap_or_default();
    revoke(subject, operations::RevokeGrant::INFO, ("grant_id", id)).await?;
    let after = seen_by_stranger(subject, run, None).await?;
    ensure(after == 403, || format!("after the grant was revoked: {after} instead of 403"))
}

pub(super) async fn share_token(subject: &Subject) -> Verdict {
    stranger(subject)?;
    let run = submit_one(subject).await?;
    let verdict = shared(subject, &run).await;
    cancel(subject, &run).await?;
    verdict
}

async fn shared(subject: &Subject, run: &str) -> Verdict {
    let made = make(subject, operations::CreateShareToken::INFO, "share_token_id", &json!({})).await?;
    let (id, secret) = (made["share_token_id"].as_str().unwrap_or_default(), made["share_token"].as_str());
    let before = seen_by_stranger(subject, run, secret).await?;
    ensure(before == 403, || format!("before anything is granted to the token: {before} instead of 403"))?;
    make(subject, operations::CreateGrant::INFO, "grant_id", &viewer(run, "share_token", id)).await?;
    let open = seen_by_stranger(subject, run, secret).await?;
    ensure(open == 200, || format!("with the token: {open} instead of 200"))?;
    let without = seen_by_stranger(subject, run, None).await?;
    ensure(without == 403, || format!("without the token: {without} instead of 403"))?;
    revoke(subject, operations::RevokeShareToken::INFO, ("share_token_id", id)).await?;
    let after = seen_by_stranger(subject, run, secret).await?;
    ensure(after == 403, || format!("after the token was revoked: {after} instead of 403"))
}

pub(super) async fn secret(subject: &Subject) -> Verdict {
    let made = make(subject, operations::CreateShareToken::INFO, "share_token", &json!({})).await?;
    let (id, secret) =
        (made["share_token_id"].as_str().unwrap_or_default(), made["share_token"].as_str().unwrap_or_default());
    let alone = subject.ask(operations::GetShareToken::INFO, &[("share_token_id", id)]).await?;
    let listed = subject.ask(operations::ListShareTokens::INFO, &[("page_size", "100")]).await?;
    subject.ask(operations::RevokeShareToken::INFO, &[("share_token_id", id)]).await?;
    for (what, answer) in [("get_share_token", &alone), ("list_share_tokens", &listed)] {
        ensure(answer.status == 200, || format!("{what}: {}", answer.status))?;
        ensure(!answer.body.to_string().contains(secret), || format!("{what} shows the secret again"))?;
    }
    Ok(())
}

//! Pages, order, filters, and whether what is told twice agrees.

use aig_codegen::{Operation, operations};

use super::{
    Subject, Unmet, Verdict, document, ensure, errors, needs,
    subject::{column, rows},
};
use crate::Answer;

async fn runs(subject: &Subject, query: &[(&str, &str)]) -> Result<Answer, Unmet> {
    let answer = subject.ask(operations::ListRuns::INFO, query).await?;
    document::success(operations::ListRuns::INFO, &answer)?;
    Ok(answer)
}

async fn items(subject: &Subject, query: &[(&str, &str)]) -> Result<Answer, Unmet> {
    needs(subject.found.value("run_id"), "a run")?;
    let answer = subject.ask(operations::ListRunItems::INFO, query).await?;
    document::success(operations::ListRunItems::INFO, &answer)?;
    Ok(answer)
}

pub(super) async fn pages(subject: &Subject) -> Verdict {
    let order = ("sort", "submitted_at");
    let whole = runs(subject, &[order, ("page_size", "10")]).await?;
    let whole = column(&whole, "run_id");
    needs((whole.len() > 5).then_some(()), "more than five runs")?;
    let first = runs(subject, &[order, ("page_size", "5")]).await?;
    let second = runs(subject, &[order, ("page_size", "5"), ("page", "2")]).await?;
    let joined = [column(&first, "run_id"), column(&second, "run_id")].concat();
    ensure(joined == whole, || format!("pages 1 and 2 of 5 are {joined:?}, page 1 of 10 is {whole:?}"))
}

/// Clients take an empty page and a 404 for the end.
pub(super) async fn past_the_end(subject: &Subject) -> Verdict {
    let answer = subject.ask(operations::ListRuns::INFO, &[("page", "100000")]).await?;
    let is_end = answer.status == 404 || (answer.status == 200 && answer.body == serde_json::json!([]));
    ensure(is_end, || format!("page 100000 is {} with {} rows", answer.status, rows(&answer).len()))
}

pub(super) async fn sorted(subject: &Subject) -> Verdict {
    let times = |answer: &Answer| -> Result<Vec<jiff::Timestamp>, String> {
        let parse = |text: &str| text.parse().map_err(|error| format!("submitted_at: {error}"));
        column(answer, "submitted_at").into_iter().map(parse).collect()
    };
    let up = times(&runs(subject, &[("sort", "submitted_at")]).await?)?;
    needs((up.len() > 1).then_some(()), "two runs")?;
    ensure(up.is_sorted(), || "sort=submitted_at does not rise".to_owned())?;
    let down = times(&runs(subject, &[("sort", "-submitted_at")]).await?)?;
    ensure(down.is_sorted_by(|a, b| a >= b), || "sort=-submitted_at does not fall".to_owned())?;
    let several = runs(subject, &[("sort", "application_id"), ("sort", "-submitted_at")]).await?;
    let (names, times) = (column(&several, "application_id"), times(&several)?);
    let order: Vec<_> = names.into_iter().zip(times.into_iter().map(std::cmp::Reverse)).collect();
    ensure(order.is_sorted(), || "sort=application_id&sort=-submitted_at is not sorted by both".to_owned())
}

pub(super) async fn run_filters(subject: &Subject) -> Verdict {
    let run = &subject.found.run;
    let id = needs(run["run_id"].as_str(), "a run")?;
    let member = |name: &'static str| (name, run[name].as_str().unwrap_or_default());
    let (application, version) = (member("application_id"), member("version_number"));
    for (parameter, (member, value)) in [("application_id", application), ("application_version", version)] {
        let all = runs(subject, &[(parameter, value)]).await?;
        let others: Vec<_> = column(&all, member).into_iter().filter(|one| *one != value).collect();
        ensure(others.is_empty(), || format!("{parameter}={value} also gives {others:?}"))?;
        ensure(!rows(&all).is_empty(), || format!("{parameter}={value} gives nothing"))?;
    }
    let external = needs(subject.found.value("external_id"), "an item")?;
    let of_item = runs(subject, &[("external_id", external), ("page_size", "100")]).await?;
    ensure(column(&of_item, "run_id").contains(&id), || format!("external_id={external} does not give its run"))?;
    for parameter in ["application_id", "external_id", "submitted_by"] {
        let none = subject.ask(operations::ListRuns::INFO, &[(parameter, "there-is-no-such-thing")]).await?;
        let is_none = none.status == 404 || rows(&none).is_empty();
        ensure(is_none, || format!("{parameter}=there-is-no-such-thing gives {} runs", rows(&none).len()))?;
    }
    Ok(())
}

pub(super) async fn mine(subject: &Subject) -> Verdict {
    let me = subject.found.me["user"]["id"].as_str().unwrap_or_default();
    let all = runs(subject, &[("submitted_by", "me")]).await?;
    needs(rows(&all).first(), "a run of mine")?;
    let others: Vec<_> = column(&all, "submitted_by").into_iter().filter(|one| *one != me).collect();
    ensure(others.is_empty(), || format!("I am {me:?}, and submitted_by=me gives runs of {others:?}"))
}

/// By any text that some run has at the top of its custom metadata.
pub(super) async fn metadata_filter(subject: &Subject) -> Verdict {
    let all = runs(subject, &[("page_size", "100")]).await?;
    let plain =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let marked = rows(&all).iter().find_map(|run| {
        let (key, value) = run["custom_metadata"].as_object()?.iter().find_map(|(key, value)| {
            let value = value.as_str()?;
            (plain(key) && !key.contains('-') && plain(value)).then(|| (key.clone(), value.to_owned()))
        })?;
        Some((run["run_id"].clone(), key, value))
    });
    let (id, key, value) = needs(marked, "a run with a text in its custom metadata")?;
    let path = format!("$.{key} ? (@ == \"{value}\")");
    let found = runs(subject, &[("custom_metadata", &path), ("page_size", "100")]).await?;
    ensure(rows(&found).iter().any(|run| run["run_id"] == id), || format!("{path} does not give run {id}"))?;
    let others = rows(&found).iter().filter(|run| run["custom_metadata"][&key] != value.as_str()).count();
    ensure(others == 0, || format!("{path} also gives {others} runs without it"))
}

pub(super) async fn item_filters(subject: &Subject) -> Verdict {
    let item = needs(subject.found.items.first(), "a run with items")?;
    let text = |member: &str| item[member].as_str().unwrap_or_default();
    for (parameter, member) in [
        ("item_id__in", "item_id"),
        ("external_id__in", "external_id"),
        ("state", "state"),
        ("termination_reason", "termination_reason"),
    ] {
        let value = text(member);
        if value.is_empty() {
            continue;
        }
        let kept = items(subject, &[(parameter, value)]).await?;
        let values = column(&kept, member);
        ensure(values.contains(&value), || format!("{parameter}={value} does not give the item with it"))?;
        ensure(values.iter().all(|one| *one == value), || format!("{parameter}={value} gives {values:?}"))?;
    }
    let none = items(subject, &[("external_id__in", "there-is-no-such-thing")]).await?;
    ensure(rows(&none).is_empty(), || "external_id__in of nothing gives items".to_owned())
}

/// What is there is found by each of its members, and not by others.
pub(super) async fn shared(subject: &Subject) -> Verdict {
    let grant = needs(subject.found.value("grant_id"), "a grant")?;
    let told = subject.ask(operations::GetGrant::INFO, &[]).await?.body;
    for parameter in ["resource_type", "resource_id", "subject_type", "subject_id", "relation", "revoked"] {
        let value = told[parameter].as_str().map_or_else(|| told[parameter].to_string(), str::to_owned);
        let by = [(parameter, value.as_str()), ("page_size", "100"), ("sort", "-created_at")];
        let kept = subject.ask(operations::ListGrants::INFO, &by).await?;
        document::success(operations::ListGrants::INFO, &kept)?;
        ensure(rows(&kept).iter().all(|row| row[parameter] == told[parameter]), || {
            format!("{parameter}={value} also gives grants with another {parameter}")
        })?;
        let is_full = rows(&kept).len() == 100;
        ensure(is_full || column(&kept, "grant_id").contains(&grant), || {
            format!("{parameter}={value} does not give grant {grant}")
        })?;
    }
    for (operation, parameter) in
        [(operations::ListGrants::INFO, "resource_id"), (operations::ListShareTokens::INFO, "run_id")]
    {
        let none = subject.ask(operation, &[(parameter, errors::NOBODYS)]).await?;
        let is_none = none.status == 404 || (none.status == 200 && rows(&none).is_empty());
        ensure(is_none, || format!("{}: {parameter} of nothing gives {} rows", operation.id, rows(&none).len()))?;
    }
    Ok(())
}

pub(super) async fn counts(subject: &Subject) -> Verdict {
    needs(subject.found.value("run_id"), "a run")?;
    let run = subject.ask(operations::GetRun::INFO, &[]).await?.body;
    let count = |name: &str| {
        run["statistics"][name].as_u64().ok_or_else(|| format!("no number {name} in {}", run["statistics"]))
    };
    let whole = count("item_count")?;
    let mut sum = 0;
    for part in ["pending", "processing", "user_error", "system_error", "skipped", "succeeded"] {
        sum += count(&format!("item_{part}_count"))?;
    }
    ensure(sum == whole, || format!("item_count is {whole}, the parts are {sum}"))?;
    let listed = items(subject, &[("page_size", "100")]).await?;
    let listed = rows(&listed).len() as u64;
    ensure(listed == whole.min(100), || format!("item_count is {whole}, {listed} are listed"))
}

pub(super) async fn one_item(subject: &Subject) -> Verdict {
    let item = needs(subject.found.items.first(), "a run with items")?;
    let alone = subject.ask(operations::GetRunItem::INFO, &[]).await?;
    document::success(operations::GetRunItem::INFO, &alone)?;
    for member in ["item_id", "external_id"] {
        let (listed, alone) = (&item[member], &alone.body[member]);
        ensure(listed == alone, || format!("{member} is {listed} in the listing and {alone} by itself"))?;
    }
    Ok(())
}

pub(super) async fn versions(subject: &Subject) -> Verdict {
    let all = subject.ask(operations::ListApplications::INFO, &[]).await?;
    for application in rows(&all) {
        let id = application["application_id"].as_str().unwrap_or_default();
        let one = subject.ask(operations::GetApplication::INFO, &[("application_id", id)]).await?.body;
        let versions: Vec<_> =
            one["versions"].as_array().into_iter().flatten().map(|version| version["number"].clone()).collect();
        let latest = &application["latest_version"];
        let is_there = latest.is_null() || versions.contains(&latest["number"]);
        ensure(is_there, || format!("{id}: latest_version {latest} is not among {versions:?}"))?;
    }
    needs(rows(&all).first(), "an application").map(|_| ())
}

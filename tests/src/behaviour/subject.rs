//! The implementation under judgement, who asks it, and what is there to ask for.

use aig_codegen::{Operation, OperationInfo, ParameterInfo, Target, operations};
use serde_json::Value;

use crate::{Answer, Wire};

/// An implementation as one account sees it, and another account of another organization, if there is one.
#[derive(Debug)]
pub struct Subject {
    /// The one who owns what is made.
    pub wire: Wire,
    /// Somebody who may see none of it.
    pub stranger: Option<Wire>,
    /// What is there already.
    pub found: Found,
}

/// Values for the parameters of operations, and what they lead to.
#[derive(Debug, Default)]
pub struct Found {
    values: Vec<(&'static str, String)>,
    /// The answer of `get_me`.
    pub me: Value,
    /// A run that has ended, with results if there is one.
    pub run: Value,
    /// The first page of its items.
    pub items: Vec<Value>,
}

impl Found {
    /// The value for a parameter.
    pub fn value(&self, parameter: &str) -> Option<&str> {
        self.values.iter().find(|(name, _)| *name == parameter).map(|(_, value)| value.as_str())
    }

    fn keep(&mut self, parameter: &'static str, value: &Value) {
        if let Some(text) = value.as_str() {
            self.values.push((parameter, text.to_owned()));
        }
    }
}

impl Subject {
    /// Looks around, reading only.
    ///
    /// # Errors
    /// When the implementation does not answer.
    pub async fn new(wire: Wire, stranger: Option<Wire>) -> Result<Self, String> {
        let mut subject = Self { wire, stranger, found: Found::default() };
        subject.found.me = subject.ask(operations::GetMe::INFO, &[]).await?.body;
        subject.find_a_document().await?;
        subject.find_results().await?;
        let grants = subject.ask(operations::ListGrants::INFO, &[]).await?.body;
        subject.found.keep("grant_id", &grants[0]["grant_id"]);
        let tokens = subject.ask(operations::ListShareTokens::INFO, &[]).await?.body;
        subject.found.keep("share_token_id", &tokens[0]["share_token_id"]);
        Ok(subject)
    }

    async fn find_a_document(&mut self) -> Result<(), String> {
        let applications = self.ask(operations::ListApplications::INFO, &[]).await?.body;
        for application in applications.as_array().into_iter().flatten() {
            let (id, version) = (&application["application_id"], &application["latest_version"]["number"]);
            let (Some(id_text), Some(version_text)) = (id.as_str(), version.as_str()) else { continue };
            let values = [("application_id", id_text), ("version", version_text)];
            let documents = self.ask(operations::ListVersionDocuments::INFO, &values).await?.body;
            let is_better = !documents[0]["name"].is_null() || self.found.value("version").is_none();
            if is_better {
                self.found.values.clear();
                self.found.keep("application_id", id);
                self.found.keep("version", version);
                self.found.keep("name", &documents[0]["name"]);
            }
        }
        Ok(())
    }

    async fn find_results(&mut self) -> Result<(), String> {
        let runs = self.ask(operations::ListRuns::INFO, &[]).await?.body;
        let runs = runs.as_array().map(Vec::as_slice).unwrap_or_default();
        let rank = |run: &&Value| (run["output"] == "FULL", run["state"] == "TERMINATED");
        let Some(run) = runs.iter().max_by_key(rank) else { return Ok(()) };
        self.found.keep("run_id", &run["run_id"]);
        let id = run["run_id"].as_str().unwrap_or_default();
        let items = self.ask(operations::ListRunItems::INFO, &[("run_id", id)]).await?.body;
        self.found.items = items.as_array().cloned().unwrap_or_default();
        let items = self.found.items.clone();
        if let Some(item) = items.first() {
            self.found.keep("external_id", &item["external_id"]);
        }
        let artifacts = items.iter().filter_map(|item| item["output_artifacts"].as_array()).flatten();
        if let Some(artifact) = artifacts.clone().find(|artifact| artifact["output"] == "AVAILABLE") {
            self.found.keep("artifact_id", &artifact["output_artifact_id"]);
        }
        self.found.run = run.clone();
        Ok(())
    }

    /// Sends an operation with these values; path parameters that are not among them are those found.
    pub(super) async fn ask(&self, info: &OperationInfo, values: &[(&str, &str)]) -> Result<Answer, String> {
        self.ask_as(&self.wire, info, values, None).await
    }

    pub(super) async fn ask_with(
        &self,
        info: &OperationInfo,
        values: &[(&str, &str)],
        body: &Value,
    ) -> Result<Answer, String> {
        self.ask_as(&self.wire, info, values, Some(body)).await
    }

    /// The same by somebody else.
    pub(super) async fn ask_as(
        &self,
        wire: &Wire,
        info: &OperationInfo,
        values: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, String> {
        let path = self.path(info, values).ok_or_else(|| format!("{}: a path parameter has no value", info.id))?;
        wire.api(info.method.as_str(), &path, body).await.map_err(|error| format!("{}: {error}", info.id))
    }

    /// Path and query, percent-encoded; `None` when something for the path is missing.
    pub(super) fn path(&self, info: &OperationInfo, values: &[(&str, &str)]) -> Option<String> {
        let mut target = Target::new(info);
        for parameter in info.parameters {
            let given = values.iter().filter(|(name, _)| *name == parameter.name).map(|(_, value)| (*value).to_owned());
            let given: Vec<String> = given.collect();
            target = if is_path(parameter) {
                let value = given.first().cloned().or_else(|| self.found.value(parameter.name).map(str::to_owned))?;
                target.with_path(parameter.name, &value).ok()?
            } else {
                target.with_query(parameter.name, &given)
            };
        }
        Some(target.path_and_query())
    }
}

pub(super) fn is_path(parameter: &ParameterInfo) -> bool {
    parameter.location == aig_codegen::Location::Path
}

/// Every operation that reads.
pub(super) fn reading() -> impl Iterator<Item = &'static OperationInfo> {
    aig_codegen::OPERATIONS.iter().copied().filter(|operation| operation.method == aig_codegen::Method::Get)
}

/// The rows of a listing.
pub(super) fn rows(answer: &Answer) -> &[Value] {
    answer.body.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// One member of every row, as text.
pub(super) fn column<'a>(answer: &'a Answer, member: &str) -> Vec<&'a str> {
    rows(answer).iter().map(|row| row[member].as_str().unwrap_or_default()).collect()
}

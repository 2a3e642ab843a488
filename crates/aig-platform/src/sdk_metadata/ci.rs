//! Which continuous integration job calls, as far as the environment says.

use serde_json::{Map, Value, json};

use crate::settings::Variables;

/// Facts of a job, by their names in the metadata and in the environment.
const FACTS: [(&str, &str); 13] = [
    ("action", "GITHUB_ACTION"),
    ("job", "GITHUB_JOB"),
    ("ref", "GITHUB_REF"),
    ("ref_name", "GITHUB_REF_NAME"),
    ("ref_type", "GITHUB_REF_TYPE"),
    ("repository", "GITHUB_REPOSITORY"),
    ("run_attempt", "GITHUB_RUN_ATTEMPT"),
    ("run_id", "GITHUB_RUN_ID"),
    ("run_number", "GITHUB_RUN_NUMBER"),
    ("runner_arch", "RUNNER_ARCH"),
    ("runner_os", "RUNNER_OS"),
    ("sha", "GITHUB_SHA"),
    ("workflow", "GITHUB_WORKFLOW"),
];

/// The job of GitHub Actions that this is, if it is one.
pub(crate) fn github(variables: &Variables) -> Option<Value> {
    let (repository, run) = (variables.get("GITHUB_REPOSITORY")?, variables.get("GITHUB_RUN_ID")?);
    let server = variables.get("GITHUB_SERVER_URL").unwrap_or("https://github.com");
    let facts = FACTS.iter().filter_map(|(name, variable)| Some(((*name).to_owned(), json!(variables.get(variable)?))));
    let mut job: Map<String, Value> = facts.collect();
    job.insert("run_url".to_owned(), json!(format!("{server}/{repository}/actions/runs/{run}")));
    Some(json!({ "github": job }))
}

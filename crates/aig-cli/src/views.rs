//! What `aig` tells of runs and items: the names of the API, without the signed URLs that the API adds.

use aig_platform::models::{ItemResultReadResponse, RunReadResponse};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{output::Column, text};

/// A run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RunView {
    pub(crate) run_id: Uuid,
    application_id: String,
    version_number: String,
    pub(crate) state: String,
    output: String,
    pub(crate) termination_reason: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
    statistics: Statistics,
    submitted_at: Timestamp,
    submitted_by: String,
    terminated_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_metadata: Option<Map<String, Value>>,
}

/// How many items a run has, and how they stand.
#[derive(Debug, Clone, Serialize)]
struct Statistics {
    item_count: u64,
    item_pending_count: u64,
    item_processing_count: u64,
    item_succeeded_count: u64,
    item_user_error_count: u64,
    item_system_error_count: u64,
    item_skipped_count: u64,
}

/// An item of a run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ItemView {
    item_id: Uuid,
    pub(crate) external_id: String,
    pub(crate) state: String,
    output: String,
    pub(crate) termination_reason: Option<String>,
    pub(crate) error_code: Option<String>,
    pub(crate) error_message: Option<String>,
    terminated_at: Option<Timestamp>,
    artifacts: Vec<ArtifactView>,
}

#[derive(Debug, Clone, Serialize)]
struct ArtifactView {
    artifact_id: Uuid,
    name: String,
    state: String,
    output: String,
}

impl From<&RunReadResponse> for RunView {
    fn from(run: &RunReadResponse) -> Self {
        let counts = &run.statistics;
        Self {
            run_id: run.run_id,
            application_id: run.application_id.clone(),
            version_number: run.version_number.clone(),
            state: run.state.to_string(),
            output: run.output.to_string(),
            termination_reason: run.termination_reason.as_ref().map(ToString::to_string),
            error_code: run.error_code.clone(),
            error_message: run.error_message.clone(),
            statistics: Statistics {
                item_count: counts.item_count.unsigned_abs(),
                item_pending_count: counts.item_pending_count.unsigned_abs(),
                item_processing_count: counts.item_processing_count.unsigned_abs(),
                item_succeeded_count: counts.item_succeeded_count.unsigned_abs(),
                item_user_error_count: counts.item_user_error_count.unsigned_abs(),
                item_system_error_count: counts.item_system_error_count.unsigned_abs(),
                item_skipped_count: counts.item_skipped_count.unsigned_abs(),
            },
            submitted_at: run.submitted_at.instant(),
            submitted_by: run.submitted_by.clone(),
            terminated_at: run.terminated_at.map(Into::into),
            custom_metadata: run.custom_metadata.clone(),
        }
    }
}

impl RunView {
    pub(crate) const COLUMNS: &'static [Column<Self>] = &[
        Column { title: "run id", cell: |run| run.run_id.to_string() },
        Column { title: "application", cell: |run| format!("{} {}", run.application_id, run.version_number) },
        Column { title: "state", cell: |run| text::state(run.termination_reason.as_deref().unwrap_or(&run.state)) },
        Column { title: "items", cell: |run| run.statistics.item_count.to_string() },
        Column { title: "succeeded", cell: |run| run.statistics.item_succeeded_count.to_string() },
        Column { title: "failed", cell: |run| run.failed_count().to_string() },
        Column { title: "submitted at", cell: |run| text::time(run.submitted_at) },
    ];

    /// A column for each field, as the JSON document has them.
    pub(crate) const CSV: &'static [Column<Self>] = &[
        Column { title: "run_id", cell: |run| run.run_id.to_string() },
        Column { title: "application_id", cell: |run| run.application_id.clone() },
        Column { title: "version_number", cell: |run| run.version_number.clone() },
        Column { title: "state", cell: |run| run.state.clone() },
        Column { title: "termination_reason", cell: |run| run.termination_reason.clone().unwrap_or_default() },
        Column { title: "output", cell: |run| run.output.clone() },
        Column { title: "error_code", cell: |run| run.error_code.clone().unwrap_or_default() },
        Column { title: "error_message", cell: |run| run.error_message.clone().unwrap_or_default() },
        Column { title: "item_count", cell: |run| run.statistics.item_count.to_string() },
        Column { title: "item_pending_count", cell: |run| run.statistics.item_pending_count.to_string() },
        Column { title: "item_processing_count", cell: |run| run.statistics.item_processing_count.to_string() },
        Column { title: "item_succeeded_count", cell: |run| run.statistics.item_succeeded_count.to_string() },
        Column { title: "item_user_error_count", cell: |run| run.statistics.item_user_error_count.to_string() },
        Column { title: "item_system_error_count", cell: |run| run.statistics.item_system_error_count.to_string() },
        Column { title: "item_skipped_count", cell: |run| run.statistics.item_skipped_count.to_string() },
        Column { title: "submitted_at", cell: |run| run.submitted_at.to_string() },
        Column { title: "submitted_by", cell: |run| run.submitted_by.clone() },
        Column { title: "terminated_at", cell: |run| run.terminated_at.map(|at| at.to_string()).unwrap_or_default() },
    ];

    fn failed_count(&self) -> u64 {
        let counts = &self.statistics;
        counts.item_user_error_count + counts.item_system_error_count + counts.item_skipped_count
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.state == "TERMINATED"
    }

    /// Why it ended, in words.
    pub(crate) fn ending(&self) -> String {
        text::state(self.termination_reason.as_deref().unwrap_or(&self.state))
    }

    /// How many items have ended, of how many.
    pub(crate) fn progress(&self) -> (usize, usize) {
        let counts = &self.statistics;
        let open = counts.item_pending_count + counts.item_processing_count;
        let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        (number(counts.item_count.saturating_sub(open)), number(counts.item_count))
    }

    /// The facts of a run, a line each.
    pub(crate) fn lines(&self) -> String {
        let counts = &self.statistics;
        let mut lines = vec![
            format!("run          {}", self.run_id),
            format!("application  {} {}", self.application_id, self.version_number),
            format!("state        {}", text::state(&self.state)),
        ];
        lines.extend(self.termination_reason.as_deref().map(|reason| format!("ended        {}", text::state(reason))));
        lines.extend(self.error_message.as_deref().map(|message| format!("error        {}", text::plain(message))));
        lines.push(format!(
            "items        {}: {} pending, {} processing, {} succeeded, {} failed",
            counts.item_count,
            counts.item_pending_count,
            counts.item_processing_count,
            counts.item_succeeded_count,
            self.failed_count()
        ));
        lines.push(format!("submitted    {}", text::time(self.submitted_at)));
        lines.join("\n")
    }
}

impl From<&ItemResultReadResponse> for ItemView {
    fn from(item: &ItemResultReadResponse) -> Self {
        Self {
            item_id: item.item_id,
            external_id: item.external_id.clone(),
            state: item.state.to_string(),
            output: item.output.to_string(),
            termination_reason: item.termination_reason.as_ref().map(ToString::to_string),
            error_code: item.error_code.clone(),
            error_message: item.error_message.clone(),
            terminated_at: item.terminated_at.map(Into::into),
            artifacts: item
                .output_artifacts
                .iter()
                .map(|artifact| ArtifactView {
                    artifact_id: artifact.output_artifact_id,
                    name: artifact.name.clone(),
                    state: artifact.state.to_string(),
                    output: artifact.output.to_string(),
                })
                .collect(),
        }
    }
}

impl ItemView {
    pub(crate) const COLUMNS: &'static [Column<Self>] = &[
        Column { title: "item", cell: |item| text::plain(&item.external_id) },
        Column { title: "state", cell: Self::standing },
        Column { title: "artifacts", cell: |item| item.results().to_string() },
        Column { title: "error", cell: |item| item.error().unwrap_or_default() },
    ];

    /// How it stands, in a word: why it ended where it ended, else its state.
    pub(crate) fn standing(&self) -> String {
        text::state(self.termination_reason.as_deref().unwrap_or(&self.state))
    }

    /// How many artifacts there are to download: one is announced for each output, whatever becomes of it.
    pub(crate) fn results(&self) -> usize {
        self.artifacts.iter().filter(|artifact| artifact.output == "AVAILABLE").count()
    }

    /// Code and message of what went wrong.
    pub(crate) fn error(&self) -> Option<String> {
        let parts: Vec<&str> =
            [&self.error_code, &self.error_message].into_iter().flatten().map(String::as_str).collect();
        (!parts.is_empty()).then(|| text::plain(&parts.join(": ")))
    }

    pub(crate) fn has_succeeded(&self) -> bool {
        self.termination_reason.as_deref() == Some("SUCCEEDED")
    }
}

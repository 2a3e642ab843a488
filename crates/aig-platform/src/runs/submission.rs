//! What is to be run: application, version, slides and what goes with them.

use aig_codegen::models::{InputArtifactCreationRequest, ItemCreationRequest, MeReadResponse, RunCreationRequest};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    sdk_metadata::{self, Pipeline, RunRemarks, Writer},
    transfer::SignedUrl,
};

/// Where the submission id rests in the custom metadata of a run. Outside `sdk`, whose readers refuse unknown keys.
const OWNER: &str = "aig";
const SUBMISSION_ID: &str = "submission_id";

/// A run to be submitted.
///
/// ```
/// use aig_platform::{Submission, SubmissionItem, transfer::SignedUrl};
/// use serde_json::json;
///
/// let link = SignedUrl::new("https://storage.example/bucket/slide-1.tiff?signature=…")?;
/// let metadata = json!({ "width_px": 4096, "height_px": 4096 });
/// let slide = SubmissionItem::new("slide-1").artifact("whole_slide_image", &link, metadata.as_object().cloned().unwrap());
/// let submission = Submission::new("test-app").version("1.0.0").item(slide);
/// # Ok::<(), aig_platform::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Submission {
    pub(crate) request: RunCreationRequest,
    pub(crate) submission_id: Option<Uuid>,
    remarks: RunRemarks,
    sdk_metadata: SdkMetadata,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SdkMetadata {
    Written,
    LeftOut,
}

impl Submission {
    /// A run of this application, of its latest version until another is named.
    pub fn new(application_id: impl Into<String>) -> Self {
        Self {
            request: RunCreationRequest::new(application_id, []),
            submission_id: Some(Uuid::new_v4()),
            remarks: RunRemarks::default(),
            sdk_metadata: SdkMetadata::Written,
        }
    }

    /// The version to run.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.request.version_number = Some(version.into());
        self
    }

    /// One slide more.
    #[must_use]
    pub fn item(mut self, item: SubmissionItem) -> Self {
        self.request.items.push(item.0);
        self
    }

    /// Several slides more.
    #[must_use]
    pub fn items(mut self, items: impl IntoIterator<Item = SubmissionItem>) -> Self {
        self.request.items.extend(items.into_iter().map(|item| item.0));
        self
    }

    /// Metadata of the caller's own, kept with the run.
    #[must_use]
    pub fn custom_metadata(mut self, metadata: Map<String, Value>) -> Self {
        self.request.custom_metadata = Some(metadata);
        self
    }

    /// When the results are wanted.
    #[must_use]
    pub fn due_date(mut self, due_date: Timestamp) -> Self {
        let scheduling = self.request.scheduling.take().unwrap_or_default();
        self.request.scheduling = Some(scheduling.with_due_date(due_date));
        self
    }

    /// When the results are of no use any more.
    #[must_use]
    pub fn deadline(mut self, deadline: Timestamp) -> Self {
        let scheduling = self.request.scheduling.take().unwrap_or_default();
        self.request.scheduling = Some(scheduling.with_deadline(deadline));
        self
    }

    /// What the platform repeats in the events about this run: at most a kilobyte.
    #[must_use]
    pub fn callback_context(mut self, context: Map<String, Value>) -> Self {
        self.request.callback_context = Some(context);
        self
    }

    /// A note, kept with the run.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.remarks.note = Some(note.into());
        self
    }

    /// Words to find the run by.
    #[must_use]
    pub fn tags<S: Into<String>>(mut self, tags: impl IntoIterator<Item = S>) -> Self {
        self.remarks.tags.extend(tags.into_iter().map(Into::into));
        self
    }

    /// Wishes about the machines.
    #[must_use]
    pub fn pipeline(mut self, pipeline: Pipeline) -> Self {
        self.remarks.pipeline = Some(pipeline);
        self
    }

    /// Has the results shown in the portal of the platform.
    #[must_use]
    pub fn onboard_to_portal(mut self) -> Self {
        self.remarks.onboard_to_portal = true;
        self
    }

    /// Leaves the `sdk` section out of the custom metadata, and with it note, tags and wishes.
    #[must_use]
    pub fn without_sdk_metadata(mut self) -> Self {
        self.sdk_metadata = SdkMetadata::LeftOut;
        self
    }

    /// Submits under this id: when a run with it is there already, it is not submitted again.
    #[must_use]
    pub fn submission_id(mut self, submission_id: Uuid) -> Self {
        self.submission_id = Some(submission_id);
        self
    }

    /// Leaves no mark in the custom metadata. Then a run whose outcome is unknown cannot be looked up.
    #[must_use]
    pub fn without_submission_id(mut self) -> Self {
        self.submission_id = None;
        self
    }

    /// The request with all that goes into its custom metadata.
    pub(crate) fn described_request(
        &self,
        writer: &Writer,
        user: Option<&MeReadResponse>,
        now: Timestamp,
    ) -> RunCreationRequest {
        let mut request = self.request.clone();
        if let Some(id) = self.submission_id {
            let metadata = request.custom_metadata.get_or_insert_default();
            let ours = metadata.entry(OWNER).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(ours) = ours {
                ours.insert(SUBMISSION_ID.to_owned(), json!(id.to_string()));
            }
        }
        if self.sdk_metadata == SdkMetadata::Written {
            let metadata = request.custom_metadata.get_or_insert_default();
            sdk_metadata::describe_run(metadata, &self.remarks, writer, user, now);
            for item in &mut request.items {
                sdk_metadata::describe_item(item.custom_metadata.get_or_insert_default(), now);
            }
        }
        request
    }
}

/// Whether a run carries this submission id.
pub(crate) fn carries(custom_metadata: Option<&Map<String, Value>>, id: Uuid) -> bool {
    let found = custom_metadata.and_then(|metadata| metadata.get(OWNER)?.get(SUBMISSION_ID)?.as_str());
    found.is_some_and(|found| found == id.to_string())
}

/// The filter that finds the run with this submission id.
pub(crate) fn filter(id: Uuid) -> String {
    format!(r#"$.{OWNER}.{SUBMISSION_ID} ? (@ == "{id}")"#)
}

/// One slide of a submission.
#[derive(Debug, Clone)]
pub struct SubmissionItem(pub(crate) ItemCreationRequest);

impl SubmissionItem {
    /// A slide under the caller's own name for it, unique within the run.
    pub fn new(external_id: impl Into<String>) -> Self {
        Self(ItemCreationRequest::new(external_id, []))
    }

    /// One input: its name as the version of the application declares it, where to fetch it, and facts about it.
    #[must_use]
    pub fn artifact(mut self, name: impl Into<String>, link: &SignedUrl, metadata: Map<String, Value>) -> Self {
        self.0.input_artifacts.push(InputArtifactCreationRequest::new(name, link.expose(), metadata));
        self
    }

    /// Metadata of the caller's own, kept with the slide.
    #[must_use]
    pub fn custom_metadata(mut self, metadata: Map<String, Value>) -> Self {
        self.0.custom_metadata = Some(metadata);
        self
    }
}

impl From<ItemCreationRequest> for SubmissionItem {
    fn from(item: ItemCreationRequest) -> Self {
        Self(item)
    }
}

/// A run that the platform took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Submitted {
    /// The run.
    pub run_id: Uuid,
    /// The mark in its custom metadata.
    pub submission_id: Option<Uuid>,
}

impl Submitted {
    pub(crate) fn new(run_id: Uuid, submission_id: Option<Uuid>) -> Self {
        Self { run_id, submission_id }
    }
}

//! Redirects to signed URLs, and what is behind them.

use aig_codegen::{Operation, OperationInfo, operations};
use aig_platform::transfer::Crc32c;

use super::{Subject, Unmet, Verdict, ensure, needs};

/// The address that the operation leads to. It is signed: no message shows it.
async fn location(subject: &Subject, operation: &OperationInfo) -> Result<String, Unmet> {
    let path = needs(subject.path(operation, &[]), "a file to ask for")?;
    let answer = subject.wire.api("GET", &path, None).await?;
    ensure(answer.status == 307, || format!("{}: {} instead of 307", operation.id, answer.status))?;
    let location = answer.header("location").unwrap_or_default().to_owned();
    ensure(location.contains("://"), || format!("{}: the location is no address", operation.id))?;
    Ok(location)
}

pub(super) async fn leads_elsewhere(subject: &Subject, operation: &OperationInfo) -> Verdict {
    location(subject, operation).await.map(|_| ())
}

/// What is behind the redirect, for whoever has the address and no token.
async fn read(subject: &Subject, operation: &OperationInfo) -> Result<Vec<u8>, Unmet> {
    let location = location(subject, operation).await?;
    let answer = subject.wire.with_token(None).send("GET", &location, None).await?;
    ensure(answer.status == 200, || format!("{}: behind the redirect is {}", operation.id, answer.status))?;
    Ok(answer.bytes)
}

pub(super) async fn document(subject: &Subject) -> Verdict {
    let bytes = read(subject, operations::GetVersionDocumentContent::INFO).await?;
    ensure(!bytes.is_empty(), || "the document is empty".to_owned())
}

pub(super) async fn artifact(subject: &Subject) -> Verdict {
    let id = needs(subject.found.value("artifact_id"), "a run with results")?;
    let artifacts = subject.found.items.iter().filter_map(|item| item["output_artifacts"].as_array()).flatten();
    let artifact = needs(artifacts.into_iter().find(|one| one["output_artifact_id"] == id), "the artifact's metadata")?;
    let promised = &artifact["metadata"]["checksum_base64_crc32c"];
    let bytes = read(subject, operations::GetRunArtifactFile::INFO).await?;
    let found = Crc32c::of(&bytes).to_string();
    ensure(*promised == found, || format!("CRC32C {found} over {} bytes, promised is {promised}", bytes.len()))
}

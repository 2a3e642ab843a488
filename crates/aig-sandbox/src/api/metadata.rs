//! Replaces custom metadata, unless it has changed since the caller read it.

use aig_codegen::{Nullable, models};

use super::problem::Problem;
use crate::state::{Metadata, checksum};

pub(super) fn replace(
    place: &mut Option<Metadata>,
    request: models::CustomMetadataUpdateRequest,
) -> Result<models::CustomMetadataUpdateResponse, Problem> {
    let current = checksum(place.as_ref());
    if let Some(expected) = &request.custom_metadata_checksum
        && current.as_ref() != Some(expected)
    {
        return Err(Problem::stale("the custom metadata has changed since; read it again and repeat"));
    }
    match request.custom_metadata {
        Some(Nullable::Value(metadata)) => *place = Some(metadata),
        Some(Nullable::Null) | None => *place = None,
    }
    let mut response = models::CustomMetadataUpdateResponse::new();
    response.custom_metadata_checksum = checksum(place.as_ref());
    Ok(response)
}

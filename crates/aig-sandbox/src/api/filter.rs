//! Filters on custom metadata.

use super::problem::Problem;
use crate::state::Metadata;

/// Which metadata is wanted.
#[derive(Debug)]
pub(super) struct MetadataFilter;

impl MetadataFilter {
    pub(super) fn read(text: Option<&str>) -> Result<Self, Problem> {
        match text {
            None => Ok(Self),
            Some(_) => {
                Err(Problem::new(http::StatusCode::NOT_IMPLEMENTED, "filters on custom metadata are not there yet"))
            }
        }
    }

    pub(super) fn matches(&self, _: Option<&Metadata>) -> bool {
        true
    }
}

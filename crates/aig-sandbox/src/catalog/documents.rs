//! The documents that accompany a version.

use serde::{Deserialize, Serialize};

/// A file for people.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) mime_type: String,
    pub(crate) content: String,
}

pub(super) fn of_version() -> Vec<Document> {
    vec![
        Document {
            name: "release-notes.md".into(),
            mime_type: "text/markdown".into(),
            content: "# Release notes\n\nSynthetic application of the sandbox. Its results come from simple image analysis\nand are not for clinical use.\n".into(),
        },
        Document {
            name: "output-description.csv".into(),
            mime_type: "text/csv".into(),
            content: "column,meaning\r\nclass_name,kind of feature\r\nfeature_count,features of this kind\r\narea_um2,their area in square micrometres\r\narea_percent,their share of the slide\r\n".into(),
        },
    ]
}

//! The documents that accompany a version.

/// A file for people.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) name: &'static str,
    pub(crate) mime_type: &'static str,
    pub(crate) content: &'static str,
}

pub(super) fn of_version() -> Vec<Document> {
    vec![
        Document {
            name: "release-notes.md",
            mime_type: "text/markdown",
            content: "# Release notes\n\nSynthetic application of the sandbox. Its results come from simple image analysis\nand are not for clinical use.\n",
        },
        Document {
            name: "output-description.csv",
            mime_type: "text/csv",
            content: "column,meaning\r\nclass_name,kind of feature\r\nfeature_count,features of this kind\r\narea_um2,their area in square micrometres\r\narea_percent,their share of the slide\r\n",
        },
    ]
}

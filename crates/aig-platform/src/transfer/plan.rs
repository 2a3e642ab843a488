//! Which files of a run there are to fetch, and where each will be.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use aig_codegen::{
    enums::{ArtifactOutput, ArtifactState, ItemOutput, ItemState},
    models::{ItemResultReadResponse, OutputArtifactResultReadResponse},
};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    text::escaped,
    transfer::{
        Crc32c, SkippedItem,
        safe_name::{marked, readable, safe_name},
    },
};

/// One file to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) id: u64,
    pub(crate) external_id: String,
    pub(crate) artifact: String,
    pub(crate) artifact_id: Uuid,
    pub(crate) mime_type: Option<String>,
    pub(crate) path: PathBuf,
    pub(crate) crc: Option<Crc32c>,
}

/// The files to fetch, and the items that have none.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) files: Vec<Planned>,
    pub(crate) skipped: Vec<SkippedItem>,
}

/// The media types of outputs, where the item itself does not say: by output name.
pub(crate) type MediaTypes = HashMap<String, String>;

/// Lays the items out below `directory`: one directory an item, one file an output.
pub(crate) fn plan(items: &[ItemResultReadResponse], directory: &Path, media_types: &MediaTypes) -> Plan {
    let names = distinct(items.iter().map(|item| (item.external_id.as_str(), safe_name(&item.external_id))));
    let mut plan = Plan::default();
    for (item, name) in items.iter().zip(names) {
        match why_skipped(item) {
            Some(reason) => plan.skipped.push(reason),
            None => plan.add(item, &directory.join(name), media_types),
        }
    }
    plan
}

impl Plan {
    fn add(&mut self, item: &ItemResultReadResponse, directory: &Path, media_types: &MediaTypes) {
        let outputs = &item.output_artifacts;
        let types = outputs.iter().map(|output| media_type(output, media_types));
        let names = distinct(outputs.iter().zip(types.clone()).map(|(output, media_type)| {
            (output.name.as_str(), file_name(readable(&output.name), media_type.as_deref()))
        }));
        for ((output, media_type), name) in outputs.iter().zip(types).zip(names) {
            if output.state != ArtifactState::Terminated || output.output != ArtifactOutput::Available {
                continue;
            }
            self.files.push(Planned {
                id: self.files.len() as u64,
                external_id: item.external_id.clone(),
                artifact: output.name.clone(),
                artifact_id: output.output_artifact_id,
                mime_type: media_type,
                path: directory.join(name),
                crc: checksum(output.metadata.as_ref()),
            });
        }
    }
}

/// Names that differ on every file system: where two differ in case alone, both get their mark.
fn distinct<'a>(names: impl Iterator<Item = (&'a str, String)>) -> Vec<String> {
    let names: Vec<(&str, String)> = names.collect();
    let mut count: HashMap<String, u32> = HashMap::new();
    for (_, name) in &names {
        *count.entry(name.to_lowercase()).or_default() += 1;
    }
    let unique = |(text, name): (&str, String)| match count.get(&name.to_lowercase()) {
        // Beyond ASCII, file systems disagree about which spellings are one name.
        Some(1) if (!name.is_empty() && name.is_ascii()) || name == safe_name(text) => name,
        _ => match name.rsplit_once('.') {
            Some((_, extension)) if name != text => format!("{}.{extension}", marked(text)),
            _ => marked(text),
        },
    };
    names.into_iter().map(unique).collect()
}

fn why_skipped(item: &ItemResultReadResponse) -> Option<SkippedItem> {
    if item.state == ItemState::Terminated && item.output == ItemOutput::Full {
        return None;
    }
    Some(SkippedItem {
        external_id: item.external_id.clone(),
        state: item.state.clone(),
        reason: item.termination_reason.clone(),
        error_code: item.error_code.as_deref().map(escaped),
        error_message: item.error_message.as_deref().map(escaped),
    })
}

/// Names under which an output's metadata say its media type.
const MEDIA_TYPE: [&str; 2] = ["media_type", "mime_type"];

/// Whether an output says its media type itself.
pub(crate) fn says_its_media_type(metadata: &Map<String, Value>) -> bool {
    text(metadata, &MEDIA_TYPE).is_some()
}

fn media_type(output: &OutputArtifactResultReadResponse, declared: &MediaTypes) -> Option<String> {
    let said = output.metadata.as_ref().and_then(|metadata| text(metadata, &MEDIA_TYPE));
    said.or_else(|| declared.get(output.name.as_str()).cloned())
}

fn checksum(metadata: Option<&Map<String, Value>>) -> Option<Crc32c> {
    text(metadata?, &["checksum_base64_crc32c", "checksum_crc32c"])?.parse().ok()
}

fn text(metadata: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| metadata.get(*name)?.as_str()).map(str::to_owned)
}

fn file_name(name: String, media_type: Option<&str>) -> String {
    let extension = extension(media_type.unwrap_or_default());
    let has_it = name.to_ascii_lowercase().ends_with(extension);
    if has_it || name.is_empty() { name } else { name + extension }
}

/// The extension of a media type: a table of our own, so that it is the same on every machine.
pub(crate) fn extension(media_type: &str) -> &'static str {
    let bare = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match bare.as_str() {
        "application/geo+json" | "application/vnd.geo+json" => ".geojson",
        "application/json" => ".json",
        "application/pdf" => ".pdf",
        "application/dicom" => ".dcm",
        "application/vnd.apache.parquet" => ".parquet",
        "application/xml" | "text/xml" => ".xml",
        "application/zip" => ".zip",
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "image/tiff" => ".tiff",
        "text/csv" => ".csv",
        "text/html" => ".html",
        "text/markdown" => ".md",
        "text/plain" => ".txt",
        _ => ".bin",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn item(external_id: &str, outputs: &[(&str, &str)]) -> ItemResultReadResponse {
        let outputs: Vec<Value> = outputs
            .iter()
            .map(|(name, media_type)| {
                json!({ "output_artifact_id": Uuid::new_v4(), "name": name, "state": "TERMINATED", "output": "AVAILABLE",
                    "metadata": { "media_type": media_type, "checksum_base64_crc32c": "4waSgw==" } })
            })
            .collect();
        serde_json::from_value(json!({ "item_id": Uuid::new_v4(), "external_id": external_id, "custom_metadata": null,
            "state": "TERMINATED", "output": "FULL", "termination_reason": "SUCCEEDED", "input_artifacts": [],
            "output_artifacts": outputs }))
        .unwrap()
    }

    fn paths(items: &[ItemResultReadResponse]) -> Vec<String> {
        let plan = plan(items, Path::new("out"), &MediaTypes::new());
        plan.files.iter().map(|file| file.path.to_str().unwrap().replace('\\', "/")).collect()
    }

    #[test]
    fn every_output_has_a_readable_place() {
        let outputs = [
            ("readout:csv", "text/csv"),
            ("heat map", "image/tiff"),
            ("polygons", "application/geo+json"),
            ("x.zip", "application/zip"),
        ];
        let found = paths(&[item("slide-1.svs", &outputs)]);
        let expected = ["readout_csv.csv", "heat map.tiff", "polygons.geojson", "x.zip"]
            .map(|name| format!("out/slide-1.svs/{name}"));
        assert_eq!(found, expected);
    }

    #[test]
    fn names_that_meet_on_some_file_system_are_kept_apart() {
        let outputs = [("a:b", "text/csv"), ("a/b", "text/csv"), ("A_B", "text/csv"), ("", "text/csv")];
        let found = paths(&[item("Slide", &outputs), item("slide", &outputs), item("../slide", &outputs)]);
        let folded: std::collections::HashSet<_> = found.iter().map(|path| path.to_lowercase()).collect();
        assert_eq!(folded.len(), 12, "{found:?}");
        for path in &found {
            assert_eq!(path.matches('/').count(), 2, "{path}");
            assert!(path.ends_with(".csv") || path.contains('~'), "{path}");
        }
    }

    #[test]
    fn what_is_not_done_is_named_and_what_is_not_available_is_left_out() {
        let mut failed = item("bad", &[("a", "text/csv")]);
        (failed.output, failed.error_code) = (ItemOutput::None, Some("no_tissue\u{1b}".to_owned()));
        let mut gone = item("gone", &[("a", "text/csv")]);
        gone.output_artifacts[0].output = ArtifactOutput::DeletedByUser;
        let plan = plan(&[failed, gone], Path::new("out"), &MediaTypes::new());
        assert!(plan.files.is_empty());
        assert_eq!(plan.skipped[0].error_code.as_deref(), Some("no_tissue\\u{1b}"));
    }
}

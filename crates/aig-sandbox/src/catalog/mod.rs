//! The applications of the sandbox, their versions, and what goes into and comes out of them.

mod documents;
mod schemas;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use documents::Document;

/// An application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Application {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) regulatory_classes: Vec<String>,
    /// The newest last.
    pub(crate) versions: Vec<Version>,
}

/// A version of an application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) number: String,
    pub(crate) released_at: Timestamp,
    pub(crate) changelog: String,
    pub(crate) input: Input,
    pub(crate) outputs: Vec<Output>,
    pub(crate) documents: Vec<Document>,
}

/// The file that an item brings.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) mime_type: String,
    pub(crate) metadata_schema: Map<String, Value>,
}

/// A file that an item gets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) product: Product,
    pub(crate) metadata_schema: Map<String, Value>,
}

/// What is computed for an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Product {
    TissueOutlines,
    CellOutlines,
    AllOutlines,
    Heatmap,
    Readout,
}

impl Product {
    pub(crate) fn mime_type(self) -> &'static str {
        match self {
            Self::TissueOutlines | Self::CellOutlines | Self::AllOutlines => "application/geo+json",
            Self::Heatmap => "image/tiff",
            Self::Readout => "text/csv",
        }
    }

    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::TissueOutlines | Self::CellOutlines | Self::AllOutlines => "json",
            Self::Heatmap => "tiff",
            Self::Readout => "csv",
        }
    }
}

impl Application {
    pub(crate) fn version(&self, number: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.number == number)
    }

    /// What a run without a version gets: the newest that is not a pre-release.
    pub(crate) fn latest(&self) -> Option<&Version> {
        self.versions.iter().rev().find(|version| !version.number.contains('-')).or(self.versions.last())
    }
}

/// Every application of the sandbox.
pub(crate) fn applications() -> Vec<Application> {
    vec![he_tme(), test_app()]
}

fn he_tme() -> Application {
    Application {
        id: "he-tme".into(),
        name: "H&E-TME (sandbox)".into(),
        description: "Stands in for tumour microenvironment analysis of H&E-stained slides: outlines tissue and dark \
                      nuclei by simple image analysis. Not for clinical use."
            .into(),
        regulatory_classes: vec!["RUO".into()],
        versions: vec![
            version("1.0.0", "2025-09-01T09:00:00Z", "First version.", schemas::stained_slide(), he_tme_outputs()),
            version("1.1.0", "2026-02-16T09:00:00Z", "Finds more nuclei.", schemas::stained_slide(), he_tme_outputs()),
            version(
                "1.2.0-beta.1",
                "2026-09-07T09:00:00Z",
                "A look ahead.",
                schemas::stained_slide(),
                he_tme_outputs(),
            ),
        ],
    }
}

fn he_tme_outputs() -> Vec<Output> {
    vec![
        output("tissue_qc:geojson_polygons", Product::TissueOutlines),
        output("tissue_qc:tiff_heatmap", Product::Heatmap),
        output("cell_detection:geojson_polygons", Product::CellOutlines),
        output("readout_generation:slide_readouts", Product::Readout),
    ]
}

fn test_app() -> Application {
    Application {
        id: "test-app".into(),
        name: "Test application".into(),
        description: "Outlines tissue on a slide, to try a pipeline with. Not for clinical use.".into(),
        regulatory_classes: vec!["RUO".into()],
        versions: vec![
            version("0.0.5", "2025-05-05T08:00:00Z", "First version.", schemas::slide(), test_app_outputs()),
            version("0.99.0", "2025-10-13T08:00:00Z", "Heatmaps in colour.", schemas::slide(), test_app_outputs()),
            version("1.0.0", "2026-01-19T08:00:00Z", "Stable outputs.", schemas::slide(), test_app_outputs()),
            version("1.1.0-rc.1", "2026-10-05T08:00:00Z", "A candidate.", schemas::slide(), test_app_outputs()),
        ],
    }
}

fn test_app_outputs() -> Vec<Output> {
    vec![
        output("tissue_segmentation:geojson_polygons", Product::AllOutlines),
        output("tissue_segmentation:tiff_heatmap", Product::Heatmap),
        output("readout:csv_counts", Product::Readout),
    ]
}

fn version(number: &str, released_at: &str, changelog: &str, input_schema: Value, outputs: Vec<Output>) -> Version {
    Version {
        number: number.into(),
        released_at: released_at.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        changelog: changelog.into(),
        input: Input {
            name: "whole_slide_image".into(),
            mime_type: "image/tiff".into(),
            metadata_schema: schemas::object(input_schema),
        },
        outputs,
        documents: documents::of_version(),
    }
}

fn output(name: &str, product: Product) -> Output {
    Output { name: name.into(), product, metadata_schema: schemas::object(schemas::result(product.mime_type())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_compile_and_dates_parse() {
        for version in applications().iter().flat_map(|application| &application.versions) {
            assert!(version.released_at > Timestamp::UNIX_EPOCH);
            jsonschema::validator_for(&Value::Object(version.input.metadata_schema.clone())).unwrap();
            for output in &version.outputs {
                jsonschema::validator_for(&Value::Object(output.metadata_schema.clone())).unwrap();
            }
        }
    }

    #[test]
    fn the_latest_version_is_no_pre_release() {
        let latest: Vec<_> = applications().iter().map(|app| app.latest().unwrap().number.clone()).collect();
        assert_eq!(latest, ["1.1.0", "1.0.0"]);
    }
}

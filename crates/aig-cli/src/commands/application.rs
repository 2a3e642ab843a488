//! `aig application`.

use aig_platform::{
    Client,
    models::{ApplicationReadResponse, ApplicationReadShortResponse, VersionReadResponse},
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    args::{ApplicationCommand, SchemaArgs},
    exit::Exit,
    output::{Column, Listing, print_one, refuse_csv},
    printer::Printer,
    session::Platform,
    text,
};

pub(super) async fn run(printer: &Printer, command: ApplicationCommand) -> anyhow::Result<Exit> {
    let platform = Platform::from_process(printer)?;
    let client = &platform.client;
    let outcome = match command {
        ApplicationCommand::List => list(printer, client).await,
        ApplicationCommand::Show { application } => show(printer, client, &application).await,
        ApplicationCommand::Schema(args) => schema(printer, client, &args).await,
    };
    platform.settle().await;
    outcome.map(|()| Exit::Done)
}

const COLUMNS: &[Column<ApplicationReadShortResponse>] = &[
    Column { title: "application", cell: |application| text::plain(&application.application_id) },
    Column { title: "name", cell: |application| text::plain(&application.name) },
    Column { title: "latest version", cell: |application| latest(application).unwrap_or_default() },
    Column { title: "regulatory", cell: |application| text::plain(&application.regulatory_classes.join(" ")) },
];

const CSV: &[Column<ApplicationReadShortResponse>] = &[
    Column { title: "application_id", cell: |application| application.application_id.clone() },
    Column { title: "name", cell: |application| application.name.clone() },
    Column { title: "latest_version", cell: |application| latest(application).unwrap_or_default() },
    Column { title: "regulatory_classes", cell: |application| application.regulatory_classes.join(" ") },
];

fn latest(application: &ApplicationReadShortResponse) -> Option<String> {
    application.latest_version.as_ref().map(|version| version.number.clone())
}

async fn list(printer: &Printer, client: &Client) -> anyhow::Result<()> {
    let applications = client.applications().list().all().await?;
    let listing = Listing {
        schema: "aig.application.list/1",
        line_schema: "aig.application.summary/1",
        member: "applications",
        items: &applications,
        columns: COLUMNS,
        csv: CSV,
    };
    listing.print(printer)?;
    if applications.is_empty() {
        printer.note("no applications: ask the administrator of your organization for access");
    }
    Ok(())
}

async fn show(printer: &Printer, client: &Client, id: &str) -> anyhow::Result<()> {
    refuse_csv(printer.format())?;
    let application = client.applications().get(id).await?;
    print_one(printer, "aig.application/1", &*application, describe)
}

fn describe(application: &ApplicationReadResponse) -> String {
    let mut lines = vec![
        format!("application  {}", application.application_id),
        format!("name         {}", application.name),
        format!("regulatory   {}", application.regulatory_classes.join(" ")),
        format!("description  {}", application.description),
    ];
    lines.extend(application.versions.iter().map(|version| {
        format!("version      {}, released {}", version.number, text::time(version.released_at.instant()))
    }));
    lines.iter().map(|line| text::plain(line)).collect::<Vec<_>>().join("\n")
}

/// What a version takes and gives.
#[derive(Debug, Serialize)]
struct Schemas<'a> {
    application_id: &'a str,
    version_number: &'a str,
    input_artifacts: Vec<Artifact<'a>>,
    output_artifacts: Vec<Artifact<'a>>,
}

#[derive(Debug, Serialize)]
struct Artifact<'a> {
    name: &'a str,
    mime_type: &'a str,
    metadata_schema: &'a Map<String, Value>,
}

async fn schema(printer: &Printer, client: &Client, args: &SchemaArgs) -> anyhow::Result<()> {
    refuse_csv(printer.format())?;
    let version = client.versions(&args.application).get_or_latest(args.version_number.as_deref()).await?;
    print_one(printer, "aig.application.schema/1", &schemas(&args.application, &version), Schemas::lines)
}

fn schemas<'a>(application_id: &'a str, version: &'a VersionReadResponse) -> Schemas<'a> {
    let input = |artifact: &'a aig_platform::models::InputArtifact| Artifact {
        name: &artifact.name,
        mime_type: &artifact.mime_type,
        metadata_schema: &artifact.metadata_schema,
    };
    let output = |artifact: &'a aig_platform::models::OutputArtifact| Artifact {
        name: &artifact.name,
        mime_type: &artifact.mime_type,
        metadata_schema: &artifact.metadata_schema,
    };
    Schemas {
        application_id,
        version_number: &version.version_number,
        input_artifacts: version.input_artifacts.iter().map(input).collect(),
        output_artifacts: version.output_artifacts.iter().map(output).collect(),
    }
}

impl Schemas<'_> {
    fn lines(&self) -> String {
        let mut lines = vec![format!("{} {}", self.application_id, self.version_number)];
        for (direction, artifacts) in [("takes", &self.input_artifacts), ("gives", &self.output_artifacts)] {
            for artifact in artifacts {
                lines.push(format!("{direction} {} ({})", artifact.name, artifact.mime_type));
                lines.extend(fields(artifact.metadata_schema).into_iter().map(|field| format!("  {field}")));
            }
        }
        lines.iter().map(|line| text::plain(line)).collect::<Vec<_>>().join("\n")
    }
}

/// The fields of a JSON Schema, a line each: name, type or values, and whether it is required.
pub(super) fn fields(schema: &Map<String, Value>) -> Vec<String> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return Vec::new() };
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let field = |(name, property): (&String, &Value)| {
        let need = if required.contains(&name.as_str()) { "required" } else { "optional" };
        format!("{name:24} {need}  {}", kind(property))
    };
    properties.iter().map(field).collect()
}

/// The type of a property, or the values that it may have.
fn kind(property: &Value) -> String {
    if let Some(values) = property.get("enum").and_then(Value::as_array) {
        let values: Vec<String> =
            values.iter().map(|value| value.as_str().map_or(value.to_string(), str::to_owned)).collect();
        return format!("one of {}", values.join(", "));
    }
    match property.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(other) => other.to_string(),
        None => "any".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_is_told_field_by_field() {
        let schema = json!({
            "properties": { "stain": { "enum": ["H&E", "IHC"] }, "width_px": { "type": "integer" } },
            "required": ["width_px"],
        });
        let lines = fields(schema.as_object().unwrap());
        assert_eq!(
            lines,
            ["stain                    optional  one of H&E, IHC", "width_px                 required  integer"]
        );
    }
}

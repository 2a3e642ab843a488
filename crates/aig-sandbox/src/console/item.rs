//! One item: its state, its pictures, its counts, its files.

use maud::{Markup, html};
use url::Url;

use super::{
    Console, counts,
    html::{
        Column::{self, Number, Text},
        given, size, table,
    },
    marks, objects, pictures, run,
};
use crate::{
    catalog::Product,
    platform::RESULTS_BUCKET,
    state::{Artifact, Input, Item, Output, Run},
};

const COLUMNS: [Column; 5] = [Text("Result"), Text("Type"), Number("Size"), Text("CRC32C"), Text("File")];

pub(super) fn card(console: &Console, run: &Run, item: &Item) -> Markup {
    html! {
        article.item id={ "item-" (item.id) } aria-labelledby={ "title-" (item.id) } {
            h3 id={ "title-" (item.id) } { (given(&item.external_id)) }
            (marks::of_item(item))
            (pictures::figures(console, run, item))
            @for artifact in &item.outputs { (readout(console, artifact)) }
            @if item.has_output() { (files(item)) }
            details id={ "input-" (item.id) } {
                summary { "Input" span.unseen { " of " (given(&item.external_id)) } }
                @for input in &item.inputs { (given_input(input)) }
            }
            (run::metadata("Custom metadata of the item", &format!("metadata-{}", item.id), item.metadata.as_ref()))
        }
    }
}

fn readout(console: &Console, artifact: &Artifact) -> Markup {
    let key = match (&artifact.output, artifact.product) {
        (Output::Available { key, .. }, Product::Readout) => key,
        _ => return html! {},
    };
    match console.platform().storage.read(RESULTS_BUCKET, key) {
        Ok(csv) => counts::chart(&String::from_utf8_lossy(&csv)),
        Err(_) => html! { p.problem { "The readout cannot be read." } },
    }
}

fn files(item: &Item) -> Markup {
    let rows = html! { @for artifact in &item.outputs { (file(artifact)) } };
    table(&format!("Results of {}", given(&item.external_id)), &COLUMNS, &rows)
}

fn file(artifact: &Artifact) -> Markup {
    let (metadata, state) = match &artifact.output {
        Output::Available { metadata, .. } | Output::DeletedByUser(metadata) | Output::DeletedBySystem(metadata) => {
            (Some(metadata), &artifact.output)
        }
        Output::None => (None, &artifact.output),
    };
    let text = |name: &str| metadata.and_then(|metadata| metadata.get(name)?.as_str()).unwrap_or("–");
    let bytes = metadata.and_then(|metadata| metadata.get("file_size_bytes")?.as_u64());
    html! {
        tr {
            th scope="row" { (given(&artifact.name)) }
            td { (text("media_type")) }
            td.number { (bytes.map_or_else(|| "–".to_owned(), size)) }
            td { code { (text("checksum_base64_crc32c")) } }
            td { (fate(state, &artifact.name)) }
        }
    }
}

fn fate(output: &Output, name: &str) -> Markup {
    match output {
        Output::None => html! { "not there" },
        Output::Available { key, .. } => objects::link(RESULTS_BUCKET, key, name),
        Output::DeletedByUser(_) => html! { "deleted by user" },
        Output::DeletedBySystem(_) => html! { "deleted by system" },
    }
}

/// The address is signed, so its host alone is told.
fn given_input(input: &Input) -> Markup {
    let host = Url::parse(&input.url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let text = serde_json::to_string_pretty(&input.metadata).unwrap_or_default();
    html! {
        p { strong { (given(&input.name)) } " from " code { (given(host.as_deref().unwrap_or("an address that is none"))) } }
        pre tabindex="0" { code { (given(&text)) } }
    }
}

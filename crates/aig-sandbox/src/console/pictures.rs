//! Pictures of results: the slide, outlines and heatmaps over it, and the figures that show them.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use maud::{Markup, html};
use uuid::Uuid;

use super::{Console, blocking, html::given, outlines};
use crate::{
    analysis,
    catalog::Product,
    control::PREFIX,
    platform::{PICTURES_BUCKET, RESULTS_BUCKET},
    state::{Artifact, Item, Output, Picture, Run},
};

/// Addresses name the content they show, so it may be kept.
const KEPT: &str = "private, max-age=31536000, immutable";
/// A drawing has nothing to load.
const SILENT: &str = "default-src 'none'";

/// A slide, small.
pub(super) async fn slide(State(console): State<Arc<Console>>, Path(key): Path<String>) -> Response {
    blocking(move || match console.platform().storage.read(PICTURES_BUCKET, &key) {
        Ok(png) => picture("image/png", png),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    })
    .await
}

/// A heatmap as a PNG, outlines as a drawing.
pub(super) async fn artifact(State(console): State<Arc<Console>>, Path(of): Path<(Uuid, Uuid)>) -> Response {
    blocking(move || drawn(&console, of).unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())).await
}

fn drawn(console: &Console, (run, artifact): (Uuid, Uuid)) -> Option<Response> {
    let (slide, artifact) = console.platform().with(|world| {
        let (item, artifact) = world.run(run)?.artifact(artifact)?;
        Some((item.picture.clone(), artifact.clone()))
    })?;
    let content = content(console, &artifact)?;
    match artifact.product {
        Product::Heatmap => Some(picture("image/png", analysis::of_heatmap(&content).ok()?)),
        Product::Readout => None,
        _ => {
            let drawing = outlines::drawing(&outlines::classes(&content)?, &slide?);
            Some(picture("image/svg+xml", drawing.into_string().into_bytes()))
        }
    }
}

fn content(console: &Console, artifact: &Artifact) -> Option<Vec<u8>> {
    let Output::Available { key, .. } = &artifact.output else { return None };
    console.platform().storage.read(RESULTS_BUCKET, key).ok()
}

fn picture(kind: &'static str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, KEPT),
        (header::CONTENT_SECURITY_POLICY, SILENT),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, bytes).into_response()
}

/// The slide of an item, for lists.
pub(super) fn thumbnail(item: &Item) -> Markup {
    html! {
        @if let Some(slide) = &item.picture {
            img src=(slide_address(slide)) alt={ "Slide " (given(&item.external_id)) } loading="lazy" width="64" height=(height(slide, 64));
        }
    }
}

/// The slide with outlines, and the slide with the heatmap; the layers can be switched on and off.
pub(super) fn figures(console: &Console, run: &Run, item: &Item) -> Markup {
    let Some(slide) = &item.picture else { return html! {} };
    let there = || item.outputs.iter().filter(|artifact| matches!(artifact.output, Output::Available { .. }));
    let heatmaps = there().filter(|artifact| artifact.product == Product::Heatmap);
    html! {
        div.figures {
            (outlined(console, run, item, slide))
            @for artifact in heatmaps { (heated(console, run, item, slide, artifact)) }
        }
    }
}

fn outlined(console: &Console, run: &Run, item: &Item, slide: &Picture) -> Markup {
    let is_outlines = |artifact: &&Artifact| !matches!(artifact.product, Product::Heatmap | Product::Readout);
    let there = item.outputs.iter().filter(is_outlines);
    let layers: Vec<(&Artifact, Vec<outlines::Class>)> =
        there.filter_map(|artifact| Some((artifact, outlines::classes(&content(console, artifact)?)?))).collect();
    html! {
        figure {
            div.stack {
                (slide_image(item, slide))
                @for (number, (artifact, _)) in layers.iter().enumerate() {
                    img.layer.{ "layer-" (number) } src=(address(run, artifact)) alt={ "Outlines over it: " (given(&artifact.name)) } width=(slide.width) height=(slide.height) loading="lazy";
                }
            }
            figcaption {
                (given(&item.external_id)) ", " (slide.width) " × " (slide.height) " px"
                (switches(item, &layers))
            }
        }
    }
}

fn switches(item: &Item, layers: &[(&Artifact, Vec<outlines::Class>)]) -> Markup {
    html! {
        @if !layers.is_empty() {
            fieldset.layers {
                legend { "Layers" span.unseen { " of " (given(&item.external_id)) } }
                @for (number, (artifact, classes)) in layers.iter().enumerate() {
                    label {
                        input id={ "layer-" (artifact.id) } type="checkbox" checked class={ "switch-" (number) };
                        " " (given(&artifact.name))
                    }
                    (outlines::legend(classes))
                }
            }
        }
    }
}

fn heated(console: &Console, run: &Run, item: &Item, slide: &Picture, artifact: &Artifact) -> Markup {
    let meaning = content(console, artifact).and_then(|tiff| analysis::description(&tiff));
    html! {
        figure {
            div.stack {
                (slide_image(item, slide))
                img.layer.heat.layer-0 src=(address(run, artifact)) alt={ "Heatmap over it: " (given(&artifact.name)) } width=(slide.width) height=(slide.height) loading="lazy";
            }
            figcaption {
                label {
                    input id={ "layer-" (artifact.id) } type="checkbox" checked class="switch-0";
                    " " (given(&artifact.name))
                }
                div.scale aria-hidden="true" {}
                @if let Some(meaning) = meaning { p.soft { (given(&meaning)) } }
            }
        }
    }
}

fn slide_image(item: &Item, slide: &Picture) -> Markup {
    html! {
        img src=(slide_address(slide)) alt={ "Slide " (given(&item.external_id)) } width=(slide.width) height=(slide.height) loading="lazy";
    }
}

fn slide_address(slide: &Picture) -> String {
    format!("{PREFIX}/pictures/slides/{}", slide.key)
}

/// With the checksum of the content, so that a browser never shows what a sandbox before this one had under these ids.
fn address(run: &Run, artifact: &Artifact) -> String {
    let checksum = match &artifact.output {
        Output::Available { metadata, .. } => {
            metadata.get("checksum_base64_crc32c").and_then(|value| value.as_str()).unwrap_or_default()
        }
        _ => "",
    };
    let version: String = checksum.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{PREFIX}/pictures/{}/{}?of={version}", run.id, artifact.id)
}

/// At this width, so that pages do not jump when pictures come.
fn height(slide: &Picture, width: u32) -> u32 {
    (u64::from(slide.height) * u64::from(width) / u64::from(slide.width.max(1))).clamp(1, 512) as u32
}

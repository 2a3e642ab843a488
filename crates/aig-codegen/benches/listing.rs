//! What it costs to read and to write a listing of 10,000 items, beside what serde_json takes for the same bytes.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock of the machine")]

use std::hint::black_box;
use std::time::Instant;

use aig_codegen::models::ItemResultReadResponse;
use serde_json::{Value, json};

const ITEMS: usize = 10_000;
const ROUNDS: usize = 15;

/// The best of several rounds, in milliseconds.
fn best(mut call: impl FnMut()) -> f64 {
    let round = |_| {
        let begun = Instant::now();
        call();
        begun.elapsed().as_secs_f64() * 1e3
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}

fn item(index: usize) -> Value {
    json!({
        "item_id": format!("0b0f6c2e-7a53-4b0e-9a5d-{index:012x}"), "external_id": format!("slides/{index}.tiff"),
        "custom_metadata": {"batch": index % 7, "note": "fixed in formalin"}, "custom_metadata_checksum": "5d1f0a",
        "queue_position_org": null, "queue_position_platform": 7, "state": "TERMINATED", "output": "FULL",
        "termination_reason": "SUCCEEDED", "error_code": null, "error_message": null,
        "terminated_at": "2026-05-11T09:30:12.250123Z", "input_artifacts": [artifact("input_artifact_id", index)],
        "output_artifacts": [output(index), output(index + ITEMS), output(index + 2 * ITEMS)],
    })
}

fn artifact(id: &str, index: usize) -> Value {
    json!({
        id: format!("1b0f6c2e-7a53-4b0e-9a5d-{index:012x}"), "name": "tissue_segmentation",
        "metadata": {"width_px": 4096, "mpp": 0.25}, "download_url": format!("https://bucket.example.org/{index}?signature=example"),
    })
}

fn output(index: usize) -> Value {
    let mut output = artifact("output_artifact_id", index);
    let state = json!({"state": "TERMINATED", "termination_reason": "SUCCEEDED", "output": "AVAILABLE",
        "error_code": null, "error_message": null});
    output
        .as_object_mut()
        .into_iter()
        .for_each(|members| members.extend(state.as_object().cloned().unwrap_or_default()));
    output
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = serde_json::to_vec(&(0..ITEMS).map(item).collect::<Value>())?;
    let items: Vec<ItemResultReadResponse> = aig_codegen::decode(&text)?;
    let typed = best(|| drop(black_box(aig_codegen::decode::<Vec<ItemResultReadResponse>>(&text))));
    let untyped = best(|| drop(black_box(serde_json::from_slice::<Value>(&text))));
    let written = best(|| drop(black_box(serde_json::to_vec(&items))));
    println!("{ITEMS} items, {:.1} MB", text.len() as f64 / 1e6);
    println!("read as models     {typed:>8.1} ms");
    println!("read as any JSON   {untyped:>8.1} ms   models take {:.2} of it", typed / untyped);
    println!("written from models{written:>8.1} ms");
    Ok(())
}

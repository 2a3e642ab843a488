//! The main job over real HTTP: upload slides, submit, wait, download and check results.

use serde_json::{Value, json};

use aig_sandbox::{RunPlan, Sandbox, synthetic::SlideSpec};

use crate::wire::{Wire, checksum, upload_bytes, upload_slide};

#[tokio::test]
async fn a_run_ends_with_results_for_slides_with_tissue_and_a_user_error_for_a_blank_one() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let slides = [("a.tiff", SlideSpec::new(900, 700).seed(3)), ("b.tiff", SlideSpec::new(600, 600).blank())];
    let mut items = Vec::new();
    for (name, spec) in &slides {
        items.push(upload_slide(&wire, name, spec).await);
    }
    let run = wire.post("/api/v1/runs", &json!({"application_id": "test-app", "items": items})).await;
    assert_eq!(run.status, 201, "{}", run.body);
    let run_id = run.body["run_id"].as_str().unwrap().to_owned();
    let run = wire.wait_for_end(&run_id).await;
    assert_eq!(run["termination_reason"], "ALL_ITEMS_PROCESSED");
    assert_eq!(run["output"], "PARTIAL");
    assert_eq!(run["statistics"]["item_succeeded_count"], 1);
    assert_eq!(run["statistics"]["item_user_error_count"], 1);
    let items = wire.get(&format!("/api/v1/runs/{run_id}/items")).await.body;
    let (good, blank) = (&items[0], &items[1]);
    assert_eq!((good["external_id"].as_str(), good["output"].as_str()), (Some("a.tiff"), Some("FULL")));
    assert_eq!((&blank["error_code"], &blank["termination_reason"]), (&json!("no_tissue"), &json!("USER_ERROR")));

    let mut files = std::collections::BTreeMap::new();
    for artifact in good["output_artifacts"].as_array().unwrap() {
        let id = artifact["output_artifact_id"].as_str().unwrap();
        let bytes = wire.download(&format!("/api/v1/runs/{run_id}/artifacts/{id}/file")).await;
        assert_eq!(artifact["metadata"]["checksum_base64_crc32c"], checksum(&bytes));
        files.insert(artifact["name"].as_str().unwrap().to_owned(), bytes);
    }
    let geojson: Value = serde_json::from_slice(&files["tissue_segmentation:geojson_polygons"]).unwrap();
    assert_eq!(geojson["type"], "FeatureCollection");
    let csv = String::from_utf8(files["readout:csv_counts"].clone()).unwrap();
    let counted: usize = csv.lines().skip(1).map(|row| row.split(',').nth(1).unwrap().parse::<usize>().unwrap()).sum();
    assert_eq!(counted, geojson["features"].as_array().unwrap().len());
    let heatmap = std::io::Cursor::new(&files["tissue_segmentation:tiff_heatmap"]);
    assert!(tiff::decoder::Decoder::new(heatmap).unwrap().read_image().is_ok());
}

/// A directory of tags: one column of four thousand million pixels, in one strip that is not there.
fn claims_of_a_huge_image() -> Vec<u8> {
    let tags =
        [(256, 1), (257, u32::MAX), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, u32::MAX), (279, 100)];
    let entry = |(tag, value): (u16, u32)| {
        let long = 4_u16;
        [&tag.to_le_bytes()[..], &long.to_le_bytes(), &1_u32.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    [&(tags.len() as u16).to_le_bytes()[..], &tags.map(entry).concat(), &[0; 4]].concat()
}

#[tokio::test]
async fn a_slide_with_another_checksum_or_size_than_promised_or_no_slide_at_all_is_a_user_error() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let good = upload_slide(&wire, "a.tiff", &SlideSpec::new(600, 500)).await;
    let change = |external_id: &str, pointer: &str, value: Value| {
        let mut item = good.clone();
        item["external_id"] = json!(external_id);
        *item["input_artifacts"][0].pointer_mut(pointer).unwrap() = value;
        item
    };
    let claims = [&b"II*\0\x08\0\0\0"[..], &claims_of_a_huge_image()].concat();
    let mut bomb = upload_bytes(&wire, "slide_unreadable", claims, &SlideSpec::new(1, 1)).await;
    bomb["external_id"] = json!("slide_unreadable");
    let unreachable = format!("{}/storage/nowhere/x?secret=1", sandbox.url());
    let items = [
        change("checksum_mismatch", "/metadata/checksum_base64_crc32c", json!("AAAAAA==")),
        change("metadata_mismatch", "/metadata/width_px", json!(601)),
        change("download_failed", "/download_url", json!(unreachable)),
        bomb,
    ];
    let run = wire.post("/api/v1/runs", &json!({"application_id": "test-app", "items": items})).await;
    let run_id = run.body["run_id"].as_str().unwrap().to_owned();
    wire.wait_for_end(&run_id).await;
    let items = wire.get(&format!("/api/v1/runs/{run_id}/items")).await.body;
    for item in items.as_array().unwrap() {
        assert_eq!(item["error_code"], item["external_id"], "{item}");
        assert_eq!(item["termination_reason"], "USER_ERROR");
        assert!(!item["error_message"].as_str().unwrap().contains("secret"));
    }
    assert_eq!(items.as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_manual_run_moves_one_item_at_a_time() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let mut items = Vec::new();
    for name in ["1.tiff", "2.tiff"] {
        items.push(upload_slide(&wire, name, &SlideSpec::new(400, 300)).await);
    }
    let run = wire.post("/api/v1/runs", &json!({"application_id": "test-app", "items": items})).await;
    let run_id = run.body["run_id"].as_str().unwrap().to_owned();
    assert_eq!(wire.get(&format!("/api/v1/runs/{run_id}")).await.body["state"], "PENDING");
    sandbox.advance_run(run_id.parse().unwrap()).unwrap();
    while wire.get(&format!("/api/v1/runs/{run_id}")).await.body["statistics"]["item_succeeded_count"] != 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(wire.get(&format!("/api/v1/runs/{run_id}")).await.body["state"], "PROCESSING");
    sandbox.advance_run(run_id.parse().unwrap()).unwrap();
    wire.wait_for_end(&run_id).await;
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let first = Sandbox::builder().start().await.unwrap();
    let error = Sandbox::builder().port(first.address().port()).start().await.unwrap_err();
    assert!(error.to_string().contains(&first.address().port().to_string()), "{error}");
    let port = first.address().port();
    first.shutdown().await;
    Sandbox::builder().port(port).start().await.unwrap();
}

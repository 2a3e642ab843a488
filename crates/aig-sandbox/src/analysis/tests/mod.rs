//! What the analysis finds on slides that were painted for it.

mod odd_slides;

use super::*;
use crate::synthetic::SlideSpec;

fn findings(spec: &SlideSpec) -> Result<Findings, Refusal> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("slide.tiff");
    spec.write(&path).unwrap();
    analyse(&path, spec.mpp)
}

#[test]
fn a_stained_slide_has_tissue_inside_its_bounds_and_nuclei_in_the_tissue() {
    let found = findings(&SlideSpec::new(1200, 900).seed(5)).unwrap();
    assert!((1..=4).contains(&found.tissue.outlines.len()), "{} pieces", found.tissue.outlines.len());
    assert!(found.spots.outlines.len() > 50, "{} nuclei", found.spots.outlines.len());
    assert_eq!(found.spots.name, "Nucleus");
    for outline in found.tissue.outlines.iter().chain(&found.spots.outlines) {
        for ring in &outline.rings {
            assert_eq!(ring.first(), ring.last(), "a ring is closed");
            assert!(ring.len() >= 5);
            assert!(ring.iter().all(|[x, y]| (0.0..=1200.0).contains(x) && (0.0..=900.0).contains(y)));
        }
    }
}

#[test]
fn other_pixels_give_other_findings() {
    let of = |seed| findings(&SlideSpec::new(800, 600).seed(seed)).unwrap().geojson();
    assert_ne!(of(1), of(2));
    assert_eq!(of(1), of(1));
}

#[test]
fn a_blank_slide_has_no_tissue() {
    let refusal = findings(&SlideSpec::new(600, 600).blank()).unwrap_err();
    assert!(matches!(refusal, Refusal::NoTissue { width: 600, height: 600, .. }), "{refusal}");
}

#[test]
fn counts_of_the_readout_agree_with_the_features() {
    let found = findings(&SlideSpec::new(1000, 800).seed(9)).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&found.geojson()).unwrap();
    let features = json["features"].as_array().unwrap();
    let csv = String::from_utf8(found.readout_csv()).unwrap();
    for row in csv.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let named = features.iter().filter(|f| f["properties"]["classification"]["name"] == cells[0]).count();
        assert_eq!(cells[1].parse::<usize>().unwrap(), named);
    }
    assert_eq!(csv.lines().count(), 3);
}

#[test]
fn a_cut_file_and_a_text_are_unreadable() {
    let directory = tempfile::tempdir().unwrap();
    let whole = directory.path().join("whole.tiff");
    SlideSpec::new(600, 400).write(&whole).unwrap();
    let bytes = std::fs::read(&whole).unwrap();
    for content in [&bytes[..bytes.len() / 2], b"not a slide", b""] {
        let path = directory.path().join("broken");
        std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), content).unwrap();
        assert!(matches!(analyse(&path, 0.5), Err(Refusal::Unreadable(_))));
    }
}

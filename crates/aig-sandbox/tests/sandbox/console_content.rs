//! A sandbox in which much has happened, for those who look at the console.

use aig_sandbox::{
    RunPlan, Sandbox,
    faults::{Effect, Fault},
    synthetic::SlideSpec,
};
use serde_json::{Value, json};

use crate::wire::{Wire, slideless_item, submit, submit_with, upload_slide};

/// What a name may be if somebody means ill, or is careless.
pub(crate) const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'; DROP TABLE runs; --",
    "</title></style><svg onload=alert(1)>",
    "a\u{202e}gpj.exe\u{1b}[31m",
    "an_external_id_without_any_place_to_break_it_that_goes_on_and_on_and_on_and_on_and_on_and_on_until_it_is_far_too_long.tiff",
];

/// The runs that are there.
pub(crate) struct Shown {
    pub(crate) finished: String,
    pub(crate) hostile: String,
}

pub(crate) async fn shown() -> (Sandbox, Shown) {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let mut items = Vec::new();
    for seed in 1..=3 {
        let spec = SlideSpec::new(600 + 100 * seed, 500).seed(u64::from(seed));
        items.push(stained(upload_slide(&wire, &format!("slide-{seed}.tiff"), &spec).await));
    }
    items.push(stained(upload_slide(&wire, "blank.tiff", &SlideSpec::new(500, 400).blank()).await));
    let finished = submit(&wire, "he-tme", items).await;
    wire.wait_for_end(&finished).await;
    let hostile = hostile_run(&wire).await;
    wire.wait_for_end(&hostile).await;
    sandbox.inject(Fault::new(Effect::status(503).retry_after("<b>")).on_operation("get_me").times(3));
    sandbox.inject(Fault::new(Effect::Cut(10)).on_path("/storage/<x>").with_probability(0.5));
    wire.get("/api/v1/me").await;
    wire.get("/api/v1/nothing/%3Cscript%3E").await;
    sandbox.snapshot(&"w".repeat(64)).unwrap();
    (sandbox, Shown { finished, hostile })
}

async fn hostile_run(wire: &Wire) -> String {
    let spec = SlideSpec::new(500, 300);
    let mut items: Vec<Value> = HOSTILE.iter().map(|name| slideless_item(name, &spec)).collect();
    items.push(upload_slide(wire, "good.tiff", &spec).await);
    for item in &mut items {
        item["custom_metadata"] = json!({"note": HOSTILE});
    }
    let metadata = json!({"sdk": {"tags": HOSTILE}, HOSTILE[0]: HOSTILE[1]});
    submit_with(wire, "test-app", items, metadata).await
}

/// What he-tme wants to know beyond the test application.
fn stained(mut item: Value) -> Value {
    let metadata = &mut item["input_artifacts"][0]["metadata"];
    metadata["staining_method"] = json!("H&E");
    metadata["specimen"] = json!({"tissue": "LUNG", "disease": "LUNG_CANCER"});
    item
}

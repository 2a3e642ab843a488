//! Submits one slide, waits, and brings verified results back: `consumer-platform SLIDE WIDTH HEIGHT FOLDER`.

use std::{env, error::Error, sync::Arc};

use aig_platform::{
    Client, Submission, SubmissionItem, WaitOptions,
    transfer::{DownloadOptions, NoProgress},
};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [slide, width, height, folder] = arguments.as_slice() else {
        return Err("usage: consumer-platform SLIDE WIDTH HEIGHT FOLDER".into());
    };
    let (width, height): (u32, u32) = (width.parse()?, height.parse()?);
    let client = Client::from_env()?;

    let bucket = client.bucket().await?;
    let uploaded = bucket.upload(slide, "consumer/slide.tiff", &NoProgress).await?;
    let link = bucket.signed_get_url(&uploaded.key).await?;
    let facts = json!({ "checksum_base64_crc32c": uploaded.crc32c.to_string(), "width_px": width, "height_px": height,
                        "resolution_mpp": 0.5, "media_type": "image/tiff" });
    let facts = facts.as_object().cloned().unwrap_or_default();
    let item = SubmissionItem::new("slide").artifact("whole_slide_image", &link, facts);

    let submitted = client.runs().submit(Submission::new("test-app").item(item)).await?;
    let run = client.run(submitted.run_id);
    let outcome = run.wait(WaitOptions::default()).await?;
    println!("{} of {} slides succeeded", outcome.succeeded().count(), outcome.items.len());

    let report = run.download(&DownloadOptions::to(folder), Arc::new(NoProgress)).await?;
    for file in &report.files {
        println!("{} {} {}", file.path.display(), file.bytes, file.crc32c);
    }
    Ok(())
}

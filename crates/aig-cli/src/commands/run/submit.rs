//! `aig run submit`.

use aig_platform::Client;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    args::SubmitArgs,
    exit::Exit,
    output::{print_one, refuse_csv},
    printer::Printer,
    submission::{Job, Labels, Prepared, check_settings, find, input_of, inspect, prepare, resolution},
    text,
};

#[derive(Debug, Serialize)]
struct Submitted<'a> {
    run_id: Uuid,
    application_id: &'a str,
    version_number: &'a str,
    slides: &'a [Prepared],
}

pub(super) async fn submit(printer: &Printer, client: &Client, args: &SubmitArgs) -> anyhow::Result<Exit> {
    refuse_csv(printer.format())?;
    let paths = find(&args.paths)?;
    let version = client.versions(&args.application).get_or_latest(args.version_number.as_deref()).await?;
    let input = input_of(&version)?;
    check_settings(input, &args.settings)?;
    printer.note(format_args!("reading {}", text::count(paths.len(), "slide")));
    let inspected = inspect(paths, resolution(input, &args.settings)).await?;
    let slides = prepare(inspected, input, &args.settings)?;
    let job = Job {
        application: &args.application,
        version: &version,
        input,
        slides: &slides,
        labels: Labels { note: args.note.clone(), tags: args.tags.clone() },
        id: Uuid::new_v4(),
    };
    job.check(client).await?;
    printer.note(format_args!("uploading {}", text::count(slides.len(), "slide")));
    let uploaded = job.upload(client, printer).await?;
    let submission = job.submission(uploaded.iter().map(|slide| &slide.link));
    let run_id = client.runs().submit(submission).await?.run_id;
    let submitted = Submitted {
        run_id,
        application_id: &args.application,
        version_number: &version.version_number,
        slides: &slides,
    };
    // The id alone, so that a shell can catch it.
    print_one(printer, "aig.run.submit/1", &submitted, |submitted| submitted.run_id.to_string())?;
    printer.note(format_args!("watch it with `aig run watch {run_id}`"));
    Ok(Exit::Done)
}

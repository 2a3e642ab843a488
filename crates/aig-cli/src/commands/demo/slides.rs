//! The slides of the demo: the user's own, or four that are written here.

use std::path::PathBuf;

use aig_platform::slide::SlideError;
use aig_sandbox::synthetic::{DemoSlide, Tissue, demo_slides};
use anyhow::Context as _;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    painting::{Painter, is_intact, paint, wish},
    scribe::Scribe,
    stage::Stage,
};
use crate::{
    args::DemoArgs,
    failure::{Failure, slide_hint},
    submission::{Prepared, Resolution, external_ids, find, measure},
    text,
};

/// Slides that are painted at the same time: it is work for the processor.
const PARALLEL_PAINTING: usize = 4;

/// Where the slides are, and what is known of them beforehand.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    pub(super) paths: Vec<PathBuf>,
    /// Files that an earlier demo had written, and that are still right.
    pub(super) kept: Vec<PathBuf>,
    /// The slide that is blank on purpose, when the slides are the demo's own.
    pub(super) blank: Option<PathBuf>,
}

impl Chosen {
    /// What did not have to be done.
    pub(super) fn skipped(&self) -> Vec<String> {
        self.kept.iter().map(|path| format!("writing `{}`: it was there and intact", path.display())).collect()
    }
}

/// The user's own slides, looked at before anything is started.
pub(super) async fn own(args: &DemoArgs) -> anyhow::Result<Option<Vec<PathBuf>>> {
    let Some(folder) = &args.slides else { return Ok(None) };
    if folder.is_file() {
        let file = Failure::usage(format!("`{}` is a file, and `--slides` takes a folder", folder.display()));
        return Err(file.with_hint("name the folder that the slide lies in").into());
    }
    let paths = find(std::slice::from_ref(folder))?;
    external_ids(&paths)?;
    measure(paths.clone(), Resolution::OfTheFile, hint).await?;
    Ok(Some(paths))
}

/// What can be followed here: the demo has no `--set`.
fn hint(error: &SlideError) -> Option<String> {
    match error {
        SlideError::NoResolution { .. } | SlideError::ImplausibleResolution { .. } => Some(
            "take it out of the folder; `aig run submit` takes such slides with `--set resolution_mpp=0.25`".to_owned(),
        ),
        other => slide_hint(other),
    }
}

pub(super) async fn choose(stage: &Stage, scribe: &mut Scribe, own: Option<Vec<PathBuf>>) -> anyhow::Result<Chosen> {
    if let Some(paths) = own {
        scribe.step("slides", "Your slides");
        return Ok(Chosen { paths, ..Chosen::default() });
    }
    scribe.step("slides", "Slides: pyramidal TIFF, painted here; one is blank on purpose");
    let folder = stage.slides()?;
    let busy = scribe.busy("checking what is there, painting what is not");
    let written: Vec<_> = stream::iter(demo_slides())
        .map(|slide| provide(slide, folder.clone(), stage.studio.painter()))
        .buffered(PARALLEL_PAINTING)
        .try_collect()
        .await?;
    drop(busy);
    let kept: Vec<_> = written.iter().filter(|slide| slide.was_there).map(|slide| slide.path.clone()).collect();
    if !kept.is_empty() {
        scribe.say(format_args!("skipped writing {}: there already, and intact", text::count(kept.len(), "slide")));
    }
    let blank = written.iter().find(|slide| slide.is_blank).map(|slide| slide.path.clone());
    Ok(Chosen { paths: written.into_iter().map(|slide| slide.path).collect(), kept, blank })
}

struct Provided {
    path: PathBuf,
    was_there: bool,
    is_blank: bool,
}

/// Writes a slide unless it is there and is what would be written.
async fn provide(slide: DemoSlide, folder: PathBuf, painter: Painter) -> anyhow::Result<Provided> {
    let path = folder.join(slide.file_name);
    let is_blank = matches!(slide.spec.tissue, Tissue::None);
    let painted = path.clone();
    let (_waiting, wanted) = wish();
    let was_there = tokio::task::spawn_blocking(move || {
        let _at_work = painter;
        if is_intact(&painted, &slide.spec) {
            return Ok(true);
        }
        paint(&slide.spec, &painted, wanted).map(|()| false)
    });
    let was_there = was_there.await?.with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(Provided { path, was_there, is_blank })
}

/// A line about a slide: nothing in it that the file does not say.
pub(super) fn facts(slide: &Prepared) -> String {
    let (facts, file) = (&slide.inspected.slide, &slide.inspected);
    let mpp = facts.mpp().map(|mpp| format!("{mpp:.4} µm/px")).unwrap_or_default();
    format!(
        "{:17} {:>6} x {:<6} {mpp:13} {:>8}  {}",
        text::plain(&file.external_id),
        facts.width_px,
        facts.height_px,
        text::bytes(facts.bytes),
        file.crc32c
    )
}

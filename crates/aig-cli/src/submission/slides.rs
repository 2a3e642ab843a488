//! Finds slides and takes their measure: facts from the file, CRC32C over all of it.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use aig_platform::{
    slide::{Slide, SlideError, has_slide_extension},
    transfer::{self, Crc32c},
};
use anyhow::Context as _;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Serialize, Serializer};

use uuid::Uuid;

use crate::{
    failure::{Failure, Problem, slide_hint},
    text,
};

/// Files that are read at the same time: the disk is the limit, not the processor.
const PARALLEL_READS: usize = 4;
/// Most characters of an external id (contract, `ItemCreationRequest`).
const LONGEST_ID: usize = 255;

/// A slide whose file has been read.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Inspected {
    /// What the item is called on the platform: the name of the file, without folders, which may name patients.
    pub(crate) external_id: String,
    #[serde(flatten, serialize_with = "facts")]
    pub(crate) slide: Slide,
    #[serde(rename = "checksum_base64_crc32c", serialize_with = "checksum")]
    pub(crate) crc32c: Crc32c,
}

#[derive(Serialize)]
struct Facts<'a> {
    path: &'a Path,
    format: String,
    media_type: &'static str,
    width_px: u32,
    height_px: u32,
    resolution_mpp: Option<f64>,
    bytes: u64,
}

fn facts<S: Serializer>(slide: &Slide, serializer: S) -> Result<S::Ok, S::Error> {
    Facts {
        path: &slide.path,
        format: slide.format.to_string(),
        media_type: slide.format.media_type(),
        width_px: slide.width_px,
        height_px: slide.height_px,
        resolution_mpp: slide.mpp().ok(),
        bytes: slide.bytes,
    }
    .serialize(serializer)
}

fn checksum<S: Serializer>(crc32c: &Crc32c, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(crc32c)
}

/// Whether a slide is of use only when its file says its resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolution {
    OfTheFile,
    NotNeeded,
}

/// The slides that `paths` name: files as they are, folders by what lies in them and below, in the order of their paths.
///
/// Hidden files and folders are passed over, and folders that are named by the id of a run: those hold results, which may
/// be TIFF files as well. Links to folders are not followed, so that there is always an end.
pub(crate) fn find(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        let metadata = fs::metadata(path).map_err(|error| SlideError::unreadable(path, error))?;
        if !metadata.is_dir() {
            found.push(path.clone());
            continue;
        }
        let inside = slides_in(path).with_context(|| format!("cannot read the folder `{}`", path.display()))?;
        if inside.is_empty() {
            let nothing = format!("no slides in `{}` or below", path.display());
            return Err(Failure::usage(nothing).with_hint("slides end in .tif, .tiff or .svs").into());
        }
        found.extend(inside);
    }
    Ok(found)
}

fn slides_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let (name, path) = (entry.file_name().to_string_lossy().into_owned(), entry.path());
            if name.starts_with('.') {
                continue;
            }
            if entry.file_type()?.is_dir() {
                open.extend(Uuid::try_parse(&name).is_err().then_some(path));
            } else if path.is_file() && has_slide_extension(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Looks at all of `paths`: what is wrong with any of them is known before the first is read through.
pub(crate) async fn measure(
    paths: Vec<PathBuf>,
    resolution: Resolution,
    hint: fn(&SlideError) -> Option<String>,
) -> anyhow::Result<Vec<Slide>> {
    let looks: Vec<Result<Slide, SlideError>> = stream::iter(paths)
        .map(|path| tokio::task::spawn_blocking(move || look(path, resolution)))
        .buffered(PARALLEL_READS)
        .try_collect()
        .await?;
    let (mut slides, mut errors) = (Vec::with_capacity(looks.len()), Vec::new());
    for look in looks {
        match look {
            Ok(slide) => slides.push(slide),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(slides) } else { Err(unfit(errors, hint).into()) }
}

fn look(path: PathBuf, resolution: Resolution) -> Result<Slide, SlideError> {
    let slide = Slide::read(path)?;
    if resolution == Resolution::OfTheFile {
        slide.mpp()?;
    }
    Ok(slide)
}

/// All that cannot be used, a line each when there are more than one, and what to do when that is the same for all.
fn unfit(errors: Vec<SlideError>, hint: fn(&SlideError) -> Option<String>) -> Failure {
    let mut hints: Vec<String> = errors.iter().filter_map(hint).collect();
    hints.dedup();
    let hint = if hints.len() == 1 { hints.remove(0) } else { "mend them, or leave them out".to_owned() };
    match errors.as_slice() {
        [one] => Failure::usage(one.to_string()).with_hint(hint),
        many => {
            let problem = |error: &SlideError| Problem { message: error.to_string(), ..Problem::default() };
            let what = format!("{} cannot be used", text::count(many.len(), "slide"));
            Failure::usage(what).with_problems(many.iter().map(problem).collect()).with_hint(hint)
        }
    }
}

/// Measures all of `paths`, then reads each through for its checksum.
pub(crate) async fn inspect(paths: Vec<PathBuf>, resolution: Resolution) -> anyhow::Result<Vec<Inspected>> {
    let ids = external_ids(&paths)?;
    let slides = measure(paths, resolution, slide_hint).await?;
    stream::iter(slides.into_iter().zip(ids))
        .map(|(slide, external_id)| async move {
            let sum = transfer::checksum(&slide.path).await;
            let sum = sum.with_context(|| format!("cannot read `{}`", slide.path.display()))?;
            anyhow::Ok(Inspected { external_id, slide, crc32c: sum.crc32c })
        })
        .buffered(PARALLEL_READS)
        .try_collect()
        .await
}

/// The name of each file without its folder and extension; two equal names would be one item to the platform.
pub(crate) fn external_ids(paths: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let mut seen: BTreeMap<String, &Path> = BTreeMap::new();
    let mut ids = Vec::with_capacity(paths.len());
    for path in paths {
        let id = external_id(path)?;
        if let Some(other) = seen.insert(id.clone(), path) {
            if other == path.as_path() {
                let twice = format!("`{}` is named twice", path.display());
                return Err(Failure::usage(twice).with_hint("name each slide once"));
            }
            let both = format!("`{}` and `{}` would both be called `{id}`", other.display(), path.display());
            return Err(Failure::usage(both).with_hint("rename one of them"));
        }
        ids.push(id);
    }
    Ok(ids)
}

fn external_id(path: &Path) -> Result<String, Failure> {
    let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else {
        return Err(
            Failure::usage(format!("the name of `{}` is not UTF-8", path.display())).with_hint("rename the file")
        );
    };
    if stem.chars().count() > LONGEST_ID {
        let long = format!("the name of `{}` is longer than {LONGEST_ID} characters", path.display());
        return Err(Failure::usage(long).with_hint("rename the file"));
    }
    Ok(stem.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_slides_in_order_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.tiff", "a.SVS", ".hidden.tiff", "notes.txt", "c.tiff.part"] {
            fs::File::create(folder.path().join(name)).unwrap();
        }
        fs::create_dir(folder.path().join("folder.tiff")).unwrap();
        assert_eq!(names_below(folder.path()), ["a.SVS", "b.tiff"]);
    }

    fn names_below(folder: &Path) -> Vec<String> {
        let found = find(&[folder.to_owned()]).unwrap();
        found.iter().map(|path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn slides_are_found_at_any_depth_but_not_among_results_or_what_is_hidden() {
        let folder = tempfile::tempdir().unwrap();
        for path in
            ["b/c/two.svs", "b/one.tiff", ".cache/x.tiff", "4f1c7a52-0d4e-4c8e-9a53-2f0a3f2f0b6e/one/heatmap.tiff"]
        {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::File::create(path).unwrap();
        }
        assert_eq!(names_below(folder.path()), ["b/c/two.svs", "b/one.tiff"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_a_circle_is_not_followed_and_a_link_to_a_slide_is() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::File::create(folder.path().join("a/one.tiff")).unwrap();
        std::os::unix::fs::symlink("..", folder.path().join("a/round")).unwrap();
        std::os::unix::fs::symlink("a/one.tiff", folder.path().join("other.tiff")).unwrap();
        assert_eq!(names_below(folder.path()), ["a/one.tiff", "other.tiff"]);
    }

    #[tokio::test]
    async fn all_that_is_wrong_is_said_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a.tiff", "b.tiff"].map(|name| folder.path().join(name));
        paths.iter().for_each(|path| drop(fs::File::create(path).unwrap()));
        let error = measure(paths.to_vec(), Resolution::NotNeeded, slide_hint).await.unwrap_err();
        let report = crate::failure::Report::of(&error);
        assert_eq!((report.message.as_str(), report.problems.len()), ("2 slides cannot be used", 2), "{report:?}");
        let one = measure(vec![folder.path().join("a.tiff")], Resolution::NotNeeded, slide_hint).await.unwrap_err();
        assert!(one.to_string().contains("a.tiff"), "{one}");
    }

    #[test]
    fn an_empty_folder_is_bad_input() {
        let folder = tempfile::tempdir().unwrap();
        let error = find(&[folder.path().to_owned()]).unwrap_err();
        assert!(error.to_string().starts_with("no slides in"), "{error}");
    }

    #[test]
    fn names_lose_folder_and_extension_and_must_differ() {
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(external_ids(&paths(&["x/a.svs", "b.c.tiff"])).unwrap(), ["a", "b.c"]);
        assert!(external_ids(&paths(&["x/a.svs", "y/a.tiff"])).is_err());
        assert!(external_ids(&paths(&[&format!("{}.svs", "n".repeat(256))])).is_err());
    }
}

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

use crate::failure::Failure;

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

/// The slides that `paths` name: files as they are, folders by what lies directly in them, in the order of their names.
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
            let nothing = format!("no slides in `{}`", path.display());
            return Err(Failure::usage(nothing).with_hint("slides end in .tif, .tiff or .svs").into());
        }
        found.extend(inside);
    }
    Ok(found)
}

fn slides_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !is_hidden && path.is_file() && has_slide_extension(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Reads all of `paths`. The first file that cannot serve as a slide ends it.
pub(crate) async fn inspect(paths: Vec<PathBuf>) -> anyhow::Result<Vec<Inspected>> {
    let ids = external_ids(&paths)?;
    stream::iter(paths.into_iter().zip(ids))
        .map(|(path, external_id)| async move {
            let file = path.clone();
            let slide = tokio::task::spawn_blocking(move || Slide::read(file)).await??;
            let sum = transfer::checksum(&path).await.with_context(|| format!("cannot read `{}`", path.display()))?;
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
        let found = find(&[folder.path().to_owned()]).unwrap();
        let names: Vec<_> = found.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["a.SVS", "b.tiff"]);
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

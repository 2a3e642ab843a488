//! A folder for results: made when it is missing, and taken away again when nothing came to lie in it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use uuid::Uuid;

/// Ending of a file whose download is not complete.
const PARTIAL: &str = ".part";

#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// The topmost folder that had to be made.
    made: Option<PathBuf>,
}

impl Folder {
    /// Makes the folder, and tries to write in it before anything else is done.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let missing = path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).last();
        let made = missing.map(Path::to_owned);
        fs::create_dir_all(path).with_context(|| format!("cannot make the folder `{}`", path.display()))?;
        let folder = Self { path: path.to_owned(), made };
        tempfile::tempfile_in(path).with_context(|| format!("cannot write in `{}`", path.display()))?;
        Ok(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes what a download that was stopped left of `run`. The sandbox is gone, so it cannot be resumed.
    pub(crate) fn remove_partial(&self, run: Uuid) {
        let folder = self.path.join(run.to_string());
        // What cannot be removed is not worth another error on top of the one that brought us here.
        let _ = sweep(&folder);
    }
}

/// Removes partial files below `folder`, then every folder that is empty.
fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sweep(&entry.path())?;
        } else if entry.file_name().to_string_lossy().contains(PARTIAL) {
            fs::remove_file(entry.path())?;
        }
    }
    // Fails when something is in it, and then it is to stay.
    let _ = fs::remove_dir(folder);
    Ok(())
}

impl Drop for Folder {
    fn drop(&mut self) {
        let Some(made) = &self.made else { return };
        for folder in self.path.ancestors() {
            if fs::remove_dir(folder).is_err() || folder == made {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_stays_empty_is_taken_away_and_its_parents_too() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a/b");
        drop(Folder::open(&path).unwrap());
        assert!(!home.path().join("a").exists());

        let folder = Folder::open(&path).unwrap();
        fs::create_dir(path.join("slides")).unwrap();
        drop(folder);
        assert!(path.join("slides").is_dir());
    }

    #[test]
    fn a_folder_that_was_there_stays() {
        let home = tempfile::tempdir().unwrap();
        drop(Folder::open(home.path()).unwrap());
        assert!(home.path().is_dir());
    }

    #[test]
    fn partial_files_of_the_run_go_and_whole_ones_stay() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::open(home.path()).unwrap();
        let run = Uuid::from_u128(7);
        let (one, two) = (home.path().join(run.to_string()).join("one"), home.path().join(run.to_string()).join("two"));
        fs::create_dir_all(&one).unwrap();
        fs::create_dir_all(&two).unwrap();
        for path in [one.join("a.csv"), one.join("b.tiff.part"), two.join("c.json.part")] {
            fs::File::create(path).unwrap();
        }
        folder.remove_partial(run);
        assert!(one.join("a.csv").exists());
        assert!(!one.join("b.tiff.part").exists());
        assert!(!two.exists());
    }

    #[test]
    fn a_file_in_the_way_is_an_error_that_names_it() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::File::create(&file).unwrap();
        let error = Folder::open(&file.join("below")).unwrap_err();
        assert!(error.to_string().contains("file"), "{error}");
    }
}

//! Why a file cannot serve as a slide.

use std::{error::Error as StdError, io, path::Path, path::PathBuf};

/// Why the facts of a slide could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SlideError {
    /// The file is missing or may not be read.
    #[error("`{path}` cannot be read", path = path.display())]
    Unreadable {
        /// Where the file was looked for.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is something else.
    #[error("`{path}` is not a TIFF or SVS file", path = path.display())]
    NotASlide {
        /// Where the file is.
        path: PathBuf,
    },
    /// The file ends before its images do.
    #[error("`{path}` is cut short: it ends after {length} bytes, but its images go on", path = path.display())]
    Truncated {
        /// Where the file is.
        path: PathBuf,
        /// How many bytes there are.
        length: u64,
    },
    /// The file starts as a slide and then makes no sense, or needs something that is not supported.
    #[error("`{path}` cannot be understood as a slide", path = path.display())]
    Damaged {
        /// Where the file is.
        path: PathBuf,
        /// What does not fit.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The file does not say how large a pixel is.
    #[error("`{path}` does not say its resolution (µm per pixel)", path = path.display())]
    NoResolution {
        /// Where the file is.
        path: PathBuf,
    },
    /// The file says a size of a pixel that cannot be that of a slide.
    #[error("`{path}` says {mpp:.2} µm per pixel, which no slide has", path = path.display())]
    ImplausibleResolution {
        /// Where the file is.
        path: PathBuf,
        /// What the file says.
        mpp: f64,
    },
    /// The pixels are not square.
    #[error("`{path}` says different resolutions across ({x} µm) and down ({y} µm)", path = path.display())]
    UnequalResolution {
        /// Where the file is.
        path: PathBuf,
        /// Micrometres a pixel, across.
        x: f64,
        /// Micrometres a pixel, down.
        y: f64,
    },
}

impl SlideError {
    /// The file at `path` could not be read.
    pub fn unreadable(path: &Path, source: io::Error) -> Self {
        Self::Unreadable { path: path.to_owned(), source }
    }

    /// The file that this is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::Unreadable { path, .. }
            | Self::NotASlide { path }
            | Self::Truncated { path, .. }
            | Self::Damaged { path, .. }
            | Self::NoResolution { path }
            | Self::ImplausibleResolution { path, .. }
            | Self::UnequalResolution { path, .. } => path,
        }
    }
}

//! `aig run`.

use std::{path::PathBuf, str::FromStr, time::Duration};

use clap::{Args, Subcommand, ValueHint};
use uuid::Uuid;

/// Runs: submit slides, watch them, download what comes out
#[derive(Debug, Subcommand)]
pub(crate) enum RunCommand {
    Submit(SubmitArgs),
    List(ListArgs),
    /// Show one run and its items
    #[command(
        visible_alias = "describe",
        after_long_help = "Examples:\n  aig run show RUN\n  aig run show RUN --output json"
    )]
    Show {
        /// Id of the run
        #[arg(value_parser = run_id)]
        run: Uuid,
    },
    Watch(WatchArgs),
    /// Cancel a run: items that wait or are under way end without results
    #[command(after_long_help = "Examples:\n  aig run cancel RUN")]
    Cancel {
        /// Id of the run
        #[arg(value_parser = run_id)]
        run: Uuid,
    },
    Download(DownloadArgs),
}

/// Upload slides and submit them as one run
///
/// Width, height and resolution are read from each file, and its checksum is computed; the metadata is checked against
/// the application's own JSON Schema before anything is uploaded. Each item is called after its file, without the
/// folders and the extension. The id of the run is printed on stdout.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  aig run submit --application test-app slide-1.tiff slide-2.tiff
  aig run submit --application he-tme ~/slides --set staining_method=H&E \\
      --set specimen.tissue=LUNG --set specimen.disease=LUNG_CANCER --note 'cohort 7'
  RUN=$(aig run submit --quiet --application test-app ~/slides)")]
pub(crate) struct SubmitArgs {
    /// Id of the application
    #[arg(long, short, value_name = "ID")]
    pub(crate) application: String,
    /// Version of the application; the latest one if left out
    #[arg(long = "version", value_name = "VERSION")]
    pub(crate) version_number: Option<String>,
    /// Slides (TIFF or SVS), or folders with slides at any depth; folders named by the id of a run hold results and are
    /// passed over, and so is what is hidden
    #[arg(required = true, value_name = "SLIDE|DIR", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    /// A note to find the run by
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// A tag to find the run by; may be given more than once
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// Metadata of every slide, beside what is read from the file; dots go into objects: specimen.tissue=LUNG
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<Setting>,
}

/// One `--set key=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) path: Vec<String>,
    pub(crate) value: String,
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (key, value) = text.split_once('=').ok_or("write it as KEY=VALUE")?;
        let path: Vec<String> = key.split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err(format!("`{key}` is not the name of a field"));
        }
        Ok(Self { path, value: value.to_owned() })
    }
}

/// List runs, newest first
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  aig run list
  aig run list --application he-tme --limit 100 --output csv")]
pub(crate) struct ListArgs {
    /// Only runs of this application
    #[arg(long, short, value_name = "ID")]
    pub(crate) application: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}

/// Watch a run until it ends
///
/// One line for each change in a pipe, a live display on a terminal; with `--output jsonl` one event a line on stdout,
/// the last one being `finished`.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  aig run watch RUN
  aig run watch RUN --timeout 2h && aig run download RUN
  aig run watch RUN --output jsonl

Exit code 0 when all items succeeded, 7 when some did not, 9 when the time was up.")]
pub(crate) struct WatchArgs {
    /// Id of the run
    #[arg(value_parser = run_id)]
    pub(crate) run: Uuid,
    /// Give up after this long, for instance 90s, 30m or 2h; the run goes on
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
}

/// Download the results of a run, and verify them
///
/// Files go to DIR/RUN/ITEM/. Each one gets its final name only when it is complete and its CRC32C is right; what is
/// already there and intact is skipped, so that the command can be repeated.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  aig run download RUN
  aig run download RUN --dest results --output json

Exit code 0 when the run has ended and its results are here, 7 when it ended without any,
1 while it goes on (what is there by then is downloaded), 8 when a checksum does not match.")]
pub(crate) struct DownloadArgs {
    /// Id of the run
    #[arg(value_parser = run_id)]
    pub(crate) run: Uuid,
    /// Folder for results
    #[arg(long, value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) dest: PathBuf,
}

/// The id of a run as it was typed, or copied with a blank too many.
fn run_id(text: &str) -> Result<Uuid, String> {
    text.trim().parse().map_err(|_| "this is not the id of a run; `aig run list` shows the ids".to_owned())
}

/// A duration as people write it; a bare number is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    let parsed: jiff::SignedDuration = text.parse().map_err(|_| "write it like 90s, 30m or 2h".to_owned())?;
    Duration::try_from(parsed).map_err(|_| "a time cannot be negative".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_paths_and_text() {
        let parse = |text: &str| text.parse::<Setting>().map(|setting| (setting.path.join("/"), setting.value));
        assert_eq!(parse("a=b"), Ok(("a".into(), "b".into())));
        assert_eq!(parse("specimen.tissue=LUNG=1"), Ok(("specimen/tissue".into(), "LUNG=1".into())));
        assert_eq!(parse("empty="), Ok(("empty".into(), String::new())));
        for wrong in ["", "a", "=b", "a..b=c", ".a=b"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("30m", 1800), ("2h", 7200), ("1h 30m", 5400)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in ["", "-5s", "soon"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}

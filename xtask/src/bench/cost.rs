//! What a program costs from its start to its end: time, CPU, memory, all its children included.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

/// Linux tells CPU time to programs in hundredths of a second, whatever the kernel counts in (`USER_HZ`, proc(5)).
const TICKS_PER_SECOND: f64 = 100.0;
/// How often memory is looked at while the program runs.
const LOOK: Duration = Duration::from_millis(4);

/// The cost of one round, or the median of several.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Cost {
    pub(super) seconds: f64,
    /// User and system; `None` where the operating system does not tell.
    pub(super) cpu_seconds: Option<f64>,
    /// The largest sum of the resident memory of the program and its children that was seen.
    pub(super) peak_mib: Option<f64>,
}

/// Runs the program to its end.
///
/// # Errors
/// When it does not start or fails; what it wrote to standard error is told.
pub(super) fn of(command: &mut Command) -> Result<(Cost, String)> {
    let before = children_cpu();
    let begun = now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context("cannot be started")?;
    let (stdout, stderr) = (drain(child.stdout.take()), drain(child.stderr.take()));
    let peak = watch(&mut child)?;
    let status = child.wait()?;
    let seconds = begun.elapsed().as_secs_f64();
    let words = |reader: Reader| reader.join().unwrap_or_default();
    ensure!(status.success(), "{status}: {}", words(stderr).trim());
    let cpu_seconds = before.zip(children_cpu()).map(|(before, after)| after - before);
    let peak_mib = (peak > 0).then(|| peak as f64 / 1024.0);
    Ok((Cost { seconds, cpu_seconds, peak_mib }, words(stdout)))
}

type Reader = JoinHandle<String>;

/// Reads to the end beside the program, which would wait for a reader once a pipe is full.
fn drain(pipe: Option<impl Read + Send + 'static>) -> Reader {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock of the machine")]
fn now() -> Instant {
    Instant::now()
}

/// Looks at the program until it has ended; kibibytes.
fn watch(child: &mut Child) -> Result<u64> {
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        peak = peak.max(resident(child.id()));
        std::thread::sleep(LOOK);
    }
    Ok(peak)
}

/// CPU seconds of the children that have ended and were waited for, and of theirs.
fn children_cpu() -> Option<f64> {
    cpu_of_children(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// Fields 16 and 17 of proc(5); the name, field 2, is in brackets and may hold anything.
fn cpu_of_children(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let ticks = rest.split(' ').skip(13).take(2).map(|field| field.parse::<f64>().ok());
    Some(ticks.sum::<Option<f64>>()? / TICKS_PER_SECOND)
}

/// The highest resident memory so far of a process, and of its children while they live.
fn resident(id: u32) -> u64 {
    let process = PathBuf::from(format!("/proc/{id}"));
    let own = fs::read_to_string(process.join("status")).ok().and_then(|status| high_water(&status)).unwrap_or(0);
    own + children(&process, id).into_iter().map(resident).sum::<u64>()
}

fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

fn children(process: &Path, id: u32) -> Vec<u32> {
    let listed = fs::read_to_string(process.join(format!("task/{id}/children"))).unwrap_or_default();
    listed.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}

/// The middle one of each figure.
pub(super) fn median(rounds: &[Cost]) -> Cost {
    let middle = |figures: Vec<f64>| {
        let mut figures = figures;
        figures.sort_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied()
    };
    Cost {
        seconds: middle(rounds.iter().map(|round| round.seconds).collect()).unwrap_or_default(),
        cpu_seconds: middle(rounds.iter().filter_map(|round| round.cpu_seconds).collect()),
        peak_mib: middle(rounds.iter().filter_map(|round| round.peak_mib).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_works_costs_cpu_and_memory() {
        let script = "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done; echo done";
        let (cost, printed) = of(Command::new("sh").args(["-c", script])).unwrap();
        assert_eq!(printed, "done\n");
        assert!(cost.seconds > 0.0);
        if cfg!(target_os = "linux") {
            assert!(cost.cpu_seconds.unwrap() > 0.0 && cost.peak_mib.unwrap() > 0.1, "{cost:?}");
        }
    }

    #[test]
    fn a_program_that_says_much_comes_to_its_end() {
        let (_, printed) =
            of(Command::new("sh").args(["-c", "head -c 300000 /dev/zero | tr '\\0' x; echo >&2"])).unwrap();
        assert_eq!(printed.len(), 300_000);
    }

    #[test]
    fn a_program_that_fails_is_an_error_with_its_words() {
        let error = of(Command::new("sh").args(["-c", "echo no such run >&2; exit 3"])).unwrap_err();
        assert!(error.to_string().contains("no such run"), "{error}");
    }

    #[test]
    fn the_figures_of_the_kernel_are_read() {
        let stat = "7 (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 150 25 20 0";
        assert_eq!(cpu_of_children(stat), Some(1.75));
        assert_eq!(high_water("Name:\tsh\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"), Some(2048));
    }

    #[test]
    fn the_middle_round_counts() {
        let cost = |seconds| Cost { seconds, ..Cost::default() };
        assert_eq!(median(&[cost(9.0), cost(1.0), cost(2.0)]).seconds, 2.0);
    }
}

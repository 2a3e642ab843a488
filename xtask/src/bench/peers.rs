//! Who does the same work: our client, curl in two ways, and the Python SDK where it is installed.

use std::{
    fmt::Write as _,
    fs::File,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use super::{
    cost::{self, Cost},
    data::{Programs, Server},
};

/// One thing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scenario {
    ListRuns,
    ListItems,
    GetSequential,
    GetConcurrent,
}

impl Scenario {
    pub(super) const ALL: [Self; 4] = [Self::ListRuns, Self::ListItems, Self::GetSequential, Self::GetConcurrent];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ListRuns => "list-runs",
            Self::ListItems => "list-items",
            Self::GetSequential => "get-sequential",
            Self::GetConcurrent => "get-concurrent",
        }
    }

    /// How many entries whoever does it must end up with.
    pub(super) fn entries(self, server: &Server) -> u64 {
        match self {
            Self::ListRuns => server.plan["runs"].as_u64().unwrap_or_default(),
            Self::ListItems => server.plan["items"].as_u64().unwrap_or_default(),
            Self::GetSequential | Self::GetConcurrent => server.asked().count() as u64,
        }
    }

    /// What curl has to fetch: it follows no pages by itself.
    fn addresses(self, server: &Server) -> Vec<String> {
        let pages = |listing: &str| -> Vec<String> {
            let pages = 1..=self.entries(server).div_ceil(100);
            pages.map(|page| format!("{listing}?page_size=100&page={page}")).collect()
        };
        match self {
            Self::ListRuns => pages(server.text("runs_url")),
            Self::ListItems => pages(server.text("items_url")),
            Self::GetSequential | Self::GetConcurrent => {
                server.asked().map(|id| format!("{}/{id}", server.text("runs_url"))).collect()
            }
        }
    }
}

/// Whose cost is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Peer {
    /// `aig-platform`: models, retries, checks and all.
    Ours(PathBuf),
    /// A process and a connection for each request, as in scripts. It reads no JSON.
    CurlLoop,
    /// One process; one connection, or 50 where the scenario is concurrent. It reads no JSON.
    CurlOnce,
    /// The Python SDK 1.6.0, imports and all.
    Python(PathBuf),
}

impl Peer {
    pub(super) fn all(programs: &Programs, python: &Path) -> Vec<Self> {
        let mut all = vec![Self::Ours(programs.client.clone())];
        if answers(Command::new("curl").arg("--version")) {
            all.extend([Self::CurlOnce, Self::CurlLoop]);
        } else {
            eprintln!("curl is not installed: left out");
        }
        let probe = "import importlib.metadata as m; assert m.version('aignostics') == '1.6.0'";
        if answers(Command::new(python).args(["-c", probe])) {
            all.push(Self::Python(python.to_owned()));
        } else {
            eprintln!("{} has no aignostics 1.6.0: the Python SDK is left out", python.display());
        }
        all
    }

    pub(super) fn name(&self, scenario: Scenario) -> &'static str {
        match self {
            Self::Ours(_) => "aig-platform",
            Self::CurlLoop => "curl, one process a request",
            Self::CurlOnce if scenario == Scenario::GetConcurrent => "curl --parallel, 50 connections",
            Self::CurlOnce => "curl, one connection",
            Self::Python(_) => "Python SDK 1.6.0",
        }
    }

    /// What takes seconds to start is not worth repeating.
    pub(super) fn rounds(&self, wanted: usize) -> usize {
        if matches!(self, Self::Python(_)) { 1 } else { wanted.max(1) }
    }

    /// Does the scenario once. The second figure is the time without start and imports, where the peer tells it.
    pub(super) fn round(&self, scenario: Scenario, server: &Server, folder: &Path) -> Result<(Cost, Option<f64>)> {
        let (cost, printed) = cost::of(&mut self.command(scenario, server, folder)?)
            .with_context(|| format!("{}, {}", self.name(scenario), scenario.name()))?;
        let mut words = printed.split_whitespace();
        let count: u64 = words.next().and_then(|count| count.parse().ok()).unwrap_or_default();
        let expected = match self {
            Self::CurlLoop | Self::CurlOnce => scenario.addresses(server).len() as u64,
            _ => scenario.entries(server),
        };
        ensure!(count == expected, "{}: {count} instead of {expected}", self.name(scenario));
        Ok((cost, words.next().and_then(|seconds| seconds.parse().ok())))
    }

    fn command(&self, scenario: Scenario, server: &Server, folder: &Path) -> Result<Command> {
        let mut command = match self {
            Self::Ours(program) => Command::new(program),
            Self::Python(python) => python_sdk(python, server, folder),
            Self::CurlOnce | Self::CurlLoop => return self.curl(scenario, server, folder),
        };
        command.arg(scenario.name()).stdin(File::open(folder.join("plan.json"))?);
        Ok(command)
    }

    fn curl(&self, scenario: Scenario, server: &Server, folder: &Path) -> Result<Command> {
        // The token goes into a file, as one does: arguments are seen by everybody.
        let options = format!("silent\nfail\nnoproxy = \"*\"\noauth2-bearer = \"{}\"\n", server.text("token"));
        let ok = "write-out = \"%{http_code}\\n\"\n";
        let addresses = scenario.addresses(server);
        let mut config = options + ok;
        let script = match self {
            Self::CurlOnce => {
                for address in &addresses {
                    writeln!(config, "url = \"{address}\"\noutput = \"/dev/null\"")?;
                }
                let parallel = if scenario == Scenario::GetConcurrent { "--parallel --parallel-max 50" } else { "" };
                format!("curl {parallel} --config curl.conf | grep -c '^200$'")
            }
            Self::CurlLoop => {
                write(&folder.join("addresses"), &addresses.join("\n"))?;
                "while read -r url || [ -n \"$url\" ]; do curl --config curl.conf --output /dev/null \"$url\"; done \
                 < addresses | grep -c '^200$'"
                    .to_owned()
            }
            other => bail!("{other:?} is not curl"),
        };
        write(&folder.join("curl.conf"), &config)?;
        let mut command = Command::new("sh");
        command.args(["-c", &script]).current_dir(folder);
        Ok(command)
    }
}

fn python_sdk(python: &Path, server: &Server, folder: &Path) -> Command {
    let mut command = Command::new(python);
    let variables = server.plan["environment"].as_object().into_iter().flatten();
    command.envs(variables.filter_map(|(name, value)| Some((name, value.as_str()?))));
    command.env("AIGNOSTICS_REFRESH_TOKEN", server.text("refresh_token")).env("NO_PROXY", "127.0.0.1,localhost");
    command.env("HOME", folder).env("AIGNOSTICS_CACHE_DIR", folder.join("cache")).current_dir(folder);
    command.args(["-c", include_str!("peer.py")]);
    command
}

fn answers(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// Into a folder of this process alone.
pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    std::io::Write::write_all(&mut File::create(path)?, text.as_bytes()).with_context(|| path.display().to_string())
}

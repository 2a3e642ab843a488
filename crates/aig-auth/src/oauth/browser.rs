//! Opening the system's browser, and whether there is one to open.

use std::{
    env,
    ffi::OsString,
    fmt, io,
    process::{Command, Stdio},
};

use crate::environment::{is_on, variable};

/// Opens a web page in front of a person.
pub trait Browser: fmt::Debug + Send + Sync {
    /// Has `url` opened. That this succeeds does not mean that anybody sees the page.
    ///
    /// # Errors
    /// When nothing could be started.
    fn open(&self, url: &str) -> io::Result<()>;

    /// Why nobody would see a page, if that is known.
    fn missing(&self) -> Option<String> {
        None
    }
}

/// The browser of the person at this machine: `$BROWSER` if it is set, else the system's own.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemBrowser;

impl Browser for SystemBrowser {
    fn open(&self, url: &str) -> io::Result<()> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for (program, arguments) in candidates(variable("BROWSER"), url) {
            match start(&program, &arguments) {
                Ok(()) => return Ok(()),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn missing(&self) -> Option<String> {
        missing(&|name| variable(name).is_some(), is_on("CI"), &is_installed)
    }
}

/// Opens nothing: for machines where nobody sits.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoBrowser;

impl Browser for NoBrowser {
    fn open(&self, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn missing(&self) -> Option<String> {
        Some("the browser is switched off".into())
    }
}

/// Why no browser could be seen here. `$BROWSER` says that there is one, whatever else is known.
fn missing(is_set: &dyn Fn(&str) -> bool, ci: bool, is_installed: &dyn Fn(&str) -> bool) -> Option<String> {
    if is_set("BROWSER") {
        return None;
    }
    if ci {
        return Some("this is a CI job".into());
    }
    if is_set("SSH_CONNECTION") || is_set("SSH_TTY") {
        return Some("this is a remote session".into());
    }
    if cfg!(any(not(unix), target_os = "macos")) || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") {
        return None;
    }
    if !is_set("WSL_DISTRO_NAME") && !is_set("WSL_INTEROP") {
        return Some("this session has no display".into());
    }
    // Without a display of its own, a WSL session has a browser only where a program hands addresses to Windows.
    let opener = OPENERS.iter().any(|(program, _)| is_installed(program));
    (!opener).then(|| "this WSL session has no program that opens a browser".into())
}

/// Whether a program of this name is on the search path.
fn is_installed(program: &str) -> bool {
    variable("PATH").is_some_and(|path| env::split_paths(&path).any(|place| place.join(program).is_file()))
}

/// What opens addresses where neither macOS nor Windows does, best first, with the words before the address.
const OPENERS: &[(&str, &[&str])] =
    &[("wslview", &[]), ("xdg-open", &[]), ("gio", &["open"]), ("sensible-browser", &[])];

/// What could open `url`, best first. `$BROWSER` holds programs between colons; `%s` in one stands for the address.
fn candidates(browser: Option<OsString>, url: &str) -> Vec<(String, Vec<String>)> {
    if let Some(browser) = browser.and_then(|browser| browser.into_string().ok()) {
        let separator = if cfg!(windows) { ';' } else { ':' };
        return browser.split(separator).filter_map(|command| split(command, url)).collect();
    }
    let programs: &[(&str, &[&str])] = if cfg!(target_os = "macos") {
        &[("open", &[])]
    } else if cfg!(windows) {
        &[("rundll32", &["url.dll,FileProtocolHandler"])]
    } else {
        OPENERS
    };
    let owned = |words: &[&str]| words.iter().copied().chain([url]).map(str::to_owned).collect();
    programs.iter().map(|(program, words)| ((*program).to_owned(), owned(words))).collect()
}

/// Words are split at spaces and never seen by a shell: an address is one argument, whatever it holds.
fn split(command: &str, url: &str) -> Option<(String, Vec<String>)> {
    let mut words = command.split_whitespace();
    let program = words.next()?.to_owned();
    let mut arguments: Vec<String> = words.map(|word| word.replace("%s", url)).collect();
    if !command.contains("%s") {
        arguments.push(url.to_owned());
    }
    Some((program, arguments))
}

/// Starts `program` and waits for it elsewhere, so that it neither blocks us nor stays behind as a zombie.
fn start(program: &str, arguments: &[String]) -> io::Result<()> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    std::thread::spawn(move || child.wait());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_may_name_several_programs_with_arguments() {
        let found = candidates(Some("firefox --private-window:w3m -x %s:".into()), "https://a/?b=c&d");
        assert_eq!(
            found,
            [
                ("firefox".to_owned(), vec!["--private-window".to_owned(), "https://a/?b=c&d".to_owned()]),
                ("w3m".to_owned(), vec!["-x".to_owned(), "https://a/?b=c&d".to_owned()]),
            ]
        );
    }

    #[test]
    fn surroundings_without_a_browser_are_named() {
        let with = |set: &'static [&'static str], ci| missing(&|name| set.contains(&name), ci, &|_| true);
        assert_eq!(with(&["BROWSER", "SSH_CONNECTION"], true), None);
        assert!(with(&["DISPLAY"], true).unwrap().contains("CI"));
        assert!(with(&["DISPLAY", "SSH_CONNECTION"], false).unwrap().contains("remote"));
        if cfg!(target_os = "linux") {
            assert!(with(&[], false).unwrap().contains("display"));
            assert_eq!(with(&["WAYLAND_DISPLAY"], false), None);
            assert_eq!(with(&["WSL_DISTRO_NAME"], false), None);
        }
    }

    #[test]
    #[cfg(all(unix, not(target_os = "macos")))]
    fn a_wsl_session_has_a_browser_where_something_opens_it() {
        const NOTHING: Option<&str> = None;
        for (set, installed, sees_it) in [
            (["WSL_DISTRO_NAME", "WSL_INTEROP"].as_slice(), NOTHING, false),
            (&["WSL_DISTRO_NAME"], NOTHING, false),
            (&["WSL_INTEROP"], NOTHING, false),
            (&["WSL_DISTRO_NAME"], Some("vim"), false),
            (&["WSL_DISTRO_NAME"], Some("wslview"), true),
            (&["WSL_INTEROP"], Some("xdg-open"), true),
            (&["WSL_DISTRO_NAME", "WAYLAND_DISPLAY"], NOTHING, true),
            (&["WSL_DISTRO_NAME", "BROWSER"], NOTHING, true),
            (&["WSL_DISTRO_NAME", "SSH_TTY"], Some("wslview"), false),
            (&[], Some("wslview"), false),
        ] {
            let found = missing(&|name| set.contains(&name), false, &|program| installed == Some(program));
            assert_eq!(found.is_none(), sees_it, "{set:?} {installed:?}: {found:?}");
        }
    }
}

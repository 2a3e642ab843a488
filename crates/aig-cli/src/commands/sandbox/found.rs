//! Finds the sandbox that a command is about: by its address, or by the variables of the shell.

use aig_platform::settings::Variables;
use aig_sandbox::Remote;

use crate::{args::At, failure::Failure};

/// The variable by which every other command finds it, too.
const API_ROOT: &str = "AIGNOSTICS_API_ROOT";
const HOW: &str =
    "start one with `aig sandbox up` and run the lines that it prints, or name it: `--url http://127.0.0.1:PORT`";

pub(super) async fn running(at: &At) -> anyhow::Result<Remote> {
    Ok(Remote::connect(&address(at, &Variables::from_process())?).await?)
}

fn address(at: &At, variables: &Variables) -> Result<String, Failure> {
    if let Some(url) = &at.url {
        return Ok(url.clone());
    }
    let Some(root) = variables.get(API_ROOT) else {
        return Err(Failure::usage(format!("which sandbox? {API_ROOT} is not set")).with_hint(HOW));
    };
    if !root.starts_with("http://") {
        return Err(Failure::usage(format!("{API_ROOT} is `{root}`: this is not a sandbox")).with_hint(HOW));
    }
    Ok(root.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_given_counts_more_than_the_environment() {
        let at = |url: Option<&str>| At { url: url.map(str::to_owned) };
        let none = Variables::default();
        let variables = |root: &str| Variables::from_iter([(API_ROOT, root)]);
        assert_eq!(address(&at(Some("x")), &variables("http://127.0.0.1:1")).unwrap(), "x");
        assert_eq!(address(&at(None), &variables("http://127.0.0.1:1")).unwrap(), "http://127.0.0.1:1");
        for wrong in [address(&at(None), &none), address(&at(None), &variables("staging"))] {
            assert!(wrong.is_err());
        }
    }
}

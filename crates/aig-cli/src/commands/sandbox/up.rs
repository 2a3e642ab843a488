//! `aig sandbox up`.

use std::collections::BTreeMap;

use aig_sandbox::Sandbox;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Context, as_asked};
use crate::{
    args::UpArgs,
    descriptors::Descriptors,
    exit::Exit,
    failure::Failure,
    output::{print_one, refuse_csv},
};

#[derive(Debug, Serialize)]
struct Ready {
    ready: bool,
    url: String,
    endpoints: BTreeMap<&'static str, String>,
    environment: Map<String, Value>,
}

pub(super) async fn up(context: &Context, args: &UpArgs) -> anyhow::Result<Exit> {
    let printer = &context.printer;
    refuse_csv(printer.format())?;
    Descriptors::raised();
    let sandbox = as_asked(&args.options).start().await?;
    printer.note(format_args!("# the sandbox is up, on loopback only; synthetic data, {}", kept(&sandbox, args)));
    printer.note(format_args!("# a page about it: {}/_sandbox/", sandbox.url()));
    printer.note("# run these lines in another terminal, then `aig login`; Ctrl-C here ends it");
    let ready = Ready {
        ready: true,
        url: sandbox.url().to_owned(),
        endpoints: endpoints(&sandbox),
        environment: environment(&sandbox),
    };
    print_one(printer, "aig.sandbox/1", &ready, exports)?;
    tokio::select! {
        _ = context.interrupt.raised() => sandbox.shutdown().await,
        () = sandbox.closed() => return Err(Failure::new(Exit::Failed, "the sandbox ended by itself").into()),
    }
    printer.note("# the sandbox has ended");
    // A server that runs until it is told to stop has done its job when it is told to.
    Ok(Exit::Done)
}

/// What becomes of the data.
fn kept(sandbox: &Sandbox, args: &UpArgs) -> String {
    match &args.options.persist {
        Some(directory) if sandbox.is_resumed() => format!("what was kept in {} is there again", directory.display()),
        Some(directory) => format!("kept in {}", directory.display()),
        None => "kept in memory".to_owned(),
    }
}

/// Where everything is.
fn endpoints(sandbox: &Sandbox) -> BTreeMap<&'static str, String> {
    let oauth = sandbox.authorization().endpoints();
    let at = |path: &str| format!("{}{path}", sandbox.url());
    BTreeMap::from([
        ("api_root", sandbox.url().to_owned()),
        ("health", at("/health")),
        ("console", at("/_sandbox/")),
        ("storage", sandbox.storage_endpoint()),
        ("authorization", oauth.authorization),
        ("token", oauth.token),
        ("device_authorization", oauth.device_authorization),
        ("revocation", oauth.revocation),
        ("jwks", oauth.jwks),
        ("openid_configuration", oauth.discovery),
    ])
}

fn environment(sandbox: &Sandbox) -> Map<String, Value> {
    sandbox.environment().iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}

/// Lines for a POSIX shell. Single quotes leave everything as it is, save themselves.
fn exports(ready: &Ready) -> String {
    let line = |(name, value): (&String, &Value)| {
        let value = value.as_str().unwrap_or_default().replace('\'', r"'\''");
        format!("export {name}='{value}'")
    };
    ready.environment.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_values_as_they_are() {
        let environment = [("A".to_owned(), Value::from("it's $HOME"))].into_iter().collect();
        let ready = Ready { ready: true, url: String::new(), endpoints: BTreeMap::new(), environment };
        assert_eq!(exports(&ready), r"export A='it'\''s $HOME'");
    }
}

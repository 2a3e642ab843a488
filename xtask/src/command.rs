//! Running the commands that the tasks are made of.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};

/// Cargo itself, as it runs this task, in the workspace.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root);
    command
}

/// Shows the command and runs it to its end.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    eprintln!("$ {shown}");
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    ensure!(status.success(), "`{shown}` failed: {status}");
    Ok(())
}

/// Whether a cargo subcommand such as `nextest` is installed.
pub(crate) fn has_cargo_subcommand(root: &Path, name: &str) -> bool {
    cargo(root).args([name, "--version"]).output().is_ok_and(|output| output.status.success())
}

fn shown(command: &Command) -> String {
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    // Cargo is started by its path, which says nothing.
    let program = command.get_program().to_string_lossy();
    let program = if program == env!("CARGO") { "cargo".into() } else { program };
    std::iter::once(program).chain(arguments).collect::<Vec<_>>().join(" ")
}

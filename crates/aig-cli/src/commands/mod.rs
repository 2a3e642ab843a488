//! One module a command: what it does, in the order in which it does it.

mod application;
mod demo;
mod health;
pub(crate) mod login;
mod run;
mod sandbox;

use crate::{
    args::{Command, RunCommand, SandboxCommand},
    exit::Exit,
    interrupt::{Interrupt, advised},
    printer::Printer,
};

/// What every command has at hand.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) printer: Printer,
    pub(crate) interrupt: Interrupt,
}

pub(crate) async fn run(command: Command, printer: Printer) -> anyhow::Result<Exit> {
    // The command that it starts decides what a signal means.
    if let Command::Sandbox(SandboxCommand::Exec(args)) = &command {
        return sandbox::exec(&printer, args).await;
    }
    let context = Context { printer, interrupt: Interrupt::listen()? };
    match command {
        // These two have something to put in order after a signal.
        Command::Demo(args) => demo::run(&context, &args).await,
        Command::Sandbox(command) => sandbox::run(&context, command).await,
        other => {
            let advice = advice(&other);
            let outcome = context.interrupt.guard(run_to_end(&context, other)).await;
            outcome.map_err(|error| advised(error, advice))
        }
    }
}

/// How to go on after a signal.
fn advice(command: &Command) -> Option<String> {
    match command {
        Command::Run(RunCommand::Watch(args)) => {
            Some(format!("the run goes on; watch it with `aig run watch {}`", args.run))
        }
        Command::Run(RunCommand::Download(_)) => {
            Some("what is complete stays; the same command fetches the rest".to_owned())
        }
        Command::Run(RunCommand::Submit(_)) => {
            Some("look with `aig run list` whether the run was submitted".to_owned())
        }
        _ => None,
    }
}

async fn run_to_end(context: &Context, command: Command) -> anyhow::Result<Exit> {
    let printer = &context.printer;
    match command {
        Command::Login(args) => login::login(printer, &args).await,
        Command::Logout => login::logout(printer).await,
        Command::Whoami => login::whoami(printer).await,
        Command::Application(command) => application::run(printer, command).await,
        Command::Run(command) => run::run(printer, command).await,
        Command::Health => health::run(printer).await,
        Command::Demo(_) | Command::Sandbox(_) => Ok(Exit::Done),
    }
}

//! One module a command: what it does, in the order in which it does it.

mod application;
mod demo;
mod health;
pub(crate) mod login;
mod run;
mod sandbox;

use crate::{
    args::{Command, SandboxCommand},
    exit::Exit,
    interrupt::Interrupt,
    printer::Printer,
};

/// What every command has at hand.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) printer: Printer,
    pub(crate) interrupt: Interrupt,
}

pub(crate) async fn run(command: Command, printer: Printer) -> anyhow::Result<Exit> {
    let context = Context { printer, interrupt: Interrupt::listen()? };
    match command {
        // These two have something to put in order after a signal.
        Command::Demo(args) => demo::run(&context, &args).await,
        Command::Sandbox(SandboxCommand::Up(args)) => sandbox::up(&context, &args).await,
        other => context.interrupt.guard(run_to_end(&context, other)).await,
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

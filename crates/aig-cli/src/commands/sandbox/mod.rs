//! `aig sandbox`: a sandbox of one's own, and a running one seen from another process.

mod child;
mod clock;
mod exec;
mod faults;
mod found;
mod requests;
mod snapshots;
mod status;
mod up;

use aig_sandbox::{Sandbox, SandboxBuilder, SlideUse};
use uuid::Uuid;

pub(super) use exec::exec;

use super::Context;
use crate::{
    args::{SandboxCommand, SandboxOptions, Slides},
    exit::Exit,
};

pub(super) async fn run(context: &Context, command: SandboxCommand) -> anyhow::Result<Exit> {
    let (printer, interrupt) = (&context.printer, &context.interrupt);
    match command {
        SandboxCommand::Up(args) => up::up(context, &args).await,
        // Both go on until somebody says that it is enough.
        SandboxCommand::Requests(args) if args.follow => requests::follow(context, &args).await,
        SandboxCommand::Requests(args) => interrupt.guard(requests::requests(printer, &args)).await,
        SandboxCommand::Status(args) => interrupt.guard(status::status(printer, &args.at)).await,
        SandboxCommand::Faults(command) => interrupt.guard(faults::run(printer, command)).await,
        SandboxCommand::Snapshot(command) => interrupt.guard(snapshots::run(printer, command)).await,
        SandboxCommand::Clock(command) => interrupt.guard(clock::run(printer, command)).await,
        SandboxCommand::Exec(args) => exec(printer, &args).await,
    }
}

/// A sandbox whose ids nobody can know beforehand.
pub(super) fn builder() -> SandboxBuilder {
    let (seed, _) = Uuid::new_v4().as_u64_pair();
    Sandbox::builder().seed(seed)
}

/// The same, as it was asked for.
fn as_asked(options: &SandboxOptions) -> SandboxBuilder {
    let slides = match options.slides {
        Slides::Read => SlideUse::Read,
        Slides::None => SlideUse::Ignore,
    };
    let mut asked = builder().port(options.port).run_plan(options.run_plan.clone()).slides(slides);
    if let Some(directory) = &options.persist {
        asked = asked.persist(directory);
    }
    if let Some(directory) = &options.snapshots {
        asked = asked.snapshots_in(directory);
    }
    options.sign_in.apply(asked).seeded_with(options.seed.clone())
}

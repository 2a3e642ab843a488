//! `aig health`.

use aig_platform::{ComponentHealth, Health, HealthStatus};
use serde::Serialize;

use crate::{
    exit::Exit,
    output::{print_one, refuse_csv},
    printer::Printer,
    session::Platform,
};

#[derive(Debug, Serialize)]
struct HealthView {
    api_root: String,
    api_public: ComponentView,
    api_authenticated: ComponentView,
}

#[derive(Debug, Serialize)]
struct ComponentView {
    status: &'static str,
    reason: Option<String>,
}

pub(super) async fn run(printer: &Printer) -> anyhow::Result<Exit> {
    refuse_csv(printer.format())?;
    let platform = Platform::from_process(printer)?;
    let health = platform.client.health().await;
    platform.settle().await;
    let view = HealthView {
        api_root: platform.client.api_root().to_string(),
        api_public: (&health.api_public).into(),
        api_authenticated: (&health.api_authenticated).into(),
    };
    print_one(printer, "aig.health/1", &view, |view| {
        format!(
            "platform  {}\nAPI       {}\nsign-in   {}",
            view.api_root,
            view.api_public.words(),
            view.api_authenticated.words()
        )
    })?;
    Ok(exit(&health))
}

/// The public half decides between "down" and "sign in": without it nobody can.
fn exit(health: &Health) -> Exit {
    match (health.api_public.status, health.api_authenticated.status) {
        (HealthStatus::Down, _) => Exit::Unavailable,
        (_, HealthStatus::Down) => Exit::SignIn,
        _ => Exit::Done,
    }
}

impl From<&ComponentHealth> for ComponentView {
    fn from(component: &ComponentHealth) -> Self {
        let status = match component.status {
            HealthStatus::Up => "up",
            HealthStatus::Degraded => "degraded",
            _ => "down",
        };
        Self { status, reason: component.reason.clone() }
    }
}

impl ComponentView {
    fn words(&self) -> String {
        match &self.reason {
            Some(reason) => format!("{} ({reason})", self.status),
            None => self.status.to_owned(),
        }
    }
}

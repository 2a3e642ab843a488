//! The variables by which programs find this sandbox.

use maud::{Markup, html};

use super::{Console, html::copyable, overview};
use crate::Environment;

pub(super) fn section(console: &Console) -> Markup {
    let environment = Environment::of(&console.control.url, &console.authorization);
    let lines: Vec<String> = environment.iter().map(|(name, value)| format!("export {name}='{value}'")).collect();
    let content = html! {
        p.soft { "For a shell; a refresh token comes from " a href="#users" { "Users" } "." }
        div.block tabindex="0" role="region" aria-label="Variables to copy" { (copyable("the variables", &lines.join("\n"))) }
    };
    overview::section("variables", "Variables", &content)
}

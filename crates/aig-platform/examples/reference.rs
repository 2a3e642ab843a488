//! Prints a reference page: `errors` or `environment`.

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("environment") => print!("{}", aig_platform::reference::environment()),
        _ => print!("{}", aig_platform::reference::errors()),
    }
}

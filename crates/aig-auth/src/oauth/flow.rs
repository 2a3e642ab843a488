//! The ways to sign in that a caller may ask for.

/// The way of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Flow {
    /// By browser where there is one and it is configured, else by device code; the other one when the first cannot
    /// even start.
    #[default]
    Auto,
    /// By browser. The address is shown, so a browser elsewhere does, too, if what it ends at is pasted.
    #[cfg(feature = "interactive")]
    Browser,
    /// By device code.
    Device,
}

//! Why the management role could not start or go on.
//!
//! Errors of single requests live in [`crate::answer`]: there the public text and the internal text are apart.

/// An error that ends the management role.
#[derive(Debug, thiserror::Error)]
pub enum ManagementError {
    /// Host state could not be read or written at start.
    #[error("host state: {0}")]
    State(#[from] hearth_state::StateError),
    /// A socket or a directory could not be used; the text says which and what to do.
    #[error("{what}: {source}")]
    Io {
        /// What was being done, with the path or address.
        what: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A setting has a value that can't be used; the text names it.
    #[error("{0}")]
    Setting(String),
    /// A backup took the place of host state while the role ran.
    #[error("host state was restored from a backup: start management again, so that it loads that")]
    Restored,
}

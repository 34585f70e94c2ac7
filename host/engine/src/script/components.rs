//! The components that come with this build.

use crate::error::LoadError;

mod built {
    include!(concat!(env!("OUT_DIR"), "/components.rs"));
}

/// Runs JavaScript.
pub(crate) fn javascript() -> Result<&'static [u8], LoadError> {
    built::JAVASCRIPT.ok_or_else(|| missing("JavaScript"))
}

/// A debug build may lack them; a release build does not.
fn missing(language: &str) -> LoadError {
    LoadError::Host(format!(
        "this build of hearth can't run {language}: its engine was not there when hearth was built. Run `cargo xtask guests`, then build hearth again"
    ))
}

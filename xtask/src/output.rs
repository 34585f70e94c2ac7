//! What xtask prints. Results go to standard output, steps and errors to standard error; a closed pipe is no reason to
//! stop the work.

use std::fmt::Display;
use std::io::Write as _;

/// Prints one line of result on standard output.
pub(crate) fn say(text: impl Display) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Prints one line about what is being done on standard error.
pub(crate) fn step(text: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "xtask: {text}");
}

/// Prints one line of error on standard error.
pub(crate) fn complain(text: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

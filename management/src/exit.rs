//! How the command ends when it does not succeed: what to print and the exit code that scripts and the supervisor read.
//!
//! The codes are those of `sysexits.h` where it has one; they are part of the command's surface and listed in
//! [`EXIT_CODES`], which `hearth --help` shows.

use std::fmt;
use std::process::ExitCode;

use crate::output;

/// Shown at the end of `hearth --help`.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
   0  success
   1  failure; the message says what failed. Of 'hearth check': something will not run here
   2  the command line can't be understood
  69  management can't be reached
  77  management refused the key or the join token
  78  a setting, the data directory or the host state can't be used; trying again changes nothing

Every setting can be given as a flag, as an environment variable HEARTH_..., or in hearth.toml, in that order;
'hearth config check' shows the effective values and where each came from.";

/// Kind of failure; its discriminant is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// Anything without a code of its own.
    Failure = 1,
    /// The command line can't be understood.
    Usage = 2,
    /// Management can't be reached.
    Unreachable = 69,
    /// Management refused the key, or the worker.
    Refused = 77,
    /// A setting, the data directory or the host state can't be used.
    Configuration = 78,
}

/// A command that did not succeed.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    text: String,
}

impl Failure {
    /// `text` is one line for people: what was wrong, where, what to do; without secrets.
    pub(crate) fn new(kind: Kind, text: impl fmt::Display) -> Self {
        Self { kind, text: text.to_string() }
    }

    /// Anything without an exit code of its own.
    pub(crate) fn general(text: impl fmt::Display) -> Self {
        Self::new(Kind::Failure, text)
    }

    /// Something that trying again does not change.
    pub(crate) fn configuration(text: impl fmt::Display) -> Self {
        Self::new(Kind::Configuration, text)
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Prints the text on standard error and yields the exit code.
    pub(crate) fn report(self) -> ExitCode {
        if !self.text.is_empty() {
            output::error(&self.text);
        }
        ExitCode::from(self.kind as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

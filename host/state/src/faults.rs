//! Fault injection: makes an operation fail, or its process die, before or after any statement or commit.
//!
//! Tests pass a [`Faults`] in `OpenOptions`. Whole-system tests use a debug build's environment variable:
//! `HEARTH_FAULT="ACTION:POINT:N"`, with ACTION `abort` (die as by kill -9) or `error`; POINT `before-statement`,
//! `after-statement`, `before-commit`, `after-commit`, `before-file` or `after-file`, optionally followed by `=NAME` of a
//! statement or file (such as `before-statement=apps.activate`); N the occurrence counted from 1. Release builds ignore
//! the variable. `HEARTH_FAULT="away:FILE"` makes every operation fail while FILE exists: a database that is out of reach.
//! Without faults nothing is called.

use std::fmt;
use std::sync::Arc;

use crate::StateError;

/// A moment in the life of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultPoint {
    /// A statement, by its name, is about to run.
    BeforeStatement(&'static str),
    /// The statement has run; its transaction is open.
    AfterStatement(&'static str),
    /// Everything has run; the commit is about to be sent.
    BeforeCommit,
    /// The commit has succeeded; nobody has been told. An error here is a lost commit answer.
    AfterCommit,
    /// A file outside the database, by what is done to it, is about to be changed.
    BeforeFile(&'static str),
    /// The file was changed.
    AfterFile(&'static str),
}

/// Decides at every point whether something goes wrong there.
pub trait Faults: Send + Sync {
    /// Returns an error to make the point fail, or never returns to kill the process. Called on the writer's thread;
    /// must not use the same database.
    fn at(&self, point: FaultPoint) -> Result<(), StateError>;

    /// The same before a query that is no part of an operation; called where it was asked for.
    fn before_read(&self) -> Result<(), StateError> {
        Ok(())
    }
}

impl fmt::Debug for dyn Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faults")
    }
}

/// The faults that `HEARTH_FAULT` asks for, in a debug build.
#[cfg(debug_assertions)]
pub(crate) fn from_environment() -> Option<Arc<dyn Faults>> {
    let text = std::env::var("HEARTH_FAULT").ok()?;
    if let Some(file) = text.strip_prefix("away:") {
        return Some(Arc::new(scripted::Away(file.into())));
    }
    match scripted::Script::parse(&text) {
        Some(script) => Some(Arc::new(script)),
        None => {
            tracing::error!(value = %text, "HEARTH_FAULT is not ACTION:POINT:N and is ignored");
            None
        }
    }
}

/// Release builds have no faults.
#[cfg(not(debug_assertions))]
pub(crate) fn from_environment() -> Option<Arc<dyn Faults>> {
    None
}

#[cfg(debug_assertions)]
mod scripted {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::{FaultPoint, Faults};
    use crate::StateError;

    /// Everything fails while a file exists.
    #[derive(Debug)]
    pub(super) struct Away(pub(super) std::path::PathBuf);

    impl Faults for Away {
        fn at(&self, _point: FaultPoint) -> Result<(), StateError> {
            self.before_read()
        }

        fn before_read(&self) -> Result<(), StateError> {
            if self.0.exists() { Err(StateError::Unavailable("it is away".to_owned())) } else { Ok(()) }
        }
    }

    /// One fault at the Nth occurrence of a point.
    #[derive(Debug)]
    pub(super) struct Script {
        abort: bool,
        point: String,
        statement: Option<String>,
        countdown: AtomicU64,
    }

    impl Script {
        pub(super) fn parse(text: &str) -> Option<Self> {
            let mut parts = text.split(':');
            let abort = match parts.next()? {
                "abort" => true,
                "error" => false,
                _ => return None,
            };
            let (point, statement) = match parts.next()?.split_once('=') {
                Some((point, name)) => (point, Some(name.to_owned())),
                None => (text.split(':').nth(1)?, None),
            };
            if !matches!(
                point,
                "before-statement"
                    | "after-statement"
                    | "before-commit"
                    | "after-commit"
                    | "before-file"
                    | "after-file"
            ) {
                return None;
            }
            let countdown: u64 = parts.next()?.parse().ok().filter(|n| *n > 0)?;
            parts.next().is_none().then(|| Self {
                abort,
                point: point.to_owned(),
                statement,
                countdown: AtomicU64::new(countdown),
            })
        }
    }

    impl Faults for Script {
        fn at(&self, point: FaultPoint) -> Result<(), StateError> {
            let (name, statement) = match point {
                FaultPoint::BeforeStatement(name) => ("before-statement", Some(name)),
                FaultPoint::AfterStatement(name) => ("after-statement", Some(name)),
                FaultPoint::BeforeCommit => ("before-commit", None),
                FaultPoint::AfterCommit => ("after-commit", None),
                FaultPoint::BeforeFile(name) => ("before-file", Some(name)),
                FaultPoint::AfterFile(name) => ("after-file", Some(name)),
            };
            if name != self.point || self.statement.as_deref().is_some_and(|wanted| statement != Some(wanted)) {
                return Ok(());
            }
            // Counts down to 0 at its occurrence, then stays below and never fires again.
            match self.countdown.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)) {
                Ok(1) if self.abort => std::process::abort(),
                Ok(1) => Err(StateError::Unavailable(format!("injected fault {name}"))),
                _ => Ok(()),
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn fires_once_at_its_occurrence() {
            let script = Script::parse("error:before-statement=apps.create:2").unwrap();
            assert!(script.at(FaultPoint::BeforeStatement("apps.create")).is_ok());
            assert!(script.at(FaultPoint::BeforeStatement("apps.delete")).is_ok());
            assert!(script.at(FaultPoint::BeforeStatement("apps.create")).is_err());
            assert!(script.at(FaultPoint::BeforeStatement("apps.create")).is_ok());
        }

        #[test]
        fn what_is_not_understood_is_no_fault() {
            for text in
                ["", "abort", "abort:before-commit", "abort:commit:1", "kill:before-commit:1", "abort:before-commit:0"]
            {
                assert!(Script::parse(text).is_none(), "{text}");
            }
            assert!(Script::parse("abort:before-commit:3").is_some());
        }
    }
}

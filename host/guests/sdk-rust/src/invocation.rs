//! What the host tells about one run of a function.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::{Context, Error, Result};

/// One run of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invocation {
    /// UUID; the same in logs, traces and error answers.
    pub id: String,
    /// Name of the function.
    pub function_name: String,
    /// W3C `traceparent` of the event that caused the run.
    pub trace_parent: Option<String>,
    /// W3C `tracestate` of that event.
    pub trace_state: Option<String>,
    /// Attempts before this one under a retry policy.
    pub retry_count: u32,
    /// More about them; none where no retry policy holds.
    pub retry: Option<RetryContext>,
    /// What was read for its `#[input]` declarations.
    pub inputs: Inputs,
}

/// Where a run stands under its retry policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetryContext {
    /// Attempts before this one: 0 for the first.
    pub retry_count: u32,
    /// Most of them; none for no end.
    pub max_retry_count: Option<u32>,
    /// The error of the attempt before; none for the first.
    pub last_error: Option<String>,
}

/// Documents that were read before the call, by the names of their inputs.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Inputs(Vec<(String, String)>);

impl Inputs {
    /// With one more, as JSON text; for tests.
    #[must_use]
    pub fn with(mut self, name: &str, json: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), json.into()));
        self
    }

    /// The value of an input: an `Option` of a document, or a `Vec` of them.
    ///
    /// # Errors
    /// When there is no input of this name, or what was read is not of the type.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let found = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let (_, json) =
            found.ok_or_else(|| Error::internal(format!("the function has no #[input] with the name '{name}'")))?;
        serde_json::from_str(json).context(format!("the input '{name}' is not of the expected form"))
    }
}

/// Names alone: documents may hold secrets.
impl fmt::Debug for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

//! The functions of the app: each `#[http]`, `#[timer]` or `#[queue]` adds one when the module starts, the host asks for the list and runs
//! them by entry point.
//!
//! The list is built by constructors (crate `inventory`); wit-bindgen calls those once before the first export runs.

use crate::data::Trigger;
use crate::handler::Answer;
use crate::{Error, Invocation, Result};

/// The `http` output every HTTP function has; one element of function.json's `bindings`.
pub const HTTP_OUTPUT: &str = r#"{"type":"http","direction":"out","name":"$return"}"#;

/// One declared function.
pub struct Function {
    /// Name of the function in the app.
    pub name: &'static str,
    /// Path of the Rust function: unique where names might not be.
    pub entry_point: &'static str,
    /// Elements of function.json's `bindings`, as JSON text.
    pub bindings: &'static [&'static str],
    /// `retry` of function.json, as JSON text.
    pub retry: Option<&'static str>,
    /// Runs the handler.
    pub call: fn(Trigger, Invocation) -> Result<Answer>,
}

inventory::collect!(Function);

/// Every declared function, by name.
#[must_use]
pub fn functions() -> Vec<&'static Function> {
    let mut functions: Vec<_> = inventory::iter::<Function>.into_iter().collect();
    functions.sort_by_key(|function| (function.name, function.entry_point));
    functions
}

/// Runs the function of this entry point. An `entryPoint` written by hand in function.json may also be the name of
/// the function or of the Rust function.
///
/// # Errors
/// An error of the handler, or an unknown entry point. A public error of an HTTP function is an answer.
pub fn invoke(entry_point: &str, trigger: impl Into<Trigger>, invocation: Invocation) -> Result<Answer> {
    let function = find(entry_point)?;
    (function.call)(trigger.into(), invocation)
}

fn find(entry_point: &str) -> Result<&'static Function> {
    let all = || inventory::iter::<Function>.into_iter();
    all()
        .find(|function| function.entry_point == entry_point)
        .or_else(|| all().find(|function| function.name == entry_point))
        .or_else(|| all().find(|function| function.entry_point.rsplit("::").next() == Some(entry_point)))
        .ok_or_else(|| {
            let known: Vec<_> = functions().iter().map(|function| function.name).collect();
            Error::internal(format!("the app has no function `{entry_point}`; it has: {}", known.join(", ")))
        })
}

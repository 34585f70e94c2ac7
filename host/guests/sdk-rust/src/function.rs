//! The functions of the app: each `#[http]` adds one when the module starts, the host asks for the list and runs
//! them by entry point.
//!
//! The list is built by constructors (crate `inventory`); wit-bindgen calls those once before the first export runs.

use crate::{Error, IntoResponse, Invocation, Request, Response, Result};

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
    /// Runs the handler.
    pub call: fn(Request, Invocation) -> Result<Response>,
}

inventory::collect!(Function);

/// A Rust function that can serve HTTP; `Arguments` tells its parameters apart.
#[diagnostic::on_unimplemented(
    message = "this function cannot handle HTTP requests",
    note = "a handler takes nothing, a `Request`, or a `Request` and an `Invocation`",
    note = "it returns text, bytes, `Json<T>`, `(status, body)`, `Response`, an `Option` or a `Result` of these"
)]
pub trait Handler<Arguments> {
    /// Runs it.
    ///
    /// # Errors
    /// What the handler reported.
    fn call(&self, request: Request, invocation: Invocation) -> Result<Response>;
}

impl<F: Fn() -> R, R: IntoResponse> Handler<()> for F {
    fn call(&self, _: Request, _: Invocation) -> Result<Response> {
        self().into_response()
    }
}

impl<F: Fn(Request) -> R, R: IntoResponse> Handler<(Request,)> for F {
    fn call(&self, request: Request, _: Invocation) -> Result<Response> {
        self(request).into_response()
    }
}

impl<F: Fn(Request, Invocation) -> R, R: IntoResponse> Handler<(Request, Invocation)> for F {
    fn call(&self, request: Request, invocation: Invocation) -> Result<Response> {
        self(request, invocation).into_response()
    }
}

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
/// An internal error of the handler, or an unknown entry point. A public error is an answer.
pub fn invoke(entry_point: &str, request: Request, invocation: Invocation) -> Result<Response> {
    let function = find(entry_point)?;
    (function.call)(request, invocation).or_else(answered)
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

/// An error made for the caller is the answer; the log gets what the caller does not see.
fn answered(error: Error) -> Result<Response> {
    let status = error.status();
    let Some(message) = error.public_message() else { return Err(error) };
    let level = if status >= 500 { log::Level::Warn } else { log::Level::Debug };
    log::log!(
        level,
        "answered {status}: {}",
        [error.to_string()].iter().chain(error.causes()).map(String::as_str).collect::<Vec<_>>().join(": ")
    );
    Ok(Response::text(message).with_status(status))
}

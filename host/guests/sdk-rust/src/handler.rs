//! Which Rust functions the attributes can be put on, by trigger. `Arguments` tells their parameters apart, `N` is the number of outputs.

use crate::data::{Data, Trigger};
use crate::output::{IntoAnswer, IntoOutputs};
use crate::queue::FromMessage;
use crate::{Context as _, Error, Invocation, QueueMessage, Request, Response, Result, Timer};
use serde::de::DeserializeOwned;

/// What became of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Of an HTTP function.
    pub response: Option<Response>,
    /// By binding name.
    pub outputs: Vec<(&'static str, Data)>,
}

/// A Rust function that can serve HTTP.
#[diagnostic::on_unimplemented(
    message = "this function cannot handle HTTP requests",
    note = "a handler takes nothing, a `Request`, or a `Request` and an `Invocation`",
    note = "it returns text, bytes, `Json<T>`, `(status, body)`, `Response`, an `Option` or a `Result` of these",
    note = "it has #[output] {N} times; unless that is 0, it returns a tuple of its answer and {N} values, or a `Result` of that"
)]
pub trait HttpHandler<Arguments, const N: usize> {
    /// # Errors
    /// What the handler reported.
    fn call(&self, request: Request, invocation: Invocation) -> Result<(Response, [Data; N])>;
}

/// A Rust function that can be run by a timer.
#[diagnostic::on_unimplemented(
    message = "this function cannot be run by a timer",
    note = "it takes nothing, a `Timer`, or a `Timer` and an `Invocation`",
    note = "it has #[output] {N} times, so it returns {N} values: `()` for none, a tuple for several, or a `Result` of that"
)]
pub trait TimerHandler<Arguments, const N: usize> {
    /// # Errors
    /// What the handler reported.
    fn call(&self, timer: Timer, invocation: Invocation) -> Result<[Data; N]>;
}

/// A Rust function that can take messages of a queue.
#[diagnostic::on_unimplemented(
    message = "this function cannot take messages of a queue",
    note = "its first parameter is a `String`, a `Vec<u8>`, a type that derives `serde::Deserialize`, or a `QueueMessage`",
    note = "after a payload may come a `QueueMessage`; an `Invocation` may be last",
    note = "it has #[output] {N} times, so it returns {N} values: `()` for none, a tuple for several, or a `Result` of that"
)]
pub trait QueueHandler<Arguments, const N: usize> {
    /// # Errors
    /// What the handler reported, or a message that is not of the payload's type.
    fn call(&self, message: QueueMessage, invocation: Invocation) -> Result<[Data; N]>;
}

macro_rules! handler {
    ($handler:ident($event:ident: $of:ty) -> $result:ty, $into:ident::$convert:ident:
        $($arguments:ty, [$($payload:ident)?]: ($($parameter:ty),*) = |$invocation:ident| ($($value:expr),*);)*) => {$(
        impl<F, R, $($payload,)? const N: usize> $handler<$arguments, N> for F
        where
            F: Fn($($parameter),*) -> R,
            R: $into<N>,
            $($payload: FromMessage,)?
        {
            fn call(&self, $event: $of, $invocation: Invocation) -> Result<$result> {
                let _ = &$event;
                self($($value),*).$convert()
            }
        }
    )*};
}

handler! { HttpHandler(request: Request) -> (Response, [Data; N]), IntoAnswer::into_answer:
    (), []: () = |_invocation| ();
    (Request,), []: (Request) = |_invocation| (request);
    (Request, Invocation), []: (Request, Invocation) = |invocation| (request, invocation);
}

handler! { TimerHandler(timer: Timer) -> [Data; N], IntoOutputs::into_outputs:
    (), []: () = |_invocation| ();
    (Timer,), []: (Timer) = |_invocation| (timer);
    (Timer, Invocation), []: (Timer, Invocation) = |invocation| (timer, invocation);
}

handler! { QueueHandler(message: QueueMessage) -> [Data; N], IntoOutputs::into_outputs:
    (QueueMessage,), []: (QueueMessage) = |_invocation| (message);
    (QueueMessage, Invocation), []: (QueueMessage, Invocation) = |invocation| (message, invocation);
    (Payload<P>,), [P]: (P) = |_invocation| (P::from_message(&message)?);
    (Payload<P>, Invocation), [P]: (P, Invocation) = |invocation| (P::from_message(&message)?, invocation);
    (Payload<P>, QueueMessage), [P]: (P, QueueMessage) = |_invocation| (P::from_message(&message)?, message);
    (Payload<P>, QueueMessage, Invocation), [P]: (P, QueueMessage, Invocation) =
        |invocation| (P::from_message(&message)?, message, invocation);
}

/// A Rust function that can take the changes of a container.
#[diagnostic::on_unimplemented(
    message = "this function cannot take the changes of a container",
    note = "it takes a `Vec` of a type that derives `serde::Deserialize`; an `Invocation` may follow",
    note = "it has #[output] {N} times, so it returns {N} values: `()` for none, a tuple for several, or a `Result` of that"
)]
pub trait CosmosHandler<Arguments, const N: usize> {
    /// # Errors
    /// What the handler reported, or documents that are not of the parameter's type.
    fn call(&self, documents: &str, invocation: Invocation) -> Result<[Data; N]>;
}

impl<F, R, D, const N: usize> CosmosHandler<(Payload<D>,), N> for F
where
    F: Fn(Vec<D>) -> R,
    R: IntoOutputs<N>,
    D: DeserializeOwned,
{
    fn call(&self, documents: &str, _: Invocation) -> Result<[Data; N]> {
        self(of_batch(documents)?).into_outputs()
    }
}

impl<F, R, D, const N: usize> CosmosHandler<(Payload<D>, Invocation), N> for F
where
    F: Fn(Vec<D>, Invocation) -> R,
    R: IntoOutputs<N>,
    D: DeserializeOwned,
{
    fn call(&self, documents: &str, invocation: Invocation) -> Result<[Data; N]> {
        self(of_batch(documents)?, invocation).into_outputs()
    }
}

fn of_batch<D: DeserializeOwned>(documents: &str) -> Result<Vec<D>> {
    serde_json::from_str(documents).context("the documents are not the expected JSON")
}

/// Marks a parameter that is made of the message.
#[derive(Debug)]
pub struct Payload<P>(std::marker::PhantomData<P>);

/// Runs an HTTP function. A public error is an answer, for which no output is sent.
///
/// # Errors
/// An internal error of the handler, or a trigger that is no HTTP request.
pub fn http<const N: usize, A, H: HttpHandler<A, N>>(
    handler: H,
    trigger: Trigger,
    invocation: Invocation,
    outputs: &[&'static str; N],
) -> Result<Answer> {
    let Data::Http(request) = trigger.data else { return Err(unexpected("http", "an HTTP request", &trigger.data)) };
    match handler.call(*request, invocation) {
        Ok((response, values)) => Ok(Answer { response: Some(response), outputs: named(outputs, values) }),
        Err(error) => Ok(Answer { response: Some(answered(error)?), outputs: Vec::new() }),
    }
}

/// Runs a timer function.
///
/// # Errors
/// What the handler reported, or a trigger that is no timer.
pub fn timer<const N: usize, A, H: TimerHandler<A, N>>(
    handler: H,
    trigger: Trigger,
    invocation: Invocation,
    outputs: &[&'static str; N],
) -> Result<Answer> {
    let values = handler.call(Timer::from_trigger(&trigger)?, invocation)?;
    Ok(Answer { response: None, outputs: named(outputs, values) })
}

/// Runs a queue function.
///
/// # Errors
/// What the handler reported, a message that is not of the payload's type, or a trigger that is no message.
pub fn queue<const N: usize, A, H: QueueHandler<A, N>>(
    handler: H,
    mut trigger: Trigger,
    invocation: Invocation,
    outputs: &[&'static str; N],
) -> Result<Answer> {
    let values = handler.call(QueueMessage::from_trigger(&mut trigger)?, invocation)?;
    Ok(Answer { response: None, outputs: named(outputs, values) })
}

/// Runs a function for changes.
///
/// # Errors
/// What the handler reported, documents that are not of the parameter's type, or a trigger that is no batch.
pub fn cosmos_db<const N: usize, A, H: CosmosHandler<A, N>>(
    handler: H,
    trigger: Trigger,
    invocation: Invocation,
    outputs: &[&'static str; N],
) -> Result<Answer> {
    let documents = match &trigger.data {
        Data::Json(text) | Data::Text(text) => text,
        other => return Err(unexpected("cosmos_db", "a batch of documents", other)),
    };
    let values = handler.call(documents, invocation)?;
    Ok(Answer { response: None, outputs: named(outputs, values) })
}

fn unexpected(attribute: &str, wanted: &str, given: &Data) -> Error {
    let given = given.kind();
    Error::internal(format!("the function is declared with #[{attribute}] and takes {wanted}, the host gave {given}"))
}

fn named<const N: usize>(names: &[&'static str; N], values: [Data; N]) -> Vec<(&'static str, Data)> {
    names.iter().copied().zip(values).collect()
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

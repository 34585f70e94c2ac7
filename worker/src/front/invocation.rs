//! One invocation: from a request that may reach its function to the answer.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hearth_engine::{Detached, ResponseBody, within};
use hearth_model::ids::InvocationId;
use http::header::RETRY_AFTER;
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;

use crate::app::{Invocation, LoadedApp, LoadedFunction, Turn};
use crate::events::is_forwarded_to;
use crate::front::answer::{INVOCATION_HEADER, failed, failure, full, refusal, too_large};
use crate::front::body::{BODY_SILENCE, BodyError};
use crate::front::upload::{Upload, read_on};
use crate::front::{Caller, Front};

/// A caller waits at most this long for the answer to begin; the function goes on.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(230);

impl Front {
    /// Runs a function of an app for a caller.
    pub(super) async fn invoke(
        &self,
        (app, at, params): (&Arc<LoadedApp>, usize, Vec<(String, String)>),
        turn: Turn,
        caller: &Caller,
        request: Box<Request<Incoming>>,
    ) -> Response<ResponseBody> {
        let invocation = Invocation::new(app.clone(), at, turn, &self.apps.invocations);
        let function = &app.functions[at];
        if is_forwarded_to(function) {
            forward(invocation, function, caller, request).await
        } else {
            self.hand_over(invocation, caller, params, request).await
        }
    }

    /// Hands the guest the request as data.
    async fn hand_over(
        &self,
        invocation: Invocation,
        caller: &Caller,
        params: Vec<(String, String)>,
        request: Box<Request<Incoming>>,
    ) -> Response<ResponseBody> {
        let (parts, mut incoming) = request.into_parts();
        let limit = invocation.app.policy.body_limit;
        let read = within(caller.patience, pin!(self.bodies.read(&mut incoming, limit))).await;
        let (body, room) = match read {
            Some(Ok(read)) => read,
            Some(Err(BodyError::TooLarge)) => {
                read_on(&mut incoming).await;
                return too_large(limit);
            }
            Some(Err(BodyError::Incomplete)) => {
                return refusal(StatusCode::BAD_REQUEST, "BodyIncomplete", "The request's body ended early.");
            }
            Some(Err(BodyError::NoRoom)) => {
                let mut response = refusal(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "WorkerBusy",
                    "The worker holds as many request bodies as it may. Try again.",
                );
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
                return response;
            }
            Some(Err(BodyError::Silent)) => {
                let text = format!("Nothing of the request's body came for {} seconds.", BODY_SILENCE.as_secs());
                return refusal(StatusCode::REQUEST_TIMEOUT, "BodyTimeout", &text);
            }
            None => {
                let text = format!("The request's body did not arrive within {} seconds.", ANSWER_TIMEOUT.as_secs());
                return refusal(StatusCode::REQUEST_TIMEOUT, "BodyTimeout", &text);
            }
        };
        let payload = hearth_triggers::http::payload(&parts, &caller.base_url(), params, body);
        let (id, asked) = (invocation.id, parts.headers);
        let request = invocation.request(payload);
        // A caller that goes away does not end the function half way.
        let apps = self.apps.clone();
        let run = Detached::new(async move {
            let _room = room;
            invocation.run(request, &asked, apps.services()).await
        });
        match within(caller.patience, pin!(run)).await {
            Some(Ok(Ok(response))) => response.map(full),
            Some(Ok(Err(error))) => failure(id, &error),
            Some(Err(_)) => {
                failed(id, StatusCode::INTERNAL_SERVER_ERROR, "HostFailed", "The host failed to run the function.")
            }
            None => no_answer_yet(id),
        }
    }
}

/// Lets the guest read the request and answer it by itself.
async fn forward(
    mut invocation: Invocation,
    function: &LoadedFunction,
    caller: &Caller,
    mut request: Box<Request<Incoming>>,
) -> Response<ResponseBody> {
    let id = invocation.id;
    if let Ok(value) = HeaderValue::try_from(id.to_string()) {
        request.headers_mut().insert(INVOCATION_HEADER, value);
    }
    let limit = invocation.app.policy.body_limit;
    let request = Box::new(request.map(|body| Upload::new(body, limit)));
    invocation.begin();
    let context = invocation.context();
    let handled = function
        .guest
        .handle(request, caller.scheme == "https", context, move |result| invocation.end(result.as_ref().copied()));
    match within(caller.patience, pin!(handled)).await {
        Some(Ok(response)) => response,
        Some(Err(error)) => failure(id, &error),
        None => no_answer_yet(id),
    }
}

fn no_answer_yet(id: InvocationId) -> Response<ResponseBody> {
    failed(
        id,
        StatusCode::GATEWAY_TIMEOUT,
        "AnswerTimeout",
        &format!("The function did not answer within {} seconds; it goes on running.", ANSWER_TIMEOUT.as_secs()),
    )
}

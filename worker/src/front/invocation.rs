//! One invocation: from a request that may reach its function to the answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hearth_engine::contract::{InvocationRequest, NamedData, TypedData};
use hearth_engine::{AppForm, InvocationContext, InvokeError, ResponseBody};
use hearth_model::ids::InvocationId;
use http::header::{HOST, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;

use crate::app::{LoadedApp, LoadedFunction, Turn};
use crate::front::answer::{INVOCATION_HEADER, failed, failure, full, refusal, too_large};
use crate::front::body::BodyError;
use crate::front::upload::{Upload, read_on};
use crate::front::{Caller, Front};

/// A caller waits at most this long for the answer to begin; the function goes on.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(230);
/// The reason that log lines of HTTP invocations give.
const REASON: &str = "This function was programmatically called via the host APIs.";

impl Front {
    /// Runs a function of an app for a caller.
    pub(super) async fn invoke(
        &self,
        (app, at, params): (&Arc<LoadedApp>, usize, Vec<(String, String)>),
        turn: Turn,
        caller: &Caller,
        request: Request<Incoming>,
    ) -> Response<ResponseBody> {
        let invocation = Invocation {
            id: InvocationId::random(),
            started: Instant::now(),
            app: app.clone(),
            function: at,
            running: false,
            _held: (turn, self.invocations.token()),
        };
        let function = &app.functions[at];
        match function.guest.form() {
            AppForm::Typed => self.call_typed(invocation, function, caller, params, request).await,
            AppForm::WasiHttp => call_wasi_http(invocation, function, caller, request).await,
        }
    }

    async fn call_typed(
        &self,
        invocation: Invocation,
        function: &LoadedFunction,
        caller: &Caller,
        params: Vec<(String, String)>,
        request: Request<Incoming>,
    ) -> Response<ResponseBody> {
        let (parts, mut incoming) = request.into_parts();
        let limit = invocation.app.policy.body_limit;
        let (body, room) = match tokio::time::timeout(ANSWER_TIMEOUT, self.bodies.read(&mut incoming, limit)).await {
            Ok(Ok(read)) => read,
            Ok(Err(BodyError::TooLarge)) => {
                read_on(&mut incoming).await;
                return too_large(limit);
            }
            Ok(Err(BodyError::Incomplete)) => {
                return refusal(StatusCode::BAD_REQUEST, "BodyIncomplete", "The request's body ended early.");
            }
            Ok(Err(BodyError::NoRoom)) => {
                let mut response = refusal(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "WorkerBusy",
                    "The worker holds as many request bodies as it may. Try again.",
                );
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
                return response;
            }
            Err(_) => {
                return refusal(
                    StatusCode::REQUEST_TIMEOUT,
                    "BodyTimeout",
                    "The request's body did not arrive in time.",
                );
            }
        };
        let payload = hearth_triggers::http::payload(&parts, &caller.base_url(), params, body);
        let id = invocation.id;
        let trigger = function.http().binding_name.clone();
        let request = InvocationRequest {
            invocation_id: id.to_string(),
            function_name: function.definition.name.as_str().to_owned(),
            entry_point: function.definition.entry_point.clone().unwrap_or_default(),
            trigger: NamedData { name: trigger, data: TypedData::HttpRequest(payload) },
            metadata: Vec::new(),
            inputs: Vec::new(),
            trace: None,
            retry: None,
        };
        // In a task of its own: a caller that goes away does not end the function half way.
        let task = tokio::spawn(async move {
            let _room = room;
            let mut invocation = invocation;
            invocation.begin();
            let function = invocation.function();
            let result = function.guest.invoke(&request, invocation.context()).await;
            let answer = result.and_then(|response| {
                hearth_triggers::http::answer(function.http(), response)
                    .map_err(|error| InvokeError::Failed { message: error.to_string(), causes: Vec::new() })
            });
            invocation.end(answer.as_ref().map(|_| ()));
            answer
        });
        match tokio::time::timeout(ANSWER_TIMEOUT, task).await {
            Ok(Ok(Ok(response))) => response.map(full),
            Ok(Ok(Err(error))) => failure(id, &error),
            Ok(Err(_)) => {
                failed(id, StatusCode::INTERNAL_SERVER_ERROR, "HostFailed", "The host failed to run the function.")
            }
            Err(_) => no_answer_yet(id),
        }
    }
}

async fn call_wasi_http(
    mut invocation: Invocation,
    function: &LoadedFunction,
    caller: &Caller,
    mut request: Request<Incoming>,
) -> Response<ResponseBody> {
    let id = invocation.id;
    if let Ok(value) = HeaderValue::try_from(id.to_string()) {
        request.headers_mut().insert(INVOCATION_HEADER, value);
    }
    if let Ok(value) = HeaderValue::try_from(&caller.host) {
        request.headers_mut().insert(HOST, value);
    }
    let limit = invocation.app.policy.body_limit;
    let request = request.map(|body| Upload::new(body, limit));
    invocation.begin();
    let context = invocation.context();
    let handled = function
        .guest
        .handle(request, caller.scheme == "https", context, move |result| invocation.end(result.as_ref().copied()));
    match tokio::time::timeout(ANSWER_TIMEOUT, handled).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => failure(id, &error),
        Err(_) => no_answer_yet(id),
    }
}

/// An invocation under way; what it holds is given back when it is dropped.
struct Invocation {
    id: InvocationId,
    started: Instant,
    app: Arc<LoadedApp>,
    function: usize,
    /// Said to have begun and not yet to have ended.
    running: bool,
    _held: (Turn, tokio_util::task::task_tracker::TaskTrackerToken),
}

impl Invocation {
    fn function(&self) -> &LoadedFunction {
        &self.app.functions[self.function]
    }

    fn context(&self) -> InvocationContext {
        InvocationContext { timeout: self.app.host.function_timeout, log: self.function().log.clone() }
    }

    fn begin(&mut self) {
        (self.started, self.running) = (Instant::now(), true);
        self.function().log.executing(self.id, REASON);
    }

    fn end(mut self, result: Result<(), &InvokeError>) {
        self.running = false;
        self.function().log.executed(self.id, self.started.elapsed(), result);
    }
}

impl Drop for Invocation {
    /// Whatever begins has an end in the log, also when its task panicked or the worker stopped before it was through.
    fn drop(&mut self) {
        if self.running {
            let error =
                InvokeError::Failed { message: "the host ended it before it was through".into(), causes: vec![] };
            self.function().log.executed(self.id, self.started.elapsed(), Err(&error));
        }
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

//! An invocation under way: its turn, its lines in the log, its end.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use hearth_engine::contract::{HttpRequest, InvocationRequest, InvocationResponse, NamedData, TraceContext, TypedData};
use hearth_engine::{InvocationContext, InvokeError};
use hearth_model::expression::{BindingData, HttpParts};
use hearth_model::ids::InvocationId;
use hearth_triggers::{Acknowledgement, InvocationFailure};
use http::{HeaderMap, Response};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::app::loaded::{LoadedApp, LoadedFunction, Turn};
use crate::events::{Services, call_for_request, commit, has_outputs, read_inputs};

/// The reason that log lines of HTTP invocations give.
const REASON: &str = "This function was programmatically called via the host APIs.";

/// What it holds is given back when it is dropped.
pub(crate) struct Invocation {
    pub(crate) id: InvocationId,
    pub(crate) app: Arc<LoadedApp>,
    function: usize,
    /// When it was said to have begun, until it is said to have ended.
    running: Option<Instant>,
    _held: (Turn, TaskTrackerToken),
}

impl Invocation {
    /// Of the function at this place of an app.
    pub(crate) fn new(app: Arc<LoadedApp>, function: usize, turn: Turn, tracker: &TaskTracker) -> Self {
        Self::of_id(InvocationId::random(), app, function, turn, tracker)
    }

    /// The same, of an id that was told before its turn came.
    pub(crate) fn of_id(
        id: InvocationId,
        app: Arc<LoadedApp>,
        function: usize,
        turn: Turn,
        tracker: &TaskTracker,
    ) -> Self {
        Self { id, app, function, running: None, _held: (turn, tracker.token()) }
    }

    pub(crate) fn function(&self) -> &LoadedFunction {
        &self.app.functions[self.function]
    }

    pub(crate) fn context(&self) -> InvocationContext {
        InvocationContext { timeout: self.app.host.function_timeout, log: self.function().log.clone() }
    }

    /// What a guest that is handed requests as data gets for one.
    pub(crate) fn request(&self, payload: HttpRequest) -> InvocationRequest {
        let function = self.function();
        let trace = trace_of(&payload);
        InvocationRequest {
            invocation_id: self.id.to_string(),
            function_name: function.definition.name.as_str().to_owned(),
            entry_point: function.definition.entry_point.clone().unwrap_or_default(),
            trigger: NamedData {
                name: function.definition.trigger.binding_name().to_owned(),
                data: TypedData::HttpRequest(payload),
            },
            metadata: Vec::new(),
            inputs: Vec::new(),
            trace,
            retry: None,
        }
    }

    /// Runs a guest that is handed requests as data from its beginning to its end; `asked` are the headers of the caller's request.
    pub(crate) async fn run(
        mut self,
        mut request: InvocationRequest,
        asked: &HeaderMap,
        services: &Services,
    ) -> Result<Response<Bytes>, InvokeError> {
        self.begin();
        let function = self.function();
        // Few functions read anything: their future is no part of every call's.
        let read = match function.definition.inputs.is_empty() {
            true => Ok(Vec::new()),
            false => {
                let data = binding_data(&request);
                Box::pin(read_inputs(&self.app, function, &data, services)).await
            }
        };
        let mut result = match read {
            Ok(inputs) => {
                request.inputs = inputs;
                call_for_request(&self, &request, services).await
            }
            Err(error) => Err(InvokeError::Input(error.to_string())),
        };
        let failed = |message| InvokeError::Failed { message, causes: Vec::new(), stack_trace: String::new() };
        // The answer begins when the outputs are on their way for good.
        if let Ok(response) = &mut result
            && has_outputs(function)
            && let Err(failure) = Box::pin(self.send(&request, response, services)).await
        {
            result = Err(failed(failure.to_string()));
        }
        let answer = result.and_then(|response| {
            let http = function.http().ok_or_else(|| failed("the function has no HTTP trigger".to_owned()))?;
            hearth_triggers::http::answer(http, response, asked).map_err(|error| failed(error.to_string()))
        });
        self.end(answer.as_ref().map(|_| ()));
        answer
    }

    async fn send(
        &self,
        request: &InvocationRequest,
        response: &mut InvocationResponse,
        services: &Services,
    ) -> Result<(), InvocationFailure> {
        let function = self.function();
        let data = binding_data(request);
        commit(&self.app, function, &data, response, Acknowledgement::None, services).await
    }

    /// Notes that the guest begins.
    pub(crate) fn begin(&mut self) {
        self.begin_for(REASON, &[]);
    }

    /// The same, with the reason and the details of an event.
    pub(crate) fn begin_for(&mut self, reason: &str, details: &[(&'static str, String)]) {
        self.running = Some(Instant::now());
        self.function().log.executing(self.id, reason);
        if !details.is_empty() {
            self.function().log.details(details);
        }
    }

    /// Notes how the guest ended.
    pub(crate) fn end(mut self, result: Result<(), &InvokeError>) {
        if let Some(started) = self.running.take() {
            self.function().log.executed(self.id, started, result);
        }
    }
}

fn binding_data(request: &InvocationRequest) -> BindingData {
    match &request.trigger.data {
        TypedData::HttpRequest(request) => data_of(request),
        _ => BindingData::new(),
    }
}

/// What a request gives to the expressions of bindings.
fn data_of(request: &HttpRequest) -> BindingData {
    let body = serde_json::from_slice(&request.body).ok();
    let route: Vec<_> = request.params.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect();
    BindingData::of_http(&HttpParts {
        body: body.as_ref(),
        query: &request.query,
        headers: &request.headers,
        route: &route,
    })
}

/// The trace that a caller says its request belongs to (W3C Trace Context, section 3.2): only a form that is right is passed on.
fn trace_of(request: &HttpRequest) -> Option<TraceContext> {
    let header = |wanted: &str| request.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    let trace_parent = header("traceparent")?;
    let parts: Vec<&str> = trace_parent.split('-').collect();
    let is_hex = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let [version, trace, span, flags] = parts.as_slice() else { return None };
    let is_right = is_hex(version, 2) && is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2);
    is_right.then(|| TraceContext { trace_parent, trace_state: header("tracestate").unwrap_or_default() })
}

impl Drop for Invocation {
    /// Whatever begins has an end in the log, also when its task panicked or the worker stopped before it was through.
    fn drop(&mut self) {
        if let Some(started) = self.running {
            let error = InvokeError::Failed {
                message: "the host ended it before it was through".into(),
                causes: vec![],
                stack_trace: String::new(),
            };
            self.function().log.executed(self.id, started, Err(&error));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trace_in_its_right_form_is_passed_on() {
        let of = |parent: &str| {
            let headers =
                vec![("traceparent".to_owned(), parent.to_owned()), ("tracestate".to_owned(), "a=1".to_owned())];
            let request = HttpRequest {
                method: "GET".into(),
                url: "http://localhost/".into(),
                headers,
                query: Vec::new(),
                params: Vec::new(),
                body: Vec::new(),
            };
            trace_of(&request).map(|trace| (trace.trace_parent, trace.trace_state))
        };
        let right = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(of(right), Some((right.to_owned(), "a=1".to_owned())));
        for wrong in ["", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", "x\n", &right.replace('b', "g")] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}

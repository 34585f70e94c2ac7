//! The component's face to the host: bindings of the WIT world, conversion in both directions, log and panic hook.
//! Nothing generated leaves this module.

use std::panic::PanicHookInfo;
use std::sync::Once;
use std::time::Duration;

use bindings::exports::hearth::functions::guest as wit;
use bindings::hearth::functions::host;
use bindings::hearth::functions::types::{HttpResponse, InvocationError, InvocationResponse, TypedData};

use crate::function::{functions, invoke};
use crate::{Error, FetchError, Invocation, Request, Response};

#[expect(unsafe_code, reason = "the canonical ABI of the component model is raw pointers")]
mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "function-app" });

    export!(Component);
    use super::Component;
}

struct Component;

impl wit::Guest for Component {
    fn functions() -> Vec<wit::FunctionMetadata> {
        start();
        functions()
            .into_iter()
            .map(|function| wit::FunctionMetadata {
                name: function.name.to_owned(),
                entry_point: function.entry_point.to_owned(),
                bindings: function.bindings.iter().map(|&binding| binding.to_owned()).collect(),
            })
            .collect()
    }

    fn invoke(invocation: wit::InvocationRequest) -> Result<InvocationResponse, InvocationError> {
        start();
        let TypedData::HttpRequest(request) = invocation.trigger.data else {
            return Err(failure(&Error::internal(format!(
                "function `{}` has a trigger of a kind this version of hearth-sdk does not serve; it serves HTTP",
                invocation.function_name
            ))));
        };
        let request = Request {
            method: request.method,
            url: request.url,
            headers: request.headers,
            query: request.query,
            params: request.params,
            body: request.body,
            timeout: None,
        };
        let (trace_parent, trace_state) =
            invocation.trace.map_or((None, None), |trace| (Some(trace.trace_parent), Some(trace.trace_state)));
        let details = Invocation {
            id: invocation.invocation_id,
            function_name: invocation.function_name,
            trace_parent,
            trace_state,
            retry_count: invocation.retry.map_or(0, |retry| retry.retry_count),
        };
        let response = invoke(&invocation.entry_point, request, details).map_err(|error| failure(&error))?;
        let response = HttpResponse { status: response.status, headers: response.headers, body: response.body };
        Ok(InvocationResponse { outputs: Vec::new(), return_value: TypedData::HttpResponse(response) })
    }
}

fn failure(error: &Error) -> InvocationError {
    InvocationError { message: error.to_string(), causes: error.causes().to_vec(), stack_trace: String::new() }
}

/// Once per instance: log lines and panics go to the host.
fn start() {
    static START: Once = Once::new();
    START.call_once(|| {
        std::panic::set_hook(Box::new(|panic| host::log(host::Level::Critical, &panic_line(panic))));
        if log::set_logger(&HostLog).is_ok() {
            log::set_max_level(log::LevelFilter::Trace);
        }
    });
}

/// One line, so that log readers keep it together.
fn panic_line(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    format!("panicked at {place}: {}", panic.payload_as_str().unwrap_or("(no message)"))
}

struct HostLog;

impl log::Log for HostLog {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let level = match record.level() {
            log::Level::Error => host::Level::Error,
            log::Level::Warn => host::Level::Warning,
            log::Level::Info => host::Level::Information,
            log::Level::Debug => host::Level::Debug,
            log::Level::Trace => host::Level::Trace,
        };
        host::log(level, &record.args().to_string());
    }

    fn flush(&self) {}
}

pub(crate) fn setting(name: &str) -> Option<String> {
    host::get_setting(name)
}

pub(crate) fn fetch(request: Request) -> Result<Response, FetchError> {
    let request = host::OutboundRequest {
        method: request.method,
        url: request.url,
        headers: request.headers,
        body: request.body,
        timeout_ms: request.timeout.map(milliseconds),
    };
    match host::send(&request) {
        Ok(response) => Ok(Response { status: response.status, headers: response.headers, body: response.body }),
        Err(host::OutboundError::InvalidRequest(text)) => Err(FetchError::InvalidRequest(text)),
        Err(host::OutboundError::Denied(text)) => Err(FetchError::Denied(text)),
        Err(host::OutboundError::Timeout(text)) => Err(FetchError::Timeout(text)),
        Err(host::OutboundError::Failed(text)) => Err(FetchError::Failed(text)),
    }
}

fn milliseconds(timeout: Duration) -> u32 {
    u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX)
}

//! The component's face to the host: bindings of the WIT world, conversion in both directions, log and panic hook.
//! Nothing generated leaves this module.

use std::panic::PanicHookInfo;
use std::sync::Once;
use std::time::Duration;

use bindings::exports::hearth::functions::{guest as wit, policies};
use bindings::hearth::functions::host;
use bindings::hearth::functions::types::{HttpResponse, InvocationError, InvocationResponse, NamedData, TypedData};

use crate::data::{Data, Trigger};
use crate::function::{Function, functions, invoke};
use crate::{Error, FetchError, Inputs, Invocation, Request, Response, RetryContext};

#[expect(unsafe_code, reason = "the canonical ABI of the component model is raw pointers")]
mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "function-app-with-policies" });

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
        let trigger = Trigger {
            data: data(invocation.trigger.data),
            metadata: invocation.metadata.into_iter().map(|named| (named.name, data(named.data))).collect(),
        };
        let (trace_parent, trace_state) =
            invocation.trace.map_or((None, None), |trace| (Some(trace.trace_parent), Some(trace.trace_state)));
        let retry = invocation.retry.map(|retry| RetryContext {
            retry_count: retry.retry_count,
            max_retry_count: u32::try_from(retry.max_retry_count).ok(),
            last_error: Some(retry.last_error).filter(|error| !error.is_empty()),
        });
        let details = Invocation {
            id: invocation.invocation_id,
            function_name: invocation.function_name,
            trace_parent,
            trace_state,
            retry_count: retry.as_ref().map_or(0, |retry| retry.retry_count),
            retry,
            inputs: invocation.inputs.into_iter().fold(Inputs::default(), |inputs, named| match named.data {
                TypedData::Json(text) | TypedData::Text(text) => inputs.with(&named.name, text),
                _ => inputs,
            }),
        };
        let answer = invoke(&invocation.entry_point, trigger, details).map_err(|error| failure(&error))?;
        let response = |response: Response| HttpResponse {
            status: response.status,
            headers: response.headers,
            body: response.body,
        };
        let outputs = answer.outputs.into_iter();
        Ok(InvocationResponse {
            outputs: outputs.map(|(name, value)| NamedData { name: name.to_owned(), data: typed(value) }).collect(),
            return_value: answer.response.map_or(TypedData::None, |given| TypedData::HttpResponse(response(given))),
        })
    }
}

impl policies::Guest for Component {
    fn retries() -> Vec<policies::RetryPolicy> {
        start();
        let policy = |function: &Function| {
            let policy = function.retry?.to_owned();
            Some(policies::RetryPolicy { function: function.name.to_owned(), policy })
        };
        functions().into_iter().filter_map(policy).collect()
    }
}

fn data(data: TypedData) -> Data {
    match data {
        TypedData::None | TypedData::HttpResponse(_) => Data::None,
        TypedData::Text(text) => Data::Text(text),
        TypedData::Json(text) => Data::Json(text),
        TypedData::Bytes(bytes) => Data::Bytes(bytes),
        TypedData::Int(number) => Data::Int(number),
        TypedData::Double(number) => Data::Double(number),
        TypedData::TextList(texts) => Data::TextList(texts),
        TypedData::BytesList(items) => Data::BytesList(items),
        TypedData::HttpRequest(request) => Data::Http(Box::new(Request {
            method: request.method,
            url: request.url,
            headers: request.headers,
            query: request.query,
            params: request.params,
            body: request.body,
            timeout: None,
        })),
    }
}

fn typed(data: Data) -> TypedData {
    match data {
        Data::None | Data::Http(_) => TypedData::None,
        Data::Text(text) => TypedData::Text(text),
        Data::Json(text) => TypedData::Json(text),
        Data::Bytes(bytes) => TypedData::Bytes(bytes),
        Data::Int(number) => TypedData::Int(number),
        Data::Double(number) => TypedData::Double(number),
        Data::TextList(texts) => TypedData::TextList(texts),
        Data::BytesList(items) => TypedData::BytesList(items),
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

//! Between the contract's types and the engine's: moves, no copies.

use super::bindings::exports::hearth::functions::guest::FunctionMetadata;
use super::bindings::exports::hearth::functions::policies::RetryPolicy;
use super::bindings::exports::hearth::functions::scripts::{AppIndex, FunctionProblem};
use super::bindings::hearth::functions::script_types::ScriptError;
use super::bindings::hearth::functions::types::{
    HttpRequest, HttpResponse, InvocationError, InvocationRequest, InvocationResponse, NamedData, TypedData,
};
use crate::{Data, Index, Invocation, Named, Outcome, Request, Response};

pub(super) fn invocation(request: InvocationRequest) -> Invocation {
    Invocation {
        invocation_id: request.invocation_id,
        function_name: request.function_name,
        entry_point: request.entry_point,
        trigger: named(request.trigger),
        metadata: request.metadata.into_iter().map(named).collect(),
        inputs: request.inputs.into_iter().map(named).collect(),
        trace: request.trace.map(|trace| (trace.trace_parent, trace.trace_state)),
        retry: request.retry.map(|retry| (retry.retry_count, retry.max_retry_count, retry.last_error)),
    }
}

pub(super) fn outcome(outcome: Outcome) -> InvocationResponse {
    let output = |named: Named| NamedData { name: named.name, data: typed(named.data) };
    InvocationResponse {
        outputs: outcome.outputs.into_iter().map(output).collect(),
        return_value: typed(outcome.return_value),
    }
}

pub(super) fn error(error: crate::InvocationError) -> InvocationError {
    InvocationError { message: error.message, causes: error.causes, stack_trace: error.stack_trace }
}

pub(super) fn index(index: Index) -> AppIndex {
    let function = |function: crate::Function| FunctionMetadata {
        name: function.name,
        entry_point: function.entry_point,
        bindings: function.bindings,
    };
    let problem = |(function, error)| FunctionProblem { function, error: script_error(error) };
    AppIndex {
        functions: index.functions.into_iter().map(function).collect(),
        problems: index.problems.into_iter().map(problem).collect(),
        warnings: index.warnings,
    }
}

pub(super) fn retries(index: &Index) -> Vec<RetryPolicy> {
    let policy = |function: &crate::Function| {
        Some(RetryPolicy { policy: function.retry.clone()?, function: function.name.clone() })
    };
    index.functions.iter().filter_map(policy).collect()
}

pub(super) fn script_error(error: crate::ScriptError) -> ScriptError {
    ScriptError {
        message: error.message,
        stack_trace: error.stack_trace,
        file: error.file,
        line: error.line,
        column: error.column,
        frame: error.frame,
    }
}

pub(super) fn script_error_in(error: ScriptError) -> crate::ScriptError {
    crate::ScriptError {
        message: error.message,
        stack_trace: error.stack_trace,
        file: error.file,
        line: error.line,
        column: error.column,
        frame: error.frame,
    }
}

fn named(named: NamedData) -> Named {
    Named { name: named.name, data: data(named.data) }
}

fn data(data: TypedData) -> Data {
    match data {
        TypedData::None => Data::None,
        TypedData::Text(text) => Data::Text(text),
        TypedData::Json(text) => Data::Json(text),
        TypedData::Bytes(bytes) => Data::Bytes(bytes),
        TypedData::Int(number) => Data::Int(number),
        TypedData::Double(number) => Data::Double(number),
        TypedData::HttpRequest(request) => Data::HttpRequest(Box::new(Request {
            method: request.method,
            url: request.url,
            headers: request.headers,
            query: request.query,
            params: request.params,
            body: request.body,
        })),
        TypedData::HttpResponse(response) => Data::HttpResponse(Box::new(Response {
            status: response.status,
            headers: response.headers,
            body: response.body,
        })),
        TypedData::TextList(texts) => Data::TextList(texts),
        TypedData::BytesList(items) => Data::BytesList(items),
    }
}

fn typed(data: Data) -> TypedData {
    match data {
        Data::None => TypedData::None,
        Data::Text(text) => TypedData::Text(text),
        Data::Json(text) => TypedData::Json(text),
        Data::Bytes(bytes) => TypedData::Bytes(bytes),
        Data::Int(number) => TypedData::Int(number),
        Data::Double(number) => TypedData::Double(number),
        Data::HttpRequest(request) => TypedData::HttpRequest(HttpRequest {
            method: request.method,
            url: request.url,
            headers: request.headers,
            query: request.query,
            params: request.params,
            body: request.body,
        }),
        Data::HttpResponse(response) => TypedData::HttpResponse(HttpResponse {
            status: response.status,
            headers: response.headers,
            body: response.body,
        }),
        Data::TextList(texts) => TypedData::TextList(texts),
        Data::BytesList(items) => TypedData::BytesList(items),
    }
}

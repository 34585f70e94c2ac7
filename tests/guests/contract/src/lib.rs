//! The guest of the contract tables: handlers that tell what the host handed over, and one that answers whatever the
//! caller asks for. It speaks the WIT contract itself, because the SDK says nothing a well-behaved app would not say:
//! outputs left unset, JSON that is or is not an envelope, lists.
//!
//! It declares no functions: the tables write a function.json for each, with one of the entry points below.
//! Empty in a native build, which would need the bindings generator for nothing.

#![cfg(target_family = "wasm")]

mod say;
mod tell;

use bindings::exports::hearth::functions::guest;
use bindings::hearth::functions::types::{
    HttpRequest, InvocationError, InvocationRequest, InvocationResponse, TypedData,
};

#[expect(unsafe_code, reason = "the canonical ABI of the component model is raw pointers")]
mod bindings {
    wit_bindgen::generate!({ path: "../../../host/wit", world: "function-app" });

    export!(Component);
    use super::Component;
}

struct Component;

impl guest::Guest for Component {
    fn functions() -> Vec<guest::FunctionMetadata> {
        Vec::new()
    }

    fn invoke(invocation: InvocationRequest) -> Result<InvocationResponse, InvocationError> {
        let TypedData::HttpRequest(request) = &invocation.trigger.data else {
            return Err(failure("the trigger is no HTTP request"));
        };
        match invocation.entry_point.as_str() {
            "which" => Ok(returning(TypedData::Text(tell::which(&invocation.function_name, request)))),
            "echo" => Ok(returning(tell::everything(&invocation, request))),
            "header" => Ok(returning(TypedData::Text(tell::header(request)))),
            "length" => Ok(returning(TypedData::Text(tell::length(&request.body)))),
            "setting" => Ok(returning(TypedData::Text(tell::setting(request)))),
            "say" => say::say(&request.body),
            other => Err(failure(&format!("there is no entry point '{other}'"))),
        }
    }
}

fn returning(value: TypedData) -> InvocationResponse {
    InvocationResponse { outputs: Vec::new(), return_value: value }
}

fn failure(message: &str) -> InvocationError {
    InvocationError { message: message.to_owned(), causes: Vec::new(), stack_trace: String::new() }
}

/// The first value of this name in the query.
fn query<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.query.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
}

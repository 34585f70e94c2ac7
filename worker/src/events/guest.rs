//! One call of a guest for an event.

use hearth_engine::contract::{InvocationRequest, InvocationResponse, NamedData, TraceContext};
use hearth_engine::{AppForm, InvokeError};
use hearth_model::ids::InvocationId;
use hearth_triggers::Event;

use crate::app::Invocation;
use crate::events::Services;

/// Calls the guest by the protocol of its form.
pub(super) async fn call(
    invocation: &Invocation,
    event: &Event,
    inputs: Vec<NamedData>,
    services: &Services,
) -> Result<InvocationResponse, InvokeError> {
    let function = invocation.function();
    match function.guest.form() {
        AppForm::Typed | AppForm::JavaScript => {
            function.guest.invoke(&request(invocation, event, inputs), invocation.context()).await
        }
        AppForm::WasiHttp => super::handler::call(invocation, event, &inputs, services).await,
    }
}

fn request(invocation: &Invocation, event: &Event, inputs: Vec<NamedData>) -> InvocationRequest {
    let definition = &invocation.function().definition;
    InvocationRequest {
        invocation_id: invocation.id.to_string(),
        function_name: definition.name.as_str().to_owned(),
        entry_point: definition.entry_point.clone().unwrap_or_default(),
        trigger: NamedData { name: definition.trigger.binding_name().to_owned(), data: event.data.clone() },
        metadata: event.metadata.clone(),
        inputs,
        trace: Some(trace_of(invocation.id)),
        retry: event.retry.clone(),
    }
}

/// The trace of an invocation that no caller's trace belongs to: its id says which.
fn trace_of(id: InvocationId) -> TraceContext {
    let trace: String = id.to_string().chars().filter(|c| *c != '-').collect();
    let span: String = InvocationId::random().to_string().chars().filter(|c| *c != '-').take(16).collect();
    TraceContext { trace_parent: format!("00-{trace}-{span}-01"), trace_state: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_found_by_the_invocations_id() {
        let id = InvocationId::random();
        let trace = trace_of(id).trace_parent;
        let parts: Vec<&str> = trace.split('-').collect();
        assert_eq!((parts[0], parts[1].len(), parts[2].len(), parts[3]), ("00", 32, 16, "01"));
        assert_eq!(parts[1], id.to_string().replace('-', ""));
    }
}

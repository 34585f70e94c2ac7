//! A plain `wasi:http` component is called by the protocol of custom handlers (reference: Azure Functions, section 7.4), except for HTTP
//! functions that read nothing besides and give out nothing but their answer: their requests are passed on as they are.

use hearth_engine::contract::{InvocationRequest, InvocationResponse, NamedData};
use hearth_engine::{AppForm, InvocationLog, InvokeError, Level};
use hearth_model::expression::BindingData;
use hearth_triggers::{Event, custom_handler};
use http_body_util::{BodyExt, Limited};
use tokio::sync::oneshot;

use super::outputs::has_outputs;
use crate::app::{Invocation, LoadedFunction};
use crate::events::Services;
use crate::front::answer::full;

/// The version that handlers are told: tools look for the generation of the runtime in it.
const VERSION: &str = "4.0.0.0";
/// Greatest answer of a handler, in bytes.
const MAX_ANSWER_BYTES: usize = 16 << 20;

/// Whether a function gets the requests of its callers as they are, and answers them by itself.
pub(crate) fn is_forwarded_to(function: &LoadedFunction) -> bool {
    let reads = !function.definition.inputs.is_empty();
    function.guest.form() == AppForm::WasiHttp && !has_outputs(function) && !reads
}

/// Runs the guest of an HTTP function that is not forwarded to.
pub(crate) async fn call_for_request(
    invocation: &Invocation,
    request: &InvocationRequest,
    services: &Services,
) -> Result<InvocationResponse, InvokeError> {
    let function = invocation.function();
    if function.guest.form() != AppForm::WasiHttp {
        return function.guest.invoke(request, invocation.context()).await;
    }
    let event = Event {
        id: invocation.id,
        data: request.trigger.data.clone(),
        metadata: Vec::new(),
        binding_data: BindingData::new(),
        reason: String::new(),
        details: Vec::new(),
        retry: None,
    };
    Box::pin(call(invocation, &event, &request.inputs, services)).await
}

/// Posts the event to the component and reads its answer.
pub(super) async fn call(
    invocation: &Invocation,
    event: &Event,
    inputs: &[NamedData],
    services: &Services,
) -> Result<InvocationResponse, InvokeError> {
    let function = invocation.function();
    let environment = services.environment(&function.definition);
    let request = custom_handler::request(&function.definition, event, inputs, environment, VERSION);
    let (tell, told) = oneshot::channel();
    let ended = move |result: &Result<(), InvokeError>| {
        let _nobody_waits = tell.send(result.clone());
    };
    let request = Box::new(request.map(full));
    let response = function.guest.clone().handle(request, false, invocation.context(), ended).await?;
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await;
    // A guest that failed while it wrote says why.
    told.await.unwrap_or(Ok(()))?;
    let body = body.map_err(|error| failed(format!("the answer can't be read: {error}")))?;
    let answer = custom_handler::answer(parts.status, &body.to_bytes()).map_err(|error| failed(error.to_string()))?;
    for line in &answer.logs {
        function.log.log(Level::Information, line);
    }
    Ok(answer.response)
}

fn failed(message: String) -> InvokeError {
    InvokeError::Failed { message, causes: Vec::new(), stack_trace: String::new() }
}

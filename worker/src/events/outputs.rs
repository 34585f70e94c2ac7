//! What a function gave out is sent, and what makes its event done is committed: to services elsewhere first and in order, then documents
//! of the embedded store, then messages of the embedded service and the acknowledgement in one transaction. Nothing is sent when one value
//! can't be.

use hearth_engine::contract::InvocationResponse;
use hearth_model::expression::BindingData;
use hearth_model::index::OutputBinding;
use hearth_triggers::outputs::{document_writes, queue_sends};
use hearth_triggers::{Acknowledgement, InvocationFailure};

use crate::app::{LoadedApp, LoadedFunction};
use crate::events::{Services, documents};

/// Whether a function gives out anything but an answer; calls of one that does not need neither host state nor a service.
pub(crate) fn has_outputs(function: &LoadedFunction) -> bool {
    function.definition.outputs.iter().any(|output| !matches!(output, OutputBinding::Http(_)))
}

/// Takes the outputs out of a response and commits them with the acknowledgement.
pub(crate) async fn commit(
    app: &LoadedApp,
    function: &LoadedFunction,
    data: &BindingData,
    response: &mut InvocationResponse,
    acknowledgement: Acknowledgement,
    services: &Services,
) -> Result<(), InvocationFailure> {
    let definition = &function.definition;
    let failed = |error: &dyn std::fmt::Display| InvocationFailure::Failed(error.to_string());
    let environment = services.environment(definition);
    let sends = queue_sends(definition, response, data, environment, app.host.queues.encoding)
        .map_err(|error| failed(&error))?;
    let writes = document_writes(definition, response, data, environment).map_err(|error| failed(&error))?;
    let placed = documents::place(&services.cosmos, app, writes).await?;
    // Few calls have documents: their future is no part of all.
    let write = Box::pin(documents::write(placed));
    services.queues.send(app, sends, write, acknowledgement).await
}

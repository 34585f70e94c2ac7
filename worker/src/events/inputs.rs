//! What a function reads beside its trigger is read before it is called, all inputs at the same time. Where one can't be read, the function is
//! not called.

use futures_util::future::try_join_all;
use hearth_cosmos::CosmosTarget;
use hearth_engine::contract::{NamedData, TypedData};
use hearth_model::expression::BindingData;
use hearth_triggers::inputs::{DocumentLookup, InputError, document_lookups};

use super::documents::{Account, Trouble};
use crate::app::{LoadedApp, LoadedFunction};
use crate::events::Services;

/// The values of a function's inputs, in the order of its bindings.
pub(crate) async fn read_inputs(
    app: &LoadedApp,
    function: &LoadedFunction,
    data: &BindingData,
    services: &Services,
) -> Result<Vec<NamedData>, InputError> {
    let definition = &function.definition;
    if definition.inputs.is_empty() {
        return Ok(Vec::new());
    }
    let lookups = document_lookups(definition, data, services.environment(definition))?;
    try_join_all(lookups.iter().map(|lookup| async {
        match found(app, lookup, services).await {
            Ok(text) => Ok(NamedData { name: lookup.binding.clone(), data: TypedData::Json(text) }),
            Err(trouble) => Err(InputError {
                binding: lookup.binding.clone(),
                is_transient: matches!(trouble, Trouble::Passing(_)),
                reason: trouble.reason(&lookup.database, &lookup.container),
            }),
        }
    }))
    .await
}

/// What a lookup finds, as JSON.
async fn found(app: &LoadedApp, lookup: &DocumentLookup, services: &Services) -> Result<String, Trouble> {
    let target = CosmosTarget::find(&app.settings, lookup.connection.as_deref());
    let target = target.map_err(|error| Trouble::Failed(error.to_string()))?;
    Account::of(&services.cosmos, &app.name, &target).await?.look_up(lookup).await
}

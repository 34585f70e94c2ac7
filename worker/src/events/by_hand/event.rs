//! A function that waits for events gets one made up of the input.

use hearth_engine::contract::{NamedData, TypedData};
use hearth_model::expression::BindingData;
use hearth_model::index::Trigger;
use hearth_triggers::timer::manual_payload;
use hearth_triggers::{Acknowledgement, Event};
use serde_json::Value;

use crate::app::Invocation;
use crate::events::Services;
use crate::events::invoker;

/// The reason that the log gives for it.
const REASON: &str = "This function was programmatically called via the host APIs.";

/// Runs the function; the error is what its log says.
pub(super) async fn run(invocation: Invocation, input: String, services: &Services) -> Result<(), String> {
    let mut binding_data = BindingData::new();
    let mut metadata = Vec::new();
    let data = match &invocation.function().definition.trigger {
        Trigger::Timer(timer) => TypedData::Json(manual_payload(&timer.schedule)),
        Trigger::Queue(queue) => {
            let name = "QueueTrigger";
            binding_data.insert(name, input.as_str());
            metadata.push(NamedData { name: name.to_owned(), data: TypedData::Text(input.clone()) });
            let payload: Option<Value> = serde_json::from_str(&input).ok().filter(Value::is_object);
            if let Some(payload) = &payload {
                binding_data.merge_payload(payload);
            }
            match payload {
                _ if queue.is_binary => TypedData::Bytes(input.into_bytes()),
                Some(_) => TypedData::Json(input),
                None => TypedData::Text(input),
            }
        }
        // A batch is an array; one document that is given alone makes a batch of one.
        Trigger::Cosmos(_) => match serde_json::from_str::<Value>(&input) {
            Ok(Value::Array(_)) => TypedData::Json(input),
            Ok(Value::Object(_)) => TypedData::Json(format!("[{input}]")),
            _ => TypedData::Text(input),
        },
        Trigger::Http(_) => TypedData::Text(input),
    };
    let event = Event {
        id: invocation.id,
        data,
        metadata,
        binding_data,
        reason: REASON.to_owned(),
        details: Vec::new(),
        retry: None,
    };
    invoker::run(invocation, &event, Acknowledgement::None, services).await.map_err(|error| error.to_string())
}

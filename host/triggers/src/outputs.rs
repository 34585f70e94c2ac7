//! What a function gave out becomes messages and documents: which queue or container they go to, and their texts (reference: sections
//! 4.5, 5.5 and 7.3).
//!
//! Everything is worked out and checked before anything is sent, so that a wrong value sends nothing.

mod compact;
mod documents;
mod encode;
#[cfg(test)]
mod tests;
mod values;

use hearth_engine::contract::{InvocationResponse, TypedData};
use hearth_model::binding::{FunctionDefinition, OutputBinding, QueueOutput, check_queue_name};
use hearth_model::expression::{BindingData, Environment};
use hearth_model::host_json::MessageEncoding;

pub(crate) use documents::name as cosmos_name;
pub use documents::{DocumentWrites, MissingContainer, document_writes};
pub use encode::MAX_MESSAGE_BYTES;
pub(crate) use encode::encode;
#[cfg(test)]
pub(crate) use values::Content;

use crate::json_pairs as pairs;

/// Messages for one queue, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSend {
    /// Name of the binding, for messages.
    pub binding: String,
    /// Name of the queue, which keeps the rules of the service.
    pub queue: String,
    /// Name of the connection; `None` for the default one.
    pub connection: Option<String>,
    /// Texts as the service keeps them; never empty.
    pub messages: Vec<String>,
}

/// Why an output can't be sent; public text that holds none of the data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the output '{binding}' can't be sent: {reason}")]
pub struct OutputError {
    /// Name of the binding.
    pub binding: String,
    /// What is wrong and what to do.
    pub reason: String,
}

/// What a function's queue outputs come to, in the order of its bindings. It is taken out of the response, so that a return value
/// that is a message is not the answer of an HTTP function besides.
///
/// A value stands under its binding's name, or is the return value for the binding `$return`; where no binding is called so, the
/// properties of an object that is returned count as outputs of their names.
pub fn queue_sends(
    function: &FunctionDefinition,
    response: &mut InvocationResponse,
    data: &BindingData,
    environment: Environment<'_>,
    encoding: MessageEncoding,
) -> Result<Vec<QueueSend>, OutputError> {
    let spreads = !function.outputs.iter().any(|output| output.binding_name() == "$return");
    let mut sends = Vec::new();
    for output in &function.outputs {
        let OutputBinding::Queue(output) = output else { continue };
        let value = take(&output.binding_name, response, spreads);
        let error = |reason| OutputError { binding: output.binding_name.clone(), reason };
        let contents = values::contents(value).map_err(error)?;
        if contents.is_empty() {
            continue;
        }
        let queue = queue_name(output, data, environment).map_err(error)?;
        let several = contents.len() > 1;
        let messages = contents.into_iter().enumerate().map(|(i, content)| {
            encode(content, encoding).map_err(|reason| {
                error(if several {
                    format!("message {} of it {reason}", i + 1)
                } else {
                    format!("the message {reason}")
                })
            })
        });
        sends.push(QueueSend {
            binding: output.binding_name.clone(),
            queue,
            connection: output.connection.clone(),
            messages: messages.collect::<Result<_, _>>()?,
        });
    }
    Ok(sends)
}

/// The value of a binding.
fn take(binding: &str, response: &mut InvocationResponse, spreads: bool) -> TypedData {
    if binding == "$return" {
        return std::mem::replace(&mut response.return_value, TypedData::None);
    }
    if let Some(at) = response.outputs.iter().position(|given| given.name.eq_ignore_ascii_case(binding)) {
        return response.outputs.swap_remove(at).data;
    }
    let TypedData::Json(returned) = &response.return_value else { return TypedData::None };
    let property = if spreads { pairs::parse(returned).and_then(|pairs| pairs::get(&pairs, binding)) } else { None };
    property.map_or(TypedData::None, |value| TypedData::Json(value.get().to_owned()))
}

fn queue_name(output: &QueueOutput, data: &BindingData, environment: Environment<'_>) -> Result<String, String> {
    let name = output.queue.evaluate(data, environment).map_err(|error| format!("its queueName {error}"))?;
    let name = name.to_lowercase();
    let shown: String = name.chars().take(80).flat_map(char::escape_debug).collect();
    check_queue_name(&name)
        .map_err(|rule| format!("its queueName {rule}; '{}' came to '{shown}'", output.queue.text()))?;
    Ok(name)
}

//! What a function reads beside its trigger: its input bindings, read once when the app is loaded (reference: sections 1.6 and 5.4).

use super::cosmos::{self, CosmosInput};
use super::{Binding, Direction, Trigger};
use crate::expression::Contract;
use crate::json::{FileError, Node};

/// A binding whose value is looked up before the function is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputBinding {
    /// Documents of a container.
    Cosmos(CosmosInput),
}

impl InputBinding {
    /// Name by which the function knows it.
    pub fn binding_name(&self) -> &str {
        match self {
            Self::Cosmos(cosmos) => &cosmos.binding_name,
        }
    }
}

/// The inputs among checked bindings, which stand in the order of their nodes.
pub(super) fn read(
    nodes: &[Node<'_>],
    bindings: &[Binding],
    contract: &Contract,
) -> Result<Vec<InputBinding>, FileError> {
    let mut inputs = Vec::new();
    for (node, binding) in nodes.iter().zip(bindings) {
        if (binding.binding_type.as_str(), binding.direction) == ("cosmosDB", Direction::In) {
            inputs.push(InputBinding::Cosmos(cosmos::read_input(node, &binding.name, contract)?));
        }
    }
    Ok(inputs)
}

/// What expressions of a function may ask for.
pub(super) fn contract(trigger: &Trigger) -> Contract {
    match trigger {
        Trigger::Http(http) => Contract::http(&http.route),
        Trigger::Timer(_) => Contract::fixed(["TimerTrigger"]),
        Trigger::Queue(_) => Contract::fixed([
            "QueueTrigger",
            "DequeueCount",
            "ExpirationTime",
            "Id",
            "InsertionTime",
            "NextVisibleTime",
            "PopReceipt",
        ])
        .with_json_payload(),
        // Its payload is a list.
        Trigger::Cosmos(_) => Contract::fixed([]),
    }
}

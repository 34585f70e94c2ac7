//! What a function is given of a batch (reference: Cosmos DB, section 9.4): one JSON array, and nothing beside it.

use hearth_cosmos::processor::{Batch, ChangeItem};
use hearth_engine::contract::{RetryContext, TypedData};
use hearth_model::binding::CosmosTrigger;
use hearth_model::clock::Timestamp;
use hearth_model::expression::BindingData;
use hearth_model::ids::InvocationId;

use crate::Event;

/// Items as one JSON array.
pub(super) fn array(items: &[ChangeItem]) -> String {
    let mut text = String::with_capacity(items.iter().map(|item| item.as_str().len() + 1).sum::<usize>() + 1);
    text.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(item.as_str());
    }
    text.push(']');
    text
}

/// The event of a batch: of one attempt at it.
pub(super) fn event(
    trigger: &CosmosTrigger,
    batch: &Batch,
    array: &str,
    retry: Option<RetryContext>,
    now: Timestamp,
) -> Event {
    Event {
        id: InvocationId::random(),
        data: TypedData::Json(array.to_owned()),
        metadata: Vec::new(),
        binding_data: BindingData::new(),
        reason: format!("New changes on container {} at {}", trigger.container, now.rfc3339()),
        details: vec![("Items", batch.items.len().to_string()), ("LeaseToken", batch.lease_token.to_string())],
        retry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_become_one_array() {
        let items = ["{\"id\":\"a\"}", "{}"].map(|text| ChangeItem::from(text.to_owned()));
        assert_eq!(array(&items), "[{\"id\":\"a\"},{}]");
        assert_eq!(array(&[]), "[]");
    }
}

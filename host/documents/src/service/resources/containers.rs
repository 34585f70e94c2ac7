//! What containers have beside a name and a body: the ranges that their keys are spread over (reference: Cosmos DB, section
//! 4.3).

use hearth_state::documents::StoredResource;

use super::bodies::Checked;
use super::offers::NewThroughput;
use crate::protocol::container::ContainerDefinition;
use crate::protocol::{DocumentError, epk};

/// Lowest key of a range and the one that is too high; empty for no bound.
pub(super) type KeyRange = (Vec<u8>, Vec<u8>);

/// Reads the body of a new container: what is kept, its ranges by its throughput, and whether all versions are kept.
pub(super) fn checked(
    body: &str,
    throughput: Option<NewThroughput>,
) -> Result<(Checked, Vec<KeyRange>, bool), DocumentError> {
    let definition = ContainerDefinition::create(body)?;
    let units = throughput.unwrap_or_default().most();
    let ranges = epk::ranges_for_throughput(u32::try_from(units).unwrap_or(u32::MAX));
    let ranges = epk::split(definition.partition_key(), ranges);
    let ranges = ranges.into_iter().map(|(from, to)| (from, to.unwrap_or_default())).collect();
    let keeps_history = definition.change_feed_retention().is_some();
    Ok((kept(&definition), ranges, keeps_history))
}

/// Reads the body of a container that is replaced.
pub(super) fn replacement(body: &str, stored: &StoredResource) -> Result<Checked, DocumentError> {
    Ok(kept(&ContainerDefinition::stored(&stored.body)?.replace(body)?))
}

/// Whether a container with this body keeps all versions of its items.
pub(super) fn keeps_history(body: &str) -> Result<bool, DocumentError> {
    Ok(ContainerDefinition::stored(body)?.change_feed_retention().is_some())
}

fn kept(definition: &ContainerDefinition) -> Checked {
    Checked { name: definition.id().to_owned(), body: definition.text().to_owned() }
}

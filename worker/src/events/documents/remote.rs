//! Documents of an account elsewhere, by a client.

use hearth_cosmos::client::{ContainerClient, NewContainer, PartitionKey, Query, QueryScope};
use hearth_cosmos::{CosmosClient, CosmosError, CosmosErrorKind};
use hearth_triggers::inputs::{DocumentLookup, WantedDocuments};
use hearth_triggers::outputs::DocumentWrites;
use serde_json::{Value, json};

use super::{List, Trouble};

impl From<CosmosError> for Trouble {
    fn from(error: CosmosError) -> Self {
        match error.kind {
            CosmosErrorKind::NotFound => Self::NoContainer,
            CosmosErrorKind::Passing | CosmosErrorKind::Throttled | CosmosErrorKind::RangeGone => {
                Self::Passing(error.to_string())
            }
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// What a lookup finds, as JSON.
pub(super) async fn look_up(client: &CosmosClient, lookup: &DocumentLookup) -> Result<String, Trouble> {
    let container = client.container(&lookup.database, &lookup.container);
    match &lookup.wanted {
        WantedDocuments::One { id, .. } if id.is_empty() => Ok("null".to_owned()),
        WantedDocuments::One { id, partition_key } => {
            let key = match partition_key {
                Some(key) => PartitionKey::from(key.as_str()),
                // Where documents are partitioned by their id, that is the key; else it is that of documents without one.
                None => PartitionKey::of_item(&container.read().await?.partition_key, &json!({ "id": id })),
            };
            let found = container.read_item(id, &key).await?;
            Ok(found.map_or_else(|| "null".to_owned(), |item| item.text))
        }
        WantedDocuments::List { sql, parameters, partition_key } => {
            let query = parameters
                .iter()
                .fold(Query::new(sql.as_str()), |query, (name, value)| query.with(name, value.clone()));
            let mut list = List::new();
            match partition_key {
                Some(key) => {
                    let key = PartitionKey::from(key.as_str());
                    add(&mut list, &container, &query, QueryScope::Key(&key)).await?;
                }
                None => {
                    let ranges = container.ranges().await?;
                    if ranges.len() > 1 {
                        can_be_asked_in_parts(sql, parameters)?;
                    }
                    for range in &ranges {
                        add(&mut list, &container, &query, QueryScope::Range(&range.id)).await?;
                    }
                }
            }
            Ok(list.end())
        }
    }
}

/// The answers of several ranges are put after each other, which must come to the answer of all of them.
fn can_be_asked_in_parts(sql: &str, parameters: &[(String, Value)]) -> Result<(), Trouble> {
    let parsed = hearth_documents::query::Query::parse(sql, parameters).map_err(|error| {
        Trouble::Failed(format!("its sqlQuery can't be asked of several partitions: {}", error.message))
    })?;
    if parsed.needs_plan_over_ranges() {
        return Err(Trouble::Failed(
            "its sqlQuery orders, counts, groups or limits what several partitions of an account elsewhere find, which is not worked out \
             here; give the binding a partitionKey, or do that in the function"
                .to_owned(),
        ));
    }
    Ok(())
}

async fn add(
    list: &mut List,
    container: &ContainerClient,
    query: &Query,
    scope: QueryScope<'_>,
) -> Result<(), Trouble> {
    let mut continuation: Option<String> = None;
    loop {
        let page = container.query_page(query, scope, continuation.as_deref(), None).await?;
        for row in &page.rows {
            list.add(row.get())?;
        }
        continuation = page.continuation;
        if continuation.is_none() {
            return Ok(());
        }
    }
}

/// Upserts documents in their order.
pub(super) async fn upsert(client: &CosmosClient, writes: &DocumentWrites) -> Result<(), Trouble> {
    let container = client.container(&writes.database, &writes.container);
    let definition = container.read().await?.partition_key;
    for document in &writes.documents {
        let item: Value = serde_json::from_str(document).unwrap_or_default();
        container.upsert_item(&PartitionKey::of_item(&definition, &item), document, None).await?;
    }
    Ok(())
}

/// Makes a container and its database where they are missing.
pub(super) async fn create_container(
    client: &CosmosClient,
    writes: &DocumentWrites,
    partition_key: &str,
    throughput: Option<u32>,
) -> Result<(), Trouble> {
    let new = NewContainer { throughput, ..NewContainer::with_key(partition_key) };
    client.container(&writes.database, &writes.container).create_if_missing(&new).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_adds_up_is_asked_of_several_partitions() {
        assert_eq!(can_be_asked_in_parts("SELECT c.id FROM c WHERE c.n > @n", &[("@n".to_owned(), json!(1))]), Ok(()));
        for sql in ["SELECT * FROM c ORDER BY c.n", "SELECT VALUE COUNT(1) FROM c", "SELECT TOP 1 * FROM c", "SELECT"] {
            assert!(matches!(can_be_asked_in_parts(sql, &[]), Err(Trouble::Failed(_))), "{sql}");
        }
    }
}

//! Definitions of containers: what clients may say, what is filled in, and what cannot change later (reference: Cosmos DB,
//! section 4.3). What is not understood here is kept and echoed.

mod indexing;
mod policies;
#[cfg(test)]
mod tests;

use super::ids::{check_resource_id, id_of};
use super::json::Object;
use super::partition_key::{PartitionKeyDefinition, PropertyPath};
use super::{DocumentError, json, limits};

pub use indexing::{IndexingMode, IndexingPolicy};
pub use policies::ComputedProperty;

/// What the store adds to containers, and does not take from clients.
const SYSTEM: [&str; 13] = [
    "_rid",
    "_self",
    "_etag",
    "_ts",
    "_docs",
    "_sprocs",
    "_triggers",
    "_udfs",
    "_conflicts",
    "_lsn",
    "_attachments",
    "statistics",
    "ownerId",
];

/// Resolution of conflicts when a client does not say; there are none in one region.
const CONFLICT_POLICY: &str =
    r#"{"mode":"LastWriterWins","conflictResolutionPath":"/_ts","conflictResolutionProcedure":""}"#;
const GEOSPATIAL: &str = r#"{"type":"Geography"}"#;
/// Of a container that was made without a definition.
const SYSTEM_KEY: &str = r#"{"paths":["/_partitionKey"],"kind":"Hash","systemKey":true}"#;

/// A container as it is defined.
#[derive(Clone, Debug)]
pub struct ContainerDefinition {
    id: String,
    partition_key: PartitionKeyDefinition,
    indexing: IndexingPolicy,
    default_ttl: Option<i64>,
    unique_keys: Vec<Vec<PropertyPath>>,
    change_feed_retention: Option<i64>,
    computed: Vec<ComputedProperty>,
    text: String,
}

impl ContainerDefinition {
    /// Reads the body of a create: checks it and fills in what is not said.
    ///
    /// # Errors
    /// 400 that says what is wrong with which part.
    pub fn create(body: &str) -> Result<Self, DocumentError> {
        let mut object = Object::parse(body)?;
        object.remove(|name| SYSTEM.contains(&name));
        Self::read(&object)
    }

    /// Reads what [`Self::text`] was kept as.
    ///
    /// # Errors
    /// 400 as for a create: host state has what is no definition.
    pub fn stored(text: &str) -> Result<Self, DocumentError> {
        Self::create(text)
    }

    /// Reads the body of a replacement: as a create, except that partition key and unique keys stay as they are, also where the body
    /// does not tell them.
    ///
    /// # Errors
    /// 400 for what is wrong, and for what cannot change.
    pub fn replace(&self, body: &str) -> Result<Self, DocumentError> {
        let mut object = Object::parse(body)?;
        object.remove(|name| SYSTEM.contains(&name));
        let before = Object::parse(&self.text)?;
        for name in ["partitionKey", "uniqueKeyPolicy", "conflictResolutionPolicy", "geospatialConfig"] {
            if let (None, Some(kept)) = (object.get(name), before.properties().iter().find(|kept| kept.name == name)) {
                object.push(kept.clone());
            }
        }
        let after = Self::read(&object)?;
        let fixed = |what: &str| {
            Err(DocumentError::bad_request(format!(
                "The container's {what} cannot change: make another container and copy its items."
            )))
        };
        if after.id != self.id {
            return fixed("id");
        }
        if after.partition_key != self.partition_key {
            return fixed("partitionKey");
        }
        if after.unique_keys != self.unique_keys {
            return fixed("uniqueKeyPolicy");
        }
        Ok(after)
    }

    fn read(object: &Object<'_>) -> Result<Self, DocumentError> {
        let id = id_of(object)?;
        check_resource_id(&id)?;
        let given = |name: &str| object.get(name).filter(|value| *value != "null");
        let indexing = IndexingPolicy::read(given("indexingPolicy"))?;
        let partition_key = match given("partitionKey") {
            Some(text) => PartitionKeyDefinition::parse(text)?,
            None => PartitionKeyDefinition::none(),
        };
        let mut definition = Self {
            id,
            partition_key,
            default_ttl: given("defaultTtl").map(default_ttl).transpose()?,
            unique_keys: given("uniqueKeyPolicy").map_or(Ok(Vec::new()), policies::unique_keys)?,
            change_feed_retention: given("changeFeedPolicy").map_or(Ok(None), policies::retention)?,
            computed: given("computedProperties").map_or(Ok(Vec::new()), policies::computed)?,
            indexing,
            text: String::new(),
        };
        given("conflictResolutionPolicy").map_or(Ok(()), policies::check_conflicts)?;
        given("geospatialConfig").map_or(Ok(()), policies::check_geospatial)?;
        definition.text = completed(object, definition.indexing.text());
        Ok(definition)
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the key of its items is made of.
    pub fn partition_key(&self) -> &PartitionKeyDefinition {
        &self.partition_key
    }

    /// What is indexed.
    pub fn indexing(&self) -> &IndexingPolicy {
        &self.indexing
    }

    /// Whether queries find items of which the write does not say so.
    pub fn indexes_automatically(&self) -> bool {
        self.indexing.automatic && self.indexing.mode != IndexingMode::None
    }

    /// How long items live that do not say so themselves: seconds, -1 for always; none if no item expires whatever it says.
    pub fn default_ttl(&self) -> Option<i64> {
        self.default_ttl
    }

    /// The paths whose values together are unique in a logical partition, for each constraint.
    pub fn unique_keys(&self) -> &[Vec<PropertyPath>] {
        &self.unique_keys
    }

    /// For how many minutes every version of every item is kept, if at all.
    pub fn change_feed_retention(&self) -> Option<i64> {
        self.change_feed_retention
    }

    /// Properties that queries can use and that items do not have.
    pub fn computed_properties(&self) -> &[ComputedProperty] {
        &self.computed
    }

    /// The definition as one JSON object, in the order and words of the client, with what was filled in behind.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The definition with everything that was not said. `null` counts as not said.
fn completed(object: &Object<'_>, indexing: &str) -> String {
    let mut text = String::with_capacity(512);
    text.push('{');
    let mut next = |name: &str, value: &str| {
        if text.len() > 1 {
            text.push(',');
        }
        json::write_string(&mut text, name);
        text.push(':');
        text.push_str(value);
    };
    for property in object.properties().iter().filter(|property| property.value != "null") {
        next(&property.name, if property.name == "indexingPolicy" { indexing } else { property.value });
    }
    for (name, value) in [
        ("indexingPolicy", indexing),
        ("partitionKey", SYSTEM_KEY),
        ("conflictResolutionPolicy", CONFLICT_POLICY),
        ("geospatialConfig", GEOSPATIAL),
    ] {
        if object.get(name).is_none_or(|value| value == "null") {
            next(name, value);
        }
    }
    text.push('}');
    text
}

fn default_ttl(value: &str) -> Result<i64, DocumentError> {
    match value.parse::<i64>() {
        Ok(seconds) if seconds == -1 || (1..=limits::TTL_SECONDS).contains(&seconds) => Ok(seconds),
        _ => {
            let shown: String = value.chars().take(40).collect();
            Err(DocumentError::bad_request(format!(
                "The container's defaultTtl '{shown}' is invalid. Ensure to provide a nonzero positive integer less than or equal \
                 to '{}', or '-1' which means that items expire only if they say so.",
                limits::TTL_SECONDS
            )))
        }
    }
}

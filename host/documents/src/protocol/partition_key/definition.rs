//! The partition key definition of a container.

use super::{KeyComponent, PartitionKey, PropertyPath};
use crate::protocol::json::{self, Object};
use crate::protocol::{DocumentError, limits};

/// How keys become effective partition keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashKind {
    /// Version 1, and what definitions without a version mean.
    V1,
    /// Version 2.
    V2,
    /// Hierarchical: each level alone, by version 2.
    Multi,
    /// Legacy: keys are not hashed.
    Range,
}

/// Which properties the key is made of, and how it is hashed. Cannot change once the container is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionKeyDefinition {
    paths: Vec<PropertyPath>,
    kind: HashKind,
    system_key: bool,
}

impl PartitionKeyDefinition {
    /// What containers without a definition have: one logical partition, the empty key (API versions before 2018).
    pub fn none() -> Self {
        let path = PropertyPath { text: "/_partitionKey".to_owned(), names: vec!["_partitionKey".to_owned()] };
        Self { paths: vec![path], kind: HashKind::V1, system_key: true }
    }

    /// Reads a definition as containers have it.
    ///
    /// # Errors
    /// 400 that says what is wrong: no or too many paths, a path twice, an unknown kind or version.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        let refused =
            |why: &str| DocumentError::bad_request(format!("The container's partitionKey is not valid: {why}."));
        let object = Object::parse(text).map_err(|error| refused(&error.to_string()))?;
        let paths = object.get("paths").ok_or_else(|| refused("'paths' is missing"))?;
        let paths = json::array(paths).map_err(|_| refused("'paths' is an array of paths"))?;
        let paths: Vec<PropertyPath> = paths
            .into_iter()
            .map(|path| PropertyPath::parse(&json::string(path).ok_or_else(|| refused("a path is a string"))?))
            .collect::<Result<_, _>>()?;
        let version = match object.get("version") {
            None | Some("null" | "1") => 1,
            Some("2") => 2,
            Some(other) => return Err(refused(&format!("there is no version {other}, only 1 and 2"))),
        };
        let kind = object.get("kind").map(|kind| json::string(kind).unwrap_or_default());
        let kind = match kind.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("hash") if version == 1 => HashKind::V1,
            None | Some("hash") => HashKind::V2,
            Some("multihash") if version == 2 => HashKind::Multi,
            Some("multihash") => return Err(refused("the kind MultiHash needs version 2")),
            Some("range") => HashKind::Range,
            Some(_) => return Err(refused("'kind' is Hash, MultiHash or Range")),
        };
        let most = if kind == HashKind::Multi { limits::KEY_PATHS } else { 1 };
        if paths.is_empty() || paths.len() > most {
            return Err(refused(&format!("it has {} paths, and with this kind 1 to {most}", paths.len())));
        }
        if (1..paths.len()).any(|at| paths[..at].iter().any(|path| path.names() == paths[at].names())) {
            return Err(refused("it has the same path twice"));
        }
        Ok(Self { paths, kind, system_key: object.get("systemKey") == Some("true") })
    }

    /// Its paths, one for each level.
    pub fn paths(&self) -> &[PropertyPath] {
        &self.paths
    }

    /// How keys are hashed.
    pub fn kind(&self) -> HashKind {
        self.kind
    }

    /// Whether items may have the empty key `[]`: the container was made without a definition.
    pub fn system_key(&self) -> bool {
        self.system_key
    }

    /// The key of an item.
    ///
    /// # Errors
    /// 400 for a string that is longer than keys are.
    pub fn key_of(&self, item: &Object<'_>) -> Result<PartitionKey, DocumentError> {
        let mut components = Vec::with_capacity(self.paths.len());
        for path in &self.paths {
            components.push(path.value_in(item).map_or(Ok(KeyComponent::Undefined), KeyComponent::from_json)?);
        }
        if self.system_key && components == [KeyComponent::Undefined] {
            components.clear();
        }
        Ok(PartitionKey(components))
    }
}

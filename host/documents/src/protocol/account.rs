//! An account as clients read it, its names and its properties (reference: Cosmos DB, sections 1.1 and 4.1).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::DocumentError;

/// The account that development has, with a key that everybody knows.
pub const DEVELOPMENT_ACCOUNT: &str = "emulator";
/// The key that all development tools know (reference: section 10.1).
pub const DEVELOPMENT_KEY: &str =
    "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";
/// What the account's only region is called.
pub const REGION: &str = "Local";

/// How much a read may lag behind, strongest first. A store of one region is always as good as the strongest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ConsistencyLevel {
    /// Not at all.
    Strong,
    /// By so many changes or so long.
    BoundedStaleness,
    /// Not behind what the session has seen.
    #[default]
    Session,
    /// In order.
    ConsistentPrefix,
    /// In any way.
    Eventual,
}

impl ConsistencyLevel {
    const ALL: [Self; 5] =
        [Self::Strong, Self::BoundedStaleness, Self::Session, Self::ConsistentPrefix, Self::Eventual];

    /// As it travels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strong => "Strong",
            Self::BoundedStaleness => "BoundedStaleness",
            Self::Session => "Session",
            Self::ConsistentPrefix => "ConsistentPrefix",
            Self::Eventual => "Eventual",
        }
    }

    /// Refuses a request that asks for more than the account promises.
    ///
    /// # Errors
    /// 400 for a stronger level, and for a word that is none.
    pub fn check_requested(self, requested: &str) -> Result<(), DocumentError> {
        let requested: Self = requested.parse()?;
        if requested < self {
            return Err(DocumentError::bad_request(format!(
                "ConsistencyLevel {requested} specified in the request is invalid when service is configured with consistency \
                 level {self}. Ensure the request consistency level is not stronger than the service consistency level."
            )));
        }
        Ok(())
    }
}

impl fmt::Display for ConsistencyLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ConsistencyLevel {
    type Err = DocumentError;

    fn from_str(text: &str) -> Result<Self, DocumentError> {
        Self::ALL.into_iter().find(|level| level.as_str().eq_ignore_ascii_case(text)).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            DocumentError::bad_request(format!(
                "The consistency level '{shown}' is none: use Strong, BoundedStaleness, Session, ConsistentPrefix or Eventual"
            ))
        })
    }
}

/// What an operator sets of an account; kept as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AccountProperties {
    /// What reads promise unless they ask for less.
    pub default_consistency: ConsistencyLevel,
    /// Most bytes of items and attachments; none for the default of the installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota_bytes: Option<u64>,
}

/// The name of an account: 3 to 44 lower-case letters, digits and hyphens, not at either end a hyphen, never `localhost`,
/// which makes a client distrust the account (reference: section 0, trap 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountName(String);

impl AccountName {
    /// # Errors
    /// The rule that is broken.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        let character = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let fits = (3..=44).contains(&text.len())
            && text.bytes().all(character)
            && !text.starts_with('-')
            && !text.ends_with('-')
            && text != "localhost";
        if fits {
            return Ok(Self(text.to_owned()));
        }
        let shown: String = text.chars().take(60).collect();
        Err(DocumentError::bad_request(format!(
            "'{shown}' is no name for a document account: use 3 to 44 of a-z, 0-9 and '-' (not first or last), and not 'localhost'"
        )))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What `GET /` answers.
///
/// `endpoint` is where the client sends everything from now on: the scheme and host that it used, with a slash at the end.
pub fn account_body(name: &str, endpoint: &str, properties: &AccountProperties) -> String {
    let location = json!([{ "name": REGION, "databaseAccountEndpoint": endpoint }]);
    let mut consistency = json!({ "defaultConsistencyLevel": properties.default_consistency.as_str() });
    if properties.default_consistency == ConsistencyLevel::BoundedStaleness {
        consistency["maxStalenessPrefix"] = json!(100);
        consistency["maxIntervalInSeconds"] = json!(5);
    }
    json!({
        "_self": "",
        "id": name,
        "_rid": name,
        "media": "//media/",
        "addresses": "//addresses/",
        "_dbs": "//dbs/",
        "writableLocations": location,
        "readableLocations": location,
        "enableMultipleWriteLocations": false,
        // Says whether feeds of all versions are to be had everywhere; here each container decides.
        "continuousBackupEnabled": false,
        "enableNRegionSynchronousCommit": false,
        "enablePerPartitionFailoverBehavior": false,
        "disableCrossRegionalHedging": false,
        "userReplicationPolicy": { "asyncReplication": false, "minReplicaSetSize": 1, "maxReplicasetSize": 1 },
        "userConsistencyPolicy": consistency,
        "systemReplicationPolicy": { "minReplicaSetSize": 1, "maxReplicasetSize": 1, "asyncReplication": false },
        "readPolicy": { "primaryReadCoefficient": 1, "secondaryReadCoefficient": 1 },
        "queryEngineConfiguration": query_engine().to_string(),
    })
    .to_string()
}

/// Limits of queries, in the words of the service.
fn query_engine() -> serde_json::Value {
    json!({
        "allowNewKeywords": true,
        "maxJoinsPerSqlQuery": 10,
        "maxQueryRequestTimeoutFraction": 0.9,
        "maxSqlQueryInputLength": 524_288,
        "maxUdfRefPerSqlQuery": 10,
        "queryMaxInMemorySortDocumentCount": -1000,
        "spatialMaxGeometryPointCount": 256,
        "sqlAllowNonFiniteNumbers": false,
        "sqlAllowAggregateFunctions": true,
        "sqlAllowGroupByClause": true,
        "sqlAllowLike": true,
        "sqlAllowSubQuery": true,
        "sqlAllowScalarSubQuery": true,
        "sqlAllowTop": true,
        "maxLogicalAndPerSqlQuery": 2000,
        "maxLogicalOrPerSqlQuery": 2000,
        "maxInExpressionItemsCount": 16_000,
        "maxSpatialQueryCells": 12,
        "enableSpatialIndexing": true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_read_has_what_clients_look_for() {
        let properties =
            AccountProperties { default_consistency: ConsistencyLevel::BoundedStaleness, quota_bytes: None };
        let body: serde_json::Value =
            serde_json::from_str(&account_body("shop", "http://127.0.0.1:8081/", &properties)).unwrap();
        assert_eq!(body["id"], "shop");
        for locations in ["writableLocations", "readableLocations"] {
            assert_eq!(body[locations].as_array().unwrap().len(), 1, "one place to write, or clients go elsewhere");
            assert_eq!(body[locations][0]["databaseAccountEndpoint"], "http://127.0.0.1:8081/");
        }
        assert_eq!(body["userConsistencyPolicy"]["maxIntervalInSeconds"], 5);
        assert_eq!(body["userReplicationPolicy"]["maxReplicasetSize"], 1, "with a small s");
        let engine = body["queryEngineConfiguration"].as_str().expect("a text that holds JSON");
        assert!(serde_json::from_str::<serde_json::Value>(engine).unwrap().is_object());
        assert!(body.get("thinClientWritableLocations").is_none() && body.get("_etag").is_none());
    }

    #[test]
    fn a_request_may_ask_for_less_consistency_but_not_for_more() {
        let session = ConsistencyLevel::Session;
        for weaker in ["Session", "session", "ConsistentPrefix", "Eventual"] {
            assert!(session.check_requested(weaker).is_ok(), "{weaker}");
        }
        for wrong in ["Strong", "BoundedStaleness", "Best", ""] {
            assert_eq!(session.check_requested(wrong).unwrap_err().status, 400, "{wrong}");
        }
        assert!(ConsistencyLevel::Strong.check_requested("Strong").is_ok());
    }

    #[test]
    fn properties_of_other_versions_are_read_as_far_as_they_are_known() {
        let read = |text| serde_json::from_str::<AccountProperties>(text).unwrap();
        assert_eq!(read("{}"), AccountProperties::default());
        let known = read(r#"{"defaultConsistency":"Eventual","quotaBytes":5,"later":1}"#);
        assert_eq!(known, AccountProperties { default_consistency: ConsistencyLevel::Eventual, quota_bytes: Some(5) });
        assert_eq!(read(&serde_json::to_string(&known).unwrap()), known);
    }

    #[test]
    fn names_of_accounts_keep_the_rules() {
        for name in ["abc", "shop-1", "0ab", &"a".repeat(44)] {
            assert!(AccountName::parse(name).is_ok(), "{name}");
        }
        for name in ["ab", "localhost", "-ab", "ab-", "Abc", "a_b", "a.b", &"a".repeat(45), ""] {
            assert!(AccountName::parse(name).is_err(), "{name}");
        }
    }
}

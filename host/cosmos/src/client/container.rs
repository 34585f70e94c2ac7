//! Containers: what they are, how they are made, which partition key ranges they have.

use bytes::Bytes;
use hearth_outbound::Answer;
use http::{Method, StatusCode};
use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::CosmosClient;
use super::call::{Call, Session};
use super::database::DatabaseClient;
use super::error::{CosmosError, CosmosErrorKind};
use super::link::Link;
use super::partition_key::PartitionKeyDefinition;

/// Pages of ranges that are read before an endpoint that never says that this is all counts as done.
const MAX_RANGE_PAGES: usize = 1000;

/// A container, which need not be there.
#[derive(Clone, Debug)]
pub struct ContainerClient {
    pub(super) client: CosmosClient,
    database: Box<DatabaseClient>,
    id: String,
    pub(super) link: Link,
}

/// What a container is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ContainerProperties {
    /// Its id.
    pub id: String,
    /// Its RID: another one when a container is made anew under the same id.
    #[serde(rename = "_rid")]
    pub rid: String,
    /// What the partition key of its items is made of; no paths where it was made without.
    #[serde(default, rename = "partitionKey")]
    pub partition_key: PartitionKeyDefinition,
    /// Seconds after which items go; −1 for those that say so themselves only, none for never.
    #[serde(default, rename = "defaultTtl")]
    pub default_ttl: Option<i64>,
}

/// How a container is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewContainer {
    /// Paths of its partition key: one, or up to three of a hierarchical key.
    pub partition_key: Vec<String>,
    /// As [`ContainerProperties::default_ttl`].
    pub default_ttl: Option<i64>,
    /// Request units a second; the service's own choice without.
    pub throughput: Option<u32>,
    /// Minutes for which every version of every item is kept, for a feed of all versions; without it only the latest is to be had.
    pub retention_minutes: Option<u32>,
    /// The key to take on an account for Gremlin, which refuses `/id`.
    pub gremlin_partition_key: Option<String>,
}

impl NewContainer {
    /// With this partition key and nothing else said.
    pub fn with_key(path: &str) -> Self {
        Self {
            partition_key: vec![path.to_owned()],
            default_ttl: None,
            throughput: None,
            retention_minutes: None,
            gremlin_partition_key: None,
        }
    }

    /// As the Functions trigger makes containers for leases: by `/id`, or `/partitionKey` on an account for Gremlin, and items go when
    /// they say so (reference: section 9.3).
    pub fn for_leases(throughput: Option<u32>) -> Self {
        Self {
            default_ttl: Some(-1),
            throughput: throughput.filter(|units| *units > 0),
            gremlin_partition_key: Some("/partitionKey".to_owned()),
            ..Self::with_key("/id")
        }
    }
}

/// A partition key range.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Range {
    /// Its id, such as `0`.
    #[serde(deserialize_with = "text_or_number")]
    pub id: String,
    /// Lower bound of its effective partition keys, which belongs to it; empty for the first.
    #[serde(rename = "minInclusive")]
    pub min: String,
    /// Upper bound, which does not; `FF` for the last.
    #[serde(rename = "maxExclusive")]
    pub max: String,
    /// Ids of the ranges that it came from.
    #[serde(default)]
    pub parents: Vec<String>,
}

impl ContainerClient {
    pub(super) fn new(client: CosmosClient, database: &DatabaseClient, id: &str, link: &Link) -> Self {
        Self { client, database: Box::new(database.clone()), id: id.to_owned(), link: link.child("colls", id) }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The database that it is in.
    pub fn database(&self) -> &DatabaseClient {
        &self.database
    }

    /// The client of its account.
    pub fn client(&self) -> &CosmosClient {
        &self.client
    }

    /// For errors.
    pub(super) fn shown(&self) -> String {
        format!("the container '{}/{}'", self.database.id(), self.id)
    }

    /// What it is.
    ///
    /// # Errors
    /// [`CosmosErrorKind::NotFound`]; those of the service and the way to it.
    pub async fn read(&self) -> Result<ContainerProperties, CosmosError> {
        let call = Call::new(Method::GET, &self.link, None, format!("read {}", self.shown()));
        let answered = self.client.call(&call).await?;
        serde_json::from_slice(&answered.answer.body)
            .map_err(|_| self.client.no_sense(&call.doing, "the answer is no container"))
    }

    /// Makes it where it is missing, and its database too. What is there is left as it is.
    ///
    /// # Errors
    /// Those of the service and the way to it.
    pub async fn create_if_missing(&self, new: &NewContainer) -> Result<ContainerProperties, CosmosError> {
        match self.read().await {
            Err(error) if error.kind == CosmosErrorKind::NotFound => {}
            found => return found,
        }
        self.database.create_if_missing().await?;
        match self.create(new, &new.partition_key).await {
            Err(error)
                if error.status == Some(StatusCode::BAD_REQUEST)
                    && error.reason().to_ascii_lowercase().contains("gremlin")
                    && new.gremlin_partition_key.is_some() =>
            {
                self.create(new, new.gremlin_partition_key.as_slice()).await?;
            }
            // Somebody else has made it, or this, and the answer was lost.
            Err(error) if error.kind == CosmosErrorKind::Exists || error.may_have_been_done => {}
            created => created?,
        }
        self.read().await
    }

    async fn create(&self, new: &NewContainer, paths: &[String]) -> Result<(), CosmosError> {
        let kind = if paths.len() > 1 { "MultiHash" } else { "Hash" };
        let mut body = json!({ "id": self.id, "partitionKey": { "paths": paths, "kind": kind, "version": 2 } });
        if let Some(seconds) = new.default_ttl {
            body["defaultTtl"] = seconds.into();
        }
        if let Some(minutes) = new.retention_minutes {
            body["changeFeedPolicy"] = json!({ "retentionDuration": minutes });
        }
        let parent = self.database.link();
        let mut call = Call::new(Method::POST, parent, Some("colls"), format!("create {}", self.shown()));
        if let Some(units) = new.throughput {
            call.headers.set("x-ms-offer-throughput", &units.to_string());
        }
        call.body = Bytes::from(body.to_string());
        self.client.call(&call).await?;
        Ok(())
    }

    /// Its partition key ranges as they are now, in the order of keys. Endpoints tell them in pages, the last of which is none (304).
    ///
    /// # Errors
    /// [`CosmosErrorKind::NotFound`]; those of the service and the way to it.
    pub async fn ranges(&self) -> Result<Vec<Range>, CosmosError> {
        #[derive(Deserialize)]
        struct Page {
            #[serde(rename = "PartitionKeyRanges")]
            ranges: Vec<Range>,
        }
        let doing = format!("read the partition key ranges of {}", self.shown());
        let mut ranges: Vec<Range> = Vec::new();
        let mut etag: Option<String> = None;
        for _ in 0..MAX_RANGE_PAGES {
            let mut call = Call::new(Method::GET, &self.link, Some("pkranges"), doing.clone());
            call.headers.set("a-im", "Incremental Feed");
            call.headers.set("x-ms-max-item-count", "-1");
            if let Some(etag) = &etag {
                call.headers.set("if-none-match", etag);
            }
            let answer = self.client.call(&call).await?.answer;
            if answer.status == StatusCode::NOT_MODIFIED {
                break;
            }
            let page: Page = serde_json::from_slice(&answer.body)
                .map_err(|_| self.client.no_sense(&doing, "the answer is no list of ranges"))?;
            let before = ranges.len();
            for range in page.ranges {
                ranges.retain(|known| known.id != range.id);
                ranges.push(range);
            }
            let next = etag_of(&answer);
            // An endpoint without 304 tells the same again and again.
            if next.is_none() || (next == etag && ranges.len() == before) {
                break;
            }
            etag = next;
        }
        let gone: Vec<String> = ranges.iter().flat_map(|range| range.parents.iter().cloned()).collect();
        ranges.retain(|range| !gone.contains(&range.id));
        ranges.sort_by(|one, other| one.min.cmp(&other.min));
        if ranges.is_empty() {
            return Err(self.client.no_sense(&doing, "the container has no partition key ranges"));
        }
        let ids: Vec<&str> = ranges.iter().map(|range| range.id.as_str()).collect();
        self.client.0.sessions.retain(&self.link.name, &ids);
        Ok(ranges)
    }

    /// Deletes it with everything in it; that it is not there is no error.
    ///
    /// # Errors
    /// Those of the service and the way to it.
    pub async fn delete(&self) -> Result<(), CosmosError> {
        let mut call = Call::new(Method::DELETE, &self.link, None, format!("delete {}", self.shown()));
        call.session = Session::Without;
        self.client.0.sessions.forget(&self.link.name);
        match self.client.call(&call).await {
            Err(failed) if failed.error.kind != CosmosErrorKind::NotFound => Err(failed.into()),
            _ => Ok(()),
        }
    }
}

/// An id, which emulators have been seen to send as a number.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Id {
        Text(String),
        Number(u64),
    }
    Ok(match Id::deserialize(deserializer)? {
        Id::Text(text) => text,
        Id::Number(number) => number.to_string(),
    })
}

/// The `etag` of an answer, quotes included.
pub(super) fn etag_of(answer: &Answer) -> Option<String> {
    answer.headers.get("etag").and_then(|value| value.to_str().ok()).map(str::to_owned)
}

//! Queries (reference: Cosmos DB, section 5.1). The endpoint answers them alone. The document store of a Hearth answers all; gateways
//! of Azure refuse, with 400/1004, what would have to be put together of the answers of several ranges: `ORDER BY`, `TOP`, `DISTINCT`,
//! aggregates over all keys of a container with more ranges than one.

use bytes::Bytes;
use http::Method;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::call::{Call, Session};
use super::container::ContainerClient;
use super::error::CosmosError;
use super::partition_key::PartitionKey;
use super::retry::Safety;

/// A query with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    text: String,
    parameters: Vec<(String, Value)>,
}

impl Query {
    /// Without parameters.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), parameters: Vec::new() }
    }

    /// With a parameter more, whose name begins with `@`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.parameters.push((name.to_owned(), value.into()));
        self
    }

    fn body(&self) -> Bytes {
        let parameters: Vec<Value> =
            self.parameters.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        Bytes::from(json!({ "query": self.text, "parameters": parameters }).to_string())
    }
}

/// Which items are asked.
#[derive(Clone, Copy, Debug)]
pub enum QueryScope<'a> {
    /// All of the container.
    Container,
    /// Those of one partition key.
    Key(&'a PartitionKey),
    /// Those of one partition key range, by its id.
    Range(&'a str),
}

/// A page of rows.
#[derive(Debug, Default)]
pub struct QueryPage {
    /// The rows, each as the JSON text that came.
    pub rows: Vec<Box<RawValue>>,
    /// What the next page begins after; none when this is the last. A page may be empty and not be the last.
    pub continuation: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "Documents")]
    rows: Vec<Box<RawValue>>,
}

impl ContainerClient {
    /// A page of the answer to a query, of `most` rows if that is said.
    ///
    /// # Errors
    /// [`super::CosmosErrorKind::Refused`] for a query that can't be understood or answered by the endpoint alone;
    /// [`super::CosmosErrorKind::RangeGone`] for a range that is no longer there; those of the service and the way to it.
    pub async fn query_page(
        &self,
        query: &Query,
        scope: QueryScope<'_>,
        continuation: Option<&str>,
        most: Option<u32>,
    ) -> Result<QueryPage, CosmosError> {
        let mut call = Call::new(Method::POST, &self.link, Some("docs"), format!("query {}", self.shown()));
        call.safety = Safety::Repeatable;
        call.session = Session::Container(&self.link);
        call.body = query.body();
        call.headers.set("content-type", "application/query+json");
        call.headers.set("x-ms-documentdb-isquery", "True");
        call.headers.set("x-ms-max-item-count", &most.map_or_else(|| "-1".to_owned(), |most| most.to_string()));
        match scope {
            QueryScope::Container => call.headers.set("x-ms-documentdb-query-enablecrosspartition", "True"),
            QueryScope::Key(key) => call.headers.set("x-ms-documentdb-partitionkey", key.as_str()),
            QueryScope::Range(range) => {
                call.headers.set("x-ms-documentdb-query-enablecrosspartition", "True");
                call.headers.set("x-ms-documentdb-partitionkeyrangeid", range);
                call.session = Session::Range(&self.link, range);
                call.surfaces_gone = true;
            }
        }
        if let Some(continuation) = continuation {
            call.headers.set("x-ms-continuation", continuation);
        }
        let answer = self.client.call(&call).await?.answer;
        let body: Body = serde_json::from_slice(&answer.body)
            .map_err(|_| self.client.no_sense(&call.doing, "the answer is no list of documents"))?;
        let continuation = answer.headers.get("x-ms-continuation").and_then(|value| value.to_str().ok());
        let continuation = continuation.filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(QueryPage { rows: body.rows, continuation })
    }

    /// The whole answer to a query, of at most `most` rows; what comes after them is not asked for.
    ///
    /// # Errors
    /// As [`Self::query_page`].
    pub async fn query(
        &self,
        query: &Query,
        scope: QueryScope<'_>,
        most: usize,
    ) -> Result<Vec<Box<RawValue>>, CosmosError> {
        let mut rows = Vec::new();
        let mut continuation: Option<String> = None;
        loop {
            let page = self.query_page(query, scope, continuation.as_deref(), None).await?;
            rows.extend(page.rows);
            continuation = page.continuation;
            if rows.len() >= most || continuation.is_none() {
                rows.truncate(most);
                return Ok(rows);
            }
        }
    }
}

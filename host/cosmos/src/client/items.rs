//! Items: JSON text in, JSON text out, so that numbers and the order of properties stay as they are.

use bytes::Bytes;
use hearth_outbound::Answer;
use http::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::call::{Call, Failed, Session};
use super::container::{ContainerClient, etag_of};
use super::error::{CosmosError, CosmosErrorKind};
use super::link::Link;
use super::partition_key::PartitionKey;
use super::retry::Safety;

/// Properties that the service gives; what is written need not have them.
const SYSTEM: [&str; 6] = ["_rid", "_self", "_etag", "_ts", "_attachments", "_lsn"];

/// An item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its JSON text, system properties included.
    pub text: String,
    /// Its version, quotes included.
    pub etag: String,
}

impl Item {
    /// Reads it.
    ///
    /// # Errors
    /// When it is not as the type wants it.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.text)
    }
}

/// What came of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The item's version now, quotes included.
    pub etag: String,
    /// Whether there was no item before.
    pub created: bool,
}

impl ContainerClient {
    /// An item; none if there is no such one.
    ///
    /// # Errors
    /// [`CosmosErrorKind::NotFound`] when the container is not there, as far as the endpoint tells that apart; those of the service and
    /// the way to it.
    pub async fn read_item(&self, id: &str, key: &PartitionKey) -> Result<Option<Item>, CosmosError> {
        let link = self.link.child("docs", id);
        let call = self.of_item(Method::GET, &link, None, key, "read an item of");
        match self.client.call(&call).await {
            Ok(answered) => {
                let answer = answered.answer;
                let etag = self.version(&call.doing, &answer)?;
                let text = String::from_utf8(answer.body.into())
                    .map_err(|_| self.client.no_sense(&call.doing, "the answer is no UTF-8"))?;
                Ok(Some(Item { text, etag }))
            }
            Err(failed) if failed.error.kind == CosmosErrorKind::NotFound && !failed.error.is_owner_missing() => {
                Ok(None)
            }
            Err(failed) => Err(failed.into()),
        }
    }

    /// Makes an item from JSON text that holds its `id` and its key. It is not made again when the answer is lost: then
    /// [`CosmosError::may_have_been_done`].
    ///
    /// # Errors
    /// [`CosmosErrorKind::Exists`]; those of the service and the way to it.
    pub async fn create_item(&self, key: &PartitionKey, text: &str) -> Result<Written, CosmosError> {
        let mut call = self.of_item(Method::POST, &self.link, Some("docs"), key, "create an item in");
        call.body = Bytes::copy_from_slice(text.as_bytes());
        call.headers.set("prefer", "return=minimal");
        let answered = self.client.call(&call).await?;
        Ok(Written { etag: self.version(&call.doing, &answered.answer)?, created: true })
    }

    /// Makes an item or puts it in place of the one of its id; with `if_match` only in place of that version.
    ///
    /// # Errors
    /// [`CosmosErrorKind::Changed`]; those of the service and the way to it.
    pub async fn upsert_item(
        &self,
        key: &PartitionKey,
        text: &str,
        if_match: Option<&str>,
    ) -> Result<Written, CosmosError> {
        let mut call = self.of_item(Method::POST, &self.link, Some("docs"), key, "upsert an item in");
        call.headers.set("x-ms-documentdb-is-upsert", "True");
        call.safety = Safety::Repeatable;
        self.put(call, key, text, if_match).await
    }

    /// Puts JSON text in place of an item; with `if_match` only of that version.
    ///
    /// # Errors
    /// [`CosmosErrorKind::NotFound`], [`CosmosErrorKind::Changed`]; those of the service and the way to it.
    pub async fn replace_item(
        &self,
        id: &str,
        key: &PartitionKey,
        text: &str,
        if_match: Option<&str>,
    ) -> Result<Written, CosmosError> {
        let link = self.link.child("docs", id);
        let call = self.of_item(Method::PUT, &link, None, key, "replace an item of");
        self.put(call, key, text, if_match).await
    }

    /// Deletes an item; with `if_match` only of that version.
    ///
    /// # Errors
    /// [`CosmosErrorKind::NotFound`], [`CosmosErrorKind::Changed`]; those of the service and the way to it.
    pub async fn delete_item(&self, id: &str, key: &PartitionKey, if_match: Option<&str>) -> Result<(), CosmosError> {
        let link = self.link.child("docs", id);
        let mut call = self.of_item(Method::DELETE, &link, None, key, "delete an item of");
        if let Some(etag) = if_match {
            call.headers.set("if-match", etag);
        }
        match self.client.call(&call).await {
            // The attempt before has done it.
            Err(Failed { error, repeated: true }) if error.kind == CosmosErrorKind::NotFound => Ok(()),
            result => result.map(drop).map_err(CosmosError::from),
        }
    }

    fn of_item<'a>(
        &'a self,
        method: Method,
        link: &'a Link,
        feed: Option<&'static str>,
        key: &PartitionKey,
        doing: &str,
    ) -> Call<'a> {
        let mut call = Call::new(method, link, feed, format!("{doing} {}", self.shown()));
        call.headers.set("x-ms-documentdb-partitionkey", key.as_str());
        call.session = Session::Container(&self.link);
        call
    }

    async fn put(
        &self,
        mut call: Call<'_>,
        key: &PartitionKey,
        text: &str,
        if_match: Option<&str>,
    ) -> Result<Written, CosmosError> {
        call.body = Bytes::copy_from_slice(text.as_bytes());
        call.headers.set("prefer", "return=minimal");
        if let Some(etag) = if_match {
            call.headers.set("if-match", etag);
        }
        let failed = match self.client.call(&call).await {
            Ok(answered) => {
                let created = answered.answer.status == StatusCode::CREATED && !answered.repeated;
                return Ok(Written { etag: self.version(&call.doing, &answered.answer)?, created });
            }
            Err(failed) => failed,
        };
        // The version that is in the way may be the one that an attempt before this one made.
        if failed.repeated
            && failed.error.kind == CosmosErrorKind::Changed
            && let Some(sent) = serde_json::from_str(text).ok().and_then(content)
            && let Some(id) = sent.get("id").and_then(Value::as_str)
            && let Some(item) = self.read_item(id, key).await?
            && item.parse().ok().and_then(content).as_ref() == Some(&sent)
        {
            return Ok(Written { etag: item.etag, created: false });
        }
        Err(failed.into())
    }

    /// The version that an answer tells: in a header, or where an endpoint has none, in the item.
    fn version(&self, doing: &str, answer: &Answer) -> Result<String, CosmosError> {
        let in_body = || match serde_json::from_slice(&answer.body) {
            Ok(Value::Object(mut item)) => match item.remove("_etag") {
                Some(Value::String(etag)) => Some(etag),
                _ => None,
            },
            _ => None,
        };
        etag_of(answer).or_else(in_body).ok_or_else(|| self.client.no_sense(doing, "the answer has no etag"))
    }
}

/// What of an item its writer decides.
fn content(item: Value) -> Option<Map<String, Value>> {
    let Value::Object(mut item) = item else { return None };
    for name in SYSTEM {
        item.remove(name);
    }
    Some(item)
}

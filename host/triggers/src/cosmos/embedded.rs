//! An account of the embedded store, by library call: its feeds wait in process, and its leases cost no request.

mod feed;
mod leases;

use std::sync::Arc;
use std::time::Duration;

use hearth_cosmos::processor::{FeedError, FeedErrorKind, LeaseStoreError, LeaseStoreErrorKind};
use hearth_documents::protocol::{DocumentError, Link, substatus};
use hearth_documents::service::{
    ContainerRef, DocumentService, DocumentsError, ItemRequest, NewThroughput, WriteOptions,
};
use http::StatusCode;
use serde_json::json;

pub(super) use feed::EmbeddedFeed;
pub(super) use leases::EmbeddedLeases;

use super::account::{AccountError, LeaseContainer};

/// An account of the embedded store.
#[derive(Clone, Debug)]
pub struct EmbeddedAccount {
    service: DocumentService,
    name: Arc<str>,
    host: Arc<str>,
}

impl EmbeddedAccount {
    /// The account of this name. Leases are named after `host`, so that whoever reads the same feed with a client goes on with them: the
    /// host of the connection that led here, and where none did the account's name.
    pub fn new(service: &DocumentService, name: &str, host: &str) -> Self {
        Self { service: service.clone(), name: name.into(), host: host.into() }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn container<'a>(&'a self, database: &'a str, container: &'a str) -> ContainerRef<'a> {
        ContainerRef::new(&self.name, database, container)
    }

    /// What identifies a container among all of the store.
    pub(super) async fn rid(&self, database: &str, container: &str) -> Result<String, AccountError> {
        let found = self.service.container(self.container(database, container)).await?;
        Ok(found.rid.to_string())
    }

    /// Makes a container with its database, where they are missing.
    pub(super) async fn make_container(&self, new: &LeaseContainer<'_>) -> Result<(), AccountError> {
        let LeaseContainer { database, container, throughput } = *new;
        let databases = Link::parse("dbs").map_err(DocumentsError::from)?;
        let body = json!({ "id": database }).to_string();
        is_there(self.service.create_resource(&self.name, &databases, &body, &WriteOptions::default()).await)?;
        let path = format!("dbs/{}/colls", percent(database));
        let containers = Link::parse(&path).map_err(DocumentsError::from)?;
        let key = json!({ "paths": ["/id"], "kind": "Hash", "version": 2 });
        let body = json!({ "id": container, "partitionKey": key, "defaultTtl": -1 }).to_string();
        let throughput = throughput.map(|units| NewThroughput::Fixed(units.into()));
        let options = WriteOptions { throughput, ..WriteOptions::default() };
        is_there(self.service.create_resource(&self.name, &containers, &body, &options).await)
    }

    /// Puts a document in place of one with its id. The container is partitioned by `/id`, or the document has what it is partitioned by.
    pub(super) async fn upsert(
        &self,
        database: &str,
        container: &str,
        id: &str,
        body: &str,
    ) -> Result<(), AccountError> {
        let request = ItemRequest::new(self.container(database, container), id, None);
        self.service.upsert_item(&request, body).await?;
        Ok(())
    }
}

/// That it is there already is as well.
fn is_there<T>(made: Result<T, DocumentsError>) -> Result<(), AccountError> {
    match made {
        Ok(_) => Ok(()),
        Err(error) if error.status() == Some(StatusCode::CONFLICT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn percent(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
}

impl From<DocumentsError> for AccountError {
    fn from(error: DocumentsError) -> Self {
        match error.status() {
            Some(StatusCode::NOT_FOUND) => Self::NotFound,
            Some(StatusCode::PAYLOAD_TOO_LARGE) => Self::TooLarge,
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// What keeps the processor from an answer: its meaning, and when to ask again.
enum Refusal {
    RangeGone,
    Passing(Option<Duration>),
    NotFound,
    Exists,
    Changed,
    Refused,
}

fn refusal(error: &DocumentsError) -> Refusal {
    let refused = match error {
        DocumentsError::State(_) => return Refusal::Passing(None),
        DocumentsError::Refused(refused) => refused,
    };
    let DocumentError { status, substatus, retry_after, .. } = refused;
    match (*status, *substatus) {
        (StatusCode::GONE, substatus::PARTITION_KEY_RANGE_GONE) => Refusal::RangeGone,
        (StatusCode::BAD_REQUEST, substatus::COLLECTION_RID_MISMATCH) | (StatusCode::NOT_FOUND, _) => Refusal::NotFound,
        (StatusCode::CONFLICT, _) => Refusal::Exists,
        (StatusCode::PRECONDITION_FAILED, _) => Refusal::Changed,
        (StatusCode::GONE | StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT, _) => {
            Refusal::Passing(*retry_after)
        }
        (status, _) if status.is_server_error() || status.as_u16() == 449 => Refusal::Passing(*retry_after),
        _ => Refusal::Refused,
    }
}

fn feed_error(error: &DocumentsError) -> FeedError {
    let (kind, retry_after) = match refusal(error) {
        Refusal::RangeGone => (FeedErrorKind::RangeGone, None),
        Refusal::Passing(after) => (FeedErrorKind::Passing, after),
        Refusal::NotFound => (FeedErrorKind::NotFound, None),
        Refusal::Exists | Refusal::Changed | Refusal::Refused => (FeedErrorKind::Refused, None),
    };
    FeedError { kind, message: error.to_string(), retry_after }
}

fn lease_error(error: &DocumentsError) -> LeaseStoreError {
    let (kind, retry_after) = match refusal(error) {
        Refusal::Exists => (LeaseStoreErrorKind::Exists, None),
        Refusal::Changed => (LeaseStoreErrorKind::Changed, None),
        Refusal::NotFound => (LeaseStoreErrorKind::NotFound, None),
        Refusal::Passing(after) => (LeaseStoreErrorKind::Passing, after),
        Refusal::RangeGone => (LeaseStoreErrorKind::Passing, None),
        Refusal::Refused => (LeaseStoreErrorKind::Refused, None),
    };
    LeaseStoreError { kind, message: error.to_string(), retry_after }
}

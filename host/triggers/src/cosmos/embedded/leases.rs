//! Leases in a container of the embedded store: the documents that clients elsewhere would find there too.

use std::time::Duration;

use hearth_cosmos::processor::{Lease, LeaseLock, LeaseStore, LeaseStoreError, LeaseStoreErrorKind};
use hearth_documents::protocol::ItemWriter;
use hearth_documents::service::{DocumentsError, ItemAnswer, ItemRequest, ListRequest, Scope};
use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{EmbeddedAccount, lease_error};

/// A lock that is so many times as old as it may get is nobody's, where the container lets no document expire.
const LOCK_AGE: u64 = 2;

/// A lease container.
#[derive(Clone, Debug)]
pub(in crate::cosmos) struct EmbeddedLeases {
    account: EmbeddedAccount,
    database: String,
    container: String,
    /// Whether documents are partitioned by a `partitionKey` of their own and not by their id.
    by_partition_key: bool,
}

impl EmbeddedLeases {
    /// The container, which must be there. Without a value: its partition key can't be used.
    pub(in crate::cosmos) async fn open(
        account: &EmbeddedAccount,
        database: &str,
        container: &str,
    ) -> Result<Option<Self>, DocumentsError> {
        let found = account.service.container(account.container(database, container)).await?;
        let definition = found.definition.partition_key();
        let by_partition_key = match definition.paths() {
            [path] if path.as_str() == "/id" => false,
            [path] if path.as_str() == "/partitionKey" => true,
            _ => return Ok(None),
        };
        let (database, container) = (database.to_owned(), container.to_owned());
        Ok(Some(Self { account: account.clone(), database, container, by_partition_key }))
    }

    fn key(&self, id: &str, partition_key: Option<&str>) -> String {
        let key = if self.by_partition_key { partition_key.unwrap_or(id) } else { id };
        json!([key]).to_string()
    }

    fn request<'a>(&'a self, id: &'a str, key: &'a str) -> ItemRequest<'a> {
        ItemRequest::new(self.account.container(&self.database, &self.container), id, Some(key))
    }

    /// A document as JSON, with what the store adds.
    fn text(answer: &ItemAnswer) -> Option<String> {
        let item = answer.item.as_ref()?;
        let mut text = String::new();
        ItemWriter::new(answer.container.rid).write(
            &mut text,
            &item.body,
            item.number,
            item.version,
            item.timestamp,
            None,
        );
        Some(text)
    }

    fn lease(answer: &ItemAnswer) -> Result<Lease, LeaseStoreError> {
        Lease::from_json(&Self::text(answer).unwrap_or_default()).map_err(unreadable)
    }

    /// A document that is none of the leases.
    fn document(&self, id: &str, ttl: Option<Duration>) -> String {
        let mut document = json!({ "id": id });
        if self.by_partition_key {
            document["partitionKey"] = id.into();
        }
        if let Some(ttl) = ttl {
            document["ttl"] = ttl.as_secs().max(1).into();
        }
        document.to_string()
    }

    async fn make_lock(&self, id: &str, ttl: Duration) -> Result<Option<LeaseLock>, DocumentsError> {
        let key = self.key(id, None);
        let made = self.account.service.create_item(&self.request(id, &key), &self.document(id, Some(ttl))).await;
        match made {
            Ok(answer) => {
                let etag = Self::text(&answer).and_then(|text| serde_json::from_str::<Value>(&text).ok());
                let etag = etag.and_then(|document| document["_etag"].as_str().map(str::to_owned)).unwrap_or_default();
                Ok(Some(LeaseLock { id: id.to_owned(), etag }))
            }
            Err(error) if error.status() == Some(StatusCode::CONFLICT) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the lock that is there should have gone long ago.
    async fn is_left_over(&self, id: &str) -> Result<bool, DocumentsError> {
        let key = self.key(id, None);
        let read = match self.account.service.read_item(&self.request(id, &key)).await {
            Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => return Ok(true),
            read => read?,
        };
        let Some(item) = read.item else { return Ok(true) };
        let document: Value = serde_json::from_str(&item.body).unwrap_or_default();
        let age = self.account.service.clock().now().as_micros().div_euclid(1_000_000).saturating_sub(item.timestamp);
        let most = document["ttl"].as_u64().unwrap_or(30).saturating_mul(LOCK_AGE);
        Ok(u64::try_from(age).is_ok_and(|age| age > most))
    }
}

impl LeaseStore for EmbeddedLeases {
    async fn list(&self, prefix: &str) -> Result<Vec<Lease>, LeaseStoreError> {
        let mut leases = Vec::new();
        let mut continuation: Option<String> = None;
        loop {
            let request = ListRequest {
                container: self.account.container(&self.database, &self.container),
                scope: Scope::default(),
                continuation: continuation.as_deref(),
                max_items: Some(1000),
            };
            let page = self.account.service.list_items(&request).await.map_err(|error| lease_error(&error))?;
            let writer = ItemWriter::new(page.container.rid);
            for item in page.items.iter().filter(|item| item.id.starts_with(prefix)) {
                let mut text = String::new();
                writer.write_stored(&mut text, item, false);
                leases.push(Lease::from_json(&text).map_err(unreadable)?);
            }
            continuation = page.continuation;
            if continuation.is_none() {
                return Ok(leases);
            }
        }
    }

    async fn read(&self, lease: &Lease) -> Result<Lease, LeaseStoreError> {
        let key = self.key(&lease.id, lease.partition_key.as_deref());
        let read = self.account.service.read_item(&self.request(&lease.id, &key)).await;
        Self::lease(&read.map_err(|error| lease_error(&error))?)
    }

    async fn create(&self, lease: &Lease) -> Result<Lease, LeaseStoreError> {
        let mut lease = lease.clone();
        if self.by_partition_key && lease.partition_key.is_none() {
            lease.partition_key = Some(Uuid::new_v4().to_string());
        }
        let key = self.key(&lease.id, lease.partition_key.as_deref());
        let made = self.account.service.create_item(&self.request(&lease.id, &key), &lease.to_json()).await;
        Self::lease(&made.map_err(|error| lease_error(&error))?)
    }

    async fn replace(&self, lease: &Lease) -> Result<Lease, LeaseStoreError> {
        let key = self.key(&lease.id, lease.partition_key.as_deref());
        let request = ItemRequest { if_match: Some(&lease.etag), ..self.request(&lease.id, &key) };
        let replaced = self.account.service.replace_item(&request, &lease.to_json()).await;
        Self::lease(&replaced.map_err(|error| lease_error(&error))?)
    }

    async fn delete(&self, lease: &Lease) -> Result<(), LeaseStoreError> {
        let key = self.key(&lease.id, lease.partition_key.as_deref());
        let request = ItemRequest { if_match: Some(&lease.etag), ..self.request(&lease.id, &key) };
        self.account.service.delete_item(&request).await.map(drop).map_err(|error| lease_error(&error))
    }

    async fn is_marked(&self, id: &str) -> Result<bool, LeaseStoreError> {
        let key = self.key(id, None);
        match self.account.service.read_item(&self.request(id, &key)).await {
            Ok(_) => Ok(true),
            Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => Ok(false),
            Err(error) => Err(lease_error(&error)),
        }
    }

    async fn mark(&self, id: &str) -> Result<(), LeaseStoreError> {
        let key = self.key(id, None);
        match self.account.service.create_item(&self.request(id, &key), &self.document(id, None)).await {
            Ok(_) => Ok(()),
            Err(error) if error.status() == Some(StatusCode::CONFLICT) => Ok(()),
            Err(error) => Err(lease_error(&error)),
        }
    }

    async fn lock(&self, id: &str, ttl: Duration) -> Result<Option<LeaseLock>, LeaseStoreError> {
        let failed = |error: DocumentsError| lease_error(&error);
        if let Some(lock) = self.make_lock(id, ttl).await.map_err(failed)? {
            return Ok(Some(lock));
        }
        if !self.is_left_over(id).await.map_err(failed)? {
            return Ok(None);
        }
        let key = self.key(id, None);
        match self.account.service.delete_item(&self.request(id, &key)).await {
            Ok(_) => {}
            Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => {}
            Err(error) => return Err(failed(error)),
        }
        self.make_lock(id, ttl).await.map_err(failed)
    }

    async fn unlock(&self, lock: &LeaseLock) -> Result<(), LeaseStoreError> {
        let key = self.key(&lock.id, None);
        let request = ItemRequest { if_match: Some(&lock.etag), ..self.request(&lock.id, &key) };
        match self.account.service.delete_item(&request).await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.status(), Some(StatusCode::NOT_FOUND | StatusCode::PRECONDITION_FAILED)) => {
                Ok(())
            }
            Err(error) => Err(lease_error(&error)),
        }
    }
}

fn unreadable(error: String) -> LeaseStoreError {
    LeaseStoreError::new(LeaseStoreErrorKind::Refused, error)
}

//! Containers as the store knows them: read once by name or RID, and known until host state says that they are not so any more.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use hearth_state::StateError;
use hearth_state::documents::{RangePlace, ResourceKind, StoredResource};
use http::{HeaderValue, StatusCode};

use super::{DocumentService, DocumentsError};
use crate::protocol::{ContainerDefinition, DocumentError, ItemWriter, Rid, substatus};

/// Containers that are remembered; then all are forgotten.
const REMEMBERED: usize = 10_000;
/// How often a container is read again for one request before its caller is told to look for it anew.
const LOADS: u32 = 4;

/// Which container of which account. Each segment is a name or, where nothing has that name, a RID.
#[derive(Clone, Copy, Debug)]
pub struct ContainerRef<'a> {
    /// Name of the account.
    pub account: &'a str,
    /// The database.
    pub database: &'a str,
    /// The container.
    pub container: &'a str,
    /// The RID of the container that the caller has in mind (`x-ms-cosmos-intended-collection-rid`).
    pub intended_rid: Option<&'a str>,
}

impl<'a> ContainerRef<'a> {
    /// A container of an account.
    pub const fn new(account: &'a str, database: &'a str, container: &'a str) -> Self {
        Self { account, database, container, intended_rid: None }
    }
}

/// A container.
#[derive(Debug)]
pub struct Container {
    /// Name of the account.
    pub account: Arc<str>,
    /// Name of the database.
    pub database: String,
    /// Its name.
    pub name: String,
    /// Its RID.
    pub rid: Rid,
    /// Its number: the eight bytes of its RID, big endian.
    pub number: i64,
    /// What it is defined as.
    pub definition: ContainerDefinition,
    /// Its ranges by effective partition key; they leave no gap.
    pub ranges: Vec<Range>,
    /// Request units per second of each range; only where budgets are kept.
    pub(super) throughput: Option<f64>,
    /// Writes its items; made once, as are the headers that name it in every answer about them.
    pub(crate) writer: ItemWriter,
    /// `x-ms-content-path`: its RID.
    pub(crate) content_path: HeaderValue,
    /// `x-ms-alt-content-path`: its name path; none where it cannot travel.
    pub(crate) alternative_path: Option<HeaderValue>,
}

/// A partition key range.
#[derive(Clone, Debug)]
pub struct Range {
    /// Its number.
    pub id: i64,
    /// The lowest effective partition key.
    pub from: Vec<u8>,
    /// The one that is too high; none for no bound.
    pub to: Option<Vec<u8>>,
    /// Where its items are done things with.
    pub place: RangePlace,
}

impl Container {
    /// The range that a key lies in.
    pub fn range_of(&self, effective_key: &[u8]) -> &Range {
        let after = self.ranges.partition_point(|range| range.from.as_slice() <= effective_key);
        &self.ranges[after.saturating_sub(1)]
    }

    /// The range of this number.
    pub fn range(&self, id: i64) -> Option<&Range> {
        self.ranges.iter().find(|range| range.id == id)
    }

    /// Whether every change is kept for a while.
    pub fn keeps_history(&self) -> bool {
        self.definition.change_feed_retention().is_some()
    }

    /// Name path, as answers tell it: `dbs/d/colls/c`.
    pub fn path(&self) -> String {
        format!("dbs/{}/colls/{}", self.database, self.name)
    }
}

#[derive(Debug, Default)]
pub(super) struct Cache(RwLock<HashMap<String, Arc<Container>>>);

impl Cache {
    fn get(&self, key: &str) -> Option<Arc<Container>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn put(&self, key: String, container: &Arc<Container>) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert(key, Arc::clone(container));
    }

    /// Forgets a container, unless another was put in its place meanwhile.
    fn forget(&self, key: &str, container: &Arc<Container>) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.get(key).is_some_and(|known| Arc::ptr_eq(known, container)) {
            all.remove(key);
        }
    }
}

/// A container for one request: as it is known, and read again each time that turned out not to be so any more.
pub(super) struct Lookup<'a> {
    service: &'a DocumentService,
    at: ContainerRef<'a>,
    key: String,
    last: Option<Arc<Container>>,
    loads: u32,
}

impl Lookup<'_> {
    /// The container; from the second call on, without what the calls before answered.
    ///
    /// # Errors
    /// 404 with sub-status 1003 when there is none, 400 with sub-status 1024 when it is not the one that the caller has in mind, 410
    /// with sub-status 1000 when it changes faster than it can be read; those of host state.
    pub(super) async fn next(&mut self) -> Result<Arc<Container>, DocumentsError> {
        let cache = &self.service.0.containers;
        if let Some(stale) = self.last.take() {
            cache.forget(&self.key, &stale);
        }
        loop {
            let container = match cache.get(&self.key) {
                Some(known) => known,
                None => self.load().await?,
            };
            if let Some(intended) = self.at.intended_rid
                && intended.parse() != Ok(container.rid)
            {
                if self.loads == 0 {
                    // It may be another one under the same name by now.
                    cache.forget(&self.key, &container);
                    continue;
                }
                return Err(mismatch().into());
            }
            self.last = Some(Arc::clone(&container));
            return Ok(container);
        }
    }

    /// As [`Self::next`], for a request about one range: a container that is known without it may have got it since.
    ///
    /// # Errors
    /// Those of [`Self::next`].
    pub(super) async fn next_with(&mut self, range: Option<&str>) -> Result<Arc<Container>, DocumentsError> {
        let container = self.next().await?;
        let there = |range: &str| range.parse().is_ok_and(|id| container.range(id).is_some());
        if self.loads == 0 && !range.is_none_or(there) {
            return self.next().await;
        }
        Ok(container)
    }

    async fn load(&mut self) -> Result<Arc<Container>, DocumentsError> {
        self.loads += 1;
        if self.loads > LOADS {
            return Err(changing().into());
        }
        let container = Arc::new(self.service.load_container(self.at).await?);
        self.service.0.containers.put(self.key.clone(), &container);
        Ok(container)
    }
}

impl DocumentService {
    /// A container, as it is known. What was changed elsewhere is noticed by the first operation on its items.
    ///
    /// # Errors
    /// 404 with sub-status 1003 when there is none; those of host state.
    pub async fn container(&self, at: ContainerRef<'_>) -> Result<Arc<Container>, DocumentsError> {
        self.lookup(at).next().await
    }

    pub(super) fn lookup<'a>(&'a self, at: ContainerRef<'a>) -> Lookup<'a> {
        let ContainerRef { account, database, container, .. } = at;
        // No name has this character.
        let key = [account, database, container].join("/");
        Lookup { service: self, at, key, last: None, loads: 0 }
    }

    async fn load_container(&self, at: ContainerRef<'_>) -> Result<Container, DocumentsError> {
        let database = self.resource(at.account, ResourceKind::Database, "", at.database, 4).await?;
        let database = database.ok_or_else(DocumentError::owner_not_found)?;
        let stored = self.resource(at.account, ResourceKind::Container, &database.rid, at.container, 8).await?;
        let stored = stored.ok_or_else(DocumentError::owner_not_found)?;
        let rid = Rid::from_hex(&stored.rid).ok_or_else(|| {
            StateError::Corrupt(format!("the state database holds a container with the RID '{}'", stored.rid))
        })?;
        let number = rid.container_number();
        let ranges = self.0.database.documents().ranges(number).await?;
        if ranges.is_empty() {
            // It went between the two looks.
            return Err(DocumentError::owner_not_found().into());
        }
        let place = |range| RangePlace { container: number, range, definition: stored.version };
        let ranges = ranges.into_iter().map(|range| Range {
            id: range.range,
            place: place(range.range),
            from: range.from,
            to: Some(range.to).filter(|to| !to.is_empty()),
        });
        let ranges: Vec<Range> = ranges.collect();
        let throughput = self.range_throughput(at.account, &database, &stored, ranges.len()).await?;
        let path = format!("dbs/{}/colls/{}", database.name, stored.name);
        Ok(Container {
            // A RID is base64.
            content_path: HeaderValue::try_from(rid.to_string()).unwrap_or(HeaderValue::from_static("")),
            alternative_path: HeaderValue::try_from(path).ok(),
            writer: ItemWriter::new(rid),
            account: at.account.into(),
            database: database.name,
            name: stored.name,
            rid,
            number,
            definition: ContainerDefinition::stored(&stored.body)?,
            ranges,
            throughput,
        })
    }

    /// Request units per second of each range, where budgets are kept: a container's own, else those that its database has for all
    /// of its containers.
    async fn range_throughput(
        &self,
        account: &str,
        database: &StoredResource,
        container: &StoredResource,
        ranges: usize,
    ) -> Result<Option<f64>, StateError> {
        if !self.0.options.request_units {
            return Ok(None);
        }
        let resources = self.0.database.document_resources();
        for owner in [container, database] {
            let Some(offer) = resources.get(account, ResourceKind::Offer, "", &owner.rid).await? else { continue };
            let body: serde_json::Value = serde_json::from_str(&offer.body).unwrap_or_default();
            let content = &body["content"];
            let figure = content["offerAutopilotSettings"]["maxThroughput"]
                .as_f64()
                .or_else(|| content["offerThroughput"].as_f64());
            if let Some(figure) = figure {
                let ranges = u32::try_from(ranges).unwrap_or(u32::MAX).max(1);
                return Ok(Some(figure / f64::from(ranges)));
            }
        }
        Ok(None)
    }
}

/// 400/1024: clients look the container up again.
fn mismatch() -> DocumentError {
    let message = "The collection rid in the header x-ms-cosmos-intended-collection-rid is not that of the collection with this \
                   name, which was created anew: look it up again.";
    DocumentError::bad_request(message).with_substatus(substatus::COLLECTION_RID_MISMATCH)
}

/// 410/1000: clients look the container up again.
fn changing() -> DocumentError {
    DocumentError::new(StatusCode::GONE, "The container is being changed: look it up again.").with_substatus(1000)
}

//! The library over a real SQLite file, with a clock that stands still.

mod batch;
mod crash;
mod feeds;
mod items;
mod model;
mod queries;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hearth_model::clock::{ManualClock, Timestamp};
use hearth_state::documents::{NewContainer, NewResource, ResourceCreation, ResourceKind, StoredResource};
use hearth_state::{Database, Keyring, OpenOptions, StateUrl};

use super::*;
use crate::protocol::{ContainerDefinition, epk};

/// A service over a database of its own.
pub(super) struct Fixture {
    pub(super) service: DocumentService,
    pub(super) database: Database,
    pub(super) clock: Arc<ManualClock>,
    pub(super) directory: tempfile::TempDir,
}

/// The container that most tests use.
pub(super) const ITEMS: ContainerRef<'static> = ContainerRef::new("shop", "db", "items");

impl Fixture {
    /// With a database and the container `items` whose definition has these properties besides its id.
    pub(super) async fn new(definition: &str) -> Self {
        Self::with(definition, 1, ServiceOptions::default()).await
    }

    pub(super) async fn with(definition: &str, ranges: u32, options: ServiceOptions) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(1_800_000_000_000_000)));
        let (service, database) = open(directory.path(), &clock, options).await;
        let keyring = Keyring::load_or_create(&directory.path().join("key")).unwrap();
        assert!(database.document_accounts().create(&keyring, "shop").await.unwrap());
        create(&database, ResourceKind::Database, "", "db", r#"{"id":"db"}"#, None).await;
        let fixture = Self { service, database, clock, directory };
        fixture.create_container("items", definition, ranges).await;
        fixture
    }

    pub(super) async fn create_container(&self, name: &str, definition: &str, ranges: u32) -> StoredResource {
        let parent = self.stored("", ResourceKind::Database, "db").await.rid;
        let definition = ContainerDefinition::create(&format!("{{\"id\":\"{name}\",{definition}}}")).unwrap();
        let ranges: Vec<_> = epk::split(definition.partition_key(), ranges)
            .into_iter()
            .map(|(from, to)| (from, to.unwrap_or_default()))
            .collect();
        let keeps_history = definition.change_feed_retention().is_some();
        let container = NewContainer { ranges: &ranges, keeps_history };
        let text = definition.text();
        create(&self.database, ResourceKind::Container, &parent, name, text, Some(container)).await
    }

    pub(super) async fn stored(&self, parent: &str, kind: ResourceKind, name: &str) -> StoredResource {
        self.database.document_resources().get("shop", kind, parent, name).await.unwrap().unwrap()
    }

    pub(super) async fn container(&self) -> StoredResource {
        let parent = self.stored("", ResourceKind::Database, "db").await.rid;
        self.stored(&parent, ResourceKind::Container, "items").await
    }

    pub(super) async fn drop_container(&self) {
        let container = self.container().await;
        self.database.document_resources().delete(&container, None).await.unwrap();
    }

    /// Another service over the same database, as in another process.
    pub(super) async fn another(&self) -> DocumentService {
        open(self.directory.path(), &self.clock, ServiceOptions::default()).await.0
    }

    pub(super) async fn create(&self, body: &str) -> ItemAnswer {
        self.service.create_item(&request(""), body).await.unwrap()
    }

    pub(super) fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

async fn open(directory: &Path, clock: &Arc<ManualClock>, options: ServiceOptions) -> (DocumentService, Database) {
    let keyring = Keyring::load_or_create(&directory.join("key")).unwrap();
    let opening = OpenOptions { clock: Arc::clone(clock) as _, ..OpenOptions::default() };
    let database = Database::open(&StateUrl::sqlite(&directory.join("state.db")), opening).await.unwrap();
    (DocumentService::new(database.clone(), keyring, Arc::clone(clock) as _, options), database)
}

async fn create(
    database: &Database,
    kind: ResourceKind,
    parent: &str,
    name: &str,
    body: &str,
    container: Option<NewContainer<'_>>,
) -> StoredResource {
    let new = NewResource { account: "shop", kind, parent, name, body, container, offer: None };
    match database.document_resources().create(&new).await.unwrap() {
        ResourceCreation::Created(stored) => stored,
        other => panic!("{other:?}"),
    }
}

/// Of a container partitioned by `/pk`.
pub(super) const BY_PK: &str = r#""partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}"#;

/// A request about an item in the partition `["a"]`.
pub(super) fn request(id: &str) -> ItemRequest<'_> {
    ItemRequest::new(ITEMS, id, Some(r#"["a"]"#))
}

/// Status and sub-status of a refusal.
pub(super) fn refused<T: fmt::Debug>(result: Result<T, DocumentsError>) -> (u16, u32) {
    match result {
        Err(DocumentsError::Refused(error)) => (error.status.as_u16(), error.substatus),
        other => panic!("{other:?}"),
    }
}

/// A batch in the partition `["a"]`.
pub(super) fn batch_request() -> BatchRequest<'static> {
    BatchRequest { container: ITEMS, partition_key: Some(r#"["a"]"#), range: None, continue_on_error: false }
}

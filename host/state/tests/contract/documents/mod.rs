//! Items: one LSN per transaction, seen in order by whoever reads a feed, counted exactly, gone when they expire.

mod accounts;
mod attachments;
mod containers;
mod expiry;
mod history;
mod order;
mod pages;
mod random;
mod resources;
mod transactions;

use std::sync::Arc;

use hearth_state::documents::{
    AttachmentCreation, AttachmentPlace, Committed, Expected, ItemChange, ItemKey, ItemVersion, ItemWrite, KeyBounds,
    Looked, Media, NewContainer, NewItem, NewResource, Page, PageLimit, RangePlace, ResourceCreation, ResourceKind,
    StoredItem, StoredResource, WrittenItem,
};
use hearth_state::{Database, StateError};
use sha2::Digest as _;

use crate::fixture::{Fixture, app};

crate::on_every_engine!(an_item_is_created_replaced_read_and_deleted,);

pub(crate) const LIMIT: PageLimit = PageLimit { items: 100, bytes: 4_000_000 };

/// A container with ranges of equal width, and the account and database that it needs.
pub(crate) async fn container(fixture: &Fixture, database: &Database, history: bool, ranges: u8) -> StoredResource {
    named(fixture, database, "lines", history, ranges).await
}

/// The same under another name.
pub(crate) async fn named(
    fixture: &Fixture,
    database: &Database,
    name: &str,
    history: bool,
    ranges: u8,
) -> StoredResource {
    database.document_accounts().create(&fixture.keyring(), "shop").await.unwrap();
    let parent = made(database, &database_named("orders")).await;
    let width = 64 / ranges;
    let from = |range: u8| if range == 0 { Vec::new() } else { vec![range * width] };
    let bounds: Vec<_> = (0..ranges)
        .map(|range| (from(range), if range + 1 == ranges { vec![0xff] } else { from(range + 1) }))
        .collect();
    let more = Some(NewContainer { ranges: &bounds, keeps_history: history });
    let offer = Some("{\"offerThroughput\":400}");
    let new = NewResource { container: more, offer, ..resource(ResourceKind::Container, &parent, name) };
    made(database, &new).await
}

/// A resource, made if it is not there.
pub(crate) async fn made(database: &Database, new: &NewResource<'_>) -> StoredResource {
    match database.document_resources().create(new).await.unwrap() {
        ResourceCreation::Created(resource) | ResourceCreation::Exists(resource) => resource,
        ResourceCreation::NoParent => panic!("the parent is there"),
    }
}

pub(crate) fn database_named(name: &str) -> NewResource<'_> {
    let kind = ResourceKind::Database;
    NewResource { account: "shop", kind, parent: "", name, body: "{}", container: None, offer: None }
}

pub(crate) fn place(container: &StoredResource, range: i64) -> RangePlace {
    let number = u64::from_str_radix(&container.rid, 16).unwrap().cast_signed();
    RangePlace { container: number, range, definition: container.version }
}

pub(crate) fn key(id: &str) -> ItemKey {
    ItemKey(sha2::Sha256::digest(id).into())
}

pub(crate) fn item(id: &str, body: &str) -> NewItem {
    NewItem {
        id: id.into(),
        partition_key: "[\"p\"]".into(),
        effective_key: Arc::from([1_u8, 2].as_slice()),
        body: body.into(),
        time_to_live: None,
        unique: Vec::new(),
        indexed: true,
    }
}

pub(crate) fn put(id: &str, expected: Expected, body: &str) -> ItemWrite {
    ItemWrite { key: key(id), expected, change: ItemChange::Put(item(id, body)) }
}

pub(crate) fn delete(id: &str, expected: Expected) -> ItemWrite {
    ItemWrite { key: key(id), expected, change: ItemChange::Delete }
}

/// What was written, and the LSN.
pub(crate) async fn done(
    database: &Database,
    place: RangePlace,
    writes: &[ItemWrite],
) -> (i64, Vec<Option<WrittenItem>>) {
    match database.documents().commit(place, false, writes).await.unwrap() {
        Committed::Done { lsn, items } => (lsn, items),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn at<T>(looked: Looked<T>) -> T {
    match looked {
        Looked::At { found, .. } => found,
        Looked::Stale => panic!("the range is as the caller knows it"),
    }
}

pub(crate) async fn read(database: &Database, place: RangePlace, id: &str) -> Option<StoredItem> {
    at(database.documents().item(place, key(id)).await.unwrap())
}

/// Ids of a page.
pub(crate) fn ids(page: &Page<StoredItem>) -> Vec<&str> {
    page.items.iter().map(|item| item.id.as_str()).collect()
}

/// Items and bytes that the range counts.
pub(crate) async fn counted(database: &Database, place: RangePlace) -> (i64, i64) {
    let ranges = database.documents().ranges(place.container).await.unwrap();
    let range = ranges.iter().find(|range| range.range == place.range).unwrap();
    (range.items, range.bytes)
}

/// A resource without anything but a name.
pub(crate) fn resource<'a>(kind: ResourceKind, parent: &'a StoredResource, name: &'a str) -> NewResource<'a> {
    NewResource { account: "shop", kind, parent: &parent.rid, name, body: "{}", container: None, offer: None }
}

/// An item with a value that no other may have.
pub(crate) fn unique(id: &str, value: &str) -> ItemWrite {
    let item = NewItem { unique: vec![key(value).0], ..item(id, "{}") };
    ItemWrite { key: key(id), expected: Expected::Absent, change: ItemChange::Put(item) }
}

pub(crate) async fn database_of(database: &Database) -> StoredResource {
    database.document_resources().get("shop", ResourceKind::Database, "", "orders").await.unwrap().unwrap()
}

/// The container that was prepared, and its range.
pub(crate) async fn lines(database: &Database) -> (StoredResource, RangePlace) {
    let parent = database_of(database).await.rid;
    let found = database.document_resources().get("shop", ResourceKind::Container, &parent, "lines").await;
    let lines = found.unwrap().unwrap();
    let place = place(&lines, 0);
    (lines, place)
}

/// A transaction in the container that was prepared.
pub(crate) async fn commit(database: &Database, writes: Vec<ItemWrite>) -> Result<Committed, StateError> {
    database.documents().commit(lines(database).await.1, true, &writes).await
}

/// What the tests that break every operation find: a container with a history, some items, one of them about to expire, and a
/// user with a permission.
pub(crate) async fn prepare(fixture: &Fixture, database: &Database) {
    database.document_accounts().ensure_for_app(&fixture.keyring(), &app("shop")).await.unwrap();
    container(fixture, database, true, 1).await;
    for id in ["a", "b", "c"] {
        commit(database, vec![put(id, Expected::Absent, "{\"kept\":1}")]).await.unwrap();
    }
    let short = NewItem { time_to_live: Some(60), ..item("short", "{}") };
    let short = ItemWrite { key: key("short"), expected: Expected::Absent, change: ItemChange::Put(short) };
    commit(database, vec![short]).await.unwrap();
    let orders = database_of(database).await;
    let user = made(database, &resource(ResourceKind::User, &orders, "ann")).await;
    made(database, &resource(ResourceKind::Permission, &user, "all")).await;
    let media = Media { content_type: "text/plain".to_owned(), bytes: vec![9].into() };
    let (_, place) = lines(database).await;
    let made = database.documents().create_attachment(place, key("b"), ("kept", "{}"), Some(("shop", &media))).await;
    assert!(matches!(made.unwrap(), AttachmentCreation::Created(_)));
    let gone = named(fixture, database, "gone", true, 1).await;
    database.documents().commit(self::place(&gone, 0), true, &[put("x", Expected::Absent, "{}")]).await.unwrap();
    database.document_resources().delete(&gone, None).await.unwrap();
}

/// The attachment that was prepared.
pub(crate) async fn attachment(database: &Database) -> Option<AttachmentPlace> {
    let (_, place) = lines(database).await;
    let item = read(database, place, "b").await.unwrap().number;
    let found = database.documents().attachment(place.container, item, "kept").await.unwrap();
    found.map(|attachment| attachment.place)
}

async fn an_item_is_created_replaced_read_and_deleted(fixture: Fixture) {
    let database = fixture.open().await;
    let container = container(&fixture, &database, false, 1).await;
    let place = place(&container, 0);
    let documents = database.documents();
    let (lsn, items) = done(&database, place, &[put("a", Expected::Absent, "{\"a\":1}")]).await;
    let created = items[0].unwrap();
    assert_eq!((lsn, created.created, created.version.lsn()), (1, true, 1));
    let found = read(&database, place, "a").await.unwrap();
    assert_eq!((&*found.body, found.id.as_str(), found.partition_key.as_str()), ("{\"a\":1}", "a", "[\"p\"]"));
    assert_eq!((found.version, found.number, found.timestamp), (created.version, created.number, created.timestamp));
    assert_eq!(counted(&database, place).await, (1, 7));

    let again = documents.commit(place, false, &[put("a", Expected::Absent, "{}")]).await.unwrap();
    assert_eq!(again, Committed::Unexpected(0));
    let gone = documents.commit(place, false, &[put("b", Expected::Present, "{}")]).await.unwrap();
    assert_eq!(gone, Committed::Unexpected(0));
    let stale = RangePlace { definition: place.definition + 1, ..place };
    assert_eq!(documents.commit(stale, false, &[put("b", Expected::Absent, "{}")]).await.unwrap(), Committed::Stale);
    assert_eq!(documents.item(stale, key("a")).await.unwrap(), Looked::Stale);

    let (_, items) = done(&database, place, &[put("a", Expected::Version(created.version), "{\"a\":22}")]).await;
    let replaced = items[0].unwrap();
    assert!(!replaced.created && replaced.number == created.number && replaced.version > created.version);
    let outdated = documents.commit(place, false, &[put("a", Expected::Version(created.version), "{}")]).await;
    assert_eq!(outdated.unwrap(), Committed::Unexpected(0));
    let (_, items) = done(&database, place, &[put("c", Expected::Anything, "{}")]).await;
    assert!(items[0].unwrap().created);
    let (lsn, items) = done(&database, place, &[put("c", Expected::Anything, "{\"c\":3}")]).await;
    assert!(!items[0].unwrap().created);
    assert_eq!(counted(&database, place).await, (2, 8 + 7));

    let list = at(documents.list(place, &KeyBounds::default(), None, false, LIMIT).await.unwrap());
    assert_eq!((ids(&list), list.more), (vec!["a", "c"], false));
    let changes = at(documents.changes(place, &KeyBounds::default(), ItemVersion(0), None, LIMIT).await.unwrap());
    assert_eq!(changes.items.iter().map(|item| item.version.lsn()).collect::<Vec<_>>(), [2, lsn]);
    let both = at(documents.items(place, &[key("c"), key("x"), key("a")]).await.unwrap());
    assert_eq!(
        both.iter().map(|item| item.as_ref().map(|item| item.id.as_str())).collect::<Vec<_>>(),
        [Some("c"), None, Some("a")]
    );
    done(&database, place, &[delete("a", Expected::Version(replaced.version))]).await;
    assert_eq!(read(&database, place, "a").await, None);
    let absent = documents.commit(place, false, &[delete("a", Expected::Present)]).await.unwrap();
    assert_eq!(absent, Committed::Unexpected(0));
    assert_eq!(counted(&database, place).await, (1, 7));
    assert_eq!(database.documents().usage("shop").await.unwrap(), 7);
}

//! Expiry: what has expired is not there, whoever asks, and is removed later.

use std::time::Duration;

use hearth_state::documents::{
    ChangeKind, Committed, Expected, ItemChange, ItemVersion, ItemWrite, KeyBounds, NewItem,
};

use super::{LIMIT, at, container, counted, delete, done, ids, item, key, place, put, read};
use crate::fixture::Fixture;

crate::on_every_engine!(
    what_has_expired_is_seen_by_nobody,
    an_item_takes_the_place_of_one_that_has_expired,
    what_has_expired_is_removed_counted_and_told,
);

fn short(id: &str, expected: Expected, seconds: i64) -> ItemWrite {
    let item = NewItem { time_to_live: Some(seconds), ..item(id, "{\"s\":1}") };
    ItemWrite { key: key(id), expected, change: ItemChange::Put(item) }
}

async fn what_has_expired_is_seen_by_nobody(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, false, 1).await, 0);
    let documents = database.documents();
    let (_, items) =
        done(&database, place, &[short("a", Expected::Absent, 60), put("b", Expected::Absent, "{}")]).await;
    let written = items[0].unwrap();
    fixture.clock.advance(Duration::from_secs(59));
    assert!(read(&database, place, "a").await.is_some());
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(read(&database, place, "a").await, None);
    assert_eq!(at(documents.items(place, &[key("a")]).await.unwrap()), [None]);
    assert_eq!(documents.find_by_number(place.container, written.number).await.unwrap(), None);
    let all = KeyBounds::default();
    let list = at(documents.list(place, &all, None, false, LIMIT).await.unwrap());
    let feed = at(documents.changes(place, &all, ItemVersion(0), None, LIMIT).await.unwrap());
    let of_key = at(documents.list_key(place, (&[1, 2], "[\"p\"]"), None, false, LIMIT).await.unwrap());
    assert!([ids(&list), ids(&feed), ids(&of_key)].iter().all(|found| *found == ["b"]));
    let keep = |expected| ItemWrite { key: key("a"), expected, change: ItemChange::Keep };
    for refused in [
        delete("a", Expected::Present),
        delete("a", Expected::Version(written.version)),
        put("a", Expected::Present, "{}"),
        put("a", Expected::Version(written.version), "{}"),
        keep(Expected::Present),
    ] {
        let single = documents.commit(place, false, std::slice::from_ref(&refused)).await.unwrap();
        assert_eq!(single, Committed::Unexpected(0), "{refused:?}");
        let among_others = documents.commit(place, false, &[put("c", Expected::Anything, "{}"), refused]).await;
        assert_eq!(among_others.unwrap(), Committed::Unexpected(1));
    }
    done(&database, place, &[keep(Expected::Absent)]).await;
}

async fn an_item_takes_the_place_of_one_that_has_expired(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, true, 1).await, 0);
    let mut before = 0_i64;
    for (round, expected) in [Expected::Absent, Expected::Anything].into_iter().enumerate() {
        for others in [false, true] {
            let id = format!("{round}{others}");
            let (_, items) = done(&database, place, &[short(&id, Expected::Absent, 60)]).await;
            let old = items[0].unwrap();
            fixture.clock.advance(Duration::from_secs(60));
            let mut writes = vec![put(&id, expected, "{}")];
            writes.extend(others.then(|| put(&format!("with {id}"), Expected::Absent, "{}")));
            let (_, items) = done(&database, place, &writes).await;
            let new = items[0].unwrap();
            assert!(new.created && new.number > old.number, "another item: {expected:?}");
            before += i64::try_from(writes.len()).unwrap();
            assert_eq!(counted(&database, place).await.0, before, "the other is not counted any more");
        }
    }
}

async fn what_has_expired_is_removed_counted_and_told(fixture: Fixture) {
    let database = fixture.open().await;
    let lines = container(&fixture, &database, true, 1).await;
    let place = place(&lines, 0);
    let documents = database.documents();
    for id in ["a", "b", "c"] {
        documents.commit(place, true, &[short(id, Expected::Absent, 60)]).await.unwrap();
    }
    documents.commit(place, true, &[short("d", Expected::Absent, 600)]).await.unwrap();
    assert_eq!(documents.purge_expired(10).await.unwrap(), 0);
    fixture.clock.advance(Duration::from_secs(100));
    assert_eq!(counted(&database, place).await, (4, 28), "they are counted until they are removed");
    // Others may do the same at once.
    let other = fixture.open().await;
    let (left, right) = tokio::join!(documents.purge_expired(10), async { other.documents().purge_expired(10).await });
    assert!(left.unwrap() + right.unwrap() >= 3);
    assert_eq!(counted(&database, place).await, (1, 7));
    assert_eq!(documents.purge_expired(10).await.unwrap(), 0);
    let history = at(documents.history(place, &KeyBounds::default(), ItemVersion(4 * 128 + 127), LIMIT).await.unwrap());
    let mut told: Vec<_> = history.items.iter().map(|change| (change.kind, change.item.id.as_str())).collect();
    told.sort_by_key(|(_, id)| *id);
    assert_eq!(told, [(ChangeKind::Expire, "a"), (ChangeKind::Expire, "b"), (ChangeKind::Expire, "c")]);
    let lsns: Vec<_> = history.items.iter().map(|change| change.version.lsn()).collect();
    assert_eq!(lsns, [5, 6, 7]);
    assert!(history.items.iter().all(|change| &*change.item.body == "{\"s\":1}" && change.previous.is_some()));
    other.close().await;
}

//! LSNs: none is handed out twice, by whomever and whatever happens, and a feed that is read on misses nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hearth_state::Database;
use hearth_state::documents::{
    Committed, Expected, ItemChange, ItemVersion, KeyBounds, Looked, NewItem, PageLimit, RangePlace,
};

use super::{LIMIT, at, container, counted, done, item, key, place, put, read};
use crate::fixture::Fixture;

crate::on_every_engine!(
    several_that_write_one_range_share_its_lsns,
    those_who_want_the_same_item_are_told_apart,
    after_a_restore_no_lsn_comes_again,
);

const WRITERS: usize = 4;
const ROUNDS: usize = 40;

/// Writes transactions of one to three items; answers what was acknowledged.
async fn writer(database: Database, place: RangePlace, number: usize) -> Vec<(i64, String)> {
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let ids: Vec<String> = (0..=round % 3).map(|part| format!("{number}-{round}-{part}")).collect();
        let writes: Vec<_> = ids.iter().map(|id| put(id, Expected::Absent, "{}")).collect();
        match database.documents().commit(place, true, &writes).await.unwrap() {
            Committed::Done { lsn, .. } => acknowledged.extend(ids.into_iter().map(|id| (lsn, id))),
            other => panic!("{other:?}"),
        }
    }
    acknowledged
}

/// Reads the feed on until the writers are done and nothing new comes; answers what it told.
async fn reader(database: Database, place: RangePlace, running: Arc<AtomicUsize>) -> Vec<(i64, String)> {
    let (mut after, mut told) = (ItemVersion(0), Vec::new());
    let limit = PageLimit { items: 7, ..LIMIT };
    loop {
        let last = running.load(Ordering::SeqCst) == 0;
        let looked = database.documents().changes(place, &KeyBounds::default(), after, None, limit).await.unwrap();
        let Looked::At { lsn, found } = looked else { panic!("nobody changes the container") };
        let end = found.items.is_empty();
        told.extend(found.items.iter().map(|item| (item.version.lsn(), item.id.clone())));
        // Where nothing more is told the reader goes on behind the LSN that it was told.
        after = match found.items.last() {
            Some(last) if found.more => last.version,
            _ => ItemVersion(lsn * ItemVersion::PER_TRANSACTION + ItemVersion::PER_TRANSACTION - 1),
        };
        if last && end {
            return told;
        }
    }
}

async fn several_that_write_one_range_share_its_lsns(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, true, 1).await, 0);
    let running = Arc::new(AtomicUsize::new(WRITERS));
    let mut handles = vec![database.clone()];
    for _ in 1..WRITERS {
        handles.push(fixture.open().await);
    }
    let readers: Vec<_> = (0..2).map(|_| tokio::spawn(reader(database.clone(), place, Arc::clone(&running)))).collect();
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| {
            let (database, running) = (handles[number].clone(), Arc::clone(&running));
            tokio::spawn(async move {
                let acknowledged = writer(database, place, number).await;
                running.fetch_sub(1, Ordering::SeqCst);
                acknowledged
            })
        })
        .collect();
    let mut transactions: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for writer in writers {
        for (lsn, id) in writer.await.unwrap() {
            transactions.entry(lsn).or_default().push(id);
        }
    }
    assert_eq!(transactions.len(), WRITERS * ROUNDS, "each transaction has an LSN of its own");
    assert!(
        transactions
            .values()
            .all(|ids| ids.iter().all(|id| id.rsplit_once('-').unwrap().0 == ids[0].rsplit_once('-').unwrap().0))
    );
    let expected: Vec<(i64, String)> =
        transactions.iter().flat_map(|(lsn, ids)| ids.iter().map(|id| (*lsn, id.clone()))).collect();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), expected, "everything once, in the order of the LSNs");
    }
    let all = PageLimit { items: 10_000, ..LIMIT };
    let history = at(database.documents().history(place, &KeyBounds::default(), ItemVersion(0), all).await.unwrap());
    let told: Vec<_> = history.items.iter().map(|change| (change.version.lsn(), change.item.id.clone())).collect();
    assert_eq!(told, expected);
    assert_eq!(usize::try_from(counted(&database, place).await.0).unwrap(), expected.len());
}

async fn those_who_want_the_same_item_are_told_apart(fixture: Fixture) {
    let (database, other) = (fixture.open().await, fixture.open().await);
    let place = place(&container(&fixture, &database, false, 1).await, 0);
    done(&database, place, &[put("counter", Expected::Absent, "0")]).await;
    let adders: Vec<_> = [&database, &other, &database]
        .into_iter()
        .map(|handle| {
            let database = handle.clone();
            tokio::spawn(async move {
                let mut added = 0;
                while added < 20 {
                    let before = read(&database, place, "counter").await.unwrap();
                    let next = (before.body.parse::<u32>().unwrap() + 1).to_string();
                    let write = put("counter", Expected::Version(before.version), &next);
                    match database.documents().commit(place, false, &[write]).await.unwrap() {
                        Committed::Done { .. } => added += 1,
                        Committed::Unexpected(0) => {}
                        other => panic!("{other:?}"),
                    }
                    // Of those who make the same item one succeeds.
                    let write = put(&format!("made {added}"), Expected::Absent, "{}");
                    database.documents().commit(place, false, &[write]).await.unwrap();
                }
            })
        })
        .collect();
    for adder in adders {
        adder.await.unwrap();
    }
    assert_eq!(&*read(&database, place, "counter").await.unwrap().body, "60");
    let (items, bytes) = counted(&database, place).await;
    let all = PageLimit { items: 1000, ..LIMIT };
    let list = at(database.documents().list(place, &KeyBounds::default(), None, false, all).await.unwrap());
    let sizes: usize = list.items.iter().map(|item| item.body.len()).sum();
    let counted = [items, bytes].map(|number| usize::try_from(number).unwrap());
    assert_eq!(counted, [list.items.len(), sizes], "what is counted is there");
}

async fn after_a_restore_no_lsn_comes_again(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, false, 1).await, 0);
    let write = async |id: &str| done(&database, place, &[put(id, Expected::Absent, "{}")]).await;
    let (before, items) = write("a").await;
    database.close().await;
    let backup = fixture.copy().await;
    // What happens after the backup is lost, and its numbers must not come again.
    let database = fixture.open().await;
    let mut lost = 0;
    for number in 0..50 {
        lost = done(&database, place, &[put(&format!("lost {number}"), Expected::Absent, "{}")]).await.0;
    }
    assert!(lost > before);
    database.close().await;
    backup.clock.advance(std::time::Duration::from_millis(1));
    let database = backup.open().await;
    database.installation().restored(1).await.unwrap();
    let looked = database.documents().item(place, key("a")).await.unwrap();
    let Looked::At { lsn, found } = looked else { panic!("the container is the same: {looked:?}") };
    assert!(lsn > lost, "a session token of the time after the backup is no longer ahead: {lsn} and {lost}");
    assert_eq!(found.unwrap().number, items[0].unwrap().number);
    let (after, items) = done(&database, place, &[put("b", Expected::Absent, "{}")]).await;
    assert!(after > lsn && items[0].unwrap().number > items[0].unwrap().version.0);
    // Two restores within a second, with writes between them.
    backup.clock.advance(std::time::Duration::from_micros(100));
    database.installation().restored(1).await.unwrap();
    let (again, _) = done(&database, place, &[put("c", Expected::Absent, "{}")]).await;
    assert!(again > after);
    // Numbers stay within what RIDs and clients can carry.
    assert!(again < 1 << 46, "{again}");
    let change = ItemChange::Put(NewItem { indexed: false, ..item("d", "{}") });
    let write = hearth_state::documents::ItemWrite { key: key("d"), expected: Expected::Absent, change };
    let (_, items) = done(&database, place, &[write]).await;
    assert!(items[0].unwrap().number < 1 << 60);
    database.close().await;
}

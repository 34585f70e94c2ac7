//! Pages: bounded by items and bytes, in order, and a feed's never with a part of a transaction.

use std::sync::Arc;

use hearth_state::Database;
use hearth_state::documents::{
    Expected, ItemChange, ItemVersion, ItemWrite, KeyBounds, NewItem, PageLimit, RangePlace,
};

use super::{LIMIT, at, container, delete, done, ids, item, key, place, put};
use crate::fixture::Fixture;

crate::on_every_engine!(
    a_list_goes_on_behind_the_last_number,
    a_page_ends_at_its_bytes,
    a_list_is_bounded_by_keys,
    a_feed_tells_each_item_once_as_it_is_now,
    a_feed_never_cuts_a_transaction,
    an_item_is_found_by_its_number,
);

/// Items whose effective keys are one byte.
async fn keyed(database: &Database, place: RangePlace, items: &[(&str, u8, bool)]) {
    for (id, effective, indexed) in items {
        let effective_key: Arc<[u8]> = Arc::from([*effective].as_slice());
        let partition_key = format!("[{effective}]").into();
        let change = ItemChange::Put(NewItem { effective_key, partition_key, indexed: *indexed, ..item(id, "{}") });
        done(database, place, &[ItemWrite { key: key(id), expected: Expected::Anything, change }]).await;
    }
}

async fn a_list_goes_on_behind_the_last_number(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, false, 2).await, 1);
    let documents = database.documents();
    let empty = at(documents.list(place, &KeyBounds::default(), None, false, LIMIT).await.unwrap());
    assert!(empty.items.is_empty() && !empty.more);
    for id in ["e", "d", "c", "b", "a"] {
        done(&database, place, &[put(id, Expected::Absent, "{}")]).await;
    }
    // A replaced item stays where it is.
    done(&database, place, &[put("d", Expected::Present, "{}")]).await;
    let (mut seen, mut after) = (Vec::new(), None);
    let limit = PageLimit { items: 2, ..LIMIT };
    loop {
        let page = at(documents.list(place, &KeyBounds::default(), after, false, limit).await.unwrap());
        after = page.items.last().map(|item| item.number);
        seen.extend(page.items.into_iter().map(|item| item.id));
        if !page.more {
            break;
        }
        assert_eq!(seen.len() % 2, 0);
    }
    assert_eq!(seen, ["e", "d", "c", "b", "a"]);
    let other = RangePlace { range: 0, ..place };
    assert!(at(documents.list(other, &KeyBounds::default(), None, false, LIMIT).await.unwrap()).items.is_empty());
}

async fn a_page_ends_at_its_bytes(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, true, 1).await, 0);
    let documents = database.documents();
    let body = format!("{{\"a\":\"{}\"}}", "x".repeat(992));
    for id in ["a", "b", "c", "d"] {
        documents.commit(place, true, &[put(id, Expected::Absent, &body)]).await.unwrap();
    }
    for (bytes, expected) in [(1, 1), (1000, 1), (1999, 1), (2000, 2), (2999, 2), (3000, 3), (10_000, 4)] {
        let limit = PageLimit { bytes, ..LIMIT };
        let list = at(documents.list(place, &KeyBounds::default(), None, false, limit).await.unwrap());
        assert_eq!((list.items.len(), list.more), (expected, expected < 4), "{bytes} bytes");
        let of_key = at(documents.list_key(place, (&[1, 2], "[\"p\"]"), None, false, limit).await.unwrap());
        assert_eq!((of_key.items.len(), of_key.more), (expected, expected < 4), "{bytes} bytes");
        let feed = at(documents.changes(place, &KeyBounds::default(), ItemVersion(0), None, limit).await.unwrap());
        assert_eq!((feed.items.len(), feed.more), (expected, expected < 4), "{bytes} bytes");
        let history = at(documents.history(place, &KeyBounds::default(), ItemVersion(0), limit).await.unwrap());
        assert_eq!((history.items.len(), history.more), (expected, expected < 4), "{bytes} bytes");
    }
}

async fn a_list_is_bounded_by_keys(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, false, 1).await, 0);
    let documents = database.documents();
    keyed(&database, place, &[("a", 1, true), ("b", 2, true), ("c", 2, false), ("d", 3, true), ("e", 2, true)]).await;
    let bounds = |from: u8, to: u8| KeyBounds { from: Some(vec![from]), to: Some(vec![to]) };
    let list = async |bounds: &KeyBounds, only_indexed| {
        let page = at(documents.list(place, bounds, None, only_indexed, LIMIT).await.unwrap());
        page.items.iter().map(|item| item.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(list(&bounds(2, 3), false).await, ["b", "c", "e"]);
    assert_eq!(list(&bounds(2, 3), true).await, ["b", "e"]);
    assert_eq!(list(&bounds(1, 3), true).await, ["a", "b", "e"]);
    assert_eq!(list(&KeyBounds { from: Some(vec![3]), to: None }, true).await, ["d"]);
    let of_key = at(documents.list_key(place, (&[2], "[2]"), None, false, LIMIT).await.unwrap());
    assert_eq!(ids(&of_key), ["b", "c", "e"]);
    let next = at(documents.list_key(place, (&[2], "[2]"), Some(of_key.items[0].number), true, LIMIT).await.unwrap());
    assert_eq!(ids(&next), ["e"]);
    // Two partition keys may have one effective key.
    assert!(at(documents.list_key(place, (&[2], "[3]"), None, false, LIMIT).await.unwrap()).items.is_empty());
    let feed = at(documents.changes(place, &bounds(2, 3), ItemVersion(0), None, LIMIT).await.unwrap());
    assert_eq!(ids(&feed), ["b", "c", "e"], "a feed tells what queries do not find");
}

async fn a_feed_tells_each_item_once_as_it_is_now(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, false, 1).await, 0);
    let documents = database.documents();
    for id in ["a", "b", "c"] {
        done(&database, place, &[put(id, Expected::Absent, "{}")]).await;
    }
    let second = 1 + fixture_second(&fixture);
    fixture.clock.advance(std::time::Duration::from_secs(1));
    done(&database, place, &[put("a", Expected::Present, "{\"a\":1}")]).await;
    let (lsn, _) = done(&database, place, &[delete("b", Expected::Present)]).await;
    let feed = async |after: ItemVersion, since| {
        let looked = documents.changes(place, &KeyBounds::default(), after, since, LIMIT).await.unwrap();
        let hearth_state::documents::Looked::At { lsn, found } = looked else { panic!("it is not stale") };
        (lsn, found.items.iter().map(|item| item.id.clone()).collect::<Vec<_>>())
    };
    assert_eq!(feed(ItemVersion(0), None).await, (lsn, vec!["c".to_owned(), "a".to_owned()]));
    assert_eq!(feed(ItemVersion(3 * 128 + 127), None).await.1, ["a"]);
    assert_eq!(feed(ItemVersion(0), Some(second)).await.1, ["a"]);
    assert!(feed(ItemVersion(lsn * 128 + 127), None).await.1.is_empty());
}

fn fixture_second(fixture: &Fixture) -> i64 {
    use hearth_model::clock::Clock;
    fixture.clock.now().as_micros() / 1_000_000
}

async fn a_feed_never_cuts_a_transaction(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, true, 1).await, 0);
    let documents = database.documents();
    let puts = |names: &[&str]| names.iter().map(|id| put(id, Expected::Absent, "{}")).collect::<Vec<_>>();
    for names in [["a", "b", "c"].as_slice(), &["d"], &["e", "f"]] {
        documents.commit(place, true, &puts(names)).await.unwrap();
    }
    for items in 1..=7_u32 {
        let limit = PageLimit { items, ..LIMIT };
        let (mut after, mut pages) = (ItemVersion(0), Vec::new());
        loop {
            let page = at(documents.changes(place, &KeyBounds::default(), after, None, limit).await.unwrap());
            let history = at(documents.history(place, &KeyBounds::default(), after, limit).await.unwrap());
            let told: Vec<_> = history.items.iter().map(|change| change.item.id.as_str()).collect();
            assert_eq!((told, history.more), (ids(&page), page.more));
            after = page.items.last().unwrap().version;
            pages.push(page.items.iter().map(|item| item.id.as_str()).collect::<String>());
            if !page.more {
                break;
            }
        }
        let expected: &[&str] = match items {
            1 => &["abc", "d", "ef"],
            2 | 3 => &["abc", "def"],
            4 => &["abcd", "ef"],
            _ => &["abcdef"],
        };
        assert_eq!(pages, expected, "{items} items");
    }
}

async fn an_item_is_found_by_its_number(fixture: Fixture) {
    let database = fixture.open().await;
    let container = container(&fixture, &database, false, 3).await;
    let documents = database.documents();
    let mut numbers = std::collections::BTreeMap::new();
    for range in 0..3_i64 {
        let place = place(&container, range);
        let id = format!("in {range}");
        let (_, items) = done(&database, place, &[put(&id, Expected::Absent, "{}")]).await;
        numbers.insert(items[0].unwrap().number, (range, id));
    }
    assert_eq!(numbers.len(), 3, "each range has numbers of its own");
    let number = place(&container, 0).container;
    for (item, (range, id)) in &numbers {
        let (found_in, found) = documents.find_by_number(number, *item).await.unwrap().unwrap();
        assert_eq!((found_in, found.id.as_str()), (*range, id.as_str()));
    }
    assert_eq!(documents.find_by_number(number, 7).await.unwrap(), None);
    assert_eq!(documents.find_by_number(number + 1, *numbers.keys().next().unwrap()).await.unwrap(), None);
}

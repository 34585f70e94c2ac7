//! Transactions: all of their changes under one LSN, or none.

use hearth_state::StateError;
use hearth_state::documents::{
    Committed, Expected, ItemChange, ItemVersion, ItemWrite, KeyBounds, NewItem, RangePlace,
};

use super::{LIMIT, at, container, counted, delete, done, ids, item, key, place, put, read, unique};
use crate::fixture::Fixture;

crate::on_every_engine!(
    a_transaction_is_all_or_nothing_under_one_lsn,
    later_changes_see_what_earlier_ones_did,
    a_value_that_must_be_unique_is_free_again_when_its_item_is_gone,
    too_many_changes_are_refused,
);

fn keep(id: &str, expected: Expected) -> ItemWrite {
    ItemWrite { key: key(id), expected, change: ItemChange::Keep }
}

async fn a_transaction_is_all_or_nothing_under_one_lsn(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, false, 1).await, 0);
    let documents = database.documents();
    let (_, first) =
        done(&database, place, &[put("a", Expected::Absent, "{}"), put("b", Expected::Absent, "{}")]).await;
    let [a, b] = [0, 1].map(|index| first[index].unwrap());
    assert_eq!((a.version.lsn(), b.version.0 - a.version.0), (b.version.lsn(), 1));
    assert!(b.number > a.number);
    let before = counted(&database, place).await;
    for (refused, index) in [
        (vec![put("c", Expected::Absent, "{}"), put("a", Expected::Absent, "{}")], 1),
        (vec![put("a", Expected::Present, "{\"a\":1}"), delete("none", Expected::Present)], 1),
        (vec![delete("a", Expected::Present), put("b", Expected::Version(a.version), "{}")], 1),
        (vec![keep("none", Expected::Present), delete("a", Expected::Present)], 0),
        (vec![put("c", Expected::Absent, "{}"), keep("b", Expected::Absent)], 1),
        (vec![delete("a", Expected::Present), keep("b", Expected::Version(a.version))], 1),
        (
            vec![put("c", Expected::Absent, "{}"), put("a", Expected::Absent, "{}"), delete("none", Expected::Present)],
            1,
        ),
    ] {
        assert_eq!(
            documents.commit(place, false, &refused).await.unwrap(),
            Committed::Unexpected(index),
            "{refused:?}"
        );
    }
    let stale = RangePlace { range: 1, ..place };
    let lost = [put("x", Expected::Absent, "{}"), put("y", Expected::Absent, "{}")];
    assert_eq!(documents.commit(stale, false, &lost).await.unwrap(), Committed::Stale);
    assert_eq!((counted(&database, place).await, read(&database, place, "c").await), (before, None));
    let list = at(documents.list(place, &KeyBounds::default(), None, false, LIMIT).await.unwrap());
    assert_eq!(list.items.iter().map(|item| item.version).collect::<Vec<_>>(), [a.version, b.version]);
    let (lsn, items) = done(
        &database,
        place,
        &[
            keep("a", Expected::Version(a.version)),
            put("b", Expected::Version(b.version), "{\"b\":1}"),
            delete("a", Expected::Anything),
            put("c", Expected::Anything, "{}"),
            delete("none", Expected::Absent),
        ],
    )
    .await;
    assert_eq!(lsn, a.version.lsn() + 1, "what was refused used no LSN");
    assert_eq!(items.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true, false, true, false]);
    assert_eq!(counted(&database, place).await, (2, 9));
    assert!(items.iter().flatten().all(|item| item.version.lsn() == lsn));
    assert_eq!((items[1].unwrap().created, items[3].unwrap().created), (false, true));
}

async fn later_changes_see_what_earlier_ones_did(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, true, 1).await, 0);
    let documents = database.documents();
    let twice = [put("a", Expected::Absent, "{}"), put("a", Expected::Absent, "{}")];
    assert_eq!(documents.commit(place, true, &twice).await.unwrap(), Committed::Unexpected(1));
    let several = [
        put("a", Expected::Absent, "{\"n\":1}"),
        put("a", Expected::Present, "{\"n\":22}"),
        delete("a", Expected::Present),
        put("a", Expected::Absent, "{\"n\":333}"),
    ];
    let committed = documents.commit(place, true, &several).await.unwrap();
    let Committed::Done { items, .. } = committed else { panic!("{committed:?}") };
    let (first, last) = (items[0].unwrap(), items[3].unwrap());
    assert!(first.number == items[1].unwrap().number && last.number > first.number && last.created);
    assert_eq!(&*read(&database, place, "a").await.unwrap().body, "{\"n\":333}");
    assert_eq!(counted(&database, place).await, (1, 9));
    let history = at(documents.history(place, &KeyBounds::default(), ItemVersion(0), LIMIT).await.unwrap());
    assert_eq!(history.items.len(), 4, "each of them is told");
}

async fn a_value_that_must_be_unique_is_free_again_when_its_item_is_gone(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, false, 1).await, 0);
    let documents = database.documents();
    done(&database, place, &[unique("a", "v")]).await;
    let taken = documents.commit(place, false, &[put("x", Expected::Absent, "{}"), unique("b", "v")]).await.unwrap();
    assert_eq!((taken, read(&database, place, "x").await), (Committed::NotUnique, None));
    assert_eq!(documents.commit(place, false, &[unique("a", "w")]).await.unwrap(), Committed::Unexpected(0));
    let changed = |id: &str, value: &str| ItemWrite { expected: Expected::Present, ..unique(id, value) };
    done(&database, place, &[changed("a", "v")]).await;
    done(&database, place, &[changed("a", "w"), unique("b", "v")]).await;
    assert_eq!(documents.commit(place, false, &[unique("c", "w")]).await.unwrap(), Committed::NotUnique);
    done(&database, place, &[delete("a", Expected::Present)]).await;
    let short = NewItem { time_to_live: Some(60), unique: vec![key("w").0], ..item("c", "{}") };
    done(
        &database,
        place,
        &[ItemWrite { key: key("c"), expected: Expected::Anything, change: ItemChange::Put(short) }],
    )
    .await;
    assert_eq!(documents.commit(place, false, &[unique("d", "w")]).await.unwrap(), Committed::NotUnique);
    fixture.clock.advance(std::time::Duration::from_secs(60));
    done(&database, place, &[unique("d", "w")]).await;
    assert_eq!(counted(&database, place).await.0, 2, "what had expired went");
    let list = at(documents.list(place, &KeyBounds::default(), None, false, LIMIT).await.unwrap());
    assert_eq!(ids(&list), ["b", "d"]);
}

async fn too_many_changes_are_refused(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, false, 1).await, 0);
    let writes: Vec<_> = (0..129).map(|number| put(&number.to_string(), Expected::Absent, "{}")).collect();
    let refused = database.documents().commit(place, false, &writes).await.unwrap_err();
    assert!(matches!(&refused, StateError::Rejected(text) if text.contains("at most 128")), "{refused}");
    let (lsn, items) = done(&database, place, &writes[..128]).await;
    assert!(items.iter().flatten().all(|item| item.version.lsn() == lsn));
    assert_eq!(counted(&database, place).await, (128, 256));
}

//! All versions: each change with what was before it, as far back as they are kept.

use std::time::Duration;

use hearth_model::clock::Clock;
use hearth_state::documents::{ChangeKind, Expected, ItemVersion, KeyBounds, PageLimit, RangePlace, ResourceChange};

use super::{LIMIT, at, container, delete, place, put};
use crate::fixture::Fixture;

crate::on_every_engine!(
    each_change_is_told_with_what_was_before_it,
    a_history_is_complete_after_its_beginning,
    a_history_begins_when_it_is_switched_on,
);

async fn each_change_is_told_with_what_was_before_it(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, true, 1).await, 0);
    let documents = database.documents();
    documents.commit(place, true, &[put("a", Expected::Absent, "{\"n\":1}")]).await.unwrap();
    fixture.clock.advance(Duration::from_secs(1));
    documents.commit(place, true, &[put("a", Expected::Present, "{\"n\":2}")]).await.unwrap();
    documents.commit(place, true, &[put("a", Expected::Anything, "{\"n\":3}")]).await.unwrap();
    fixture.clock.advance(Duration::from_secs(1));
    documents.commit(place, true, &[delete("a", Expected::Present)]).await.unwrap();
    documents.commit(place, true, &[put("a", Expected::Anything, "{\"n\":4}")]).await.unwrap();
    // What is refused is no change.
    documents.commit(place, true, &[put("a", Expected::Absent, "{}")]).await.unwrap();
    documents.commit(place, true, &[delete("b", Expected::Present)]).await.unwrap();
    let changes = at(documents.history(place, &KeyBounds::default(), ItemVersion(0), LIMIT).await.unwrap()).items;
    let kinds: Vec<_> = changes.iter().map(|change| change.kind).collect();
    let (create, replace) = (ChangeKind::Create, ChangeKind::Replace);
    assert_eq!(kinds, [create, replace, replace, ChangeKind::Delete, create]);
    let lsns: Vec<_> = changes.iter().map(|change| change.version.lsn()).collect();
    assert_eq!(lsns, [1, 2, 3, 4, 5]);
    let bodies: Vec<_> = changes.iter().map(|change| &*change.item.body).collect();
    assert_eq!(bodies, ["{\"n\":1}", "{\"n\":2}", "{\"n\":3}", "{\"n\":3}", "{\"n\":4}"]);
    let previous: Vec<_> =
        changes.iter().map(|change| change.previous.as_ref().map(|(version, body)| (version.lsn(), &**body))).collect();
    assert_eq!(previous, [None, Some((1, "{\"n\":1}")), Some((2, "{\"n\":2}")), Some((3, "{\"n\":3}")), None]);
    let now = fixture.clock.now().as_micros() / 1_000_000;
    let times: Vec<_> = changes.iter().map(|change| (change.timestamp - now, change.item.timestamp - now)).collect();
    assert_eq!(times, [(-2, -2), (-1, -1), (-1, -1), (0, -1), (0, 0)], "when it went, and when it was written before");
    assert_eq!(changes[3].item.version.lsn(), 3, "what is gone is told as it was");
    let numbers: Vec<_> = changes.iter().map(|change| change.item.number == changes[0].item.number).collect();
    assert_eq!(numbers, [true, true, true, true, false]);
    assert_eq!(changes[4].item.number, super::read(&database, place, "a").await.unwrap().number);
}

async fn a_history_is_complete_after_its_beginning(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, true, 1).await, 0);
    let documents = database.documents();
    for number in 0..6_u64 {
        documents.commit(place, true, &[put("a", Expected::Anything, &format!("{{\"n\":{number}}}"))]).await.unwrap();
        fixture.clock.advance(Duration::from_secs(10));
    }
    assert_eq!(documents.ranges_with_history().await.unwrap(), [place]);
    assert_eq!(at(documents.oldest_history(place).await.unwrap()), ItemVersion(0));
    let purge = documents.purge_history(place.container, place.range, Duration::from_secs(35));
    assert!(!purge.await.unwrap());
    let oldest = at(documents.oldest_history(place).await.unwrap());
    assert_eq!(oldest.lsn(), 3);
    let limit = PageLimit { items: 2, ..LIMIT };
    let page = at(documents.history(place, &KeyBounds::default(), oldest, limit).await.unwrap());
    assert_eq!((page.items[0].version.lsn(), page.more), (4, true));
    let stale = RangePlace { definition: 0, ..place };
    assert_eq!(documents.oldest_history(stale).await.unwrap(), hearth_state::documents::Looked::Stale);
    documents.purge_history(place.container, place.range, Duration::ZERO).await.unwrap();
    assert!(at(documents.history(place, &KeyBounds::default(), ItemVersion(0), LIMIT).await.unwrap()).items.is_empty());
    assert_eq!(at(documents.oldest_history(place).await.unwrap()).lsn(), 6);
}

async fn a_history_begins_when_it_is_switched_on(fixture: Fixture) {
    let database = fixture.open().await;
    let lines = container(&fixture, &database, false, 2).await;
    let (documents, resources) = (database.documents(), database.document_resources());
    documents.commit(place(&lines, 0), false, &[put("a", Expected::Absent, "{}")]).await.unwrap();
    assert!(documents.ranges_with_history().await.unwrap().is_empty());
    let changed = resources.replace(&lines, None, ("lines", "{}"), true).await.unwrap();
    let ResourceChange::Done(lines) = changed else { panic!("{changed:?}") };
    let now = place(&lines, 0);
    assert_eq!(at(documents.oldest_history(now).await.unwrap()), ItemVersion(255));
    assert_eq!(at(documents.oldest_history(place(&lines, 1)).await.unwrap()), ItemVersion(127));
    documents.commit(now, true, &[put("a", Expected::Present, "{}")]).await.unwrap();
    let changed = resources.replace(&lines, None, ("lines", "{}"), true).await.unwrap();
    let ResourceChange::Done(lines) = changed else { panic!("{changed:?}") };
    assert_eq!(at(documents.oldest_history(place(&lines, 0)).await.unwrap()), ItemVersion(255), "it goes on");
    let changed = resources.replace(&lines, None, ("lines", "{}"), false).await.unwrap();
    let ResourceChange::Done(lines) = changed else { panic!("{changed:?}") };
    assert_eq!(documents.ranges_with_history().await.unwrap(), [place(&lines, 0)], "some of it is left");
    documents.purge_history(now.container, 0, Duration::ZERO).await.unwrap();
    fixture.clock.advance(Duration::from_secs(1));
    documents.purge_history(now.container, 0, Duration::ZERO).await.unwrap();
    assert!(documents.ranges_with_history().await.unwrap().is_empty());
}

//! Containers and their ranges: who uses an earlier definition is told, and what is deleted is gone at once.

use hearth_state::documents::{Committed, Expected, KeyBounds, Looked, ResourceChange};

use super::{LIMIT, container, done, key, named, place, put};
use crate::fixture::Fixture;

crate::on_every_engine!(
    ranges_tell_their_bounds_and_counts,
    a_container_that_is_defined_anew_tells_who_uses_it,
    a_deleted_container_is_gone_at_once_and_swept_later,
);

async fn ranges_tell_their_bounds_and_counts(fixture: Fixture) {
    let database = fixture.open().await;
    let lines = container(&fixture, &database, false, 4).await;
    let ranges = database.documents().ranges(place(&lines, 0).container).await.unwrap();
    let bounds: Vec<_> = ranges.iter().map(|range| (range.range, range.from.clone(), range.to.clone())).collect();
    assert_eq!(
        bounds,
        [(0, vec![], vec![16]), (1, vec![16], vec![32]), (2, vec![32], vec![48]), (3, vec![48], vec![255])]
    );
    assert!(ranges.iter().all(|range| range.lsn == 0 && range.definition == lines.version && range.parents.is_empty()));
    done(&database, place(&lines, 2), &[put("a", Expected::Absent, "{}")]).await;
    let lsns: Vec<_> =
        database.documents().ranges(place(&lines, 0).container).await.unwrap().iter().map(|range| range.lsn).collect();
    assert_eq!(lsns, [0, 0, 1, 0], "each counts for itself");
    assert!(database.documents().ranges(4711).await.unwrap().is_empty());
}

async fn a_container_that_is_defined_anew_tells_who_uses_it(fixture: Fixture) {
    let database = fixture.open().await;
    let lines = container(&fixture, &database, false, 2).await;
    let (documents, old) = (database.documents(), place(&lines, 1));
    done(&database, old, &[put("a", Expected::Absent, "{}")]).await;
    let changed = database.document_resources().replace(&lines, None, ("lines", "{\"defaultTtl\":5}"), false).await;
    let ResourceChange::Done(lines) = changed.unwrap() else { panic!("it is there") };
    let all = KeyBounds::default();
    let after = hearth_state::documents::ItemVersion(0);
    for (used, known) in [(old, false), (place(&lines, 1), true)] {
        let committed = documents.commit(used, false, &[put("a", Expected::Anything, "{}")]).await.unwrap();
        assert_eq!(committed != Committed::Stale, known);
        assert_eq!(documents.item(used, key("a")).await.unwrap() != Looked::Stale, known);
        assert_eq!(documents.items(used, &[key("a")]).await.unwrap() != Looked::Stale, known);
        assert_eq!(documents.list(used, &all, None, false, LIMIT).await.unwrap() != Looked::Stale, known);
        assert_eq!(documents.list_key(used, (&[1], ""), None, false, LIMIT).await.unwrap() != Looked::Stale, known);
        assert_eq!(documents.changes(used, &all, after, None, LIMIT).await.unwrap() != Looked::Stale, known);
        assert_eq!(documents.history(used, &all, after, LIMIT).await.unwrap() != Looked::Stale, known);
    }
}

async fn a_deleted_container_is_gone_at_once_and_swept_later(fixture: Fixture) {
    let database = fixture.open().await;
    let lines = container(&fixture, &database, true, 2).await;
    let kept = named(&fixture, &database, "kept", false, 1).await;
    let documents = database.documents();
    done(&database, place(&kept, 0), &[put("a", Expected::Absent, "{}")]).await;
    for batch in 0..5 {
        let writes: Vec<_> = (0..100).map(|number| put(&format!("{batch} {number}"), Expected::Absent, "{}")).collect();
        documents.commit(place(&lines, batch % 2), true, &writes).await.unwrap();
    }
    assert!(!documents.sweep().await.unwrap(), "there is nothing to sweep");
    database.document_resources().delete(&lines, None).await.unwrap();
    assert_eq!(documents.item(place(&lines, 0), key("0 0")).await.unwrap(), Looked::Stale);
    assert_eq!(documents.usage("shop").await.unwrap(), 2);
    let mut rounds = 0;
    while documents.sweep().await.unwrap() {
        rounds += 1;
    }
    assert!(rounds >= 2, "500 rows are more than one batch");
    assert!(super::read(&database, place(&kept, 0), "a").await.is_some());
    database.close().await;
    let dump = fixture.dump().await;
    assert!(
        dump.contains("rows_left=0") && dump.contains("containers=0") && !dump.contains("document_history "),
        "{dump}"
    );
}

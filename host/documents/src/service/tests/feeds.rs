use std::collections::HashMap;
use std::time::Instant;

use hearth_state::documents::ChangeKind;

use super::*;

const KEEPING: &str = r#""changeFeedPolicy":{"retentionDuration":10}"#;

fn feed<'a>(mode: FeedMode, start: FeedStart<'a>) -> FeedRequest<'a> {
    let (scope, wait) = (Scope::default(), Duration::ZERO);
    FeedRequest { container: ITEMS, scope, mode, start, since: None, max_items: None, wait }
}

fn latest(start: FeedStart<'_>) -> FeedRequest<'_> {
    feed(FeedMode::Latest, start)
}

fn ids(answer: &FeedAnswer) -> Vec<String> {
    match &answer.rows {
        FeedRows::Latest(items) => items.iter().map(|item| item.id.clone()).collect(),
        FeedRows::Versions(changes) => changes.iter().map(|change| change.item.id.clone()).collect(),
    }
}

fn item(id: &str, key: &str) -> String {
    format!(r#"{{"id":"{id}","pk":"{key}"}}"#)
}

async fn put(f: &Fixture, id: &str, key: &str) {
    f.service.upsert_item(&ItemRequest::new(ITEMS, "", None), &item(id, key)).await.unwrap();
}

#[tokio::test]
async fn the_latest_feed_tells_each_item_once_at_its_latest_change() {
    let f = Fixture::new(BY_PK).await;
    for id in ["1", "2", "3"] {
        put(&f, id, "a").await;
    }
    put(&f, "1", "a").await;
    let all = f.service.feed(&latest(FeedStart::Beginning)).await.unwrap();
    assert_eq!((ids(&all), all.etag.as_str()), (vec!["2".into(), "3".into(), "1".into()], "\"4\""));
    let drained = f.service.feed(&latest(FeedStart::After(&all.etag))).await.unwrap();
    assert_eq!((drained.rows.is_empty(), drained.etag.as_str(), drained.ranges), (true, "\"4\"", vec![(0, 4)]));
    f.service.delete_item(&request("2")).await.unwrap();
    let drained = f.service.feed(&latest(FeedStart::After(&all.etag))).await.unwrap();
    assert_eq!((drained.rows.is_empty(), drained.etag.as_str()), (true, "\"5\""), "deletions move the position alone");
    let now = f.service.feed(&latest(FeedStart::Now)).await.unwrap();
    assert_eq!((now.rows.is_empty(), now.etag.as_str()), (true, "\"5\""));
    let page = FeedRequest { max_items: Some(1), ..latest(FeedStart::Beginning) };
    let first = f.service.feed(&page).await.unwrap();
    assert_eq!((ids(&first), first.etag.as_str()), (vec!["3".to_owned()], "\"3\""));
    for wrong in ["\"x\"", "\"-1\"", "\"0:1\"x", "\"1:5\""] {
        assert_eq!(refused(f.service.feed(&latest(FeedStart::After(wrong))).await), (400, 0), "{wrong}");
    }
}

#[tokio::test]
async fn the_feed_begins_at_a_second() {
    let f = Fixture::new(BY_PK).await;
    put(&f, "1", "a").await;
    f.wait(10);
    put(&f, "2", "a").await;
    let second = 1_800_000_010;
    let since = f.service.feed(&latest(FeedStart::Time(second))).await.unwrap();
    assert_eq!(ids(&since), ["2"]);
    assert!(f.service.feed(&latest(FeedStart::Time(second + 1))).await.unwrap().rows.is_empty());
    let both = FeedRequest { since: Some(second), ..latest(FeedStart::After("\"0\"")) };
    assert_eq!(ids(&f.service.feed(&both).await.unwrap()), ["2"]);
}

#[tokio::test]
async fn a_feed_is_of_a_range_of_keys_or_of_one_key() {
    let f = Fixture::with(BY_PK, 3, ServiceOptions::default()).await;
    let keys: Vec<String> = (0..30).map(|key| format!("key{key}")).collect();
    for key in &keys {
        put(&f, key, key).await;
    }
    let whole = f.service.feed(&latest(FeedStart::Beginning)).await.unwrap();
    assert_eq!((ids(&whole).len(), whole.ranges.len()), (30, 3));
    assert!(f.service.feed(&latest(FeedStart::After(&whole.etag))).await.unwrap().rows.is_empty());
    let mut seen = Vec::new();
    for range in ["0", "1", "2"] {
        let scope = Scope { range: Some(range), ..Scope::default() };
        let of_range = f.service.feed(&FeedRequest { scope, ..latest(FeedStart::Beginning) }).await.unwrap();
        assert!(!of_range.etag.contains(':'));
        seen.extend(ids(&of_range));
    }
    assert_eq!(seen, ids(&whole));
    let container = f.service.container(ITEMS).await.unwrap();
    let middle = epk::to_hex(Some(&container.ranges[1].from));
    let below = Scope { end: Some(&middle), ..Scope::default() };
    let from = Scope { start: Some(&middle), end: Some("FF"), ..Scope::default() };
    let mut parts = Vec::new();
    for scope in [below, from] {
        parts.extend(ids(&f.service.feed(&FeedRequest { scope, ..latest(FeedStart::Beginning) }).await.unwrap()));
    }
    assert_eq!(parts, seen, "two halves are the whole");
    let scope = Scope { partition_key: Some(r#"["key7"]"#), ..Scope::default() };
    let of_key = f.service.feed(&FeedRequest { scope, ..latest(FeedStart::Beginning) }).await.unwrap();
    assert_eq!((ids(&of_key), of_key.ranges.len()), (vec!["key7".to_owned()], 1));
    let key = crate::protocol::PartitionKey::from_canonical(r#"["key7"]"#).unwrap();
    let point = epk::to_hex(Some(&epk::effective_key(&key, container.definition.partition_key())));
    let scope = Scope { start: Some(&point), end: Some(&point), ..Scope::default() };
    let at_point = f.service.feed(&FeedRequest { scope, ..latest(FeedStart::Beginning) }).await.unwrap();
    assert_eq!(ids(&at_point), ["key7"], "a point is one key");
    let gone = Scope { range: Some("7"), ..Scope::default() };
    assert_eq!(
        refused(f.service.feed(&FeedRequest { scope: gone, ..latest(FeedStart::Beginning) }).await),
        (410, 1002)
    );
    let wrong = Scope { start: Some("XY"), ..Scope::default() };
    assert_eq!(refused(f.service.feed(&FeedRequest { scope: wrong, ..latest(FeedStart::Beginning) }).await), (400, 0));
}

#[tokio::test]
async fn pages_of_several_ranges_leave_nothing_out() {
    let f = Fixture::with(BY_PK, 3, ServiceOptions::default()).await;
    for key in 0..25 {
        put(&f, &key.to_string(), &format!("key{key}")).await;
    }
    let (mut seen, mut etag) = (Vec::new(), None::<String>);
    loop {
        let start = etag.as_deref().map_or(FeedStart::Beginning, FeedStart::After);
        let page = f.service.feed(&FeedRequest { max_items: Some(4), ..latest(start) }).await.unwrap();
        if page.rows.is_empty() {
            break;
        }
        assert!(ids(&page).len() <= 4);
        seen.extend(ids(&page));
        etag = Some(page.etag);
    }
    seen.sort_by_key(|id| id.parse::<u32>().unwrap());
    assert_eq!(seen, (0..25).map(|id| id.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn all_versions_tell_every_change() {
    let f = Fixture::new(&format!("{BY_PK},{KEEPING},\"defaultTtl\":-1")).await;
    let all = |start| feed(FeedMode::AllVersions, start);
    assert_eq!(refused(f.service.feed(&all(FeedStart::Beginning)).await), (400, 0));
    assert_eq!(refused(f.service.feed(&all(FeedStart::Time(0))).await), (400, 0));
    let begin = f.service.feed(&all(FeedStart::Now)).await.unwrap().etag;
    put(&f, "1", "a").await;
    put(&f, "1", "a").await;
    f.service.delete_item(&request("1")).await.unwrap();
    f.create(r#"{"id":"2","pk":"a","ttl":5}"#).await;
    f.wait(6);
    while f.service.maintain_once().await.unwrap() {}
    let answer = f.service.feed(&all(FeedStart::After(&begin))).await.unwrap();
    let FeedRows::Versions(changes) = &answer.rows else { panic!("{answer:?}") };
    let told: Vec<_> = changes.iter().map(|change| (change.kind, change.item.id.as_str())).collect();
    assert_eq!(
        told,
        [
            (ChangeKind::Create, "1"),
            (ChangeKind::Replace, "1"),
            (ChangeKind::Delete, "1"),
            (ChangeKind::Create, "2"),
            (ChangeKind::Expire, "2")
        ]
    );
    assert!(changes.windows(2).all(|pair| pair[0].version.lsn() < pair[1].version.lsn()));
    assert_eq!(&*changes[1].previous.as_ref().unwrap().1, item("1", "a"));
    assert!(f.service.feed(&all(FeedStart::After(&answer.etag))).await.unwrap().rows.is_empty());
    // Nothing is coalesced when the reader takes one at a time.
    let one = FeedRequest { max_items: Some(1), ..all(FeedStart::After(&begin)) };
    assert_eq!(ids(&f.service.feed(&one).await.unwrap()).len(), 1);
    let f = Fixture::new(BY_PK).await;
    let Err(DocumentsError::Refused(error)) = f.service.feed(&all(FeedStart::Now)).await else { panic!() };
    assert!(error.message.contains("All Versions and Deletes") && error.message.contains("must be enabled"));
}

#[tokio::test]
async fn a_page_never_cuts_a_batch() {
    let f = Fixture::new(&format!("{BY_PK},{KEEPING}")).await;
    let begin = f.service.feed(&feed(FeedMode::AllVersions, FeedStart::Now)).await.unwrap().etag;
    let operations: Vec<String> = (0..10)
        .map(|n| format!(r#"{{"operationType":"Create","resourceBody":{}}}"#, item(&n.to_string(), "a")))
        .collect();
    let operations = format!("[{}]", operations.join(","));
    let operations = crate::protocol::read_batch(operations.as_bytes()).unwrap();
    put(&f, "before", "a").await;
    let answer = f.service.batch(&batch_request(), &operations).await.unwrap();
    assert!(answer.results.iter().all(OperationResult::succeeded));
    put(&f, "after", "a").await;
    for mode in [FeedMode::Latest, FeedMode::AllVersions] {
        let page = FeedRequest { max_items: Some(2), ..feed(mode, FeedStart::After(&begin)) };
        let first = f.service.feed(&page).await.unwrap();
        assert_eq!(ids(&first).len(), 11, "{mode:?}");
        let rest = f.service.feed(&feed(mode, FeedStart::After(&first.etag))).await.unwrap();
        assert_eq!(ids(&rest), ["after"], "{mode:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_is_woken_by_a_write() {
    let f = Fixture::new(BY_PK).await;
    put(&f, "1", "a").await;
    let etag = f.service.feed(&latest(FeedStart::Now)).await.unwrap().etag;
    for round in 0..5 {
        let waits = FeedRequest { wait: Duration::from_secs(30), ..latest(FeedStart::After(&etag)) };
        let mut waiting = std::pin::pin!(f.service.feed(&waits));
        // It has looked and found nothing when it is still waiting after a while.
        let idle = tokio::time::timeout(Duration::from_millis(50), &mut waiting).await;
        assert!(idle.is_err() || round > 0, "nothing was written yet");
        let begun = Instant::now();
        put(&f, "2", "a").await;
        let answer = match idle {
            Ok(answer) => answer.unwrap(),
            Err(_) => waiting.await.unwrap(),
        };
        assert_eq!(ids(&answer), ["2"]);
        // Looking again by itself comes after a second.
        assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
    }
    let now = FeedRequest { wait: Duration::from_millis(100), ..latest(FeedStart::Now) };
    let begun = Instant::now();
    assert!(f.service.feed(&now).await.unwrap().rows.is_empty());
    assert!(begun.elapsed() >= Duration::from_millis(100));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_writes_is_found_without_its_ring() {
    let f = Fixture::new(BY_PK).await;
    let other = f.another().await;
    let waits = FeedRequest { wait: Duration::from_secs(30), ..latest(FeedStart::Now) };
    let service = f.service.clone();
    let waiting = tokio::spawn(async move { service.feed(&FeedRequest { ..waits }).await });
    // Until the first look is over, what is written may be of before now.
    loop {
        let id = uuid::Uuid::new_v4().to_string();
        other.create_item(&request(""), &item(&id, "a")).await.unwrap();
        if waiting.is_finished() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(!waiting.await.unwrap().unwrap().rows.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_sees_each_change_once_and_in_order_while_many_write() {
    const WRITERS: u32 = 8;
    const WRITES: u32 = 60;
    let f = Fixture::new(&format!("{BY_PK},{KEEPING}")).await;
    let begin = f.service.feed(&feed(FeedMode::AllVersions, FeedStart::Now)).await.unwrap().etag;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let service = f.service.clone();
        writers.spawn(async move {
            for n in 0..WRITES {
                let body = format!(r#"{{"id":"{writer}","pk":"a","n":{n}}}"#);
                service.upsert_item(&request(""), &body).await.unwrap();
            }
        });
    }
    let service = f.service.clone();
    let reader = tokio::spawn(async move {
        let (mut etag, mut seen, mut last) = (begin, HashMap::<String, Vec<u32>>::new(), 0);
        while seen.values().map(Vec::len).sum::<usize>() < (WRITERS * WRITES) as usize {
            let waits = Duration::from_secs(20);
            let page = FeedRequest { wait: waits, ..feed(FeedMode::AllVersions, FeedStart::After(&etag)) };
            let answer = service.feed(&page).await.unwrap();
            let FeedRows::Versions(changes) = &answer.rows else { panic!("{answer:?}") };
            assert!(!changes.is_empty(), "something was left out: {seen:?}");
            for change in changes {
                assert!(change.version.0 > last, "in order");
                last = change.version.0;
                let body: serde_json::Value = serde_json::from_str(&change.item.body).unwrap();
                let n = u32::try_from(body["n"].as_u64().unwrap()).unwrap();
                seen.entry(change.item.id.clone()).or_default().push(n);
            }
            etag = answer.etag;
        }
        seen
    });
    writers.join_all().await;
    for (writer, seen) in reader.await.unwrap() {
        assert_eq!(seen, (0..WRITES).collect::<Vec<_>>(), "writer {writer}");
    }
}

#[tokio::test]
async fn what_is_too_old_cannot_be_read_any_more() {
    let f = Fixture::new(&format!("{BY_PK},{KEEPING}")).await;
    let all = |start| feed(FeedMode::AllVersions, start);
    let begin = f.service.feed(&all(FeedStart::Now)).await.unwrap().etag;
    put(&f, "1", "a").await;
    let first = f.service.feed(&all(FeedStart::After(&begin))).await.unwrap();
    f.wait(9 * 60);
    while f.service.maintain_once().await.unwrap() {}
    assert_eq!(ids(&f.service.feed(&all(FeedStart::After(&begin))).await.unwrap()), ["1"], "ten minutes are kept");
    put(&f, "2", "a").await;
    f.wait(2 * 60);
    while f.service.maintain_once().await.unwrap() {}
    assert_eq!(refused(f.service.feed(&all(FeedStart::After(&begin))).await), (400, 0));
    assert_eq!(ids(&f.service.feed(&all(FeedStart::After(&first.etag))).await.unwrap()), ["2"]);
    assert_eq!(ids(&f.service.feed(&latest(FeedStart::Beginning)).await.unwrap()), ["1", "2"]);
}

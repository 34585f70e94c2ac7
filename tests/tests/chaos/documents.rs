//! Items that many callers write while workers are killed: what was acknowledged is there once, in the version that was acknowledged, and who
//! follows the change feed all the while sees every change, in the order of LSNs that never repeat.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hearth_tests::{Container, DocumentStore, Hearth, alive, eventually, kill, pause};
use http::Method;
use serde_json::{Value, json};

use crate::{Numbers, end_after};

const WORKERS: u16 = 3;
const CALLERS: usize = 6;
/// Of an ordinary run, in seconds.
const SECONDS: u64 = 8;
/// Items of one batch.
const BATCH: usize = 3;

/// What a caller knows of one of its items.
#[derive(Clone, Debug, PartialEq)]
enum Known {
    /// It is there with this etag.
    There(String),
    /// It was deleted.
    Gone,
    /// The last call got no answer, so that it was done or not.
    Open,
}

/// By id.
type Acknowledged = BTreeMap<String, Known>;

#[test]
fn whoever_dies_each_acknowledged_item_is_there_once_and_the_feed_keeps_its_order() {
    let mut numbers = Numbers::seeded("documents");
    let hearth = Hearth::with().workers(WORKERS).start();
    let store = DocumentStore::of(hearth.ready()["documentsConnectionString"].as_str().unwrap());
    let container = store.make("chaos", "items", &json!({}));
    let (writing, following) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(true)));
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (container, writing) = (container.clone(), writing.clone());
            let seed = u64::try_from(numbers.below(1 << 20)).unwrap() | 1;
            std::thread::spawn(move || write(caller, &container, &writing, Numbers(seed)))
        })
        .collect();
    let follower = std::thread::spawn({
        let (container, following) = (container.clone(), following.clone());
        move || follow(&container, &following)
    });

    let (end, mut kills) = (end_after(SECONDS), 0);
    while Instant::now() < end {
        pause(Duration::from_millis(300 + u64::try_from(numbers.below(700)).unwrap()));
        let pids = hearth.pids("worker");
        let victim = pids[numbers.below(pids.len())];
        kill(victim);
        kills += 1;
        eventually("it to end", || (!alive(victim)).then_some(()));
        eventually("all workers to be there", || (hearth.pids("worker").len() == usize::from(WORKERS)).then_some(()));
    }
    writing.store(false, Ordering::Relaxed);
    let mut acknowledged = Acknowledged::new();
    for caller in callers {
        acknowledged.extend(caller.join().unwrap());
    }
    following.store(false, Ordering::Relaxed);
    let followed = follower.join().unwrap();
    let stored = latest(&read_feed(&container, None).0);

    let open = acknowledged.values().filter(|known| **known == Known::Open).count();
    println!(
        "documents: {kills} kills, {} items acknowledged, {open} of them left open, {} stored, {} changes followed",
        acknowledged.len(),
        stored.len(),
        followed.len()
    );
    assert!(acknowledged.len() > open + 50, "hardly anything was acknowledged");
    for (id, known) in &acknowledged {
        let found = stored.get(id).map(|item| item["_etag"].as_str().unwrap());
        match known {
            Known::There(etag) => assert_eq!(found, Some(etag.as_str()), "{id} is not as it was acknowledged"),
            Known::Gone => assert_eq!(found, None, "{id} was deleted"),
            Known::Open => {}
        }
    }
    let strange: Vec<_> = stored.keys().filter(|id| !acknowledged.contains_key(*id)).collect();
    assert!(strange.is_empty(), "nobody wrote {strange:?}");
    in_order(&followed);
    let followed = latest(&followed);
    for (id, item) in &stored {
        let seen = followed.get(id).map(|seen| &seen["_etag"]);
        assert_eq!(seen, Some(&item["_etag"]), "the last change of {id} was never seen in the feed");
    }
}

/// Creates, replaces, deletes and batches, each item by its one caller.
fn write(caller: usize, container: &Container, writing: &AtomicBool, mut numbers: Numbers) -> Acknowledged {
    let (mut items, mut next) = (Acknowledged::new(), 0);
    while writing.load(Ordering::Relaxed) {
        let known: Vec<String> =
            items.iter().filter(|(_, known)| matches!(known, Known::There(_))).map(|(id, _)| id.clone()).collect();
        let chosen = (!known.is_empty()).then(|| known[numbers.below(known.len())].clone());
        match (numbers.below(10), chosen) {
            (6 | 7, Some(id)) => {
                let Some(Known::There(etag)) = items.get(&id).cloned() else { continue };
                let call = container.replace(&item(&id, next)).header("if-match", &etag);
                note(&mut items, id, call.try_send().ok(), 200);
            }
            (8, Some(id)) => {
                let answer = container.item(Method::DELETE, &id, &key(&id)).try_send().ok();
                note(&mut items, id, answer, 204);
            }
            (9, _) => {
                // Ids of a batch differ in their last letter alone, which is no part of the key.
                let ids: Vec<String> = (0..BATCH).map(|place| format!("c{caller}-{next}-{place}")).collect();
                let operations: Vec<Value> =
                    ids.iter().map(|id| json!({ "operationType": "Create", "resourceBody": item(id, next) })).collect();
                batch(&mut items, &ids, container.batch(&key(&ids[0]), &json!(operations)).try_send().ok());
            }
            _ => {
                let id = format!("c{caller}-{next}-x");
                let answer = container.create(&item(&id, next)).try_send().ok();
                note(&mut items, id, answer, 201);
            }
        }
        next += 1;
    }
    items
}

/// The same for the items of one batch.
fn key(id: &str) -> String {
    id.rsplit_once('-').unwrap().0.to_owned()
}

fn item(id: &str, number: usize) -> Value {
    json!({ "id": id, "pk": key(id), "number": number, "text": "x".repeat(number % 700) })
}

/// Takes down what an answer to a write of one item says.
fn note(items: &mut Acknowledged, id: String, answer: Option<hearth_tests::Answer>, done: u16) {
    let known = match answer {
        None => Known::Open,
        Some(answer) if answer.status == done && done == 204 => Known::Gone,
        Some(answer) if answer.status == done => Known::There(answer.headers["etag"].to_str().unwrap().to_owned()),
        // Busy: nothing was done, or nobody knows.
        Some(answer) if [408, 500, 503].contains(&answer.status) => Known::Open,
        Some(answer) => panic!("{id}: {} {}", answer.status, answer.text()),
    };
    items.insert(id, known);
}

fn batch(items: &mut Acknowledged, ids: &[String], answer: Option<hearth_tests::Answer>) {
    let results: Option<Vec<Value>> = match answer {
        Some(answer) if answer.status == 200 && answer.broken.is_some() => None,
        Some(answer) if answer.status == 200 => Some(serde_json::from_slice(&answer.body).unwrap()),
        Some(answer) if ![408, 500, 503].contains(&answer.status) => {
            panic!("a batch: {} {}", answer.status, answer.text())
        }
        _ => None,
    };
    for (place, id) in ids.iter().enumerate() {
        let etag = results.as_ref().map(|results| results[place]["eTag"].as_str().unwrap().to_owned());
        items.insert(id.clone(), etag.map_or(Known::Open, Known::There));
    }
}

/// All changes, page by page in the order in which they were seen, until nobody writes any more and nothing is left.
fn follow(container: &Container, following: &AtomicBool) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let last = !following.load(Ordering::Relaxed);
        let (page, etag) = read_feed(container, after.take());
        after = etag;
        let empty = page.is_empty();
        all.extend(page);
        if last && empty {
            return all;
        }
    }
}

/// What is in the feed after a position, to its end, and the position there.
fn read_feed(container: &Container, mut after: Option<String>) -> (Vec<Value>, Option<String>) {
    let mut all = Vec::new();
    loop {
        let call = container.changes(after.as_deref()).header("x-ms-max-item-count", "50");
        // A worker that dies takes the answer with it; the same position is asked for again.
        let Ok(answer) = call.try_send() else { continue };
        if [408, 500, 503].contains(&answer.status) || answer.broken.is_some() {
            continue;
        }
        after = Some(answer.headers["etag"].to_str().unwrap().to_owned());
        if answer.status == 304 {
            return (all, after);
        }
        let body: Value = serde_json::from_slice(&answer.expect(200).body).unwrap();
        all.extend(body["Documents"].as_array().unwrap().iter().cloned());
    }
}

/// The last of each item.
fn latest(changes: &[Value]) -> BTreeMap<String, Value> {
    changes.iter().map(|item| (item["id"].as_str().unwrap().to_owned(), item.clone())).collect()
}

/// LSNs grow from one transaction to the next; those of one batch are one.
fn in_order(changes: &[Value]) {
    let mut before: Option<(i64, String)> = None;
    for item in changes {
        let (lsn, key) = (item["_lsn"].as_i64().unwrap(), item["pk"].as_str().unwrap().to_owned());
        if let Some((last, of)) = &before {
            assert!(lsn > *last || (lsn == *last && *of == key), "LSN {lsn} of {item} came after {last}");
        }
        before = Some((lsn, key));
    }
}

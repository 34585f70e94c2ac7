//! Queues and their messages: delivered at least once and to one at a time, gone when they are deleted.

use std::collections::BTreeMap;
use std::time::Duration;

use hearth_model::clock::{Clock, Timestamp};
use hearth_state::{
    ClaimedMessage, Database, NewMessage, OnMessage, QueueCreation, QueuePlace, StateError, StoredMessage,
};

use crate::fixture::Fixture;

crate::on_every_engine!(
    queues_are_created_listed_and_deleted,
    a_message_is_put_got_and_deleted,
    a_message_comes_back_until_it_is_deleted,
    only_the_latest_receipt_counts,
    eight_that_claim_at_once_never_get_one_message_twice,
    what_expired_is_never_delivered_and_swept,
    what_is_worked_on_can_be_deleted_after_it_expired,
    a_deleted_queue_takes_its_messages_along,
    clearing_is_one_step_however_many_there_are,
    a_wait_ends_when_the_next_message_is_visible,
    renewed_messages_keep_their_receipt,
    messages_come_in_the_order_of_their_puts,
);

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
const ORDERS: QueuePlace<'static> = QueuePlace::new("shop", "orders");

async fn with_queue(fixture: &Fixture) -> Database {
    let database = fixture.open().await;
    database.queue_accounts().create(&fixture.keyring(), "shop").await.unwrap();
    assert_eq!(database.queues().create(ORDERS, "").await.unwrap(), QueueCreation::Created);
    database
}

fn message(text: &str) -> NewMessage {
    NewMessage::new(text, Some(DAY)).unwrap()
}

fn held(message: &StoredMessage) -> ClaimedMessage {
    let (account, queue) = (ORDERS.account.to_owned(), ORDERS.queue.to_owned());
    ClaimedMessage { account, queue, id: message.id.clone(), receipt: message.receipt }
}

async fn texts(database: &Database, most: u32, visibility: Duration) -> Vec<String> {
    let messages = database.queues().claim(ORDERS, most, visibility).await.unwrap();
    messages.into_iter().map(|message| message.text).collect()
}

/// Sweeps until nothing is left to sweep.
async fn sweep(database: &Database) {
    while database.queues().sweep().await.unwrap() {}
}

async fn queues_are_created_listed_and_deleted(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    let queues = database.queues();
    let of = |name: &'static str| QueuePlace::new("shop", name);
    assert_eq!(queues.create(QueuePlace::new("none", "orders"), "").await.unwrap(), QueueCreation::NoAccount);
    for name in ["a-1", "a-2", "b"] {
        assert_eq!(queues.create(of(name), name).await.unwrap(), QueueCreation::Created);
    }
    let QueueCreation::Exists(found) = queues.create(of("a-1"), "other").await.unwrap() else { panic!("it is there") };
    assert_eq!((found.name.as_str(), found.metadata.as_str()), ("a-1", "a-1"));
    let names = |prefix: &'static str, from: &'static str, most| {
        let queues = queues.clone();
        async move { queues.list("shop", prefix, from, most).await.unwrap().into_iter().map(|queue| queue.name).collect() }
    };
    let all: Vec<String> = names("", "", 10).await;
    assert_eq!(all, ["a-1", "a-2", "b", "orders"]);
    let some: Vec<String> = names("a", "a-2", 10).await;
    assert_eq!(some, ["a-2"]);
    let first: Vec<String> = names("", "", 2).await;
    assert_eq!(first, ["a-1", "a-2"]);
    assert!(queues.list("none", "", "", 10).await.unwrap().is_empty());
    assert!(queues.set_metadata(of("b"), "new").await.unwrap() && queues.set_policies(of("b"), "p").await.unwrap());
    let b = queues.get(of("b")).await.unwrap().unwrap();
    assert_eq!((b.metadata.as_str(), b.policies.as_str()), ("new", "p"));
    assert!(queues.delete(of("b")).await.unwrap() && !queues.delete(of("b")).await.unwrap());
    assert!(!queues.set_metadata(of("b"), "").await.unwrap() && !queues.set_policies(of("b"), "").await.unwrap());
    assert!(!queues.clear(of("b")).await.unwrap());
    assert_eq!(queues.get(of("b")).await.unwrap(), None);
}

async fn a_message_is_put_got_and_deleted(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    let (queues, now) = (database.queues(), fixture.clock.now());
    let text = "<ü> & 'quotes' \u{1f600}\r\n";
    let new = message(text);
    let put = queues.put(ORDERS, &new).await.unwrap().unwrap();
    assert_eq!((put.inserted, put.visible, put.expires), (now, now, now.plus(DAY)));
    assert_eq!(queues.put(QueuePlace::new("shop", "none"), &new).await.unwrap(), None);
    let peeked = queues.peek(ORDERS, 32).await.unwrap().unwrap();
    assert_eq!((peeked.len(), peeked[0].dequeue_count, peeked[0].text.as_str()), (1, 0, text));
    assert_eq!(queues.peek(QueuePlace::new("shop", "none"), 1).await.unwrap(), None);
    assert_eq!(queues.count(ORDERS, 100).await.unwrap(), Some(1));

    let got = queues.claim(ORDERS, 32, MINUTE).await.unwrap();
    let [got] = &got[..] else { panic!("{got:?}") };
    assert_eq!((got.id.as_str(), got.dequeue_count, got.text.as_str()), (&*new.id, 1, text));
    assert_eq!((got.inserted, got.visible, got.expires), (now, now.plus(MINUTE), now.plus(DAY)));
    assert_ne!(got.receipt, new.receipt);
    assert!(queues.peek(ORDERS, 32).await.unwrap().unwrap().is_empty());
    assert_eq!(queues.count(ORDERS, 100).await.unwrap(), Some(1), "what is worked on counts");
    assert_eq!(queues.remove(&held(got)).await.unwrap(), OnMessage::Done(()));
    assert_eq!(queues.remove(&held(got)).await.unwrap(), OnMessage::NoMessage);
    assert_eq!(queues.count(ORDERS, 100).await.unwrap(), Some(0));
    assert_eq!(queues.count(QueuePlace::new("shop", "none"), 100).await.unwrap(), None);
    let elsewhere = ClaimedMessage { queue: "none".to_owned(), ..held(got) };
    assert_eq!(queues.remove(&elsewhere).await.unwrap(), OnMessage::NoQueue);

    let forever = NewMessage::new("stays", None).unwrap();
    assert_eq!(queues.put(ORDERS, &forever).await.unwrap().unwrap().expires, Timestamp(i64::MAX));
    fixture.clock.advance(DAY * 4000);
    assert_eq!(texts(&database, 1, MINUTE).await, ["stays"]);
}

async fn a_message_comes_back_until_it_is_deleted(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    database.queues().put(ORDERS, &message("a")).await.unwrap().unwrap();
    for count in 1..4 {
        let got = database.queues().claim(ORDERS, 1, MINUTE).await.unwrap();
        assert_eq!(got[0].dequeue_count, count);
        assert!(texts(&database, 1, MINUTE).await.is_empty(), "invisible meanwhile");
        fixture.clock.advance(MINUTE);
    }
    let hidden = NewMessage { visibility: MINUTE, ..message("later") };
    let put = database.queues().put(ORDERS, &hidden).await.unwrap().unwrap();
    assert_eq!(put.visible, fixture.clock.now().plus(MINUTE));
    assert_eq!(texts(&database, 32, MINUTE * 2).await, ["a"]);
    fixture.clock.advance(MINUTE);
    assert_eq!(texts(&database, 32, MINUTE).await, ["later"]);
}

async fn only_the_latest_receipt_counts(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    let queues = database.queues();
    let new = message("a");
    queues.put(ORDERS, &new).await.unwrap().unwrap();
    let of_put = ClaimedMessage { receipt: new.receipt, ..held(&queues.peek(ORDERS, 1).await.unwrap().unwrap()[0]) };
    let first = held(&queues.claim(ORDERS, 1, MINUTE).await.unwrap()[0]);
    for stale in [&of_put, &ClaimedMessage { receipt: 1, ..first.clone() }] {
        assert_eq!(queues.remove(stale).await.unwrap(), OnMessage::Stale);
        assert_eq!(queues.update(stale, MINUTE, Some("b")).await.unwrap(), OnMessage::Stale);
    }
    let OnMessage::Done((receipt, visible)) = queues.update(&first, Duration::ZERO, Some("b")).await.unwrap() else {
        panic!("it is the latest")
    };
    assert_eq!(visible, fixture.clock.now());
    assert_eq!(queues.remove(&first).await.unwrap(), OnMessage::Stale, "an update gives a new one");
    let peeked = queues.peek(ORDERS, 1).await.unwrap().unwrap();
    assert_eq!((peeked[0].text.as_str(), peeked[0].receipt, peeked[0].dequeue_count), ("b", receipt, 1));
    let updated = ClaimedMessage { receipt, ..first };
    let OnMessage::Done((receipt, _)) = queues.update(&updated, MINUTE, None).await.unwrap() else { panic!("latest") };
    assert!(queues.peek(ORDERS, 1).await.unwrap().unwrap().is_empty());
    let last = ClaimedMessage { receipt, ..updated };
    assert_eq!(queues.remove(&last).await.unwrap(), OnMessage::Done(()));
    assert_eq!(queues.update(&last, MINUTE, None).await.unwrap(), OnMessage::NoMessage);
    assert!(queues.delete(ORDERS).await.unwrap());
    assert_eq!(queues.update(&last, MINUTE, None).await.unwrap(), OnMessage::NoQueue);
}

async fn eight_that_claim_at_once_never_get_one_message_twice(fixture: Fixture) {
    const MESSAGES: usize = 400;
    let handles = [with_queue(&fixture).await, fixture.open().await];
    let puts = (0..MESSAGES).map(|number| {
        let queues = handles[number % 2].queues();
        tokio::spawn(async move { queues.put(ORDERS, &message(&number.to_string())).await })
    });
    for put in puts.collect::<Vec<_>>() {
        assert!(put.await.unwrap().unwrap().is_some());
    }
    let claimers: Vec<_> = (0..8)
        .map(|number| {
            let queues = handles[number % 2].queues();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let got = queues.claim(ORDERS, 7, DAY).await?;
                    // Where claims pass each other an empty one is no proof: the queue itself tells.
                    if got.is_empty() && queues.next_visible(ORDERS).await? != Some(Some(Duration::ZERO)) {
                        return Ok::<_, StateError>(mine);
                    }
                    for message in got {
                        assert_eq!(queues.remove(&held(&message)).await?, OnMessage::Done(()));
                        mine.push(message.text);
                    }
                }
            })
        })
        .collect();
    let mut seen = BTreeMap::new();
    for claimer in claimers {
        for text in claimer.await.unwrap().unwrap() {
            *seen.entry(text).or_insert(0) += 1;
        }
    }
    assert_eq!(seen.len(), MESSAGES);
    assert!(seen.values().all(|times| *times == 1), "{seen:?}");
    assert_eq!(handles[0].queues().count(ORDERS, 1000).await.unwrap(), Some(0));
}

async fn what_expired_is_never_delivered_and_swept(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    let queues = database.queues();
    for number in 0..3 {
        let short = NewMessage::new(format!("short {number}"), Some(MINUTE)).unwrap();
        queues.put(ORDERS, &short).await.unwrap().unwrap();
    }
    queues.put(ORDERS, &message("long")).await.unwrap().unwrap();
    assert!(!queues.sweep().await.unwrap());
    assert_eq!(queues.count(ORDERS, 100).await.unwrap(), Some(4));
    fixture.clock.advance(MINUTE);
    assert_eq!(queues.count(ORDERS, 100).await.unwrap(), Some(1), "not counted, before it is swept");
    assert_eq!(queues.count_all(ORDERS).await.unwrap(), Some(1));
    assert_eq!(queues.count_all(QueuePlace::new("shop", "none")).await.unwrap(), None);
    assert_eq!(queues.peek(ORDERS, 32).await.unwrap().unwrap().len(), 1);
    let before = fixture.dump().await;
    assert!(before.contains("short 2"));
    sweep(&database).await;
    assert!(!fixture.dump().await.contains("short"));
    assert_eq!(texts(&database, 32, MINUTE).await, ["long"]);
    assert_eq!(queues.count(ORDERS, 100).await.unwrap(), Some(1));
}

async fn what_is_worked_on_can_be_deleted_after_it_expired(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    let queues = database.queues();
    for text in ["a", "b"] {
        queues.put(ORDERS, &NewMessage::new(text, Some(MINUTE)).unwrap()).await.unwrap().unwrap();
    }
    let got = queues.claim(ORDERS, 2, MINUTE * 3).await.unwrap();
    fixture.clock.advance(MINUTE * 2);
    sweep(&database).await;
    assert_eq!(queues.remove(&held(&got[0])).await.unwrap(), OnMessage::Done(()));
    fixture.clock.advance(MINUTE);
    assert!(texts(&database, 32, MINUTE).await.is_empty(), "it does not come back");
    sweep(&database).await;
    assert_eq!(queues.remove(&held(&got[1])).await.unwrap(), OnMessage::NoMessage);
}

async fn a_deleted_queue_takes_its_messages_along(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    let queues = database.queues();
    for number in 0..700 {
        queues.put(ORDERS, &message(&format!("old {number}"))).await.unwrap().unwrap();
    }
    assert!(queues.delete(ORDERS).await.unwrap());
    assert_eq!(queues.put(ORDERS, &message("none")).await.unwrap(), None);
    assert_eq!(queues.create(ORDERS, "").await.unwrap(), QueueCreation::Created);
    queues.put(ORDERS, &message("new")).await.unwrap().unwrap();
    assert_eq!(queues.count(ORDERS, 1000).await.unwrap(), Some(1));
    assert_eq!(texts(&database, 32, Duration::ZERO).await, ["new"]);
    assert!(fixture.dump().await.contains("rows_left=700"));
    assert!(queues.sweep().await.unwrap(), "there is more than goes at once");
    sweep(&database).await;
    assert!(fixture.dump().await.contains("rows_left=0"));
    assert_eq!(texts(&database, 32, Duration::ZERO).await, ["new"]);
    assert!(fixture.dump().await.contains("removed_queues"), "remembered while a put may be on its way");
    fixture.clock.advance(Duration::from_secs(600));
    sweep(&database).await;
    assert!(!fixture.dump().await.contains("removed_queues"));
}

async fn clearing_is_one_step_however_many_there_are(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    let queues = database.queues();
    assert!(queues.set_metadata(ORDERS, "kept").await.unwrap());
    for number in 0..20 {
        queues.put(ORDERS, &message(&format!("old {number}"))).await.unwrap().unwrap();
    }
    let got = queues.claim(ORDERS, 1, MINUTE).await.unwrap();
    assert!(queues.clear(ORDERS).await.unwrap());
    assert_eq!(queues.count(ORDERS, 100).await.unwrap(), Some(0));
    assert!(texts(&database, 32, MINUTE).await.is_empty());
    assert_eq!(queues.remove(&held(&got[0])).await.unwrap(), OnMessage::NoMessage);
    assert_eq!(queues.get(ORDERS).await.unwrap().unwrap().metadata, "kept");
    queues.put(ORDERS, &message("new")).await.unwrap().unwrap();
    sweep(&database).await;
    assert_eq!(texts(&database, 32, MINUTE).await, ["new"]);
}

async fn a_wait_ends_when_the_next_message_is_visible(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    let queues = database.queues();
    assert_eq!(queues.next_visible(QueuePlace::new("shop", "none")).await.unwrap(), None);
    assert_eq!(queues.next_visible(ORDERS).await.unwrap(), Some(None));
    let later = NewMessage { visibility: MINUTE * 3, ..message("later") };
    queues.put(ORDERS, &later).await.unwrap().unwrap();
    assert_eq!(queues.next_visible(ORDERS).await.unwrap(), Some(Some(MINUTE * 3)));
    queues.put(ORDERS, &message("now")).await.unwrap().unwrap();
    assert_eq!(queues.next_visible(ORDERS).await.unwrap(), Some(Some(Duration::ZERO)));
    queues.claim(ORDERS, 32, MINUTE).await.unwrap();
    assert_eq!(queues.next_visible(ORDERS).await.unwrap(), Some(Some(MINUTE)));
    fixture.clock.advance(MINUTE * 2);
    assert_eq!(queues.next_visible(ORDERS).await.unwrap(), Some(Some(Duration::ZERO)));
}

async fn renewed_messages_keep_their_receipt(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    let queues = database.queues();
    assert!(queues.renew(&[], MINUTE).await.unwrap().is_empty());
    for text in ["a", "b", "c"] {
        queues.put(ORDERS, &message(text)).await.unwrap().unwrap();
    }
    let claims: Vec<_> = queues.claim(ORDERS, 3, MINUTE).await.unwrap().iter().map(held).collect();
    assert_eq!(queues.remove(&claims[1]).await.unwrap(), OnMessage::Done(()));
    assert_eq!(queues.renew(&claims, MINUTE * 5).await.unwrap(), [true, false, true]);
    fixture.clock.advance(MINUTE * 4);
    assert!(texts(&database, 32, MINUTE).await.is_empty());
    assert_eq!(queues.remove(&claims[0]).await.unwrap(), OnMessage::Done(()));
    fixture.clock.advance(MINUTE);
    assert_eq!(texts(&database, 32, MINUTE).await, ["c"]);
    assert_eq!(queues.renew(&claims[2..], MINUTE).await.unwrap(), [false], "another has it now");
}

async fn messages_come_in_the_order_of_their_puts(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    for number in 0..40 {
        fixture.clock.advance(Duration::from_millis(1));
        database.queues().put(ORDERS, &message(&format!("{number:02}"))).await.unwrap().unwrap();
    }
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.extend(texts(&database, 10, MINUTE).await);
    }
    assert_eq!(seen, (0..40).map(|number| format!("{number:02}")).collect::<Vec<_>>());
}

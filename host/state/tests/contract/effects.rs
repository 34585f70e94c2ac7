//! Effects: messages are put and an event is settled together, or neither.

use std::time::Duration;

use hearth_state::{ClaimedMessage, Database, NewMessage, QueuePlace, QueuePuts, Settlement, StateError, UnderLease};

use crate::fixture::Fixture;

crate::on_every_engine!(
    outputs_and_the_delete_are_one,
    nothing_is_put_for_a_message_that_somebody_else_has,
    queues_of_outputs_are_made,
    a_missing_account_settles_nothing,
    nothing_is_nothing,
    what_was_not_begun_is_as_if_it_was_never_taken,
);

const MINUTE: Duration = Duration::from_secs(60);
const ORDERS: QueuePlace<'static> = QueuePlace::new("shop", "orders");

async fn with_queue(fixture: &Fixture) -> Database {
    let database = fixture.open().await;
    database.queue_accounts().create(&fixture.keyring(), "shop").await.unwrap();
    database.queues().create(ORDERS, "").await.unwrap();
    database
}

/// A message that was put and taken.
async fn taken(database: &Database) -> ClaimedMessage {
    database.queues().put(ORDERS, &NewMessage::new("in", Some(MINUTE * 60)).unwrap()).await.unwrap().unwrap();
    let message = database.queues().claim(ORDERS, 1, MINUTE).await.unwrap().remove(0);
    let (account, queue) = (ORDERS.account.to_owned(), ORDERS.queue.to_owned());
    ClaimedMessage { account, queue, id: message.id, receipt: message.receipt }
}

fn puts(account: &str, queue: &str, texts: &[&str]) -> QueuePuts {
    let messages = texts.iter().map(|text| NewMessage::new(*text, None).unwrap()).collect();
    QueuePuts { account: account.to_owned(), queue: queue.to_owned(), messages }
}

async fn texts(database: &Database, queue: &str) -> Option<Vec<String>> {
    let found = database.queues().peek(QueuePlace::new("shop", queue), 32).await.unwrap()?;
    Some(found.into_iter().map(|message| message.text).collect())
}

async fn outputs_and_the_delete_are_one(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    let message = taken(&database).await;
    let outputs = [puts("shop", "orders", &["a", "b"]), puts("shop", "orders", &["c"])];
    let settlement = Settlement::Message(message);
    let first = database.effects().commit(&outputs, Some(&settlement)).await.unwrap();
    assert_eq!(first, UnderLease::Done(()));
    assert_eq!(texts(&database, "orders").await.unwrap(), ["a", "b", "c"]);
    assert_eq!(database.queues().count(ORDERS, 100).await.unwrap(), Some(3), "the message itself is gone");
    // A second run of the same message puts nothing.
    let again = [puts("shop", "orders", &["a", "b"])];
    assert_eq!(database.effects().commit(&again, Some(&settlement)).await.unwrap(), UnderLease::Stale);
    assert_eq!(texts(&database, "orders").await.unwrap(), ["a", "b", "c"]);
}

async fn nothing_is_put_for_a_message_that_somebody_else_has(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    let message = taken(&database).await;
    fixture.clock.advance(MINUTE);
    assert_eq!(database.queues().claim(ORDERS, 1, MINUTE).await.unwrap().len(), 1);
    for outputs in [vec![], vec![puts("shop", "orders", &["a"])], vec![puts("shop", "new", &["a"])]] {
        let committed = database.effects().commit(&outputs, Some(&Settlement::Message(message.clone()))).await.unwrap();
        assert_eq!(committed, UnderLease::Stale);
    }
    assert_eq!(database.queues().count(ORDERS, 100).await.unwrap(), Some(1));
    assert_eq!(texts(&database, "new").await, None, "no queue was made for what was not put");
}

async fn queues_of_outputs_are_made(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    let message = taken(&database).await;
    let outputs = [puts("shop", "orders", &["a"]), puts("shop", "one", &["b"]), puts("shop", "two", &["c", "d"])];
    let settlement = Settlement::Message(message);
    assert_eq!(database.effects().commit(&outputs, Some(&settlement)).await.unwrap(), UnderLease::Done(()));
    for (queue, expected) in [("orders", &["a"][..]), ("one", &["b"]), ("two", &["c", "d"])] {
        assert_eq!(texts(&database, queue).await.unwrap(), expected);
    }
    // Without an event to settle too, as from an HTTP function.
    let more = [puts("shop", "three", &["e"])];
    assert_eq!(database.effects().commit(&more, None).await.unwrap(), UnderLease::Done(()));
    assert_eq!(texts(&database, "three").await.unwrap(), ["e"]);
}

async fn a_missing_account_settles_nothing(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    let message = taken(&database).await;
    let outputs = [puts("shop", "orders", &["a"]), puts("gone", "orders", &["b"])];
    let error = database.effects().commit(&outputs, Some(&Settlement::Message(message.clone()))).await.unwrap_err();
    assert!(matches!(&error, StateError::Missing(text) if text.contains("gone")), "{error:?}");
    assert_eq!(texts(&database, "orders").await.unwrap(), Vec::<String>::new());
    let committed = database.effects().commit(&[], Some(&Settlement::Message(message))).await.unwrap();
    assert_eq!(committed, UnderLease::Done(()), "it is still there");
}

async fn nothing_is_nothing(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    assert_eq!(database.effects().commit(&[], None).await.unwrap(), UnderLease::Done(()));
}

async fn what_was_not_begun_is_as_if_it_was_never_taken(fixture: Fixture) {
    let database = with_queue(&fixture).await;
    let message = taken(&database).await;
    let stale = ClaimedMessage { receipt: 5, ..message.clone() };
    assert_eq!(database.effects().give_back(&[stale, message.clone()]).await.unwrap(), [false, true]);
    assert_eq!(database.effects().give_back(std::slice::from_ref(&message)).await.unwrap(), [false], "only once");
    let settled = database.effects().commit(&[], Some(&Settlement::Message(message))).await.unwrap();
    assert_eq!(settled, UnderLease::Stale);
    let again = database.queues().claim(ORDERS, 1, MINUTE).await.unwrap();
    assert_eq!((again.len(), again[0].dequeue_count), (1, 1));
    assert!(database.effects().give_back(&[]).await.unwrap().is_empty());
}

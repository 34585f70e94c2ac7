//! The listener over a real SQLite state, with functions that the test plays.

mod stage;

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hearth_engine::contract::TypedData;
use hearth_model::host_json::MessageEncoding;
use hearth_state::{NewMessage, QueuePuts, UnderLease};

use super::*;
use crate::{Acknowledgement, Event, InvocationFailure};
use stage::{Stage, options, until};

#[tokio::test]
async fn success_deletes_and_nothing_else_does() {
    let stage = Stage::open().await;
    stage.put("one").await;
    let mut calls = stage.listen(options());
    let call = calls.next().await;
    assert_eq!(
        (call.text(), call.event.reason.as_str()),
        ("one".to_owned(), "New queue message detected on 'orders'.")
    );
    assert_eq!(stage.count().await, 1);
    call.succeed(&stage).await;
    until(async || stage.count().await == 0).await;
    calls.stop().await;
}

#[tokio::test]
async fn a_failure_shows_the_message_again_until_it_is_poison() {
    let stage = Stage::open().await;
    let bell = stage.service.subscribe("shop", "orders-poison");
    stage.put("bad").await;
    let mut calls = stage.listen(QueuesOptions { max_dequeue_count: 3, ..options() });
    for attempt in 1..=3 {
        let call = calls.next().await;
        assert_eq!(call.event.details[1].1, attempt.to_string());
        call.answer(Err(InvocationFailure::Failed("no".into())));
    }
    tokio::time::timeout(Duration::from_secs(20), bell.rung()).await.expect("who listens to it is woken");
    assert_eq!(stage.texts("orders-poison").await, ["bad"]);
    assert_eq!(stage.count().await, 0);
    let log = calls.stop().await;
    assert_eq!(stage.poisoned.load(Ordering::Relaxed), 1);
    assert_eq!(log.len(), 1, "{log:?}");
    let expected =
        "Warning Message has reached MaxDequeueCount of 3. Moving message to queue 'orders-poison'. (message ";
    assert!(log[0].starts_with(expected) && log[0].ends_with("of queue 'orders', function 'F')"), "{log:?}");
}

#[tokio::test]
async fn visibility_timeout_puts_a_failed_message_off() {
    let stage = Stage::open().await;
    stage.put("later").await;
    let mut calls = stage.listen(QueuesOptions { visibility_timeout: Duration::from_secs(600), ..options() });
    calls.next().await.answer(Err(InvocationFailure::Failed("no".into())));
    until(async || stage.next_visible().await > Duration::from_secs(500)).await;
    calls.stop().await;
}

#[tokio::test]
async fn what_begins_beyond_the_count_is_not_run_at_all() {
    let stage = Stage::open().await;
    stage.put("killer").await;
    for _ in 0..2 {
        assert_eq!(stage.take_and_forget().await, 1);
    }
    let calls = stage.listen(QueuesOptions { max_dequeue_count: 2, ..options() });
    until(async || stage.texts("orders-poison").await == ["killer"]).await;
    let log = calls.stop().await;
    assert!(log[0].contains("Message has exceeded MaxDequeueCount of 2"), "{log:?}");
}

#[tokio::test]
async fn what_is_not_base64_is_poison_at_once_and_the_log_says_why() {
    let stage = Stage::open().await;
    stage.put("plain text!").await;
    stage.put("aGVsbG8=").await;
    let mut calls = stage.listen(QueuesOptions { encoding: MessageEncoding::Base64, ..options() });
    let call = calls.next().await;
    assert_eq!(call.text(), "hello");
    call.succeed(&stage).await;
    until(async || stage.texts("orders-poison").await == ["plain text!"]).await;
    let log = calls.stop().await;
    assert!(
        log[0].starts_with("Warning Message decoding has failed! The text of the message is not base64"),
        "{log:?}"
    );
    assert!(log[0].contains("which extensions.queues.messageEncoding in host.json asks for"), "{log:?}");
    assert!(log[0].contains("or set messageEncoding to none. Moving message to queue 'orders-poison'."), "{log:?}");
}

#[tokio::test]
async fn a_poison_queue_has_none_of_its_own() {
    let stage = Stage::of("orders-poison").await;
    stage.put("stays").await;
    let mut calls = stage.listen(QueuesOptions { max_dequeue_count: 1, ..options() });
    calls.next().await.answer(Err(InvocationFailure::Failed("no".into())));
    until(async || stage.next_visible().await > Duration::from_secs(500)).await;
    let log = calls.stop().await;
    assert!(log[0].contains("There is no poison queue for 'orders-poison', so the message stays"), "{log:?}");
}

#[tokio::test]
async fn a_queue_that_comes_later_is_waited_for() {
    let stage = Stage::without_queue().await;
    let mut calls = stage.listen(options());
    until(async || calls.log().len() == 1).await;
    assert!(calls.log()[0].starts_with("Warning Function 'F' waits for the queue 'orders', which does not exist yet"));
    stage.create().await;
    stage.put("first").await;
    calls.next().await.succeed(&stage).await;
    calls.stop().await;
}

#[tokio::test]
async fn so_many_run_at_once_and_no_more() {
    let stage = Stage::open().await;
    for number in 0..10 {
        stage.put(&number.to_string()).await;
    }
    let mut calls = stage.listen(QueuesOptions { batch_size: 2, given_threshold: Some(1), ..options() });
    // A batch of two is above the threshold of one; when one of them ends two more are taken.
    let mut running = vec![calls.next().await, calls.next().await];
    assert!(calls.none_now().await);
    running.remove(0).succeed(&stage).await;
    running.extend([calls.next().await, calls.next().await]);
    assert!(calls.none_now().await, "batchSize and newBatchThreshold together");
    for call in running {
        call.succeed(&stage).await;
    }
    let mut done = 4;
    while done < 10 {
        calls.next().await.succeed(&stage).await;
        done += 1;
    }
    until(async || stage.count().await == 0).await;
    calls.stop().await;
}

#[tokio::test]
async fn strictly_one_after_the_other() {
    let stage = Stage::open().await;
    for number in 0..3 {
        stage.put(&number.to_string()).await;
    }
    let mut calls = stage.listen(QueuesOptions { batch_size: 1, given_threshold: Some(0), ..options() });
    for number in 0..3 {
        let call = calls.next().await;
        assert_eq!(call.text(), number.to_string());
        assert!(calls.none_now().await);
        call.succeed(&stage).await;
    }
    calls.stop().await;
}

#[tokio::test]
async fn what_can_not_be_run_here_is_given_back_uncounted() {
    let stage = Stage::open().await;
    stage.put("patient").await;
    let mut calls = stage.listen(QueuesOptions { max_dequeue_count: 1, ..options() });
    for _ in 0..4 {
        let call = calls.next().await;
        assert_eq!(call.event.details[1].1, "1", "it is no attempt");
        call.answer(Err(InvocationFailure::NotRun("the app can't be loaded".into())));
    }
    calls.next().await.succeed(&stage).await;
    until(async || stage.count().await == 0).await;
    calls.stop().await;
}

#[tokio::test]
async fn a_stop_takes_nothing_new_and_waits_for_what_runs() {
    let stage = Stage::open().await;
    stage.put("runs").await;
    let mut calls = stage.listen(options());
    let call = calls.next().await;
    let stopping = calls.begin_stop();
    stage.put("stays").await;
    assert!(!stopping.is_finished());
    call.succeed(&stage).await;
    tokio::time::timeout(Duration::from_secs(10), stopping).await.unwrap().unwrap();
    assert_eq!(stage.take_now().await, [("stays".to_owned(), 1)]);
}

#[tokio::test]
async fn a_message_stays_out_of_sight_however_long_its_function_runs() {
    let stage = Stage::open().await;
    stage.put("slow").await;
    let short = Duration::from_millis(300);
    let mut calls = stage.listen_with(options(), |queue| {
        queue.invisibility = short;
        queue.shortest_renewal = short / 4;
    });
    let call = calls.next().await;
    let began = stage.now();
    // Four times as long as it would be hidden without renewals; anybody may look for it meanwhile.
    until(async || {
        assert_eq!(stage.take_and_forget().await, 0);
        stage.now().since(began) > short * 4
    })
    .await;
    call.succeed(&stage).await;
    until(async || stage.count().await == 0).await;
    calls.stop().await;
}

#[tokio::test]
async fn one_that_somebody_else_took_is_not_settled() {
    let stage = Stage::open().await;
    stage.put("contested").await;
    // It looks for no other while it has one.
    let mut calls = stage.listen(QueuesOptions { batch_size: 1, given_threshold: Some(0), ..options() });
    let call = calls.next().await;
    let Acknowledgement::Message(message) = &call.acknowledgement else { panic!("no message") };
    // Its worker was silent for too long, and another took it.
    assert!(stage.renew(message).await);
    assert_eq!(stage.take_and_forget().await, 1);
    assert_eq!(call.commit(&stage).await, UnderLease::Stale);
    call.answer(Err(InvocationFailure::Superseded));
    until(async || calls.log().len() == 1).await;
    assert!(calls.log()[0].contains("was taken by somebody else while function 'F' had it"), "{:?}", calls.log());
    // It is had again, with its true count.
    let call = calls.next().await;
    assert_eq!(call.event.details[1].1, "3");
    call.succeed(&stage).await;
    calls.stop().await;
}

/// Commits an output with each message, after a moment that is never the same.
struct Flaky {
    stage: Stage,
    ran: Mutex<Vec<String>>,
}

impl Invoker for Flaky {
    async fn invoke(
        &self,
        _function: &FunctionName,
        event: Event,
        acknowledgement: Acknowledgement,
    ) -> Result<(), InvocationFailure> {
        let TypedData::Text(text) = event.data else { panic!("no text") };
        self.ran.lock().unwrap().push(text.clone());
        let length = text.len() + usize::from(*event.id.to_string().as_bytes().last().unwrap());
        for _ in 0..length % 7 {
            tokio::task::yield_now().await;
        }
        let messages = vec![NewMessage::new(text, None).unwrap()];
        let puts = QueuePuts { account: "shop".into(), queue: "done".into(), messages };
        let settling = acknowledgement.settle().await?;
        match self.stage.state.effects().commit(&[puts], settling.settlement()).await.unwrap() {
            UnderLease::Done(()) => Ok(()),
            UnderLease::Stale => Err(InvocationFailure::Superseded),
        }
    }
}

/// A worker that dies at whatever point: the listener's future is dropped, with everything it had begun.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_loses_nothing_and_settles_nothing_twice() {
    const MESSAGES: usize = 300;
    let stage = Stage::open().await;
    for number in 0..MESSAGES {
        stage.put(&number.to_string()).await;
    }
    let invoker = Arc::new(Flaky { stage: stage.clone(), ran: Mutex::default() });
    let mut deaths = 0u64;
    while stage.count().await > 0 {
        let listener = stage.listener(QueuesOptions { max_dequeue_count: 1000, ..options() }, |queue| {
            queue.invisibility = Duration::from_millis(40);
            queue.shortest_renewal = Duration::from_millis(10);
        });
        let life = Duration::from_micros(500 + deaths * 997 % 20_000);
        let run = listener.run(invoker.clone(), CancellationToken::new());
        drop(tokio::time::timeout(life, run).await);
        deaths += 1;
        assert!(deaths < 5000, "{} of {MESSAGES} are left", stage.count().await);
    }
    let done = stage.texts("done").await;
    let distinct: HashSet<&String> = done.iter().collect();
    assert_eq!((done.len(), distinct.len()), (MESSAGES, MESSAGES), "each message's output once");
    let ran = invoker.ran.lock().unwrap();
    let mut times: BTreeMap<&String, usize> = BTreeMap::new();
    for text in ran.iter() {
        *times.entry(text).or_default() += 1;
    }
    assert_eq!(times.len(), MESSAGES, "each at least once");
    assert!(deaths > 3, "it never died");
}

//! What is expected of every service and of the trigger over it.

use std::time::Duration;

use hearth_model::host_json::{MessageEncoding, QueuesOptions};
use hearth_queues::{ClientErrorKind, QueueClient, Receipt};

use crate::played::Played;

const MINUTE: Duration = Duration::from_secs(60);

/// A name that no other test uses.
fn name(of: &str) -> String {
    format!("{of}-{}", &uuid::Uuid::new_v4().simple().to_string()[..12])
}

fn plain() -> QueuesOptions {
    QueuesOptions { encoding: MessageEncoding::None, ..QueuesOptions::default() }
}

/// The messages that a queue shows, which it then hides for a minute.
async fn texts(client: &QueueClient, queue: &str) -> Vec<String> {
    match client.get(queue, 32, MINUTE).await {
        Ok(messages) => messages.into_iter().map(|message| message.text.unwrap()).collect(),
        Err(error) if error.kind == ClientErrorKind::QueueNotFound => Vec::new(),
        Err(error) => panic!("{error}"),
    }
}

async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            // A service elsewhere tells nobody when it becomes so: it is asked again.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("it never was so");
}

pub(crate) async fn messages_are_put_got_held_and_deleted(client: QueueClient) {
    let queue = name("client");
    client.create(&queue).await.unwrap();
    client.create(&queue).await.unwrap();
    client.put(&queue, "one").await.unwrap();
    assert_eq!(client.length(&queue).await, Ok(Some(1)));
    let got = client.get(&queue, 32, MINUTE).await.unwrap().remove(0);
    assert_eq!((got.text.as_deref(), got.dequeue_count), (Some("one"), Some(1)));
    assert!(client.get(&queue, 32, MINUTE).await.unwrap().is_empty(), "it is hidden");
    let first = Receipt(got.pop_receipt.unwrap());
    let second = client.update(&queue, &got.id, &first, MINUTE * 10).await.unwrap();
    assert_ne!(first, second);
    let error = client.delete(&queue, &got.id, &first).await.unwrap_err();
    assert_eq!(error.kind, ClientErrorKind::MessageNotFound, "{error}");
    // Shown again at once; whoever gets it then has the receipt that counts.
    client.update(&queue, &got.id, &second, Duration::ZERO).await.unwrap();
    let again = client.get(&queue, 1, MINUTE).await.unwrap().remove(0);
    assert_eq!((again.id.as_str(), again.dequeue_count), (got.id.as_str(), Some(2)));
    client.delete(&queue, &again.id, &Receipt(again.pop_receipt.unwrap())).await.unwrap();
    assert_eq!(client.length(&queue).await, Ok(Some(0)));
}

pub(crate) async fn a_queue_that_is_not_there_is_told(client: QueueClient) {
    let queue = name("none");
    assert_eq!(client.length(&queue).await, Ok(None));
    let error = client.get(&queue, 1, MINUTE).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_deref()), (ClientErrorKind::QueueNotFound, Some("QueueNotFound")));
}

pub(crate) async fn a_put_makes_its_queue(client: QueueClient) {
    let queue = name("made");
    client.put(&queue, "first").await.unwrap();
    assert_eq!(texts(&client, &queue).await, ["first"]);
}

pub(crate) async fn texts_arrive_as_they_were_sent(client: QueueClient) {
    let queue = name("texts");
    for text in ["<a>&\"'", " spaces ", "line\nbreak", "\u{1f600} \u{e9}", "{\"a\": [1]}", "%41+b"] {
        client.put(&queue, text).await.unwrap();
        let message = client.get(&queue, 1, MINUTE).await.unwrap().remove(0);
        assert_eq!(message.text.as_deref(), Some(text));
    }
}

pub(crate) async fn success_deletes(client: QueueClient) {
    let queue = name("success");
    let mut played = Played::listen(&client, &queue, QueuesOptions::default());
    until(async || !played.log().is_empty()).await;
    assert!(played.log()[0].contains("which does not exist yet"), "{:?}", played.log());
    client.put(&queue, "aGVsbG8=").await.unwrap();
    let call = played.next().await;
    assert_eq!((call.text(), call.detail("DequeueCount")), ("hello".to_owned(), "1".to_owned()));
    assert_eq!(client.length(&queue).await, Ok(Some(1)), "it is there until the function succeeded");
    call.succeed();
    until(async || client.length(&queue).await == Ok(Some(0))).await;
    played.stop().await;
}

pub(crate) async fn failures_end_in_the_poison_queue(client: QueueClient) {
    let queue = name("poison");
    client.put(&queue, "bad").await.unwrap();
    let mut played = Played::listen(&client, &queue, QueuesOptions { max_dequeue_count: 2, ..plain() });
    for attempt in ["1", "2"] {
        let call = played.next().await;
        assert_eq!(call.detail("DequeueCount"), attempt);
        call.fail();
    }
    let poison = format!("{queue}-poison");
    until(async || texts(&client, &poison).await == ["bad"]).await;
    until(async || client.length(&queue).await == Ok(Some(0))).await;
    let log = played.stop().await;
    assert!(log[0].contains("Message has reached MaxDequeueCount of 2."), "{log:?}");
}

pub(crate) async fn what_is_not_base64_is_moved_at_once(client: QueueClient) {
    let queue = name("encoding");
    client.put(&queue, "not base64!").await.unwrap();
    let played = Played::listen(&client, &queue, QueuesOptions::default());
    let poison = format!("{queue}-poison");
    until(async || texts(&client, &poison).await == ["not base64!"]).await;
    let log = played.stop().await;
    assert!(log[0].starts_with("Message decoding has failed"), "{log:?}");
}

pub(crate) async fn a_stop_gives_back_what_was_not_begun(client: QueueClient) {
    let queue = name("stop");
    client.put(&queue, "runs").await.unwrap();
    let mut played = Played::listen(&client, &queue, plain());
    let call = played.next().await;
    played.begin_stop();
    client.put(&queue, "stays").await.unwrap();
    call.succeed();
    played.stop().await;
    // What runs was finished; the other is to be had at once.
    until(async || client.length(&queue).await == Ok(Some(1))).await;
    until(async || texts(&client, &queue).await == ["stays"]).await;
}

pub(crate) async fn a_put_of_this_process_wakes(client: QueueClient) {
    let queue = name("wakes");
    client.create(&queue).await.unwrap();
    let options = QueuesOptions { given_interval: Some(MINUTE), ..plain() };
    let mut played = Played::listen(&client, &queue, options);
    // However long the pauses have become.
    for number in 0..20 {
        client.put(&queue, &number.to_string()).await.unwrap();
        let call = played.next().await;
        assert_eq!(call.text(), number.to_string());
        call.succeed();
    }
    played.stop().await;
}

pub(crate) async fn a_listener_that_dies_deletes_nothing(client: QueueClient) {
    let queue = name("dies");
    client.put(&queue, "kept").await.unwrap();
    let mut played = Played::listen(&client, &queue, plain());
    let call = played.next().await;
    played.kill().await;
    assert_eq!(call.text(), "kept");
    assert_eq!(client.length(&queue).await, Ok(Some(1)));
}

//! Messages that functions work on while workers are killed: each that was acknowledged is worked on and deleted once, and what came
//! of it is there once, because both are committed together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hearth_model::clock::SystemClock;
use hearth_model::settings::Settings;
use hearth_queues::{IdentityEnvironment, QueueClient, QueueClients, QueueTarget, Receipt};
use hearth_tests::{Hearth, alive, eventually, kill, pause, test_guest};
use http::Method;

use crate::{Numbers, end};

const APP: &str = "events";
const WORKERS: u16 = 3;
/// Messages that one call sends.
const BATCH: usize = 25;
/// Messages of an ordinary run: a twentieth of a full one.
const MESSAGES: usize = 2_500;
/// From the last kill until the last message was worked on: a message whose worker died is hidden for a while.
const PATIENCE: Duration = Duration::from_secs(120);

/// What came out: by message, the ids of the notes about it.
type Notes = BTreeMap<String, BTreeSet<String>>;

#[test]
fn whoever_dies_each_message_is_worked_on_and_none_twice() {
    let mut numbers = Numbers::seeded("messages");
    let wanted = std::env::var("HEARTH_CHAOS_MESSAGES").map_or(MESSAGES, |text| text.parse().unwrap());
    let hearth = Arc::new(Hearth::with().workers(WORKERS).start());
    hearth.publish(APP, &test_guest("events"));
    for setting in [
        "AzureFunctionsJobHost__extensions__queues__messageEncoding=none",
        // Nobody is to blame for dying with a worker.
        "AzureFunctionsJobHost__extensions__queues__maxDequeueCount=1000",
        "AzureWebJobs.tick.Disabled=true",
    ] {
        assert!(hearth.run(["settings", "set", setting, "--app", APP]).status.success());
    }
    let client = client(&hearth);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let reader = runtime.spawn(read(client.clone(), stop.clone()));

    let sender = std::thread::spawn({
        let (hearth, seed) = (hearth.clone(), u64::try_from(numbers.below(1 << 20)).unwrap());
        move || send(&hearth, wanted, Numbers(seed | 1))
    });
    let (end, mut kills) = (end(), 0);
    while Instant::now() < end || !sender.is_finished() {
        let pids = hearth.pids("worker");
        let victim = pids[numbers.below(pids.len())];
        kill(victim);
        kills += 1;
        eventually("it to end", || (!alive(victim)).then_some(()));
        eventually("all workers to be there", || (hearth.pids("worker").len() == usize::from(WORKERS)).then_some(()));
        pause(Duration::from_millis(500 + u64::try_from(numbers.below(2_000)).unwrap()));
    }
    let (sent, acknowledged) = sender.join().unwrap();

    let since = Instant::now();
    let left = loop {
        let left = runtime.block_on(approximate(&client, "work"));
        if left == 0 || since.elapsed() > PATIENCE {
            break left;
        }
        pause(Duration::from_millis(100));
    };
    stop.store(true, Ordering::Relaxed);
    let notes = runtime.block_on(reader).unwrap();
    let poisoned = runtime.block_on(client.get("work-poison", 32, Duration::from_secs(1))).unwrap_or_default();
    println!(
        "messages: {kills} kills, {sent} sent, {} acknowledged, {} worked on, {left} left after {:?}",
        acknowledged.len(),
        notes.len(),
        since.elapsed()
    );
    assert_eq!(left, 0, "messages are left in the queue");
    assert!(poisoned.is_empty(), "messages were given up: {poisoned:?}");
    let lost: Vec<&String> = acknowledged.iter().filter(|message| !notes.contains_key(*message)).collect();
    assert!(lost.is_empty(), "{} messages were acknowledged and lost: {lost:?}", lost.len());
    let twice: Vec<_> = notes.iter().filter(|(_, notes)| notes.len() > 1).collect();
    assert!(twice.is_empty(), "{} messages were deleted more than once: {twice:?}", twice.len());
    assert!(notes.len() <= sent, "more came out than was sent");
}

/// Sends until so many are acknowledged; how many were sent, and the acknowledged ones.
fn send(hearth: &Hearth, wanted: usize, mut numbers: Numbers) -> (usize, Vec<String>) {
    let (mut sent, mut acknowledged) = (0, Vec::new());
    while acknowledged.len() < wanted {
        // Some take a while, so that a kill finds them in the middle.
        let batch: Vec<String> = (sent..sent + BATCH)
            .map(|number| match numbers.below(4) {
                0 => format!("sleep:{} m{number}", numbers.below(60)),
                _ => format!("m{number}"),
            })
            .collect();
        sent += BATCH;
        let call = hearth.app(APP).call(Method::POST, "/api/submit").body(batch.join("\n"));
        if call.try_send().is_ok_and(|answer| answer.status == 202) {
            acknowledged.extend(batch);
        }
    }
    (sent, acknowledged)
}

/// Takes what functions noted until it is told to stop and nothing is left.
async fn read(client: QueueClient, stop: Arc<AtomicBool>) -> Notes {
    let mut notes = Notes::new();
    loop {
        let last = stop.load(Ordering::Relaxed);
        // A worker that dies takes the connection with it; the client tries again, and then this does.
        let messages = client.get("done", 32, Duration::from_secs(30)).await.unwrap_or_default();
        if messages.is_empty() {
            if last && approximate(&client, "done").await == 0 {
                return notes;
            }
            // Between two looks at a queue that is empty, as any poll loop.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for message in messages {
            let note: serde_json::Value = serde_json::from_str(&message.text.unwrap_or_default()).unwrap();
            notes.entry(note["body"].as_str().unwrap().to_owned()).or_default().insert(message.id.clone());
            let receipt = Receipt(message.pop_receipt.unwrap_or_default());
            // Not deleted it comes again, under the same id.
            client.delete("done", &message.id, &receipt).await.ok();
        }
    }
}

/// How many messages a queue holds; none while it is not there.
async fn approximate(client: &QueueClient, queue: &str) -> u64 {
    loop {
        match client.length(queue).await {
            Ok(count) => return count.unwrap_or_default(),
            // The worker that was asked has just died.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// A client of the app's own account, as any other program would be.
fn client(hearth: &Hearth) -> QueueClient {
    let shown = hearth.run(["queues", "connection-string", "--app", APP]);
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    let text = String::from_utf8(shown.stdout).unwrap();
    let settings: Settings = [("Events", text.trim())].into_iter().collect();
    let QueueTarget::Endpoint(connection) = QueueTarget::find(&settings, Some("Events")).unwrap() else {
        panic!("it leads to no endpoint")
    };
    QueueClients::new(Arc::new(SystemClock), IdentityEnvironment::default()).client(&connection)
}

//! The app: one function that tells by a queue what it was given, and fails as it is asked to.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_model::ids::AppName;
use hearth_state::{ClaimedMessage, Database, Keyring, OpenOptions, QueuePlace, StateUrl};
use hearth_tests::{Hearth, Zip, eventually};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Where the function tells.
const QUEUE: &str = "told";

/// Leases that change hands within seconds.
pub(crate) const QUICK: &str = "leaseAcquireInterval: 400, leaseRenewInterval: 700, leaseExpirationInterval: 3000";

/// An app of JavaScript with this in its only file.
fn package(script: &str) -> Zip {
    Zip::new()
        .json("host.json", &json!({ "version": "2.0" }))
        .json("package.json", &json!({ "name": "feeds", "version": "1.0.0", "main": "index.js" }))
        .file("index.js", script)
}

/// One that does nothing.
pub(crate) fn idle() -> Zip {
    package("require('@azure/functions').app.http('idle', { handler: () => ({ body: 'idle' }) });")
}

/// One whose function follows `orders` of `shop`, with these options more and this to be done first with the items of a batch.
pub(crate) fn follows(options: &str, body: &str) -> Zip {
    package(&format!(
        "const {{ app, output }} = require('@azure/functions');
        const told = output.storageQueue({{ queueName: '{QUEUE}', connection: 'AzureWebJobsStorage' }});
        app.cosmosDB('follow', {{
            connection: 'CosmosDB', databaseName: 'shop', containerName: 'orders', createLeaseContainerIfNotExists: true,
            startFromBeginning: true, {options}, extraOutputs: [told],
            handler: async (items, context) => {{
                {body}
                const given = items.map((item) => ({{ pk: item.pk, n: item.n, lsn: item._lsn }}));
                context.extraOutputs.set(told, JSON.stringify({{ given, retry: context.retryContext ?? null }}));
            }},
        }});"
    ))
}

/// What the function told, in order.
pub(crate) struct Told {
    runtime: Runtime,
    state: Database,
    account: String,
}

impl Told {
    pub(crate) fn of(hearth: &Hearth, app: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (state, account) = runtime.block_on(async {
            let url = StateUrl::sqlite(&hearth.data().join("state.db"));
            let state = Database::open(&url, OpenOptions::default()).await.unwrap();
            let keyring = Keyring::load_or_create(&hearth.data().join("installation.key")).unwrap();
            let app = AppName::parse(app).unwrap();
            let account = state.queue_accounts().ensure_for_app(&keyring, &app).await.unwrap().name;
            (state, account)
        });
        Self { runtime, state, account }
    }

    /// What it told since the last time, in the order in which that was committed.
    pub(crate) fn take(&self) -> Vec<Value> {
        self.runtime.block_on(async {
            let queues = self.state.queues();
            let place = QueuePlace::new(&self.account, QUEUE);
            let mut told = Vec::new();
            // Taken for good: nobody else takes any.
            for message in queues.claim(place, 32, Duration::from_secs(600)).await.unwrap() {
                let (account, queue) = (self.account.clone(), QUEUE.to_owned());
                let claimed = ClaimedMessage { account, queue, id: message.id, receipt: message.receipt };
                queues.remove(&claimed).await.unwrap();
                told.push(serde_json::from_slice(&STANDARD.decode(&message.text).unwrap()).unwrap());
            }
            told
        })
    }

    /// Waits until it has told of so many items; those of each key, as they were told.
    #[track_caller]
    pub(crate) fn items(&self, items: usize) -> BTreeMap<String, Vec<u64>> {
        let mut seen: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        eventually(&format!("{items} items to be told of"), || {
            for told in self.take() {
                for item in told["given"].as_array().unwrap() {
                    seen.entry(item["pk"].as_str().unwrap().to_owned()).or_default().push(item["n"].as_u64().unwrap());
                }
            }
            let distinct: usize = seen.values().map(|numbers| distinct(numbers).len()).sum();
            (distinct >= items).then_some(())
        });
        seen
    }
}

/// Numbers without those that were there before.
pub(crate) fn distinct(numbers: &[u64]) -> Vec<u64> {
    let mut seen = Vec::new();
    for number in numbers {
        if !seen.contains(number) {
            seen.push(*number);
        }
    }
    seen
}

/// Nothing is lost, and each key is in order.
#[track_caller]
pub(crate) fn expect_all(seen: &BTreeMap<String, Vec<u64>>, keys: usize, each: u64) {
    assert_eq!(seen.len(), keys);
    for (key, numbers) in seen {
        assert_eq!(distinct(numbers), (0..each).collect::<Vec<_>>(), "of {key}: {numbers:?}");
        // A batch that comes again comes whole, so a number is followed by the next one or by one that was there before.
        for pair in numbers.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "of {key}: {numbers:?}");
        }
    }
}

//! The queues of an app's own account, looked at and filled from outside, in host state itself.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_model::ids::{AppName, FunctionName};
use hearth_state::{
    ClaimedMessage, Database, Keyring, NewMessage, Occurrence, OpenOptions, QueuePlace, StateUrl, TimerKey,
};
use hearth_tests::{Hearth, eventually};
use serde_json::Value;
use tokio::runtime::Runtime;

/// Messages that were taken stay out of sight for so long.
const TAKEN: Duration = Duration::from_secs(600);

pub(crate) struct Store {
    runtime: Runtime,
    state: Database,
    account: String,
    app: AppName,
}

impl Store {
    pub(crate) fn of(hearth: &Hearth, app: &str) -> Self {
        Self::at(hearth.data(), app)
    }

    /// The same, of the installation with this data directory.
    pub(crate) fn at(data: &Path, app: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let app = AppName::parse(app).unwrap();
        let (state, account) = runtime.block_on(async {
            let url = StateUrl::sqlite(&data.join("state.db"));
            let state = Database::open(&url, OpenOptions::default()).await.unwrap();
            let keyring = Keyring::load_or_create(&data.join("installation.key")).unwrap();
            let account = state.queue_accounts().ensure_for_app(&keyring, &app).await.unwrap().name;
            (state, account)
        });
        Self { runtime, state, account, app }
    }

    /// Puts a message as a client would; makes the queue.
    pub(crate) fn put(&self, queue: &str, text: &str) {
        self.put_raw(queue, &STANDARD.encode(text));
    }

    /// The same, with the text as it is.
    pub(crate) fn put_raw(&self, queue: &str, text: &str) {
        self.runtime.block_on(async {
            let place = QueuePlace::new(&self.account, queue);
            self.state.queues().create(place, "").await.unwrap();
            let message = NewMessage::new(text, Some(Duration::from_secs(3600))).unwrap();
            self.state.queues().put(place, &message).await.unwrap().expect("there is a queue");
        });
    }

    /// Takes what is visible in a queue for good: texts, decoded.
    pub(crate) fn take(&self, queue: &str) -> Vec<String> {
        self.runtime.block_on(async {
            let queues = self.state.queues();
            let taken = queues.claim(QueuePlace::new(&self.account, queue), 32, TAKEN).await.unwrap();
            let mut texts = Vec::new();
            for message in taken {
                let claimed = ClaimedMessage {
                    account: self.account.clone(),
                    queue: queue.to_owned(),
                    id: message.id,
                    receipt: message.receipt,
                };
                queues.remove(&claimed).await.unwrap();
                let bytes = STANDARD.decode(&message.text);
                texts.push(bytes.map_or(message.text, |bytes| String::from_utf8(bytes).unwrap()));
            }
            texts
        })
    }

    /// How many messages a queue has, those out of sight included; 0 without such a queue.
    pub(crate) fn count(&self, queue: &str) -> u64 {
        let queues = self.state.queues();
        let count = queues.count(QueuePlace::new(&self.account, queue), 1_000_000);
        self.runtime.block_on(count).unwrap().unwrap_or_default()
    }

    /// The occurrences of a timer that are kept.
    pub(crate) fn occurrences(&self, function: &str) -> Vec<Occurrence> {
        let key = TimerKey { app: self.app.clone(), function: FunctionName::parse(function).unwrap() };
        self.runtime.block_on(self.state.timers().history(&key, 1000)).unwrap()
    }

    /// Waits for so many messages.
    #[track_caller]
    pub(crate) fn next(&self, queue: &str, count: usize) -> Vec<String> {
        let mut messages = Vec::new();
        eventually(&format!("{count} message(s) in {queue}"), || {
            messages.extend(self.take(queue));
            (messages.len() >= count).then_some(())
        });
        messages
    }

    /// Waits until the function `work` has told of so many messages; what it told by their bodies, each with all its tellings.
    #[track_caller]
    pub(crate) fn done(&self, bodies: usize) -> BTreeMap<String, Vec<Value>> {
        let mut done: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        eventually(&format!("{bodies} messages to be handled"), || {
            for text in self.take("done") {
                let told: Value = serde_json::from_str(&text).unwrap();
                done.entry(told["body"].as_str().unwrap().to_owned()).or_default().push(told);
            }
            (done.len() >= bodies).then_some(())
        });
        done
    }
}

//! A database with a queue, and a listener whose function the test plays.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hearth_engine::contract::TypedData;
use hearth_model::binding::QueueTrigger;
use hearth_model::clock::{Clock, SystemClock, Timestamp};
use hearth_model::host_json::{MessageEncoding, QueuesOptions};
use hearth_model::ids::FunctionName;
use hearth_queues::{QueueService, ServiceOptions};
use hearth_state::{ClaimedMessage, Database, Keyring, OpenOptions, QueuePlace, StateUrl, UnderLease};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::super::embedded::EmbeddedQueue;
use super::super::{ListenerLog, QueueListener, QueueSource, TellNews};
use crate::{Acknowledgement, Event, InvocationFailure, Invoker};

/// Texts as they are, and one message after the other at most eight at a time.
pub(super) fn options() -> QueuesOptions {
    QueuesOptions { encoding: MessageEncoding::None, batch_size: 8, ..QueuesOptions::default() }
}

/// Waits until something is so.
pub(super) async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            // Host state and services tell nobody when it becomes so: they are asked again.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("it never was so");
}

/// A database with an account, and mostly a queue.
#[derive(Clone)]
pub(super) struct Stage {
    pub(super) state: Database,
    pub(super) service: QueueService,
    pub(super) poisoned: Arc<AtomicU64>,
    queue: &'static str,
    _directory: Arc<tempfile::TempDir>,
}

impl Stage {
    pub(super) async fn open() -> Self {
        Self::of("orders").await
    }

    pub(super) async fn of(queue: &'static str) -> Self {
        let stage = Self { queue, ..Self::without_queue().await };
        stage.create().await;
        stage
    }

    pub(super) async fn without_queue() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url: StateUrl = directory.path().join("state.db").to_str().unwrap().parse().unwrap();
        let state = Database::open(&url, OpenOptions::default()).await.unwrap();
        let keyring = Keyring::load_or_create(&directory.path().join("key")).unwrap();
        assert!(state.queue_accounts().create(&keyring, "shop").await.unwrap());
        let options = ServiceOptions { endpoint: "http://127.0.0.1:10001".into(), development: false };
        let service = QueueService::new(state.clone(), keyring, Arc::new(SystemClock), options);
        Self { state, service, poisoned: Arc::default(), queue: "orders", _directory: Arc::new(directory) }
    }

    fn place(&self) -> QueuePlace<'static> {
        QueuePlace::new("shop", self.queue)
    }

    pub(super) async fn create(&self) {
        self.state.queues().create(self.place(), "").await.unwrap();
    }

    pub(super) async fn put(&self, text: &str) {
        self.service.put("shop", self.queue, text, Duration::ZERO, None).await.unwrap();
    }

    /// Messages, those out of sight too.
    pub(super) async fn count(&self) -> u64 {
        self.state.queues().count(self.place(), 10_000).await.unwrap().unwrap()
    }

    /// What another queue shows.
    pub(super) async fn texts(&self, queue: &str) -> Vec<String> {
        let found = self.state.queues().peek(QueuePlace::new("shop", queue), 10_000).await.unwrap();
        found.unwrap_or_default().into_iter().map(|message| message.text).collect()
    }

    pub(super) async fn next_visible(&self) -> Duration {
        self.state.queues().next_visible(self.place()).await.unwrap().flatten().unwrap_or_default()
    }

    /// Takes what is visible, with its count of attempts.
    pub(super) async fn take_now(&self) -> Vec<(String, u32)> {
        let taken = self.state.queues().claim(self.place(), 32, Duration::ZERO).await.unwrap();
        taken.into_iter().map(|message| (message.text, message.dequeue_count)).collect()
    }

    /// Takes what is visible and shows it again at once, as one that died.
    pub(super) async fn take_and_forget(&self) -> usize {
        self.take_now().await.len()
    }

    /// Whether a message is still whose it was.
    pub(super) async fn renew(&self, message: &ClaimedMessage) -> bool {
        self.state.queues().renew(std::slice::from_ref(message), Duration::ZERO).await.unwrap() == [true]
    }

    pub(super) fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    pub(super) fn listener(&self, options: QueuesOptions, change: impl FnOnce(&mut EmbeddedQueue)) -> QueueListener {
        let mut queue = EmbeddedQueue::new(&self.service, self.state.clone(), "shop", self.queue);
        change(&mut queue);
        let trigger =
            QueueTrigger { binding_name: "item".into(), queue: self.queue.into(), connection: None, is_binary: false };
        QueueListener {
            function: FunctionName::parse("F").unwrap(),
            trigger,
            options,
            source: QueueSource::Embedded(queue),
            cores: 1,
            development: false,
            log: ListenerLog::new(|_, _| {}),
            poisoned: self.poisoned.clone(),
            news: TellNews::new(|_| {}),
        }
    }

    pub(super) fn listen(&self, options: QueuesOptions) -> Calls {
        self.listen_with(options, |_| {})
    }

    pub(super) fn listen_with(&self, options: QueuesOptions, change: impl FnOnce(&mut EmbeddedQueue)) -> Calls {
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let written = lines.clone();
        let log = ListenerLog::new(move |level, line| written.lock().unwrap().push(format!("{} {line}", level.name())));
        let listener = QueueListener { log, ..self.listener(options, change) };
        let (sender, calls) = mpsc::unbounded_channel();
        let stop = CancellationToken::new();
        let task = tokio::spawn(listener.run(Arc::new(Played(sender)), stop.clone()));
        Calls { calls, lines, stop, task: Some(task) }
    }
}

/// The calls of a listener.
pub(super) struct Calls {
    calls: mpsc::UnboundedReceiver<Call>,
    lines: Arc<Mutex<Vec<String>>>,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Calls {
    pub(super) async fn next(&mut self) -> Call {
        tokio::time::timeout(Duration::from_secs(20), self.calls.recv()).await.expect("no call came").unwrap()
    }

    /// Whether none comes for a while.
    pub(super) async fn none_now(&mut self) -> bool {
        tokio::time::timeout(Duration::from_millis(150), self.calls.recv()).await.is_err()
    }

    pub(super) fn log(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    pub(super) fn begin_stop(&mut self) -> JoinHandle<()> {
        self.stop.cancel();
        self.task.take().unwrap()
    }

    /// Stops, and answers what was logged.
    pub(super) async fn stop(mut self) -> Vec<String> {
        let stopping = self.begin_stop();
        tokio::time::timeout(Duration::from_secs(20), stopping).await.expect("it did not stop").unwrap();
        self.log()
    }
}

/// A function under way.
pub(super) struct Call {
    pub(super) event: Event,
    pub(super) acknowledgement: Acknowledgement,
    answer: oneshot::Sender<Result<(), InvocationFailure>>,
}

impl Call {
    pub(super) fn text(&self) -> String {
        match &self.event.data {
            TypedData::Text(text) | TypedData::Json(text) => text.clone(),
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn answer(self, result: Result<(), InvocationFailure>) {
        // A listener that is gone is not told.
        let _ = self.answer.send(result);
    }

    pub(super) async fn commit(&self, stage: &Stage) -> UnderLease<()> {
        let settling = self.acknowledgement.clone().settle().await.unwrap();
        stage.state.effects().commit(&[], settling.settlement()).await.unwrap()
    }

    pub(super) async fn succeed(self, stage: &Stage) {
        assert_eq!(self.commit(stage).await, UnderLease::Done(()));
        self.answer(Ok(()));
    }
}

struct Played(mpsc::UnboundedSender<Call>);

impl Invoker for Played {
    async fn invoke(
        &self,
        _function: &FunctionName,
        event: Event,
        acknowledgement: Acknowledgement,
    ) -> Result<(), InvocationFailure> {
        let (answer, answered) = oneshot::channel();
        let call = Call { event, acknowledgement, answer };
        self.0.send(call).map_err(|_| InvocationFailure::NotRun("nobody plays it".into()))?;
        answered.await.unwrap_or_else(|_| Err(InvocationFailure::NotRun("nobody played it".into())))
    }
}

//! A listener whose function the test plays.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hearth_engine::contract::TypedData;
use hearth_model::binding::QueueTrigger;
use hearth_model::host_json::QueuesOptions;
use hearth_model::ids::FunctionName;
use hearth_queues::QueueClient;
use hearth_triggers::queue::{ListenerLog, QueueListener, QueueSource, TellNews};
use hearth_triggers::{Acknowledgement, Event, InvocationFailure, Invoker};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

type Outcome = Result<(), InvocationFailure>;

/// A function under way.
pub(crate) struct Call {
    pub(crate) event: Event,
    answer: oneshot::Sender<Outcome>,
}

impl Call {
    pub(crate) fn text(&self) -> String {
        match &self.event.data {
            TypedData::Text(text) | TypedData::Json(text) => text.clone(),
            other => panic!("{other:?}"),
        }
    }

    /// A detail of the event, for example `DequeueCount`.
    pub(crate) fn detail(&self, name: &str) -> String {
        self.event.details.iter().find(|(known, _)| *known == name).unwrap().1.clone()
    }

    pub(crate) fn succeed(self) {
        self.answer.send(Ok(())).unwrap();
    }

    pub(crate) fn fail(self) {
        self.answer.send(Err(InvocationFailure::Failed("no".into()))).unwrap();
    }
}

/// A listener and its calls.
pub(crate) struct Played {
    calls: mpsc::UnboundedReceiver<Call>,
    lines: Arc<Mutex<Vec<String>>>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

struct Actor(mpsc::UnboundedSender<Call>);

impl Invoker for Actor {
    async fn invoke(&self, _: &FunctionName, event: Event, acknowledgement: Acknowledgement) -> Outcome {
        assert!(matches!(acknowledgement, Acknowledgement::None), "the service elsewhere is told by the listener");
        let (answer, answered) = oneshot::channel();
        self.0.send(Call { event, answer }).unwrap();
        answered.await.unwrap_or_else(|_| Err(InvocationFailure::NotRun("nobody played it".into())))
    }
}

impl Played {
    pub(crate) fn listen(client: &QueueClient, queue: &str, options: QueuesOptions) -> Self {
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let written = lines.clone();
        let trigger =
            QueueTrigger { binding_name: "item".into(), queue: queue.into(), connection: None, is_binary: false };
        let listener = QueueListener {
            function: FunctionName::parse("F").unwrap(),
            trigger,
            options,
            source: QueueSource::remote(client.clone(), queue),
            cores: 1,
            development: true,
            log: ListenerLog::new(move |_, line| written.lock().unwrap().push(line.to_owned())),
            poisoned: Arc::default(),
            news: TellNews::new(|_| {}),
        };
        let (sender, calls) = mpsc::unbounded_channel();
        let stop = CancellationToken::new();
        let task = tokio::spawn(listener.run(Arc::new(Actor(sender)), stop.clone()));
        Self { calls, lines, stop, task }
    }

    pub(crate) async fn next(&mut self) -> Call {
        tokio::time::timeout(Duration::from_secs(30), self.calls.recv()).await.expect("no call came").unwrap()
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Ends it as a kill does.
    pub(crate) async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    pub(crate) async fn stop(self) -> Vec<String> {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(30), self.task).await.expect("it did not stop").unwrap();
        self.lines.lock().unwrap().clone()
    }

    pub(crate) fn begin_stop(&self) {
        self.stop.cancel();
    }
}

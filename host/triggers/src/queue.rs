//! The queue trigger: takes messages out of a queue, runs the function for each, and lets a message go only after it succeeded
//! (reference: sections 4.2 to 4.4).
//!
//! A message is taken with an invisibility that is renewed while its function runs, so that one whose worker dies comes back by itself.
//! In the embedded service the message is deleted in the transaction that commits the function's outputs, and waiting is woken; at a
//! service elsewhere outputs go first and the delete after them, and an empty queue is looked at ever less often.

mod backlog;
mod embedded;
mod event;
mod hold;
mod message;
mod news;
mod pace;
mod poison;
mod remote;
mod source;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

use hearth_model::binding::QueueTrigger;
use hearth_model::host_json::{LogLevel, QueuesOptions};
use hearth_model::ids::FunctionName;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::Invoker;
use message::{Outcome, Work};
pub use news::{QueueNews, TellNews};
use pace::Pace;
pub use source::QueueSource;
use source::{Bell, Fetched, Received};

type WriteLine = dyn Fn(LogLevel, &str) + Send + Sync;

/// Takes what a listener has to say to whoever reads the app's log.
#[derive(Clone)]
pub struct ListenerLog(Arc<WriteLine>);

impl ListenerLog {
    /// Calls this for each line; it must not block.
    pub fn new(write: impl Fn(LogLevel, &str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(write))
    }

    pub(crate) fn write(&self, level: LogLevel, line: &str) {
        (self.0)(level, line);
    }
}

impl fmt::Debug for ListenerLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ListenerLog")
    }
}

/// What listens to one queue for one function.
///
/// Make one when the function's version begins to answer, with the [`QueueSource`] that its `connection` leads to, and spawn
/// [`QueueListener::run`]. Cancel the token to stop: nothing new is taken, what was taken but not begun is given back at once, what runs
/// goes on, renewed, and `run` returns when all of it is done. Dropping `run`'s future ends what runs; its messages come back when
/// their invisibility ends.
#[derive(Debug)]
pub struct QueueListener {
    /// The function.
    pub function: FunctionName,
    /// Its trigger.
    pub trigger: QueueTrigger,
    /// `extensions.queues` of its app's host.json.
    pub options: QueuesOptions,
    /// The queue.
    pub source: QueueSource,
    /// Cores of this machine, from which `newBatchThreshold` follows where it is not given.
    pub cores: u32,
    /// Whether this is `hearth start`, where an empty queue elsewhere is looked at more often.
    pub development: bool,
    /// Where lines about the queue and its messages go.
    pub log: ListenerLog,
    /// Counts the messages that it moves to a poison queue.
    pub poisoned: Arc<AtomicU64>,
    /// Takes what else is to be known of the queue.
    pub news: TellNews,
}

impl QueueListener {
    /// Listens until `stop` is cancelled and what was taken is done.
    pub async fn run<I: Invoker>(self, invoker: Arc<I>, stop: CancellationToken) {
        let work = Arc::new(Work { listener: self, invoker, busy: AtomicBool::new(false) });
        tokio::join!(work.watch_backlog(&stop), work.take(&stop));
    }
}

impl<I: Invoker> Work<I> {
    /// Takes messages until `stop`, and ends when what was taken is done.
    async fn take(self: &Arc<Self>, stop: &CancellationToken) {
        let QueueListener { options, source, cores, development, .. } = &self.listener;
        let threshold = options.new_batch_threshold(*cores) as usize;
        let mut pace = Pace::new(source.pacing(options.max_polling_interval(*development)));
        let mut looking = Looking::default();
        let mut running: JoinSet<Outcome> = JoinSet::new();
        while !stop.is_cancelled() {
            while let Some(ended) = running.try_join_next() {
                self.note(ended, &mut pace);
            }
            if running.len() > threshold {
                self.note_busy(true);
                tokio::select! {
                    () = stop.cancelled() => {}
                    Some(ended) = running.join_next() => self.note(ended, &mut pace),
                }
                continue;
            }
            if let Some(pause) = pace.reluctance() {
                self.rest(pause, stop, &mut running, &mut pace).await;
                continue;
            }
            let bell = source.bell();
            let received = source.receive(options.batch_size, stop).await;
            looking.tell(&self.listener, received.as_ref());
            match received {
                Ok(Received::Messages(messages)) => {
                    self.note_busy(messages.len() >= options.batch_size as usize);
                    pace.found();
                    self.begin(messages, stop, &mut running).await;
                }
                Ok(Received::Empty { next }) => {
                    self.note_busy(false);
                    let pause = pace.empty();
                    self.wait(&bell, next.map_or(pause, |next| next.min(pause)), stop).await;
                }
                Ok(Received::NoQueue) | Err(_) => self.wait(&bell, pace.empty(), stop).await,
            }
        }
        while let Some(ended) = running.join_next().await {
            self.note(ended, &mut pace);
        }
    }

    /// Runs the function for messages; those that a stop overtakes are given back.
    async fn begin(self: &Arc<Self>, messages: Vec<Fetched>, stop: &CancellationToken, running: &mut JoinSet<Outcome>) {
        for message in messages {
            if stop.is_cancelled() {
                self.listener.give_back(&message).await;
            } else {
                running.spawn(self.clone().handle(message, stop.clone()));
            }
        }
    }

    /// Waits until the next look.
    async fn wait(&self, bell: &Bell, pause: Duration, stop: &CancellationToken) {
        if bell.wait(pause, stop).await {
            self.listener.source.expect_some();
        }
    }

    /// Waits while functions can't run here.
    async fn rest(&self, pause: Duration, stop: &CancellationToken, running: &mut JoinSet<Outcome>, pace: &mut Pace) {
        let mut over = std::pin::pin!(tokio::time::sleep(pause));
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = &mut over => return,
                Some(ended) = running.join_next() => self.note(ended, pace),
            }
        }
    }

    fn note(&self, ended: Result<Outcome, tokio::task::JoinError>, pace: &mut Pace) {
        match ended {
            Ok(Outcome::Ran) => pace.ran(),
            Ok(Outcome::NotRun) => pace.not_run(),
            Err(error) => {
                let text =
                    format!("a message of queue '{}' could not be handled: {error}", self.listener.trigger.queue);
                self.listener.log.write(LogLevel::Error, &text);
            }
        }
    }
}

/// What was last told of the queue itself, so that the same is not told at each look.
#[derive(Default)]
struct Looking {
    missing: bool,
    failed: Option<String>,
}

impl Looking {
    fn tell(&mut self, listener: &QueueListener, received: Result<&Received, &String>) {
        let (name, queue) = (&listener.function, &listener.trigger.queue);
        match received {
            Err(error) => {
                if self.failed.as_ref() != Some(error) {
                    let text = format!("Function '{name}' gets no messages now: {error}; it is tried again");
                    listener.log.write(LogLevel::Error, &text);
                    listener.news.tell(QueueNews::Trouble(Some(error.clone())));
                    self.failed = Some(error.clone());
                }
                return;
            }
            Ok(_) if self.failed.take().is_some() => {
                listener.log.write(
                    LogLevel::Information,
                    &format!("Function '{name}' gets messages of queue '{queue}' again."),
                );
                listener.news.tell(QueueNews::Trouble(None));
                self.missing = false;
            }
            Ok(_) => {}
        }
        let missing = matches!(received, Ok(Received::NoQueue));
        if missing != self.missing {
            let trouble = missing.then(|| format!("waits for the queue '{queue}', which does not exist yet"));
            if let Some(trouble) = &trouble {
                listener.log.write(LogLevel::Warning, &format!("Function '{name}' {trouble}."));
            }
            listener.news.tell(QueueNews::Trouble(trouble));
        }
        self.missing = missing;
    }
}

//! The writer: one thread per process that drains its queue, commits what it finds as one batch, and answers everyone.
//!
//! An operation that was queued runs to its end whether or not its caller still waits. A batch with any operation of
//! full durability commits on the connection that flushes; the others then come along for free.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use hearth_model::clock::Clock;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{Notify, mpsc, oneshot};

use super::batch::{Batch, Failure};
use super::checkpoint::Orders;
use super::connect::{Connector, Role};
use super::park;
use super::turn::Turn;
use crate::metrics::Counters;
use crate::operation::{Durability, Operation, Outcome, Value};
use crate::{Faults, OpenOptions, StateError};

/// Most operations in a batch: bounds how long another process waits for its turn.
const BATCH_OPERATIONS: usize = 512;

/// Callers that were just answered often come right back. Waiting for them up to half the time of the last commit, and
/// no longer than this, costs less than committing the first few alone; a lone caller is never waited for.
const LONGEST_GATHER: Duration = Duration::from_millis(1);
/// The system's timers are no finer.
const SHORTEST_SLEEP: Duration = Duration::from_micros(50);

/// Written pages of 4 KiB after which a checkpoint is worth while.
const CHECKPOINT_PAGES: usize = 1000;

type Answer = oneshot::Sender<Result<Outcome, StateError>>;

/// The queue to the writer thread.
#[derive(Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<(Operation, Answer)>,
    wanted: Arc<Wanted>,
    stop: Arc<Notify>,
    stopped: tokio::sync::Mutex<Option<oneshot::Receiver<()>>>,
}

/// What the writer thread is made of.
pub(super) struct Parts {
    pub(super) connector: Connector,
    pub(super) turn: Turn,
    /// An open connection of full durability.
    pub(super) first: SqliteConnection,
    /// Told when a checkpoint is worth while.
    pub(super) orders: Arc<Orders>,
    pub(super) options: OpenOptions,
    pub(super) counters: Arc<Counters>,
}

impl Writer {
    pub(super) fn start(parts: Parts) -> Result<Self, StateError> {
        let failed = |error: std::io::Error| StateError::Unavailable(format!("its writer cannot start ({error})"));
        let (queue, incoming) = mpsc::channel(parts.options.write_queue.max(1));
        let (stopped_tx, stopped) = oneshot::channel();
        let stop = Arc::new(Notify::new());
        let wanted = Arc::new(Wanted::default());
        let thread = Thread {
            incoming,
            stop: Arc::clone(&stop),
            wanted: Arc::clone(&wanted),
            clock: parts.options.clock,
            faults: parts.options.faults,
            connector: parts.connector,
            turn: parts.turn,
            full: Some(parts.first),
            normal: None,
            orders: parts.orders,
            counters: parts.counters,
            pages: 0,
        };
        std::thread::Builder::new()
            .name("state-writer".to_owned())
            .spawn(move || {
                park::block_on(thread.run());
                stopped_tx.send(()).ok();
            })
            .map_err(failed)?;
        Ok(Self { queue, wanted, stop, stopped: tokio::sync::Mutex::new(Some(stopped)) })
    }

    pub(super) async fn submit(&self, operation: Operation) -> Result<Outcome, StateError> {
        let (answer, answered) = oneshot::channel();
        let closed = || StateError::Unavailable("it was closed".to_owned());
        self.queue.send((operation, answer)).await.map_err(|_| closed())?;
        self.wanted.offer(self.queue.max_capacity() - self.queue.capacity());
        answered.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Waits until everything queued is answered and the connections are closed.
    pub(super) async fn close(&self) {
        self.stop.notify_one();
        if let Some(stopped) = self.stopped.lock().await.take() {
            stopped.await.ok();
        }
    }
}

/// What the thread sleeps for when it wants several operations at once.
#[derive(Debug, Default)]
struct Wanted {
    /// How many; 0 while it does not sleep for that.
    operations: AtomicUsize,
    thread: OnceLock<std::thread::Thread>,
}

impl Wanted {
    /// So many wait now.
    fn offer(&self, waiting: usize) {
        let wanted = self.operations.load(Ordering::SeqCst);
        if wanted > 0
            && waiting >= wanted
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
    }
}

struct Thread {
    incoming: mpsc::Receiver<(Operation, Answer)>,
    stop: Arc<Notify>,
    wanted: Arc<Wanted>,
    clock: Arc<dyn Clock>,
    faults: Option<Arc<dyn Faults>>,
    connector: Connector,
    turn: Turn,
    full: Option<SqliteConnection>,
    normal: Option<SqliteConnection>,
    orders: Arc<Orders>,
    counters: Arc<Counters>,
    pages: usize,
}

impl Thread {
    async fn run(mut self) {
        let (mut operations, mut answers) = (Vec::new(), Vec::new());
        let (mut expected, mut took) = (0, Duration::ZERO);
        while self.gather(expected, took, &mut operations, &mut answers).await {
            let begun = Instant::now();
            self.counters.writes.add(operations.len());
            let results = self.commit(&operations).await;
            took = begun.elapsed();
            self.count(&operations);
            // Falls slowly, so that callers who were split over two batches meet again.
            expected = answers.len().max(expected * 3 / 4);
            for (answer, result) in answers.drain(..).zip(results) {
                // The caller may have gone; what it asked for is done.
                answer.send(result).ok();
            }
            operations.clear();
        }
        for connection in [self.normal.take(), self.full.take()].into_iter().flatten() {
            connection.close().await.ok();
        }
    }

    /// Waits for operations; false when there will be none.
    async fn gather(
        &mut self,
        expected: usize,
        took: Duration,
        operations: &mut Vec<Operation>,
        answers: &mut Vec<Answer>,
    ) -> bool {
        if expected > 1 {
            self.meet(expected, (took / 2).min(LONGEST_GATHER));
        }
        let first = tokio::select! {
            biased;
            first = self.incoming.recv() => first,
            () = self.stop.notified() => {
                self.incoming.close();
                self.incoming.recv().await
            }
        };
        let Some((operation, answer)) = first else { return false };
        operations.push(operation);
        answers.push(answer);
        while operations.len() < BATCH_OPERATIONS
            && let Ok((operation, answer)) = self.incoming.try_recv()
        {
            operations.push(operation);
            answers.push(answer);
        }
        true
    }

    /// Sleeps until so many operations wait, or for as long as patience lasts.
    fn meet(&self, expected: usize, patience: Duration) {
        let since = Instant::now();
        self.wanted.thread.get_or_init(std::thread::current);
        self.wanted.operations.store(expected, Ordering::SeqCst);
        while self.incoming.len() < expected
            && let Some(left) = patience.checked_sub(since.elapsed()).filter(|left| *left >= SHORTEST_SLEEP)
        {
            std::thread::park_timeout(left);
        }
        self.wanted.operations.store(0, Ordering::SeqCst);
    }

    /// One result for each operation.
    async fn commit(&mut self, operations: &[Operation]) -> Vec<Result<Outcome, StateError>> {
        let held = match self.turn.take() {
            Ok(held) => held,
            Err(error) => return for_each(operations, &error),
        };
        let mut results = Vec::with_capacity(operations.len());
        match self.transaction(operations).await {
            Ok(outcomes) => results.extend(outcomes.into_iter().map(Ok)),
            // One of them fails, or all together are too much: each on its own, so that only the bad ones fail.
            Err(Failure::Undone(_)) if operations.len() > 1 => {
                self.counters.retries.add(operations.len());
                for operation in operations {
                    let result = self.transaction(std::slice::from_ref(operation)).await;
                    results.push(result.map_err(Failure::into_error).and_then(|mut outcomes| {
                        outcomes.pop().ok_or_else(|| StateError::Unavailable("no answer".to_owned()))
                    }));
                }
            }
            Err(failure) => results = for_each(operations, &failure.into_error()),
        }
        drop(held);
        results
    }

    async fn transaction(&mut self, operations: &[Operation]) -> Result<Vec<Outcome>, Failure> {
        let full = operations.iter().any(|operation| operation.durability == Durability::Full);
        let (durability, kept) =
            if full { (Durability::Full, &mut self.full) } else { (Durability::Normal, &mut self.normal) };
        let mut connection = match kept.take() {
            Some(open) => open,
            None => self.connector.connect(Role::Writer(durability)).await.map_err(Failure::NotBegun)?,
        };
        let mut batch = Batch {
            connection: &mut connection,
            place: self.connector.place(),
            faults: self.faults.as_ref(),
            now: self.clock.now(),
        };
        let result = batch.commit(operations).await;
        match &result {
            Ok(_) => self.counters.commits.one(),
            Err(Failure::Unknown(_)) => self.counters.unknown.one(),
            Err(_) => {}
        }
        // In whatever state a failed one is, the next batch begins with a fresh one.
        if !matches!(result, Err(Failure::Unknown(_) | Failure::NotBegun(_))) {
            *kept = Some(connection);
        }
        result
    }

    /// Asks for a checkpoint when enough was written. The pages are guessed: neighbouring rows share one.
    fn count(&mut self, operations: &[Operation]) {
        let (mut steps, mut bytes) = (0, 0);
        for step in operations.iter().flat_map(|operation| &operation.steps) {
            steps += 1;
            for value in &step.args {
                bytes += match value {
                    Value::Bytes(value) => value.len(),
                    Value::Text(value) => value.len(),
                    _ => 0,
                };
            }
        }
        self.pages += 1 + steps / 4 + bytes / 4096;
        if self.pages >= CHECKPOINT_PAGES {
            self.pages = 0;
            self.orders.checkpoint();
        }
    }
}

/// The same error for every operation.
fn for_each(operations: &[Operation], error: &StateError) -> Vec<Result<Outcome, StateError>> {
    operations.iter().map(|_| Err(error.clone())).collect()
}

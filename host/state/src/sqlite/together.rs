//! Point reads that wait at the same time, read together.
//!
//! One read crosses to a connection's thread and back, which costs several times what the statement does. A few tasks take all that
//! wait, send them as one query, and answer everyone; so the more come at once, the less each costs.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hearth_model::clock::Clock;
use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqlitePool;
use tokio::sync::oneshot;

use super::READ_TIMEOUT;
use super::errors::Place;
use super::run::Runner;
use crate::StateError;
use crate::operation::{Row, Step};

/// Most tasks that read. Each holds a connection while it does; the others are for longer reads.
const MOST_TASKS: usize = 2;

/// Most reads of one query: bounds how long the first waits for the last.
const MOST_TOGETHER: usize = 64;

/// Most reads that wait; who comes later is refused.
const MOST_WAITING: usize = 4096;

type Answer = oneshot::Sender<Result<Vec<Row>, StateError>>;

#[derive(Default)]
struct Waiting {
    reads: VecDeque<(Step, Answer)>,
    tasks: usize,
}

/// Whoever waits, and what is needed to read.
pub(super) struct Together {
    place: Place,
    readers: SqlitePool,
    clock: Arc<dyn Clock>,
    waiting: Mutex<Waiting>,
}

impl Together {
    pub(super) fn new(place: Place, readers: SqlitePool, clock: Arc<dyn Clock>) -> Self {
        Self { place, readers, clock, waiting: Mutex::default() }
    }

    /// Runs a query with others that wait.
    pub(super) async fn read(self: &Arc<Self>, query: Step) -> Result<Vec<Row>, StateError> {
        let (answer, answered) = oneshot::channel();
        let begin = {
            let mut waiting = self.waiting();
            if waiting.reads.len() >= MOST_WAITING {
                return Err(StateError::Unavailable(format!("{MOST_WAITING} reads wait for it")));
            }
            waiting.reads.push_back((query, answer));
            let begin = waiting.tasks < MOST_TASKS;
            waiting.tasks += usize::from(begin);
            begin
        };
        if begin {
            // A task of its own, because others depend on it when this caller goes away.
            tokio::spawn(Arc::clone(self).serve());
        }
        answered.await.unwrap_or_else(|_| Err(StateError::Unavailable("it was closed".to_owned())))
    }

    /// Reads for everyone until nobody waits.
    async fn serve(self: Arc<Self>) {
        let mut connection = None;
        while let Some((steps, answers)) = self.next() {
            let read = tokio::time::timeout(READ_TIMEOUT, self.run(&mut connection, &steps));
            let results = read.await.unwrap_or_else(|_| {
                let text = format!("a read took longer than {} s", READ_TIMEOUT.as_secs());
                vec![Err(StateError::Unavailable(text)); steps.len()]
            });
            for (answer, result) in answers.into_iter().zip(results) {
                // The caller may have gone.
                answer.send(result).ok();
            }
        }
    }

    /// Those that wait; none when nobody does, and then one task is less.
    fn next(&self) -> Option<(Vec<Step>, Vec<Answer>)> {
        let mut waiting = self.waiting();
        if waiting.reads.is_empty() {
            waiting.tasks -= 1;
            return None;
        }
        let count = waiting.reads.len().min(MOST_TOGETHER);
        Some(waiting.reads.drain(..count).unzip())
    }

    /// One result for each step. The connection is kept unless this is given up half way.
    async fn run(
        &self,
        connection: &mut Option<PoolConnection<Sqlite>>,
        steps: &[Step],
    ) -> Vec<Result<Vec<Row>, StateError>> {
        let mut open = match connection.take() {
            Some(open) => open,
            None => match self.readers.acquire().await {
                Ok(open) => open,
                Err(error) => return vec![Err(self.place.explain(&error)); steps.len()],
            },
        };
        let results = match self.all(&mut open, steps).await {
            Ok(rows) => rows.into_iter().map(Ok).collect(),
            Err(error) if steps.len() == 1 => vec![Err(error)],
            Err(_) => {
                // One of them fails: each on its own, so that only the bad ones do.
                let mut results = Vec::with_capacity(steps.len());
                for step in steps {
                    let alone = self.all(&mut open, std::slice::from_ref(step)).await;
                    results.push(alone.map(|rows| rows.into_iter().flatten().collect()));
                }
                results
            }
        };
        *connection = Some(open);
        results
    }

    /// The rows of each step.
    async fn all(&self, connection: &mut PoolConnection<Sqlite>, steps: &[Step]) -> Result<Vec<Vec<Row>>, StateError> {
        let each: Vec<&[Step]> = steps.chunks(1).collect();
        let outcomes = Runner::new(connection, self.clock.now()).all(&each).await;
        let outcomes = outcomes.map_err(|error| self.place.explain(&error))?;
        Ok(outcomes.into_iter().map(|outcome| outcome.rows).collect())
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! How much waits in a queue that its listener does not keep up with, for whoever decides how many workers there are (reference: section 4.7).
//!
//! Counting costs a question, so it is asked only while there is more than the listener takes, and seldom.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::QueueNews;
use super::message::Work;

/// From one look to the next.
const EVERY: Duration = Duration::from_secs(3);
/// More than this is not counted: it is work for more workers than there are.
pub(super) const MOST: u64 = 10_000;

impl<I> Work<I> {
    /// There is more in the queue than is taken now, or there is not.
    pub(super) fn note_busy(&self, busy: bool) {
        self.busy.store(busy, Ordering::Relaxed);
    }

    /// Tells until `stop` for how many workers there is work in the queue, whenever that changes.
    pub(super) async fn watch_backlog(&self, stop: &CancellationToken) {
        let listener = &self.listener;
        let each = u64::from(listener.options.batch_size)
            .saturating_add(u64::from(listener.options.new_batch_threshold(listener.cores)));
        let mut told = 0;
        while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
            let workers = if self.busy.load(Ordering::Relaxed) {
                match stop.run_until_cancelled(listener.source.length()).await {
                    Some(Ok(length)) => workers_for(length, each),
                    // What keeps a queue from being read is told where messages are taken.
                    Some(Err(_)) => told,
                    None => break,
                }
            } else {
                0
            };
            if workers != told {
                listener.news.tell(QueueNews::Backlog(workers));
                told = workers;
            }
        }
        if told != 0 {
            listener.news.tell(QueueNews::Backlog(0));
        }
    }
}

/// How many workers so many messages are for, when each has so many of them under way.
fn workers_for(length: u64, each: u64) -> u32 {
    u32::try_from(length.div_ceil(each.max(1))).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_for_a_batch_and_what_it_takes_ahead() {
        let workers = |length| workers_for(length, 16 + 8);
        assert_eq!([0, 1, 24, 25, 48, 49].map(workers), [0, 1, 1, 2, 2, 3]);
        assert_eq!(workers_for(7, 0), 7);
    }
}

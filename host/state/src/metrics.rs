//! What an engine counts about itself, for operators and tests.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of one open [`crate::Database`] since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateMetrics {
    /// Operations that were asked to write, whatever came of them.
    pub writes: u64,
    /// Queries outside of a write.
    pub reads: u64,
    /// Transactions committed. On SQLite one holds many operations: `writes / commits` is the size of a group.
    pub commits: u64,
    /// Times that an operation was begun anew because the attempt before it had come to nothing. On SQLite: operations
    /// that were run singly after their group failed.
    pub retries: u64,
    /// Of the failed attempts: chosen as the victim of a deadlock (SQL Server).
    pub deadlocks: u64,
    /// Of the failed attempts: waited too long for a lock (SQL Server).
    pub lock_timeouts: u64,
    /// Of the failed attempts: another inserted the same row at the same time (SQL Server).
    pub collisions: u64,
    /// Of the failed attempts: no connection, a lost one, or a server that asked to come back later (SQL Server).
    pub disconnects: u64,
    /// Connections that were opened.
    pub connected: u64,
    /// Connections that were thrown away: closed by the server, failed, or given up with an answer outstanding
    /// (SQL Server).
    pub discarded: u64,
    /// Commits whose answer was lost: their callers were told that the outcome is unknown.
    pub unknown: u64,
}

macro_rules! counters {
    ($($name:ident),+) => {
        /// The counters while they count.
        #[derive(Debug, Default)]
        pub(crate) struct Counters {
            $(pub(crate) $name: Counter,)+
        }

        impl Counters {
            pub(crate) fn snapshot(&self) -> StateMetrics {
                StateMetrics { $($name: self.$name.0.load(Ordering::Relaxed),)+ }
            }
        }

        impl StateMetrics {
            /// Every counter with its name, for whoever writes them out.
            pub fn each(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($name), self.$name)),+].into_iter()
            }
        }
    };
}

counters!(
    writes,
    reads,
    commits,
    retries,
    deadlocks,
    lock_timeouts,
    collisions,
    disconnects,
    connected,
    discarded,
    unknown
);

/// One number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn one(&self) {
        self.add(1);
    }

    pub(crate) fn add(&self, count: usize) {
        self.0.fetch_add(count as u64, Ordering::Relaxed);
    }
}

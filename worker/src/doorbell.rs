//! Tells the other workers of the installation that there is something in a queue or a container, so that a message put here starts its function
//! there within milliseconds, and who waits there for a change hears of it. Rings of one moment go out together, no more often than every few milliseconds; without them listeners find
//! messages by themselves, a second later at most.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hearth_model::ids::WorkerId;
use hearth_state::Database;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::events::Services;
use crate::hop::{Hops, MAX_NAMES};

/// Between two rings to the same workers.
const PAUSE: Duration = Duration::from_millis(5);
/// What the names of containers begin with; those of queues have a slash after the account.
const CONTAINER: char = '~';
/// The other workers are looked up again after this long.
const FRESH_FOR: Duration = Duration::from_secs(5);
/// Workers that are told.
const MAX_PEERS: usize = 64;

/// The side that rings.
pub(crate) struct Doorbell {
    hops: Arc<Hops>,
    state: Database,
    pending: Arc<Pending>,
}

#[derive(Default)]
struct Pending {
    names: Mutex<BTreeSet<String>>,
    news: Notify,
}

impl Pending {
    fn note(&self, name: String) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        // What does not fit is found without a bell.
        if names.len() < MAX_NAMES && names.insert(name) {
            self.news.notify_one();
        }
    }
}

impl Doorbell {
    /// Takes note of all bells that ring in the services from now on.
    pub(crate) fn of(services: &Services, hops: Arc<Hops>, state: Database) -> Self {
        let pending = Arc::new(Pending::default());
        let noted = pending.clone();
        services.queues.service().on_ring(move |account, queue| noted.note(format!("{account}/{queue}")));
        let noted = pending.clone();
        services.documents.on_ring(move |container| noted.note(format!("{CONTAINER}{container:x}")));
        Self { hops, state, pending }
    }

    /// Tells the others until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        stop.run_until_cancelled(self.tell_on()).await;
    }

    async fn tell_on(&self) {
        let mut peers: Vec<(WorkerId, String)> = Vec::new();
        let mut read: Option<Instant> = None;
        loop {
            self.pending.news.notified().await;
            if read.is_none_or(|at| at.elapsed() > FRESH_FOR) {
                // Who was known is told where host state does not answer.
                if let Ok(now) = self.peers().await {
                    peers = now;
                }
                read = Some(Instant::now());
            }
            let names: Vec<String> = {
                let mut names = self.pending.names.lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::take(&mut *names).into_iter().collect()
            };
            if !peers.is_empty() && !names.is_empty() {
                self.tell(&peers, &Arc::from(names)).await;
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    async fn tell(&self, peers: &[(WorkerId, String)], names: &Arc<[String]>) {
        let mut telling = JoinSet::new();
        for (worker, url) in peers {
            let (hops, names, worker, url) = (self.hops.clone(), names.clone(), worker.clone(), url.clone());
            telling.spawn(async move { hops.ring(&worker, &url, &names).await });
        }
        telling.join_all().await;
    }

    async fn peers(&self) -> Result<Vec<(WorkerId, String)>, hearth_state::StateError> {
        let workers = self.state.workers().list().await?;
        let others = workers.into_iter().filter(|worker| !worker.missing && !self.hops.is_own(&worker.name));
        Ok(others.take(MAX_PEERS).map(|worker| (worker.name, worker.control_url)).collect())
    }
}

/// The side that is told: wakes who waits here. Names that an earlier or later version does not know mean nothing to it.
pub(crate) fn heard(services: &Services, names: &[String]) {
    for name in names {
        if let Some((account, queue)) = name.split_once('/') {
            services.queues.service().ring_from_outside(account, queue);
        } else if let Some(container) = container(name) {
            services.documents.ring_from_outside(container);
        }
    }
}

/// The number of a container in its name here.
fn container(name: &str) -> Option<i64> {
    u64::from_str_radix(name.strip_prefix(CONTAINER)?, 16).ok().map(u64::cast_signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_told_by_names_that_are_no_queues() {
        for number in [0, 1, -1, i64::MIN, i64::MAX] {
            let name = format!("{CONTAINER}{number:x}");
            assert_eq!(container(&name), Some(number));
            assert!(
                name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'~'),
                "it needs no encoding: {name}"
            );
        }
        assert_eq!(container("account"), None);
        assert_eq!(container("~other"), None);
    }
}

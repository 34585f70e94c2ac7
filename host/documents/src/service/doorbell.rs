//! Doorbells: a hint that something was written to a container.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use tokio::sync::Notify;

use super::lock;

/// Wakes one who follows one container. A ring while nobody waits is kept.
#[derive(Debug)]
pub struct Doorbell(Arc<Notify>);

impl Doorbell {
    /// Waits until it rings. Dropping this loses no ring.
    pub async fn rung(&self) {
        self.0.notified().await;
    }

    /// What is notified. It goes on ringing for as long as this doorbell, or the answer, lives.
    pub fn notify(&self) -> Arc<Notify> {
        Arc::clone(&self.0)
    }
}

type Hook = Box<dyn Fn(i64) + Send + Sync>;

/// All doorbells of a process.
#[derive(Default)]
pub(super) struct Bells {
    /// By the container's number.
    listeners: Mutex<HashMap<i64, Vec<Weak<Notify>>>>,
    /// Containers in there, so that a write that nobody waits for takes no lock.
    containers: AtomicUsize,
    hook: RwLock<Option<Arc<Hook>>>,
}

impl fmt::Debug for Bells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bells").field("containers", &self.containers).finish_non_exhaustive()
    }
}

impl Bells {
    pub(super) fn subscribe(&self, container: i64) -> Doorbell {
        let bell = Arc::new(Notify::new());
        let mut listeners = lock(&self.listeners);
        let of_container = listeners.entry(container).or_default();
        of_container.retain(|bell| bell.strong_count() > 0);
        of_container.push(Arc::downgrade(&bell));
        self.containers.store(listeners.len(), Ordering::SeqCst);
        Doorbell(bell)
    }

    /// Rings in this process. Whoever subscribed before the write that is told of was committed is woken.
    pub(super) fn ring(&self, container: i64) {
        if self.containers.load(Ordering::SeqCst) == 0 {
            return;
        }
        let mut listeners = lock(&self.listeners);
        let Some(of_container) = listeners.get_mut(&container) else { return };
        of_container.retain(|bell| {
            bell.upgrade().is_some_and(|bell| {
                bell.notify_one();
                true
            })
        });
        if of_container.is_empty() {
            listeners.remove(&container);
        }
        self.containers.store(listeners.len(), Ordering::SeqCst);
    }

    /// Tells other processes.
    pub(super) fn tell(&self, container: i64) {
        let hook = self.hook.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(hook) = hook {
            hook(container);
        }
    }

    pub(super) fn on_ring(&self, hook: Hook) {
        *self.hook.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(hook));
    }
}

//! Doorbells: a hint that a queue has something new.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::Notify;

use super::lock;

/// Wakes one listener of one queue. A ring while nobody waits is kept.
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

/// The bells of an account's queues.
type OfAccount = HashMap<String, Vec<Weak<Notify>>>;

type Hook = Box<dyn Fn(&str, &str) + Send + Sync>;

/// All doorbells of a process.
#[derive(Default)]
pub(super) struct Bells {
    /// By account.
    listeners: Mutex<HashMap<String, OfAccount>>,
    hook: Mutex<Option<Arc<Hook>>>,
}

impl Bells {
    pub(super) fn subscribe(&self, account: &str, queue: &str) -> Doorbell {
        let bell = Arc::new(Notify::new());
        let mut listeners = lock(&self.listeners);
        let of_queue = listeners.entry(account.to_owned()).or_default().entry(queue.to_owned()).or_default();
        of_queue.retain(|bell| bell.strong_count() > 0);
        of_queue.push(Arc::downgrade(&bell));
        Doorbell(bell)
    }

    pub(super) fn ring(&self, account: &str, queue: &str) {
        let mut listeners = lock(&self.listeners);
        let Some(of_account) = listeners.get_mut(account) else { return };
        let Some(of_queue) = of_account.get_mut(queue) else { return };
        of_queue.retain(|bell| {
            bell.upgrade().is_some_and(|bell| {
                bell.notify_one();
                true
            })
        });
        if of_queue.is_empty() {
            of_account.remove(queue);
        }
    }

    pub(super) fn tell(&self, account: &str, queue: &str) {
        let hook = lock(&self.hook).clone();
        if let Some(hook) = hook {
            hook(account, queue);
        }
    }

    pub(super) fn on_ring(&self, hook: Hook) {
        *lock(&self.hook) = Some(Arc::new(hook));
    }
}

//! A queue of the embedded service, by library call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hearth_queues::{QueueService, Receipt};
use hearth_state::{
    ClaimedMessage, Database, NewMessage, OnMessage, QueuePlace, QueuePuts, Settlement, StateError, UnderLease,
};
use tokio::sync::Notify;

use super::backlog::MOST;
use super::source::{Bell, Fetched, HoldError, Received};
use crate::Acknowledgement;

/// Messages of a worker that was killed come back after this long at most; while a function runs, each half of it costs a small
/// write.
const INVISIBILITY: Duration = Duration::from_secs(30);
const SHORTEST_RENEWAL: Duration = Duration::from_secs(2);
/// As a message has it that a client puts without saying otherwise.
const TIME_TO_LIVE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A queue of the embedded service.
#[derive(Clone, Debug)]
pub struct EmbeddedQueue {
    service: QueueService,
    state: Database,
    account: Arc<str>,
    queue: Arc<str>,
    bell: Arc<Notify>,
    /// Whether the last look found nothing: the next one reads before it writes.
    was_empty: Arc<AtomicBool>,
    pub(super) invisibility: Duration,
    pub(super) shortest_renewal: Duration,
}

impl EmbeddedQueue {
    pub(super) fn new(service: &QueueService, state: Database, account: &str, queue: &str) -> Self {
        Self {
            service: service.clone(),
            state,
            bell: service.subscribe(account, queue).notify(),
            account: account.into(),
            queue: queue.into(),
            was_empty: Arc::default(),
            invisibility: INVISIBILITY,
            shortest_renewal: SHORTEST_RENEWAL,
        }
    }

    fn place(&self) -> QueuePlace<'_> {
        QueuePlace::new(&self.account, &self.queue)
    }

    pub(super) fn bell(&self) -> Bell {
        Bell(self.bell.clone())
    }

    /// The next look need not read before it writes.
    pub(super) fn expect_some(&self) {
        self.was_empty.store(false, Ordering::Relaxed);
    }

    pub(super) async fn receive(&self, most: u32) -> Result<Received, String> {
        let queues = self.state.queues();
        if self.was_empty.load(Ordering::Relaxed)
            && let Some(nothing) = self.nothing_yet().await?
        {
            return Ok(nothing);
        }
        let taken = queues.claim(self.place(), most, self.invisibility).await.map_err(|error| self.told(&error))?;
        self.was_empty.store(taken.is_empty(), Ordering::Relaxed);
        if !taken.is_empty() {
            let messages = taken.into_iter().map(|message| Fetched {
                id: message.id,
                text: message.text,
                dequeue_count: message.dequeue_count,
                inserted: message.inserted,
                expires: message.expires,
                next_visible: message.visible,
                receipt: Receipt(message.receipt.to_string()),
            });
            return Ok(Received::Messages(messages.collect()));
        }
        // One that became visible since is had at once.
        Ok(self.nothing_yet().await?.unwrap_or(Received::Empty { next: Some(Duration::ZERO) }))
    }

    /// That there is nothing to take, and until when; `None` if there is something.
    async fn nothing_yet(&self) -> Result<Option<Received>, String> {
        match self.state.queues().next_visible(self.place()).await.map_err(|error| self.told(&error))? {
            Some(Some(next)) if next.is_zero() => Ok(None),
            Some(next) => Ok(Some(Received::Empty { next })),
            None => Ok(Some(Received::NoQueue)),
        }
    }

    pub(super) async fn length(&self) -> Result<u64, String> {
        let counted = self.state.queues().count(self.place(), MOST).await;
        counted.map(Option::unwrap_or_default).map_err(|error| self.told(&error))
    }

    fn told(&self, error: &StateError) -> String {
        format!("the queue '{}' of the embedded service can't be read: {error}", self.queue)
    }

    /// The message as state knows it. A receipt that is no number is nobody's.
    fn claimed(&self, id: &str, receipt: &Receipt) -> ClaimedMessage {
        ClaimedMessage {
            account: self.account.as_ref().to_owned(),
            queue: self.queue.as_ref().to_owned(),
            id: id.to_owned(),
            receipt: receipt.0.parse().unwrap_or(0),
        }
    }

    pub(super) fn acknowledgement(&self, message: &Fetched) -> Acknowledgement {
        Acknowledgement::Message(self.claimed(&message.id, &message.receipt))
    }

    /// The receipt stays, so that the acknowledgement of a function that runs meanwhile does.
    pub(super) async fn renew(&self, id: &str, receipt: &Receipt) -> Result<Receipt, HoldError> {
        let claimed = [self.claimed(id, receipt)];
        match self.state.queues().renew(&claimed, self.invisibility).await {
            Ok(renewed) if renewed == [true] => Ok(receipt.clone()),
            Ok(_) => Err(HoldError::Lost),
            Err(error) => Err(HoldError::Unavailable(error.to_string())),
        }
    }

    pub(super) async fn show(
        &self,
        id: &str,
        receipt: &Receipt,
        after: Duration,
        uncounted: bool,
    ) -> Result<(), HoldError> {
        let claimed = self.claimed(id, receipt);
        let shown = if uncounted {
            self.state.effects().give_back(std::slice::from_ref(&claimed)).await.map(|given| given == [true])
        } else {
            self.state.queues().update(&claimed, after, None).await.map(|shown| matches!(shown, OnMessage::Done(_)))
        };
        match shown {
            Ok(true) => {
                // Other workers hear of it at their next look, which a message that is visible again is not worth hurrying.
                if after.is_zero() {
                    self.bell.notify_one();
                }
                Ok(())
            }
            Ok(false) => Err(HoldError::Lost),
            Err(error) => Err(HoldError::Unavailable(error.to_string())),
        }
    }

    /// Puts the message there and deletes it here in one transaction; who listens there hears of it.
    pub(super) async fn poison(&self, message: &Fetched, receipt: &Receipt, to: &str) -> Result<(), HoldError> {
        let unavailable = |error: StateError| HoldError::Unavailable(error.to_string());
        let moved = NewMessage::new(message.text.as_str(), Some(TIME_TO_LIVE)).map_err(unavailable)?;
        let puts = QueuePuts { account: self.account.as_ref().to_owned(), queue: to.to_owned(), messages: vec![moved] };
        let settlement = Settlement::Message(self.claimed(&message.id, receipt));
        match self.state.effects().commit(&[puts], Some(&settlement)).await.map_err(unavailable)? {
            UnderLease::Done(()) => {
                self.service.ring(&self.account, to);
                Ok(())
            }
            UnderLease::Stale => Err(HoldError::Lost),
        }
    }
}

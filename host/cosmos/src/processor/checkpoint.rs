//! A lease while this instance has it, and how its position is stored.
//!
//! Renewals, checkpoints and the delegate's own transactions take turns at the lease's document, so that none fails on the etag of
//! another. What did fail on it was written by somebody else: the document is read again, and if it still is this instance's at
//! the position that is known here, the write is done over (reference: Cosmos DB, section 8.5, "conflict rule").

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Turns, OwnedMutexGuard};
use tokio_util::sync::CancellationToken;

use super::bounded::Documents;
use super::delegate::DeliveryError;
use super::environment::Environment;
use super::error::ProcessorError;
use super::lease::Lease;
use super::store::LeaseStoreErrorKind;

/// Times that a write is done over after it met another version.
const CONFLICTS: u32 = 5;

/// A lease that this instance has acquired.
pub(super) struct HeldLease {
    instance: Arc<str>,
    documents: Arc<dyn Documents>,
    environment: Arc<dyn Environment>,
    /// As it is stored, as far as is known; held while it is written.
    turn: Arc<Turns<Lease>>,
    /// The same, to be looked at while it is written.
    seen: Mutex<Lease>,
    /// When the write began that last came through, in microseconds of [`Environment::elapsed`].
    renewed: AtomicU64,
    /// Cancelled when it is another's.
    lost: CancellationToken,
}

impl HeldLease {
    /// Of a lease that was acquired by a write that began at this time.
    pub(super) fn new(
        instance: Arc<str>,
        lease: Lease,
        documents: Arc<dyn Documents>,
        environment: Arc<dyn Environment>,
        acquired: Duration,
    ) -> Self {
        let renewed = AtomicU64::new(micros(acquired));
        let turn = Arc::new(Turns::new(lease.clone()));
        let seen = Mutex::new(lease);
        Self { instance, documents, environment, turn, seen, renewed, lost: CancellationToken::new() }
    }

    /// Cancelled when it is another's.
    pub(super) fn lost(&self) -> &CancellationToken {
        &self.lost
    }

    /// As it is stored, as far as is known.
    pub(super) fn lease(&self) -> Lease {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Time since the write began that last came through.
    pub(super) fn age(&self) -> Duration {
        let renewed = Duration::from_micros(self.renewed.load(Ordering::SeqCst));
        self.environment.elapsed().saturating_sub(renewed)
    }

    /// Writes it anew, by which others see that it is in use.
    pub(super) async fn renew(&self) -> Result<(), ProcessorError> {
        self.update(|_| {}).await
    }

    /// Stores a position.
    pub(super) async fn checkpoint(&self, continuation: &str) -> Result<(), ProcessorError> {
        self.update(|lease| lease.continuation = Some(continuation.to_owned())).await
    }

    /// Gives it back.
    pub(super) async fn release(&self) -> Result<(), ProcessorError> {
        self.update(|lease| lease.owner = None).await
    }

    /// Removes it, after others took its place. It is nobody's then.
    pub(super) async fn remove(&self) -> Result<(), ProcessorError> {
        let mut turn = self.turn.lock().await;
        let mut conflicts = 0;
        loop {
            match self.documents.delete(turn.clone()).await {
                Ok(()) => return Ok(()),
                Err(error) if error.kind == LeaseStoreErrorKind::NotFound => return Ok(()),
                Err(error) if error.kind == LeaseStoreErrorKind::Changed && conflicts < CONFLICTS => {
                    conflicts += 1;
                    self.refresh(&mut turn, None).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reads it again after somebody's transaction met another version of it. True when that transaction, or the same before it,
    /// did come through.
    pub(super) async fn settle(&self, continuation: &str) -> Result<bool, ProcessorError> {
        let mut turn = self.turn.lock().await;
        self.refresh(&mut turn, Some(continuation)).await?;
        Ok(turn.continuation.as_deref() == Some(continuation))
    }

    async fn update(&self, apply: impl Fn(&mut Lease)) -> Result<(), ProcessorError> {
        let mut turn = self.turn.lock().await;
        let mut conflicts = 0;
        loop {
            if self.lost.is_cancelled() {
                return Err(self.is_lost("it was lost before"));
            }
            let mut next = turn.clone();
            apply(&mut next);
            next.timestamp = Some(self.environment.now());
            let began = self.environment.elapsed();
            match self.documents.replace(next.clone()).await {
                Ok(stored) => {
                    self.stored(&mut turn, stored, began);
                    return Ok(());
                }
                Err(error) if error.kind == LeaseStoreErrorKind::NotFound => {
                    return Err(self.is_lost("its document is gone"));
                }
                Err(error) if error.kind == LeaseStoreErrorKind::Changed && conflicts < CONFLICTS => {
                    conflicts += 1;
                    self.refresh(&mut turn, next.continuation.as_deref()).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reads it. It is lost if it is another's, or at a position that is neither known nor the one that was to be written.
    async fn refresh(&self, turn: &mut Lease, wanted: Option<&str>) -> Result<(), ProcessorError> {
        let read = match self.documents.read(turn.clone()).await {
            Ok(read) => read,
            Err(error) if error.kind == LeaseStoreErrorKind::NotFound => {
                return Err(self.is_lost("its document is gone"));
            }
            Err(error) => return Err(error.into()),
        };
        if !read.is_owned_by(&self.instance) {
            return Err(self.is_lost(match &read.owner {
                Some(owner) => format!("'{owner}' has it"),
                None => "it was given back".to_owned(),
            }));
        }
        if read.continuation != turn.continuation && read.continuation.as_deref() != wanted {
            return Err(self.is_lost("its position was changed by somebody else"));
        }
        *turn = read.clone();
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    fn stored(&self, turn: &mut Lease, stored: Lease, began: Duration) {
        *turn = stored.clone();
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = stored;
        self.renewed.fetch_max(micros(began), Ordering::SeqCst);
    }

    pub(super) fn is_lost(&self, reason: impl Into<String>) -> ProcessorError {
        self.lost.cancel();
        ProcessorError::LeaseLost { token: self.lease().token, reason: reason.into() }
    }
}

impl fmt::Debug for HeldLease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeldLease").field(&self.lease().token).finish()
    }
}

/// By which the position after a batch is stored.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    pub(super) held: Arc<HeldLease>,
    pub(super) continuation: Arc<str>,
}

impl Checkpoint {
    /// Stores the position now. The delegate then answers [`super::Delivered::Checkpointed`].
    ///
    /// # Errors
    /// [`ProcessorError::LeaseLost`]; those of the lease store, after which it may or may not have been stored.
    pub async fn save(&self) -> Result<(), ProcessorError> {
        self.held.checkpoint(&self.continuation).await
    }

    /// Begins a transaction of the delegate's own that stores the position together with what else it writes. Until the result is
    /// dropped nobody else of this instance writes the lease: keep it for the transaction alone, not while the batch is worked on.
    ///
    /// # Errors
    /// [`DeliveryError::Conflict`] when the lease is lost.
    pub async fn begin(&self) -> Result<PendingCheckpoint, DeliveryError> {
        let turn = self.held.turn.clone().lock_owned().await;
        if self.held.lost.is_cancelled() {
            return Err(DeliveryError::Conflict);
        }
        let mut next = turn.clone();
        next.continuation = Some(self.continuation.to_string());
        next.timestamp = Some(self.held.environment.now());
        Ok(PendingCheckpoint { held: self.held.clone(), began: self.held.environment.elapsed(), turn, next })
    }
}

/// A position that a delegate is about to store in a transaction of its own.
///
/// Dropping it without [`PendingCheckpoint::committed`] says that nothing is known of it: if it was stored all the same, a
/// [`DeliveryError::Conflict`] at the next attempt finds that out.
#[derive(Debug)]
pub struct PendingCheckpoint {
    held: Arc<HeldLease>,
    began: Duration,
    turn: OwnedMutexGuard<Lease>,
    next: Lease,
}

impl PendingCheckpoint {
    /// The lease as it has to be stored, on condition that the stored one still has its [`Lease::etag`]. If that condition does not
    /// hold, nothing of the transaction may be done, and the delegate answers [`DeliveryError::Conflict`].
    pub fn lease(&self) -> &Lease {
        &self.next
    }

    /// The transaction came through, and the stored lease has this etag now. The delegate answers [`super::Delivered::Checkpointed`].
    pub fn committed(mut self, etag: String) {
        self.next.etag = etag;
        self.held.stored(&mut self.turn, self.next, self.began);
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

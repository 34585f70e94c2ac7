//! The life of a lease while this instance has it (reference: Cosmos DB, section 8.6): it is renewed while it is read, and what is
//! done with it ends at once when it is another's.
//!
//! An instance that could not write its lease for as long as leases last stops by its own clock, before another one may take it over:
//! two instances read the same lease at most between a theft and the next write of the one who was robbed, and by as much as
//! their clocks differ.

use std::sync::Arc;
use std::time::Duration;

use super::checkpoint::HeldLease;
use super::context::Context;
use super::delegate::Delegate;
use super::error::ProcessorError;
use super::feed::Feed;
use super::lease::Lease;
use super::notifications::CloseReason;
use super::store::LeaseStore;

/// Times that giving a lease back is tried.
const RELEASES: u32 = 3;

/// What became of a lease.
pub(super) struct Ended {
    /// Those that took its place.
    pub(super) children: Vec<Lease>,
}

/// Why reading ended.
pub(super) enum End {
    Stopped,
    Lost(ProcessorError),
    Replaced(Vec<Lease>),
    DelegateFailed,
    EndpointFailed,
}

impl<F: Feed, S: LeaseStore, D: Delegate> Context<F, S, D> {
    /// Reads a lease until it is given back or lost. Dropping this ends everything that is done for it; then it comes free when it
    /// expires.
    pub(super) async fn hold(self: Arc<Self>, held: Arc<HeldLease>) -> Ended {
        // Whatever a delegate has spawned hears of it too, also when this is dropped.
        let _ended = held.lost().clone().drop_guard();
        let end = tokio::select! {
            biased;
            () = held.lost().cancelled() => {
                End::Lost(held.is_lost("it was found to be another's"))
            }
            error = self.renewing(&held) => End::Lost(error),
            end = self.reading(&held) => end,
            () = self.drained() => End::Stopped,
        };
        let (reason, children) = match end {
            End::Stopped => (CloseReason::Shutdown, Vec::new()),
            End::DelegateFailed => (CloseReason::DelegateFailed, Vec::new()),
            End::EndpointFailed => (CloseReason::EndpointFailed, Vec::new()),
            End::Replaced(children) => (CloseReason::LeaseGone, children),
            End::Lost(error) => {
                self.failed(Some(&held.lease()), error);
                (CloseReason::LeaseLost, Vec::new())
            }
        };
        // From here on nothing is done with its changes.
        self.notifications.released(&held.lease(), reason);
        if !matches!(reason, CloseReason::LeaseLost | CloseReason::LeaseGone) {
            self.give_back(&held).await;
        }
        Ended { children }
    }

    /// Ends when batches have had their time after a stop.
    async fn drained(&self) {
        self.stop.cancelled().await;
        self.environment.sleep(self.options.drain).await;
    }

    /// Renews a lease as long as it is this instance's.
    async fn renewing(&self, held: &HeldLease) -> ProcessorError {
        let (interval, expiration) = (self.options.renew_interval, self.options.expiration_interval);
        self.environment.sleep(interval / 2).await;
        loop {
            let left = expiration.saturating_sub(held.age());
            let pause = match interval.checked_sub(held.age()).filter(|pause| !pause.is_zero()) {
                // A checkpoint has renewed it.
                Some(pause) => pause,
                None => {
                    let renewed = tokio::select! {
                        biased;
                        renewed = held.renew() => renewed,
                        () = self.environment.sleep(left) => Ok(()),
                    };
                    match renewed {
                        Err(error @ ProcessorError::LeaseLost { .. }) => return error,
                        Err(error) => self.failed(Some(&held.lease()), error),
                        Ok(()) => {}
                    }
                    // What failed is tried again sooner.
                    interval.saturating_sub(held.age()).max(interval / 8)
                }
            };
            let left = expiration.saturating_sub(held.age());
            if left.is_zero() {
                return held.is_lost("it could not be renewed before it expired");
            }
            self.environment.sleep(pause.min(left)).await;
        }
    }

    async fn give_back(&self, held: &HeldLease) {
        for attempt in 1..=RELEASES {
            match held.release().await {
                Ok(()) | Err(ProcessorError::LeaseLost { .. }) => return,
                Err(error) => self.failed(Some(&held.lease()), error),
            }
            if attempt < RELEASES {
                self.environment.sleep(Duration::from_millis(250)).await;
            }
        }
    }
}

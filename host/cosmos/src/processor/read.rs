//! Reading a lease: page after page, each delivered until it was handled, and then its position stored (reference: Cosmos DB,
//! section 8.6).
//!
//! A position is stored before the very first batch is delivered, unlike in the SDKs: a batch that fails is there again for whoever
//! has the lease next, wherever a processor would begin by then.

use std::sync::Arc;
use std::time::Duration;

use super::checkpoint::{Checkpoint, HeldLease};
use super::context::{Context, Scope};
use super::delegate::{Batch, Delegate, Delivered, DeliveryError};
use super::error::ProcessorError;
use super::feed::{Feed, FeedErrorKind, FeedPage, PageRequest, PageStart};
use super::hold::End;
use super::pace::Pace;
use super::split::Successors;
use super::store::LeaseStore;

/// Failures of the endpoint in a row after which another instance may try.
const ENDPOINT_FAILURES: u32 = 12;
/// Pauses after failures of an endpoint or a lease store.
const FAILURE_FIRST: Duration = Duration::from_millis(200);
const FAILURE_LONGEST: Duration = Duration::from_secs(10);
/// A feed that says that it waited, though no longer than this, is not asked again at once.
const LEAST_WAIT: Duration = Duration::from_millis(10);

impl<F: Feed, S: LeaseStore, D: Delegate> Context<F, S, D> {
    /// Reads a lease as long as it can be read.
    pub(super) async fn reading(&self, held: &Arc<HeldLease>) -> End {
        let mut position = held.lease().continuation;
        let mut scope: Option<Scope> = None;
        let mut idle = Pace::new(self.options.poll_delay / 50, self.options.poll_delay);
        let mut failures = Pace::new(FAILURE_FIRST, FAILURE_LONGEST);
        loop {
            let read = tokio::select! {
                biased;
                () = self.stop.cancelled() => return End::Stopped,
                read = self.next(held, &mut scope, position.as_deref()) => read,
            };
            let (page, took) = match read {
                Ok(Some(read)) => read,
                Ok(None) => match self.replaced(held, &mut failures).await {
                    Err(end) => return end,
                    Ok(()) => {
                        scope = None;
                        continue;
                    }
                },
                Err(ProcessorError::Feed(error)) if error.kind == FeedErrorKind::Passing => {
                    let pause = error.retry_after.unwrap_or_default();
                    self.failed(Some(&held.lease()), error);
                    if let Err(end) = self.pause(&mut failures, pause).await {
                        return end;
                    }
                    continue;
                }
                Err(error) => {
                    self.failed(Some(&held.lease()), error);
                    return End::EndpointFailed;
                }
            };
            failures.again();
            let before = match (&position, page.items.first()) {
                (Some(_), _) => None,
                (None, None) => Some(page.continuation.clone()),
                (None, Some(first)) => before(first.lsn(), &page.continuation),
            };
            if let Some(before) = before
                && let Err(end) = self.store(held, &before).await
            {
                return end;
            }
            let next = page.continuation.clone();
            if page.items.is_empty() {
                let waited = page.waited && took > LEAST_WAIT;
                position = Some(next);
                if !waited && !self.rest(idle.next(self.environment.random())).await {
                    return End::Stopped;
                }
                continue;
            }
            idle.again();
            if let Err(end) = self.deliver(held, page).await {
                return end;
            }
            position = Some(next);
        }
    }

    /// The next page, and how long it took. None when its range is gone.
    async fn next(
        &self,
        held: &HeldLease,
        scope: &mut Option<Scope>,
        position: Option<&str>,
    ) -> Result<Option<(FeedPage, Duration)>, ProcessorError> {
        let known = match scope.take() {
            Some(known) => known,
            None => match self.scope(&held.lease()).await? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        let start = position.map_or_else(|| self.start(), PageStart::After);
        // The first page only finds the position, and that as soon as it can.
        let wait = if position.is_none() { Duration::ZERO } else { self.options.longest_wait };
        let page = known.page(start, self.options.mode);
        let request = PageRequest { max_items: self.options.max_items, wait, ..page };
        let began = self.environment.elapsed();
        let read = self.read(&request).await;
        let took = self.environment.elapsed().saturating_sub(began);
        *scope = Some(known);
        match read {
            Ok(page) => Ok(Some((page, took))),
            Err(error) if error.kind == FeedErrorKind::RangeGone => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts other leases in place of one whose range is gone. Nothing when the range is there all the same, after a pause.
    async fn replaced(&self, held: &HeldLease, failures: &mut Pace) -> Result<(), End> {
        match self.succeed(held).await {
            Ok(Successors::Leases(leases)) => return Err(End::Replaced(leases)),
            Ok(Successors::Itself) => {}
            Err(error @ ProcessorError::LeaseLost { .. }) => return Err(End::Lost(error)),
            Err(error) => self.failed(Some(&held.lease()), error),
        }
        self.pause(failures, Duration::ZERO).await
    }

    /// Waits after a failure of the endpoint, at least as long as it said.
    async fn pause(&self, failures: &mut Pace, least: Duration) -> Result<(), End> {
        if failures.times() >= ENDPOINT_FAILURES {
            return Err(End::EndpointFailed);
        }
        let pause = failures.next(self.environment.random()).max(least);
        if self.rest(pause).await { Ok(()) } else { Err(End::Stopped) }
    }

    /// Stores a position, however often that has to be tried while the lease is this instance's.
    async fn store(&self, held: &HeldLease, continuation: &str) -> Result<(), End> {
        let mut failures = Pace::new(FAILURE_FIRST, FAILURE_LONGEST);
        loop {
            match held.checkpoint(continuation).await {
                Ok(()) => return Ok(()),
                Err(error @ ProcessorError::LeaseLost { .. }) => return Err(End::Lost(error)),
                Err(error) => self.failed(Some(&held.lease()), error),
            }
            // A stop bounds this by the time to drain.
            self.environment.sleep(failures.next(self.environment.random())).await;
        }
    }

    /// Delivers a page until it was handled and its position is stored.
    async fn deliver(&self, held: &Arc<HeldLease>, page: FeedPage) -> Result<(), End> {
        let lease = held.lease();
        let continuation: Arc<str> = page.continuation.into();
        let mut batch = Batch {
            lease_token: lease.token.as_str().into(),
            bounds: lease.bounds,
            items: page.items.into(),
            continuation: continuation.clone(),
            lsn: page.lsn,
            charge_hundredths: page.charge_hundredths,
            attempt: 0,
            lost: held.lost().clone(),
            stop: self.stop.clone(),
            checkpoint: Checkpoint { held: held.clone(), continuation: continuation.clone() },
        };
        let mut failures = Pace::new(self.options.retry_first, self.options.retry_longest);
        loop {
            batch.attempt = batch.attempt.saturating_add(1);
            let (message, retry_after) = match self.delegate.deliver(batch.clone()).await {
                Ok(Delivered::Handled) => {
                    self.store(held, &continuation).await?;
                    self.notifications.checkpointed(&held.lease());
                    return Ok(());
                }
                Ok(Delivered::Checkpointed) => {
                    self.notifications.checkpointed(&held.lease());
                    return Ok(());
                }
                Ok(Delivered::Deferred) => return Ok(()),
                Err(DeliveryError::Stopped) if self.stop.is_cancelled() => return Err(End::Stopped),
                Err(error @ DeliveryError::Stopped) => (error.to_string(), None),
                Err(DeliveryError::Conflict) => {
                    if self.settled(held, &continuation).await? {
                        self.notifications.checkpointed(&held.lease());
                        return Ok(());
                    }
                    continue;
                }
                Err(DeliveryError::Failed { message, retry_after }) => (message, retry_after),
            };
            let pause = failures.next(self.environment.random());
            self.failed(Some(&held.lease()), ProcessorError::Delegate(message));
            if self.options.release_after > 0 && failures.times() >= self.options.release_after {
                return Err(End::DelegateFailed);
            }
            if !self.rest(retry_after.unwrap_or(pause)).await {
                return Err(End::Stopped);
            }
        }
    }

    /// Finds out whether a transaction of the delegate's came through that met another version of the lease.
    async fn settled(&self, held: &HeldLease, continuation: &str) -> Result<bool, End> {
        let mut failures = Pace::new(FAILURE_FIRST, FAILURE_LONGEST);
        loop {
            let settled = held.settle(continuation).await;
            // Also before the same transaction is made again.
            self.environment.sleep(failures.next(self.environment.random())).await;
            match settled {
                Ok(settled) => return Ok(settled),
                Err(error @ ProcessorError::LeaseLost { .. }) => return Err(End::Lost(error)),
                Err(error) => self.failed(Some(&held.lease()), error),
            }
        }
    }
}

/// The position before a page that was the first to be read, where continuations are LSNs: everything that follows is in the page.
fn before(first: Option<i64>, continuation: &str) -> Option<String> {
    let (first, last) = (first?, continuation.trim_matches('"').parse::<i64>().ok()?);
    (1..=last).contains(&first).then(|| format!("\"{}\"", first - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_position_before_the_first_page() {
        assert_eq!(before(Some(7), "\"9\"").as_deref(), Some("\"6\""));
        assert_eq!(before(Some(1), "\"1\"").as_deref(), Some("\"0\""));
        assert_eq!(before(Some(10), "\"9\""), None, "these are not of one kind");
        assert_eq!(before(None, "\"9\""), None);
        assert_eq!(before(Some(7), "opaque"), None);
    }
}

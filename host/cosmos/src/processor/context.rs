//! What the parts of one processor share.

use std::sync::Arc;
use std::time::Duration;

use hearth_model::clock::Timestamp;
use tokio_util::sync::CancellationToken;

use super::bounded::Bounded;
use super::environment::Environment;
use super::error::ProcessorError;
use super::feed::{Feed, FeedError, FeedErrorKind, FeedMode, FeedPage, PageRequest, PageScope, PageStart};
use super::lease::{Lease, LeaseVersion};
use super::names::LeasePrefix;
use super::notifications::Notifications;
use super::options::{ProcessorOptions, ProcessorStart};
use super::range::{EpkRange, PartitionRange};

/// What the parts of one processor share.
pub(super) struct Context<F, S, D> {
    pub(super) feed: Arc<F>,
    pub(super) store: Bounded<S>,
    pub(super) delegate: Arc<D>,
    pub(super) notifications: Arc<dyn Notifications>,
    pub(super) environment: Arc<dyn Environment>,
    pub(super) options: ProcessorOptions,
    pub(super) instance: Arc<str>,
    pub(super) prefix: LeasePrefix,
    /// When this run began.
    pub(super) started: Timestamp,
    pub(super) stop: CancellationToken,
}

/// A part of a container that can be read in one call.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    range: String,
    bounds: Option<EpkRange>,
}

impl Scope {
    /// Of a lease over the ranges that there are. None when its keys are in several of them.
    pub(super) async fn of<F: Feed>(feed: &F, lease: &Lease) -> Result<Option<Self>, FeedError> {
        let bounds = match (lease.version, &lease.bounds) {
            (LeaseVersion::Epk, Some(bounds)) => bounds,
            (LeaseVersion::Range, _) => return Ok(Some(Self { range: lease.token.clone(), bounds: None })),
            (LeaseVersion::Epk, None) => {
                let message = format!("the lease '{}' does not say which keys it is on", lease.id);
                return Err(FeedError::new(FeedErrorKind::Refused, message));
            }
        };
        let mut ranges = feed.ranges(bounds).await?;
        if ranges.len() > 1 {
            return Ok(None);
        }
        let range = ranges.pop().ok_or_else(|| no_ranges(bounds))?;
        let bounds = (range.bounds != *bounds).then(|| bounds.clone());
        Ok(Some(Self { range: range.id, bounds }))
    }

    pub(super) fn page<'a>(&'a self, start: PageStart<'a>, mode: FeedMode) -> PageRequest<'a> {
        let scope = PageScope { range: &self.range, bounds: self.bounds.as_ref() };
        PageRequest { scope, start, mode, max_items: None, wait: Duration::ZERO }
    }
}

/// An endpoint that reports no range where there must be one is given time to report it.
pub(super) fn no_ranges(bounds: &EpkRange) -> FeedError {
    let message = format!("the endpoint reports no partition key range with keys in {bounds}");
    FeedError::new(FeedErrorKind::Passing, message)
}

impl<F: Feed, S, D> Context<F, S, D> {
    /// Where a lease begins that has no continuation.
    pub(super) fn start(&self) -> PageStart<'static> {
        match (self.options.start, self.options.mode) {
            (ProcessorStart::Now, FeedMode::AllVersionsAndDeletes) => PageStart::Now,
            (ProcessorStart::Now, FeedMode::LatestVersion) => {
                PageStart::Time(self.started.minus(Duration::from_secs(1)))
            }
            (ProcessorStart::Beginning, _) => PageStart::Beginning,
            (ProcessorStart::Time(at), _) => PageStart::Time(at),
        }
    }

    /// Reads a page, for as long as that may take.
    pub(super) async fn read(&self, request: &PageRequest<'_>) -> Result<FeedPage, FeedError> {
        self.in_time(request.wait + self.options.read_timeout, self.feed.read(request)).await
    }

    /// The ranges that hold keys between bounds.
    pub(super) async fn ranges(&self, bounds: &EpkRange) -> Result<Vec<PartitionRange>, FeedError> {
        self.in_time(self.options.read_timeout, self.feed.ranges(bounds)).await
    }

    /// The part of the container that a lease is on; none when it is in several ranges.
    pub(super) async fn scope(&self, lease: &Lease) -> Result<Option<Scope>, FeedError> {
        self.in_time(self.options.read_timeout, Scope::of(self.feed.as_ref(), lease)).await
    }

    async fn in_time<T>(
        &self,
        time: Duration,
        call: impl Future<Output = Result<T, FeedError>>,
    ) -> Result<T, FeedError> {
        tokio::select! {
            biased;
            answer = call => answer,
            () = self.environment.sleep(time) => {
                let message = format!("the endpoint did not answer within {time:?}");
                Err(FeedError::new(FeedErrorKind::Passing, message))
            }
        }
    }

    /// Sleeps, unless the processor stops. False when it does.
    pub(super) async fn rest(&self, time: Duration) -> bool {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => false,
            () = self.environment.sleep(time) => true,
        }
    }

    pub(super) fn failed(&self, lease: Option<&Lease>, error: impl Into<ProcessorError>) {
        self.notifications.failed(lease, &error.into());
    }
}

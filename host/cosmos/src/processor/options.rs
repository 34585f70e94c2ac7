//! Knobs of a processor.

use std::time::Duration;

use hearth_model::clock::Timestamp;

use super::error::ProcessorError;
use super::feed::FeedMode;

/// Where a lease begins whose part of the container was never read. What was read goes on where it stands: later changes of this have
/// no effect on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProcessorStart {
    /// With what is written from one second before the processor's start on.
    #[default]
    Now,
    /// With the first change. Not in all-versions mode.
    Beginning,
    /// With what was written at this time or later. Not in all-versions mode.
    Time(Timestamp),
}

/// Knobs of a processor. Defaults are those of the SDKs (reference: Cosmos DB, sections 0.21 and 8.5) where they have the knob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessorOptions {
    /// What the feed tells. Leases of the other mode are refused.
    pub mode: FeedMode,
    /// Where it begins.
    pub start: ProcessorStart,
    /// How often leases are looked at and taken. Default: 13 s.
    pub acquire_interval: Duration,
    /// How often the leases of this instance are renewed. Default: 17 s. Has to be shorter than the expiration.
    pub renew_interval: Duration,
    /// How long after its last renewal a lease belongs to whoever takes it. Default: 60 s. All instances need the same.
    pub expiration_interval: Duration,
    /// Longest pause between looks at a feed that has nothing new. Default: 5 s. Looks begin a fiftieth of it after the last change,
    /// and the pauses double.
    pub poll_delay: Duration,
    /// How long a feed that can wait by itself is let wait in one call. Default: 20 s.
    pub longest_wait: Duration,
    /// Longest that a read of a page may take, besides its wait. Default: 65 s.
    pub read_timeout: Duration,
    /// Longest that a call of the lease store may take. Default: 10 s.
    pub store_timeout: Duration,
    /// Most items of a page, a hint. Default: the endpoint's.
    pub max_items: Option<u32>,
    /// Fewest leases that this instance aims at, even if others then have fewer; 0 for as many as everybody. Default: 0.
    pub min_leases: u32,
    /// Most leases that this instance takes; 0 for no bound. Default: 0.
    pub max_leases: u32,
    /// Pause before a batch that failed is delivered again, doubled each time. Default: 1 s.
    pub retry_first: Duration,
    /// Longest such pause. Default: 30 s.
    pub retry_longest: Duration,
    /// After so many failures of a batch in a row its lease is given back, so that another instance may try; 0 keeps it for ever.
    /// Default: 5. It can come back here.
    pub release_after: u32,
    /// How long batches that are being handled may take when the processor stops. Default: 30 s. Then they are dropped.
    pub drain: Duration,
    /// Longest that leases are made by one instance before another one may. Default: 30 s.
    pub lock_ttl: Duration,
    /// Longest pause between looks at whether another instance has made the leases. Default: 15 s; begins with a hundredth of it.
    pub lock_wait: Duration,
}

impl Default for ProcessorOptions {
    fn default() -> Self {
        Self {
            mode: FeedMode::default(),
            start: ProcessorStart::default(),
            acquire_interval: Duration::from_secs(13),
            renew_interval: Duration::from_secs(17),
            expiration_interval: Duration::from_secs(60),
            poll_delay: Duration::from_secs(5),
            longest_wait: Duration::from_secs(20),
            read_timeout: Duration::from_secs(65),
            store_timeout: Duration::from_secs(10),
            max_items: None,
            min_leases: 0,
            max_leases: 0,
            retry_first: Duration::from_secs(1),
            retry_longest: Duration::from_secs(30),
            release_after: 5,
            drain: Duration::from_secs(30),
            lock_ttl: Duration::from_secs(30),
            lock_wait: Duration::from_secs(15),
        }
    }
}

impl ProcessorOptions {
    /// Whether they can be used together.
    ///
    /// # Errors
    /// [`ProcessorError::Setup`] with what is wrong.
    pub fn check(&self) -> Result<(), ProcessorError> {
        let wrong = |text: &str| Err(ProcessorError::Setup(text.to_owned()));
        let intervals = [self.acquire_interval, self.renew_interval, self.expiration_interval, self.poll_delay];
        if intervals.iter().any(Duration::is_zero) {
            return wrong(
                "the intervals to acquire, renew and expire leases and the poll delay must be longer than zero",
            );
        }
        if self.renew_interval >= self.expiration_interval {
            return wrong("the interval to renew leases must be shorter than the one after which they expire");
        }
        if self.acquire_interval > self.expiration_interval {
            return wrong("the interval to acquire leases must not be longer than the one after which they expire");
        }
        if self.max_leases > 0 && self.min_leases > self.max_leases {
            return wrong("the fewest leases must not be more than the most leases");
        }
        if self.mode == FeedMode::AllVersionsAndDeletes && self.start != ProcessorStart::Now {
            return wrong("a feed of all versions and deletes begins now: neither at a time nor at the beginning");
        }
        Ok(())
    }
}

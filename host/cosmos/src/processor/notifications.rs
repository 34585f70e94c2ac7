//! What a processor tells about itself (reference: Cosmos DB, section 8.8).

use std::fmt;

use super::error::ProcessorError;
use super::lease::Lease;

/// Why an instance no longer reads a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// The processor stops.
    Shutdown,
    /// Another instance has it, or it could not be renewed in time.
    LeaseLost,
    /// Its range was split or merged; other leases took its place.
    LeaseGone,
    /// The delegate failed too often; whoever acquires it next tries again.
    DelegateFailed,
    /// The feed or the lease store failed.
    EndpointFailed,
    /// Anything else.
    Unknown,
}

impl CloseReason {
    /// For logs: one word or a few.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shutdown => "shutdown",
            Self::LeaseLost => "lease lost",
            Self::LeaseGone => "lease gone",
            Self::DelegateFailed => "delegate failed",
            Self::EndpointFailed => "endpoint failed",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Takes what a processor tells. Calls come from within the processor and must not block.
pub trait Notifications: Send + Sync + 'static {
    /// This instance has acquired a lease and begins to read.
    fn acquired(&self, _lease: &Lease) {}

    /// This instance no longer reads a lease, and is about to give it back where it still has it. It is called once for each
    /// [`Notifications::acquired`]; only a processor that is dropped does not call it.
    fn released(&self, _lease: &Lease, _reason: CloseReason) {}

    /// A batch was handled and its position stored.
    fn checkpointed(&self, _lease: &Lease) {}

    /// Something failed: at a lease, or at none of them. What the delegate said is told apart by [`ProcessorError::Delegate`].
    fn failed(&self, _lease: Option<&Lease>, _error: &ProcessorError) {}
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Notifications for Silent {}

//! What every request handler has at hand.

use std::sync::Arc;
use std::time::Duration;

use hearth_model::clock::Clock;
use hearth_model::package::PackageLimits;
use hearth_state::{Database, Keyring};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::address::Reached;
use crate::auth::Delays;
use crate::links::{Links, Places};
use crate::logs::Fetcher;
use crate::publish::{Spool, Uploads};
use crate::rotation::Rotation;
use crate::schedule::{Scheduler, Standing};
use crate::secret::Expected;
use crate::telemetry::Telemetry;

/// Shared by all handlers.
pub(crate) struct Context {
    pub(crate) state: Database,
    pub(crate) keyring: Keyring,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) scheduler: Scheduler,
    /// Whether this process decides.
    pub(crate) standing: watch::Receiver<Standing>,
    /// Where the other processes of the installation reach this one.
    pub(crate) own_url: String,
    pub(crate) admin_key: Expected,
    pub(crate) join_token: Expected,
    /// What machines that join are told of host state; none when they can't join.
    pub(crate) state_url: Option<String>,
    pub(crate) rotation: Rotation,
    pub(crate) delays: Delays,
    pub(crate) telemetry: Telemetry,
    pub(crate) spool: Spool,
    pub(crate) uploads: Arc<Uploads>,
    pub(crate) fetcher: Fetcher,
    pub(crate) places: Places,
    /// Where the queue service is reached, as the operator set it.
    pub(crate) queues_url: Option<String>,
    /// Where the document store is reached, as the operator set it.
    pub(crate) documents_url: Option<String>,
    pub(crate) limits: Limits,
    /// Ends when the role shuts down.
    pub(crate) stop: CancellationToken,
}

/// Limits and times, as in [`crate::ManagementOptions`].
pub(crate) struct Limits {
    pub(crate) package_bytes: u64,
    pub(crate) package: PackageLimits,
    pub(crate) publish_wait: Duration,
    pub(crate) worker_lease: Duration,
    pub(crate) beat_interval: Duration,
    pub(crate) log_stream: Duration,
    pub(crate) log_stream_idle: Duration,
}

impl Context {
    /// The links for a caller.
    pub(crate) fn links<'a>(&'a self, reached: &'a Reached) -> Links<'a> {
        Links { places: &self.places, reached }
    }

    /// Tells the workers of a change of settings, keys or modes, so that they look at once.
    pub(crate) async fn ring(&self, revision: u64) {
        if self.scheduler.configured(revision).await.is_err() {
            tracing::debug!(revision, "this role stops: the workers find the change by themselves");
        }
    }

    /// As [`Context::ring`], after a change whose revision is not told.
    pub(crate) async fn ring_latest(&self) {
        match self.state.configuration().revision().await {
            Ok(revision) => self.ring(revision).await,
            Err(error) => tracing::debug!(%error, "the workers find the change by themselves"),
        }
    }
}

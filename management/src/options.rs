//! How a management role runs; built by the command line, with a documented default for what may be left alone.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hearth_model::clock::{Clock, SystemClock};
use hearth_model::ids::AppName;
use hearth_model::package::PackageLimits;
use hearth_state::{Database, Keyring};
use ipnet::IpNet;

/// Everything the management role is given.
pub struct ManagementOptions {
    /// Host state.
    pub state: Database,
    /// Installation keys: seal the credentials kept in state.
    pub keyring: Keyring,
    /// The socket to serve on, bound already.
    pub listener: TcpListener,
    /// Domain under which apps have host names: `<app>.<domain>` and `<app>.scm.<domain>`. Default `localhost`.
    pub domain: String,
    /// Base URL under which this role is reached from outside, possibly with a path, when that is not the address in the
    /// request.
    pub public_url: Option<String>,
    /// Base URL where callers reach functions, possibly with a path, for example `http://localhost:7071`; without it, that of a worker.
    pub functions_url: Option<String>,
    /// Base URL where the queue service is reached; without it, that of a worker's host with the usual port.
    pub queues_url: Option<String>,
    /// Base URL where the document store is reached; without it, that of a worker's host with the usual port.
    pub documents_url: Option<String>,
    /// Proxies whose `X-Forwarded-*` headers are believed. Default none.
    pub trusted_proxies: Vec<IpNet>,
    /// The app that answers for host names which name none; without it, the only app if there is exactly one.
    pub default_app: Option<AppName>,
    /// Where uploads are kept while they arrive; made with mode 0700, leftovers of a crash are removed at start.
    pub spool_dir: PathBuf,
    /// Greatest upload in bytes; more answers 413. Default 256 MiB.
    pub max_package_bytes: u64,
    /// What the intake accepts inside a package.
    pub package_limits: PackageLimits,
    /// Token with which workers join; without it one is made once and kept sealed in state.
    pub join_token: Option<String>,
    /// Where host state is, for machines that join with a one-time token; may hold a password. Default: none can.
    pub state_url: Option<String>,
    /// How long a worker's own credential is used before it gets another. Default 24 h.
    pub credential_period: Duration,
    /// Key for the management API; without it one is made once and kept sealed in state.
    pub admin_key: Option<String>,
    /// A worker that has not beaten for this long is missing and its apps go elsewhere. Default 8 s: with what it takes to notice
    /// and to load, they answer elsewhere within 10 s.
    pub worker_lease: Duration,
    /// The answer to a beat is held back at most this long; at most a third of the lease is used. Default 5 s.
    pub beat_interval: Duration,
    /// How long a caller without `isAsync` waits for its deployment before it is told that it goes on. Default 5 min.
    pub publish_wait: Duration,
    /// A worker that has not finished preparing a deployment after this long counts as failed. Default 10 min.
    pub prepare_timeout: Duration,
    /// A log stream ends after this long. Default 2 h.
    pub log_stream_limit: Duration,
    /// A log stream says that nothing came each time this long passes in silence. Default 1 min.
    pub log_stream_idle: Duration,
    /// The scheduler's lease: another management process takes over this long after the one that decides went silent. Default 6 s.
    pub scheduler_lease: Duration,
    /// Base URL under which workers and other management processes reach this one. Default that of the listening address.
    pub internal_url: Option<String>,
    /// Who this process is among the management processes of one host state, without spaces. Whoever comes back under the identity of one
    /// that died need not wait for its lease; never given to two at once. Default a random one.
    pub identity: Option<String>,
    /// Invocations, running and waiting, that a worker is meant for of an app whose placement names no number. Default 100.
    pub target_concurrency: u32,
    /// Fewer workers must have been enough for an app for so long before one is given up. Default 5 min.
    pub scale_in_after: Duration,
    /// Apps that change workers in any minute only to even out what workers carry; 0 for none. Default 6.
    pub moves_per_minute: usize,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl ManagementOptions {
    /// Options with every default.
    pub fn new(state: Database, keyring: Keyring, listener: TcpListener, spool_dir: PathBuf) -> Self {
        Self {
            state,
            keyring,
            listener,
            domain: "localhost".into(),
            public_url: None,
            functions_url: None,
            queues_url: None,
            documents_url: None,
            trusted_proxies: Vec::new(),
            default_app: None,
            spool_dir,
            max_package_bytes: 256 << 20,
            package_limits: PackageLimits::default(),
            join_token: None,
            state_url: None,
            credential_period: Duration::from_secs(24 * 60 * 60),
            admin_key: None,
            worker_lease: Duration::from_secs(8),
            beat_interval: Duration::from_secs(5),
            publish_wait: Duration::from_secs(5 * 60),
            prepare_timeout: Duration::from_secs(10 * 60),
            log_stream_limit: Duration::from_secs(2 * 60 * 60),
            log_stream_idle: Duration::from_secs(60),
            scheduler_lease: Duration::from_secs(6),
            internal_url: None,
            identity: None,
            target_concurrency: 100,
            scale_in_after: Duration::from_secs(5 * 60),
            moves_per_minute: 6,
            clock: Arc::new(SystemClock),
        }
    }
}

/// Handed to the caller of [`crate::run`] when the role accepts connections.
#[derive(Clone)]
pub struct Ready {
    /// Address that is served.
    pub addr: SocketAddr,
    /// Key for the management API.
    pub admin_key: String,
    /// Token with which workers join.
    pub join_token: String,
}

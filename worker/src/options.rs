//! How a worker runs; built by the command line.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hearth_model::clock::Clock;
use ipnet::IpNet;

use crate::control::{AvailableTimes, Membership};
use crate::development::{CodeCache, DevelopmentOptions};
pub use crate::front::TlsFiles;

/// Everything a worker is given.
pub struct WorkerOptions {
    /// Base URL of the management role, for example `http://127.0.0.1:7070`.
    pub management_url: String,
    /// Shared join token; empty where there is a membership.
    pub join_token: String,
    /// What the worker keeps of having joined with a one-time token.
    pub membership: Option<Membership>,
    /// The machine, the same for all workers of one.
    pub node: String,
    /// When the worker takes work; always without.
    pub available: Option<AvailableTimes>,
    /// Decides whether an availability window is open.
    pub clock: Arc<dyn Clock>,
    /// Stable name on this node.
    pub name: String,
    /// Host state.
    pub state: hearth_state::Database,
    /// Installation keys.
    pub keyring: hearth_state::Keyring,
    /// Where packages and compiled code are cached; created with mode 0700.
    pub cache_dir: PathBuf,
    /// Where machine code is kept instead, for installations that share it.
    pub code_cache: Option<CodeCache>,
    /// The socket for function HTTP, bound already.
    pub http: TcpListener,
    /// The socket of the queue service, bound already.
    pub queues: TcpListener,
    /// Base URL where the queue service is reached, without a slash at its end, when that is not the socket's address.
    pub queues_url: Option<String>,
    /// The socket of the document store, bound already.
    pub documents: TcpListener,
    /// What the document store may be used for, and its limits.
    pub document_options: hearth_documents::service::ServiceOptions,
    /// Other workers accept from the same sockets.
    pub shares_listener: bool,
    /// Address for the private control listener; port 0 lets the system choose.
    pub control: SocketAddr,
    /// Host, possibly with a port, under which management and other workers reach that listener; derived where it is absent.
    pub advertise: Option<String>,
    /// Certificate and key for function HTTP; without them it is plain.
    pub tls: Option<TlsFiles>,
    /// Proxies whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Domain under which apps have host names: `<app>.<domain>`.
    pub domain: String,
    /// Base URL where callers reach functions, possibly with a path, when that is not the worker's own address.
    pub functions_url: Option<String>,
    /// Targets that guests may reach although they are loopback or link-local (CIDR networks).
    pub egress_allow: Vec<String>,
    /// Directories below which app settings may refer to files (`@file:/…`); empty switches such references off.
    pub secret_files: Vec<PathBuf>,
    /// Files and directories of Hearth's own that no such reference reads, wherever they are: the installation key, for example.
    pub own_files: Vec<PathBuf>,
    /// Instances alive at once, all apps together (16 to 10,000).
    pub max_instances: u32,
    /// Relative capacity; 100 is one ordinary worker.
    pub capacity: u32,
    /// Operator's labels.
    pub labels: BTreeMap<String, String>,
    /// Code of apps that nobody calls is unloaded after this long, where their placement says nothing else; none for never.
    pub idle_unload: Option<Duration>,
    /// From the moment in which `/readyz` tells of a stop to the one in which the listener closes.
    pub drain_grace: Duration,
    /// Grace period for running invocations at shutdown.
    pub drain_timeout: Duration,
    /// One app is served from a folder.
    pub development: Option<DevelopmentOptions>,
}

/// Why a worker could not run; the text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// Management does not take this worker; trying again changes nothing.
    #[error("{0}")]
    Refused(String),
    /// A setting, a socket or the disk can't be used.
    #[error("{0}")]
    Failed(String),
}

impl WorkerError {
    pub(crate) fn io(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::Failed(format!("{what}: {error}"))
    }
}

//! From options to a role that can serve: settings are checked, what a crash left is put in order, secrets are read.

use std::sync::Arc;

use hearth_model::control::scheduler_holder;
use hearth_state::{Database, DeploymentStatus, DeploymentUpdate, StateError};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::address::Entrance;
use crate::auth::Delays;
use crate::context::{Context, Limits};
use crate::links::{Base, Places};
use crate::logs::Fetcher;
use crate::publish::{Spool, Uploads};
use crate::rotation::Rotation;
use crate::schedule::{OwnerOptions, Rules, Seat};
use crate::secret::{self, Expected};
use crate::secrets::{ADMIN_KEY, JOIN_TOKEN};
use crate::telemetry::Telemetry;
use crate::{ManagementError, ManagementOptions, Ready};

/// How many workers serve an app that names no number, where there are that many.
const COPIES: usize = 2;

/// A role that is ready to serve.
pub(crate) struct Role {
    pub(crate) context: Arc<Context>,
    pub(crate) seat: Seat,
    pub(crate) listener: TcpListener,
    pub(crate) entrance: Entrance,
    pub(crate) ready: Ready,
    /// Generation of host state under which everything was loaded.
    pub(crate) generation: u64,
}

/// Prepares everything that can fail before the first request.
pub(crate) async fn prepare(options: ManagementOptions, stop: CancellationToken) -> Result<Role, ManagementError> {
    let io = |what: String| move |source| ManagementError::Io { what, source };
    let public_url = Base::of_setting("the public URL", options.public_url)?;
    let functions_url = Base::of_setting("the functions URL", options.functions_url)?;
    if options.worker_lease.is_zero() {
        return Err(ManagementError::Setting("the worker lease must be longer than zero".into()));
    }
    let beat_interval = options.beat_interval.min(options.worker_lease / 3);
    let spool =
        Spool::open(&options.spool_dir).map_err(io(format!("spool directory '{}'", options.spool_dir.display())))?;
    let addr = options.listener.local_addr().map_err(io("management socket".into()))?;
    options.listener.set_nonblocking(true).map_err(io("management socket".into()))?;
    let listener = TcpListener::from_std(options.listener).map_err(io("management socket".into()))?;

    let (state, keyring) = (options.state, options.keyring);
    let generation = state.installation().generation().await?;
    let admin_key = secret::of_installation(&state, &keyring, ADMIN_KEY, options.admin_key).await?;
    let join_token = secret::of_installation(&state, &keyring, JOIN_TOKEN, options.join_token).await?;
    let now = options.clock.now();
    let rules = Rules {
        copies: COPIES,
        target_concurrency: options.target_concurrency,
        quiet: options.scale_in_after,
        moves_per_minute: options.moves_per_minute,
        prepare_timeout: options.prepare_timeout,
        default_app: options.default_app,
        first_revision: u64::try_from(now.as_micros()).unwrap_or(1),
    };
    let owner = OwnerOptions {
        rules,
        lease: options.worker_lease,
        beat_interval,
        clock: Arc::clone(&options.clock),
        keyring: keyring.clone(),
    };
    let own_url = options.internal_url.unwrap_or_else(|| format!("http://{addr}"));
    let identity = options
        .identity
        .map_or_else(secret::generate, Ok)
        .map_err(|error| ManagementError::Setting(format!("no identity could be made: {error}")))?;
    let holder = scheduler_holder(&identity, &own_url);
    let (seat, scheduler, standing) = Seat::open(state.clone(), holder, options.scheduler_lease, owner).await?;
    let entrance = Entrance { domain: options.domain.as_str().into(), trusted_proxies: options.trusted_proxies.into() };
    let context = Context {
        state,
        keyring,
        clock: options.clock,
        scheduler,
        standing,
        own_url,
        admin_key: Expected::new(&admin_key),
        join_token: Expected::new(&join_token),
        state_url: options.state_url,
        rotation: Rotation::new(options.credential_period),
        delays: Delays::new(),
        telemetry: Telemetry::default(),
        spool,
        uploads: Arc::new(Uploads::default()),
        fetcher: Fetcher::new(),
        queues_url: options.queues_url,
        documents_url: options.documents_url,
        places: Places { domain: options.domain, public_url, functions_url, addr },
        limits: Limits {
            package_bytes: options.max_package_bytes,
            package: options.package_limits,
            publish_wait: options.publish_wait,
            worker_lease: options.worker_lease,
            beat_interval,
            log_stream: options.log_stream_limit,
            log_stream_idle: options.log_stream_idle,
        },
        stop,
    };
    Ok(Role {
        context: Arc::new(context),
        seat,
        listener,
        entrance,
        ready: Ready { addr, admin_key, join_token },
        generation,
    })
}

/// Ends the deployments that a stopped management left in progress: one that was active already succeeded, the rest failed.
pub(crate) async fn settle_interrupted(state: &Database) -> Result<(), StateError> {
    for app in state.apps().list().await? {
        let Some(active) = app.active else { continue };
        // False for one that is complete: then there is nothing to settle.
        let update = DeploymentUpdate {
            status: Some(DeploymentStatus::Success),
            status_text: Some(String::new()),
            progress: Some(String::new()),
            complete: true,
            functions_json: None,
        };
        state.deployments().update(&active, update).await?;
    }
    for deployment in state.deployments().fail_interrupted().await? {
        tracing::warn!(%deployment, "a deployment was interrupted by the end of the management process");
    }
    Ok(())
}

//! `hearth management`: the management role, alone in the foreground.

use std::time::Duration;

use clap::Args;
use hearth_management::{ManagementOptions, Ready};
use tokio::sync::oneshot;

use crate::client::Profile;
use crate::config::data::DataDir;
use crate::config::settings::{
    DataSettings, DomainSettings, JoinSettings, KeySettings, ManagementSettings, ReadySettings, StateSettings,
};
use crate::config::values::{BaseUrl, Network};
use crate::exit::Failure;
use crate::platform;
use crate::role::{self, ReadyFile};

/// Open requests are given this long at a stop.
const DRAIN: Duration = Duration::from_secs(10);

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataSettings,
    #[command(flatten)]
    state: StateSettings,
    #[command(flatten)]
    key: KeySettings,
    #[command(flatten)]
    management: ManagementSettings,
    #[command(flatten)]
    domain: DomainSettings,
    #[command(flatten)]
    join: JoinSettings,
    #[command(flatten)]
    ready: ReadySettings,
    /// Started by `hearth up`: stop when standard input ends
    #[arg(long, hide = true)]
    supervised: bool,
}

impl Arguments {
    /// Name in log lines when this is one of several processes.
    pub(super) fn process_name(&self) -> Option<&str> {
        self.supervised.then_some("management")
    }
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { data, state, key, management, domain, join, ready, supervised } = arguments;
    let mut stop = Box::pin(role::stop_requested(supervised, DRAIN + role::STOP_MARGIN)?);
    let data = DataDir::new(data.data.as_deref());
    role::prepare_data(&data)?;
    role::allow_connections();
    let listener = role::listener(0, management.management_listen, "--management-listen")?;
    let address = listener.local_addr().map_err(Failure::general)?;
    let (database, keyring) = tokio::select! {
        opened = role::wait_for_state(&data, &state, &key) => opened?,
        () = &mut stop => return Ok(()),
    };

    let mut options = ManagementOptions::new(database.clone(), keyring, listener, data.spool());
    options.domain = domain.domain.as_str().to_owned();
    options.public_url = management.public_url.map(|url| url.to_string());
    options.trusted_proxies = domain.trusted_proxies.iter().map(Network::get).collect();
    options.functions_url = domain.functions_url.map(|url| url.to_string());
    options.queues_url = domain.queues_url.map(|url| url.to_string());
    options.documents_url = domain.documents_url.map(|url| url.to_string());
    options.default_app = management.default_app;
    options.max_package_bytes = management.package_limit_mib << 20;
    options.worker_lease = Duration::from_secs(management.worker_lease);
    options.credential_period = Duration::from_secs(management.credential_period);
    options.join_token = join.join_token;
    options.scheduler_lease = Duration::from_secs(management.scheduler_lease);
    options.target_concurrency = management.target_concurrency;
    options.scale_in_after = Duration::from_secs(management.scale_in_after);
    options.moves_per_minute = usize::from(management.moves_per_minute);
    options.internal_url = Some(match management.internal_url {
        Some(url) => url.to_string(),
        None if address.ip().is_unspecified() => format!("http://{}:{}", platform::host_name(), address.port()),
        None => format!("http://{address}"),
    });
    // One supervisor owns the data directory with its state, and starts one management at a time.
    options.identity = supervised.then(|| "supervised".to_owned());
    options.state_url = Some(role::deliverable_state(&data, &state)?);

    let (report, reported) = oneshot::channel();
    let announce = |Ready { addr, admin_key, join_token }: Ready| {
        let url = BaseUrl::of_address(addr);
        if !supervised {
            Profile::new(url.as_str(), &admin_key).write(&data.profile())?;
            if let Some(path) = &ready.ready_file {
                let file = ReadyFile {
                    management: Some(url.as_str()),
                    http: None,
                    queues: None,
                    queues_connection_string: None,
                    documents: None,
                    documents_connection_string: None,
                    admin_key: Some(&admin_key),
                    join_token: Some(&join_token),
                    pid: std::process::id(),
                };
                file.write(path)?;
            }
        }
        tracing::info!(category = "Host.Startup", "Management listens at {url}");
        role::notify_ready()
    };
    let ready = |ready| {
        let _role_ended = report.send(ready);
    };
    let running = hearth_management::run(options, ready, stop);
    let result = role::drive(running, reported, announce, role::management_failure).await;
    database.close().await;
    result
}

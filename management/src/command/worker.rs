//! `hearth worker`: one worker, alone in the foreground.

use std::time::Duration;

use clap::Args;
use hearth_model::ids::WorkerId;
use hearth_worker::{WorkerError, WorkerOptions};
use tokio::sync::oneshot;

use super::start::Development;
use crate::config::data::DataDir;
use crate::config::settings::{
    DataSettings, DomainSettings, JoinSettings, KeySettings, ReadySettings, ServingSettings, StateSettings,
    TargetSettings, WorkerSettings,
};
use crate::config::values::{BaseUrl, Network};
use crate::exit::{Failure, Kind};
use crate::platform;
use crate::role::{self, ReadyFile};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    target: TargetSettings,
    #[command(flatten)]
    join: JoinSettings,
    #[command(flatten)]
    data: DataSettings,
    #[command(flatten)]
    state: StateSettings,
    #[command(flatten)]
    key: KeySettings,
    #[command(flatten)]
    worker: WorkerSettings,
    #[command(flatten)]
    serving: ServingSettings,
    #[command(flatten)]
    domain: DomainSettings,
    #[command(flatten)]
    ready: ReadySettings,
    /// Started by `hearth up`: stop when standard input ends
    #[arg(long, hide = true)]
    supervised: bool,
    /// Started by `hearth start`: the folder that is served, as the JSON of `start::Development`
    #[arg(long, hide = true, requires = "supervised", value_parser = Development::parse)]
    development: Option<Development>,
}

impl Arguments {
    /// Name in log lines when this is one of several processes.
    pub(super) fn process_name(&self) -> Option<&str> {
        self.worker.name.as_deref().filter(|_| self.supervised && self.development.is_none())
    }
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { target, join, data, state, key, worker, serving, domain, ready, supervised, development } =
        arguments;
    let drain_timeout = Duration::from_secs(serving.drain_timeout);
    let drain_grace = Duration::from_secs(serving.drain_grace);
    let mut stop = Box::pin(role::stop_requested(supervised, drain_grace + drain_timeout + role::STOP_MARGIN)?);
    let management = target.management.ok_or_else(|| missing("management", "the URL of the management role"))?;
    let join_token = join.join_token.ok_or_else(|| missing("join-token", "the token with which workers join"))?;
    let name = worker.name.unwrap_or_else(platform::host_name);
    let name = WorkerId::parse(&name).map_err(|error| Failure::configuration(format_args!("--name: {error}")))?;
    let data = DataDir::new(data.data.as_deref());
    role::prepare_data(&data)?;
    role::allow_connections();
    let tls = role::tls(&serving)?;
    let http = role::listener(serving.http_listen, "--http-listen")?;
    let http_port = http.local_addr().map_or(0, |address| address.port());
    let (database, keyring) = tokio::select! {
        opened = role::wait_for_state(&data, &state, &key) => opened?,
        () = &mut stop => return Ok(()),
    };
    let mut own_files = vec![role::key_file(&data, &key), data.profile(), data.database()];
    own_files.extend(tls.iter().map(|files| files.key.clone()));
    // What SQLite keeps beside the database holds rows too, and a ready file the keys of the installation.
    own_files.extend(["db-wal", "db-shm"].map(|extension| data.database().with_extension(extension)));
    own_files.extend(ready.ready_file.clone());

    // The folder must outlive the worker.
    let (code_cache, _temporary) = development.as_ref().map(Development::code_cache).transpose()?.unzip();
    // A developer's settings have no business with the secrets of this machine.
    let secret_files = if development.is_some() { Vec::new() } else { serving.secret_files };

    let options = WorkerOptions {
        management_url: management.to_string(),
        join_token,
        name: name.to_string(),
        state: database.clone(),
        keyring,
        cache_dir: data.cache(),
        code_cache,
        http,
        control: worker.control_listen,
        advertise: worker.advertise,
        tls: tls.clone(),
        trusted_proxies: domain.trusted_proxies.iter().map(Network::get).collect(),
        domain: domain.domain.as_str().to_owned(),
        functions_url: domain.functions_url.as_ref().map(ToString::to_string),
        egress_allow: serving.egress_allow.iter().map(ToString::to_string).collect(),
        secret_files,
        own_files,
        max_instances: serving.max_instances,
        capacity: worker.capacity,
        labels: worker.label.into_iter().map(|label| (label.name, label.value)).collect(),
        drain_grace,
        drain_timeout,
        development: development.map(|development| development.options(http_port)),
    };

    let (report, reported) = oneshot::channel();
    let announce = |address| {
        let url = BaseUrl::of_listener(address, tls.is_some());
        if let Some(path) = ready.ready_file.as_ref().filter(|_| !supervised) {
            ReadyFile {
                management: None,
                http: Some(url.as_str()),
                admin_key: None,
                join_token: None,
                pid: std::process::id(),
            }
            .write(path)?;
        }
        tracing::info!(category = "Host.Startup", "Worker {name} serves functions at {url}");
        role::notify_ready()
    };
    let ready = |address| {
        let _role_ended = report.send(address);
    };
    let running = hearth_worker::run(options, ready, stop);
    let result = role::drive(running, reported, announce, failure).await;
    database.close().await;
    result
}

fn missing(name: &str, what: &str) -> Failure {
    let variable = name.replace('-', "_").to_uppercase();
    Failure::configuration(format_args!(
        "{what} is missing: give --{name}, the environment variable HEARTH_{variable}, or '{name}' in hearth.toml"
    ))
}

fn failure(error: WorkerError) -> Failure {
    let kind = match error {
        WorkerError::Refused(_) => Kind::Refused,
        WorkerError::Failed(_) => Kind::Failure,
    };
    Failure::new(kind, error)
}

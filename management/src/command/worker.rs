//! `hearth worker`: one worker, alone in the foreground.

mod joining;

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use hearth_documents::service::ServiceOptions;
use hearth_model::availability::Zone;
use hearth_model::clock::SystemClock;
use hearth_worker::{AvailableTimes, WorkerError, WorkerOptions};
use tokio::sync::oneshot;

use super::start::Development;
use crate::config::data::DataDir;
use crate::config::settings::{
    DataSettings, DomainSettings, JoinOnceSettings, JoinSettings, KeySettings, ReadySettings, ServingSettings,
    StateSettings, TargetSettings, WorkerSettings,
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
    join_once: JoinOnceSettings,
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
    let Arguments {
        target,
        join_once,
        join,
        data,
        state,
        key,
        worker,
        serving,
        domain,
        ready,
        supervised,
        development,
    } = arguments;
    let drain_timeout = Duration::from_secs(serving.drain_timeout);
    let drain_grace = Duration::from_secs(serving.drain_grace);
    let mut stop = Box::pin(role::stop_requested(supervised, drain_grace + drain_timeout + role::STOP_MARGIN)?);
    let data = DataDir::new(data.data.as_deref());
    role::prepare_data(&data)?;
    let asked = joining::Asked {
        // What a supervisor starts belongs to its installation, whatever the environment says.
        token: join_once.join.as_deref().filter(|_| !supervised),
        shared: join.join_token,
        management: target.management,
        name: worker.name,
        state,
        key,
    };
    let identity = joining::identity(asked, &data).await?;
    let joining::Identity { management, join_token, name, state, key, membership } = identity;
    role::allow_connections();
    let document_options = document_options(&serving, &domain)?;
    let tls = role::tls(&serving)?;
    let http = role::listener(0, serving.http_listen, "--http-listen")?;
    let queues = role::listener(1, serving.queues_listen, "--queues-listen")?;
    let documents = role::listener(2, serving.documents_listen, "--documents-listen")?;
    let documents_url = documents.local_addr().ok().map(|address| BaseUrl::of_listener(address, false));
    let queues_url = queues.local_addr().ok().map(|address| BaseUrl::of_listener(address, tls.is_some()));
    let http_port = http.local_addr().map_or(0, |address| address.port());
    let (database, keyring) = tokio::select! {
        opened = role::wait_for_state(&data, &state, &key) => opened?,
        () = &mut stop => return Ok(()),
    };
    let mut own_files = vec![role::key_file(&data, &key), data.profile(), data.database(), data.member_file()];
    own_files.extend(tls.iter().map(|files| files.key.clone()));
    // What SQLite keeps beside the database holds rows too, and a ready file the keys of the installation.
    own_files.extend(["db-wal", "db-shm"].map(|extension| data.database().with_extension(extension)));
    own_files.extend(ready.ready_file.clone());

    // The folder must outlive the worker.
    let (code_cache, _temporary) = development.as_ref().map(Development::code_cache).transpose()?.unzip();
    // A developer's settings have no business with the secrets of this machine.
    let secret_files = if development.is_some() { Vec::new() } else { serving.secret_files };

    let available = worker
        .available
        .map(|windows| AvailableTimes { windows, zone: worker.time_zone.unwrap_or_else(Zone::of_machine) });
    let options = WorkerOptions {
        management_url: management.to_string(),
        join_token,
        membership,
        node: platform::host_name(),
        available,
        clock: Arc::new(SystemClock),
        name: name.to_string(),
        state: database.clone(),
        keyring,
        cache_dir: data.cache(),
        code_cache,
        http,
        queues,
        queues_url: domain.queues_url.as_ref().map(ToString::to_string),
        documents,
        document_options,
        shares_listener: supervised,
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
        idle_unload: Some(Duration::from_secs(serving.idle_unload)).filter(|after| !after.is_zero()),
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
                queues: queues_url.as_ref().map(BaseUrl::as_str),
                queues_connection_string: None,
                documents: documents_url.as_ref().map(BaseUrl::as_str),
                documents_connection_string: None,
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

/// What the document store of this worker may be used for.
fn document_options(serving: &ServingSettings, domain: &DomainSettings) -> Result<ServiceOptions, Failure> {
    Ok(ServiceOptions {
        development: serving.emulator()?,
        request_units: serving.documents_request_units,
        endpoint: domain.documents_url.as_ref().map(|url| format!("{}/", url.as_str().trim_end_matches('/'))),
        storage_quota: Some(serving.documents_quota_mib << 20).filter(|quota| *quota > 0),
    })
}

pub(super) fn failure(error: WorkerError) -> Failure {
    let kind = match error {
        WorkerError::Refused(_) => Kind::Refused,
        WorkerError::Failed(_) => Kind::Failure,
    };
    Failure::new(kind, error)
}

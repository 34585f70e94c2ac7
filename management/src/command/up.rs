//! `hearth up`: everything on this machine.
//!
//! What can be refused is refused here, before anything is started: the data directory, its owner, host state, the ports.

use std::ffi::OsString;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use hearth_management::Secrets;
use tokio::sync::mpsc;

use crate::client::Profile;
use crate::config::data::DataDir;
use crate::config::settings::{
    CommonSettings, DataSettings, DomainSettings, KeySettings, ManagementSettings, ReadySettings, ServingSettings,
    StateSettings, SupervisorSettings,
};
use crate::config::values::BaseUrl;
use crate::exit::Failure;
use crate::output;
use crate::platform::{self, StopSignals};
use crate::role::{self, ReadyFile};
use crate::supervisor::{self, Child, DirectoryLock, Plan, bind_after};

#[derive(Args, Clone, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataSettings,
    #[command(flatten)]
    supervisor: SupervisorSettings,
    #[command(flatten)]
    management: ManagementSettings,
    #[command(flatten)]
    serving: ServingSettings,
    #[command(flatten)]
    domain: DomainSettings,
    #[command(flatten)]
    key: KeySettings,
    #[command(flatten)]
    ready: ReadySettings,
}

pub(super) async fn run(arguments: Arguments, common: &CommonSettings) -> Result<(), Failure> {
    let stop_requests = stop_requests()?;
    role::tls(&arguments.serving)?;
    let data = DataDir::new(arguments.data.data.as_deref());
    role::prepare_data(&data)?;
    let lock = DirectoryLock::take(&data)?;
    let secrets = check_state(&data, &arguments.key).await?;
    let result = supervise(&arguments, common, &data, secrets, lock.after_kill, stop_requests).await;
    lock.release();
    result
}

/// Each signal to stop, from now on.
fn stop_requests() -> Result<mpsc::Receiver<()>, Failure> {
    let mut signals =
        StopSignals::listen().map_err(|error| Failure::general(format_args!("signals can't be received: {error}")))?;
    let (requests, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        loop {
            signals.next().await;
            if requests.send(()).await.is_err() {
                break;
            }
        }
    });
    Ok(receiver)
}

/// Opens host state once: it is migrated, or refused, before anything is started.
async fn check_state(data: &DataDir, key: &KeySettings) -> Result<Secrets, Failure> {
    match platform::is_open_to_others(data.path()) {
        Ok(true) => tracing::warn!(
            category = "Supervisor",
            "The data directory '{0}' can be entered by other users: chmod 700 {0}",
            data.path().display()
        ),
        Ok(false) => {}
        Err(error) => tracing::debug!(category = "Supervisor", "'{}': {error}", data.path().display()),
    }
    let (database, keyring) = role::open_state(data, &StateSettings { state: None }, key).await?;
    let secrets = Secrets::load_or_create(&database, &keyring).await.map_err(role::management_failure);
    database.close().await;
    secrets
}

async fn supervise(
    arguments: &Arguments,
    common: &CommonSettings,
    data: &DataDir,
    secrets: Secrets,
    after_kill: bool,
    stop_requests: mpsc::Receiver<()>,
) -> Result<(), Failure> {
    let management = bind_after(arguments.management.management_listen, "--management-listen", after_kill).await?;
    let http = bind_after(arguments.serving.http_listen, "--http-listen", after_kill).await?;
    let addresses = Addresses { management: address(&management)?, http: address(&http)? };
    let (run_dir, _temporary) = run_dir(data)?;
    let plan = Plan {
        management: management_child(arguments, common, data, &secrets, management, addresses),
        workers: worker_children(arguments, common, data, &secrets, http, addresses),
        binary: std::env::current_exe()
            .map_err(|error| Failure::general(format_args!("the path of this program can't be found: {error}")))?,
        run_dir,
        drain_timeout: Duration::from_secs(arguments.serving.drain_timeout),
    };
    let ready = || {
        let management = BaseUrl::of_address(addresses.management);
        let http = BaseUrl::of_listener(addresses.http, arguments.serving.has_tls());
        Profile::new(management.as_str(), &secrets.admin_key).write(&data.profile())?;
        if let Some(path) = &arguments.ready.ready_file {
            let file = ReadyFile {
                management: Some(management.as_str()),
                http: Some(http.as_str()),
                admin_key: Some(&secrets.admin_key),
                join_token: Some(&secrets.join_token),
                pid: std::process::id(),
            };
            file.write(path)?;
        }
        welcome(arguments, data, addresses);
        role::notify_ready()
    };
    supervisor::run(plan, stop_requests, ready).await
}

/// Addresses as bound, with real ports.
#[derive(Clone, Copy)]
struct Addresses {
    management: SocketAddr,
    http: SocketAddr,
}

fn address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener
        .local_addr()
        .map_err(|error| Failure::general(format_args!("the address of a socket can't be read: {error}")))
}

/// Where readiness sockets lie: in the data directory, unless its path is too long for a socket's address.
fn run_dir(data: &DataDir) -> Result<(PathBuf, Option<tempfile::TempDir>), Failure> {
    let wanted = data.run();
    if platform::fits_socket(&wanted.join("worker-256.sock")) {
        platform::create_private_dir(&wanted)
            .map_err(|error| Failure::general(format_args!("'{}' can't be made: {error}", wanted.display())))?;
        return Ok((wanted, None));
    }
    let temporary = tempfile::Builder::new()
        .prefix("hearth-")
        .tempdir()
        .map_err(|error| Failure::general(format_args!("a temporary directory can't be made: {error}")))?;
    Ok((temporary.path().to_owned(), Some(temporary)))
}

fn management_child(
    arguments: &Arguments,
    common: &CommonSettings,
    data: &DataDir,
    secrets: &Secrets,
    listener: TcpListener,
    addresses: Addresses,
) -> Child {
    let settings = &arguments.management;
    let mut flags = Flags::of_role("management", arguments, common, data);
    flags.push("--management-listen", addresses.management.to_string());
    flags.push("--package-limit-mib", settings.package_limit_mib.to_string());
    flags.push("--worker-lease", settings.worker_lease.to_string());
    let functions = arguments.domain.functions_url.as_ref().map(ToString::to_string);
    flags.push("--functions-url", functions.unwrap_or_else(|| functions_url(arguments, addresses.http)));
    if let Some(url) = &settings.public_url {
        flags.push("--public-url", url.to_string());
    }
    if let Some(app) = &settings.default_app {
        flags.push("--default-app", app.to_string());
    }
    Child {
        name: "management".to_owned(),
        arguments: flags.0,
        environment: vec![("HEARTH_JOIN_TOKEN", secrets.join_token.clone())],
        listener: Arc::new(listener),
    }
}

fn worker_children(
    arguments: &Arguments,
    common: &CommonSettings,
    data: &DataDir,
    secrets: &Secrets,
    listener: TcpListener,
    addresses: Addresses,
) -> Vec<Child> {
    let listener = Arc::new(listener);
    let child = |number: u16| {
        let name = format!("worker-{number}");
        let mut flags = Flags::of_role("worker", arguments, common, data);
        flags.push("--name", name.clone());
        flags.push("--management", BaseUrl::of_address(addresses.management).to_string());
        flags.push("--http-listen", addresses.http.to_string());
        flags.push("--control-listen", "127.0.0.1:0".to_owned());
        flags.push("--max-instances", arguments.serving.max_instances.to_string());
        flags.push("--drain-timeout", arguments.serving.drain_timeout.to_string());
        for directory in &arguments.serving.secret_files {
            flags.push("--secret-files", directory);
        }
        for network in &arguments.serving.egress_allow {
            flags.push("--egress-allow", network.to_string());
        }
        if let (Some(certificate), Some(key)) =
            (&arguments.serving.http_tls_certificate, &arguments.serving.http_tls_key)
        {
            flags.push("--http-tls-certificate", certificate);
            flags.push("--http-tls-key", key);
        }
        if let Some(url) = &arguments.domain.functions_url {
            flags.push("--functions-url", url.to_string());
        }
        Child {
            name,
            arguments: flags.0,
            environment: vec![("HEARTH_JOIN_TOKEN", secrets.join_token.clone())],
            listener: Arc::clone(&listener),
        }
    };
    (1..=arguments.supervisor.workers).map(child).collect()
}

/// Arguments of a child, each setting with its effective value, so that it does not look for one itself.
struct Flags(Vec<OsString>);

impl Flags {
    fn of_role(role: &str, arguments: &Arguments, common: &CommonSettings, data: &DataDir) -> Self {
        let mut flags = Self(vec![role.into(), "--supervised".into()]);
        flags.push("--data", data.path());
        flags.push("--state", format!("sqlite:{}", data.database().display()));
        flags.push("--key-file", arguments.key.key_file.clone().unwrap_or_else(|| data.key_file()));
        flags.push("--domain", arguments.domain.domain.to_string());
        for network in &arguments.domain.trusted_proxies {
            flags.push("--trusted-proxies", network.to_string());
        }
        flags.push("--log", &common.log);
        flags.push("--log-format", common.log_format.to_string());
        if let Some(file) = &common.config {
            flags.push("--config", file);
        }
        flags
    }

    fn push(&mut self, name: &str, value: impl Into<OsString>) {
        self.0.push(name.into());
        self.0.push(value.into());
    }
}

/// Where callers reach functions when nothing is set: by the domain where that means this machine.
fn functions_url(arguments: &Arguments, http: SocketAddr) -> String {
    let here = http.ip().is_loopback() || http.ip().is_unspecified();
    if here && arguments.domain.domain.as_str() == "localhost" {
        format!("{}://localhost:{}", arguments.serving.scheme(), http.port())
    } else {
        BaseUrl::of_listener(http, arguments.serving.has_tls()).to_string()
    }
}

fn welcome(arguments: &Arguments, data: &DataDir, addresses: Addresses) {
    let workers = arguments.supervisor.workers;
    let functions = match &arguments.domain.functions_url {
        Some(url) => url.to_string(),
        None => functions_url(arguments, addresses.http),
    };
    let base = functions.trim_end_matches('/');
    let path = base.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
    let app = match base.rsplit_once("://") {
        Some((scheme, host)) if !path => {
            let port = host.rsplit_once(':').map(|(_, port)| port).filter(|port| port.parse::<u16>().is_ok());
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            format!("{scheme}://<app>.{}{port}", arguments.domain.domain)
        }
        _ => format!("{base}/apps/<app>"),
    };
    output::line(&format!(
        "Hearth {version} is up: management and {workers} {noun}, process {pid}.\n\n\
         \x20   Functions:   {functions}\n\
         \x20   Management:  {management}\n\
         \x20   Data:        {data}\n\n\
         An app answers at {app}. Publish one: hearth publish DIR --app NAME\n\
         Ctrl-C stops everything.",
        version = env!("CARGO_PKG_VERSION"),
        noun = if workers == 1 { "worker" } else { "workers" },
        pid = std::process::id(),
        management = BaseUrl::of_address(addresses.management),
        data = data.path().display(),
    ));
}

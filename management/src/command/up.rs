//! `hearth up`: everything on this machine.
//!
//! What can be refused is refused here, before anything is started: the data directory, its owner, host state, the ports.

mod children;
mod sockets;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hearth_management::{Secrets, documents, queues};
use hearth_state::QueueAccount;
use hearth_state::documents::DocumentAccount;
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
use crate::supervisor::{self, DirectoryLock, Plan, bind_after};

/// Where the document store shows the certificate that it has for HTTPS.
const PEM_PATH: &str = "/_explorer/emulator.pem";

#[derive(Args, Clone, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(super) data: DataSettings,
    #[command(flatten)]
    pub(super) state: StateSettings,
    #[command(flatten)]
    pub(super) supervisor: SupervisorSettings,
    #[command(flatten)]
    pub(super) management: ManagementSettings,
    #[command(flatten)]
    pub(super) serving: ServingSettings,
    #[command(flatten)]
    pub(super) domain: DomainSettings,
    #[command(flatten)]
    pub(super) key: KeySettings,
    #[command(flatten)]
    pub(super) ready: ReadySettings,
}

pub(super) async fn run(arguments: Arguments, common: &CommonSettings) -> Result<(), Failure> {
    let stop_requests = stop_requests()?;
    role::tls(&arguments.serving)?;
    let emulator = arguments.serving.emulator()?;
    let data = DataDir::new(arguments.data.data.as_deref());
    role::prepare_data(&data)?;
    let lock = DirectoryLock::take(&data)?;
    let accounts = if emulator { Accounts::Emulator } else { Accounts::Own };
    let installation = check_state(&data, &arguments.state, &arguments.key, accounts).await?;
    let machine = Machine {
        arguments: &arguments,
        common,
        data: &data,
        http_flag: "--http-listen",
        queues_elsewhere: false,
        documents_elsewhere: false,
        development: None,
    };
    let result = supervise(&machine, &installation, lock.after_kill, stop_requests).await;
    lock.release();
    result
}

/// What runs on this machine, and how.
pub(super) struct Machine<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) common: &'a CommonSettings,
    pub(super) data: &'a DataDir,
    /// The flag that says where functions are called.
    pub(super) http_flag: &'static str,
    /// The queue service may take another port where its own is in use.
    pub(super) queues_elsewhere: bool,
    /// So may the document store.
    pub(super) documents_elsewhere: bool,
    /// What the worker is told of a folder that it serves in place of packages: the private flag `--development`.
    pub(super) development: Option<String>,
}

/// Each signal to stop, from now on.
pub(super) fn stop_requests() -> Result<mpsc::Receiver<()>, Failure> {
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

/// What is known of the installation before anything runs.
pub(super) struct Installation {
    secrets: Secrets,
    /// The account of the queue service that whoever starts it is told of.
    queues: QueueAccount,
    /// The same of the document store.
    documents: DocumentAccount,
}

/// Which accounts of its services whoever starts an installation is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accounts {
    /// The installation's own, with keys that nobody else knows.
    Own,
    /// Of the document store the one whose key everybody knows.
    Emulator,
    /// Those that development tools know, of all services.
    Development,
}

/// Opens host state once: it is migrated, or refused, before anything is started.
pub(super) async fn check_state(
    data: &DataDir,
    state: &StateSettings,
    key: &KeySettings,
    accounts: Accounts,
) -> Result<Installation, Failure> {
    match platform::is_open_to_others(data.path()) {
        Ok(true) => tracing::warn!(
            category = "Supervisor",
            "The data directory '{0}' can be entered by other users: chmod 700 {0}",
            data.path().display()
        ),
        Ok(false) => {}
        Err(error) => tracing::debug!(category = "Supervisor", "'{}': {error}", data.path().display()),
    }
    let (database, keyring) = role::open_state(data, state, key).await?;
    let read = async {
        let secrets = Secrets::load_or_create(&database, &keyring).await?;
        let queues = match accounts {
            Accounts::Development => queues::development_account(&database, &keyring).await?,
            Accounts::Own | Accounts::Emulator => queues::own_account(&database, &keyring).await?,
        };
        let documents = match accounts {
            Accounts::Development | Accounts::Emulator => documents::emulator_account(&database, &keyring).await?,
            Accounts::Own => documents::own_account(&database, &keyring).await?,
        };
        Ok(Installation { secrets, queues, documents })
    };
    let installation = read.await.map_err(role::management_failure);
    database.close().await;
    installation
}

/// Binds the sockets, starts everything, and keeps it running until a stop is requested.
pub(super) async fn supervise(
    machine: &Machine<'_>,
    installation: &Installation,
    after_kill: bool,
    stop_requests: mpsc::Receiver<()>,
) -> Result<(), Failure> {
    let Machine { arguments, data, .. } = *machine;
    let secrets = &installation.secrets;
    let management = bind_after(arguments.management.management_listen, "--management-listen", after_kill).await?;
    let http = bind_after(arguments.serving.http_listen, machine.http_flag, after_kill).await?;
    let queues = sockets::queues(machine, after_kill).await?;
    let documents = sockets::documents(machine, after_kill).await?;
    let addresses = Addresses {
        management: address(&management)?,
        http: address(&http)?,
        queues: address(&queues)?,
        documents: address(&documents)?,
    };
    let (run_dir, _temporary) = run_dir(data)?;
    let plan = Plan {
        management: children::management(machine, secrets, management, addresses),
        workers: children::workers(machine, secrets, [http, queues, documents], addresses),
        binary: std::env::current_exe()
            .map_err(|error| Failure::general(format_args!("the path of this program can't be found: {error}")))?,
        run_dir,
        drain_timeout: Duration::from_secs(arguments.serving.drain_grace + arguments.serving.drain_timeout),
    };
    let ready = || {
        let management = BaseUrl::of_address(addresses.management);
        let http = BaseUrl::of_listener(addresses.http, arguments.serving.has_tls());
        let queues = BaseUrl::of_listener(addresses.queues, arguments.serving.has_tls());
        let documents = addresses.documents_url();
        Profile::new(management.as_str(), &secrets.admin_key).write(&data.profile())?;
        if let Some(path) = &arguments.ready.ready_file {
            let file = ReadyFile {
                management: Some(management.as_str()),
                http: Some(http.as_str()),
                queues: Some(queues.as_str()),
                queues_connection_string: Some(&queues::connection_string(queues.as_str(), &installation.queues)),
                documents: Some(documents.as_str()),
                documents_connection_string: Some(&documents::connection_string(
                    documents.as_str(),
                    &installation.documents,
                )),
                admin_key: Some(&secrets.admin_key),
                join_token: Some(&secrets.join_token),
                pid: std::process::id(),
            };
            file.write(path)?;
        }
        if machine.development.is_none() {
            welcome(arguments, data, addresses);
        }
        role::notify_ready()
    };
    supervisor::run(plan, stop_requests, ready).await
}

/// Addresses as bound, with real ports.
#[derive(Clone, Copy)]
struct Addresses {
    management: SocketAddr,
    http: SocketAddr,
    queues: SocketAddr,
    documents: SocketAddr,
}

impl Addresses {
    /// The plain one of two, since no program trusts a certificate that it does not know.
    fn documents_url(&self) -> BaseUrl {
        BaseUrl::of_listener(self.documents, false)
    }
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
         \x20   Queues:      {queues}\n\
         \x20   Documents:   {documents} (HTTPS too; certificate: {documents}{PEM_PATH})\n\
         \x20   Management:  {management}\n\
         \x20   Data:        {data}\n\n\
         An app answers at {app}. Publish one: hearth publish DIR --app NAME\n\
         Ctrl-C stops everything.",
        version = env!("CARGO_PKG_VERSION"),
        noun = if workers == 1 { "worker" } else { "workers" },
        pid = std::process::id(),
        queues = BaseUrl::of_listener(addresses.queues, arguments.serving.has_tls()),
        documents = addresses.documents_url(),
        management = BaseUrl::of_address(addresses.management),
        data = data.path().display(),
    ));
}

//! What running one role in a process has in common: opening state, taking the socket, telling that it is ready, stopping.
//!
//! A role process stops on a signal, or when the supervisor that started it is gone: its standard input is then at its end.

use std::fmt::Display;
use std::io::{self, Read};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use hearth_management::ManagementError;
use hearth_state::{Database, Keyring, OpenOptions, StateError, StateUrl};
use hearth_worker::TlsFiles;
use serde::Serialize;
use tokio::sync::oneshot;

use crate::config::data::DataDir;
use crate::config::settings::{KeySettings, ServingSettings, StateSettings};
use crate::exit::{Failure, Kind};
use crate::platform::{self, StopSignals};

/// Past the drain timeout, what a role may take to close what is left.
pub(crate) const STOP_MARGIN: Duration = Duration::from_secs(5);

/// Content of the ready file: what a program needs to talk to what has started.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReadyFile<'a> {
    /// Base URL of management.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) management: Option<&'a str>,
    /// Base URL of function HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) http: Option<&'a str>,
    /// Base URL of the queue service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) queues: Option<&'a str>,
    /// Opens the installation's own account of the queue service, as the public SDKs take it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) queues_connection_string: Option<&'a str>,
    /// Base URL of the document store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) documents: Option<&'a str>,
    /// Opens the installation's own account of the document store, as the public SDKs take it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) documents_connection_string: Option<&'a str>,
    /// Key for the management API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) admin_key: Option<&'a str>,
    /// Token with which more workers can join.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) join_token: Option<&'a str>,
    /// Process to signal for a stop.
    pub(crate) pid: u32,
}

impl ReadyFile<'_> {
    /// Writes the file as a whole, readable by its owner only.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let text = serde_json::to_vec(self).map_err(Failure::general)?;
        platform::write_private(path, &text).map_err(|error| {
            Failure::general(format_args!("the ready file '{}' can't be written: {error}", path.display()))
        })
    }
}

/// A state error with the exit code that tells whether trying again can help.
pub(crate) fn state_failure(error: StateError) -> Failure {
    match error {
        StateError::Configuration(_) | StateError::Incompatible(_) | StateError::Corrupt(_) => {
            Failure::configuration(error)
        }
        error => Failure::general(error),
    }
}

/// As [`state_failure`], for the management role.
pub(crate) fn management_failure(error: ManagementError) -> Failure {
    match error {
        ManagementError::State(error) => state_failure(error),
        error @ ManagementError::Setting(_) => Failure::configuration(error),
        error @ (ManagementError::Io { .. } | ManagementError::Restored) => Failure::general(error),
    }
}

/// Makes the data directory where it is missing, for this user only.
pub(crate) fn prepare_data(data: &DataDir) -> Result<(), Failure> {
    let path = data.path();
    let refuse = |reason: String| {
        Err(Failure::configuration(format_args!(
            "the data directory '{}' can't be used: {reason}; choose another with --data",
            path.display()
        )))
    };
    match platform::create_private_dir(path) {
        Ok(()) if path.is_dir() => {
            // A directory that somebody made for this is closed before anything secret lies in it.
            let empty = std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
            if empty && let Err(error) = platform::close_to_others(path) {
                return refuse(error.to_string());
            }
            Ok(())
        }
        Ok(()) => refuse("it is not a directory".to_owned()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => refuse("it is not a directory".to_owned()),
        Err(error) => refuse(error.to_string()),
    }
}

/// Files that a role may have open, where the system allows it: as many as in the service unit.
const OPEN_FILES: u64 = 65_536;
/// Enough for all connections of a worker, and for what it opens itself.
const ENOUGH_FILES: u64 = 16_384;

/// Makes room for many connections: a shell often allows a process no more than 1,024 open files.
pub(crate) fn allow_connections() {
    let allowed = match platform::raise_open_files(OPEN_FILES) {
        Ok(allowed) if allowed >= ENOUGH_FILES => return,
        Ok(allowed) => format!("{allowed} files, connections included, may be open"),
        Err(error) => format!("the limit of open files can't be raised: {error}"),
    };
    tracing::warn!(
        category = "Host.Startup",
        "{allowed}; further connections wait to be accepted. Raise the limit (ulimit -Hn, LimitNOFILE) to {OPEN_FILES}"
    );
}

/// Where the installation key is.
pub(crate) fn key_file(data: &DataDir, key: &KeySettings) -> PathBuf {
    key.key_file.clone().unwrap_or_else(|| data.key_file())
}

/// Where host state is.
pub(crate) fn state_url(data: &DataDir, state: &StateSettings) -> Result<StateUrl, Failure> {
    match &state.state {
        Some(text) => StateUrl::parse(text).map_err(state_failure),
        None => Ok(StateUrl::sqlite(&data.database())),
    }
}

/// Where host state is, fit to be shown: without a password.
pub(crate) fn shown_state(text: &str) -> String {
    StateUrl::parse(text).map_or_else(|_| "(not valid)".to_owned(), |url| url.to_string())
}

/// Opens host state and the installation key, making both where they are missing.
pub(crate) async fn open_state(
    data: &DataDir,
    state: &StateSettings,
    key: &KeySettings,
) -> Result<(Database, Keyring), Failure> {
    let url = state_url(data, state)?;
    let key_file = key_file(data, key);
    let database = Database::open(&url, OpenOptions::default()).await.map_err(state_failure)?;
    let keyring = Keyring::load_or_create(&key_file).map_err(state_failure)?;
    Ok((database, keyring))
}

/// Longest pause between two attempts to open host state.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// As [`open_state`], for a role whose machine may be up before its database is: what may pass is waited for, and told in the log.
pub(crate) async fn wait_for_state(
    data: &DataDir,
    state: &StateSettings,
    key: &KeySettings,
) -> Result<(Database, Keyring), Failure> {
    let mut pause = Duration::from_millis(500);
    loop {
        let failure = match open_state(data, state, key).await {
            Err(failure) if failure.kind() == Kind::Failure => failure,
            opened => return opened,
        };
        tracing::warn!(category = "Host.Startup", "{failure}. It is tried again in {pause:?}");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Host state as other processes can be told of it: a file by its absolute path.
pub(crate) fn deliverable_state(data: &DataDir, state: &StateSettings) -> Result<String, Failure> {
    Ok(match (state_url(data, state)?, &state.state) {
        (StateUrl::Sqlite(path), _) => {
            let path = std::path::absolute(&path).map_err(Failure::general)?;
            format!("sqlite:{}", path.display())
        }
        // What `Display` shows of a server leaves the password out.
        (_, text) => text.clone().unwrap_or_default(),
    })
}

/// The socket at this place of those handed over by the supervisor or systemd, else a new one at `address`, the value of the setting
/// `flag`.
pub(crate) fn listener(place: usize, address: SocketAddr, flag: &str) -> Result<TcpListener, Failure> {
    match platform::inherited_listener(place) {
        Ok(Some(listener)) => Ok(listener),
        Ok(None) => bind(address, flag),
        Err(error) => Err(Failure::configuration(format_args!("the socket handed over by LISTEN_FDS: {error}"))),
    }
}

/// Binds `address`, the value of the setting `flag`.
pub(crate) fn bind(address: SocketAddr, flag: &str) -> Result<TcpListener, Failure> {
    let refuse = |error: io::Error| {
        let reason = match error.kind() {
            io::ErrorKind::AddrInUse => "the port is in use by another program; choose another, or stop it".to_owned(),
            io::ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
            io::ErrorKind::PermissionDenied => "this user may not use the port; choose one above 1023".to_owned(),
            _ => error.to_string(),
        };
        Failure::configuration(format_args!("{flag} {address}: {reason}"))
    };
    let listener = TcpListener::bind(address).map_err(refuse)?;
    platform::deepen_backlog(&listener).map_err(refuse)?;
    Ok(listener)
}

/// Yields a future that resolves when this process is asked to stop. If it has not ended `limit` after that, or is asked
/// once more, the process ends at once.
pub(crate) fn stop_requested(
    supervised: bool,
    limit: Duration,
) -> Result<impl Future<Output = ()> + Send + 'static, Failure> {
    let mut signals =
        StopSignals::listen().map_err(|error| Failure::general(format_args!("signals can't be received: {error}")))?;
    let orphaned = supervised.then(standard_input_closed);
    let (asked, stop) = oneshot::channel();
    tokio::spawn(async move {
        tokio::select! {
            () = next(&mut signals, supervised) => {}
            () = wait_for(orphaned) => {}
        }
        let _nobody_waits = asked.send(());
        tokio::select! {
            () = next(&mut signals, supervised) => tracing::warn!(category = "Host.Shutdown", "Stopping at once"),
            () = tokio::time::sleep(limit) => {
                tracing::error!(category = "Host.Shutdown", "Stopping at once: work did not end in {} s", limit.as_secs());
            }
        }
        std::process::exit(1);
    });
    Ok(async move {
        let _task_ended = stop.await;
    })
}

async fn next(signals: &mut StopSignals, supervised: bool) {
    if supervised { signals.next_for_supervised().await } else { signals.next().await }
}

async fn wait_for(event: Option<oneshot::Receiver<()>>) {
    match event {
        Some(event) => {
            let _sender_gone = event.await;
        }
        None => std::future::pending().await,
    }
}

/// Resolves at the end of standard input. A plain thread, because a read by the runtime would hold up its end.
fn standard_input_closed() -> oneshot::Receiver<()> {
    let (closed, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 64];
        let mut input = io::stdin().lock();
        loop {
            match input.read(&mut buffer) {
                Ok(0) => break,
                Err(error) if error.kind() != io::ErrorKind::Interrupted => break,
                _ => {}
            }
        }
        let _nobody_waits = closed.send(());
    });
    receiver
}

/// Runs a role to its end. `announce` is given what the role reported when it was ready; its failure ends the role.
pub(crate) async fn drive<R, E: Display>(
    run: impl Future<Output = Result<(), E>>,
    ready: oneshot::Receiver<R>,
    announce: impl FnOnce(R) -> Result<(), Failure>,
    failure: impl FnOnce(E) -> Failure,
) -> Result<(), Failure> {
    let mut run = std::pin::pin!(run);
    let announced = async {
        match ready.await {
            Ok(report) => announce(report),
            // The role ended without being ready; its own result tells why.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        result = announced => result?,
        result = &mut run => return result.map_err(failure),
    }
    run.await.map_err(failure)
}

/// The certificate and key with which functions are served, tried out: a wrong pair fails before a port is bound.
pub(crate) fn tls(serving: &ServingSettings) -> Result<Option<TlsFiles>, Failure> {
    let files = match (&serving.http_tls_certificate, &serving.http_tls_key) {
        (None, None) => return Ok(None),
        (Some(certificate), Some(key)) => TlsFiles { certificate: certificate.clone(), key: key.clone() },
        (Some(_), None) => {
            return Err(Failure::configuration("--http-tls-certificate needs --http-tls-key, its private key"));
        }
        (None, Some(_)) => {
            return Err(Failure::configuration("--http-tls-key needs --http-tls-certificate, its certificate chain"));
        }
    };
    files.check().map_err(Failure::configuration)?;
    Ok(Some(files))
}

/// Tells a supervisor or systemd that this process is ready.
pub(crate) fn notify_ready() -> Result<(), Failure> {
    platform::notify("READY=1")
        .map_err(|error| Failure::general(format_args!("readiness can't be reported to NOTIFY_SOCKET: {error}")))
}

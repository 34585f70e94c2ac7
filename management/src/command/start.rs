//! `hearth start`: the function app of a folder, on this machine only, loaded again whenever a file changes.
//!
//! It is `hearth up` with one worker that serves the folder instead of packages, and with its data in the folder's `.hearth/`. Who can
//! reach it is the developer: it listens on loopback addresses, answers for local names only, and asks for no keys unless it is told to.
//! The settings of `hearth up` in the environment and in hearth.toml do not count here: a developer's machine may run both.

mod data;
mod development;
mod listing;
mod project;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::builder::Resettable;
use clap::{Args, FromArgMatches};
use hearth_management::FolderApp;
use hearth_model::local_settings::{FILE_NAME, LocalHost, LocalSettings};

use super::up::{self, Accounts, Machine};
use crate::config::data::{DataDir, user_cache};
use crate::config::settings::{CommonSettings, KeySettings, ReadySettings, StateSettings};
use crate::exit::Failure;
use crate::log::LogFormat;
use crate::output;
use crate::platform;
use crate::role;
use crate::supervisor::DirectoryLock;

pub(super) use data::{is_of_start, nearest_data};
pub(super) use development::Development;

/// Port of function HTTP when nothing else is set.
const PORT: u16 = 7071;
/// Seconds that running invocations are given at Ctrl-C.
const DRAIN_SECONDS: u64 = 2;
/// What functions may call though it is no public address.
const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1/128"];
/// Log lines: everything of functions that host.json lets through, of the host what is wrong.
const BRIEF: &str = "warn,function=trace";
/// The same with the host's own lines.
const VERBOSE: &str = "info,function=trace";

#[derive(Args, Clone, Debug)]
pub(crate) struct Arguments {
    /// Folder of the app [default: this folder, or the nearest above it with a host.json]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,

    /// Port where functions are called; 0 takes a free one [default: Host.LocalHttpPort of local.settings.json, else 7071]
    #[arg(short, long, value_name = "PORT")]
    port: Option<u16>,

    /// Names of the functions to load [default: all]
    #[arg(long, value_name = "NAME", num_args = 1..)]
    functions: Vec<String>,

    /// Origins that browsers may call from, parted by commas; * allows every origin [default: Host.CORS of local.settings.json]
    #[arg(long, value_name = "ORIGINS", value_delimiter = ',')]
    cors: Option<Vec<String>>,

    /// Let browsers send credentials
    #[arg(long)]
    cors_credentials: bool,

    /// Ask callers for keys, as a published app does
    #[arg(long, alias = "enableAuth")]
    enable_auth: bool,

    /// Show the host's own log lines too
    #[arg(long)]
    verbose: bool,

    /// Loopback address and port where functions are called; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "port", value_parser = loopback)]
    http_listen: Option<SocketAddr>,

    /// Loopback address and port where the queue service answers; port 0 takes a free one [default: 127.0.0.1:10001, or a free port where
    /// that is in use]
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = loopback)]
    queues_listen: Option<SocketAddr>,

    /// Loopback address and port where the document store answers; port 0 takes a free one [default: 127.0.0.1:8081, or a free port where
    /// that is in use]
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = loopback)]
    documents_listen: Option<SocketAddr>,

    /// Loopback address and port where management listens; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0", value_parser = loopback)]
    management_listen: SocketAddr,

    /// Directory for the app's local state: keys, logs, machine code [default: DIR/.hearth]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    #[command(flatten)]
    ready: ReadySettings,
}

impl Arguments {
    /// Log settings for a developer's console where the command line does not say otherwise.
    pub(super) fn common(&self, given: &CommonSettings) -> CommonSettings {
        let mut common = given.clone();
        if common.log == "info" {
            common.log = if self.verbose { VERBOSE } else { BRIEF }.to_owned();
        }
        if common.log_format == LogFormat::Text {
            common.log_format = LogFormat::Console;
        }
        common
    }
}

pub(super) async fn run(arguments: Arguments, common: &CommonSettings) -> Result<(), Failure> {
    let stop_requests = up::stop_requests()?;
    let folder = project::find(arguments.folder.as_deref())?;
    let host = local_host(&folder)?;
    check_cors(&arguments, &host)?;
    let http_listen = http_address(&arguments, &host)?;
    let data = data::prepare(arguments.data.as_deref(), &folder)?;
    let lock = DirectoryLock::take_or(&data, |directory, whose| {
        format!(
            "'{}' is served by another 'hearth start'{whose}, which uses '{directory}'; stop that one, or choose another directory with --data",
            folder.display()
        )
    })?;
    let mut settings = settings(&arguments, &data, http_listen)?;
    let installation = up::check_state(&data, &settings.state, &settings.key, Accounts::Development).await?;
    let app = folder_app(&data, &settings.key, &folder).await?;
    settings.management.default_app = Some(app.app.clone());
    header(&folder, &app);
    let development = Development {
        app: app.app,
        deployment: app.deployment,
        folder,
        functions: arguments.functions,
        cors: arguments.cors,
        cors_credentials: arguments.cors_credentials,
        check_keys: arguments.enable_auth,
        verbose: arguments.verbose,
        cache: user_cache(),
    };
    let common = CommonSettings { config: Some(no_settings(&data)?), ..common.clone() };
    let machine = Machine {
        arguments: &settings,
        common: &common,
        data: &data,
        http_flag: "--port",
        queues_elsewhere: arguments.queues_listen.is_none(),
        documents_elsewhere: arguments.documents_listen.is_none(),
        development: Some(development.text().map_err(Failure::general)?),
    };
    let result = up::supervise(&machine, &installation, lock.after_kill, stop_requests).await;
    lock.release();
    result
}

/// A loopback address; others would let the network in, without keys.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| "an address and port such as 127.0.0.1:7071 is needed")?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("'hearth start' serves this machine only, at a loopback address such as 127.0.0.1; publish to a 'hearth up' to serve others".into())
    }
}

/// The `Host` section of local.settings.json, with the whole file checked.
fn local_host(folder: &Path) -> Result<LocalHost, Failure> {
    let file = folder.join(FILE_NAME);
    match std::fs::read(&file) {
        Ok(bytes) => Ok(LocalSettings::parse(FILE_NAME, &bytes).map_err(Failure::configuration)?.host),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(LocalHost::default()),
        Err(error) => Err(Failure::configuration(format_args!("'{}' can't be read: {error}", file.display()))),
    }
}

fn check_cors(arguments: &Arguments, host: &LocalHost) -> Result<(), Failure> {
    let origins = arguments.cors.as_ref().unwrap_or(&host.cors);
    if arguments.cors_credentials && origins.iter().any(|origin| origin == "*") {
        return Err(Failure::configuration(
            "--cors-credentials can't be given while every origin ('*') is allowed; name the origins",
        ));
    }
    Ok(())
}

fn http_address(arguments: &Arguments, host: &LocalHost) -> Result<SocketAddr, Failure> {
    if let Some(address) = arguments.http_listen {
        return Ok(address);
    }
    let ip = match host.address.as_deref() {
        None | Some("localhost") => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Some(text) => text.parse().ok().filter(IpAddr::is_loopback).ok_or_else(|| {
            Failure::configuration(format_args!(
                "{FILE_NAME}: Host.LocalHttpAddress must be localhost or a loopback address: 'hearth start' serves this machine only"
            ))
        })?,
    };
    Ok(SocketAddr::new(ip, arguments.port.or(host.port).unwrap_or(PORT)))
}

/// An empty configuration file for the processes, which would look for hearth.toml without one.
fn no_settings(data: &DataDir) -> Result<PathBuf, Failure> {
    let file = data.path().join("none.toml");
    platform::write_private(&file, b"")
        .map_err(|error| Failure::general(format_args!("'{}' can't be written: {error}", file.display())))?;
    Ok(file)
}

/// The settings of the processes: the defaults of `hearth up`, with neither environment nor configuration file.
fn settings(arguments: &Arguments, data: &DataDir, http_listen: SocketAddr) -> Result<up::Arguments, Failure> {
    let command = up::Arguments::augment_args(clap::Command::new("up").no_binary_name(true));
    let command = command.mut_args(|setting| setting.env(Resettable::Reset));
    let defaults = command.try_get_matches_from::<_, &str>([]).map_err(Failure::general)?;
    let mut settings = up::Arguments::from_arg_matches(&defaults).map_err(Failure::general)?;
    settings.data.data = Some(data.path().to_owned());
    settings.management.management_listen = arguments.management_listen;
    settings.serving.http_listen = http_listen;
    if let Some(address) = arguments.queues_listen {
        settings.serving.queues_listen = address;
    }
    if let Some(address) = arguments.documents_listen {
        settings.serving.documents_listen = address;
    }
    settings.serving.documents_emulator = true;
    // What a developer's functions call runs on the developer's machine.
    settings.serving.egress_allow = LOOPBACK.iter().filter_map(|network| network.parse().ok()).collect();
    settings.serving.drain_timeout = DRAIN_SECONDS;
    settings.ready = arguments.ready.clone();
    Ok(settings)
}

async fn folder_app(data: &DataDir, key: &KeySettings, folder: &Path) -> Result<FolderApp, Failure> {
    let (database, keyring) = role::open_state(data, &StateSettings { state: None }, key).await?;
    let app = FolderApp::load_or_create(&database, &keyring, folder, &project::app_name(folder)).await;
    database.close().await;
    app.map_err(role::management_failure)
}

fn header(folder: &Path, app: &FolderApp) {
    output::line(&format!(
        "Hearth\nVersion:       {}\nFunction app:  {} ({})",
        env!("CARGO_PKG_VERSION"),
        app.app,
        folder.display()
    ));
}

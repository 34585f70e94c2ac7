//! Every setting, grouped by who needs it. A group is flattened into each subcommand that takes it, so a setting has one
//! name, one meaning and one check wherever it appears.
//!
//! An argument with an environment variable is a setting: it can also stand in `hearth.toml` under its flag's name. No
//! setting is `required` for the parser; the command that misses one says so and names all three places.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use hearth_model::availability::{Availability, Zone};
use hearth_model::ids::AppName;

use crate::exit::Failure;

use super::values::{BaseUrl, Domain, Label, Network};
use crate::log::LogFormat;

/// Port of the management role when nothing else is set.
pub(crate) const MANAGEMENT_PORT: u16 = 7070;

/// Taken by every subcommand.
#[derive(Args, Clone, Debug)]
pub(crate) struct CommonSettings {
    /// Configuration file [default: ./hearth.toml, else /etc/hearth/hearth.toml, where they exist]
    #[arg(long, global = true, value_name = "FILE", env = "HEARTH_CONFIG", help_heading = "Common options")]
    pub(crate) config: Option<PathBuf>,

    /// Which log lines are shown: a level, and part=level pairs such as `info,function=debug`. The part `function` is
    /// what functions write and their invocations; below warnings it is shown on terminals only unless it is named
    #[arg(
        long,
        global = true,
        value_name = "FILTER",
        env = "HEARTH_LOG",
        default_value = "info",
        help_heading = "Common options"
    )]
    pub(crate) log: String,

    /// Form of log lines on standard error
    #[arg(
        long,
        global = true,
        value_name = "FORM",
        env = "HEARTH_LOG_FORMAT",
        value_enum,
        default_value_t,
        help_heading = "Common options"
    )]
    pub(crate) log_format: LogFormat,
}

/// Where this machine keeps its files.
#[derive(Args, Clone, Debug)]
pub(crate) struct DataSettings {
    /// Directory for this machine's files [default: /var/lib/hearth for root, else $XDG_DATA_HOME/hearth or ~/.local/share/hearth]
    #[arg(long, value_name = "DIR", env = "HEARTH_DATA")]
    pub(crate) data: Option<PathBuf>,
}

/// Where host state is and how it is opened.
#[derive(Args, Clone, Debug)]
pub(crate) struct StateSettings {
    /// Host state: `sqlite:PATH`, `mssql://USER:PASSWORD@HOST/DATABASE` or a SQL Server connection string [default: state.db in the data directory]
    #[arg(long, value_name = "URL", env = "HEARTH_STATE")]
    pub(crate) state: Option<String>,
}

/// The installation key.
#[derive(Args, Clone, Debug)]
pub(crate) struct KeySettings {
    /// File with the installation key that encrypts stored secrets; made when absent [default: installation.key in the data directory]
    #[arg(long, value_name = "FILE", env = "HEARTH_KEY_FILE")]
    pub(crate) key_file: Option<PathBuf>,
}

/// Names under which apps are reached.
#[derive(Args, Clone, Debug)]
pub(crate) struct DomainSettings {
    /// Domain of the apps' host names: an app answers at APP.DOMAIN
    #[arg(long, value_name = "DOMAIN", env = "HEARTH_DOMAIN", default_value = "localhost")]
    pub(crate) domain: Domain,

    /// URL under which callers reach the functions, when it is not a worker's listening address (a proxy, a name)
    #[arg(long, value_name = "URL", env = "HEARTH_FUNCTIONS_URL")]
    pub(crate) functions_url: Option<BaseUrl>,

    /// URL under which the queue service is reached from outside, for the connection strings that are shown, when it is not a
    /// worker's listening address
    #[arg(long, value_name = "URL", env = "HEARTH_QUEUES_URL")]
    pub(crate) queues_url: Option<BaseUrl>,

    /// URL under which the document store is reached from outside, for the connection strings that are shown and for what the store
    /// tells its clients of itself [default: a worker's listening address; for clients the one that they wrote]
    #[arg(long, value_name = "URL", env = "HEARTH_DOCUMENTS_URL")]
    pub(crate) documents_url: Option<BaseUrl>,

    /// Network of proxies whose X-Forwarded-* headers are believed, for example 10.0.0.0/8; may be repeated
    #[arg(long, value_name = "CIDR", env = "HEARTH_TRUSTED_PROXIES", value_delimiter = ',')]
    pub(crate) trusted_proxies: Vec<Network>,
}

/// What the management role needs besides.
#[derive(Args, Clone, Debug)]
pub(crate) struct ManagementSettings {
    /// Where management listens: publishing and administration; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", env = "HEARTH_MANAGEMENT_LISTEN", default_value = "127.0.0.1:7070")]
    pub(crate) management_listen: SocketAddr,

    /// URL under which management is reached from outside, when it is not the listening address (a proxy, a name)
    #[arg(long, value_name = "URL", env = "HEARTH_PUBLIC_URL")]
    pub(crate) public_url: Option<BaseUrl>,

    /// App that answers for host names which name none [default: the only app, if there is one only]
    #[arg(long, value_name = "APP", env = "HEARTH_DEFAULT_APP")]
    pub(crate) default_app: Option<AppName>,

    /// Seconds without a sign of life after which a worker is missing and its apps go elsewhere
    #[arg(
        long,
        value_name = "SECONDS",
        env = "HEARTH_WORKER_LEASE",
        default_value_t = 8,
        value_parser = clap::value_parser!(u64).range(1..=3600)
    )]
    pub(crate) worker_lease: u64,

    /// Seconds after which another management process takes over from one that went silent; all of them have the same
    #[arg(
        long,
        value_name = "SECONDS",
        env = "HEARTH_SCHEDULER_LEASE",
        default_value_t = 6,
        value_parser = clap::value_parser!(u64).range(1..=300)
    )]
    pub(crate) scheduler_lease: u64,

    /// Invocations, running and waiting, that one worker is meant for of an app whose placement names no number; with more
    /// another worker is added
    #[arg(
        long,
        value_name = "COUNT",
        env = "HEARTH_TARGET_CONCURRENCY",
        default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(1..=100_000)
    )]
    pub(crate) target_concurrency: u32,

    /// Seconds for which fewer workers must have been enough for an app before one is given up
    #[arg(
        long,
        value_name = "SECONDS",
        env = "HEARTH_SCALE_IN_AFTER",
        default_value_t = 300,
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    pub(crate) scale_in_after: u64,

    /// Apps that change workers in any minute only to even out what workers carry; 0 for none
    #[arg(
        long,
        value_name = "COUNT",
        env = "HEARTH_MOVES_PER_MINUTE",
        default_value_t = 6,
        value_parser = clap::value_parser!(u16).range(0..=600)
    )]
    pub(crate) moves_per_minute: u16,

    /// URL under which workers and other management processes reach this one [default: the listening address, with the
    /// machine's host name where that is every address]
    #[arg(long, value_name = "URL", env = "HEARTH_INTERNAL_URL")]
    pub(crate) internal_url: Option<BaseUrl>,

    /// Seconds for which the credential of a worker that joined by a one-time token is used before it gets another
    #[arg(
        long,
        value_name = "SECONDS",
        env = "HEARTH_CREDENTIAL_PERIOD",
        default_value_t = 86_400,
        value_parser = clap::value_parser!(u64).range(1..=31_536_000)
    )]
    pub(crate) credential_period: u64,

    /// Largest package that may be uploaded, in MiB
    #[arg(
        long,
        value_name = "MIB",
        env = "HEARTH_PACKAGE_LIMIT_MIB",
        default_value_t = 256,
        value_parser = clap::value_parser!(u64).range(1..=65_536)
    )]
    pub(crate) package_limit_mib: u64,
}

/// What serving function HTTP needs.
#[derive(Args, Clone, Debug)]
pub(crate) struct ServingSettings {
    /// Where functions are called over HTTP; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", env = "HEARTH_HTTP_LISTEN", default_value = "127.0.0.1:7071")]
    pub(crate) http_listen: SocketAddr,

    /// Where the queue service answers; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", env = "HEARTH_QUEUES_LISTEN", default_value = "127.0.0.1:10001")]
    pub(crate) queues_listen: SocketAddr,

    /// Where the document store answers, over HTTP and HTTPS; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", env = "HEARTH_DOCUMENTS_LISTEN", default_value = "127.0.0.1:8081")]
    pub(crate) documents_listen: SocketAddr,

    /// Whether the document store has the account 'emulator' with the key that every development tool knows; only where it
    /// listens at a loopback address
    #[arg(
        long,
        value_name = "BOOL",
        env = "HEARTH_DOCUMENTS_EMULATOR",
        default_value_t = false,
        action = clap::ArgAction::Set
    )]
    pub(crate) documents_emulator: bool,

    /// Whether the throughput of a container bounds what is asked of it, in each worker process: more is answered 429
    #[arg(
        long,
        value_name = "BOOL",
        env = "HEARTH_DOCUMENTS_REQUEST_UNITS",
        default_value_t = false,
        action = clap::ArgAction::Set
    )]
    pub(crate) documents_request_units: bool,

    /// MiB of items that an account of the document store may hold where it has no limit of its own; 0 for any
    #[arg(
        long,
        value_name = "MIB",
        env = "HEARTH_DOCUMENTS_QUOTA_MIB",
        default_value_t = 0,
        value_parser = clap::value_parser!(u64).range(0..=1_073_741_824)
    )]
    pub(crate) documents_quota_mib: u64,

    /// Certificate chain (PEM) with which functions are called over HTTPS, the queue service and the document store; read again when
    /// the file changes [default: plain HTTP, and a certificate of its own for the document store]
    #[arg(long, value_name = "FILE", env = "HEARTH_HTTP_TLS_CERTIFICATE")]
    pub(crate) http_tls_certificate: Option<PathBuf>,

    /// Private key (PEM) of the certificate
    #[arg(long, value_name = "FILE", env = "HEARTH_HTTP_TLS_KEY")]
    pub(crate) http_tls_key: Option<PathBuf>,

    /// Network that functions may call although it is loopback or link-local, for example 127.0.0.1/32; may be repeated
    #[arg(long, value_name = "CIDR", env = "HEARTH_EGRESS_ALLOW", value_delimiter = ',')]
    pub(crate) egress_allow: Vec<Network>,

    /// Directory below which app settings may refer to files (`@file:/run/secrets/NAME`), besides that of systemd's
    /// credentials; may be repeated, an empty one switches such references off
    #[arg(
        long,
        value_name = "DIR",
        env = "HEARTH_SECRET_FILES",
        value_delimiter = ',',
        default_value = "/run/secrets,/var/run/secrets,/etc/hearth/secrets"
    )]
    pub(crate) secret_files: Vec<PathBuf>,

    // By default half as many again as one app runs, so that an app whose invocations all hang leaves room for the others.
    /// Instances that a worker keeps alive at once, all apps together; address space is reserved for each
    #[arg(
        long,
        value_name = "NUMBER",
        env = "HEARTH_MAX_INSTANCES",
        default_value_t = 1500,
        value_parser = clap::value_parser!(u32).range(16..=10_000)
    )]
    pub(crate) max_instances: u32,

    /// Seconds without a call after which an app's code is taken out of memory until the next call, where its placement says
    /// nothing else; 0 for never
    #[arg(
        long,
        value_name = "SECONDS",
        env = "HEARTH_IDLE_UNLOAD",
        default_value_t = 1200,
        value_parser = clap::value_parser!(u64).range(0..=86_400)
    )]
    pub(crate) idle_unload: u64,

    /// Seconds between the moment in which /readyz tells of a stop and the one in which the listener closes, so that load balancers
    /// notice
    #[arg(
        long,
        value_name = "SECONDS",
        env = "HEARTH_DRAIN_GRACE",
        default_value_t = 0,
        value_parser = clap::value_parser!(u64).range(0..=3600)
    )]
    pub(crate) drain_grace: u64,

    /// Seconds that running invocations are given at a stop
    #[arg(
        long,
        value_name = "SECONDS",
        env = "HEARTH_DRAIN_TIMEOUT",
        default_value_t = 30,
        value_parser = clap::value_parser!(u64).range(0..=3600)
    )]
    pub(crate) drain_timeout: u64,
}

impl ServingSettings {
    /// Whether functions are called over TLS.
    pub(crate) fn has_tls(&self) -> bool {
        self.http_tls_certificate.is_some()
    }

    /// Whether everybody may know the key of an account of the document store: refused where others could come.
    pub(crate) fn emulator(&self) -> Result<bool, Failure> {
        let address = self.documents_listen;
        if self.documents_emulator && !address.ip().is_loopback() {
            return Err(Failure::configuration(format_args!(
                "--documents-emulator lets everybody in who reaches --documents-listen {address}, which is no loopback address: make an \
                 account with 'hearth documents accounts create' instead"
            )));
        }
        Ok(self.documents_emulator)
    }

    /// The scheme by which functions are called.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.has_tls() { "https" } else { "http" }
    }
}

/// How a worker joins an installation once, with nothing but a token.
#[derive(Args, Clone)]
pub(crate) struct JoinOnceSettings {
    /// One-time token of 'hearth workers token': state URL and key come with the answer and stay in the data directory
    #[arg(long, value_name = "TOKEN", env = "HEARTH_JOIN")]
    pub(crate) join: Option<String>,
}

impl std::fmt::Debug for JoinOnceSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinOnceSettings").field("join", &self.join.is_some()).finish()
    }
}

/// How workers prove that they belong here.
#[derive(Args, Clone, Debug)]
pub(crate) struct JoinSettings {
    /// Token with which workers join; better given as HEARTH_JOIN_TOKEN, where other users can't see it
    #[arg(long, value_name = "TOKEN", env = "HEARTH_JOIN_TOKEN")]
    pub(crate) join_token: Option<String>,
}

/// What one worker is.
#[derive(Args, Clone, Debug)]
pub(crate) struct WorkerSettings {
    /// Name of this worker, its own in the installation [default: the machine's host name]
    #[arg(long, value_name = "NAME", env = "HEARTH_NAME")]
    pub(crate) name: Option<String>,

    /// Where the worker answers management and other workers
    #[arg(long, value_name = "ADDRESS:PORT", env = "HEARTH_CONTROL_LISTEN", default_value = "127.0.0.1:0")]
    pub(crate) control_listen: SocketAddr,

    /// Host name or address, possibly with a port, under which management and other workers reach the control listener [default: its
    /// address; the one that leads to management when it listens at every address]
    #[arg(long, value_name = "HOST[:PORT]", env = "HEARTH_ADVERTISE")]
    pub(crate) advertise: Option<String>,

    /// Relative capacity; 100 is one ordinary worker
    #[arg(
        long,
        value_name = "N",
        env = "HEARTH_CAPACITY",
        default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(1..=10_000)
    )]
    pub(crate) capacity: u32,

    /// Label of this worker; may be repeated
    #[arg(long, value_name = "NAME=VALUE", env = "HEARTH_LABEL", value_delimiter = ',')]
    pub(crate) label: Vec<Label>,

    /// When the worker takes work, for example `22:00-06:00` or `Mon-Fri 18:00-08:00, Sat Sun 00:00-24:00`; outside it
    /// finishes what runs and takes nothing [default: always]
    #[arg(long, value_name = "WINDOWS", env = "HEARTH_AVAILABLE")]
    pub(crate) available: Option<Availability>,

    /// Time zone of the availability windows, an IANA name such as Europe/Berlin [default: the machine's]
    #[arg(long, value_name = "ZONE", env = "HEARTH_TIME_ZONE")]
    pub(crate) time_zone: Option<Zone>,
}

/// What the supervisor needs besides.
#[derive(Args, Clone, Debug)]
pub(crate) struct SupervisorSettings {
    /// Worker processes
    #[arg(
        long,
        value_name = "N",
        env = "HEARTH_WORKERS",
        default_value_t = 1,
        value_parser = clap::value_parser!(u16).range(1..=256)
    )]
    pub(crate) workers: u16,
}

/// How a starting process tells others that it is ready.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReadySettings {
    /// File that receives addresses, admin key and process id as one JSON object once everything accepts connections
    #[arg(long, value_name = "FILE", env = "HEARTH_READY_FILE")]
    pub(crate) ready_file: Option<PathBuf>,
}

/// Which management role a client command talks to.
#[derive(Args, Clone, Debug)]
pub(crate) struct TargetSettings {
    /// Management URL [default: that of the 'hearth up' with this data directory, else http://127.0.0.1:7070]
    #[arg(long, value_name = "URL", env = "HEARTH_MANAGEMENT")]
    pub(crate) management: Option<BaseUrl>,
}

/// How a client command proves who it is.
#[derive(Args, Clone, Debug)]
pub(crate) struct CredentialSettings {
    /// Admin key; better given as HEARTH_KEY [default: that of the 'hearth up' with this data directory]
    #[arg(long, value_name = "KEY", env = "HEARTH_KEY")]
    pub(crate) key: Option<String>,
}

/// Which app a client command is about.
#[derive(Args, Clone, Debug)]
pub(crate) struct AppSetting {
    /// Name of the app
    #[arg(long, value_name = "NAME", env = "HEARTH_APP")]
    app: Option<AppName>,
}

impl AppSetting {
    /// The app, or where it can be named.
    pub(crate) fn required(&self) -> Result<AppName, Failure> {
        self.app.clone().ok_or_else(|| {
            Failure::configuration("the name of the app is missing: give --app, HEARTH_APP, or 'app' in hearth.toml")
        })
    }
}

/// As [`AppSetting`], for a command that finds the app where there is one only.
#[derive(Args, Clone, Debug)]
pub(crate) struct OptionalApp {
    /// Name of the app
    #[arg(long, value_name = "NAME", env = "HEARTH_APP")]
    app: Option<AppName>,
}

impl OptionalApp {
    /// The app, if one was named.
    pub(crate) fn named(self) -> Option<AppName> {
        self.app
    }
}

/// All a client command takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct ClientSettings {
    #[command(flatten)]
    pub(crate) target: TargetSettings,
    #[command(flatten)]
    pub(crate) credential: CredentialSettings,
    #[command(flatten)]
    pub(crate) data: DataSettings,
}

/// Which account of which document store a client command is about.
#[derive(Args, Clone)]
pub(crate) struct ConnectionStringSetting {
    /// Connection string of an account of any document store; better given as HEARTH_CONNECTION_STRING, where other users can't
    /// see it [default: management is asked for that of the account]
    #[arg(long, value_name = "TEXT", env = "HEARTH_CONNECTION_STRING")]
    pub(crate) connection_string: Option<String>,
}

impl std::fmt::Debug for ConnectionStringSetting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectionStringSetting").field("connection_string", &self.connection_string.is_some()).finish()
    }
}

/// Settings whose value is never shown.
pub(crate) const SECRETS: [&str; 4] = ["connection-string", "join", "join-token", "key"];

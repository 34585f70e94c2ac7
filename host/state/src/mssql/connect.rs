//! Opens connections: the address, the login, and the settings that every session has.

use std::time::{Duration, Instant};

use tiberius::{AuthMethod, Config, EncryptionLevel, SqlBrowser};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

use super::errors::{Failure, Passing};
use crate::url::{Encryption, SqlServer};
use crate::{StateError, platform};

/// How long a statement waits for a lock of another; then the operation is begun anew.
const LOCK_TIMEOUT_MS: u32 = 5000;

/// The settings that statements with filtered indexes need, and those that make a batch all or nothing.
const SESSION: &str = "\
SET NOCOUNT ON; SET XACT_ABORT ON; SET ANSI_NULLS ON; SET ANSI_PADDING ON; SET ANSI_WARNINGS ON; SET ARITHABORT ON; \
SET CONCAT_NULL_YIELDS_NULL ON; SET QUOTED_IDENTIFIER ON; SET NUMERIC_ROUNDABORT OFF; SET IMPLICIT_TRANSACTIONS OFF; \
SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCK_TIMEOUT ";

pub(super) type Client = tiberius::Client<Compat<TcpStream>>;

/// A connection with its session set up.
pub(super) struct Connection {
    pub(super) client: Client,
    /// The same socket, to see whether the server has closed it.
    probe: std::net::TcpStream,
    pub(super) used: Instant,
}

impl Connection {
    /// Whether nothing came since the last answer. The server says nothing unasked, except when it closes.
    pub(super) fn is_quiet(&self) -> bool {
        matches!(self.probe.peek(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    }
}

/// Makes connections to one server.
#[derive(Debug)]
pub(super) struct Connector {
    server: SqlServer,
    place: String,
}

impl Connector {
    pub(super) fn new(server: SqlServer) -> Self {
        let place = server.place();
        Self { server, place }
    }

    /// The server as errors name it.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Longest that a connection may be silent while it owes an answer.
    pub(super) fn patience(&self) -> Duration {
        self.server.command_timeout
    }

    /// Connects and logs in, within the time-out for both.
    pub(super) async fn connect(&self) -> Result<Connection, Failure> {
        let late = || {
            let text = format!(
                "SQL Server '{}' could not be connected to within {} s",
                self.place,
                self.server.connect_timeout.as_secs()
            );
            Failure::Undone(Passing::Disconnect, StateError::Unavailable(text))
        };
        tokio::time::timeout(self.server.connect_timeout, self.connect_patiently()).await.map_err(|_| late())?
    }

    async fn connect_patiently(&self) -> Result<Connection, Failure> {
        let mut config = self.config()?;
        let failed = |error: tiberius::error::Error| Failure::of(&self.place, &error);
        let mut connection = match self.log_in(&config).await {
            // A gateway, or the listener of an availability group, sends us to where the database is.
            Err(tiberius::error::Error::Routing { host, port }) => {
                config.host(host);
                config.port(port);
                self.log_in(&config).await
            }
            other => other,
        }
        .map_err(failed)?;
        let session = format!("{SESSION}{LOCK_TIMEOUT_MS}");
        let stream = connection.client.simple_query(session).await.map_err(failed)?;
        stream.into_results().await.map_err(failed)?;
        Ok(connection)
    }

    async fn log_in(&self, config: &Config) -> Result<Connection, tiberius::error::Error> {
        let stream = TcpStream::connect_named(config).await?;
        stream.set_nodelay(true)?;
        platform::keep_alive(&stream);
        let stream = stream.into_std()?;
        let probe = stream.try_clone()?;
        let client = Client::connect(config.clone(), TcpStream::from_std(stream)?.compat_write()).await?;
        Ok(Connection { client, probe, used: Instant::now() })
    }

    fn config(&self) -> Result<Config, Failure> {
        let server = &self.server;
        let mut config = Config::new();
        config.host(&server.host);
        if let Some(port) = server.port {
            config.port(port);
        }
        // An instance whose port is known need not be asked for.
        if let (Some(instance), None) = (&server.instance, server.port) {
            config.instance_name(instance);
        }
        config.database(&server.database);
        config.application_name(&server.application);
        config.multi_subnet_failover(server.multi_subnet_failover);
        config.handshake_timeout(Some(server.connect_timeout));
        config.command_timeout(Some(server.command_timeout));
        config.encryption(match server.encryption {
            Encryption::On => EncryptionLevel::Required,
            Encryption::Strict => EncryptionLevel::Strict,
            Encryption::LoginOnly => EncryptionLevel::Off,
        });
        if server.trust_certificate {
            config.trust_cert();
        } else if let Some(file) = &server.certificate_file {
            config.trust_cert_ca(file.display());
        }
        if let Some(name) = &server.certificate_name {
            config.hostname_in_certificate(name);
        }
        config.authentication(self.authentication().map_err(Failure::Final)?);
        Ok(config)
    }

    fn authentication(&self) -> Result<AuthMethod, StateError> {
        let server = &self.server;
        if server.integrated {
            #[cfg(windows)]
            return Ok(AuthMethod::Integrated);
            #[cfg(not(windows))]
            return Err(StateError::Configuration("Integrated Security needs a Windows build of Hearth".to_owned()));
        }
        match &server.password_file {
            None => Ok(AuthMethod::sql_server(&server.user, server.password.0.as_str())),
            Some(path) => {
                let text = std::fs::read_to_string(path).map(zeroize::Zeroizing::new);
                let text = text.map_err(|error| StateError::unusable("password file", path, &error))?;
                Ok(AuthMethod::sql_server(&server.user, text.lines().next().unwrap_or_default()))
            }
        }
    }
}

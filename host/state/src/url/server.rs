//! What a URL or a connection string says about a SQL Server.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{connection_string, key};
use crate::StateError;

/// The schema where no other is named.
const DEFAULT_SCHEMA: &str = "hearth";
/// Connections of one process where no other number is given.
const DEFAULT_POOL: u32 = 16;

/// How much of a connection is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// Everything, negotiated before the login (`Encrypt=True` or `Mandatory`).
    #[default]
    On,
    /// Everything, TLS before the first byte (`Encrypt=Strict`, TDS 8.0).
    Strict,
    /// The login alone (`Encrypt=False` or `Optional`).
    LoginOnly,
}

/// A password; shown as `***`.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Password(pub(crate) Zeroizing<String>);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A schema in a database of a SQL Server, and how to connect to it. Its `Display` and `Debug` hold no password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlServer {
    /// Name or address of the machine or of an availability group's listener.
    pub(crate) host: String,
    /// TCP port; 1433 where neither it nor an instance is given.
    pub(crate) port: Option<u16>,
    /// A named instance, whose port SQL Browser tells; not asked where a port is given.
    pub(crate) instance: Option<String>,
    pub(crate) database: String,
    /// The schema of this installation's tables.
    pub(crate) schema: String,
    pub(crate) user: String,
    pub(crate) password: Password,
    /// A file whose first line is the password, read at every new connection.
    pub(crate) password_file: Option<PathBuf>,
    /// The Windows account of the process instead of user and password.
    pub(crate) integrated: bool,
    pub(crate) encryption: Encryption,
    /// Takes any certificate.
    pub(crate) trust_certificate: bool,
    /// Certificates (PEM or DER) that are trusted beside those of the system.
    pub(crate) certificate_file: Option<PathBuf>,
    /// The name that the certificate must have, where it is not the host's.
    pub(crate) certificate_name: Option<String>,
    /// Tries every address of the host at once.
    pub(crate) multi_subnet_failover: bool,
    pub(crate) application: String,
    /// Longest time for a connection, from resolving the name to the end of the login.
    pub(crate) connect_timeout: Duration,
    /// Longest time that the server may be silent while it owes an answer.
    pub(crate) command_timeout: Duration,
    /// Most connections of one process.
    pub(crate) pool: u32,
    /// Keys that were given and have no meaning here, to be warned of.
    pub(crate) ignored: Vec<String>,
}

impl Default for SqlServer {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: None,
            instance: None,
            database: String::new(),
            schema: DEFAULT_SCHEMA.to_owned(),
            user: String::new(),
            password: Password::default(),
            password_file: None,
            integrated: false,
            encryption: Encryption::default(),
            trust_certificate: false,
            certificate_file: None,
            certificate_name: None,
            multi_subnet_failover: false,
            application: "Hearth".to_owned(),
            connect_timeout: Duration::from_secs(15),
            command_timeout: Duration::from_secs(30),
            pool: DEFAULT_POOL,
            ignored: Vec::new(),
        }
    }
}

impl SqlServer {
    /// Another schema of the same database.
    #[must_use]
    pub fn with_schema(mut self, schema: &str) -> Self {
        self.schema = schema.to_owned();
        self
    }

    /// The schema of this installation's tables.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// Host with instance or port, as errors name it.
    pub(crate) fn place(&self) -> String {
        match (&self.instance, self.port) {
            (_, Some(port)) => format!("{}:{port}", self.host),
            (Some(instance), None) => format!("{}\\{instance}", self.host),
            (None, None) => self.host.clone(),
        }
    }

    fn checked(self) -> Result<Self, StateError> {
        let missing = |what: &str, example: &str| {
            Err(StateError::Configuration(format!("the state URL names no {what}: add {example}")))
        };
        if self.host.is_empty() {
            return missing("server", "Server=HOST (or mssql://…@HOST/…)");
        }
        if self.database.is_empty() {
            return missing("database", "Database=NAME (or mssql://HOST/NAME)");
        }
        if self.integrated && !cfg!(windows) {
            return Err(StateError::Configuration(
                "Integrated Security needs a Windows build of Hearth: give a SQL Server login with User ID and Password"
                    .to_owned(),
            ));
        }
        if !self.integrated && self.user.is_empty() {
            return missing("user", "User ID=NAME and Password=… (or mssql://NAME:PASSWORD@…)");
        }
        if self.trust_certificate && self.certificate_file.is_some() {
            return Err(StateError::Configuration(
                "TrustServerCertificate takes any certificate, so the certificate file beside it has no meaning: leave \
                 one of them out"
                    .to_owned(),
            ));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if self.schema.is_empty() || self.schema.len() > 100 || !self.schema.chars().all(plain) {
            return Err(StateError::Configuration(format!(
                "schema '{}' is not valid: use 1 to 100 letters, digits and underscores",
                self.schema.escape_debug()
            )));
        }
        Ok(self)
    }
}

impl fmt::Display for SqlServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mssql://")?;
        if !self.user.is_empty() {
            write!(f, "{}@", self.user)?;
        }
        write!(f, "{}/{}?schema={}", self.place(), self.database, self.schema)
    }
}

/// From an ADO.NET connection string.
pub(super) fn from_connection_string(text: &str) -> Result<SqlServer, StateError> {
    let mut server = SqlServer::default();
    for (key, value) in connection_string::pairs(text)? {
        key::apply(&mut server, &key, value)?;
    }
    server.checked()
}

/// From a URL, without its scheme.
pub(super) fn from_url(rest: &str) -> Result<SqlServer, StateError> {
    let bad = |what: &str| StateError::Configuration(format!("the state URL's {what}: percent-encode it as UTF-8"));
    let mut server = SqlServer::default();
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    // A password may hold '/' and '@' by mistake; the last '@' before the host is the one that counts.
    let (user, place) = rest.rsplit_once('@').unwrap_or(("", rest));
    let (authority, path) = place.split_once('/').unwrap_or((place, ""));
    if !user.is_empty() {
        let (name, password) = user.split_once(':').unwrap_or((user, ""));
        server.user = decoded(name).ok_or_else(|| bad("user is not valid"))?;
        server.password = Password(Zeroizing::new(decoded(password).ok_or_else(|| bad("password is not valid"))?));
    }
    let authority = decoded(authority).ok_or_else(|| bad("host is not valid"))?;
    let (host, instance) = match authority.split_once('\\') {
        Some((host, instance)) => (host, Some(instance)),
        None => (authority.as_str(), None),
    };
    // The port stands at the end, also of an instance.
    let (last, before) = (instance.unwrap_or(host), instance.map(|_| host));
    let (name, port) = match last.rsplit_once(':') {
        Some((name, port)) if before.is_some() || !name.contains(':') || name.ends_with(']') => (name, Some(port)),
        _ => (last, None),
    };
    server.port = port.map(key::port).transpose()?;
    (server.host, server.instance) = match before {
        Some(host) => (key::host(host), Some(name.to_owned())),
        None => (key::host(name), None),
    };
    server.database = decoded(path.trim_end_matches('/')).ok_or_else(|| bad("database is not valid"))?;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decoded(&name.replace('+', " ")).ok_or_else(|| bad("key is not valid"))?;
        let value = decoded(&value.replace('+', " ")).ok_or_else(|| bad("value is not valid"))?;
        key::apply(&mut server, &name, Zeroizing::new(value))?;
    }
    server.checked()
}

/// Undoes percent-encoding; None where the result is no text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = after.get(..2).filter(|_| *first == b'%').and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

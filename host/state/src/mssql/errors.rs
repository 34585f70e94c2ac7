//! What the server's error numbers and a broken connection mean: for the attempt, and for whoever configured it.

use crate::StateError;
use crate::metrics::Counters;

/// How an attempt failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing was changed; another attempt may succeed.
    Undone(Passing, StateError),
    /// Nothing was changed, and another attempt would fare the same.
    Final(StateError),
    /// Whether it was committed is not known.
    Unknown(StateError),
}

/// A reason that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passing {
    /// Chosen as the victim of a deadlock.
    Deadlock,
    /// A lock was waited for too long.
    LockTimeout,
    /// Another inserted the same row at the same time.
    Collision,
    /// No connection, a lost one, or a server that is not ready.
    Disconnect,
}

impl Passing {
    pub(super) fn count(self, counters: &Counters) {
        match self {
            Self::Deadlock => counters.deadlocks.one(),
            Self::LockTimeout => counters.lock_timeouts.one(),
            Self::Collision => counters.collisions.one(),
            Self::Disconnect => counters.disconnects.one(),
        }
    }
}

impl Failure {
    /// The failure of a request that cannot have committed anything.
    pub(super) fn of(place: &str, error: &tiberius::error::Error) -> Self {
        match passing(error) {
            Some(passing) => Self::Undone(passing, explain(place, error)),
            None => Self::Final(explain(place, error)),
        }
    }

    /// The failure of a request that may have committed: only an answer of the server tells that it did not.
    pub(super) fn of_commit(place: &str, error: &tiberius::error::Error) -> Self {
        match error {
            tiberius::error::Error::Server(_) => Self::of(place, error),
            _ => Self::Unknown(explain(place, error)),
        }
    }

    pub(super) fn into_error(self) -> StateError {
        match self {
            Self::Undone(_, error) | Self::Final(error) | Self::Unknown(error) => error,
        }
    }
}

/// Errors of a server that is starting, moving, throttled or out of memory, and of gateways before it: SQL Server's
/// availability groups and Azure SQL's documented transient errors.
const NOT_READY: [u32; 38] = [
    20, 64, 121, 233, 596, 615, 701, 802, 921, 926, 976, 978, 979, 982, 983, 1203, 1204, 4221, 6005, 8628, 8645, 8651,
    9001, 10928, 10929, 10936, 17142, 40143, 40166, 40197, 40501, 40540, 40613, 42108, 42109, 49918, 49919, 49920,
];

/// Whether another attempt may succeed.
fn passing(error: &tiberius::error::Error) -> Option<Passing> {
    use tiberius::error::Error;
    match error {
        Error::Server(token) => match token.code() {
            1205 => Some(Passing::Deadlock),
            1222 => Some(Passing::LockTimeout),
            2601 | 2627 => Some(Passing::Collision),
            // A snapshot that is too old, an optimistic transaction that lost.
            3960 | 41301 | 41302 | 41305 | 41325 | 41839 => Some(Passing::Deadlock),
            code if NOT_READY.contains(&code) => Some(Passing::Disconnect),
            // Babelfish has this one number for whatever it has no other for.
            33_557_097 => unmapped(token.message()),
            // A failure of the connection's own, after which the server closes it.
            _ if token.class() >= 20 => Some(Passing::Disconnect),
            _ => None,
        },
        Error::Io { .. } | Error::Routing { .. } => Some(Passing::Disconnect),
        Error::Protocol(_) | Error::Encoding(_) | Error::Utf8 | Error::Utf16 => Some(Passing::Disconnect),
        _ => None,
    }
}

fn unmapped(message: &str) -> Option<Passing> {
    let message = message.to_ascii_lowercase();
    if message.contains("lock timeout") {
        Some(Passing::LockTimeout)
    } else if message.contains("could not serialize") || message.contains("concurrent") {
        Some(Passing::Deadlock)
    } else if message.contains("terminating connection") || message.contains("starting up") {
        Some(Passing::Disconnect)
    } else {
        None
    }
}

/// The error in the words of the operator. The driver's own text goes to the log; it holds no values of ours.
pub(super) fn explain(place: &str, error: &tiberius::error::Error) -> StateError {
    use tiberius::error::Error;
    match error {
        Error::Server(token) => explain_number(place, token),
        Error::Tls(text) => explain_tls(place, text),
        Error::Io { kind, message } => {
            if message.to_ascii_lowercase().contains("certificate") {
                return explain_tls(place, message);
            }
            tracing::debug!(%error, server = %place, "state database: connection failed");
            StateError::Unavailable(match kind {
                std::io::ErrorKind::TimedOut => format!("SQL Server '{place}' does not answer in time"),
                std::io::ErrorKind::ConnectionRefused => {
                    format!("SQL Server '{place}' refuses connections: check host, port and that it is running")
                }
                _ => format!("the connection to SQL Server '{place}' failed ({message})"),
            })
        }
        Error::Conversion(text) if text.contains("browser") || text.contains("SQL browser") => {
            StateError::Unavailable(format!(
                "SQL Browser does not know the instance of '{place}': check its name and that SQL Browser is running, or give the port"
            ))
        }
        _ => {
            tracing::warn!(%error, server = %place, "state database: driver error");
            StateError::Unavailable(format!("SQL Server '{place}' gave an answer that cannot be read"))
        }
    }
}

fn explain_tls(place: &str, text: &str) -> StateError {
    tracing::warn!(error = %text, server = %place, "state database: no encrypted connection");
    StateError::Configuration(format!(
        "SQL Server '{place}' offers no encrypted connection that can be trusted: give the file of its certificate or of \
         its authority (ServerCertificate=PATH), or the name in it (HostNameInCertificate=NAME); TrustServerCertificate=True \
         takes any certificate and is for tests"
    ))
}

fn explain_number(place: &str, token: &tiberius::error::TokenError) -> StateError {
    let number = token.code();
    match number {
        1205 | 3960 => StateError::Unavailable(format!("SQL Server '{place}' ended too many attempts as deadlocks")),
        1222 => StateError::Unavailable(format!("rows on SQL Server '{place}' are locked by another program")),
        2601 | 2627 => StateError::Unavailable(format!("too many write the same row on SQL Server '{place}' at once")),
        1101 | 1105 | 9002 | 3257 | 5149 => {
            tracing::error!(error = %token.message(), number, server = %place, "state database: no space");
            StateError::Full(format!("the database on SQL Server '{place}' or its log cannot grow (error {number})"))
        }
        18452 | 18456 | 18470 | 18486 | 18487 | 18488 => StateError::Configuration(format!(
            "SQL Server '{place}' refuses the login (error {number}): check user and password of the state URL"
        )),
        4060 | 4064 | 911 => StateError::Configuration(format!(
            "SQL Server '{place}' does not let the login into the database (error {number}): check its name, and that the \
             login is a user of it"
        )),
        229 | 230 | 262 | 297 | 300 | 916 | 1088 | 2760 | 3701 | 15_247 => {
            tracing::error!(error = %token.message(), number, server = %place, "state database: permission denied");
            StateError::Configuration(format!(
                "SQL Server '{place}' denies a permission (error {number}; the log names it): grant what docs/operations.md lists"
            ))
        }
        195 | 343 => StateError::Configuration(format!(
            "SQL Server '{place}' is too old (error {number}): SQL Server 2016 or later is needed"
        )),
        208 => {
            StateError::Corrupt(format!("tables of Hearth are missing on SQL Server '{place}': restore the database"))
        }
        823..=825 | 832 | 8966 => {
            tracing::error!(error = %token.message(), number, server = %place, "state database: damaged");
            StateError::Corrupt(format!("the database on SQL Server '{place}' is damaged (error {number}): restore it"))
        }
        2628 | 8152 => StateError::Rejected(format!("a text is longer than its column (error {number} of SQL Server)")),
        3906 => StateError::Unavailable(format!("the database on SQL Server '{place}' is read-only")),
        _ => {
            tracing::warn!(error = %token.message(), number, class = token.class(), server = %place, "state database: server error");
            StateError::Unavailable(format!("SQL Server '{place}' answered error {number}"))
        }
    }
}

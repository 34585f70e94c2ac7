//! The keys of a connection string, which are those of a URL's query too, with the names that ADO.NET has for each.
//!
//! Keys that change what a connection means are obeyed or refused; those that only tune a driver, or ask for what is so
//! anyway, are noted and passed over; unknown ones are refused, because one of them may be a misspelt `Encrypt`.

use std::time::Duration;

use zeroize::Zeroizing;

use super::server::{Encryption, Password, SqlServer};
use crate::StateError;

/// What a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Server,
    Instance,
    Database,
    User,
    Password,
    PasswordFile,
    Encrypt,
    TrustServerCertificate,
    CertificateFile,
    CertificateName,
    MultiSubnetFailover,
    IntegratedSecurity,
    ApplicationName,
    ApplicationIntent,
    Authentication,
    ColumnEncryption,
    ConnectTimeout,
    CommandTimeout,
    MaxPoolSize,
    Schema,
    /// Has no meaning here, and no harm comes of that.
    Ignored,
    /// Cannot be had, and something else would be meant without it.
    Refused(&'static str),
}

/// Keys by their names in lower case without spaces.
const KEYS: [(&str, Key); 67] = [
    ("server", Key::Server),
    ("datasource", Key::Server),
    ("address", Key::Server),
    ("addr", Key::Server),
    ("networkaddress", Key::Server),
    ("instance", Key::Instance),
    ("database", Key::Database),
    ("initialcatalog", Key::Database),
    ("userid", Key::User),
    ("uid", Key::User),
    ("user", Key::User),
    ("username", Key::User),
    ("password", Key::Password),
    ("pwd", Key::Password),
    ("passwordfile", Key::PasswordFile),
    ("encrypt", Key::Encrypt),
    ("trustservercertificate", Key::TrustServerCertificate),
    ("servercertificate", Key::CertificateFile),
    ("trustservercertificateca", Key::CertificateFile),
    ("hostnameincertificate", Key::CertificateName),
    ("multisubnetfailover", Key::MultiSubnetFailover),
    ("integratedsecurity", Key::IntegratedSecurity),
    ("trustedconnection", Key::IntegratedSecurity),
    ("trusted_connection", Key::IntegratedSecurity),
    ("applicationname", Key::ApplicationName),
    ("app", Key::ApplicationName),
    ("applicationintent", Key::ApplicationIntent),
    ("authentication", Key::Authentication),
    ("columnencryptionsetting", Key::ColumnEncryption),
    ("connecttimeout", Key::ConnectTimeout),
    ("connectiontimeout", Key::ConnectTimeout),
    ("timeout", Key::ConnectTimeout),
    ("commandtimeout", Key::CommandTimeout),
    ("maxpoolsize", Key::MaxPoolSize),
    ("schema", Key::Schema),
    ("minpoolsize", Key::Ignored),
    ("pooling", Key::Ignored),
    ("poolblockingperiod", Key::Ignored),
    ("connectionlifetime", Key::Ignored),
    ("loadbalancetimeout", Key::Ignored),
    ("connectionreset", Key::Ignored),
    ("connectretrycount", Key::Ignored),
    ("connectretryinterval", Key::Ignored),
    ("enlist", Key::Ignored),
    ("ipaddresspreference", Key::Ignored),
    ("transparentnetworkipresolution", Key::Ignored),
    ("multipleactiveresultsets", Key::Ignored),
    ("persistsecurityinfo", Key::Ignored),
    ("packetsize", Key::Ignored),
    ("replication", Key::Ignored),
    ("transactionbinding", Key::Ignored),
    ("typesystemversion", Key::Ignored),
    ("workstationid", Key::Ignored),
    ("wsid", Key::Ignored),
    ("currentlanguage", Key::Ignored),
    ("language", Key::Ignored),
    ("driver", Key::Ignored),
    ("asynchronousprocessing", Key::Ignored),
    ("async", Key::Ignored),
    ("networklibrary", Key::Refused("only TCP is spoken: leave it out")),
    ("network", Key::Refused("only TCP is spoken: leave it out")),
    ("net", Key::Refused("only TCP is spoken: leave it out")),
    ("failoverpartner", Key::Refused("database mirroring is not followed: name an availability group's listener")),
    ("attachdbfilename", Key::Refused("name a database that the server has attached: Database=NAME")),
    ("userinstance", Key::Refused("name a server: Server=HOST")),
    ("contextconnection", Key::Refused("name a server: Server=HOST")),
    ("serverspn", Key::Refused("Kerberos names cannot be set: leave it out")),
];

/// Whether a connection string may begin with this key.
pub(super) fn is_known(name: &str) -> bool {
    find(name).is_some()
}

fn find(name: &str) -> Option<Key> {
    let folded: String = name.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    KEYS.iter().find(|(known, _)| *known == folded).map(|(_, key)| *key)
}

/// Puts one pair into effect; a later pair of the same meaning wins.
pub(super) fn apply(server: &mut SqlServer, name: &str, value: Zeroizing<String>) -> Result<(), StateError> {
    let name = name.trim();
    let refused = |why: &str| StateError::Configuration(format!("'{}' of the state URL: {why}", name.escape_debug()));
    let key = find(name).ok_or_else(|| refused("this key is not known; check its spelling, or leave it out"))?;
    let text = || value.as_str().to_owned();
    let given = || Some(text()).filter(|text| !text.is_empty());
    let yes = || boolean(&value).ok_or_else(|| refused("use True or False"));
    let number = |least: u64, most: u64| {
        let number: Option<u64> = value.parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| refused(&format!("use a number from {least} to {most}")))
    };
    match key {
        Key::Server => data_source(server, &value)?,
        Key::Instance => server.instance = given(),
        Key::Database => server.database = text(),
        Key::User => server.user = text(),
        Key::Password => server.password = Password(value),
        Key::PasswordFile => server.password_file = given().map(Into::into),
        Key::Encrypt => {
            server.encryption = match value.to_ascii_lowercase().as_str() {
                "strict" => Encryption::Strict,
                "mandatory" => Encryption::On,
                "optional" => Encryption::LoginOnly,
                _ => match boolean(&value).ok_or_else(|| refused("use True, False or Strict"))? {
                    true => Encryption::On,
                    false => Encryption::LoginOnly,
                },
            }
        }
        Key::TrustServerCertificate => server.trust_certificate = yes()?,
        Key::CertificateFile => server.certificate_file = given().map(Into::into),
        Key::CertificateName => server.certificate_name = given(),
        Key::MultiSubnetFailover => server.multi_subnet_failover = yes()?,
        Key::IntegratedSecurity => server.integrated = value.eq_ignore_ascii_case("sspi") || yes()?,
        Key::ApplicationName => server.application = text(),
        Key::ApplicationIntent if value.eq_ignore_ascii_case("readwrite") => {}
        Key::ApplicationIntent => return Err(refused("host state is written: use ReadWrite, or leave it out")),
        Key::Authentication if value.is_empty() => {}
        Key::Authentication if value.replace(' ', "").eq_ignore_ascii_case("sqlpassword") => {}
        Key::Authentication => return Err(refused("only SqlPassword is supported: give User ID and Password")),
        Key::ColumnEncryption if value.eq_ignore_ascii_case("disabled") => {}
        Key::ColumnEncryption => return Err(refused("encrypted columns are not supported: leave it out")),
        Key::ConnectTimeout => server.connect_timeout = Duration::from_secs(number(1, 600)?),
        Key::CommandTimeout => server.command_timeout = Duration::from_secs(number(1, 3600)?),
        Key::MaxPoolSize => server.pool = number(1, 1000)?.try_into().unwrap_or(u32::MAX),
        Key::Schema => server.schema = text(),
        Key::Ignored => server.ignored.push(name.to_owned()),
        Key::Refused(why) => return Err(refused(why)),
    }
    Ok(())
}

fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" | "on" => Some(true),
        "false" | "no" | "0" | "off" => Some(false),
        _ => None,
    }
}

/// `tcp:HOST\INSTANCE,PORT` with all but the host optional.
fn data_source(server: &mut SqlServer, text: &str) -> Result<(), StateError> {
    let refused = |why: &str| StateError::Configuration(format!("'Server' of the state URL: {why}"));
    let text = text.trim();
    let rest = match text.split_once(':') {
        Some((protocol, rest)) if protocol.eq_ignore_ascii_case("tcp") => rest.trim(),
        Some((protocol, _)) if ["np", "lpc", "admin", "via"].iter().any(|p| protocol.eq_ignore_ascii_case(p)) => {
            return Err(refused("only TCP is spoken: write tcp:HOST,PORT"));
        }
        _ => text,
    };
    if rest.starts_with("\\\\") {
        return Err(refused("named pipes are not spoken: write tcp:HOST,PORT"));
    }
    if rest.to_ascii_lowercase().starts_with("(localdb)") {
        return Err(refused("LocalDB cannot be reached by TCP: use a SQL Server instance"));
    }
    let (name, number) = match rest.split_once(',') {
        Some((name, number)) => (name, Some(number)),
        None => (rest, None),
    };
    server.port = number.map(port).transpose()?;
    (server.host, server.instance) = match name.split_once('\\') {
        Some((name, instance)) => (host(name), Some(instance.trim().to_owned())),
        None => (host(name), None),
    };
    // The default instance has a name of its own, which SQL Browser does not need to be asked for.
    server.instance =
        server.instance.take().filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("mssqlserver"));
    Ok(())
}

/// The host without brackets; `.` and `(local)` are this machine.
pub(super) fn host(text: &str) -> String {
    let text = text.trim().trim_start_matches('[').trim_end_matches(']');
    if text == "." || text.eq_ignore_ascii_case("(local)") { "localhost".to_owned() } else { text.to_owned() }
}

/// A TCP port.
pub(super) fn port(text: &str) -> Result<u16, StateError> {
    text.trim().parse().ok().filter(|port| *port > 0).ok_or_else(|| {
        StateError::Configuration("the port of the state URL is not a number from 1 to 65535".to_owned())
    })
}

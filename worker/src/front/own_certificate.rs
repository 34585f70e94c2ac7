//! The certificate of an installation that was given none, for a service that speaks TLS all the same. It is signed by itself, made once and
//! kept sealed in host state, so that all workers show the same one and whoever has come to trust it goes on doing so.
//!
//! It is made or read when the first caller wants it, so that a worker starts without it.

use std::sync::Arc;

use hearth_model::clock::{Clock, Timestamp};
use hearth_state::{Database, Keyring, StateError, sealed};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::sync::OnceCell;
use tokio_rustls::TlsAcceptor;
use zeroize::Zeroizing;

use crate::front::tls::server_config;

/// Its name among the values of an installation.
const NAME: &str = "own-certificate";
/// How long it is good for.
const YEARS: i16 = 10;

/// See the module's documentation.
pub(crate) struct OwnCertificate {
    state: Database,
    keyring: Keyring,
    clock: Arc<dyn Clock>,
    names: Vec<String>,
    loaded: OnceCell<Loaded>,
}

struct Loaded {
    config: Arc<ServerConfig>,
    /// Without the key.
    pem: String,
}

impl OwnCertificate {
    /// One for this machine and for the names below `domain`, unless the installation has one already.
    pub(crate) fn new(state: Database, keyring: Keyring, clock: Arc<dyn Clock>, domain: &str) -> Self {
        let mut names = ["localhost", "*.localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
        if domain != "localhost" {
            names.extend([domain.to_owned(), format!("*.{domain}"), format!("*.documents.{domain}")]);
        }
        Self { state, keyring, clock, names, loaded: OnceCell::new() }
    }

    /// For one handshake.
    pub(super) async fn acceptor(&self) -> Result<TlsAcceptor, StateError> {
        Ok(TlsAcceptor::from(self.load().await?.config.clone()))
    }

    /// The certificate in PEM form.
    pub(super) async fn pem(&self) -> Result<&str, StateError> {
        Ok(&self.load().await?.pem)
    }

    async fn load(&self) -> Result<&Loaded, StateError> {
        self.loaded.get_or_try_init(|| self.read()).await
    }

    async fn read(&self) -> Result<Loaded, StateError> {
        let corrupt = |error: &dyn std::fmt::Display| {
            StateError::Corrupt(format!("the installation's own certificate can't be used: {error}"))
        };
        // Made in vain when there is one, which costs less than asking twice.
        let made = made(&self.names, self.clock.now()).map_err(|error| corrupt(&error))?;
        let purpose = sealed::installation(NAME);
        let stored =
            self.state.installation().get_or_create(NAME, || self.keyring.seal(&purpose, made.as_bytes())).await?;
        let text = Zeroizing::new(self.keyring.open(&purpose, &stored)?);
        let certificate = CertificateDer::from_pem_slice(&text).map_err(|error| corrupt(&error))?;
        let key = PrivateKeyDer::from_pem_slice(&text).map_err(|error| corrupt(&error))?;
        let pem = std::str::from_utf8(&text).map_err(|error| corrupt(&error))?;
        let pem = pem.split_inclusive("-----END CERTIFICATE-----").next().unwrap_or_default();
        let config = server_config(vec![certificate], key).map_err(|error| corrupt(&error))?;
        Ok(Loaded { config, pem: format!("{}\n", pem.trim()) })
    }
}

/// A new certificate and, after it, its key, in PEM form.
fn made(names: &[String], now: Timestamp) -> Result<Zeroizing<String>, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "Hearth");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let today = jiff::Timestamp::from_microsecond(now.as_micros()).unwrap_or_default();
    let today = today.to_zoned(jiff::tz::TimeZone::UTC).date();
    // Clocks that are behind find it good too.
    let from = today.yesterday().unwrap_or(today);
    let day = |date: jiff::civil::Date, later: i16| {
        // The last days of months are not in every year.
        let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs().min(28));
        rcgen::date_time_ymd(i32::from(date.year() + later), month, day)
    };
    params.not_before = day(from, 0);
    params.not_after = day(today, YEARS);
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?.pem();
    Ok(Zeroizing::new(certificate + &Zeroizing::new(key.serialize_pem())))
}

#[cfg(test)]
mod tests {
    use hearth_model::clock::SystemClock;
    use hearth_state::{OpenOptions, StateUrl};

    use super::*;

    #[tokio::test]
    async fn all_workers_of_an_installation_show_the_same_one() {
        let folder = tempfile::tempdir().unwrap();
        let url = StateUrl::sqlite(&folder.path().join("state.db"));
        let state = Database::open(&url, OpenOptions::default()).await.unwrap();
        let keyring = Keyring::load_or_create(&folder.path().join("key")).unwrap();
        let worker = || OwnCertificate::new(state.clone(), keyring.clone(), Arc::new(SystemClock), "example.org");
        let (one, two) = (worker(), worker());
        let (first, second) = tokio::join!(one.pem(), two.pem());
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(first, second);
        assert!(first.starts_with("-----BEGIN CERTIFICATE-----") && !first.contains("KEY"), "{first}");
        assert!(one.acceptor().await.is_ok());
        let stored = state.installation().get_or_create(NAME, Vec::new).await.unwrap();
        assert!(!String::from_utf8_lossy(&stored).contains("BEGIN"), "the key is sealed");
        state.close().await;
    }

    #[test]
    fn it_is_good_from_yesterday_on_the_last_day_of_february_too() {
        let now = Timestamp::parse_rfc3339("2028-02-29T00:00:00Z").unwrap();
        assert!(made(&["localhost".to_owned()], now).unwrap().contains("PRIVATE KEY"));
    }
}

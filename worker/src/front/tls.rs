//! TLS for function HTTP: certificate chain and key from two files, which are read again when their content changes.
//!
//! Connections that are open keep the certificate they began with. A pair that cannot be used is refused at the start; later
//! it is logged, and the one before stays. The files are looked at every two seconds rather than watched: so it makes no
//! difference by which renames, links or mounts somebody puts new ones there.

mod expiry;
#[cfg(test)]
pub(super) mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use hearth_model::clock::{Clock, SystemClock, Timestamp};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;

const CERTIFICATE_SETTING: &str = "http-tls-certificate";
const KEY_SETTING: &str = "http-tls-key";
/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often a certificate that ends soon is spoken of.
const REMIND_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Where the certificate and its key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// Certificate chain in PEM form, the server's own certificate first.
    pub certificate: PathBuf,
    /// Its private key in PEM form.
    pub key: PathBuf,
}

impl TlsFiles {
    /// Whether the files can be used; the error names the setting.
    pub fn check(&self) -> Result<(), String> {
        self.load()?.pair.map(|_| ())
    }

    fn load(&self) -> Result<Loaded, String> {
        let read = |path: &Path, setting: &str| {
            std::fs::read(path).map_err(|error| format!("--{setting} {}: {error}", path.display()))
        };
        let certificate = read(&self.certificate, CERTIFICATE_SETTING)?;
        let key = read(&self.key, KEY_SETTING)?;
        let seen = Sha256::new().chain_update(&certificate).chain_update([0]).chain_update(&key).finalize().into();
        Ok(Loaded { seen, pair: self.pair(&certificate, &key) })
    }

    fn pair(&self, certificate: &[u8], key: &[u8]) -> Result<Pair, String> {
        let wrong_certificate = |why: String| format!("--{CERTIFICATE_SETTING} {}: {why}", self.certificate.display());
        let wrong_key = |why: String| format!("--{KEY_SETTING} {}: {why}", self.key.display());
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<_, _>>()
            .map_err(|error| wrong_certificate(format!("not a certificate chain in PEM form ({error})")))?;
        let Some(leaf) = chain.first() else {
            return Err(wrong_certificate("holds no certificate in PEM form".to_owned()));
        };
        let ends = expiry::not_after(leaf);
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| wrong_key(format!("holds no private key in PEM form ({error})")))?;
        let config = server_config(chain, key).map_err(|error| {
            wrong_key(format!("does not fit the certificate {} ({error})", self.certificate.display()))
        })?;
        Ok(Pair { config, ends })
    }
}

/// How a server speaks TLS with this certificate: HTTP/2 and HTTP/1.1 by ALPN, sessions resumed by tickets.
pub(super) fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.ticketer = rustls::crypto::aws_lc_rs::Ticketer::new()?;
    Ok(Arc::new(config))
}

/// What the files held.
struct Loaded {
    /// Digest of their content.
    seen: [u8; 32],
    pair: Result<Pair, String>,
}

struct Pair {
    config: Arc<ServerConfig>,
    /// When the certificate ends, where that can be read.
    ends: Option<Timestamp>,
}

/// The certificate in use.
pub(super) struct Tls {
    files: TlsFiles,
    config: ArcSwap<ServerConfig>,
    seen: [u8; 32],
    ends: Option<Timestamp>,
}

impl Tls {
    /// Reads the files; the error names the setting.
    pub(super) fn open(files: TlsFiles) -> Result<Self, String> {
        let loaded = files.load()?;
        let pair = loaded.pair?;
        Ok(Self { files, config: ArcSwap::new(pair.config), seen: loaded.seen, ends: pair.ends })
    }

    /// The file with the certificate chain.
    pub(super) fn chain(&self) -> &Path {
        &self.files.certificate
    }

    /// For one handshake, with the certificate of this moment.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.load_full())
    }
}

/// Looks at the files for as long as it is polled.
pub(super) async fn follow(tls: Arc<Tls>) {
    let clock = SystemClock;
    let mut follower = Follower { seen: tls.seen, ends: tls.ends, doubted: None, told: None };
    loop {
        if let Some(notice) = follower.ends.and_then(|ends| follower.remind(ends, clock.now())) {
            tracing::warn!(category = "Host.General", "{}: {notice}", tls.files.certificate.display());
        }
        tokio::time::sleep(LOOK_EVERY).await;
        let files = tls.files.clone();
        let Ok(loaded) = tokio::task::spawn_blocking(move || files.load()).await else { continue };
        match follower.look(loaded) {
            Look::Same => {}
            Look::New(pair) => {
                tls.config.store(pair);
                tracing::info!(
                    category = "Host.General",
                    "The certificate {} is new and in use",
                    tls.files.certificate.display()
                );
            }
            Look::Broken(problem) => tracing::error!(
                category = "Host.General",
                "{problem}. The certificate before stays in use; put a pair there that can be used"
            ),
        }
    }
}

/// What is known of the files from one look to the next.
struct Follower {
    seen: [u8; 32],
    ends: Option<Timestamp>,
    /// What could not be used at the last look: two files are seldom replaced in one moment, so it is looked at once more
    /// before it is called broken.
    doubted: Option<String>,
    told: Option<Timestamp>,
}

enum Look {
    Same,
    New(Arc<ServerConfig>),
    Broken(String),
}

impl Follower {
    fn look(&mut self, loaded: Result<Loaded, String>) -> Look {
        let (seen, problem) = match loaded {
            Ok(loaded) if loaded.seen == self.seen => {
                self.doubted = None;
                return Look::Same;
            }
            Ok(Loaded { seen, pair: Ok(pair) }) => {
                (self.seen, self.ends, self.doubted, self.told) = (seen, pair.ends, None, None);
                return Look::New(pair.config);
            }
            Ok(Loaded { seen, pair: Err(problem) }) => (Some(seen), problem),
            Err(problem) => (None, problem),
        };
        if self.doubted.as_ref() != Some(&problem) {
            self.doubted = Some(problem);
            return Look::Same;
        }
        match seen {
            // Said once.
            Some(seen) => {
                self.seen = seen;
                Look::Broken(problem)
            }
            None => self.missing(problem),
        }
    }

    /// Files that cannot be read have no content to know them by: told once until they can.
    fn missing(&mut self, problem: String) -> Look {
        const MISSING: [u8; 32] = [0; 32];
        if std::mem::replace(&mut self.seen, MISSING) == MISSING { Look::Same } else { Look::Broken(problem) }
    }

    /// What there is to say about the end of the certificate, at most once a day.
    fn remind(&mut self, ends: Timestamp, now: Timestamp) -> Option<String> {
        if self.told.is_some_and(|told| now.since(told) < REMIND_EVERY) {
            return None;
        }
        let notice = expiry::notice(ends, now)?;
        self.told = Some(now);
        Some(notice)
    }
}

//! The installation's key: seals secrets for storage and derives keys for other uses.
//!
//! The key file holds 32 random bytes, readable by its owner alone. Every use has a purpose: what was sealed for one
//! cannot be opened for another. A sealed value is a version byte, a 96-bit nonce, and AES-256-GCM text with its tag.

use std::fmt;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, Key, KeyInit, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{StateError, platform};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const VERSION: u8 = 1;

/// The installation's key, in memory; wiped when the last clone is dropped.
#[derive(Clone)]
pub struct Keyring(Arc<Keys>);

struct Keys {
    master: Zeroizing<[u8; KEY_BYTES]>,
    sealing: Zeroizing<[u8; KEY_BYTES]>,
    /// Random per process; nonces are derived from it and a counter, so that sealing cannot run out of randomness.
    nonces: Zeroizing<[u8; KEY_BYTES]>,
    sealed: AtomicU64,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(..)")
    }
}

impl Keyring {
    /// Reads the key file, creating it with a random key where there is none. Processes that create it at once all end
    /// up with the same key.
    ///
    /// # Errors
    /// [`StateError::Configuration`] for a file that others may read, that is not 32 bytes, or cannot be used.
    pub fn load_or_create(path: &Path) -> Result<Self, StateError> {
        match std::fs::File::open(path) {
            Ok(file) => Self::load(path, file),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                create(path).map_err(|error| StateError::unusable("key file", path, &error))?;
                let file = std::fs::File::open(path).map_err(|error| StateError::unusable("key file", path, &error))?;
                Self::load(path, file)
            }
            Err(error) => Err(StateError::unusable("key file", path, &error)),
        }
    }

    fn load(path: &Path, mut file: std::fs::File) -> Result<Self, StateError> {
        let unusable = |error| StateError::unusable("key file", path, &error);
        if !platform::is_private(&file).map_err(unusable)? {
            return Err(StateError::Configuration(format!(
                "key file '{}' may be read by others: run chmod 600 on it, and replace the key if others had it",
                path.display()
            )));
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_BYTES + 1));
        (&mut file).take(KEY_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unusable)?;
        let master: [u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| {
            StateError::Configuration(format!(
                "key file '{}' does not hold exactly {KEY_BYTES} bytes: restore it from its backup; without it the \
                 secrets in the state database are lost",
                path.display()
            ))
        })?;
        let mut nonces = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(nonces.as_mut_slice())
            .map_err(|error| StateError::Unavailable(format!("the system gives no random numbers ({error})")))?;
        let sealing = Zeroizing::new(mac(&master, &[b"hearth seal"]));
        let master = Zeroizing::new(master);
        Ok(Self(Arc::new(Keys { master, sealing, nonces, sealed: AtomicU64::new(0) })))
    }

    /// Encrypts and authenticates; only [`Keyring::open`] with the same key and purpose gives the bytes back.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        let count = self.0.sealed.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&mac(&self.0.nonces, &[&count, purpose.as_bytes(), plain])[..NONCE_BYTES]);
        let text = self
            .cipher()
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: purpose.as_bytes() })
            .unwrap_or_else(|_| unreachable!("AES-GCM takes any text that fits in memory"));
        [&[VERSION], nonce.as_slice(), &text].concat()
    }

    /// Opens what [`Keyring::seal`] made.
    ///
    /// # Errors
    /// [`StateError::Corrupt`] when it was changed, or sealed with another key or for another purpose.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, StateError> {
        let refused = || {
            StateError::Corrupt(format!(
                "a sealed value ({purpose}) cannot be opened: the key file is not the one it was sealed with, or it is damaged"
            ))
        };
        let (version, rest) = sealed.split_first().ok_or_else(refused)?;
        if *version != VERSION {
            return Err(StateError::Incompatible(format!(
                "a sealed value ({purpose}) has format {version}, this Hearth knows {VERSION}: run a newer Hearth"
            )));
        }
        let (nonce, text) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(refused)?;
        self.cipher()
            .decrypt(&Nonce::from(*nonce), Payload { msg: text, aad: purpose.as_bytes() })
            .map_err(|_| refused())
    }

    /// A key for another use, the same for the same purpose as long as the key file is the same.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        mac(&self.0.master, &[b"hearth derive\0", purpose.as_bytes()])
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&Key::<Aes256Gcm>::from(*self.0.sealing))
    }
}

fn mac(key: &[u8; KEY_BYTES], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Writes a new key beside the path and links it there, so that the file appears complete and never replaces another.
fn create(path: &Path) -> std::io::Result<()> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(key.as_mut_slice()).map_err(std::io::Error::other)?;
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", uuid::Uuid::new_v4().simple()));
    let temporary = Path::new(&name);
    let mut file = platform::create_private(temporary)?;
    let linked = file.write_all(key.as_slice()).and_then(|()| file.sync_all()).and_then(|()| {
        match std::fs::hard_link(temporary, path) {
            // Another process made it first: its key counts.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            result => result,
        }
    });
    std::fs::remove_file(temporary)?;
    linked?;
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => platform::sync_directory(directory),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;

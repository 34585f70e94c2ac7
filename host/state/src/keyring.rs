//! The installation's key: seals secrets for storage and derives keys for other uses.
//!
//! The key file holds 32 random bytes, readable by its owner alone; while the key is being changed it holds the new key
//! and after it the previous one. Every use has a purpose: what was sealed for one cannot be opened for another. A sealed
//! value is a version byte (2), four bytes that tell the key, a 96-bit nonce, and AES-256-GCM text with its tag. Values
//! of version 1 lack the four bytes and are tried with every key held.

mod delivery;
mod file;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, Key, KeyInit, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::StateError;

pub use delivery::{Delivery, join_proof};
pub(crate) use file::{generate, read, replace};

pub(crate) const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const ID_BYTES: usize = 4;
const VERSION: u8 = 2;
const VERSION_WITHOUT_ID: u8 = 1;

/// A key as the file holds it.
pub(crate) type Master = Zeroizing<[u8; KEY_BYTES]>;

/// The installation's keys, in memory; wiped when the last clone is dropped.
#[derive(Clone)]
pub struct Keyring(Arc<Keys>);

struct Keys {
    /// Seals and derives.
    first: Held,
    /// Only opens.
    previous: Option<Held>,
    /// Random per process; nonces are derived from it and a counter, so that sealing cannot run out of randomness.
    nonces: Zeroizing<[u8; KEY_BYTES]>,
    sealed: AtomicU64,
}

struct Held {
    id: [u8; ID_BYTES],
    master: Master,
    sealing: Zeroizing<[u8; KEY_BYTES]>,
}

impl Held {
    fn new(master: Master) -> Self {
        let sealing = Zeroizing::new(mac(&master, &[b"hearth seal"]));
        let mut id = [0; ID_BYTES];
        id.copy_from_slice(&mac(&master, &[b"hearth key id"])[..ID_BYTES]);
        Self { id, master, sealing }
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&Key::<Aes256Gcm>::from(*self.sealing))
    }

    fn open(&self, purpose: &str, rest: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = rest.split_first_chunk::<NONCE_BYTES>()?;
        self.cipher().decrypt(&Nonce::from(*nonce), Payload { msg: text, aad: purpose.as_bytes() }).ok()
    }
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
    /// [`StateError::Configuration`] for a file that others may read, that holds neither one key nor two, or that cannot
    /// be used.
    pub fn load_or_create(path: &Path) -> Result<Self, StateError> {
        let keys = match read(path)? {
            Some(keys) => keys,
            None => {
                file::create(path).map_err(|error| StateError::unusable("key file", path, &error))?;
                read(path)?
                    .ok_or_else(|| StateError::unusable("key file", path, &std::io::ErrorKind::NotFound.into()))?
            }
        };
        Self::holding(keys)
    }

    /// A keyring of these keys: the first seals, each opens.
    pub(crate) fn holding((first, previous): (Master, Option<Master>)) -> Result<Self, StateError> {
        let mut nonces = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(nonces.as_mut_slice())
            .map_err(|error| StateError::Unavailable(format!("the system gives no random numbers ({error})")))?;
        let (first, previous) = (Held::new(first), previous.map(Held::new));
        Ok(Self(Arc::new(Keys { first, previous, nonces, sealed: AtomicU64::new(0) })))
    }

    /// What every value begins with that was sealed with the first key.
    pub(crate) fn mark(&self) -> Vec<u8> {
        [&[VERSION], self.0.first.id.as_slice()].concat()
    }

    /// Encrypts and authenticates; only [`Keyring::open`] with the same key and purpose gives the bytes back.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        let count = self.0.sealed.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&mac(&self.0.nonces, &[&count, purpose.as_bytes(), plain])[..NONCE_BYTES]);
        let text = self
            .0
            .first
            .cipher()
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: purpose.as_bytes() })
            .unwrap_or_else(|_| unreachable!("AES-GCM takes any text that fits in memory"));
        [&[VERSION], self.0.first.id.as_slice(), &nonce, &text].concat()
    }

    /// Opens what [`Keyring::seal`] made with one of the keys held.
    ///
    /// # Errors
    /// [`StateError::Corrupt`] when it was changed, or sealed with another key or for another purpose.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, StateError> {
        let refused = |why: &str| StateError::Corrupt(format!("a sealed value ({purpose}) cannot be opened: {why}"));
        let damaged = || refused("it is damaged, or stands where another value belongs: restore it or set it again");
        let foreign = || {
            refused(
                "the key file does not hold the key it was sealed with: use the key file that belongs to this state",
            )
        };
        let (version, rest) = sealed.split_first().ok_or_else(damaged)?;
        let mut held = std::iter::once(&self.0.first).chain(&self.0.previous);
        match *version {
            VERSION => {
                let (id, rest) = rest.split_first_chunk::<ID_BYTES>().ok_or_else(damaged)?;
                let key = held.find(|key| key.id == *id).ok_or_else(foreign)?;
                key.open(purpose, rest).ok_or_else(damaged)
            }
            VERSION_WITHOUT_ID => held
                .find_map(|key| key.open(purpose, rest))
                .ok_or_else(|| refused("the key file is not the one it was sealed with, or it is damaged")),
            version => Err(StateError::Incompatible(format!(
                "a sealed value ({purpose}) has format {version}, this Hearth knows {VERSION}: run a newer Hearth"
            ))),
        }
    }

    /// Opens a text.
    pub(crate) fn open_text(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<String>, StateError> {
        let plain = Zeroizing::new(self.open(purpose, sealed)?);
        let text = std::str::from_utf8(&plain)
            .map_err(|_| StateError::Corrupt(format!("a sealed value ({purpose}) is not text: set it again")))?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    /// A key for another use, the same for the same purpose as long as the first key of the file is the same.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        mac(&self.0.first.master, &[b"hearth derive\0", purpose.as_bytes()])
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

#[cfg(test)]
mod tests;

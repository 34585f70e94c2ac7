//! What a joining worker is given: the state URL and the installation's keys, wrapped for the holder of a join token.
//!
//! Two keys are derived from the token's secret (HKDF-Expand of RFC 5869 with SHA-256; the secret is uniformly random): the proof,
//! which the joiner shows, and the one that wraps (AES-256-GCM). Whoever records proof and answer can open nothing by
//! that. A wrapped delivery is a version byte (1), a random 96-bit nonce, and the text with its tag.

use std::io::Write;
use std::path::Path;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, Key, KeyInit, Nonce};
use zeroize::Zeroizing;

use super::{KEY_BYTES, Keyring, Master, NONCE_BYTES, file, mac};
use crate::StateError;

const VERSION: u8 = 1;

/// What a joiner shows of a token's secret.
pub fn join_proof(secret: &[u8; KEY_BYTES]) -> [u8; KEY_BYTES] {
    expand(secret, b"hearth join proof")
}

fn expand(secret: &[u8; KEY_BYTES], info: &[u8]) -> [u8; KEY_BYTES] {
    mac(secret, &[info, &[1]])
}

fn cipher(secret: &[u8; KEY_BYTES]) -> Aes256Gcm {
    let key = Zeroizing::new(expand(secret, b"hearth join delivery"));
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
}

impl Keyring {
    /// The secret of the join token of this id. Derived, so that it need not be stored.
    pub fn join_secret(&self, id: &[u8; 16]) -> Zeroizing<[u8; KEY_BYTES]> {
        Zeroizing::new(mac(&self.0.first.master, &[b"hearth join token", id]))
    }

    /// Wraps the keys and the state URL for whoever holds the token's secret; `recipient` must be the same when opening.
    ///
    /// # Errors
    /// [`StateError::Unavailable`] when the system gives no random numbers.
    pub fn deliver(&self, secret: &[u8; KEY_BYTES], recipient: &str, state: &str) -> Result<Vec<u8>, StateError> {
        let mut plain = Zeroizing::new(vec![if self.0.previous.is_some() { 2 } else { 1 }]);
        for held in std::iter::once(&self.0.first).chain(&self.0.previous) {
            plain.extend_from_slice(held.master.as_slice());
        }
        plain.extend_from_slice(state.as_bytes());
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce)
            .map_err(|error| StateError::Unavailable(format!("the system gives no random numbers ({error})")))?;
        let text = cipher(secret)
            .encrypt(&Nonce::from(nonce), Payload { msg: &plain, aad: recipient.as_bytes() })
            .unwrap_or_else(|_| unreachable!("AES-GCM takes any text that fits in memory"));
        Ok([&[VERSION], nonce.as_slice(), &text].concat())
    }
}

/// What was delivered. Not `Debug`: it holds the keys of the installation.
pub struct Delivery {
    /// The state URL; may hold a password.
    pub state: Zeroizing<String>,
    keys: Vec<Master>,
}

impl Delivery {
    /// Opens what [`Keyring::deliver`] wrapped.
    ///
    /// # Errors
    /// [`StateError::Rejected`] when it was changed, or wrapped for another secret or recipient.
    pub fn open(secret: &[u8; KEY_BYTES], recipient: &str, wrapped: &[u8]) -> Result<Self, StateError> {
        let refused = || {
            StateError::Rejected(
                "what management delivered cannot be opened with this join token: it was changed on the way, or is from \
                 another installation"
                    .to_owned(),
            )
        };
        let (version, rest) = wrapped.split_first().ok_or_else(refused)?;
        if *version != VERSION {
            return Err(StateError::Incompatible(
                "management delivers in a form that this Hearth does not know: run the same version here".to_owned(),
            ));
        }
        let (nonce, text) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(refused)?;
        let payload = Payload { msg: text, aad: recipient.as_bytes() };
        let plain = Zeroizing::new(cipher(secret).decrypt(&Nonce::from(*nonce), payload).map_err(|_| refused())?);
        let (count, mut rest) = plain.split_first().ok_or_else(refused)?;
        let mut keys = Vec::new();
        for _ in 0..*count {
            let (key, after) = rest.split_first_chunk::<KEY_BYTES>().ok_or_else(refused)?;
            keys.push(Zeroizing::new(*key));
            rest = after;
        }
        let state = std::str::from_utf8(rest).map_err(|_| refused())?;
        if keys.is_empty() || keys.len() > 2 || state.is_empty() {
            return Err(refused());
        }
        Ok(Self { state: Zeroizing::new(state.to_owned()), keys })
    }

    /// Writes the key file, readable by its owner alone; one that is there is replaced as a whole.
    ///
    /// # Errors
    /// [`StateError::Configuration`] or [`StateError::Full`] when the file cannot be written.
    pub fn write_key_file(&self, path: &Path) -> Result<(), StateError> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(2 * KEY_BYTES));
        for key in &self.keys {
            bytes.write_all(key.as_slice()).unwrap_or_else(|_| unreachable!("a vector takes any bytes"));
        }
        file::put(path, &bytes).map_err(|error| StateError::unusable("key file", path, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring(first: u8, previous: Option<u8>) -> Keyring {
        let key = |byte| Zeroizing::new([byte; KEY_BYTES]);
        Keyring::holding((key(first), previous.map(key))).unwrap()
    }

    #[test]
    fn what_is_delivered_opens_with_the_secret_alone() {
        let keys = keyring(1, Some(2));
        let secret = keys.join_secret(&[3; 16]);
        let wrapped = keys.deliver(&secret, "w1", "sqlite:/srv/state.db").unwrap();
        assert_ne!(wrapped, keys.deliver(&secret, "w1", "sqlite:/srv/state.db").unwrap());
        let delivery = Delivery::open(&secret, "w1", &wrapped).unwrap();
        assert_eq!(*delivery.state, "sqlite:/srv/state.db");

        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("installation.key");
        delivery.write_key_file(&file).unwrap();
        delivery.write_key_file(&file).unwrap();
        let copy = Keyring::load_or_create(&file).unwrap();
        for sealed in [keys.seal("x", b"new"), keyring(2, None).seal("x", b"old")] {
            assert!(copy.open("x", &sealed).is_ok());
        }
    }

    #[test]
    fn proof_other_secret_other_recipient_and_a_changed_byte_open_nothing() {
        let keys = keyring(1, None);
        let secret = keys.join_secret(&[3; 16]);
        let wrapped = keys.deliver(&secret, "w1", "sqlite:x").unwrap();
        let refused =
            |secret: &[u8; 32], recipient: &str, wrapped: &[u8]| Delivery::open(secret, recipient, wrapped).is_err();
        assert!(refused(&join_proof(&secret), "w1", &wrapped), "what travels is not what opens");
        assert!(refused(&keys.join_secret(&[4; 16]), "w1", &wrapped));
        assert!(refused(&keyring(2, None).join_secret(&[3; 16]), "w1", &wrapped));
        assert!(refused(&secret, "w2", &wrapped));
        for index in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[index] ^= 1;
            assert!(refused(&secret, "w1", &changed), "{index}");
        }
        assert!(refused(&secret, "w1", &[]));
        assert!(!wrapped.windows(8).any(|bytes| bytes == [1; 8]), "the key does not stand in it");
    }
}

//! Secrets that are made, kept sealed, and compared in constant time.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hearth_model::ids::AppName;
use hearth_state::{Database, Keyring, StateError, sealed};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::ManagementError;
use crate::answer::Failure;

/// A new secret of 256 bits, 43 characters that need no quoting in URLs and shells.
pub(crate) fn generate() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// SHA-256 of a text.
pub(crate) fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// SHA-256 of bytes.
pub(crate) fn hash_bytes(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// A secret to compare with: only its hash is kept, so that neither content nor length shows in the time it takes.
pub(crate) struct Expected([u8; 32]);

impl Expected {
    pub(crate) fn new(secret: &str) -> Self {
        Self(hash(secret))
    }

    pub(crate) fn matches(&self, presented: &str) -> bool {
        self.0.ct_eq(&hash(presented)).into()
    }
}

/// The installation's secret of this name: the given one, or one made once and kept sealed in state.
pub(crate) async fn of_installation(
    state: &Database,
    keyring: &Keyring,
    name: &str,
    given: Option<String>,
) -> Result<String, ManagementError> {
    if let Some(secret) = given {
        if secret.len() < 16 || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            let text = format!("the {} must be at least 16 visible ASCII characters", name.replace('-', " "));
            return Err(ManagementError::Setting(text));
        }
        return Ok(secret);
    }
    let fresh = generate().map_err(|error| ManagementError::Setting(format!("no random numbers: {error}")))?;
    let purpose = sealed::installation(name);
    let stored = state.installation().get_or_create(name, || keyring.seal(&purpose, fresh.as_bytes())).await?;
    let plain = keyring.open(&purpose, &stored)?;
    String::from_utf8(plain).map_err(|_| StateError::Corrupt(format!("the stored {name} is not text")).into())
}

/// A new publish password for an app, sealed for state.
pub(crate) fn seal_publish_password(keyring: &Keyring, app: &AppName) -> Result<Vec<u8>, Failure> {
    let password = generate().map_err(Failure::internal)?;
    Ok(keyring.seal(&sealed::publish_credential(app), password.as_bytes()))
}

/// The publish password of an app.
pub(crate) fn open_publish_password(keyring: &Keyring, app: &AppName, stored: &[u8]) -> Result<String, Failure> {
    let plain = keyring.open(&sealed::publish_credential(app), stored)?;
    String::from_utf8(plain).map_err(|_| Failure::internal(format!("publish password of '{app}' is not text")))
}

/// The secret with which management authenticates to one registration's control listener. Derived, so that it
/// outlives this process without being stored.
pub(crate) fn control_key(keyring: &Keyring, worker: &str, credential_hash: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(keyring.derive(&format!("worker-control/{worker}/{}", hex::encode(credential_hash))))
}

//! What a worker keeps of having joined with a one-time token: a file in its data directory, readable by its owner alone.
//!
//! It names the token's hash, so that a start with the same token asks for nothing again; it is written before the
//! token is shown, so that a worker that dies in between asks with the same credential. The credential before the present
//! one stays beside it: host state that was restored may know only that.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use hearth_model::join_token::JoinToken;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::options::WorkerError;

const FORMAT: u32 = 1;

/// A membership and its file. Its `Debug` shows no secret.
pub struct Membership {
    path: PathBuf,
    record: Mutex<Record>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Record {
    format: u32,
    /// Hexadecimal SHA-256 of the token's id.
    token: String,
    /// False while the token may not have been used yet.
    joined: bool,
    name: String,
    management: String,
    /// May hold a password.
    #[serde(default)]
    state: String,
    credential: String,
    #[serde(default)]
    previous: Option<String>,
}

impl std::fmt::Debug for Membership {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Membership").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Membership {
    /// Reads the file; none when there is none.
    ///
    /// # Errors
    /// [`WorkerError::Failed`] for a file that can't be read or was not written by this or an earlier Hearth.
    pub fn read(path: &Path) -> Result<Option<Self>, WorkerError> {
        let unusable = |reason: &dyn std::fmt::Display| {
            WorkerError::Failed(format!(
                "'{}' can't be used ({reason}): restore it, or remove it and join again with a new token",
                path.display()
            ))
        };
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(&error)),
        };
        let record: Record = serde_json::from_slice(&text).map_err(|_| unusable(&"it is damaged"))?;
        if record.format > FORMAT {
            return Err(unusable(&"a newer Hearth wrote it"));
        }
        Ok(Some(Self { path: path.to_owned(), record: Mutex::new(record) }))
    }

    /// A membership that is about to be asked for, under a credential made here; on disk when this returns.
    pub(super) fn begin(path: &Path, token: &JoinToken, name: &str, management: &str) -> Result<Self, WorkerError> {
        let record = Record {
            format: FORMAT,
            token: fingerprint(token),
            joined: false,
            name: name.to_owned(),
            management: management.to_owned(),
            state: String::new(),
            credential: random()?,
            previous: None,
        };
        let membership = Self { path: path.to_owned(), record: Mutex::new(record.clone()) };
        membership.write(record)?;
        Ok(membership)
    }

    /// The token was used: this is where management and host state are.
    pub(super) fn complete(&self, management: &str, state: &str) -> Result<(), WorkerError> {
        let (management, state) = (management.to_owned(), state.to_owned());
        let record = Record { joined: true, management, state, ..self.record() };
        self.write(record)
    }

    /// Takes another credential into use once it is on disk.
    pub(super) fn renew(&self, credential: String) -> Result<(), WorkerError> {
        let record = self.record();
        let previous = Some(record.credential.clone());
        self.write(Record { credential, previous, ..record })
    }

    /// Goes back to the credential before, if there is one; true when it did.
    pub(super) fn fall_back(&self) -> Result<bool, WorkerError> {
        let record = self.record();
        let Some(previous) = record.previous.clone() else { return Ok(false) };
        self.write(Record { credential: previous, previous: None, ..record })?;
        Ok(true)
    }

    /// Whether it was made with this token.
    pub fn is_of(&self, token: &JoinToken) -> bool {
        self.record().token == fingerprint(token)
    }

    /// Whether the token was used, and state and key are here.
    pub fn is_complete(&self) -> bool {
        self.record().joined
    }

    /// Name under which the worker joined.
    pub fn name(&self) -> String {
        self.record().name
    }

    /// Where it found management.
    pub fn management(&self) -> String {
        self.record().management
    }

    /// Where host state is; may hold a password.
    pub fn state(&self) -> String {
        self.record().state
    }

    pub(super) fn credential(&self) -> String {
        self.record().credential
    }

    /// Hexadecimal SHA-256 of the credential, as management keeps it.
    pub(super) fn credential_hash(&self) -> String {
        hex::encode(Sha256::digest(self.record().credential.as_bytes()))
    }

    fn record(&self) -> Record {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts the file in place as a whole, then the record.
    fn write(&self, record: Record) -> Result<(), WorkerError> {
        let text = serde_json::to_vec_pretty(&record).map_err(|error| WorkerError::Failed(error.to_string()))?;
        let write = || {
            let directory = self.path.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let temporary = self.path.with_extension("new");
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&temporary)?;
            file.write_all(&text)?;
            file.sync_all()?;
            std::fs::rename(&temporary, &self.path)?;
            if cfg!(unix) { std::fs::File::open(directory)?.sync_all() } else { Ok(()) }
        };
        write().map_err(|error: std::io::Error| {
            WorkerError::Failed(format!("'{}' can't be written: {error}", self.path.display()))
        })?;
        *self.record.lock().unwrap_or_else(PoisonError::into_inner) = record;
        Ok(())
    }
}

fn fingerprint(token: &JoinToken) -> String {
    hex::encode(Sha256::digest(token.id))
}

/// 256 random bits in hexadecimal digits.
fn random() -> Result<String, WorkerError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| WorkerError::Failed(format!("the system gives no random numbers: {error}")))?;
    Ok(hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> JoinToken {
        JoinToken { id: [1; 16], secret: [2; 32].into(), management: "http://m".into() }
    }

    #[test]
    fn a_membership_outlives_the_process_at_every_step() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("member.json");
        let read = || Membership::read(&path).unwrap().unwrap();
        assert!(Membership::read(&path).unwrap().is_none());
        let begun = Membership::begin(&path, &token(), "w1", "http://other").unwrap();
        assert!(!read().is_complete() && read().is_of(&token()));
        assert_eq!(read().credential(), begun.credential(), "a second attempt shows the same");
        begun.complete("http://m", "sqlite:/srv/state.db").unwrap();
        assert!(read().is_complete());
        assert_eq!(
            (read().name(), read().management(), read().state()),
            ("w1".into(), "http://m".into(), "sqlite:/srv/state.db".into())
        );
        let first = begun.credential();
        assert!(!read().fall_back().unwrap());
        begun.renew("next".into()).unwrap();
        assert_eq!(read().credential(), "next");
        assert!(read().fall_back().unwrap());
        assert_eq!(read().credential(), first);
        assert!(!format!("{:?}", read()).contains(&first));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_file_that_is_something_else_is_refused_by_name() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("member.json");
        for text in ["", "{}", r#"{"format":2,"token":"","joined":true,"name":"","management":"","credential":""}"#] {
            std::fs::write(&path, text).unwrap();
            let error = Membership::read(&path).unwrap_err().to_string();
            assert!(error.contains("member.json") && error.contains("join again"), "{error}");
        }
    }
}

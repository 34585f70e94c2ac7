//! `profile.json` in the data directory: how client commands of the same user reach what runs there.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::exit::Failure;
use crate::platform;

/// Management URL and admin key. Not `Debug`: it holds a secret.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    /// Base URL of management.
    pub(crate) management: String,
    /// Key for the management API.
    pub(crate) admin_key: String,
}

impl Profile {
    /// For management at `management`.
    pub(crate) fn new(management: &str, admin_key: &str) -> Self {
        Self { management: management.to_owned(), admin_key: admin_key.to_owned() }
    }

    /// Writes the file as a whole, readable by its owner only.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let text = serde_json::to_vec(self).map_err(Failure::general)?;
        platform::write_private(path, &text).map_err(|error| {
            Failure::general(format_args!("the profile '{}' can't be written: {error}", path.display()))
        })
    }

    /// The profile, None where there is none or this user may not read it.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, Failure> {
        match std::fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|_| {
                Failure::configuration(format_args!(
                    "the profile '{}' is damaged; delete it and start 'hearth up' again",
                    path.display()
                ))
            }),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            Err(error) => {
                Err(Failure::configuration(format_args!("the profile '{}' can't be read: {error}", path.display())))
            }
        }
    }
}

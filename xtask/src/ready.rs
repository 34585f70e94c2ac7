//! The ready file of `hearth up`: one JSON object, written atomically when everything accepts connections.

use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

/// Addresses and admin key of a running installation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ready {
    /// Base URL of the management role.
    pub(crate) management: String,
    /// Base URL of the functions.
    pub(crate) http: String,
    /// Key for the management API.
    pub(crate) admin_key: String,
}

impl Ready {
    /// Reads the file; nothing while it is not there.
    ///
    /// # Errors
    /// When it is there and not understood.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Option<Self>> {
        match std::fs::read(path) {
            Ok(bytes) => {
                let ready =
                    serde_json::from_slice(&bytes).with_context(|| format!("cannot understand {}", path.display()));
                ready.map(Some)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Host and port of the functions.
    pub(crate) fn authority(&self) -> &str {
        self.http.split_once("://").map_or(&*self.http, |(_, rest)| rest).trim_end_matches('/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_when_it_is_there_and_may_hold_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ready.json");
        assert_eq!(Ready::read(&path).unwrap(), None);
        let text = r#"{"management":"http://127.0.0.1:7070","http":"http://127.0.0.1:7071/","adminKey":"k","pid":7,"queues":"x"}"#;
        std::fs::write(&path, text).unwrap();
        let ready = Ready::read(&path).unwrap().unwrap();
        assert_eq!((ready.authority(), &*ready.admin_key), ("127.0.0.1:7071", "k"));
        std::fs::write(&path, "{").unwrap();
        assert!(Ready::read(&path).unwrap_err().to_string().contains("ready.json"));
    }
}

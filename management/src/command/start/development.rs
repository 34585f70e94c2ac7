//! What `hearth start` tells its worker: one private flag, `--development`, with a JSON object. It holds no secrets, because command lines
//! are visible to every user of the machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hearth_model::ids::{AppName, DeploymentId};
use hearth_state::Keyring;
use hearth_worker::{CodeCache, DevelopmentOptions};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::listing::listing;
use crate::exit::Failure;
use crate::output;
use crate::platform;

/// Variables of the processes among themselves, which are no settings of functions.
const PRIVATE: [&str; 5] = ["NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "INVOCATION_ID"];

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Development {
    pub(super) app: AppName,
    pub(super) deployment: DeploymentId,
    pub(super) folder: PathBuf,
    pub(super) functions: Vec<String>,
    pub(super) cors: Option<Vec<String>>,
    pub(super) cors_credentials: bool,
    pub(super) check_keys: bool,
    pub(super) verbose: bool,
    /// The user's cache, for machine code that all projects share.
    pub(super) cache: Option<PathBuf>,
}

impl Development {
    /// Reads what [`Self::text`] wrote.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    pub(super) fn text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Where machine code is kept: the user's cache, else a temporary directory, which goes when the second value is dropped. Never the
    /// project: its key may have come along with its machine code.
    pub(crate) fn code_cache(&self) -> Result<(CodeCache, Option<TempDir>), Failure> {
        let error = match self.cache.as_deref().map(users_cache) {
            Some(Ok(cache)) => return Ok((cache, None)),
            Some(Err(error)) => error,
            None => "there is no home directory".to_owned(),
        };
        tracing::warn!(
            category = "Host.Startup",
            "The user's cache can't be used, so machine code is made anew at each start: {error}"
        );
        let (cache, folder) = temporary_cache()
            .map_err(|error| Failure::general(format_args!("a temporary directory can't be made: {error}")))?;
        Ok((cache, Some(folder)))
    }

    /// What the worker is to do, on this port.
    pub(crate) fn options(self, port: u16) -> DevelopmentOptions {
        let verbose = self.verbose;
        let first = AtomicBool::new(true);
        let tell = move |functions: &[_]| {
            let base = format!("http://localhost:{port}");
            output::line(&listing(functions, &base, output::color(&std::io::stdout())));
            if first.swap(false, Ordering::Relaxed) && !verbose {
                output::line("For detailed output, run hearth start with --verbose.");
            }
        };
        DevelopmentOptions {
            app: self.app,
            deployment: self.deployment,
            folder: self.folder,
            functions: self.functions,
            cors: self.cors,
            cors_credentials: self.cors_credentials,
            check_keys: self.check_keys,
            environment: environment(std::env::vars_os()),
            tell: Arc::new(tell),
        }
    }
}

fn users_cache(cache: &Path) -> Result<CodeCache, String> {
    let unusable = |error: &dyn std::fmt::Display| format!("'{}': {error}", cache.display());
    platform::create_private_dir(cache).map_err(|error| unusable(&error))?;
    let keyring = Keyring::load_or_create(&cache.join("code.key")).map_err(|error| unusable(&error))?;
    Ok(CodeCache { dir: cache.join("code"), key: keyring.derive("code-cache") })
}

fn temporary_cache() -> std::io::Result<(CodeCache, TempDir)> {
    // tempfile makes its directories with mode 0700.
    let folder = tempfile::Builder::new().prefix("hearth-code-").tempdir()?;
    let mut key = [0u8; 32];
    getrandom::fill(&mut key).map_err(std::io::Error::other)?;
    Ok((CodeCache { dir: folder.path().join("code"), key }, folder))
}

/// What functions see of the environment: all that is text, but for what is Hearth's own.
fn environment(all: impl Iterator<Item = (OsString, OsString)>) -> Vec<(String, String)> {
    let text = all.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    text.filter(|(name, _)| {
        let own = name.to_ascii_uppercase().starts_with("HEARTH_") || PRIVATE.contains(&name.as_str());
        !own && hearth_model::settings::check_name(name).is_ok()
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_see_the_environment_without_what_is_hearths() {
        let all = [("HEARTH_JOIN_TOKEN", "secret"), ("NOTIFY_SOCKET", "x"), ("Greeting", "hi"), ("%odd", "x")];
        let seen = environment(all.into_iter().map(|(name, value)| (name.into(), value.into())));
        assert_eq!(seen, [("Greeting".to_owned(), "hi".to_owned())]);
    }
}

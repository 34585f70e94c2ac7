//! What `hearth start` tells its worker: one private flag, `--development`, with a JSON object. It holds no secrets, because command lines
//! are visible to every user of the machine.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hearth_model::ids::{AppName, DeploymentId};
use hearth_state::Keyring;
use hearth_worker::{CodeCache, DevelopmentOptions};
use serde::{Deserialize, Serialize};

use super::listing::listing;
use crate::output;

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

    /// Where machine code is kept: the user's cache, if it can be used.
    pub(crate) fn code_cache(&self) -> Option<CodeCache> {
        let cache = self.cache.as_ref()?;
        let made = crate::platform::create_private_dir(cache)
            .map_err(|error| error.to_string())
            .and_then(|()| Keyring::load_or_create(&cache.join("code.key")).map_err(|error| error.to_string()));
        match made {
            Ok(keyring) => Some(CodeCache { dir: cache.join("code"), key: keyring.derive("code-cache") }),
            Err(error) => {
                tracing::warn!(
                    category = "Host.Startup",
                    "'{}' can't be used, so this project keeps machine code of its own: {error}",
                    cache.display()
                );
                None
            }
        }
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

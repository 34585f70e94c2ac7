//! What every request handler has at hand, and the URLs under which things are found.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hearth_model::clock::Clock;
use hearth_model::ids::AppName;
use hearth_model::package::PackageLimits;
use hearth_state::{Database, Keyring, Worker};
use http::Uri;
use tokio_util::sync::CancellationToken;

use crate::auth::Delays;
use crate::logs::Fetcher;
use crate::publish::{Spool, Uploads};
use crate::schedule::Scheduler;
use crate::secret::Expected;

/// Shared by all handlers.
pub(crate) struct Context {
    pub(crate) state: Database,
    pub(crate) keyring: Keyring,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) scheduler: Scheduler,
    pub(crate) admin_key: Expected,
    pub(crate) join_token: Expected,
    pub(crate) delays: Delays,
    pub(crate) spool: Spool,
    pub(crate) uploads: Arc<Uploads>,
    pub(crate) fetcher: Fetcher,
    pub(crate) places: Places,
    pub(crate) limits: Limits,
    /// Ends when the role shuts down.
    pub(crate) stop: CancellationToken,
}

/// Limits and times, as in [`crate::ManagementOptions`].
pub(crate) struct Limits {
    pub(crate) package_bytes: u64,
    pub(crate) package: PackageLimits,
    pub(crate) publish_wait: Duration,
    pub(crate) worker_lease: Duration,
    pub(crate) beat_interval: Duration,
    pub(crate) log_stream: Duration,
    pub(crate) log_stream_idle: Duration,
}

/// Where this role and the functions are reached.
pub(crate) struct Places {
    pub(crate) domain: String,
    pub(crate) public_url: Option<Uri>,
    pub(crate) functions_url: Option<Uri>,
    pub(crate) addr: SocketAddr,
}

impl Places {
    /// `http` unless the public URL says otherwise.
    pub(crate) fn scheme(&self) -> &str {
        self.public_url.as_ref().and_then(Uri::scheme_str).unwrap_or("http")
    }

    fn port(&self) -> String {
        match &self.public_url {
            Some(url) => suffix(url),
            None => format!(":{}", self.addr.port()),
        }
    }

    /// Base URL of this role.
    pub(crate) fn management_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.to_string().trim_end_matches('/').to_owned(),
            None if self.addr.ip().is_unspecified() => format!("http://{}:{}", self.domain, self.addr.port()),
            None => format!("http://{}", self.addr),
        }
    }

    /// Publishing site of an app by host name.
    pub(crate) fn scm_url(&self, app: &AppName) -> String {
        format!("{}://{app}.scm.{}{}", self.scheme(), self.domain, self.port())
    }

    /// Publishing site of an app by path.
    pub(crate) fn scm_path_url(&self, app: &AppName) -> String {
        format!("{}/apps/{app}", self.management_url())
    }

    /// Base URL of an app's functions by host name and by path, once it is known where functions are served.
    pub(crate) fn function_urls(&self, app: &AppName, workers: &[Worker]) -> Option<(String, String)> {
        let worker = || workers.iter().find(|worker| !worker.missing).and_then(|worker| worker.http_url.parse().ok());
        let base: Uri = self.functions_url.clone().or_else(worker)?;
        let scheme = base.scheme_str().unwrap_or("http");
        let port = suffix(&base);
        let host = base.host().unwrap_or(&self.domain);
        Some((format!("{scheme}://{app}.{}{port}", self.domain), format!("{scheme}://{host}{port}/apps/{app}")))
    }
}

fn suffix(url: &Uri) -> String {
    url.port_u16().map(|port| format!(":{port}")).unwrap_or_default()
}

/// Reads a base URL out of a setting.
pub(crate) fn base_url(setting: &str, text: Option<String>) -> Result<Option<Uri>, crate::ManagementError> {
    let Some(text) = text else { return Ok(None) };
    let url: Option<Uri> = text.parse().ok();
    match url {
        Some(url) if matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some() => Ok(Some(url)),
        _ => Err(crate::ManagementError::Setting(format!(
            "{setting} '{text}' is not a base URL such as https://functions.example.org"
        ))),
    }
}

//! How a worker serves an app from its folder; built by `hearth start`.

use std::path::PathBuf;
use std::sync::Arc;

use hearth_model::control::FunctionReport;
use hearth_model::ids::{AppName, DeploymentId};

/// Told the functions when they were loaded first, and when they are others after a change.
pub type TellFunctions = Arc<dyn Fn(&[FunctionReport]) + Send + Sync>;

/// One app that is served from a folder instead of a package.
///
/// Such a worker answers only requests that name this machine itself (`localhost`, a loopback address, a name below `localhost`) with the
/// listener's port, so that no web page reaches it by a name of its own.
#[derive(Clone)]
pub struct DevelopmentOptions {
    /// The app.
    pub app: AppName,
    /// The deployment in host state that stands for the folder.
    pub deployment: DeploymentId,
    /// The folder, absolute, with host.json.
    pub folder: PathBuf,
    /// Names of the functions to load; empty loads all.
    pub functions: Vec<String>,
    /// Origins that browsers may call from, instead of those of local.settings.json; `*` is every origin.
    pub cors: Option<Vec<String>>,
    /// Whether browsers may send credentials, also when local.settings.json does not say so.
    pub cors_credentials: bool,
    /// Whether callers need keys as for a published app. Without this every function and the admin API are open.
    pub check_keys: bool,
    /// Variables that the functions see and that win over local.settings.json.
    pub environment: Vec<(String, String)>,
    /// Told the functions.
    pub tell: TellFunctions,
}

/// Where machine code is kept that was compiled here, and the key that authenticates it.
#[derive(Clone)]
pub struct CodeCache {
    /// The directory; created with mode 0700.
    pub dir: PathBuf,
    /// Whoever knows it can have any machine code run.
    pub key: [u8; 32],
}

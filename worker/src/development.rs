//! The local development loop: one app, served from its folder on disk and loaded again when a file changes.
//!
//! The folder stands in for a package: a deployment of the app that host state knows, whose files are read here and not from there.
//! Everything else is as for a published app. A change is loaded beside what answers; what can't be loaded changes nothing, so that the
//! last good version goes on serving while an error is being mended.

mod bell;
mod content;
mod hosts;
mod options;
mod settings;
mod snapshot;
mod watch;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hearth_model::control::FunctionReport;
use hearth_model::host_json::LogLevel;
use hearth_model::ids::DeploymentId;

use content::Content;
pub(crate) use content::FolderPackage;
pub(crate) use hosts::{is_from_elsewhere, is_local, is_to_this_machine, refused};
pub use options::{CodeCache, DevelopmentOptions, TellFunctions};
pub(crate) use settings::Local;
pub(crate) use watch::watch;

use crate::app::{Apps, LoadedApp};
use crate::logs::AppLogs;

/// The app under development, as long as the worker runs.
pub(crate) struct Development {
    options: DevelopmentOptions,
    /// The files of the last load, whose bytes the next one takes over where they are the same.
    content: Mutex<Option<Arc<Content>>>,
    /// The functions that were told last.
    told: Mutex<Vec<FunctionReport>>,
}

impl Development {
    pub(crate) fn new(options: DevelopmentOptions) -> Self {
        Self { options, content: Mutex::default(), told: Mutex::default() }
    }

    pub(crate) fn options(&self) -> &DevelopmentOptions {
        &self.options
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.options.folder
    }

    /// Whether this deployment is the folder.
    pub(crate) fn is(&self, deployment: &DeploymentId) -> bool {
        self.options.deployment == *deployment
    }

    /// The files as they are now. Blocking. The error is public text.
    pub(crate) fn content(&self) -> Result<Arc<Content>, String> {
        let mut last = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        let content = Content::read(self.folder(), last.as_deref())
            .map(Arc::new)
            .map_err(|error| format!("the folder '{}' can't be read: {error}", self.folder().display()))?;
        *last = Some(content.clone());
        Ok(content)
    }

    /// The app's own settings as they are now. Blocking. The error is public text.
    pub(crate) fn local(&self) -> Result<Local, String> {
        Local::read(&self.options)
    }

    /// Why a version can't take the place of the one before: a function that answered there is in error here.
    pub(crate) fn broken(before: &LoadedApp, new: &LoadedApp) -> Option<String> {
        let worked = |name: &str| {
            before.listed.iter().any(|function| function.name.eq_ignore_ascii_case(name) && function.error.is_none())
        };
        let broken: Vec<String> = new
            .listed
            .iter()
            .filter_map(|function| Some((function.name.as_str(), function.error.as_deref()?)))
            .filter(|(name, _)| worked(name))
            .map(|(name, error)| format!("function '{name}': {error}"))
            .collect();
        (!broken.is_empty()).then(|| broken.join("\n"))
    }

    /// Loads the app for the first time, and says so when that takes long.
    pub(crate) async fn first_load(&self, apps: &Arc<Apps>) {
        let mut loading = std::pin::pin!(apps.by_name(&self.options.app));
        if tokio::time::timeout(LONG_LOAD, &mut loading).await.is_err() {
            let text = "Loading the app. The first time a user starts one in JavaScript, its engine is prepared.";
            apps.logs(&self.options.app).line(LogLevel::Information, CATEGORY, text);
            loading.await;
        }
    }

    /// Tells the developer how a load ended.
    pub(crate) fn tell(&self, logs: &AppLogs, again: bool, result: Result<&LoadedApp, &str>, took: Duration) {
        match result {
            Ok(app) => {
                if again {
                    let text = format!("Loaded again ({} ms)", took.as_millis());
                    logs.line(LogLevel::Information, CATEGORY, &text);
                }
                for warning in &app.warnings {
                    logs.line(LogLevel::Warning, CATEGORY, warning);
                }
                self.tell_functions(&app.reports);
            }
            Err(reason) if again => {
                let text = format!("{reason}\nThe last good version goes on serving.");
                logs.line(LogLevel::Error, CATEGORY, &text);
            }
            Err(reason) => logs.line(LogLevel::Error, CATEGORY, reason),
        }
    }

    fn tell_functions(&self, functions: &[FunctionReport]) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if *told != functions || functions.is_empty() {
            (self.options.tell)(functions);
            *told = functions.to_vec();
        }
    }
}

/// A first load that takes longer than this is told.
const LONG_LOAD: Duration = Duration::from_secs(1);
/// Category of the lines about loading.
const CATEGORY: &str = "Host.Startup";

//! From a package to a loaded app: fetch, open, index, compile, link, ask code-first components for their functions.
//!
//! What is wrong with one function stands in its report and the others run; an error here means that nothing can.

mod assemble;
mod compile;
mod scripts;
mod source;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hearth_engine::{Engine, EngineOptions, GuestOptions};
use hearth_model::ids::DeploymentId;
use hearth_model::index::AppDefinition;
use hearth_model::settings::Settings;
use hearth_state::AppRevision;
use tokio::sync::Semaphore;

use crate::app::cache::PackageCache;
use crate::app::held::{Load, LoadError};
use crate::app::keys::KeySource;
use crate::app::live::LiveApp;
use crate::app::load::assemble::assemble;
use crate::app::load::compile::{Compiled, Guests, compile, functions};
pub(in crate::app) use crate::app::load::scripts::Scripts;
use crate::app::load::source::PublishedPackage;
pub(crate) use crate::app::load::source::{Source, kind, names};
use crate::app::loaded::{LoadedApp, Throttle};
use crate::app::secret_files::SecretFiles;
use crate::app::settings::Platform;
use crate::app::sources::EventSources;
use crate::development::{Development, FolderPackage, Local};
use crate::front::HttpPolicy;
use crate::options::{WorkerError, WorkerOptions};

/// Host state must tell an app's settings within this time.
const SETTINGS_LIMIT: Duration = Duration::from_secs(5);

pub(crate) struct Loader {
    engine: Engine,
    cache: PackageCache,
    egress: hearth_engine::egress::EgressRule,
    source: Arc<KeySource>,
    platform: Platform,
    secret_files: Arc<SecretFiles>,
    /// Packages that are opened and compiled at once: each may take hundreds of megabytes and all processors.
    compiling: Arc<Semaphore>,
    /// The same for those that are compiled already and get other settings, so that they need not wait for the former.
    reloading: Arc<Semaphore>,
    /// The app that is served from a folder.
    development: Option<Arc<Development>>,
    /// This worker's.
    labels: Arc<BTreeMap<String, String>>,
}

impl Loader {
    pub(crate) fn new(options: &WorkerOptions) -> Result<Self, WorkerError> {
        let egress = hearth_engine::egress::EgressRule::allowing(&options.egress_allow)
            .map_err(|problem| WorkerError::Failed(format!("egress-allow: {problem}")))?;
        let (cache_dir, cache_key) = match &options.code_cache {
            Some(shared) => (shared.dir.clone(), shared.key),
            None => (options.cache_dir.join("code"), options.keyring.derive("code-cache")),
        };
        let engine = Engine::new(&EngineOptions { cache_dir, cache_key, max_instances: options.max_instances })
            .map_err(|error| WorkerError::Failed(error.to_string()))?;
        let development = options.development.clone().map(|development| Arc::new(Development::new(development)));
        let open = development.as_ref().is_some_and(|development| !development.options().check_keys);
        let cache = PackageCache::open(options.cache_dir.join("packages"), options.state.clone())
            .map_err(WorkerError::io("the package cache can't be created"))?;
        let at_once = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Ok(Self {
            engine,
            cache,
            egress,
            source: Arc::new(KeySource { state: options.state.clone(), keyring: options.keyring.clone(), open }),
            platform: Platform::new(options),
            secret_files: Arc::new(SecretFiles::below(&options.secret_files, &options.own_files)),
            compiling: Arc::new(Semaphore::new(at_once)),
            reloading: Arc::new(Semaphore::new(at_once)),
            development,
            labels: Arc::new(options.labels.clone()),
        })
    }

    /// Where apps have their keys and settings.
    pub(super) fn source(&self) -> &Arc<KeySource> {
        &self.source
    }

    /// What the platform tells apps about this worker.
    pub(super) fn platform(&self) -> &Platform {
        &self.platform
    }

    /// The app that is served from a folder.
    pub(super) fn development(&self) -> Option<&Arc<Development>> {
        self.development.as_ref()
    }

    /// The same, where this deployment is the folder.
    pub(super) fn folder(&self, deployment: &DeploymentId) -> Option<&Arc<Development>> {
        self.development.as_ref().filter(|development| development.is(deployment))
    }

    /// Makes an app version ready, with the settings and keys of this moment.
    pub(super) async fn load(&self, load: &Load, live: &Arc<LiveApp>) -> Result<LoadedApp, LoadError> {
        let (revision, settings, notes) = self.settings(load).await?;
        let failed = |reason| LoadError { reason, settings: revision.settings, gone: false };
        // An app made again under a name has other keys than the one before. What was read for a version of this very app stays
        // good when it can't be read now; the watcher goes on trying.
        match live.keys.complete(revision.keys).await {
            Err(reason) if load.before.is_none() && load.remembered.is_none() => return Err(failed(reason)),
            _ => {}
        }
        let mut loaded = self.load_with(load, live, revision.clone(), settings).await.map_err(failed)?;
        loaded.warnings.splice(..0, notes);
        // A folder has no version to go back to but the one that answers.
        let broken = match (self.folder(&load.deployment), &load.before) {
            (Some(_), Some(before)) => Development::broken(before, &loaded),
            _ => None,
        };
        broken.map_or(Ok(loaded), |reason| Err(failed(reason)))
    }

    /// What host state says of an app, its settings, and what is worth a look in them.
    async fn settings(&self, load: &Load) -> Result<(AppRevision, Settings, Vec<String>), LoadError> {
        let app = &load.app;
        let reading = async {
            let KeySource { state, keyring, .. } = &*self.source;
            // First the revision: the settings are then as new or newer.
            let revision = state.configuration().get(app).await?;
            let settings = state.app_settings().list(keyring, app).await;
            // Last: when the deployment is still there, its app was neither deleted nor made again before the settings were read.
            let deployment = state.deployments().get(&load.deployment).await?;
            let is_its_own = deployment.is_some_and(|deployment| deployment.app == *app);
            match revision.filter(|known| is_its_own && !known.deleted) {
                Some(revision) => Ok(Some((revision, settings?))),
                None => Ok(None),
            }
        };
        let unread = |reason: &dyn std::fmt::Display| LoadError {
            reason: format!("the app's settings can't be read: {reason}"),
            settings: 0,
            gone: false,
        };
        let read: Result<_, hearth_state::StateError> = match tokio::time::timeout(SETTINGS_LIMIT, reading).await {
            Ok(read) => read,
            Err(_) => Err(hearth_state::StateError::Unavailable("host state did not answer in time".to_owned())),
        };
        if let (Err(hearth_state::StateError::Unavailable(_)), Some(known)) = (&read, &load.remembered) {
            return Ok((known.revision.clone(), (*known.settings).clone(), Vec::new()));
        }
        let Some((revision, mut given)) = read.map_err(|error| unread(&error))? else {
            let reason = format!("app '{app}' or this deployment of it was deleted");
            return Err(LoadError { reason, settings: 0, gone: true });
        };
        let (platform, files, name) = (self.platform.clone(), self.secret_files.clone(), app.clone());
        let folder = self.folder(&load.deployment).cloned();
        let resolved = tokio::task::spawn_blocking(move || {
            let local = folder.map_or_else(|| Ok(Local::default()), |folder| folder.local())?;
            given.extend(local.settings);
            Ok((platform.settings(&name, given, &files)?, local.warnings))
        })
        .await;
        match resolved.unwrap_or_else(|error| Err(error.to_string())) {
            Ok((settings, notes)) => Ok((revision, settings, notes)),
            Err(reason) => Err(LoadError { reason, settings: revision.settings, gone: false }),
        }
    }

    /// The error is public text.
    async fn load_with(
        &self,
        load: &Load,
        live: &Arc<LiveApp>,
        revision: AppRevision,
        settings: Settings,
    ) -> Result<LoadedApp, String> {
        let (app, logs) = (&load.app, &live.logs);
        let folder = self.folder(&load.deployment).cloned();
        let package = if folder.is_none() { Some(self.cache.package(&load.digest).await?) } else { None };
        let (engine, options, digest) = (self.engine.clone(), self.options(), load.digest.clone());
        let broken = |error: &dyn std::fmt::Display| format!("indexing the package failed: {error}");
        let turns = if load.before.is_some() { &self.reloading } else { &self.compiling };
        let turn = turns.clone().acquire_owned().await.map_err(|error| broken(&error))?;
        let before = load.reusable().cloned();
        let labels = load.unasked.then(|| self.labels.clone());
        let compiled = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let before = before.as_deref();
            match (package, folder) {
                (Some(file), _) => compile(
                    PublishedPackage::open(file, &digest)?,
                    &engine,
                    &options,
                    settings,
                    before,
                    labels.as_deref(),
                ),
                (None, Some(folder)) => {
                    compile(FolderPackage::of(folder.content()?), &engine, &options, settings, before, None)
                }
                (None, None) => Err("there is neither a package nor a folder".to_owned()),
            }
        })
        .await
        .map_err(|error| broken(&error))??;
        let Compiled { mut definition, guests, settings } = compiled;
        let entries = functions(&mut definition, &guests, logs, &settings).await?;
        let AppDefinition { host, mut warnings, .. } = definition;
        let parts = assemble(&host, entries, &guests, logs);
        for warning in parts.warnings {
            if !warnings.iter().any(|known| known.starts_with(&warning)) {
                warnings.push(warning);
            }
        }
        let (policy, unusable) = HttpPolicy::new(&host, &settings);
        warnings.extend(unusable);
        let Guests { components, scripts } = guests;
        let settings = Arc::new(settings);
        let sources = EventSources::of((&settings, revision.settings), &host, &parts.functions);
        Ok(LoadedApp {
            name: app.clone(),
            live: live.clone(),
            revision,
            throttle: Throttle::new(&host, live),
            sources,
            settings,
            policy,
            host,
            routes: parts.routes,
            functions: parts.functions,
            listed: parts.listed,
            reports: parts.reports,
            warnings,
            guests: components.into_iter().filter_map(|(path, guest)| Some((path, guest.ok()?))).collect(),
            scripts: scripts.and_then(Result::ok),
        })
    }

    /// What all guests have in common; an app's settings and host.json say the rest.
    fn options(&self) -> GuestOptions {
        GuestOptions {
            settings: BTreeMap::new(),
            memory_limit_mib: 0,
            instance_reuse: None,
            egress: self.egress.clone(),
        }
    }
}

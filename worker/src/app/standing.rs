//! How this worker stands with an app, for those who ask about the app rather than call it: also while it is loading, and when it
//! can't be loaded.

use std::sync::Arc;
use std::time::Duration;

use hearth_model::control::AppState;
use hearth_model::ids::AppName;
use hearth_state::AppMode;

use crate::app::apps::{Apps, Lookup};
use crate::app::held::Inner;
use crate::app::live::LiveApp;
use crate::app::loaded::LoadedApp;

/// State of a host as its status names it (reference: Azure Functions, section 6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostState {
    /// Being loaded; calls wait.
    Starting,
    /// Answers calls.
    Running,
    /// Can't be loaded.
    Error,
    /// Taken away from its callers on purpose.
    Offline,
}

impl HostState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Starting => "Starting",
            Self::Running => "Running",
            Self::Error => "Error",
            Self::Offline => "Offline",
        }
    }
}

/// One moment of an app on this worker.
pub(crate) struct Standing {
    pub(crate) live: Arc<LiveApp>,
    pub(crate) state: HostState,
    /// What answers calls.
    pub(crate) loaded: Option<Arc<LoadedApp>>,
    /// Why it can't be loaded, or not with its newest settings, and what is wrong with its functions.
    pub(crate) errors: Vec<String>,
}

/// Answer to "how does this worker stand with this app?".
pub(crate) enum Entry {
    Found(Standing),
    Unknown,
    /// Host state can't tell whether there is such an app.
    Unreachable,
}

impl Apps {
    /// How this worker stands with an app; one that it does not hold it begins to load.
    pub(crate) async fn enter(self: &Arc<Self>, name: &AppName) -> Entry {
        if self.is_unloaded(name) {
            // What is asked about an app is known of what is loaded; how that went is seen below.
            let _loaded = self.by_name(name).await;
        }
        if let Some(standing) = self.standing(name) {
            return Entry::Found(standing);
        }
        match self.by_name(name).await {
            Lookup::Unknown => Entry::Unknown,
            Lookup::Found(_) => self.standing(name).map_or(Entry::Unknown, Entry::Found),
            Lookup::NotRunning | Lookup::StateAway => match self.standing(name).or_else(|| self.standing_unheard(name))
            {
                Some(standing) => Entry::Found(standing),
                None => Entry::Unreachable,
            },
        }
    }

    /// How it stands with an app that was here and that host state could not be asked about: only its keys are known then.
    fn standing_unheard(&self, name: &AppName) -> Option<Standing> {
        let live = self.lock().live.get(name)?.clone();
        let errors = vec!["The app can't be looked up in host state now.".to_owned()];
        Some(Standing { live, state: HostState::Error, loaded: None, errors })
    }

    /// How this worker stands with an app that it holds.
    pub(crate) fn standing(&self, name: &AppName) -> Option<Standing> {
        let mut inner = self.lock();
        // Made-up names leave nothing behind.
        inner.held.iter().find(|held| held.app == *name)?;
        let live = inner.live(name, self.source());
        inner.standing(name, live)
    }

    /// Name of this worker.
    pub(crate) fn instance(&self) -> &str {
        &self.loader().platform().instance
    }

    /// Host name under which callers reach an app.
    pub(crate) fn host_name(&self, app: &AppName) -> String {
        self.loader().platform().host_name(app)
    }

    /// How long this worker has been running.
    pub(crate) fn uptime(&self) -> Duration {
        self.born.elapsed()
    }
}

impl Inner {
    /// `None` when nothing of the app is held.
    fn standing(&mut self, name: &AppName, live: Arc<LiveApp>) -> Option<Standing> {
        let loaded = self.answering(name);
        let mut errors = Vec::new();
        let mut state = None;
        if let Some(held) = self.serving(name) {
            errors.extend(held.reason.clone());
            errors.extend(
                held.reload_error.as_ref().map(|reason| format!("The changed settings can't be used: {reason}")),
            );
            state = Some(match held.state {
                AppState::Failed => HostState::Error,
                AppState::Preparing => HostState::Starting,
                AppState::Ready | AppState::Running => HostState::Running,
            });
        }
        if let Some(loaded) = &loaded {
            let in_error = loaded.listed.iter().filter_map(|function| Some((&function.name, function.error.as_ref()?)));
            errors.extend(in_error.map(|(name, error)| format!("The '{name}' function is in error: {error}")));
            state = Some(HostState::Running);
        }
        let state = state.map(|state| if live.mode() == AppMode::Offline { HostState::Offline } else { state })?;
        Some(Standing { live, state, loaded, errors })
    }
}

#[cfg(test)]
impl Apps {
    /// Holds a version of an app that never gets loaded.
    pub(crate) fn hold_starting(&self, app: &AppName) {
        let deployment = hearth_model::ids::DeploymentId::parse("00000000-0000-7000-8000-000000000001").unwrap();
        let digest = hearth_model::ids::Digest::from_bytes(&[0; 32]);
        let role = hearth_model::control::AssignmentRole::Serve;
        let mut held = crate::app::held::Held::new(app.clone(), deployment, digest, Vec::new(), 1, role);
        held.loading = true;
        self.lock().held.push(held);
    }

    /// How many apps something is kept of.
    pub(crate) fn known(&self) -> usize {
        self.lock().live.len()
    }
}

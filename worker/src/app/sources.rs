//! Which of an app's functions wait for events, and for which: what their listeners are made of. It outlives the code of the version, so
//! that an app that is not in memory goes on listening.

use std::collections::HashMap;
use std::sync::Arc;

use hearth_model::host_json::HostJson;
use hearth_model::ids::{AppName, DeploymentId};
use hearth_model::index::{FunctionDefinition, Trigger};
use hearth_model::settings::Settings;
use hearth_state::AppMode;

use crate::app::apps::Apps;
use crate::app::held::Inner;
use crate::app::live::LiveApp;
use crate::app::loaded::LoadedFunction;
use crate::logs::FunctionLog;

/// The functions of one version of an app that events start.
pub(crate) struct EventSources {
    /// Revision of the settings.
    pub(crate) revision: u64,
    pub(crate) settings: Arc<Settings>,
    pub(crate) host: HostJson,
    pub(crate) functions: Vec<EventFunction>,
}

/// A function that events start, and that is not disabled.
#[derive(Clone)]
pub(crate) struct EventFunction {
    pub(crate) definition: FunctionDefinition,
    pub(crate) log: Arc<FunctionLog>,
}

impl EventSources {
    /// Of a version that was just loaded.
    pub(super) fn of(
        (settings, revision): (&Arc<Settings>, u64),
        host: &HostJson,
        functions: &[LoadedFunction],
    ) -> Arc<Self> {
        let listening =
            functions.iter().filter(|function| !function.disabled && is_event(&function.definition.trigger));
        let functions = listening
            .map(|function| EventFunction { definition: function.definition.clone(), log: function.log.clone() })
            .collect();
        Arc::new(Self { revision, settings: settings.clone(), host: host.clone(), functions })
    }
}

/// Whether something listens for what starts the function, and nobody calls it.
fn is_event(trigger: &Trigger) -> bool {
    match trigger {
        Trigger::Timer(_) | Trigger::Queue(_) | Trigger::Cosmos(_) => true,
        Trigger::Http(_) => false,
    }
}

/// An app whose functions are to be listened for here.
#[derive(Clone)]
pub(crate) struct ListeningApp {
    pub(crate) app: AppName,
    pub(crate) deployment: DeploymentId,
    pub(crate) live: Arc<LiveApp>,
    pub(crate) sources: Arc<EventSources>,
}

impl Apps {
    /// The apps to listen for; none on a worker that stops or rests.
    pub(crate) fn listening(&self) -> Vec<ListeningApp> {
        if self.is_draining() || self.is_resting() { Vec::new() } else { self.lock().listening() }
    }

    /// Resolves when [`Apps::listening`] may have changed.
    pub(crate) async fn listening_changed(&self) {
        self.listening_changed.notified().await;
    }
}

impl Inner {
    /// Of each app the version that answers calls, unless the app is kept from working.
    fn listening(&self) -> Vec<ListeningApp> {
        let mut of_app = HashMap::new();
        for held in self.in_turn() {
            let loaded = held.loaded.as_ref().map(|loaded| &loaded.sources);
            let sources = loaded.or(held.unloaded.as_ref().map(|unloaded| &unloaded.sources));
            if let (Some(sources), Some(live)) = (sources, self.live.get(&held.app)) {
                of_app.insert(&held.app, (held, live, sources));
            }
        }
        of_app.retain(|_, (_, live, sources)| !sources.functions.is_empty() && live.mode() == AppMode::Running);
        of_app
            .into_values()
            .map(|(held, live, sources)| ListeningApp {
                app: held.app.clone(),
                deployment: held.deployment.clone(),
                live: live.clone(),
                sources: sources.clone(),
            })
            .collect()
    }
}

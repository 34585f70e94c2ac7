//! What listens for events on this worker: one listener for each function that events start, of the version of its app that answers.
//!
//! What listens follows from what is held, looked at whenever that changes: a listener begins when its version answers, takes nothing new
//! from the moment in which another version does or the app or worker is to rest, and finishes what it has taken. It stays when the app's
//! code leaves memory, and when settings change that it does not depend on. What is wrong with one function's source is told once and
//! keeps nothing else from listening.

mod listen;
mod source;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use hearth_model::host_json::LogLevel;
use hearth_model::ids::{AppName, DeploymentId, FunctionName};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{Apps, EventFunction, EventSources, ListeningApp};
use listen::Listening;
use source::Source;

/// Starts and stops listeners.
pub(crate) struct Listeners {
    apps: Arc<Apps>,
    tasks: TaskTracker,
    /// Ends what did not finish in time.
    cut: CancellationToken,
}

/// A function that is listened for, or would be.
#[derive(Clone)]
struct Running {
    deployment: DeploymentId,
    sources: Arc<EventSources>,
    source: Result<Source, String>,
    /// It takes nothing new after this.
    stop: CancellationToken,
}

type Functions = HashMap<(AppName, FunctionName), Running>;

impl Listeners {
    pub(crate) fn new(apps: Arc<Apps>) -> Self {
        Self { apps, tasks: TaskTracker::new(), cut: CancellationToken::new() }
    }

    /// Keeps listeners as they should be until `stop`, at which all of them take nothing new.
    pub(crate) async fn follow(&self, stop: CancellationToken) {
        let mut running = Functions::new();
        loop {
            self.reconcile(&mut running);
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.apps.listening_changed() => {}
            }
        }
        for listener in running.into_values() {
            listener.stop.cancel();
        }
    }

    /// Waits until listeners that were stopped have finished what they had taken, at most so long; what is left is cut off.
    pub(crate) async fn finished(&self, limit: Duration) {
        self.tasks.close();
        if tokio::time::timeout(limit, self.tasks.wait()).await.is_err() {
            tracing::warn!(
                category = "Host.General",
                "{} listener(s) had events under way after the drain time of {limit:?}: they are run again elsewhere",
                self.tasks.len()
            );
            self.cut.cancel();
            self.tasks.wait().await;
        }
    }

    fn reconcile(&self, running: &mut Functions) {
        let wanted = self.apps.listening();
        let mut next = Functions::with_capacity(running.len());
        for app in &wanted {
            for function in &app.sources.functions {
                let key = (app.app.clone(), function.definition.name.clone());
                let before = running.remove(&key);
                next.insert(key, self.renew(app, function, before));
            }
        }
        for ((app, function), listener) in std::mem::replace(running, next) {
            listener.stop.cancel();
            let live = self.apps.live(&app);
            self.apps.set_trouble(&live, function.as_str(), None);
        }
    }

    /// The listener of a function as it should be now.
    fn renew(&self, app: &ListeningApp, function: &EventFunction, before: Option<Running>) -> Running {
        let same_version = before.as_ref().is_some_and(|before| before.deployment == app.deployment);
        if let Some(before) =
            before.as_ref().filter(|before| same_version && Arc::ptr_eq(&before.sources, &app.sources))
        {
            return before.clone();
        }
        let source = Source::of(app, function);
        if let Some(before) = before {
            if same_version && before.source == source {
                return Running { sources: app.sources.clone(), ..before };
            }
            before.stop.cancel();
        }
        let stop = CancellationToken::new();
        match &source {
            Ok(source) => self.start(app, function, source.clone(), stop.clone()),
            Err(trouble) => tell(&self.apps, app, function, Some(trouble)),
        }
        Running { deployment: app.deployment.clone(), sources: app.sources.clone(), source, stop }
    }

    fn start(&self, app: &ListeningApp, function: &EventFunction, source: Source, stop: CancellationToken) {
        let listening = Listening::new(&self.apps, app, function);
        let cut = self.cut.clone();
        self.tasks.spawn(async move {
            cut.run_until_cancelled(listening.run(source, stop)).await;
        });
    }
}

/// Notes what keeps a function from being listened for, and says it once.
fn tell(apps: &Apps, app: &ListeningApp, function: &EventFunction, trouble: Option<&str>) {
    let name = function.definition.name.as_str();
    if !apps.set_trouble(&app.live, name, trouble) {
        return;
    }
    match trouble {
        Some(trouble) => {
            function
                .log
                .host(LogLevel::Error, &format!("The listener for function '{name}' was unable to start: {trouble}"));
        }
        None => function.log.host(LogLevel::Information, &format!("The listener for function '{name}' started")),
    }
}

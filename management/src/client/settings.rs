//! Following a change of settings until the workers run with it.

use std::time::Duration;

use hearth_management::api::AppDetail;
use hearth_model::ids::AppName;
use tokio::time::Instant;

use super::Management;
use crate::exit::Failure;

/// Time between two looks, and how long is looked at all.
const PAUSE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(10);

/// How far a change of settings is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum InForce {
    /// Every worker that runs the app has it, or none runs it.
    Everywhere,
    /// These do not have it yet.
    NotYet(Vec<String>),
}

impl Management {
    /// Waits a moment until every worker that runs the app does so with the settings of this revision.
    ///
    /// # Errors
    /// When a worker says that it can't take them on.
    pub(crate) async fn await_settings(&self, app: &AppName, revision: u64) -> Result<InForce, Failure> {
        let until = Instant::now() + PATIENCE;
        loop {
            let detail: AppDetail = self.get(&format!("/api/apps/{app}")).await?;
            let behind = behind(&detail, revision);
            // A reason may still be that of an earlier change, so it counts only after a while.
            if behind.is_empty() {
                return Ok(InForce::Everywhere);
            }
            if Instant::now() >= until {
                return match behind.iter().find_map(|(worker, error)| Some((worker, error.as_ref()?))) {
                    Some((worker, error)) => Err(Failure::general(format_args!(
                        "the settings are stored, but '{worker}' goes on with those before: {error}"
                    ))),
                    None => Ok(InForce::NotYet(behind.into_iter().map(|(worker, _)| worker).collect())),
                };
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Workers that run the app with earlier settings, and why if they say.
fn behind(app: &AppDetail, revision: u64) -> Vec<(String, Option<String>)> {
    let running = app.workers.iter().filter(|line| line.state == "running" && line.settings < revision);
    running.map(|line| (line.worker.clone(), line.settings_error.clone())).collect()
}

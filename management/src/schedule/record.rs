//! Carries out the scheduler's actions on host state.

use hearth_model::ids::AppName;
use hearth_state::{Database, DeploymentStatus, DeploymentUpdate, LogKind, StateError};

use super::event::{Action, Event, Held, Outcome};

/// Carries one action out; answers what the scheduler must hear of it.
///
/// # Errors
/// Only for reasons that pass: the action is to be tried again. An action that can't be done at all is logged and counts
/// as done, because what it was about is gone.
pub(super) async fn carry_out(state: &Database, action: &Action) -> Result<Option<Event>, StateError> {
    match attempt(state, action).await {
        Err(error) if error.is_transient() => Err(error),
        Err(error) => {
            tracing::error!(%error, ?action, "a scheduling step could not be written to state");
            match action {
                Action::Activate { app, .. } => present(state, app).await.map(Some),
                _ => Ok(None),
            }
        }
        Ok(event) => Ok(event),
    }
}

/// What an app is, for a plan that thought otherwise.
async fn present(state: &Database, name: &AppName) -> Result<Event, StateError> {
    let Some(app) = state.apps().get(name).await? else { return Ok(Event::AppDeleted { app: name.clone() }) };
    let active = match &app.active {
        Some(deployment) => state.deployments().get(deployment).await?,
        None => None,
    };
    let active = active.map(|deployment| Held { deployment: deployment.id, digest: deployment.digest });
    Ok(Event::Overtaken { app: app.name, generation: app.generation, active })
}

async fn attempt(state: &Database, action: &Action) -> Result<Option<Event>, StateError> {
    match action {
        Action::Progress { deployment, text } => {
            let update = DeploymentUpdate {
                status: Some(DeploymentStatus::Deploying),
                status_text: Some(text.clone()),
                progress: Some(text.clone()),
                ..DeploymentUpdate::default()
            };
            state.deployments().update(deployment, update).await?;
        }
        Action::Log { deployment, kind, message } => {
            state.deployments().add_log(deployment, message, *kind).await?;
        }
        Action::Activate { app, deployment, expected } => {
            let (app, deployment) = (app.clone(), deployment.clone());
            if let Some(generation) = state.apps().activate(&app, &deployment, *expected).await? {
                return Ok(Some(Event::Activated { app, deployment, generation }));
            }
            // It may have been this very step, tried before, whose answer was lost.
            return Ok(Some(match present(state, &app).await? {
                Event::Overtaken { generation, active: Some(active), .. }
                    if active.deployment == deployment && generation == *expected + 1 =>
                {
                    Event::Activated { app, deployment, generation }
                }
                other => other,
            }));
        }
        Action::Assign { app, generation, workers } => {
            if !state.assignments().replace(app, *generation, workers).await? {
                tracing::warn!(%app, generation, "assignments were not written: the app has moved on");
            }
        }
        Action::Finish { deployment, outcome } => {
            let (status, text, functions_json) = match outcome {
                Outcome::Success { functions } => {
                    (DeploymentStatus::Success, String::new(), serde_json::to_string(functions).ok())
                }
                Outcome::Failed { text } => {
                    state.deployments().add_log(deployment, text, LogKind::Error).await?;
                    (DeploymentStatus::Failed, text.clone(), None)
                }
            };
            let update = DeploymentUpdate {
                status: Some(status),
                status_text: Some(text),
                progress: Some(String::new()),
                complete: true,
                functions_json,
            };
            state.deployments().update(deployment, update).await?;
        }
    }
    Ok(None)
}

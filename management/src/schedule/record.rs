//! Carries out the scheduler's actions on host state.

use hearth_state::{Database, DeploymentStatus, DeploymentUpdate, LogKind, StateError};

use super::event::{Action, Event, Outcome};

/// Carries one action out; answers what the scheduler must hear of it.
///
/// # Errors
/// Only for reasons that pass: the action is to be tried again. An action that can't be done at all is logged and counts
/// as done, because what it was about is gone.
pub(super) async fn carry_out(state: &Database, action: &Action) -> Result<Option<Event>, StateError> {
    let done = attempt(state, action).await;
    match done {
        Err(error) if error.is_transient() => Err(error),
        Err(error) => {
            tracing::error!(%error, ?action, "a scheduling step could not be written to state");
            Ok(match action {
                Action::Activate { app, deployment, .. } => {
                    Some(Event::Activated { app: app.clone(), deployment: deployment.clone(), generation: None })
                }
                _ => None,
            })
        }
        Ok(event) => Ok(event),
    }
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
            let generation = state.apps().activate(app, deployment, *expected).await?;
            return Ok(Some(Event::Activated { app: app.clone(), deployment: deployment.clone(), generation }));
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

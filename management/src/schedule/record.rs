//! Carries out the scheduler's actions on host state.

use hearth_model::ids::AppName;
use hearth_state::{DeploymentStatus, DeploymentUpdate, Lease, LogKind, StateError, UnderLease};

use super::event::{Action, Event, Outcome};
use super::placement::Placements;

/// What became of an action.
pub(super) enum Carried {
    /// It is written; what the scheduler must hear of it.
    Done(Option<Event>),
    /// Nothing was written: the lease is another's.
    Stale,
}

/// Carries one action out under the scheduler's lease.
///
/// # Errors
/// Only for reasons that pass: the action is to be tried again. An action that can't be done at all is logged and counts
/// as done, because what it was about is gone.
pub(super) async fn carry_out(from: &Placements, lease: &Lease, action: &Action) -> Result<Carried, StateError> {
    match attempt(from, lease, action).await {
        Err(error) if error.is_transient() => Err(error),
        Err(error) => {
            tracing::error!(%error, ?action, "a scheduling step could not be written to state");
            match action {
                Action::Activate { app, .. } => present(from, app).await.map(|event| Carried::Done(Some(event))),
                _ => Ok(Carried::Done(None)),
            }
        }
        Ok(carried) => Ok(carried),
    }
}

/// What an app is, for a plan that thought otherwise.
async fn present(from: &Placements, name: &AppName) -> Result<Event, StateError> {
    let Some(app) = from.state.apps().get(name).await? else { return Ok(Event::AppDeleted { app: name.clone() }) };
    let active = from.active(name, app.active.as_ref()).await?;
    Ok(Event::Overtaken { app: app.name, generation: app.generation, active })
}

async fn attempt(from: &Placements, lease: &Lease, action: &Action) -> Result<Carried, StateError> {
    let state = &from.state;
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
            match state.apps().activate_under(lease, &app, &deployment, *expected).await? {
                UnderLease::Stale => return Ok(Carried::Stale),
                UnderLease::Done(Some(generation)) => {
                    return Ok(Carried::Done(Some(Event::Activated { app, deployment, generation })));
                }
                UnderLease::Done(None) => {}
            }
            // It may have been this very step, tried before, whose answer was lost.
            return Ok(Carried::Done(Some(match present(from, &app).await? {
                Event::Overtaken { generation, active: Some(active), .. }
                    if active.deployment == deployment && generation == *expected + 1 =>
                {
                    Event::Activated { app, deployment, generation }
                }
                other => other,
            })));
        }
        Action::Assign { app, generation, workers } => {
            match state.assignments().replace_under(lease, app, *generation, workers).await? {
                UnderLease::Stale => return Ok(Carried::Stale),
                UnderLease::Done(true) => {}
                UnderLease::Done(false) => {
                    tracing::warn!(%app, generation, "assignments were not written: the app has moved on");
                }
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
            if state.deployments().update_under(lease, deployment, update).await? == UnderLease::Stale {
                return Ok(Carried::Stale);
            }
        }
    }
    Ok(Carried::Done(None))
}

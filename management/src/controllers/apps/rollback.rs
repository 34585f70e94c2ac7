//! `POST /api/apps/{app}/rollback`: an earlier deployment's package again, by the same path but without an upload.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use hearth_model::ids::{AppName, DeploymentId};
use hearth_state::{App, Deployment, DeploymentStatus};
use http::StatusCode;

use crate::address::Reached;
use crate::answer::{ApiError, Failure, MAX_BODY, json_body, sentence};
use crate::api::RollbackRequest;
use crate::context::Context;
use crate::controllers::deployments::{accepted, finished};
use crate::controllers::{app_name, existing};
use crate::publish::{Site, Source, Terms, start};

/// What a rollback is recorded as coming from.
const DEPLOYER: &str = "rollback";

/// 200 with the new deployment when it serves; 202 at once if asked; 409 when there is nothing to go back to.
pub(crate) async fn rollback(
    State(context): State<Arc<Context>>,
    reached: Reached,
    Path(app): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let name = app_name(&app)?;
    let asked = json_body(request.into_body(), MAX_BODY, Some(RollbackRequest::default())).await?;
    let app = existing(&context, &name).await?;
    let target = match &asked.deployment {
        Some(id) => chosen(&context, &name, id).await?,
        None => previous(&context, &app).await?,
    };
    let source = Source::Stored { digest: target.digest.clone(), size: target.size };
    let terms = Terms {
        author: "admin".into(),
        author_email: "N/A".into(),
        deployer: DEPLOYER.into(),
        message: format!("Rollback to deployment {}", target.id),
    };
    let started = start(&context, &name, source, terms).await?;
    let site = Site::by_path(context.links(&reached), name);
    if asked.is_async {
        return Ok(accepted(&context, &site, &started, DEPLOYER));
    }
    finished(&context, &site, started).await.map_err(|error| ApiError(error.0))
}

async fn chosen(context: &Context, app: &AppName, id: &str) -> Result<Deployment, Failure> {
    let id = DeploymentId::parse(id)
        .map_err(|error| Failure::invalid("deployment_id_invalid", sentence(&error.to_string())))?;
    let found = context.state.deployments().get(&id).await?.filter(|deployment| deployment.app == *app);
    let deployment = found.ok_or_else(|| {
        let message = format!("App '{app}' has no deployment '{id}'; see 'hearth apps show {app}'.");
        Failure::new(StatusCode::NOT_FOUND, "deployment_not_found", message)
    })?;
    if deployment.status != DeploymentStatus::Success {
        let message =
            format!("Deployment '{id}' never served, so there is nothing to go back to; choose one that succeeded.");
        return Err(Failure::new(StatusCode::CONFLICT, "deployment_never_served", message));
    }
    Ok(deployment)
}

/// The newest successful deployment before the active one.
async fn previous(context: &Context, app: &App) -> Result<Deployment, Failure> {
    let newest_first = context.state.deployments().list(&app.name).await?;
    let mut older = newest_first.into_iter().skip_while(|one| app.active.as_ref() != Some(&one.id)).skip(1);
    older.find(|one| one.status == DeploymentStatus::Success).ok_or_else(|| {
        let message = format!("App '{}' has no earlier successful deployment to go back to.", app.name);
        Failure::new(StatusCode::CONFLICT, "nothing_to_roll_back_to", message)
    })
}

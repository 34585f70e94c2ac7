//! The Kudu surface of an app: publishing, its deployments and their logs.

mod list;
mod log;
mod show;
mod zipdeploy;

pub(crate) use list::list;
pub(crate) use log::{log, log_entry};
pub(crate) use show::show;
pub(crate) use zipdeploy::{accepted, finished, zipdeploy};

use std::sync::Arc;

use axum::extract::RawPathParams;
use hearth_model::ids::DeploymentId;
use hearth_state::Deployment;
use http::StatusCode;
use http::request::Parts;

use crate::answer::Failure;
use crate::auth::{self, Publisher};
use crate::context::Context;
use crate::controllers::app_name;
use crate::publish::Site;

/// Checks who asks at a publishing site; every handler of one begins with this.
pub(crate) async fn enter(
    context: &Arc<Context>,
    path: &RawPathParams,
    parts: &Parts,
) -> Result<(Site, Publisher), Failure> {
    let app = app_name(parameter(path, "app"))?;
    let publisher = auth::publisher(context, &app, &parts.headers).await?;
    Ok((Site::of_request(context, app, parts), publisher))
}

pub(crate) fn parameter<'a>(path: &'a RawPathParams, name: &str) -> &'a str {
    path.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
}

/// The deployment of a path: by id, or `latest`.
async fn named(context: &Arc<Context>, site: &Site, path: &RawPathParams) -> Result<Deployment, Failure> {
    let id = parameter(path, "id");
    let deployments = context.state.deployments();
    let found = if id.eq_ignore_ascii_case("latest") {
        deployments.latest(&site.app).await?
    } else {
        match DeploymentId::parse(&id.to_ascii_lowercase()) {
            Ok(id) => deployments.get(&id).await?.filter(|deployment| deployment.app == site.app),
            Err(_) => None,
        }
    };
    found.ok_or_else(|| {
        let message = format!("App '{}' has no deployment '{id}'.", site.app);
        Failure::new(StatusCode::NOT_FOUND, "deployment_not_found", message)
    })
}

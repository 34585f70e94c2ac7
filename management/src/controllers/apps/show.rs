//! `GET /api/apps/{app}`: everything about one app on one page.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hearth_model::control::FunctionReport;
use hearth_model::ids::AppName;
use hearth_state::Decision;

use super::{functions, mode, summary};
use crate::address::Reached;
use crate::answer::{ApiError, Failure};
use crate::api::{AppDetail, AppWorkerView, DecisionView, FunctionView, PlacementView};
use crate::context::Context;
use crate::controllers::{app_name, existing};
use crate::links::Links;
use crate::publish::{Site, view};
use crate::schedule::PlacementStatus;

/// How many deployments are shown.
const DEPLOYMENTS: usize = 10;

/// Shows the app.
pub(crate) async fn show(
    State(context): State<Arc<Context>>,
    reached: Reached,
    Path(app): Path<String>,
) -> Result<Json<AppDetail>, ApiError> {
    Ok(Json(detail(&context, context.links(&reached), &app_name(&app)?).await?))
}

/// What there is to say about an app.
pub(super) async fn detail(context: &Arc<Context>, links: Links<'_>, name: &AppName) -> Result<AppDetail, Failure> {
    let app = existing(context, name).await?;
    let (seen, workers) = context.scheduler.look().await?;
    let deployments = context.state.deployments().list(name).await?;
    let active = match &app.active {
        Some(id) => match deployments.iter().find(|deployment| deployment.id == *id) {
            Some(found) => Some(found.clone()),
            None => context.state.deployments().get(id).await?,
        },
        None => None,
    };
    let mode = mode::of(context.state.configuration().get(name).await?.as_ref());
    let status = seen.apps.get(name);
    let functions = functions(status, active.as_ref());
    let urls = links.functions(&app, &workers);
    let site = Site::by_path(links, name.clone());
    let holders = status.map(|status| status.holders.as_slice()).unwrap_or_default();
    Ok(AppDetail {
        summary: summary(&app, mode, status, &functions, urls.as_ref()),
        scm_url: links.scm(name),
        scm_path_url: links.scm_by_path(name),
        function_list: functions
            .into_iter()
            .map(|one| function(one, urls.as_ref().map(|urls| urls.main.as_str())))
            .collect(),
        path_url: urls.map(|urls| urls.by_path),
        warnings: status.map(|status| status.warnings.clone()).unwrap_or_default(),
        workers: holders
            .iter()
            .map(|holder| AppWorkerView {
                worker: holder.worker.to_string(),
                deployment: holder.deployment.to_string(),
                state: holder.state.to_owned(),
                reason: holder.reason.clone(),
                settings: holder.settings,
                settings_error: holder.settings_error.clone(),
                unloaded: holder.unloaded,
            })
            .collect(),
        deployments: deployments
            .iter()
            .take(DEPLOYMENTS)
            .map(|one| view(one, app.active.as_ref() == Some(&one.id), &site))
            .collect(),
        placement: status.and_then(|status| status.placement.as_ref()).map(placement),
        decisions: status.map(|status| status.decisions.iter().map(decision).collect()).unwrap_or_default(),
    })
}

fn placement(status: &PlacementStatus) -> PlacementView {
    PlacementView {
        wanted: status.wanted,
        min_workers: status.least,
        max_workers: status.most,
        labels: status.asked.labels.clone(),
        spread: status.asked.spread.clone(),
        outstanding: status.outstanding,
        moving: status.moving.as_ref().map(|(from, to)| [from.to_string(), to.to_string()]),
        waiting: Some(status.waiting.clone()).filter(|text| !text.is_empty()),
    }
}

fn decision(decision: &Decision) -> DecisionView {
    DecisionView {
        at: decision.at.rfc3339(),
        kind: decision.kind.clone(),
        worker: decision.worker.as_ref().map(ToString::to_string),
        reason: decision.reason.clone(),
    }
}

fn function(function: FunctionReport, base: Option<&str>) -> FunctionView {
    let invoke_url = match (&function.route, base) {
        (Some(route), Some(base)) => Some(format!("{base}/{}", route.trim_start_matches('/'))),
        _ => None,
    };
    FunctionView {
        name: function.name,
        trigger: function.trigger,
        route: function.route,
        methods: function.methods,
        auth_level: function.auth_level,
        disabled: function.disabled,
        invoke_url,
        error: function.error,
        listener_error: function.listener_error,
    }
}

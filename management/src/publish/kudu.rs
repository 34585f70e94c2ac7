//! Deployments as Kudu shows them (azure-functions reference, section 8.1).

use std::sync::Arc;

use hearth_model::ids::AppName;
use hearth_state::{Deployment, DeploymentStatus, LogEntry};
use http::request::Parts;

use crate::address::Reached;
use crate::api::{DeploymentView, LogEntryView};
use crate::context::Context;
use crate::links::Links;

/// An app's publishing site as the caller addressed it.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) app: AppName,
    /// Base URL without a slash at its end.
    pub(crate) base: String,
}

impl Site {
    /// The site that a request to `/apps/{app}/…` is for.
    pub(crate) fn of_request(context: &Arc<Context>, app: AppName, parts: &Parts) -> Self {
        let base = context.links(&Reached::of(parts)).scm_as_reached(&app);
        Self { app, base }
    }

    /// The site by path, for answers of the management API.
    pub(crate) fn by_path(links: Links<'_>, app: AppName) -> Self {
        let base = links.scm_by_path(&app);
        Self { app, base }
    }
}

/// The deployment object.
pub(crate) fn view(deployment: &Deployment, active: bool, site: &Site) -> DeploymentView {
    let end = deployment.end.map(|end| end.rfc3339());
    let succeeded = deployment.status == DeploymentStatus::Success;
    let url = format!("{}/api/deployments/{}", site.base, deployment.id);
    DeploymentView {
        id: deployment.id.to_string(),
        status: i32::try_from(deployment.status.code()).unwrap_or(-1),
        status_text: deployment.status_text.clone(),
        author: deployment.author.clone(),
        author_email: deployment.author_email.clone(),
        deployer: deployment.deployer.clone(),
        message: deployment.message.clone(),
        progress: deployment.progress.clone(),
        received_time: deployment.received.rfc3339(),
        start_time: deployment.start.rfc3339(),
        last_success_end_time: end.clone().filter(|_| succeeded),
        end_time: end,
        complete: deployment.complete,
        active,
        is_temp: false,
        is_readonly: true,
        log_url: format!("{url}/log"),
        url,
        site_name: deployment.app.to_string(),
        provisioning_state: match deployment.status {
            DeploymentStatus::Success => "Succeeded",
            DeploymentStatus::Failed => "Failed",
            _ => "InProgress",
        }
        .to_owned(),
    }
}

/// A line of a deployment's log.
pub(crate) fn entry_view(entry: &LogEntry) -> LogEntryView {
    LogEntryView {
        log_time: entry.time.rfc3339(),
        id: entry.seq.to_string(),
        message: entry.message.clone(),
        kind: i32::try_from(entry.kind.code()).unwrap_or_default(),
        details_url: None,
    }
}

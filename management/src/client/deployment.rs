//! Following a deployment until it runs or fails.

use std::time::Duration;

use ::http::HeaderMap;
use hearth_management::api::{AppDetail, DeploymentView, LogEntryView};
use hearth_model::ids::{AppName, DeploymentId};

use super::Management;
use crate::exit::Failure;

/// Kudu's status for a deployment that failed, and for one that runs (azure-functions reference, section 8.1).
const FAILED: i32 = 3;
const SUCCESS: i32 = 4;
/// Kind of log lines that tell of an error.
const LOG_ERROR: i32 = 2;

/// First and longest time between two looks.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A deployment that management took on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// Its identity, else `latest`.
    pub(crate) id: String,
}

impl Accepted {
    pub(super) fn from_answer(headers: &HeaderMap, body: &[u8]) -> Self {
        let header = headers.get("scm-deployment-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
        let in_body = || {
            let value: serde_json::Value = serde_json::from_slice(body).ok()?;
            Some(value.get("id")?.as_str()?.to_owned())
        };
        let id = header.or_else(in_body).filter(|id| DeploymentId::parse(id).is_ok());
        Self { id: id.unwrap_or_else(|| "latest".to_owned()) }
    }
}

/// A deployment that runs, and the app it is of.
#[derive(Debug)]
pub(crate) struct Deployed {
    pub(crate) deployment: DeploymentView,
    pub(crate) app: AppDetail,
}

impl Management {
    /// Waits until a deployment runs; `progress` is told each new step. Its failure is the error, with the lines of its
    /// log that say why.
    pub(crate) async fn await_deployment(
        &self,
        app: &AppName,
        accepted: &Accepted,
        mut progress: impl FnMut(&str),
    ) -> Result<Deployed, Failure> {
        let path = format!("/apps/{app}/api/deployments/{}", accepted.id);
        let mut pause = FIRST_PAUSE;
        let mut shown = String::new();
        let deployment = loop {
            let deployment: DeploymentView = self.get(&path).await?;
            if deployment.complete || matches!(deployment.status, FAILED | SUCCESS) {
                break deployment;
            }
            if deployment.progress != shown {
                shown.clone_from(&deployment.progress);
                progress(&shown);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        };
        if deployment.status != SUCCESS {
            let log: Vec<LogEntryView> =
                self.get(&format!("/apps/{app}/api/deployments/{}/log", deployment.id)).await?;
            return Err(Failure::general(failure_text(&deployment, &log)));
        }
        let app = self.get(&format!("/api/apps/{app}")).await?;
        Ok(Deployed { deployment, app })
    }
}

fn failure_text(deployment: &DeploymentView, log: &[LogEntryView]) -> String {
    let mut text = format!("deployment {} failed: {}", deployment.id, deployment.status_text);
    for line in log.iter().filter(|line| line.kind == LOG_ERROR && !deployment.status_text.contains(&line.message)) {
        text.push_str("\n  ");
        text.push_str(&line.message);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deployment_is_named_by_header_or_body() {
        let id = "0197c1f2-7a4b-7c3d-9e2f-5a6b7c8d9e0f";
        let mut headers = HeaderMap::new();
        assert_eq!(Accepted::from_answer(&headers, b"").id, "latest");
        assert_eq!(Accepted::from_answer(&headers, br#"{"id":"../../x"}"#).id, "latest");
        assert_eq!(Accepted::from_answer(&headers, format!(r#"{{"id":"{id}"}}"#).as_bytes()).id, id);
        headers.insert("scm-deployment-id", id.parse().unwrap());
        assert_eq!(Accepted::from_answer(&headers, b"").id, id);
    }
}

//! Where deployments are to run, as their packages and their apps' settings have it.
//!
//! The host.json of each package was put aside at its intake, so that no package is opened here. A setting that makes no sense of it is
//! no reason not to run the app, nor to run it elsewhere: it is left out, and the app's page says so.

use std::sync::Arc;

use hearth_model::host_json::Placement;
use hearth_model::ids::{AppName, DeploymentId, Digest};
use hearth_model::settings::Settings;
use hearth_state::{Database, Keyring, StateError};

use super::event::{Event, Held};

/// What counts for a package that was stored by a version that put nothing aside.
const PLAIN: &[u8] = br#"{"version": "2.0"}"#;

/// Reads placements from host state.
#[derive(Clone)]
pub(super) struct Placements {
    pub(super) state: Database,
    pub(super) keyring: Keyring,
}

impl Placements {
    /// A deployment with where it is to run.
    pub(super) async fn held(
        &self,
        app: &AppName,
        deployment: DeploymentId,
        digest: Digest,
    ) -> Result<Held, StateError> {
        let host_json = self.state.scheduling().host_json(&digest).await?;
        let host_json = host_json.as_deref().unwrap_or(PLAIN);
        let settings = match self.state.app_settings().list(&self.keyring, app).await {
            Ok(settings) => Ok(settings.into_iter().collect::<Settings>()),
            Err(StateError::Missing(_)) => Ok(Settings::new()),
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => Err(error.to_string()),
        };
        let (placement, flaw) = match settings {
            Ok(settings) => placed(host_json, &settings),
            Err(flaw) => (placed(host_json, &Settings::new()).0, Some(flaw)),
        };
        Ok(Held { deployment, digest, placement: Arc::new(placement), flaw })
    }

    /// The active deployment of an app, by its id.
    pub(super) async fn active(&self, app: &AppName, id: Option<&DeploymentId>) -> Result<Option<Held>, StateError> {
        let Some(id) = id else { return Ok(None) };
        match self.state.deployments().get(id).await? {
            Some(deployment) => self.held(app, deployment.id, deployment.digest).await.map(Some),
            None => Ok(None),
        }
    }

    /// The placements of apps whose settings were changed since a revision, given the deployments in question; with the revision
    /// to ask with next.
    pub(super) async fn changes(
        &self,
        since: u64,
        held: impl Fn(&AppName) -> Vec<Held>,
    ) -> Result<(Vec<Event>, u64), StateError> {
        let mut events = Vec::new();
        let mut seen = since;
        for change in self.state.configuration().changes(since).await? {
            seen = seen.max(change.revision);
            if change.deleted || change.settings <= since {
                continue;
            }
            for known in held(&change.app) {
                let now = self.held(&change.app, known.deployment.clone(), known.digest.clone()).await?;
                if now != known {
                    events.push(Event::Placed { app: change.app.clone(), held: now });
                }
            }
        }
        Ok((events, seen))
    }
}

/// The placement of a host.json with settings put over it; what is wrong with one of them, which is then left out.
fn placed(host_json: &[u8], settings: &Settings) -> (Placement, Option<String>) {
    let flaw = match Placement::parse(host_json, settings) {
        Ok(placement) => return (placement, None),
        Err(flaw) => flaw.to_string(),
    };
    let mut good = Settings::new();
    for (name, value) in settings.iter().filter(|(name, _)| Placement::is_changed_by(name)) {
        let mut more = good.clone();
        more.insert(name, value);
        if Placement::parse(host_json, &more).is_ok() {
            good = more;
        }
    }
    (Placement::parse(host_json, &good).unwrap_or_default(), Some(flaw))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_setting_takes_no_other_with_it() {
        let name = |key: &str| format!("AzureFunctionsJobHost__placement__{key}");
        let host = br#"{"version": "2.0", "placement": {"labels": {"zone": "b"}, "minWorkers": 2}}"#;
        let mut settings = Settings::new();
        settings.insert(name("labels__zone"), "a");
        settings.insert(name("maxWorkers"), "many");
        settings.insert(name("spread"), "rack");
        let (placement, flaw) = placed(host, &settings);
        assert_eq!((placement.labels["zone"].as_str(), placement.spread.as_deref()), ("a", Some("rack")));
        assert_eq!((placement.min_workers, placement.max_workers), (Some(2), None));
        assert!(flaw.is_some_and(|flaw| flaw.contains("maxWorkers")));
    }
}

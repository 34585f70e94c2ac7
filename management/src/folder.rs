//! An app that is served from a folder on this machine instead of a package: what of it host state knows.
//!
//! Keys, settings and, later, timers and orchestrations belong to an app and its deployment. So such an app is one like any other, with a
//! deployment that says where its files are; only the worker that was told of the folder can load it.

use std::path::Path;

use hearth_model::clock::{Clock, SystemClock};
use hearth_model::ids::{AppName, DeploymentId, Digest};
use hearth_state::{App, Database, DeploymentStatus, DeploymentUpdate, Keyring, NewDeployment, StateError};
use sha2::Digest as _;

use crate::ManagementError;
use crate::answer::Failure;
use crate::publish::new_id;
use crate::secret;

/// The deployer of such deployments.
const DEPLOYER: &str = "hearth start";

/// An app and the deployment that stands for its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderApp {
    /// Name of the app.
    pub app: AppName,
    /// Its active deployment.
    pub deployment: DeploymentId,
}

impl FolderApp {
    /// The app of a folder in a state of its own, made there and activated where it is missing. A folder that was moved or renamed goes on
    /// as the app that it was; `name` is for a new one. Nothing else may use the state meanwhile.
    ///
    /// # Errors
    /// When state can't be read or written.
    pub async fn load_or_create(
        state: &Database,
        keyring: &Keyring,
        folder: &Path,
        name: &AppName,
    ) -> Result<Self, ManagementError> {
        // Left by a start that was cut off; it would keep every other one from beginning.
        state.deployments().fail_interrupted().await?;
        let app = match of_folder(state).await? {
            Some(app) => app,
            None => make(state, keyring, name).await?,
        };
        let digest = digest(folder);
        if let Some(active) = &app.active
            && let Some(deployment) = state.deployments().get(active).await?
            && deployment.deployer == DEPLOYER
            && deployment.digest == digest
        {
            return Ok(Self { app: app.name, deployment: active.clone() });
        }
        let id = new_id(SystemClock.now()).map_err(setting)?;
        let new = NewDeployment {
            id: id.clone(),
            app: app.name.clone(),
            digest,
            size: 0,
            author: String::new(),
            author_email: String::new(),
            deployer: DEPLOYER.to_owned(),
            message: format!("Served from the folder '{}'", folder.display()),
        };
        state.deployments().insert(&new).await?;
        let update =
            DeploymentUpdate { status: Some(DeploymentStatus::Success), complete: true, ..DeploymentUpdate::default() };
        state.deployments().update(&id, update).await?;
        state.apps().activate(&app.name, &id, app.generation).await?;
        Ok(Self { app: app.name, deployment: id })
    }
}

/// The app that a folder was served as before.
async fn of_folder(state: &Database) -> Result<Option<App>, StateError> {
    for app in state.apps().list().await? {
        let deployments = state.deployments().list(&app.name).await?;
        if deployments.iter().any(|deployment| deployment.deployer == DEPLOYER) {
            return Ok(Some(app));
        }
    }
    Ok(None)
}

async fn make(state: &Database, keyring: &Keyring, name: &AppName) -> Result<App, ManagementError> {
    let password = secret::seal_publish_password(keyring, name).map_err(setting)?;
    state.apps().create(name, &password).await?;
    state.app_keys().ensure(keyring, name).await?;
    let made = state.apps().get(name).await?;
    made.ok_or_else(|| StateError::Missing(format!("app '{name}' was made and is not there")).into())
}

/// Neither fails but for want of random numbers.
fn setting(failure: Failure) -> ManagementError {
    ManagementError::Setting(failure.internal.unwrap_or(failure.message))
}

/// Stands where a package has the digest of its content; no package has this one.
fn digest(folder: &Path) -> Digest {
    let mut hash = sha2::Sha256::new_with_prefix(b"folder:");
    hash.update(folder.as_os_str().as_encoded_bytes());
    Digest::from_bytes(&hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use hearth_state::{OpenOptions, StateUrl};

    use super::*;

    #[tokio::test]
    async fn a_folder_is_one_app_whose_deployment_says_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let url = StateUrl::sqlite(&folder.path().join("state.db"));
        let state = Database::open(&url, OpenOptions::default()).await.unwrap();
        let keyring = Keyring::load_or_create(&folder.path().join("key")).unwrap();
        let name = |text| AppName::parse(text).unwrap();
        let load = async |path: &str, name: AppName| {
            FolderApp::load_or_create(&state, &keyring, Path::new(path), &name).await.unwrap()
        };
        let first = load("/work/shop", name("shop")).await;
        assert_eq!(load("/work/shop", name("shop")).await, first, "the same each time");
        let app = state.apps().get(&first.app).await.unwrap().unwrap();
        assert_eq!(app.active.as_ref(), Some(&first.deployment));
        let deployment = state.deployments().get(&first.deployment).await.unwrap().unwrap();
        assert!(deployment.complete && deployment.message.contains("/work/shop"), "{deployment:?}");
        let master = state.app_keys().list(&keyring, &first.app).await.unwrap().master().unwrap().to_owned();

        let moved = load("/work/store", name("store")).await;
        assert_eq!(moved.app, first.app, "its keys go on");
        assert_ne!(moved.deployment, first.deployment);
        let keys = state.app_keys().list(&keyring, &moved.app).await.unwrap();
        assert_eq!(keys.master(), Some(master.as_str()));
        assert_eq!(state.apps().list().await.unwrap().len(), 1);
    }
}

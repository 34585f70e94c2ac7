//! One deployment from its row in state to its end.
//!
//! The row exists before anything is done, so two publishes at once meet there. The work runs in a task of its own: a
//! client that goes away after its upload loses the answer, not the deployment.

use std::sync::Arc;

use hearth_model::clock::Timestamp;
use hearth_model::ids::{AppName, DeploymentId, Digest};
use hearth_model::package::PackageError;
use hearth_state::{DeploymentStatus, DeploymentUpdate, LogKind, NewDeployment};
use http::StatusCode;
use tokio::sync::oneshot;

use super::intake::{self, Findings};
use super::{Permit, Upload};
use crate::answer::{Failure, sentence};
use crate::context::Context;
use crate::schedule::Outcome;
use crate::settings;

/// Who publishes, and why.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) author: String,
    pub(crate) author_email: String,
    pub(crate) deployer: String,
    pub(crate) message: String,
}

/// Where the package comes from.
pub(crate) enum Source {
    /// Just uploaded; the permit ends with the work.
    Upload { upload: Upload, permit: Permit },
    /// Stored by an earlier deployment.
    Stored { digest: Digest, size: u64 },
}

/// How a deployment ended: well, or with the answer for whoever waits for it.
pub(crate) type End = Result<(), Failure>;

/// A deployment in progress.
pub(crate) struct Started {
    pub(crate) id: DeploymentId,
    /// Resolves when it ended.
    pub(crate) end: oneshot::Receiver<End>,
}

/// Begins a deployment.
///
/// # Errors
/// 409 when another one of the app is in progress, 404 without the app, 507 when state has no space.
pub(crate) async fn start(
    context: &Arc<Context>,
    app: &AppName,
    source: Source,
    terms: Terms,
) -> Result<Started, Failure> {
    let (digest, size) = match &source {
        Source::Upload { upload, .. } => (upload.digest.clone(), upload.size),
        Source::Stored { digest, size } => (digest.clone(), *size),
    };
    let id = new_id(context.clock.now())?;
    let new = NewDeployment {
        id: id.clone(),
        app: app.clone(),
        digest: digest.clone(),
        size,
        author: terms.author,
        author_email: terms.author_email,
        deployer: terms.deployer,
        message: terms.message,
    };
    context.state.deployments().insert(&new).await.map_err(|error| match error {
        hearth_state::StateError::Conflict(_) => in_progress(app),
        other => other.into(),
    })?;
    let (sender, end) = oneshot::channel();
    let work = Work { context: Arc::clone(context), id: id.clone(), app: app.clone(), digest, size };
    tokio::spawn(async move {
        // Nobody may be waiting any more; the deployment's row says the same.
        let _ = sender.send(work.run(source).await);
    });
    Ok(Started { id, end })
}

/// 409, in the words that Kudu's clients look for.
pub(crate) fn in_progress(app: &AppName) -> Failure {
    let message = format!(
        "There is a deployment currently in progress for app '{app}'. Please try again when it completes; '/api/deployments/latest' shows how far it is."
    );
    Failure { retry_after: Some(5), ..Failure::new(StatusCode::CONFLICT, "deployment_in_progress", message) }
}

/// An identity for a deployment that begins now.
pub(crate) fn new_id(now: Timestamp) -> Result<DeploymentId, Failure> {
    let micros = u64::try_from(now.as_micros()).unwrap_or_default();
    let nanos = u32::try_from(micros % 1_000_000).unwrap_or_default() * 1000;
    let time = uuid::Timestamp::from_unix(uuid::NoContext, micros / 1_000_000, nanos);
    DeploymentId::parse(&uuid::Uuid::new_v7(time).hyphenated().to_string()).map_err(Failure::internal)
}

struct Work {
    context: Arc<Context>,
    id: DeploymentId,
    app: AppName,
    digest: Digest,
    size: u64,
}

impl Work {
    async fn run(self, source: Source) -> End {
        // A permit is held until the end, so that the next upload is refused before it is sent.
        let mut held = None;
        let stored = match source {
            Source::Upload { upload, permit } => {
                held = Some(permit);
                self.take_in(upload).await
            }
            Source::Stored { .. } => Ok(()),
        };
        let ready = match stored {
            Ok(()) => self.step(DeploymentStatus::Deploying, "Handed to the scheduler").await,
            refused => refused,
        };
        if let Err(failure) = ready {
            self.context.scheduler.reject(self.id.clone(), failure.message.clone()).await?;
            return Err(failure);
        }
        let outcome = self.context.scheduler.deploy(self.app.clone(), self.id.clone(), self.digest.clone()).await?;
        drop(held);
        match outcome {
            Outcome::Success { functions } => {
                let broken = functions.iter().filter(|function| function.error.is_some()).count();
                tracing::info!(app = %self.app, deployment = %self.id, functions = functions.len(), broken, "deployment succeeded");
                Ok(())
            }
            Outcome::Failed { text } => {
                tracing::info!(app = %self.app, deployment = %self.id, reason = text, "deployment failed");
                Err(Failure::invalid("deployment_failed", sentence(&text)))
            }
        }
    }

    /// Checks the package and stores it. The spooled file goes at the end.
    async fn take_in(&self, upload: Upload) -> Result<(), Failure> {
        self.step(DeploymentStatus::Building, "Checking the package").await?;
        self.log(LogKind::Message, format!("Package of {} bytes, SHA-256 {}.", self.size, self.digest)).await?;
        let reading = |error: std::io::Error| Failure::writing("the upload", &error);
        let limits = self.context.limits.package;
        let file = upload.file.reopen().map_err(reading)?;
        let settings = settings::stored(&self.context, &self.app).await?.values.into_iter().collect();
        let checked = tokio::task::spawn_blocking(move || intake::check(file, &limits, &settings)).await;
        let host_json = match checked.map_err(Failure::internal)? {
            Ok(findings) => {
                let host_json = findings.host_json.clone();
                self.judge(findings).await?;
                host_json
            }
            Err(PackageError::Io(error)) => return Err(reading(error)),
            Err(error) => return Err(Failure::invalid("package_refused", sentence(&error.to_string()))),
        };
        let file = tokio::fs::File::from_std(upload.file.reopen().map_err(reading)?);
        self.context.state.packages().put(&self.digest, self.size, file).await?;
        // What is not in its package's company is collected, so it comes after.
        self.context.state.scheduling().keep_host_json(&self.digest, &host_json).await?;
        Ok(())
    }

    async fn judge(&self, findings: Findings) -> Result<(), Failure> {
        let Findings { files, functions, broken, disabled, code_first, warnings, .. } = findings;
        for warning in &warnings {
            self.log(LogKind::Warning, format!("Warning: {warning}")).await?;
        }
        for (name, reason) in &broken {
            self.log(LogKind::Error, format!("Function '{name}' is in error: {reason}")).await?;
        }
        for name in &disabled {
            self.log(LogKind::Message, format!("Function '{name}' is disabled by an app setting.")).await?;
        }
        if functions.is_empty() && !code_first && !broken.is_empty() {
            let list: Vec<String> = broken.iter().map(|(name, reason)| format!("{name}: {reason}")).collect();
            let message = format!("Every function is in error. {}", list.join("; "));
            return Err(Failure::invalid("no_function_usable", sentence(&message)));
        }
        let found = if code_first {
            "its code tells the functions".to_owned()
        } else {
            format!("functions: {}", if functions.is_empty() { "none".to_owned() } else { functions.join(", ") })
        };
        self.log(LogKind::Message, format!("Package accepted: {files} files; {found}.")).await
    }

    async fn step(&self, status: DeploymentStatus, text: &str) -> Result<(), Failure> {
        let update = DeploymentUpdate {
            status: Some(status),
            status_text: Some(text.to_owned()),
            progress: Some(text.to_owned()),
            ..DeploymentUpdate::default()
        };
        self.context.state.deployments().update(&self.id, update).await?;
        Ok(())
    }

    async fn log(&self, kind: LogKind, message: String) -> Result<(), Failure> {
        Ok(self.context.state.deployments().add_log(&self.id, &message, kind).await?)
    }
}

//! The scheduler: decides which worker holds which deployment, and hears from the workers how far they are.
//!
//! One task owns all of it ([`owner`]); requests reach it as commands through a bounded channel and wait for their answer
//! on a channel of their own. What it decides is in [`plan`], which is pure and tested without a clock or a network.

mod answer;
mod balance;
mod demand;
mod event;
mod journal;
mod members;
mod owner;
mod place;
mod placement;
mod plan;
mod record;
mod rollout;
mod seat;
mod tenure;
#[cfg(test)]
mod tests;
mod view;

use hearth_model::control::{BeatRequest, BeatResponse};
use hearth_model::ids::{AppName, DeploymentId, Digest};
use hearth_state::{NewWorker, StateError, Worker};
use tokio::sync::{mpsc, oneshot};

pub(crate) use event::Outcome;
pub(crate) use members::{Decision, StandError, Told};
pub(crate) use owner::OwnerOptions;
pub(crate) use plan::Rules;
pub(crate) use seat::Seat;
pub(crate) use tenure::Standing;
pub(crate) use view::{AppStatus, PlacementStatus, View};

use event::Event;

/// Commands that may wait for the scheduler before their senders wait in turn.
const QUEUE: usize = 1024;

/// What requests ask of the scheduler.
#[derive(Debug)]
enum Command {
    /// Something changed in state.
    Tell(Event),
    /// A worker joins; answered with its epoch.
    Register { new: Box<NewWorker>, reply: oneshot::Sender<Result<u64, StateError>> },
    /// A worker beats; answered when there is news for it, or when the beat interval is over.
    Beat { request: BeatRequest, credential_hash: [u8; 32], reply: oneshot::Sender<Result<BeatResponse, Refusal>> },
    /// A package is stored: bring it to the workers; answered when the deployment ended.
    Deploy { app: AppName, deployment: DeploymentId, digest: Digest, done: oneshot::Sender<Outcome> },
    /// A package did not pass the intake: the deployment ends; answered when that is written.
    Reject { deployment: DeploymentId, text: String, done: oneshot::Sender<Outcome> },
    /// An operator decides about a worker.
    Stand { decision: Decision, reply: oneshot::Sender<Result<(), StandError>> },
    /// What is known now.
    Look { reply: oneshot::Sender<(View, Vec<Worker>)> },
}

/// Why a beat is not accepted; the worker registers again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No worker of this name is registered.
    Unknown,
    /// The credential is not that of the registration.
    Credential,
    /// A later registration under the same name took over.
    Fenced,
    /// An operator removed the worker; it may stop.
    Removed,
    /// It was silent for longer than its lease; its apps may be elsewhere.
    Expired,
}

/// The scheduler has stopped because the role shuts down.
#[derive(Debug, thiserror::Error)]
#[error("management is shutting down")]
pub(crate) struct Stopped;

/// The way to the scheduler; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Scheduler {
    commands: mpsc::Sender<Command>,
}

impl Scheduler {
    /// Registers a worker and answers its epoch.
    pub(crate) async fn register(&self, new: NewWorker) -> Result<Result<u64, StateError>, Stopped> {
        self.ask(|reply| Command::Register { new: Box::new(new), reply }).await
    }

    /// Hands a beat over and waits for its answer. Dropping the wait loses nothing but the answer.
    pub(crate) async fn beat(
        &self,
        request: BeatRequest,
        credential_hash: [u8; 32],
    ) -> Result<Result<BeatResponse, Refusal>, Stopped> {
        self.ask(|reply| Command::Beat { request, credential_hash, reply }).await
    }

    /// Takes an operator's decision about a worker; answered when it is written and in effect.
    pub(crate) async fn stand(&self, decision: Decision) -> Result<Result<(), StandError>, Stopped> {
        self.ask(|reply| Command::Stand { decision, reply }).await
    }

    /// Brings a stored package to the workers and waits until the deployment ended.
    pub(crate) async fn deploy(
        &self,
        app: AppName,
        deployment: DeploymentId,
        digest: Digest,
    ) -> Result<Outcome, Stopped> {
        self.ask(|done| Command::Deploy { app, deployment, digest, done }).await
    }

    /// Ends a deployment that did not pass the intake, and waits until that is written.
    pub(crate) async fn reject(&self, deployment: DeploymentId, text: String) -> Result<Outcome, Stopped> {
        self.ask(|done| Command::Reject { deployment, text, done }).await
    }

    /// What is known now, with the workers' registrations.
    pub(crate) async fn look(&self) -> Result<(View, Vec<Worker>), Stopped> {
        self.ask(|reply| Command::Look { reply }).await
    }

    /// An app was made, or its host names were changed.
    pub(crate) async fn app_changed(&self, app: &hearth_state::App) -> Result<(), Stopped> {
        // Which deployment is active changes through the scheduler only, so it is not told again.
        let event = Event::AppKnown {
            app: app.name.clone(),
            host_names: app.host_names.clone(),
            generation: app.generation,
            active: None,
        };
        self.commands.send(Command::Tell(event)).await.map_err(|_| Stopped)
    }

    /// An app's settings, keys or mode were changed: rings every worker.
    pub(crate) async fn configured(&self, revision: u64) -> Result<(), Stopped> {
        self.commands.send(Command::Tell(Event::Configured { revision })).await.map_err(|_| Stopped)
    }

    /// An app was deleted.
    pub(crate) async fn app_deleted(&self, app: AppName) -> Result<(), Stopped> {
        self.commands.send(Command::Tell(Event::AppDeleted { app })).await.map_err(|_| Stopped)
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T, Stopped> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(command(reply)).await.map_err(|_| Stopped)?;
        answer.await.map_err(|_| Stopped)
    }
}

//! The seat of the scheduler: takes the lease when it is free, rebuilds the plan from host state, decides until the lease is lost,
//! and stands by again.
//!
//! A takeover disturbs nothing that runs: assignments are read from host state, workers are given one lease's time to report, and
//! wire generations step over what they report. Deployments that the one before left unfinished are ended.

use std::time::Duration;

use hearth_state::{Database, StateError};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::owner::{Owner, OwnerOptions};
use super::tenure::{Claim, Hold, Standing};
use super::{Command, QUEUE, Scheduler};
use crate::startup::settle_interrupted;

/// Longest pause between two looks of one that stands by; what an orderly handover takes.
const LONGEST_LOOK: Duration = Duration::from_millis(500);

/// Where the scheduler sits, or will.
pub(crate) struct Seat {
    claim: Claim,
    options: OwnerOptions,
    commands: mpsc::Receiver<Command>,
    standing: watch::Sender<Standing>,
    /// The owner of a lease that is held already.
    first: Option<(Owner, watch::Receiver<Hold>, watch::Sender<Hold>)>,
}

/// How a term ended.
pub(super) enum End {
    /// The role shuts down.
    Stopped,
    /// Another management process decides now.
    Lost,
}

impl Seat {
    /// Prepares the seat, and takes the lease at once where it is free: then the plan is there before the first request.
    pub(crate) async fn open(
        state: Database,
        holder: String,
        ttl: Duration,
        options: OwnerOptions,
    ) -> Result<(Self, Scheduler, watch::Receiver<Standing>), StateError> {
        let (sender, commands) = mpsc::channel(QUEUE);
        let (standing, seen) = watch::channel(Standing::Standby);
        let claim = Claim { state, holder, ttl };
        let mut seat = Self { claim, options, commands, standing, first: None };
        seat.first = seat.sit().await?;
        match seat.first {
            Some(_) => {
                seat.standing.send_replace(Standing::Active);
            }
            None => {
                tracing::info!("another management process decides; this one stands by and passes requests on to it")
            }
        }
        Ok((seat, Scheduler { commands: sender }, seen))
    }

    /// Takes the lease and rebuilds the plan; none when another holds it.
    async fn sit(&self) -> Result<Option<(Owner, watch::Receiver<Hold>, watch::Sender<Hold>)>, StateError> {
        let Some(lease) = self.claim.take().await? else { return Ok(None) };
        let (sender, hold) = watch::channel(Hold { lease: lease.clone(), standing: Standing::Active });
        let loaded = async {
            settle_interrupted(&self.claim.state).await?;
            self.claim.state.scheduling().collect().await?;
            Owner::load(self.claim.state.clone(), self.options.clone(), hold.clone()).await
        };
        match loaded.await {
            Ok(owner) => Ok(Some((owner, hold, sender))),
            Err(error) => {
                self.claim.give_back(&lease).await;
                Err(error)
            }
        }
    }

    /// Decides and stands by in turn until `stop`; then the lease is given back.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let look = (self.claim.ttl / 12).clamp(Duration::from_millis(20), LONGEST_LOOK);
        loop {
            if let Some((owner, hold, sender)) = self.first.take() {
                let last = hold.clone();
                let keeper = tokio::spawn(self.claim.clone().keep(sender));
                let shown = tokio::spawn(show(hold, self.standing.clone()));
                let end = owner.run(&mut self.commands, &stop).await;
                keeper.abort();
                shown.abort();
                self.standing.send_replace(Standing::Standby);
                let lease = last.borrow().lease.clone();
                match end {
                    End::Stopped => {
                        self.claim.give_back(&lease).await;
                        return;
                    }
                    End::Lost => tracing::warn!("another management process decides now; this one stands by"),
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                // What was meant for the one that decides came too late: whoever asked hears that nobody answers.
                Some(late) = self.commands.recv() => drop(late),
                () = tokio::time::sleep(look) => {}
            }
            match self.sit().await {
                Ok(None) => {}
                Ok(seated) => {
                    tracing::info!("this management process decides now");
                    self.first = seated;
                    self.standing.send_replace(Standing::Active);
                }
                Err(error) => tracing::debug!(%error, "the scheduler's lease can't be asked for now"),
            }
        }
    }
}

/// Tells the handlers of requests how the lease is held.
async fn show(mut hold: watch::Receiver<Hold>, standing: watch::Sender<Standing>) {
    while hold.changed().await.is_ok() {
        let now = hold.borrow().standing;
        if standing.send_if_modified(|shown| std::mem::replace(shown, now) != now) && now == Standing::Suspended {
            tracing::warn!(
                "the scheduler's lease could not be renewed in time; nothing is decided until host state answers"
            );
        }
    }
}

//! What operators decide about workers, and what workers tell of themselves in passing.

use hearth_model::clock::Timestamp;
use hearth_model::control::{BeatRequest, Standing, WorkerLoad};
use hearth_model::ids::WorkerId;
use hearth_state::{Member, StateError};

use super::Refusal;
use super::event::Event;
use super::owner::Owner;

/// What a worker told in its last beat besides its apps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// Why it takes nothing new.
    pub(crate) reason: Option<String>,
    /// Load of its process, where it tells.
    pub(crate) load: Option<WorkerLoad>,
}

/// Why a decision about a worker is not taken.
#[derive(Debug)]
pub(crate) enum StandError {
    /// There is no such worker, or it was removed.
    Unknown,
    /// It is not to be removed while it is this (`live`, `cordoned` or `draining`).
    InUse(&'static str),
    /// Host state could not be written.
    State(StateError),
}

impl From<StateError> for StandError {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

/// An operator's decision.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub(crate) worker: WorkerId,
    pub(crate) standing: Standing,
    /// The operator's words; may be empty.
    pub(crate) reason: String,
    /// Removes it whatever it is doing.
    pub(crate) force: bool,
}

impl Owner {
    /// Reads what operators decided before, as events.
    pub(super) async fn members(&mut self) -> Result<Vec<Event>, StateError> {
        let mut events = Vec::new();
        for member in self.state.members().list().await? {
            let worker = member.name.clone();
            if member.standing == Standing::Removed {
                self.seats.remove(&worker);
                events.push(Event::WorkerRemoved { worker: worker.clone() });
            } else if self.seats.contains_key(&worker) {
                events.push(Event::WorkerStanding { worker: worker.clone(), standing: member.standing });
            }
            self.members.insert(worker, member);
        }
        Ok(events)
    }

    /// Writes a decision down and lets it take effect.
    pub(super) async fn stand(&mut self, decision: Decision) -> Result<(), StandError> {
        let Decision { worker, standing, reason, force } = decision;
        if !self.seats.contains_key(&worker) {
            return Err(StandError::Unknown);
        }
        if standing == Standing::Removed && !force {
            let state = self.plan.view().workers.get(&worker).map_or("missing", |status| status.state);
            let busy = self.told.get(&worker).and_then(|told| told.load).is_some_and(|load| load.running > 0);
            match state {
                "missing" => {}
                "drained" if !busy => {}
                "drained" => return Err(StandError::InUse("draining")),
                state => return Err(StandError::InUse(state)),
            }
        }
        if !self.state.members().set_standing(&worker, standing, &reason).await? {
            return Err(StandError::Unknown);
        }
        tracing::info!(%worker, ?standing, reason, "an operator decided about a worker");
        let member = self.state.members().get(&worker).await?;
        if let Some(member) = member {
            self.members.insert(worker.clone(), member);
        }
        if standing == Standing::Removed {
            self.seats.remove(&worker);
            self.told.remove(&worker);
            self.beaten.remove(&worker);
            if let Some(parked) = self.parked.remove(&worker) {
                let _ = parked.reply.send(Err(Refusal::Removed));
            }
            self.decide(Event::WorkerRemoved { worker });
        } else {
            self.decide(Event::WorkerStanding { worker, standing });
        }
        Ok(())
    }

    /// Whether an operator took this worker out.
    pub(super) fn removed(&self, worker: &WorkerId) -> bool {
        self.members.get(worker).is_some_and(|member| member.standing == Standing::Removed)
    }

    /// A worker registered: it may have moved, and it may be back after a removal.
    pub(super) fn seated(&mut self, worker: &WorkerId, node: String, available: String, now: Timestamp) {
        let member = self.members.entry(worker.clone()).or_insert_with(|| Member {
            name: worker.clone(),
            node: String::new(),
            available: String::new(),
            standing: Standing::InService,
            reason: String::new(),
            changed: now,
            joined: false,
            rotated: Timestamp::default(),
        });
        (member.node, member.available) = (node, available);
        if member.standing == Standing::Removed {
            (member.standing, member.reason) = (Standing::InService, String::new());
        }
        let standing = member.standing;
        self.told.remove(worker);
        self.decide(Event::WorkerStanding { worker: worker.clone(), standing });
    }

    /// Keeps what a beat tells besides the apps.
    pub(super) fn hear(&mut self, beat: &BeatRequest) {
        let told = Told { reason: beat.draining_reason.clone(), load: beat.load };
        self.told.insert(beat.worker.clone(), told);
    }
}

//! The task that owns the scheduler's state: takes commands, keeps time, carries out what the plan decides.
//!
//! Writes to state go through one queue in order. A write that fails for a passing reason (database busy, disk full)
//! stays at its head and is tried again at each tick; beats are answered meanwhile.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use hearth_model::clock::{Clock, Timestamp};
use hearth_model::control::{BeatRequest, BeatResponse};
use hearth_model::ids::{AppName, DeploymentId, WorkerId};
use hearth_state::{Database, Decision, Keyring, Member, NewWorker, StateError, UnderLease, Worker};
use subtle::ConstantTimeEq;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::event::{Action, Event, Loads, Outcome, Traits};
use super::placement::Placements;
use super::plan::{Plan, Rules};
use super::record::Carried;
use super::seat::End;
use super::tenure::{Hold, Standing};
use super::view::View;
use super::{Command, Refusal, Told, record};

/// What the owner is set to.
#[derive(Clone)]
pub(crate) struct OwnerOptions {
    pub(crate) rules: Rules,
    pub(crate) lease: Duration,
    pub(crate) beat_interval: Duration,
    pub(crate) clock: Arc<dyn Clock>,
    /// Opens settings, which may say where an app runs.
    pub(crate) keyring: Keyring,
}

/// The owner of the plan.
pub(crate) struct Owner {
    pub(super) state: Database,
    placements: Placements,
    /// Revision of the settings up to which placements are known.
    placed: u64,
    pub(super) plan: Plan,
    options: OwnerOptions,
    /// The lease under which it decides.
    hold: watch::Receiver<Hold>,
    /// A write was refused because the lease is another's.
    stale: bool,
    /// Registrations, as in state.
    pub(super) seats: BTreeMap<WorkerId, Worker>,
    /// What outlives registrations, those who were removed included.
    pub(super) members: BTreeMap<WorkerId, Member>,
    /// What workers told in their last beats.
    pub(super) told: BTreeMap<WorkerId, Told>,
    /// Beats whose answer is held back; at most one per worker.
    pub(super) parked: HashMap<WorkerId, Parked>,
    /// Workers whose registration is to be extended at the next tick.
    pub(super) beaten: BTreeSet<WorkerId>,
    /// Decided and not yet carried out.
    pending: VecDeque<Action>,
    waiting: HashMap<DeploymentId, oneshot::Sender<Outcome>>,
    /// Decisions that are not written down yet; they may be lost.
    decisions: (Vec<Decision>, BTreeMap<AppName, Timestamp>),
    started: Timestamp,
}

/// Writing down the last decisions may hold up a stop for this long.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Decisions that wait to be written down; of more the oldest are left out.
const MOST_DECISIONS: usize = 1000;

pub(super) struct Parked {
    seen: u64,
    due: Instant,
    pub(super) reply: oneshot::Sender<Result<BeatResponse, Refusal>>,
}

impl Owner {
    /// Rebuilds the plan from state.
    pub(super) async fn load(
        state: Database,
        options: OwnerOptions,
        hold: watch::Receiver<Hold>,
    ) -> Result<Self, StateError> {
        let started = options.clock.now();
        let mut owner = Self {
            plan: Plan::new(options.rules.clone()),
            placements: Placements { state: state.clone(), keyring: options.keyring.clone() },
            placed: 0,
            state,
            options,
            hold,
            stale: false,
            seats: BTreeMap::new(),
            members: BTreeMap::new(),
            told: BTreeMap::new(),
            parked: HashMap::new(),
            beaten: BTreeSet::new(),
            pending: VecDeque::new(),
            waiting: HashMap::new(),
            decisions: Default::default(),
            started,
        };
        for event in owner.remembered().await? {
            // Nothing can be in progress before the first decision, so there is nothing to do.
            owner.plan.absorb(event, started, &mut Vec::new());
        }
        owner.decide(Event::Tick);
        owner.flush().await;
        Ok(owner)
    }

    /// What state knows, as events.
    async fn remembered(&mut self) -> Result<Vec<Event>, StateError> {
        let mut events = Vec::new();
        self.placed = self.state.configuration().revision().await?;
        for app in self.state.apps().list().await? {
            let active = self.placements.active(&app.name, app.active.as_ref()).await?;
            let (app, host_names, generation) = (app.name, app.host_names, app.generation);
            events.push(Event::AppKnown { app, host_names, generation, active });
        }
        for (app, worker, _, generation) in self.state.assignments().list().await? {
            events.push(Event::WasAssigned { app, worker, generation });
        }
        events.extend(self.state.scheduling().decisions().await?.into_iter().map(Event::WasDecided));
        events.push(Event::Configured { revision: self.placed });
        let members = self.state.members().list().await?;
        let mut nodes: BTreeMap<_, _> = members.into_iter().map(|member| (member.name, member.node)).collect();
        let mut workers = Vec::new();
        for worker in self.state.workers().list().await? {
            let node = nodes.remove(&worker.name).unwrap_or_default();
            let traits = traits(worker.capacity, &worker.labels_json, node);
            events.push(Event::WorkerKnown { worker: worker.name.clone(), traits });
            if worker.missing {
                workers.push(worker.name.clone());
            }
            self.seats.insert(worker.name.clone(), worker);
        }
        events.push(Event::WorkersMissing { workers });
        events.extend(self.members().await?);
        Ok(events)
    }

    /// Runs until `stop`, or until the lease is lost. Waiting requests then see that their answer will not come.
    pub(super) async fn run(mut self, commands: &mut mpsc::Receiver<Command>, stop: &CancellationToken) -> End {
        let mut ticks =
            tokio::time::interval((self.options.lease / 10).clamp(Duration::from_millis(20), Duration::from_secs(1)));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let due = self.parked.values().map(|parked| parked.due).min();
            let alarm = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => {
                    // Bounded: nobody waits for what may be lost.
                    let _written = tokio::time::timeout(LAST_WORDS, self.write_decisions()).await;
                    return End::Stopped;
                }
                command = commands.recv() => match command {
                    Some(command) => self.command(command).await,
                    None => return End::Stopped,
                },
                _ = ticks.tick() => self.tick().await,
                () = alarm => {}
                changed = self.hold.changed() => {
                    let standing = self.hold.borrow_and_update().standing;
                    match standing {
                        _ if changed.is_err() => return End::Lost,
                        Standing::Standby => return End::Lost,
                        Standing::Suspended => {}
                        // Nobody could beat meanwhile: as after a start, everybody has one lease's time to come back.
                        Standing::Active => self.started = self.options.clock.now(),
                    }
                }
            }
            if self.stale {
                return End::Lost;
            }
            self.ring();
        }
    }

    pub(super) fn decide(&mut self, event: Event) {
        let now = self.options.clock.now();
        self.pending.extend(self.plan.decide(event, now));
    }

    async fn command(&mut self, command: Command) {
        match command {
            Command::Tell(event) => {
                let deleted = match &event {
                    Event::AppDeleted { app } => Some(app.clone()),
                    _ => None,
                };
                self.decide(event);
                self.place_anew().await;
                if let Some(app) = deleted {
                    self.forget(&app).await;
                }
            }
            Command::Register { new, reply } => {
                // The answer may find nobody: the worker then registers again and this epoch is fenced.
                let _ = reply.send(self.register(*new).await);
            }
            Command::Beat { request, credential_hash, reply } => self.beat(request, credential_hash, reply),
            Command::Deploy { app, deployment, digest, done } => {
                if self.plan.knows(&app) {
                    self.waiting.insert(deployment.clone(), done);
                    let held = self.placements.held(&app, deployment.clone(), digest).await;
                    self.decide(match held {
                        Ok(held) => Event::Deploy { app, held },
                        Err(error) => {
                            let text = format!("Where the app is to run can't be read from host state now: {error}");
                            Event::Rejected { deployment, text }
                        }
                    });
                } else {
                    let _ = done.send(Outcome::Failed { text: format!("App '{app}' was deleted.") });
                }
            }
            Command::Reject { deployment, text, done } => {
                self.waiting.insert(deployment.clone(), done);
                self.decide(Event::Rejected { deployment, text });
            }
            Command::Stand { decision, reply } => {
                // What was decided is in host state, whether or not somebody waits to hear it.
                let _ = reply.send(self.stand(decision).await);
            }
            Command::Look { reply } => {
                let view = View { members: self.members.clone(), told: self.told.clone(), ..self.plan.view() };
                let _ = reply.send((view, self.seats.values().cloned().collect()));
            }
        }
        self.flush().await;
    }

    async fn register(&mut self, new: NewWorker) -> Result<u64, StateError> {
        let epoch = self.state.workers().register(&new).await?;
        if let Some(before) = self.parked.remove(&new.name) {
            let _ = before.reply.send(Err(Refusal::Fenced));
        }
        let now = self.options.clock.now();
        let traits = traits(new.capacity, &new.labels_json, new.node.clone());
        self.decide(Event::WorkerKnown { worker: new.name.clone(), traits });
        self.seated(&new.name, new.node, new.available, now);
        let seat = Worker {
            name: new.name.clone(),
            epoch,
            version: new.version,
            control_url: new.control_url,
            http_url: new.http_url,
            capacity: new.capacity,
            labels_json: new.labels_json,
            pid: new.pid,
            credential_hash: new.credential_hash,
            registered: now,
            last_beat: now,
            expires: now.plus(self.options.lease),
            missing: false,
        };
        tracing::info!(worker = %new.name, epoch, "worker registered");
        self.seats.insert(new.name, seat);
        Ok(epoch)
    }

    fn beat(
        &mut self,
        request: BeatRequest,
        credential_hash: [u8; 32],
        reply: oneshot::Sender<Result<BeatResponse, Refusal>>,
    ) {
        if let Err(refusal) = self.admit(&request, &credential_hash) {
            let _ = reply.send(Err(refusal));
            return;
        }
        self.hear(&request);
        let BeatRequest { worker, revision, draining, apps, load, loads, .. } = request;
        let load = Loads { worker: load.unwrap_or_default(), apps: loads };
        self.decide(Event::Beat { worker: worker.clone(), draining, reports: apps, load });
        self.beaten.insert(worker.clone());
        let due = Instant::now() + self.options.beat_interval;
        let parked = Parked { seen: revision, due, reply };
        if let Some(before) = self.parked.insert(worker.clone(), parked) {
            self.answer(&worker, before.reply);
        }
    }

    fn admit(&mut self, request: &BeatRequest, credential_hash: &[u8; 32]) -> Result<(), Refusal> {
        let now = self.options.clock.now();
        if self.removed(&request.worker) {
            return Err(Refusal::Removed);
        }
        let seat = self.seats.get_mut(&request.worker).ok_or(Refusal::Unknown)?;
        // An older registration's credential is no longer kept, so the epoch is all there is to tell it by.
        if request.epoch < seat.epoch {
            return Err(Refusal::Fenced);
        }
        if request.epoch != seat.epoch || !bool::from(seat.credential_hash.ct_eq(credential_hash)) {
            return Err(Refusal::Credential);
        }
        if seat.missing {
            return Err(Refusal::Expired);
        }
        seat.last_beat = now;
        Ok(())
    }

    fn answer(&self, worker: &WorkerId, reply: oneshot::Sender<Result<BeatResponse, Refusal>>) {
        // A worker that has gone away finds the same answer at its next beat.
        let _ = reply.send(self.plan.answer(worker).ok_or(Refusal::Unknown));
    }

    /// Answers the beats that are due, or for which there is news.
    fn ring(&mut self) {
        let now = Instant::now();
        let due = |(worker, parked): &(&WorkerId, &Parked)| {
            parked.due <= now || self.plan.revision(worker) != Some(parked.seen) || parked.reply.is_closed()
        };
        let ready: Vec<WorkerId> = self.parked.iter().filter(due).map(|(worker, _)| worker.clone()).collect();
        for worker in ready {
            if let Some(parked) = self.parked.remove(&worker) {
                self.answer(&worker, parked.reply);
            }
        }
    }

    async fn tick(&mut self) {
        if let Err(error) = self.keep_leases().await {
            tracing::warn!(%error, "workers' leases could not be brought up to date; trying again");
        }
        self.place_anew().await;
        self.decide(Event::Tick);
        self.flush().await;
        self.write_decisions().await;
    }

    /// Takes in where apps are to run since their settings changed.
    async fn place_anew(&mut self) {
        if self.plan.configuration() <= self.placed {
            return;
        }
        let changes = self.placements.changes(self.placed, |app| self.plan.deployments(app)).await;
        match changes {
            Ok((events, seen)) => {
                self.placed = seen.max(self.plan.configuration());
                for event in events {
                    self.decide(event);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "changed settings can't be looked through for placements; trying again")
            }
        }
    }

    /// Writes down what was decided and why. It is for people: what can't be written now is, within bounds, written later.
    async fn write_decisions(&mut self) {
        let (fresh, oldest) = self.plan.take_decisions();
        let (decisions, prune) = &mut self.decisions;
        decisions.extend(fresh);
        prune.extend(oldest);
        decisions.drain(..decisions.len().saturating_sub(MOST_DECISIONS));
        if decisions.is_empty() {
            return;
        }
        let lease = self.hold.borrow().lease.clone();
        let prune: Vec<_> = prune.iter().map(|(app, at)| (app.clone(), *at)).collect();
        match self.state.scheduling().record(&lease, decisions, &prune).await {
            Ok(UnderLease::Done(())) => {}
            Ok(UnderLease::Stale) => self.stale = self.hold.borrow().lease == lease,
            Err(error) if error.is_transient() => return,
            Err(error) => tracing::warn!(%error, "the scheduler's decisions could not be written down"),
        }
        self.decisions = Default::default();
    }

    /// The decisions about an app that was deleted are of no use.
    async fn forget(&mut self, app: &AppName) {
        self.decisions.0.retain(|decision| decision.app != *app);
        self.decisions.1.remove(app);
        if let Err(error) = self.state.scheduling().forget(app).await {
            tracing::warn!(%error, %app, "the decisions about a deleted app are still in host state");
        }
    }

    /// Extends the leases of those who beat, and finds out whose ended.
    async fn keep_leases(&mut self) -> Result<(), StateError> {
        let beats: Vec<(WorkerId, u64)> = self
            .beaten
            .iter()
            .filter_map(|worker| self.seats.get(worker).map(|seat| (worker.clone(), seat.epoch)))
            .collect();
        let extended = self.state.workers().beat(&beats, self.options.lease).await?;
        self.beaten.clear();
        let mut gone: Vec<WorkerId> =
            beats.into_iter().zip(extended).filter(|(_, extended)| !extended).map(|((worker, _), _)| worker).collect();
        let now = self.options.clock.now();
        // After a start everybody has one lease's time to come back: nobody could beat while this role was down. State is
        // asked only when somebody is overdue by what was seen here.
        let lease = self.options.lease;
        let overdue = self.seats.values().any(|seat| !seat.missing && now.since(seat.last_beat) >= lease);
        if overdue && now.since(self.started) > lease {
            gone.extend(self.state.workers().mark_missing(now).await?);
        }
        if gone.is_empty() {
            return Ok(());
        }
        for worker in &gone {
            tracing::warn!(%worker, "worker is missing; its apps go elsewhere");
            if let Some(seat) = self.seats.get_mut(worker) {
                seat.missing = true;
            }
            if let Some(parked) = self.parked.remove(worker) {
                let _ = parked.reply.send(Err(Refusal::Expired));
            }
        }
        self.decide(Event::WorkersMissing { workers: gone });
        Ok(())
    }

    /// Carries out what is pending, until nothing is left or state can't be written now.
    async fn flush(&mut self) {
        while let Some(action) = self.pending.front() {
            let lease = self.hold.borrow().lease.clone();
            match record::carry_out(&self.placements, &lease, action).await {
                Ok(Carried::Stale) => {
                    // The same holder may have taken the lease anew while this was written.
                    self.stale = self.hold.borrow().lease == lease;
                    break;
                }
                Ok(Carried::Done(result)) => {
                    let action = self.pending.pop_front();
                    if let Some(Action::Finish { deployment, outcome }) = action
                        && let Some(done) = self.waiting.remove(&deployment)
                    {
                        let _ = done.send(outcome);
                    }
                    if let Some(event) = result {
                        self.decide(event);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, ?action, "state could not be written; trying again");
                    break;
                }
            }
        }
    }
}

/// What a registration says of a worker.
fn traits(capacity: u32, labels_json: &str, node: String) -> Traits {
    // Written by this role; what is not there can't be asked for.
    let labels = serde_json::from_str(labels_json).unwrap_or_default();
    Traits { capacity, labels, node }
}

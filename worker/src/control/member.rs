//! Membership: register with the worker's own credential or the shared join token, then beat. A worker that can't reach management goes on serving and tries again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hearth_model::control::{BEAT_PATH, BeatRequest, BeatResponse, REGISTER_PATH, RegisterRequest, RegisterResponse};
use hearth_model::ids::WorkerId;
use tokio_util::sync::CancellationToken;

use crate::app::Apps;
use crate::control::client::{CallError, ManagementClient};
use crate::control::listener::ControlKey;
use crate::control::membership::Membership;
use crate::control::rest::Rest;
use crate::options::WorkerError;

/// At the start a worker waits this long for management before it serves without.
const JOIN_WAIT: Duration = Duration::from_secs(5);
/// A registration must be answered within this time; a management process that hangs must not hang its workers.
const REGISTER_LIMIT: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Two workers under one name fence each other; this keeps them from doing it without a pause.
const FENCED_PAUSE: Duration = Duration::from_secs(1);
/// A management that takes over is found within this time: its workers' apps count as there only then.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// A beat's answer may take this much longer than management said it would hold it.
const BEAT_GRACE: Duration = Duration::from_secs(10);

/// Who this worker is.
pub(crate) struct Member {
    pub(crate) management_url: String,
    /// Where it is looked up who decides, when that one can't be reached.
    pub(crate) state: hearth_state::Database,
    pub(crate) join_token: String,
    pub(crate) name: String,
    pub(crate) control_url: String,
    pub(crate) http_url: String,
    pub(crate) capacity: u32,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) control_key: Arc<ControlKey>,
    /// The machine.
    pub(crate) node: String,
    /// Where the worker joined with a one-time token; else the shared token counts.
    pub(crate) membership: Option<Membership>,
    pub(crate) rest: Rest,
}

/// Registers. A refused token is final; when management can't be reached, `None`, and [`beat`] goes on trying.
pub(crate) async fn join(member: &Member, stop: &CancellationToken) -> Result<Option<RegisterResponse>, WorkerError> {
    let client = ManagementClient::new(&member.management_url, Some(member.state.clone()))?;
    let mut pause = FIRST_PAUSE;
    let deadline = tokio::time::Instant::now() + JOIN_WAIT;
    loop {
        let registered = tokio::select! {
            registered = register(member, &client) => registered,
            () = stop.cancelled() => return Ok(None),
        };
        match registered {
            Ok(session) => return Ok(Some(session)),
            Err(CallError::Refused(401 | 403, text)) => {
                let what =
                    if member.membership.is_some() { "this worker" } else { "the join token (setting: join-token)" };
                return Err(WorkerError::Refused(format!(
                    "management at {} refused {what}. {text}",
                    member.management_url
                )));
            }
            Err(error) if tokio::time::Instant::now() + pause > deadline => {
                tracing::warn!(category = "Host.General", "not registered yet, serving what host state holds: {error}");
                return Ok(None);
            }
            Err(_) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(None),
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
}

async fn register(member: &Member, client: &ManagementClient) -> Result<RegisterResponse, CallError> {
    let registered = register_once(member, client).await;
    let Some(membership) = &member.membership else { return registered };
    match registered {
        // Host state that was restored may know the credential before only.
        Err(CallError::Refused(401, _)) if membership.fall_back().unwrap_or(false) => {
            register_once(member, client).await
        }
        registered => registered,
    }
}

async fn register_once(member: &Member, client: &ManagementClient) -> Result<RegisterResponse, CallError> {
    let request = RegisterRequest {
        token: member.join_token.clone(),
        name: member.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        control_url: member.control_url.clone(),
        http_url: member.http_url.clone(),
        capacity: member.capacity,
        labels: member.labels.clone(),
        pid: std::process::id(),
        node: member.node.clone(),
        credential: member.membership.as_ref().map(Membership::credential),
        available: member.rest.available(),
    };
    let session: RegisterResponse = tokio::time::timeout(REGISTER_LIMIT, client.post(REGISTER_PATH, None, &request))
        .await
        .unwrap_or_else(|_| Err(CallError::Unreachable("management did not answer a registration in time".into())))?;
    member.control_key.set(&session.control_key);
    tracing::info!(category = "Host.General", "registered as {} (epoch {})", session.worker, session.epoch);
    Ok(session)
}

/// Beats until `stop`; the last beat says that the worker drains. An error is final: the worker was removed.
pub(crate) async fn beat(
    member: Member,
    mut session: Option<RegisterResponse>,
    apps: Arc<Apps>,
    stop: CancellationToken,
) -> Result<(), WorkerError> {
    let client = ManagementClient::new(&member.management_url, Some(member.state.clone()))?;
    let mut revision = 0;
    let mut pause = FIRST_PAUSE;
    // A worker that starts while management is away knows of none of its apps.
    let mut untold = session.is_none();
    if session.is_none() {
        apps.guess_default().await;
    }
    while !stop.is_cancelled() {
        apps.set_resting(member.rest.resting());
        untold &= session.is_none();
        if untold && let Some(told) = stop.run_until_cancelled(take_on(&member.name, &apps)).await {
            untold = !told;
        }
        let result = match &session {
            None => tokio::select! {
                new = register(&member, &client) => new.map(|new| {
                    (session, revision) = (Some(new), 0);
                    None
                }),
                () = stop.cancelled() => Ok(None),
            },
            Some(current) => tokio::select! {
                answer = one_beat(&client, &member, current, revision, &apps, apps.is_draining()) => answer.map(Some),
                () = news(&apps) => Ok(None),
                () = stop.cancelled() => Ok(None),
            },
        };
        match result {
            Ok(answer) => {
                pause = FIRST_PAUSE;
                if let Some(answer) = answer {
                    revision = answer.revision;
                    member.rest.set_drained(answer.drain);
                    if let (Some(credential), Some(membership)) = (answer.credential.clone(), &member.membership) {
                        keep(membership, credential);
                    }
                    apps.ring(answer.configuration);
                    apps.apply(answer);
                }
                continue;
            }
            Err(CallError::Refused(403, text)) => {
                return Err(WorkerError::Refused(format!("management removed this worker. {text}")));
            }
            Err(CallError::Refused(status @ (401 | 409), text)) if session.is_some() => {
                tracing::warn!(category = "Host.General", "management wants a new registration: {text}");
                session = None;
                if status == 409 {
                    pause = FENCED_PAUSE;
                }
            }
            Err(error) => {
                if pause == FIRST_PAUSE {
                    tracing::warn!(category = "Host.General", "management is away, serving goes on: {error}");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
    if let Some(current) = &session {
        // Management may be stopping too; it notices a missing worker by itself.
        let _ = tokio::time::timeout(Duration::from_secs(1), one_beat(&client, &member, current, 0, &apps, true)).await;
    }
    Ok(())
}

/// Whether it is known by now what this worker is to run.
async fn take_on(name: &str, apps: &Arc<Apps>) -> bool {
    match WorkerId::parse(name) {
        Ok(worker) => apps.take_on_assigned(&worker).await,
        Err(_) => true,
    }
}

/// Puts a new lasting credential on disk. The one before opens until management hears of that.
fn keep(membership: &Membership, credential: String) {
    match membership.renew(credential) {
        Ok(()) => tracing::info!(category = "Host.General", "this worker's credential was renewed"),
        Err(error) => {
            tracing::warn!(
                category = "Host.General",
                "the renewed credential can't be kept, the one before stays: {error}"
            );
        }
    }
}

/// Resolves some time after there is something new to report.
async fn news(apps: &Apps) {
    apps.changed().await;
    tokio::time::sleep(apps.news_pause()).await;
}

async fn one_beat(
    client: &ManagementClient,
    member: &Member,
    session: &RegisterResponse,
    revision: u64,
    apps: &Apps,
    stopping: bool,
) -> Result<BeatResponse, CallError> {
    let reason = if stopping { Some("its process stops".to_owned()) } else { member.rest.reason() };
    let (load, loads) = apps.loads();
    let request = BeatRequest {
        worker: session.worker.clone(),
        epoch: session.epoch,
        revision,
        draining: reason.is_some(),
        apps: apps.reports(),
        draining_reason: reason,
        stopping,
        load: Some(load),
        loads,
        credential_held: member.membership.as_ref().map(Membership::credential_hash),
        counters: apps.counters(),
    };
    let limit = Duration::from_millis(session.beat_interval_ms) + BEAT_GRACE;
    let answer = tokio::time::timeout(limit, client.post(BEAT_PATH, Some(&session.credential), &request)).await;
    match answer {
        Ok(answer) => answer,
        Err(_) => {
            client.elsewhere().await;
            Err(CallError::Unreachable("management did not answer a beat in time".into()))
        }
    }
}

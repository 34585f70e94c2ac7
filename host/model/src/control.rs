//! Messages between the management role and its workers, JSON over HTTP on the management endpoint.
//!
//! A worker registers once with the join token, then beats. A beat reports what the worker serves and is answered with
//! what it should serve; the answer is held back until something changes (at most [`RegisterResponse::beat_interval_ms`]), so a
//! change reaches every worker at once without polling. Nothing here is the truth: host state is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{AppName, DeploymentId, Digest, WorkerId};

/// Path of the registration endpoint on management.
pub const REGISTER_PATH: &str = "/internal/v1/workers/register";
/// Path of the beat endpoint on management. Authenticated by `authorization: Bearer <credential>`.
pub const BEAT_PATH: &str = "/internal/v1/workers/beat";

/// Path on a worker's private listener where management has it run a function by hand; `app` and `function` stand in the query.
pub const INVOKE_PATH: &str = "/internal/v1/invoke";

/// Name of the lease whose holder, one management process of all that share host state, decides where apps run.
pub const SCHEDULER_LEASE: &str = "scheduler";

/// The holder of [`SCHEDULER_LEASE`] as it stands in host state: an identity without spaces, then the base URL under which the
/// other processes of the installation reach it.
pub fn scheduler_holder(identity: &str, url: &str) -> String {
    format!("{identity} {url}")
}

/// The base URL in a holder's text.
pub fn scheduler_url(holder: &str) -> Option<&str> {
    holder.split_once(' ').map(|(_, url)| url).filter(|url| !url.is_empty())
}

/// Path on management where a one-time token is used up.
pub const JOIN_PATH: &str = "/internal/v1/workers/join";

/// A machine that has nothing but a one-time token asks for all it needs to register.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinRequest {
    /// Which token, hexadecimal; no secret.
    pub token: String,
    /// Derived from the token's secret, hexadecimal.
    pub proof: String,
    /// Name of the worker to be, for example `machine-2`.
    pub name: String,
    /// Hexadecimal SHA-256 of the lasting credential that the worker has made for itself.
    pub credential: String,
}

/// Answer to a [`JoinRequest`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinResponse {
    /// State URL and installation key, base64, encrypted for the holder of the token's secret alone.
    pub delivery: String,
}

/// A worker asks to be registered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RegisterRequest {
    /// Join token, as printed or handed over by management.
    pub token: String,
    /// Stable name of this worker on its node, for example `worker-1`; a second registration under the same name fences the first.
    pub name: String,
    /// Version of the worker's binary.
    pub version: String,
    /// Base URL of the worker's private control listener, for example `http://127.0.0.1:40123`.
    pub control_url: String,
    /// Base URL where this worker serves function HTTP.
    pub http_url: String,
    /// Relative capacity; 100 is one ordinary worker.
    pub capacity: u32,
    /// Operator's labels.
    pub labels: BTreeMap<String, String>,
    /// Process id on its machine.
    pub pid: u32,
    /// Machine that the worker runs on, the same for all workers of one machine; empty from workers that do not tell.
    #[serde(default)]
    pub node: String,
    /// Secret of a worker that joined with a one-time token, in place of the token; absent where the token is the shared one.
    #[serde(default)]
    pub credential: Option<String>,
    /// When the worker takes work, as its operator wrote it with the time zone; empty for always.
    #[serde(default)]
    pub available: String,
}

/// Management's answer to a registration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RegisterResponse {
    /// Identity under which the worker beats.
    pub worker: WorkerId,
    /// Fencing token of this registration: a later registration under the same name has a greater one.
    pub epoch: u64,
    /// Secret for the worker's beats.
    pub credential: String,
    /// Secret with which management authenticates to the worker's control listener (bearer).
    pub control_key: String,
    /// A beat's answer is held back at most this long; a worker that has not beaten for `lease_ms` is missing.
    pub beat_interval_ms: u64,
    /// How long a registration lives without a beat, in milliseconds.
    pub lease_ms: u64,
}

/// What a worker reports.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BeatRequest {
    /// From [`RegisterResponse`].
    pub worker: WorkerId,
    /// From [`RegisterResponse`].
    pub epoch: u64,
    /// Revision of the last answer seen; management answers at once when its own is greater. 0 at the start.
    pub revision: u64,
    /// True while the worker drains: it takes no new assignments.
    pub draining: bool,
    /// Complete list of what the worker holds.
    pub apps: Vec<AppReport>,
    /// Why it drains or takes nothing new, for people; absent while it does not.
    #[serde(default)]
    pub draining_reason: Option<String>,
    /// Whether the worker is leaving for good (its process stops), and does not only rest outside its availability window.
    #[serde(default)]
    pub stopping: bool,
    /// Load of the whole process; absent from workers that do not tell.
    #[serde(default)]
    pub load: Option<WorkerLoad>,
    /// Load of the apps that were called since they were loaded; apart from `apps`, because it changes with every beat.
    #[serde(default)]
    pub loads: BTreeMap<AppName, AppLoad>,
    /// Hexadecimal SHA-256 of the lasting credential that the worker has stored; confirms [`BeatResponse::credential`].
    #[serde(default)]
    pub credential_held: Option<String>,
    /// What the process counted since it started, by name; those of its host state begin with `state_`.
    #[serde(default)]
    pub counters: BTreeMap<String, u64>,
}

/// What an operator has decided about a worker; kept in host state, so that it outlives management and registrations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// Takes what it is given.
    #[default]
    InService,
    /// Keeps what it has and is given nothing new.
    Cordoned,
    /// Is given nothing new, and what it has moves away.
    Draining,
    /// Gone: its beats and registrations are refused until it joins again.
    Removed,
}

/// Load of a worker process at the moment of a beat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkerLoad {
    /// Invocations that run now, all apps together.
    pub running: u64,
    /// Calls that wait for a permit or an instance, all apps together.
    pub waiting: u64,
    /// Resident memory of the process in bytes; 0 where the system does not tell.
    pub memory_bytes: u64,
}

/// Load of one app on one worker at the moment of a beat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AppLoad {
    /// Invocations that run now.
    pub running: u64,
    /// Backlog: calls that wait for a permit or an instance, or work that is claimed and not begun.
    pub waiting: u64,
    /// Invocations that ended since the worker started, whatever their result.
    pub ended: u64,
    /// Calls refused since the worker started because the app's limits were reached.
    pub refused: u64,
    /// Mean time from a call's arrival to its answer over the invocations that ended since the beat before, in
    /// microseconds; 0 when none ended.
    pub latency_us: u64,
    /// Milliseconds since the last call began; 0 while one runs.
    pub idle_ms: u64,
    /// How many workers the messages in the app's queues are work for, as this worker saw them last; every worker that listens sees
    /// the same queues. 0 for none, and from workers that do not tell.
    pub backlog_workers: u32,
}

/// What a worker should serve.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BeatResponse {
    /// Revision of this answer, to be sent with the next beat.
    pub revision: u64,
    /// Complete list; what is not in it is to be drained and dropped.
    pub assignments: Vec<Assignment>,
    /// The app that answers for a host name which names none, when there is exactly one app or a default is set.
    pub default_app: Option<AppName>,
    /// Latest revision of the apps' settings, keys and modes that management knows of; 0 when it knows of none. Only a
    /// doorbell: a worker that has seen less asks host state, where it would look anyway a moment later.
    #[serde(default)]
    pub configuration: u64,
    /// Whether an operator drains the worker: it gives up leases, finishes what runs and is not ready for a load balancer.
    #[serde(default)]
    pub drain: bool,
    /// A new lasting credential. The worker stores it and names it in [`BeatRequest::credential_held`]; until then the
    /// one before opens as well.
    #[serde(default)]
    pub credential: Option<String>,
}

/// One app version that a worker should hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The function app.
    pub app: AppName,
    /// Custom host names, lower case, without port.
    pub host_names: Vec<String>,
    /// Increases with every change of what this app should be; a worker ignores a lower one than it has seen.
    pub generation: u64,
    /// The deployment to hold.
    pub deployment: DeploymentId,
    /// SHA-256 of the package.
    pub digest: Digest,
    /// Whether to prepare it beside the serving version, or to serve it.
    pub role: AssignmentRole,
}

/// What a worker should do with an assigned deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AssignmentRole {
    /// Compile and index, take no calls.
    Prepare,
    /// Take calls.
    Serve,
}

/// State of one deployment on one worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppReport {
    /// The function app.
    pub app: AppName,
    /// The deployment this report is about.
    pub deployment: DeploymentId,
    /// Generation of the assignment that is being carried out; 0 when the worker loaded the app by itself for a call.
    pub generation: u64,
    /// How far it is.
    pub state: AppState,
    /// Why it failed, for people: what, where, what to do.
    pub reason: Option<String>,
    /// Indexed functions, also those in error; empty until indexed.
    pub functions: Vec<FunctionReport>,
    /// Things worth a look that stop nothing.
    pub warnings: Vec<String>,
    /// Revision of the app settings it was loaded with; 0 when there were none, and from workers that do not tell.
    #[serde(default)]
    pub settings: u64,
    /// Why newer settings could not be taken on, for people; it goes on with those it has. Absent when they could.
    #[serde(default)]
    pub settings_error: Option<String>,
    /// Its code is not in memory, because nobody called for some time; the next call loads it.
    #[serde(default)]
    pub unloaded: bool,
}

/// Progress of a deployment on a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AppState {
    /// Being fetched, compiled and indexed.
    Preparing,
    /// Could serve at once; waits for the word.
    Ready,
    /// Takes calls.
    Running,
    /// Can't be served; the reason says why.
    Failed,
}

/// One function as indexed by a worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionReport {
    /// Function name as written.
    pub name: String,
    /// Trigger type as in function.json (`httpTrigger`), absent when the function is in error before that is known.
    pub trigger: Option<String>,
    /// For HTTP: path with prefix and parameters, for example `api/hello/{name?}`.
    pub route: Option<String>,
    /// For HTTP: methods in upper case, empty for all.
    pub methods: Vec<String>,
    /// For HTTP: who may call, as in function.json (`anonymous`, `function`); absent from workers that do not tell.
    #[serde(default)]
    pub auth_level: Option<String>,
    /// Whether an app setting disables it (azure-functions reference, section 6.3).
    #[serde(default)]
    pub disabled: bool,
    /// Why the function can't run; absent when it can.
    pub error: Option<String>,
    /// What keeps events from starting it, though it could run; absent when nothing does, and from workers that do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listener_error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_older_worker_or_management_leaves_out_has_a_default() {
        let beat: BeatResponse = serde_json::from_str(r#"{"revision":7,"assignments":[],"default_app":null}"#).unwrap();
        assert_eq!((beat.revision, beat.configuration, beat.drain, beat.credential), (7, 0, false, None));
        let beat: BeatRequest =
            serde_json::from_str(r#"{"worker":"a","epoch":1,"revision":0,"draining":false,"apps":[]}"#).unwrap();
        assert!(beat.loads.is_empty() && beat.load.is_none() && beat.draining_reason.is_none() && !beat.stopping);
        let function: FunctionReport =
            serde_json::from_str(r#"{"name":"a","trigger":null,"route":null,"methods":[],"error":null}"#).unwrap();
        assert_eq!((function.disabled, function.auth_level, function.listener_error), (false, None, None));
    }
}

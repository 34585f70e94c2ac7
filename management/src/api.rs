//! The JSON of the management API and of the Kudu routes, for the server and for clients alike.
//!
//! Times are RFC 3339 in UTC. The management API writes camelCase; the deployment objects keep Kudu's names
//! (azure-functions reference, section 8.1) because its clients read them.

mod configuration;
mod documents;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use documents::{DocumentAccountChange, DocumentAccountList, DocumentAccountView, DocumentKeys};

pub use configuration::{
    KeyList, KeyValue, KeyView, KeysView, Revision, SettingsChange, SettingsReplacement, SettingsView,
};

/// Body of every error answer of the management API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// Stable word for programs, for example `app_not_found`.
    pub code: String,
    /// Text for people: what was wrong, where, what to do.
    pub message: String,
}

/// One app in `GET /api/apps` (`{"apps": [...]}`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppSummary {
    /// Name of the app.
    pub name: String,
    /// `running`, `starting`, `failed`, `noWorker` or `empty` (nothing published yet).
    pub state: String,
    /// Whether it may run: `running`, `draining` or `offline`; absent from a management of an earlier version.
    #[serde(default)]
    pub mode: Option<String>,
    /// The deployment that serves, if any.
    pub active_deployment: Option<String>,
    /// Counts activations.
    pub generation: u64,
    /// Custom host names.
    pub host_names: Vec<String>,
    /// Their base URLs, in the same order; empty while no worker is known.
    #[serde(default)]
    pub host_urls: Vec<String>,
    /// Base URL by host name, for example `http://hello.localhost:7071`, or by path where host names do not lead there;
    /// absent while no worker is known.
    pub url: Option<String>,
    /// How many functions the active deployment has, those in error included.
    pub functions: usize,
    /// Workers that take calls for it now.
    pub running_on: Vec<String>,
    /// When it was made.
    pub created: String,
}

/// Answer of `GET /api/apps`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AppList {
    /// In order of name.
    pub apps: Vec<AppSummary>,
}

/// Answer of `GET /api/apps/{app}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppDetail {
    /// What the list shows too.
    #[serde(flatten)]
    pub summary: AppSummary,
    /// Base URL by path, for places without wildcard DNS: `http://localhost:7071/apps/hello`.
    pub path_url: Option<String>,
    /// Publishing site by host name, or by path where host names do not lead there.
    pub scm_url: String,
    /// Publishing site by path.
    pub scm_path_url: String,
    /// Functions of the active deployment.
    pub function_list: Vec<FunctionView>,
    /// Things worth a look that stop nothing.
    pub warnings: Vec<String>,
    /// Workers that hold or should hold it.
    pub workers: Vec<AppWorkerView>,
    /// The ten newest, newest first.
    pub deployments: Vec<DeploymentView>,
    /// Where it should run; absent while nothing serves, and from a management of an earlier version.
    #[serde(default)]
    pub placement: Option<PlacementView>,
    /// Why it runs where it does: the newest decisions of the scheduler, newest first.
    #[serde(default)]
    pub decisions: Vec<DecisionView>,
}

/// Answer of `GET /api/queues`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QueueAccountList {
    /// In order of name.
    pub accounts: Vec<QueueAccountView>,
}

/// An account of the queue service. Not `Debug` with its secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueAccountView {
    /// Its name.
    pub account: String,
    /// The app whose own it is.
    pub app: Option<String>,
    /// What the public SDKs take; holds the account's key. Absent in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_string: Option<String>,
}

/// Without the key.
impl std::fmt::Debug for QueueAccountView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QueueAccountView")
            .field("account", &self.account)
            .field("app", &self.app)
            .finish_non_exhaustive()
    }
}

/// Body of `POST /api/apps/{app}/functions/{function}/invoke`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InvokeRequest {
    /// What the trigger is to give the function, as text: the body for HTTP functions, the message for queue functions.
    pub input: String,
    /// How long to wait for the end of the invocation, at most an hour. Default 230 s.
    pub wait_seconds: u64,
}

impl Default for InvokeRequest {
    fn default() -> Self {
        Self { input: String::new(), wait_seconds: 230 }
    }
}

/// How an invocation by hand went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvocationOutcome {
    /// The same as in its log lines.
    pub invocation_id: String,
    /// `Succeeded`, `Failed`, or `Running` when it did not end within the wait.
    pub status: String,
    /// From its begin to its end; absent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// What went wrong, as its log says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What an HTTP function answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<InvocationAnswer>,
}

/// The answer of an HTTP function that was run by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvocationAnswer {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Body as text.
    pub body: String,
}

/// Where an app should run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacementView {
    /// How many workers it should have now.
    pub wanted: usize,
    /// Never fewer, where there are that many.
    pub min_workers: usize,
    /// Never more; absent for as many as there are.
    pub max_workers: Option<usize>,
    /// Labels that its workers must have.
    pub labels: BTreeMap<String, String>,
    /// The label in whose values its workers should differ.
    pub spread: Option<String>,
    /// Invocations that run or wait, on all its workers together.
    pub outstanding: u64,
    /// The worker that another one is to take the place of, and that one.
    pub moving: Option<[String; 2]>,
    /// What it waits for; absent for nothing.
    pub waiting: Option<String>,
}

/// A decision of the scheduler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DecisionView {
    /// When.
    pub at: String,
    /// `placed`, `retired`, `moving`, `scaled`, `waiting` or `configured`.
    pub kind: String,
    /// The worker that it is about; absent where it is about the app as a whole.
    pub worker: Option<String>,
    /// Why.
    pub reason: String,
}

/// A function as its worker indexed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionView {
    /// Function name.
    pub name: String,
    /// Trigger type, for example `httpTrigger`.
    pub trigger: Option<String>,
    /// Route with prefix, for example `api/hello/{name?}`.
    pub route: Option<String>,
    /// Methods in upper case, empty for all.
    pub methods: Vec<String>,
    /// For HTTP: who may call (`anonymous`, `function`, `admin`).
    #[serde(default)]
    pub auth_level: Option<String>,
    /// Whether an app setting disables it.
    #[serde(default)]
    pub disabled: bool,
    /// Full URL for HTTP triggers when a worker is known; without a key.
    pub invoke_url: Option<String>,
    /// Why it can't run; absent when it can.
    pub error: Option<String>,
    /// What keeps events from starting it, though it could run; absent when nothing does.
    #[serde(default)]
    pub listener_error: Option<String>,
}

/// One app on one worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppWorkerView {
    /// Name of the worker.
    pub worker: String,
    /// The deployment this line is about.
    pub deployment: String,
    /// `assigned` (not reported yet), `preparing`, `ready`, `running`, `failed` or `missing`.
    pub state: String,
    /// Why, where that helps.
    pub reason: Option<String>,
    /// Revision of the settings that it runs with there.
    #[serde(default)]
    pub settings: u64,
    /// Why newer settings could not be taken on there; it goes on with those it has.
    #[serde(default)]
    pub settings_error: Option<String>,
    /// Its code is not in memory there, because nobody called; the next call loads it.
    #[serde(default)]
    pub unloaded: bool,
}

/// A worker in `GET /api/workers` (`{"workers": [...]}`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkerView {
    /// Its name.
    pub name: String,
    /// `live`, `cordoned`, `draining`, `drained` or `missing`.
    pub state: String,
    /// Why, where somebody said so or the worker tells.
    #[serde(default)]
    pub reason: Option<String>,
    /// Version of its binary.
    pub version: String,
    /// Where it serves function HTTP.
    pub http_url: String,
    /// Relative capacity; 100 is one ordinary worker.
    pub capacity: u32,
    /// Operator's labels.
    pub labels: BTreeMap<String, String>,
    /// Process id on its machine.
    pub pid: u32,
    /// Counts its registrations.
    pub epoch: u64,
    /// When it last beat.
    pub last_beat: String,
    /// Apps it should serve.
    pub apps: Vec<String>,
    /// The machine that it runs on; empty when it did not tell.
    #[serde(default)]
    pub node: String,
    /// When it takes work, with the time zone; absent for always.
    #[serde(default)]
    pub available: Option<String>,
    /// Invocations that ran there at the last beat, where it tells.
    #[serde(default)]
    pub running: Option<u64>,
    /// Resident memory of its process at the last beat, in bytes, where it tells.
    #[serde(default)]
    pub memory_bytes: Option<u64>,
}

/// Body of `POST /api/workers/{worker}/cordon`, `…/drain` and `…/uncordon`; an empty body is the same as no reason.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StandingRequest {
    /// Why, for those who look at the list.
    pub reason: String,
}

/// Body of `POST /api/workers/tokens`; what is left out has its default.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JoinTokenRequest {
    /// How long the token is valid. Default 3,600.
    pub ttl_seconds: u64,
    /// URL under which the joining machine reaches management. Default: the public URL, else the one that was called.
    pub management: Option<String>,
}

impl Default for JoinTokenRequest {
    fn default() -> Self {
        Self { ttl_seconds: 3600, management: None }
    }
}

/// A one-time join token. Not `Debug`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinTokenView {
    /// The token; it is shown this once.
    pub token: String,
    /// Where the worker will look for management.
    pub management: String,
    /// Until when it is good.
    pub expires: String,
    /// What to paste on the joining machine.
    pub command: String,
    /// Whether host state is a file of management's machine, so that the worker must run there.
    pub same_machine: bool,
}

/// Answer of `GET /api/workers`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WorkerList {
    /// In order of name.
    pub workers: Vec<WorkerView>,
}

/// Answer of `GET /api/apps/{app}/publish-credentials`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublishCredentials {
    /// User for HTTP Basic: `$` and the app's name.
    pub user: String,
    /// Password for HTTP Basic.
    pub password: String,
    /// Publishing site by host name, or by path where host names do not lead there.
    pub scm_url: String,
    /// Publishing site by path.
    pub scm_path_url: String,
}

/// Body and answer of `PUT /api/apps/{app}/host-names`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HostNames {
    /// Complete list of custom host names, without port.
    pub host_names: Vec<String>,
}

/// Body of `POST /api/apps/{app}/rollback`; an empty body is the same as no deployment named.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RollbackRequest {
    /// The deployment to go back to; without it, the successful one before the active one.
    pub deployment: Option<String>,
    /// Answer 202 at once instead of waiting until it runs.
    pub is_async: bool,
}

/// A deployment as Kudu shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeploymentView {
    /// Identity.
    pub id: String,
    /// 0 pending, 1 building, 2 deploying, 3 failed, 4 success.
    pub status: i32,
    /// What it waits for, or why it failed.
    pub status_text: String,
    /// Who made it.
    pub author: String,
    /// Their mail address.
    pub author_email: String,
    /// The tool that sent it.
    pub deployer: String,
    /// What it is about.
    pub message: String,
    /// Present step, empty when complete.
    pub progress: String,
    /// When the package had arrived.
    pub received_time: String,
    /// When work on it began.
    pub start_time: String,
    /// When it ended.
    pub end_time: Option<String>,
    /// When it ended, if it ended well.
    pub last_success_end_time: Option<String>,
    /// Whether it ended.
    pub complete: bool,
    /// Whether it serves now.
    pub active: bool,
    /// Always false: a deployment has its row from the start.
    pub is_temp: bool,
    /// Always true.
    pub is_readonly: bool,
    /// This object.
    pub url: String,
    /// Its log.
    pub log_url: String,
    /// The app.
    pub site_name: String,
    /// `Succeeded`, `Failed` or `InProgress`.
    #[serde(rename = "provisioningState")]
    pub provisioning_state: String,
}

/// One line of a deployment's log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LogEntryView {
    /// When.
    pub log_time: String,
    /// Identity within the deployment.
    pub id: String,
    /// The text.
    pub message: String,
    /// 0 message, 1 warning, 2 error.
    #[serde(rename = "type")]
    pub kind: i32,
    /// Always absent: lines have no sub-log.
    pub details_url: Option<String>,
}

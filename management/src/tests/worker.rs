//! A worker that registers and beats, and reports what a test wants it to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use hearth_model::control::{
    AppReport, AppState, Assignment, AssignmentRole, BEAT_PATH, BeatRequest, BeatResponse, FunctionReport,
    REGISTER_PATH, RegisterRequest, RegisterResponse,
};
use http::Request;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::bench::{PATIENCE, Reply, Role};

/// What the worker makes of an app it is given.
#[derive(Clone, Default)]
pub(super) struct Behaviour {
    /// Preparing never ends.
    pub(super) stuck: bool,
    /// Preparing fails with this reason.
    pub(super) fails: Option<String>,
    /// Functions to report, each with its error.
    pub(super) functions: Vec<(String, Option<String>)>,
}

/// The worker; stops beating when dropped.
pub(super) struct FakeWorker {
    pub(super) registered: RegisterResponse,
    pub(super) behaviour: Arc<Mutex<Behaviour>>,
    told: watch::Receiver<Vec<Assignment>>,
    task: JoinHandle<String>,
}

impl Drop for FakeWorker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn request(role: &Role, name: &str) -> RegisterRequest {
    RegisterRequest {
        token: role.join_token.clone(),
        name: name.into(),
        version: "0.1.0".into(),
        control_url: "http://127.0.0.1:9".into(),
        http_url: "http://127.0.0.1:7071".into(),
        capacity: 100,
        labels: BTreeMap::from([("room".to_owned(), "a".to_owned())]),
        pid: 4711,
        node: "machine-1".into(),
        credential: None,
        available: String::new(),
    }
}

pub(super) async fn register(role: &Role, request: &RegisterRequest) -> Reply {
    role.call("POST", REGISTER_PATH, serde_json::to_vec(request).unwrap()).await
}

pub(super) async fn beat(role: &Role, as_: &RegisterResponse, revision: u64, apps: Vec<AppReport>) -> Reply {
    role.send(beat_request(&role.url(BEAT_PATH), as_, revision, apps)).await
}

pub(super) fn beat_request(url: &str, as_: &RegisterResponse, revision: u64, apps: Vec<AppReport>) -> Request<Body> {
    let beat = BeatRequest {
        worker: as_.worker.clone(),
        epoch: as_.epoch,
        revision,
        draining: false,
        apps,
        draining_reason: None,
        stopping: false,
        load: None,
        loads: BTreeMap::new(),
        credential_held: None,
        counters: BTreeMap::from([("state_retries".to_owned(), 4)]),
    };
    Request::post(url)
        .header("authorization", format!("Bearer {}", as_.credential))
        .body(Body::from(serde_json::to_vec(&beat).unwrap()))
        .unwrap()
}

impl FakeWorker {
    /// Joins and begins to beat.
    pub(super) async fn join(role: &Role, name: &str) -> Self {
        Self::join_with(role, request(role, name)).await
    }

    pub(super) async fn join_with(role: &Role, request: RegisterRequest) -> Self {
        let reply = register(role, &request).await.expect(200);
        let registered: RegisterResponse = serde_json::from_slice(&reply.body).unwrap();
        Self::resume(role, registered)
    }

    /// Goes on beating under a registration that exists, as a worker does when management was restarted.
    pub(super) fn resume(role: &Role, registered: RegisterResponse) -> Self {
        let behaviour = Arc::new(Mutex::new(Behaviour::default()));
        let (tell, told) = watch::channel(Vec::new());
        let task = tokio::spawn(run(role.url(BEAT_PATH), registered.clone(), Arc::clone(&behaviour), tell));
        Self { registered, behaviour, told, task }
    }

    pub(super) fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    /// Waits until it is told something that passes.
    pub(super) async fn told(&mut self, passes: impl Fn(&[Assignment]) -> bool) -> Vec<Assignment> {
        let waiting = self.told.wait_for(|told| passes(told));
        tokio::time::timeout(PATIENCE, waiting).await.expect("the worker was never told").unwrap().clone()
    }

    /// Waits until management refuses it; answers the body.
    pub(super) async fn refused(mut self) -> String {
        tokio::time::timeout(PATIENCE, &mut self.task).await.unwrap().unwrap()
    }
}

async fn run(
    url: String,
    registered: RegisterResponse,
    behaviour: Arc<Mutex<Behaviour>>,
    tell: watch::Sender<Vec<Assignment>>,
) -> String {
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    let mut revision = 0;
    let mut told: Vec<Assignment> = Vec::new();
    loop {
        let behaviour = behaviour.lock().unwrap().clone();
        let apps = told.iter().map(|assignment| report(assignment, &behaviour)).collect();
        let response = client.request(beat_request(&url, &registered, revision, apps)).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        if !status.is_success() {
            return format!("{status} {}", String::from_utf8_lossy(&body));
        }
        let answer: BeatResponse = serde_json::from_slice(&body).unwrap();
        revision = answer.revision;
        told = answer.assignments;
        tell.send_replace(told.clone());
    }
}

fn report(assignment: &Assignment, behaviour: &Behaviour) -> AppReport {
    let (state, reason) = match (&behaviour.fails, behaviour.stuck, assignment.role) {
        (_, true, AssignmentRole::Prepare) => (AppState::Preparing, None),
        (Some(reason), _, AssignmentRole::Prepare) => (AppState::Failed, Some(reason.clone())),
        (_, _, AssignmentRole::Prepare) => (AppState::Ready, None),
        (_, _, AssignmentRole::Serve) => (AppState::Running, None),
    };
    let functions = behaviour.functions.iter().map(|(name, error)| FunctionReport {
        name: name.clone(),
        trigger: Some("httpTrigger".into()),
        route: Some(format!("api/{name}")),
        methods: vec!["GET".into()],
        auth_level: Some("anonymous".into()),
        disabled: false,
        error: error.clone(),
        listener_error: None,
    });
    AppReport {
        app: assignment.app.clone(),
        deployment: assignment.deployment.clone(),
        generation: assignment.generation,
        state,
        reason,
        functions: functions.collect(),
        warnings: vec![],
        settings: 0,
        settings_error: None,
        unloaded: false,
    }
}

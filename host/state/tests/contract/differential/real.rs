//! Makes a call on a database and tells its answer as text. What is made at random is told as such.

use std::fmt::Debug;
use std::time::Duration;

use hearth_model::clock::Clock;
use hearth_model::ids::FunctionName;
use hearth_model::keys::{KeyScope, KeySet};
use hearth_state::{
    App, AppMode, Database, Deployment, DeploymentStatus, DeploymentUpdate, Keyring, Lease, LogKind, SettingsChange,
    StateError, Worker,
};

use super::call::{APPS, Call, FUNCTIONS, HOLDERS, HOSTS, KEYS, LEASES, PACKAGES, SETTINGS, VALUES, WORKERS};
use crate::fixture::{Fixture, app, deployment, digest, new_deployment, new_worker, worker};

/// An answer, or the error with its kind and its words.
pub(super) fn shown<T: Debug>(answer: Result<T, StateError>) -> String {
    match answer {
        Ok(answer) => format!("{answer:?}"),
        Err(error) => format!("{error:?}"),
    }
}

pub(super) fn status(code: u8) -> DeploymentStatus {
    use DeploymentStatus::{Building, Deploying, Failed, Pending, Success};
    [Pending, Building, Deploying, Failed, Success][usize::from(code)]
}

pub(super) fn log_kind(code: u8) -> LogKind {
    [LogKind::Message, LogKind::Warning, LogKind::Error][usize::from(code)]
}

pub(super) fn mode(code: u8) -> AppMode {
    [AppMode::Running, AppMode::Draining, AppMode::Offline][usize::from(code)]
}

pub(super) fn scope(index: usize) -> KeyScope {
    match index {
        0 => KeyScope::Master,
        1 => KeyScope::System,
        2 => KeyScope::Host,
        _ => KeyScope::function(FUNCTIONS[index - 3]),
    }
}

/// The value that a test gives a key; every other value was made at random.
pub(super) fn key_value(value: u8) -> String {
    format!("given-{value}")
}

pub(super) fn span(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn lease((name, holder, epoch): (usize, usize, u64)) -> Lease {
    Lease { name: LEASES[name].to_owned(), holder: HOLDERS[holder].to_owned(), epoch }
}

fn key_set(keys: &KeySet) -> Vec<(String, String, String)> {
    let value = |value: &str| if value.starts_with("given-") { value.to_owned() } else { "made".to_owned() };
    keys.iter().map(|(scope, key)| (scope.to_string(), key.name.clone(), value(&key.value))).collect()
}

fn show_app(app: App) -> impl Debug {
    (app.name.to_string(), app.created, app.host_names, app.active, app.generation, app.publish_credential)
}

fn show_deployment(one: Deployment) -> impl Debug {
    let texts = (one.status_text, one.progress, one.functions_json);
    (one.id, one.app, one.status, texts, one.received, one.start, one.end, one.complete)
}

fn show_worker(one: Worker) -> impl Debug {
    (one.name, one.epoch, one.registered, one.last_beat, one.expires, one.missing)
}

/// Makes the call and tells its answer.
pub(super) async fn perform(fixture: &Fixture, db: &Database, keyring: &Keyring, call: &Call) -> String {
    let name = |index: usize| app(APPS[index]);
    match call.clone() {
        Call::Advance(seconds) => format!("{:?}", fixture.clock.advance(span(seconds))),
        Call::CreateApp(app) => shown(db.apps().create(&name(app), b"sealed").await),
        Call::DeleteApp(app) => shown(db.apps().delete(&name(app)).await),
        Call::SetCredential(app, with) => shown(db.apps().set_publish_credential(&name(app), &[with]).await),
        Call::SetHosts(app, hosts) => {
            let hosts: Vec<String> = hosts.into_iter().map(|host| HOSTS[host].to_owned()).collect();
            shown(db.apps().set_host_names(&name(app), &hosts).await)
        }
        Call::ByHost(host) => shown(db.apps().by_host_name(HOSTS[host]).await.map(|app| app.map(show_app))),
        Call::Activate { app, deployment: id, generation } => {
            shown(db.apps().activate(&name(app), &deployment(id), generation).await)
        }
        Call::InsertDeployment { app, id } => shown(db.deployments().insert(&new_deployment(APPS[app], id)).await),
        Call::UpdateDeployment { id, status: code, text, functions, complete } => {
            let text = text.map(|text| VALUES[text].to_owned());
            let update = DeploymentUpdate {
                status: code.map(status),
                status_text: text.clone(),
                progress: text,
                complete,
                functions_json: functions.map(|text| VALUES[text].to_owned()),
            };
            shown(db.deployments().update(&deployment(id), update).await)
        }
        Call::AddLog { id, message, kind } => {
            shown(db.deployments().add_log(&deployment(id), VALUES[message], log_kind(kind)).await)
        }
        Call::FailInterrupted => shown(db.deployments().fail_interrupted().await.map(sorted)),
        Call::Prune { app, keep } => shown(db.deployments().prune(&name(app), keep).await),
        Call::Register { worker, lease } => {
            shown(db.workers().register(&new_worker(WORKERS[worker], span(lease))).await)
        }
        Call::Beat { beats, lease } => {
            let beats: Vec<_> = beats.into_iter().map(|(name, epoch)| (worker(WORKERS[name]), epoch)).collect();
            shown(db.workers().beat(&beats, span(lease)).await)
        }
        Call::MarkMissing => shown(db.workers().mark_missing(fixture.clock.now()).await.map(sorted)),
        Call::Assign { app, generation, to } => {
            let to: Vec<_> = to.into_iter().map(|(name, id)| (worker(WORKERS[name]), deployment(id))).collect();
            shown(db.assignments().replace(&name(app), generation, &to).await)
        }
        Call::Install { name, value } => {
            shown(db.installation().get_or_create(["one", "two"][name], || vec![value; 3]).await)
        }
        Call::Acquire { lease, holder, ttl } => {
            let answer = db.leases().acquire(LEASES[lease], HOLDERS[holder], span(ttl)).await;
            shown(answer.map(|lease| lease.map(|lease| lease.epoch)))
        }
        Call::Renew { leases, ttl } => {
            let leases: Vec<_> = leases.into_iter().map(lease).collect();
            shown(db.leases().renew(&leases, span(ttl)).await)
        }
        Call::Release(name, holder, epoch) => shown(db.leases().release(&lease((name, holder, epoch))).await),
        Call::Restart(app) => shown(db.configuration().restart(&name(app)).await),
        Call::SetMode(app, code) => shown(db.configuration().set_mode(&name(app), mode(code)).await),
        Call::ChangeSettings { app, set, unset, all, expected } => {
            let change = SettingsChange {
                set: set
                    .into_iter()
                    .map(|(name, value)| (SETTINGS[name].to_owned(), VALUES[value].to_owned()))
                    .collect(),
                unset: unset.into_iter().map(|name| SETTINGS[name].to_owned()).collect(),
                replace_all: all,
                expected,
            };
            shown(db.app_settings().change(keyring, &name(app), &change).await)
        }
        Call::EnsureKeys(app) => shown(db.app_keys().ensure(keyring, &name(app)).await.map(|keys| key_set(&keys))),
        Call::EnsureFunction(app, function) => {
            let function = FunctionName::parse(FUNCTIONS[function]).unwrap();
            shown(db.app_keys().ensure_function(keyring, &name(app), &function).await.map(|keys| key_set(&keys)))
        }
        Call::PutKey { app, scope: of, name: key, value } => {
            shown(db.app_keys().put(keyring, &name(app), &scope(of), KEYS[key], &key_value(value)).await)
        }
        Call::DeleteKey { app, scope: of, name: key } => {
            shown(db.app_keys().delete(&name(app), &scope(of), KEYS[key]).await)
        }
        Call::PutPackage(index) => {
            let content = PACKAGES[index];
            shown(db.packages().put(&digest(content), content.len() as u64, content).await)
        }
        Call::Collect => shown(db.packages().collect_unreferenced().await),
        Call::Changes(since) => shown(db.configuration().changes(since).await),
        Call::Observe => observe(db, keyring).await,
    }
}

fn sorted<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort();
    all
}

/// Everything that can be read, a line for each look.
async fn observe(db: &Database, keyring: &Keyring) -> String {
    let list = |all: Vec<App>| all.into_iter().map(show_app).collect::<Vec<_>>();
    let mut lines = vec![
        shown(db.apps().list().await.map(list)),
        shown(db.configuration().revision().await),
        shown(db.configuration().changes(0).await),
        shown(db.workers().list().await.map(|all| all.into_iter().map(show_worker).collect::<Vec<_>>())),
        shown(db.assignments().list().await),
    ];
    for name in APPS.map(app) {
        lines.push(shown(db.apps().get(&name).await.map(|app| app.map(show_app))));
        lines.push(shown(db.configuration().get(&name).await));
        lines.push(shown(db.app_settings().snapshot(keyring, &name).await.map(|all| (all.revision, all.values))));
        lines.push(shown(db.app_settings().sizes(keyring, &name).await.map(|all| (all.revision, all.sizes))));
        lines.push(shown(db.app_keys().list(keyring, &name).await.map(|keys| key_set(&keys))));
        let list = |all: Vec<Deployment>| all.into_iter().map(show_deployment).collect::<Vec<_>>();
        lines.push(shown(db.deployments().list(&name).await.map(list)));
        lines.push(shown(db.deployments().latest(&name).await.map(|one| one.map(show_deployment))));
    }
    for name in WORKERS.map(worker) {
        lines.push(shown(db.workers().get(&name).await.map(|one| one.map(show_worker))));
        lines.push(shown(db.assignments().for_worker(&name).await));
    }
    for id in (1..6).map(deployment) {
        lines.push(shown(db.deployments().get(&id).await.map(|one| one.map(show_deployment))));
        lines.push(shown(db.deployments().logs(&id).await));
    }
    for content in PACKAGES {
        let mut out = Vec::new();
        lines.push(shown(db.packages().exists(&digest(content)).await));
        lines.push(shown(db.packages().fetch(&digest(content), &mut out).await.map(|there| there.then_some(out))));
    }
    lines.join("\n")
}

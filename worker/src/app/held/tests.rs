//! How versions and their reloads follow one another.

use std::time::Duration;

use hearth_model::host_json::HostJson;
use hearth_model::route::RouteTable;
use hearth_model::settings::Settings;
use hearth_state::{AppMode, Database, Keyring, OpenOptions, StateUrl};

use super::*;
use crate::app::keys::KeySource;
use crate::app::loaded::Throttle;
use crate::app::sources::EventSources;

fn shop() -> AppName {
    AppName::parse("shop").unwrap()
}

fn held(number: u32, generation: u64, role: AssignmentRole) -> Held {
    let deployment = DeploymentId::parse(&format!("00000000-0000-7000-8000-{number:012}")).unwrap();
    Held::new(shop(), deployment, Digest::from_bytes(&[0; 32]), vec![format!("v{number}.test")], generation, role)
}

/// An app's settings as changed at this revision.
fn at(settings: u64) -> AppRevision {
    AppRevision { app: shop(), revision: settings, settings, keys: 1, mode: AppMode::Running, deleted: false }
}

/// What a worker holds, and what versions are made with.
struct Bench {
    inner: Inner,
    live: Arc<LiveApp>,
    now: Instant,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = StateUrl::sqlite(&folder.path().join("state.db"));
        let state = Database::open(&url, OpenOptions::default()).await.unwrap();
        let keyring = Keyring::load_or_create(&folder.path().join("key")).unwrap();
        let mut inner = Inner::default();
        let live = inner.live(&shop(), &Arc::new(KeySource { state, keyring, open: false }));
        Self { inner, live, now: Instant::now(), _folder: folder }
    }

    /// A loaded version; the name tells versions and loads apart.
    fn app(&self, name: &str, settings: u64) -> LoadedApp {
        let host = HostJson::default();
        LoadedApp {
            name: shop(),
            live: self.live.clone(),
            revision: at(settings),
            settings: Arc::new(Settings::new()),
            sources: EventSources::of((&Arc::new(Settings::new()), settings), &host, &[]),
            routes: RouteTable::new("api"),
            functions: vec![],
            listed: vec![],
            reports: vec![],
            warnings: vec![name.to_owned()],
            throttle: Throttle::new(&host, &self.live),
            guests: HashMap::new(),
            scripts: None,
            policy: crate::front::HttpPolicy::new(&host, &Settings::new()).0,
            host,
        }
    }

    /// Adds a version that is loaded already.
    fn hold(&mut self, mut new: Held, settings: u64) {
        new.loaded = Some(Arc::new(self.app(new.deployment.as_str(), settings)));
        self.inner.held.push(new);
    }

    fn serving(&self) -> Option<String> {
        self.inner.table().by_name.get(&shop()).map(|app| app.warnings[0].clone())
    }

    fn due(&mut self) -> Vec<Load> {
        self.inner.due(self.now)
    }

    fn finish(&mut self, load: &Load, result: Result<LoadedApp, LoadError>) {
        self.inner.finish(&load.app, &load.deployment, result, self.now);
        self.inner.settle();
    }

    fn only_report(&self) -> AppReport {
        let reports = self.inner.reports();
        assert_eq!(reports.len(), 1, "{reports:?}");
        reports.into_iter().next().unwrap()
    }
}

fn error(reason: &str, settings: u64) -> Result<LoadedApp, LoadError> {
    Err(LoadError { reason: reason.to_owned(), settings, gone: false })
}

#[tokio::test]
async fn a_version_that_is_only_prepared_takes_no_calls() {
    let mut bench = Bench::new().await;
    bench.hold(held(1, 1, AssignmentRole::Prepare), 1);
    assert!(bench.inner.settle());
    assert_eq!(bench.only_report().state, AppState::Ready);
    assert_eq!(bench.serving(), None);
    bench.inner.held[0].role = AssignmentRole::Serve;
    assert!(bench.inner.settle(), "a new state is news");
    assert!(!bench.inner.settle(), "the same state is not");
    assert_eq!(bench.serving(), Some(bench.inner.held[0].deployment.to_string()));
    assert_eq!(bench.inner.table().by_host.get("v1.test"), Some(&shop()));
}

#[tokio::test]
async fn the_old_version_answers_until_the_new_one_can_and_is_not_reported() {
    let mut bench = Bench::new().await;
    let mut old = held(1, 1, AssignmentRole::Serve);
    old.retiring = true;
    let old_id = old.deployment.clone();
    bench.hold(old, 1);
    let load = bench.inner.add(held(2, 2, AssignmentRole::Serve));
    bench.inner.settle();
    assert_eq!(bench.serving(), Some(old_id.to_string()));
    assert_eq!(bench.only_report().state, AppState::Preparing);

    let new = bench.app("new", 1);
    bench.finish(&load, Ok(new));
    assert_eq!(bench.serving().as_deref(), Some("new"));
    assert_eq!(bench.inner.held.len(), 1, "the old one is let go");
}

#[tokio::test]
async fn what_is_no_longer_wanted_and_has_no_successor_goes_at_once() {
    let mut bench = Bench::new().await;
    let mut old = held(1, 1, AssignmentRole::Serve);
    old.retiring = true;
    bench.hold(old, 1);
    let load = bench.inner.add(held(2, 2, AssignmentRole::Serve));
    bench.finish(&load, error("broken", 1));
    assert_eq!(bench.serving(), None);
    assert_eq!((bench.only_report().state, bench.only_report().reason.as_deref()), (AppState::Failed, Some("broken")));
}

#[tokio::test]
async fn newer_settings_load_the_same_version_again_while_the_old_one_answers() {
    let mut bench = Bench::new().await;
    bench.hold(held(1, 3, AssignmentRole::Serve), 5);
    bench.inner.settle();
    bench.inner.learn(at(5));
    assert!(bench.due().is_empty(), "it was loaded with these");

    bench.inner.learn(at(6));
    let load = bench.due().pop().unwrap();
    assert!(load.before.is_some() && bench.due().is_empty(), "one load at a time");
    assert_eq!((bench.only_report().state, bench.only_report().settings), (AppState::Running, 5));
    // Bursts are taken together: what came meanwhile is one more load.
    bench.inner.learn(at(7));
    bench.inner.learn(at(8));
    assert!(bench.due().is_empty());
    let new = bench.app("six", 6);
    bench.finish(&load, Ok(new));
    assert_eq!(bench.serving().as_deref(), Some("six"));
    let load = bench.due().pop().unwrap();
    let new = bench.app("eight", 8);
    bench.finish(&load, Ok(new));
    assert!(bench.due().is_empty());
    let report = bench.only_report();
    assert_eq!(
        (report.state, report.generation, report.settings),
        (AppState::Running, 3, 8),
        "role and generation stay"
    );
    assert_eq!(bench.serving().as_deref(), Some("eight"));
}

#[tokio::test]
async fn what_was_read_after_the_change_is_not_loaded_again_for_it() {
    let mut bench = Bench::new().await;
    let load = bench.inner.add(held(1, 1, AssignmentRole::Serve));
    // Changed before this load read the settings; the watcher hears of it only later.
    let new = bench.app("first", 9);
    bench.finish(&load, Ok(new));
    bench.inner.learn(at(9));
    assert!(bench.due().is_empty());
    // Changed after the load had read them, heard of before it ended.
    let load = bench.inner.add(held(2, 2, AssignmentRole::Prepare));
    bench.inner.learn(at(10));
    let new = bench.app("second", 9);
    bench.finish(&load, Ok(new));
    assert_eq!(bench.due().len(), 2, "both versions have old settings");
}

#[tokio::test]
async fn a_reload_that_fails_leaves_the_old_one_answering_and_is_tried_again() {
    let mut bench = Bench::new().await;
    bench.hold(held(1, 1, AssignmentRole::Serve), 1);
    bench.inner.settle();
    bench.inner.learn(at(2));
    let load = bench.due().pop().unwrap();
    bench.finish(&load, error("the setting Db: no such file", 2));
    let report = bench.only_report();
    assert_eq!((report.state, report.settings, report.reason), (AppState::Running, 1, None));
    assert_eq!(report.settings_error.as_deref(), Some("the setting Db: no such file"));
    assert!(bench.serving().is_some());
    assert!(bench.due().is_empty(), "not at once");
    bench.now += Duration::from_secs(1);
    let load = bench.due().pop().unwrap();
    bench.finish(&load, error("the setting Db: no such file", 2));
    assert!(bench.due().is_empty());
    // Other settings are tried at once.
    bench.inner.learn(at(3));
    let load = bench.due().pop().unwrap();
    let new = bench.app("three", 3);
    bench.finish(&load, Ok(new));
    let report = bench.only_report();
    assert_eq!((report.settings, report.settings_error), (3, None));
    assert_eq!(bench.serving().as_deref(), Some("three"));
}

#[tokio::test]
async fn an_app_that_failed_is_loaded_when_its_settings_change() {
    let mut bench = Bench::new().await;
    bench.inner.learn(at(4));
    let load = bench.inner.add(held(1, 1, AssignmentRole::Serve));
    bench.finish(&load, error("host.json: wrong override", 4));
    bench.now += Duration::from_secs(300);
    assert!(bench.due().is_empty(), "the same settings would fail again");
    bench.inner.learn(at(5));
    let load = bench.due().pop().unwrap();
    assert!(load.before.is_none());
    assert_eq!(bench.only_report().state, AppState::Preparing);
    let new = bench.app("well", 5);
    bench.finish(&load, Ok(new));
    assert_eq!((bench.only_report().state, bench.only_report().reason), (AppState::Running, None));
}

#[tokio::test]
async fn a_reload_goes_its_own_way_beside_a_deployment() {
    let mut bench = Bench::new().await;
    bench.hold(held(1, 1, AssignmentRole::Serve), 1);
    bench.hold(held(2, 2, AssignmentRole::Prepare), 1);
    bench.inner.settle();
    bench.inner.learn(at(2));
    let loads = bench.due();
    assert_eq!(loads.len(), 2, "what is prepared must not begin with old settings");

    // Meanwhile the new version begins to serve and the old one is no longer wanted.
    bench.inner.held[0].retiring = true;
    bench.inner.held[1].role = AssignmentRole::Serve;
    bench.inner.held[1].generation = 3;
    bench.inner.settle();
    let second = bench.inner.held[0].deployment.to_string();
    assert_eq!((bench.inner.held.len(), bench.serving()), (1, Some(second)));

    let (old, new) = (bench.app("old, reloaded", 2), bench.app("new, reloaded", 2));
    bench.finish(&loads[0], Ok(old));
    assert_eq!(bench.inner.held.len(), 1, "what is gone stays gone");
    bench.finish(&loads[1], Ok(new));
    assert_eq!(bench.serving().as_deref(), Some("new, reloaded"));
    let report = bench.only_report();
    assert_eq!((report.state, report.generation, report.settings), (AppState::Running, 3, 2));
}

#[tokio::test]
async fn a_slow_load_does_not_undo_a_newer_one() {
    let mut bench = Bench::new().await;
    let slow = bench.inner.add(held(1, 1, AssignmentRole::Serve));
    bench.inner.held.clear();
    // Dropped and assigned again while it loads.
    let fast = bench.inner.add(held(1, 2, AssignmentRole::Serve));
    let new = bench.app("newer", 2);
    bench.finish(&fast, Ok(new));
    let old = bench.app("older", 1);
    bench.finish(&slow, Ok(old));
    assert_eq!(bench.serving().as_deref(), Some("newer"));
    bench.finish(&slow, error("late", 1));
    assert_eq!(bench.only_report().state, AppState::Running);
}

#[tokio::test]
async fn old_news_changes_nothing_and_a_mode_reaches_every_version() {
    let mut bench = Bench::new().await;
    let offline = AppRevision { revision: 7, mode: AppMode::Offline, ..at(5) };
    bench.inner.learn(offline.clone());
    assert_eq!((bench.live.mode(), bench.inner.wanted(&shop())), (AppMode::Offline, 5));
    assert!(bench.inner.is_offline(&shop()));
    bench.inner.learn(at(6));
    assert_eq!((bench.live.mode(), bench.inner.wanted(&shop())), (AppMode::Offline, 5));
    bench.inner.learn(AppRevision { revision: 8, mode: AppMode::Running, ..offline });
    assert_eq!(bench.live.mode(), AppMode::Running);
}

#[tokio::test]
async fn what_was_deleted_is_not_loaded_again() {
    let mut bench = Bench::new().await;
    bench.hold(held(1, 1, AssignmentRole::Serve), 1);
    bench.inner.learn(AppRevision { deleted: true, ..at(2) });
    assert!(bench.due().is_empty() && bench.inner.held.is_empty(), "it answers no longer");
    bench.inner.learn(at(3));
    assert!(bench.due().is_empty(), "made again under its name, it has nothing of the one before");
}

#[tokio::test]
async fn a_version_whose_app_was_made_again_is_let_go() {
    let mut bench = Bench::new().await;
    bench.hold(held(1, 1, AssignmentRole::Serve), 1);
    // Deleted and made again between two looks.
    bench.inner.learn(at(3));
    let load = bench.due().pop().unwrap();
    let gone = LoadError { reason: "deleted".to_owned(), settings: 0, gone: true };
    bench.finish(&load, Err(gone));
    assert_eq!((bench.serving(), bench.inner.held.len()), (None, 0));
}

#[tokio::test]
async fn what_is_retiring_gets_no_newer_settings() {
    let mut bench = Bench::new().await;
    let mut old = held(1, 1, AssignmentRole::Serve);
    old.retiring = true;
    bench.hold(old, 1);
    bench.inner.learn(at(2));
    assert!(bench.due().is_empty());
}

#[tokio::test]
async fn nothing_stays_of_a_deleted_app() {
    let mut bench = Bench::new().await;
    bench.live.keys.known().await.unwrap();
    bench.hold(held(1, 1, AssignmentRole::Serve), 1);
    let deleted = AppRevision { deleted: true, keys: 2, ..at(2) };
    bench.inner.learn(deleted);
    bench.inner.forget_deleted();
    assert_eq!(bench.inner.stale_keys(bench.now).len(), 1, "its keys are to be forgotten first");
    bench.live.keys.at_least(2).await.unwrap();
    bench.inner.forget_deleted();
    assert!(bench.inner.live.is_empty() && bench.inner.revisions.is_empty());
}

#[tokio::test]
async fn code_that_nobody_calls_is_unloaded_and_loaded_again_for_a_call() {
    let mut bench = Bench::new().await;
    bench.hold(held(1, 3, AssignmentRole::Serve), 5);
    bench.inner.settle();
    let minute = Some(Duration::from_secs(60));
    let later = |seconds| Instant::now() + Duration::from_secs(seconds);
    let busy = bench.live.activity().begin();
    assert!(bench.inner.unload_idle(minute, later(100), |_| false).is_empty(), "a call is under way");
    drop(busy);
    assert!(bench.inner.unload_idle(minute, later(50), |_| false).is_empty());
    assert!(bench.inner.unload_idle(minute, later(100), |_| true).is_empty(), "a folder under development stays");
    assert!(bench.inner.unload_idle(None, later(100), |_| false).is_empty());
    bench.hold(held(2, 3, AssignmentRole::Prepare), 5);
    assert!(bench.inner.unload_idle(minute, later(100), |_| false).is_empty(), "a new version is on its way");
    bench.inner.held.pop();

    assert_eq!(bench.inner.unload_idle(minute, later(100), |_| false).len(), 1);
    bench.inner.settle();
    let report = bench.inner.reports().remove(0);
    assert!(report.unloaded && report.state == AppState::Running, "{report:?}");
    assert_eq!((report.settings, report.warnings.len()), (5, 1));
    let table = bench.inner.table();
    assert!(table.by_name.is_empty() && table.by_host.contains_key("v1.test"), "its addresses stay");
    bench.inner.learn(at(9));
    assert!(bench.due().is_empty(), "nobody calls, so nothing is loaded for other settings");
    assert_eq!(bench.inner.reports()[0].settings, 9);

    let wanted = bench.inner.wanted(&shop());
    let load = bench.inner.serving(&shop()).unwrap().begin(wanted);
    assert_eq!(bench.inner.reports()[0].state, AppState::Running);
    let loaded = bench.app("again", 9);
    bench.inner.finish(&load.app, &load.deployment, Ok(loaded), Instant::now());
    bench.inner.settle();
    assert_eq!(bench.serving().as_deref(), Some("again"));
    assert!(!bench.inner.reports()[0].unloaded);
}

//! The language part of test262, the conformance suite of ECMAScript, against the JavaScript engine as functions meet it: each
//! test in an instance of its own, called through `hearth-engine`. The suite is no part of this project:
//! `cargo xtask test262 DIR` takes a checkout of it. `HEARTH_TEST262_FILTER` chooses tests by a part of their path.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a skipped test says why, and the report is what the test is for")]

mod app;
mod metadata;
mod report;
mod suite;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hearth_engine::contract::{InvocationRequest, NamedData, TypedData};
use hearth_engine::egress::EgressRule;
use hearth_engine::{Engine, EngineOptions, Guest, GuestOptions, InvocationContext, InvocationLog, InvokeError, Level};
use report::Report;
use suite::{Run, Suite};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Names a checkout.
const VARIABLE: &str = "HEARTH_TEST262";
/// Longest run of one test.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Memory of the instance of one test.
const MEMORY_LIMIT_MIB: u32 = 256;
/// What the runner returns when nothing was thrown.
const PASSED: &str = "passed";
/// Percent of the runs that have to pass; 99.49 did on 23 November 2026 (42,936 of 43,158). Half of the others take the iterator away
/// from arrays, which our library then lacks too; the rest is QuickJS's.
const LEAST: f64 = 99.0;

#[tokio::test(flavor = "multi_thread")]
async fn the_language_is_ecmascript() {
    let Some(folder) = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty()) else {
        println!("skipped: {VARIABLE} names no checkout of test262 (`cargo xtask test262 DIR`)");
        return;
    };
    // Tests start in the folder of their package, people in the root.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PathBuf::from(folder));
    let filter = std::env::var("HEARTH_TEST262_FILTER").unwrap_or_default();
    let suite = Arc::new(Suite::open(&folder).unwrap_or_else(|error| panic!("{VARIABLE}: {error}")));
    let tests = suite.tests(&filter);
    assert!(!tests.is_empty(), "{} holds no tests under test/language that match '{filter}'", folder.display());

    let cache = tempfile::tempdir().unwrap();
    let parallel = std::thread::available_parallelism().unwrap().get();
    let guest = load(cache.path(), &suite, parallel).await;
    let places = Arc::new(Semaphore::new(parallel * 2));
    let mut report = Report::default();
    let mut under_way = JoinSet::new();
    for test in tests {
        let runs = match suite.runs(&test) {
            Ok(runs) => runs,
            Err(reason) => {
                report.skipped(reason);
                continue;
            }
        };
        for run in runs {
            let place = Arc::clone(&places).acquire_owned().await.unwrap();
            let guest = Arc::clone(&guest);
            under_way.spawn(async move {
                let result = judge(&guest, &run).await;
                drop(place);
                (run, result)
            });
            while let Some(done) = under_way.try_join_next() {
                let (run, result) = done.unwrap();
                report.ran(&run, result);
            }
        }
    }
    while let Some(done) = under_way.join_next().await {
        let (run, result) = done.unwrap();
        report.ran(&run, result);
    }
    println!("{report}");
    assert!(!filter.is_empty() || report.rate() >= LEAST, "{:.2} % passed, {LEAST} % did before", report.rate());
}

/// An app whose one function runs a test, with a fresh instance for each call.
async fn load(cache: &Path, suite: &Arc<Suite>, parallel: usize) -> Arc<Guest> {
    let max_instances = u32::try_from(parallel * 4).unwrap();
    let options = EngineOptions { cache_dir: cache.to_owned(), cache_key: [0; 32], max_instances };
    let app = app::script_app(Arc::clone(suite));
    let guest = tokio::task::spawn_blocking(move || {
        let options_of_guest = GuestOptions {
            settings: Default::default(),
            memory_limit_mib: MEMORY_LIMIT_MIB,
            instance_reuse: Some(0),
            egress: EgressRule::default(),
        };
        Guest::load_scripts(&Engine::new(&options).unwrap(), app, options_of_guest)
    });
    Arc::new(guest.await.unwrap().unwrap_or_else(|error| panic!("{error}: run `cargo xtask guests` first")))
}

/// Runs a test. The error says how it failed.
async fn judge(guest: &Guest, run: &Run) -> Result<(), String> {
    let request = InvocationRequest {
        invocation_id: "00000000-0000-4000-8000-000000000001".to_owned(),
        function_name: app::FUNCTION.to_owned(),
        entry_point: String::new(),
        trigger: NamedData { name: app::TRIGGER.to_owned(), data: TypedData::Json(run.job.to_string()) },
        metadata: Vec::new(),
        inputs: Vec::new(),
        trace: None,
        retry: None,
    };
    let context = InvocationContext { timeout: Some(TIMEOUT), log: Arc::new(NoLog) };
    let thrown = match guest.invoke(&request, context).await {
        Ok(response) => match response.return_value {
            TypedData::Text(text) | TypedData::Json(text) => text.trim_matches('"').to_owned(),
            other => return Err(format!("the runner returned {other:?}")),
        },
        Err(InvokeError::Timeout { .. }) => return Err(format!("it takes more than {} s", TIMEOUT.as_secs())),
        Err(error) => return Err(format!("{error}").lines().next().unwrap_or_default().to_owned()),
    };
    let (name, message) = thrown.split_once(": ").unwrap_or((&thrown, ""));
    match &run.negative {
        None if thrown == PASSED => Ok(()),
        None => Err(thrown),
        Some(wanted) if name == wanted => Ok(()),
        Some(wanted) if thrown == PASSED => Err(format!("{wanted} expected, nothing was thrown")),
        Some(wanted) => Err(format!("{wanted} expected, not {name}: {message}")),
    }
}

struct NoLog;

impl InvocationLog for NoLog {
    fn log(&self, _: Level, _: &str) {}
}

//! Breaks every operation before and after each of its statements and commits: it happened wholly or not at all, and
//! doing it again after a lost answer changes nothing more.

use std::sync::Arc;
use std::sync::Mutex;

use hearth_state::faults::FaultPoint;
use hearth_state::{Faults, StateError};

use crate::fixture::Fixture;
use crate::scenarios::{Repeat, Scenario, prepared, scenarios};

crate::on_every_engine!(
    every_operation_is_all_or_nothing_at_every_point,
    in_a_batch_only_the_bad_operation_fails,
    a_caller_that_goes_away_does_not_cut_its_write,
);

/// Remembers every point and fails at one of them.
#[derive(Default)]
pub(crate) struct Recorder {
    pub(crate) seen: Mutex<Vec<FaultPoint>>,
    pub(crate) fail_at: Option<usize>,
}

impl Faults for Recorder {
    fn at(&self, point: FaultPoint) -> Result<(), StateError> {
        let mut seen = self.seen.lock().unwrap();
        seen.push(point);
        match self.fail_at {
            Some(index) if index + 1 == seen.len() => Err(StateError::Unavailable("injected".to_owned())),
            _ => Ok(()),
        }
    }
}

/// The points that a scenario passes, and what is visible before and after it.
pub(crate) async fn observe(template: &Fixture, scenario: &Scenario) -> (Vec<FaultPoint>, String, String) {
    let fixture = template.copy().await;
    let before = fixture.dump().await;
    let recorder = Arc::new(Recorder::default());
    let database = fixture.open_with(Arc::clone(&recorder) as _).await;
    (scenario.act)(&database).await.unwrap();
    database.close().await;
    let points = recorder.seen.lock().unwrap().clone();
    let after = fixture.dump().await;
    assert_ne!(before, after, "{} changes something", scenario.name);
    (points, before, after)
}

/// Asserts what must be visible after the scenario broke at a point.
pub(crate) fn check_broken(scenario: &Scenario, point: FaultPoint, seen: &str, before: &str, after: &str) {
    let place = format!("{} broken at {point:?}", scenario.name);
    match point {
        FaultPoint::AfterCommit if scenario.single => assert_eq!(seen, after, "{place}"),
        _ if scenario.single => assert_eq!(seen, before, "{place}"),
        _ => assert!(seen == before || seen == after, "{place}:\n{seen}"),
    }
}

/// Asserts what must be visible after the broken scenario was run again.
pub(crate) fn check_repeated(scenario: &Scenario, point: FaultPoint, seen: &str, after: &str) {
    let place = format!("{} repeated after {point:?}", scenario.name);
    match scenario.repeat {
        Repeat::Nothing => assert_eq!(seen, after, "{place}"),
        Repeat::Epoch => assert_eq!(without_epochs(seen), without_epochs(after), "{place}"),
        Repeat::Everything if point == FaultPoint::AfterCommit => assert_ne!(seen, after, "{place}"),
        Repeat::Everything => assert_eq!(seen, after, "{place}"),
    }
}

fn without_epochs(dump: &str) -> String {
    let word = |word: &str| if word.starts_with("epoch=") { "epoch".to_owned() } else { word.to_owned() };
    dump.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

async fn every_operation_is_all_or_nothing_at_every_point(fixture: Fixture) {
    let template = prepared(fixture.engine()).await;
    let fixture = template.copy().await;
    let (mut broken, mut run) = (0, std::collections::BTreeSet::new());
    for scenario in scenarios() {
        let (points, before, after) = observe(&template, &scenario).await;
        assert!(points.len() >= 4, "{}: {points:?}", scenario.name);
        run.extend(points.iter().filter_map(|point| match point {
            FaultPoint::BeforeStatement(name) => Some((*name).to_owned()),
            _ => None,
        }));
        for (index, point) in points.iter().enumerate() {
            fixture.restore(&template).await;
            let recorder = Arc::new(Recorder { fail_at: Some(index), ..Recorder::default() });
            let database = fixture.open_with(recorder).await;
            let failed = (scenario.act)(&database).await;
            // What is done after a package's last step is only tidying.
            assert!(failed.is_err() || !scenario.single, "{} at {point:?}", scenario.name);
            check_broken(&scenario, *point, &fixture.dump().await, &before, &after);
            (scenario.act)(&database).await.unwrap();
            check_repeated(&scenario, *point, &fixture.dump().await, &after);
            database.close().await;
            broken += 1;
        }
    }
    assert!(broken > 200, "{broken} points were broken");
    // What an upload that is refused leaves is visible to nobody.
    run.insert("packages.abandon".to_owned());
    let left: Vec<_> = statements_that_change().into_iter().filter(|name| !run.contains(name)).collect();
    assert!(left.is_empty(), "no scenario runs these: {left:?}");
}

/// The names of all statements that write, but for those of a change of the installation key, which `rotation` breaks.
fn statements_that_change() -> Vec<String> {
    const MARK: &str = "Statement::change(";
    let mut names = Vec::new();
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            // Unit tests have statements of their own.
            let text = text.split("#[cfg(test)]").next().unwrap();
            let names_here = text.split(MARK).skip(1).map(|rest| rest.split('"').nth(1).unwrap().to_owned());
            names.extend(names_here.filter(|name| !path.ends_with("tests.rs") && !name.starts_with("rotation.")));
        }
    }
    assert!(names.len() > 50, "{names:?}");
    names
}

async fn in_a_batch_only_the_bad_operation_fails(fixture: Fixture) {
    struct NoLeases;
    impl Faults for NoLeases {
        fn at(&self, point: FaultPoint) -> Result<(), StateError> {
            match point {
                FaultPoint::BeforeStatement("leases.acquire") => Err(StateError::Unavailable("injected".to_owned())),
                _ => Ok(()),
            }
        }
    }
    let database = fixture.open_with(Arc::new(NoLeases)).await;
    let tasks: Vec<_> = (0..100)
        .map(|index| {
            let database = database.clone();
            tokio::spawn(async move {
                if index % 10 == 0 {
                    let refused = database.leases().acquire("x", "a", std::time::Duration::from_secs(1)).await;
                    assert!(refused.is_err());
                } else {
                    let name = crate::fixture::app(&format!("app-{index}"));
                    assert!(database.apps().create(&name, b"").await.unwrap());
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(database.apps().list().await.unwrap().len(), 90);
}

async fn a_caller_that_goes_away_does_not_cut_its_write(fixture: Fixture) {
    /// Stops the first commit until told to go on.
    struct Gate(Mutex<Option<(std::sync::mpsc::Sender<()>, std::sync::mpsc::Receiver<()>)>>);
    impl Faults for Gate {
        fn at(&self, point: FaultPoint) -> Result<(), StateError> {
            if point == FaultPoint::BeforeCommit
                && let Some((reached, go_on)) = self.0.lock().unwrap().take()
            {
                reached.send(()).unwrap();
                go_on.recv().unwrap();
            }
            Ok(())
        }
    }
    let ((reached_tx, reached), (go_on, go_on_rx)) = (std::sync::mpsc::channel(), std::sync::mpsc::channel());
    let database = fixture.open_with(Arc::new(Gate(Mutex::new(Some((reached_tx, go_on_rx)))))).await;
    let apps = database.apps();
    let caller = tokio::spawn(async move { apps.create(&crate::fixture::app("shop"), b"").await });
    tokio::task::spawn_blocking(move || reached.recv().unwrap()).await.unwrap();
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    go_on.send(()).unwrap();
    assert!(!database.apps().create(&crate::fixture::app("shop"), b"").await.unwrap(), "it was created");
}

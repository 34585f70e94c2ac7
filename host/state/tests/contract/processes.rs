//! Several processes on one file, and processes that die: this test binary runs itself as the other process.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use hearth_model::clock::{Clock, ManualClock, Timestamp};
use hearth_state::faults::FaultPoint;
use hearth_state::{Database, OpenOptions, StateUrl, rotate};

use crate::faults::{check_broken, check_repeated, observe};
use crate::fixture::{Fixture, app};
use crate::scenarios::{prepared, scenarios};

crate::on_every_engine!(
    kill_9_loses_nothing_acknowledged_and_frees_the_turn,
    a_process_that_dies_at_any_point_leaves_all_or_nothing,
);

/// What the child is to do; absent in an ordinary test run.
const TASK: &str = "HEARTH_TEST_CHILD";
const STATE: &str = "HEARTH_TEST_CHILD_STATE";
const KEY_FILE: &str = "HEARTH_TEST_CHILD_KEY_FILE";
const NOW: &str = "HEARTH_TEST_CHILD_NOW";

pub(crate) fn child(task: &str, fixture: &Fixture) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["processes::this_test_as_the_other_process", "--exact", "--nocapture", "--quiet"])
        .env(TASK, task)
        .env(STATE, fixture.state())
        .env(KEY_FILE, fixture.key_file())
        .env(NOW, fixture.clock.now().as_micros().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn this_test_as_the_other_process() {
    let Ok(task) = std::env::var(TASK) else { return };
    let state = std::env::var(STATE).unwrap();
    let mut options = OpenOptions::default();
    if !task.starts_with("write") {
        let now: i64 = std::env::var(NOW).unwrap().parse().unwrap();
        options.clock = Arc::new(ManualClock::new(Timestamp(now)));
        options.clock_decides = true;
    }
    let database = Database::open(&StateUrl::parse(&state).unwrap(), options).await.unwrap();
    match task.split_once(' ') {
        Some(("write", prefix)) => write(&database, prefix, u32::MAX).await,
        Some(("write-500", prefix)) => write(&database, prefix, 500).await,
        Some(("act", name)) => {
            let scenario = scenarios().into_iter().find(|scenario| scenario.name == name).unwrap();
            (scenario.act)(&database).await.unwrap();
        }
        None if task == "rotate" => {
            rotate(&database, Path::new(&std::env::var(KEY_FILE).unwrap())).await.unwrap();
        }
        _ => panic!("unknown task {task}"),
    }
    database.close().await;
}

/// Creates apps from 16 tasks and says each one's name once it is acknowledged.
async fn write(database: &Database, prefix: &str, count: u32) {
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let (apps, prefix) = (database.apps(), prefix.to_owned());
            tokio::spawn(async move {
                for row in (task..count).step_by(16) {
                    let name = format!("{prefix}-{row}");
                    assert!(apps.create(&app(&name), b"").await.unwrap());
                    writeln!(std::io::stdout().lock(), "ack {name}").unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// Reads acknowledged names, at most so many.
fn acknowledged(child: &mut Child, most: usize) -> Vec<String> {
    let output = BufReader::new(child.stdout.as_mut().unwrap());
    output
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| Some(line.split_once("ack ")?.1.to_owned()))
        .take(most)
        .collect()
}

async fn kill_9_loses_nothing_acknowledged_and_frees_the_turn(fixture: Fixture) {
    for round in 0..5 {
        let mut writer = child(&format!("write k{round}"), &fixture).spawn().unwrap();
        let mut names = acknowledged(&mut writer, 200 + 57 * round);
        writer.kill().unwrap();
        // What it had said before it died is in the pipe; the last line may be cut.
        let mut rest = String::new();
        writer.stdout.as_mut().unwrap().read_to_string(&mut rest).unwrap();
        let whole = rest.rsplit_once('\n').map_or("", |(whole, _)| whole);
        names.extend(whole.lines().filter_map(|line| Some(line.split_once("ack ")?.1.to_owned())));
        writer.wait().unwrap();
        let database = fixture.open().await;
        assert!(database.apps().create(&app(&format!("after-{round}")), b"").await.unwrap());
        let stored: std::collections::BTreeSet<String> =
            database.apps().list().await.unwrap().into_iter().map(|app| app.name.to_string()).collect();
        let lost: Vec<_> = names.iter().filter(|name| !stored.contains(*name)).collect();
        assert!(lost.is_empty() && names.len() >= 200, "of {} acknowledged, lost {lost:?}", names.len());
        database.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_one_file_and_take_turns() {
    let fixture = Fixture::sqlite();
    let database = fixture.open().await;
    let writers = ["left", "right"].map(|prefix| child(&format!("write-500 {prefix}"), &fixture).spawn().unwrap());
    let counts = writers.map(|mut writer| {
        let count = acknowledged(&mut writer, usize::MAX).len();
        assert!(writer.wait().unwrap().success());
        count
    });
    assert_eq!(counts, [500, 500]);
    let apps = database.apps().list().await.unwrap();
    assert_eq!(apps.len(), 1000);
    let span = |prefix: &str| {
        let created = || apps.iter().filter(|app| app.name.as_str().starts_with(prefix)).map(|app| app.created);
        (created().min().unwrap(), created().max().unwrap())
    };
    let (left, right) = (span("left"), span("right"));
    assert!(left.0 < right.1 && right.0 < left.1, "neither waited for the other to finish: {left:?} {right:?}");
}

async fn a_process_that_dies_at_any_point_leaves_all_or_nothing(fixture: Fixture) {
    if !cfg!(debug_assertions) {
        return crate::skipped("death at every point", "HEARTH_FAULT works in debug builds only");
    }
    let template = prepared(fixture.engine()).await;
    let fixture = template.copy().await;
    for scenario in scenarios() {
        let (points, before, after) = observe(&template, &scenario).await;
        for (index, point) in points.iter().enumerate() {
            let occurrence = points[..=index].iter().filter(|other| kind(**other) == kind(*point)).count();
            fixture.restore(&template).await;
            let mut child = child(&format!("act {}", scenario.name), &fixture)
                .env("HEARTH_FAULT", format!("abort:{}:{occurrence}", kind(*point)))
                .spawn()
                .unwrap();
            assert!(!child.wait().unwrap().success(), "{} at {point:?} dies", scenario.name);
            check_broken(&scenario, *point, &fixture.dump().await, &before, &after);
            let database = fixture.open().await;
            (scenario.act)(&database).await.unwrap();
            check_repeated(&scenario, *point, &fixture.dump().await, &after);
            database.close().await;
        }
    }
}

pub(crate) fn kind(point: FaultPoint) -> &'static str {
    match point {
        FaultPoint::BeforeStatement(_) => "before-statement",
        FaultPoint::AfterStatement(_) => "after-statement",
        FaultPoint::BeforeCommit => "before-commit",
        FaultPoint::AfterCommit => "after-commit",
        FaultPoint::BeforeFile(_) => "before-file",
        FaultPoint::AfterFile(_) => "after-file",
    }
}

//! Processes that claim rows under leases, commit under them, oversleep, and are killed: this test binary runs itself as
//! each of them.
//!
//! Every commit raises its row's generation by one, so that the generations that were acknowledged tell in which order
//! commits came: none may be acknowledged twice, none may be missing but for one that a kill left without an answer, and
//! along them the leases' epochs never fall, which is what a write under a stale lease would make them do.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use hearth_model::clock::{Clock, SystemClock};
use hearth_model::ids::{AppName, DeploymentId, Digest};
use hearth_state::{Database, NewDeployment, OpenOptions, StateUrl, UnderLease};
use hearth_tests::pause;

use crate::{Numbers, end};

/// Tells the claimers where their rows are; absent in an ordinary test run.
const FILE: &str = "HEARTH_CHAOS_CLAIMS";
/// First part of the rows' names.
const RUN: &str = "HEARTH_CHAOS_RUN";
const SERVER: &str = "HEARTH_TEST_SQLSERVER";

const ROWS: usize = 3;
const CLAIMERS: usize = 4;
const TTL: Duration = Duration::from_millis(400);

fn row(run: &str, number: usize) -> AppName {
    AppName::parse(&format!("row-{run}-{number}")).unwrap()
}

/// Where the rows are: a file, or the schema `hearth_chaos` of the server that is named.
fn place(text: &str) -> StateUrl {
    match StateUrl::parse(text).unwrap() {
        StateUrl::SqlServer(server) => StateUrl::SqlServer(Box::new(server.with_schema("hearth_chaos"))),
        file => file,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn this_test_as_a_claimer() {
    let Ok(text) = std::env::var(FILE) else { return };
    let run = std::env::var(RUN).unwrap();
    let database = Database::open(&place(&text), OpenOptions::default()).await.unwrap();
    let holder = format!("process-{}", std::process::id());
    let mut numbers = Numbers(u64::from(std::process::id()) << 8 | 1);
    loop {
        let number = numbers.below(ROWS);
        let name = row(&run, number);
        // What the database does not answer in time is no error of the claimer: it tries again, as workers do.
        let Ok(Some(lease)) = database.leases().acquire(name.as_str(), &holder, TTL).await else {
            // Another holds it, or the database is away: what a claimer does between two attempts, not something that is waited for.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        for _ in 0..numbers.below(20) {
            if numbers.below(40) == 0 {
                // Sleeps through its lease, wakes up, and knows nothing of that.
                tokio::time::sleep(TTL * 3).await;
            }
            let Ok(Some(app)) = database.apps().get(&name).await else { break };
            let deployment = database.deployments().list(&name).await.unwrap().remove(0).id;
            match database.apps().activate_under(&lease, &name, &deployment, app.generation).await {
                Ok(UnderLease::Done(Some(generation))) => say(&format!("done {number} {generation} {}", lease.epoch)),
                Ok(UnderLease::Done(None)) => {}
                Ok(UnderLease::Stale) => {
                    say("stale");
                    break;
                }
                Err(_) => break,
            }
        }
        database.leases().release(&lease).await.ok();
    }
}

/// One write, so that a kill leaves whole lines.
fn say(line: &str) {
    let mut output = std::io::stdout().lock();
    if output.write_all(format!("claims {line}\n").as_bytes()).and_then(|()| output.flush()).is_err() {
        // Whoever started it has gone.
        std::process::exit(1);
    }
}

struct Claimer(Child);

impl Claimer {
    fn start(place: &str, run: &str, said: &Sender<String>) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["claims::this_test_as_a_claimer", "--exact", "--nocapture", "--quiet"])
            .env(FILE, place)
            .env(RUN, run)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (output, said) = (BufReader::new(child.stdout.take().unwrap()), said.clone());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if let Some(line) = line.rsplit("claims ").next().filter(|_| line.contains("claims ")) {
                    said.send(line.to_owned()).ok();
                }
            }
        });
        Self(child)
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Claimer {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn on_sqlite_nothing_acknowledged_is_lost_and_nothing_is_written_under_a_stale_lease() {
    let folder = tempfile::tempdir().unwrap();
    chaos(folder.path().join("state.db").to_str().unwrap());
}

#[test]
fn on_sql_server_nothing_acknowledged_is_lost_and_nothing_is_written_under_a_stale_lease() {
    match std::env::var(SERVER) {
        Ok(server) if !server.is_empty() => chaos(&server),
        _ => println!("skipped: {SERVER} names no SQL Server"),
    }
}

fn chaos(at: &str) {
    let mut numbers = Numbers::seeded("claims");
    let run = format!("{:x}", SystemClock.now().as_micros());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let database = runtime.block_on(prepare(at, &run));
    let (said, heard) = channel();
    let mut claimers: Vec<Claimer> = (0..CLAIMERS).map(|_| Claimer::start(at, &run, &said)).collect();
    let (end, mut kills) = (end(), 0);
    while Instant::now() < end {
        pause(Duration::from_millis(100 + u64::try_from(numbers.below(400)).unwrap()));
        let victim = numbers.below(CLAIMERS);
        claimers[victim].kill();
        kills += 1;
        claimers[victim] = Claimer::start(at, &run, &said);
    }
    for claimer in &mut claimers {
        claimer.kill();
        kills += 1;
    }
    drop((claimers, said));
    check(&heard, kills, |number| {
        runtime.block_on(database.apps().get(&row(&run, number))).unwrap().unwrap().generation
    });
    runtime.block_on(database.close());
}

async fn prepare(at: &str, run: &str) -> Database {
    let database = Database::open(&place(at), OpenOptions::default()).await.unwrap();
    for number in 0..ROWS {
        let app = row(run, number);
        database.apps().create(&app, b"").await.unwrap();
        let new = NewDeployment {
            id: DeploymentId::parse(&format!("0197c1f2-7a4b-7c3d-9e2f-{:012x}", identity(run, number))).unwrap(),
            app,
            digest: Digest::from_bytes(&[0; 32]),
            size: 0,
            author: String::new(),
            author_email: String::new(),
            deployer: String::new(),
            message: String::new(),
        };
        database.deployments().insert(&new).await.unwrap();
    }
    database
}

/// Twelve hexadecimal digits that no other run has.
fn identity(run: &str, number: usize) -> u64 {
    (u64::from_str_radix(run, 16).unwrap() << 4 | u64::try_from(number).unwrap()) & 0xffff_ffff_ffff
}

fn check(heard: &Receiver<String>, kills: u64, last: impl Fn(usize) -> u64) {
    let (mut stale, mut done) = (0, vec![BTreeMap::new(); ROWS]);
    // Ends when the last pipe is read to its end.
    for line in heard {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["stale"] => stale += 1,
            ["done", number, generation, epoch] => {
                let (generation, epoch): (u64, u64) = (generation.parse().unwrap(), epoch.parse().unwrap());
                let before = done[number.parse::<usize>().unwrap()].insert(generation, epoch);
                assert_eq!(before, None, "generation {generation} of row {number} was acknowledged twice");
            }
            _ => panic!("not understood: {line}"),
        }
    }
    let (mut commits, mut unheard) = (0, 0);
    for (number, done) in done.iter().enumerate() {
        let mut newest = 0;
        for (generation, epoch) in done {
            assert!(
                *epoch >= newest,
                "row {number}: {generation} was written under the stale lease {epoch} of {newest}"
            );
            newest = *epoch;
        }
        let last = last(number);
        assert!(
            done.last_key_value().is_none_or(|(acknowledged, _)| *acknowledged <= last),
            "row {number} lost commits"
        );
        commits += last;
        unheard += last - u64::try_from(done.len()).unwrap();
    }
    println!("claims: {kills} kills, {commits} commits, {unheard} of them not heard of, {stale} refused as stale");
    assert!(unheard <= kills, "{unheard} commits were never acknowledged, and only {kills} processes were killed");
    assert!(commits > 100, "hardly anything was committed: {commits}");
    assert!(stale > 0, "no lease was ever overslept, so nothing was shown");
}

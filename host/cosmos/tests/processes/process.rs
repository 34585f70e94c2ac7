//! A processor in a process of its own: this test program again, told by its environment to be one.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hearth_cosmos::processor::{
    Batch, ChangeFeedProcessor, CloseReason, Delegate, Delivered, DeliveryError, Lease, Notifications, ProcessorError,
    ProcessorOptions, ProcessorStart,
};
use hearth_cosmos::{ContainerFeed, ContainerLeases, CosmosClient, CosmosConnection};
use hearth_model::clock::{Clock, SystemClock};
use tokio_util::sync::CancellationToken;

use crate::journal::Journals;

/// Name of the deployment unit.
pub(crate) const UNIT: &str = "unit";
pub(crate) const EXPIRATION: Duration = Duration::from_secs(3);

const CONNECTION: &str = "HEARTH_TEST_PROCESSOR_CONNECTION";
const NAME: &str = "HEARTH_TEST_PROCESSOR_NAME";
const JOURNAL: &str = "HEARTH_TEST_PROCESSOR_JOURNAL";

/// A running process. It is killed when this is dropped.
pub(crate) struct Process {
    pub(crate) name: String,
    child: Child,
}

impl Process {
    pub(crate) fn start(name: &str, connection: &str, journals: &Journals) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "process::a_processor_where_the_environment_asks_for_one", "--nocapture"])
            .env(CONNECTION, connection)
            .env(NAME, name)
            .env(JOURNAL, journals.path(name))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { name: name.to_owned(), child }
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self, journals: &Journals) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        journals.ended(&self.name, SystemClock.now());
    }

    /// In order; it has to end well.
    pub(crate) async fn stop(mut self) {
        drop(self.child.stdin.take());
        let status = tokio::task::spawn_blocking(move || {
            let status = self.child.wait();
            (self, status)
        });
        let (process, status) = status.await.unwrap();
        assert!(status.unwrap().success(), "{} did not end well", process.name);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What it does is written down in one write for each line, so that what was done before a kill is there.
#[derive(Clone)]
struct Journal(Arc<Mutex<File>>);

impl Journal {
    fn open(path: &Path) -> Self {
        Self(Arc::new(Mutex::new(File::options().create(true).append(true).open(path).unwrap())))
    }

    fn write(&self, line: &str) {
        let mut file = self.0.lock().unwrap();
        let line = format!("{} {line}\n", SystemClock.now().as_micros());
        file.write_all(line.as_bytes()).unwrap();
    }
}

impl Notifications for Journal {
    fn acquired(&self, lease: &Lease) {
        self.write(&format!("acquired {}", lease.token));
    }

    fn released(&self, lease: &Lease, reason: CloseReason) {
        self.write(&format!("released {} {reason}", lease.token));
    }

    fn failed(&self, lease: Option<&Lease>, error: &ProcessorError) {
        self.write(&format!("failed {} {error}", lease.map_or("-", |lease| &lease.token)));
    }
}

struct Handler(Journal);

impl Delegate for Handler {
    async fn deliver(&self, batch: Batch) -> Result<Delivered, DeliveryError> {
        #[derive(serde::Deserialize)]
        struct Item {
            pk: u64,
            sequence: u64,
        }
        let mut chance = [0];
        getrandom::fill(&mut chance).unwrap();
        if chance[0] < 25 {
            return Err(DeliveryError::failed("before it was handled"));
        }
        let items = batch.items.iter().map(|item| item.parse::<Item>().unwrap());
        let items = items.map(|Item { pk, sequence }| format!(" {pk}-{sequence}")).collect::<String>();
        self.0.write(&format!("handled {}{items}", batch.lease_token));
        match chance[0] < 51 {
            true => Err(DeliveryError::failed("after it was handled")),
            false => Ok(Delivered::Handled),
        }
    }
}

/// Is a processor until its standard input ends, in a process that [`Process::start`] started; in any other it has nothing to do.
#[test]
fn a_processor_where_the_environment_asks_for_one() {
    let Ok(connection) = std::env::var(CONNECTION) else { return };
    let name = std::env::var(NAME).unwrap();
    let journal = Journal::open(Path::new(&std::env::var_os(JOURNAL).unwrap()));
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        stopping.cancel();
    });
    let client = CosmosClient::new(&connection.parse::<CosmosConnection>().unwrap(), Arc::new(SystemClock));
    let feed = ContainerFeed::new(client.container("shop", "orders"));
    let leases = ContainerLeases::new(client.container("shop", "leases"));
    let options = ProcessorOptions {
        start: ProcessorStart::Beginning,
        acquire_interval: Duration::from_millis(500),
        renew_interval: Duration::from_millis(700),
        expiration_interval: EXPIRATION,
        poll_delay: Duration::from_millis(500),
        longest_wait: Duration::from_secs(2),
        read_timeout: Duration::from_secs(5),
        store_timeout: Duration::from_secs(2),
        retry_first: Duration::from_millis(20),
        retry_longest: Duration::from_millis(200),
        max_items: Some(20),
        drain: Duration::from_secs(5),
        lock_wait: Duration::from_secs(1),
        ..ProcessorOptions::default()
    };
    let processor = ChangeFeedProcessor::builder(feed, leases, Handler(journal.clone()))
        .name(UNIT)
        .instance(name)
        .options(options)
        .notifications(Arc::new(journal))
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(processor.run(stop)).unwrap();
}

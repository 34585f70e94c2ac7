//! The supervisor behind `hearth up`: owns the data directory and the listening sockets, keeps management and workers running.
//!
//! One task per child keeps it alive and reports to this loop, the only owner of state. The sockets stay open here, so
//! callers wait rather than fail while a child restarts. At a stop the workers drain first, while management still hears
//! them.

mod backoff;
mod child;
mod lock;
mod ports;

use std::collections::HashSet;
use std::ffi::OsString;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

pub(crate) use lock::DirectoryLock;
pub(crate) use ports::bind_after;

use crate::exit::Failure;
use crate::role::STOP_MARGIN;

/// Stop requests within this time of the first count as the same.
const SAME_REQUEST: Duration = Duration::from_millis(300);

/// One child to keep running.
#[derive(Clone, Debug)]
pub(crate) struct Child {
    /// Name in messages and of its readiness socket.
    pub(crate) name: String,
    /// Arguments of this same binary; no secrets, they are visible to every user.
    pub(crate) arguments: Vec<OsString>,
    /// Variables of the inherited environment that it does not get.
    pub(crate) left_out: Vec<OsString>,
    /// Environment besides the inherited one; for secrets.
    pub(crate) environment: Vec<(&'static str, String)>,
    /// The sockets it serves, in the order in which it takes them over.
    pub(crate) listeners: Vec<Arc<TcpListener>>,
}

/// What to keep running, and how.
pub(crate) struct Plan {
    /// The management role.
    pub(crate) management: Child,
    /// The workers.
    pub(crate) workers: Vec<Child>,
    /// This binary.
    pub(crate) binary: PathBuf,
    /// Directory for readiness sockets.
    pub(crate) run_dir: PathBuf,
    /// What running invocations are given at a stop.
    pub(crate) drain_timeout: Duration,
}

/// What a child's task tells the loop.
#[derive(Debug)]
enum Event {
    /// The child accepts connections; told after every start.
    Ready(String),
    /// The child refused its configuration before it was ever ready; it is not started again.
    Refused(String),
}

/// How a child's task is told to stop: never yet, in good order within a time, or at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Run,
    Stop(Duration),
    Kill,
}

/// Runs the plan until a stop is requested; a second request kills what has not stopped yet. `ready` is called once, when every child has been ready; its failure stops everything.
pub(crate) async fn run(
    plan: Plan,
    mut stop_requests: mpsc::Receiver<()>,
    ready: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (events, mut inbox) = mpsc::channel(64);
    let (management_order, management) = watch::channel(Order::Run);
    let (workers_order, workers) = watch::channel(Order::Run);
    let mut awaited: HashSet<String> = HashSet::new();
    let (mut management_tasks, mut worker_tasks) = (JoinSet::new(), JoinSet::new());
    let mut keep = |child: Child, order: watch::Receiver<Order>, tasks: &mut JoinSet<()>| {
        awaited.insert(child.name.clone());
        tasks.spawn(child::keep(child, plan.binary.clone(), plan.run_dir.clone(), events.clone(), order));
    };
    keep(plan.management, management, &mut management_tasks);
    for worker in plan.workers {
        keep(worker, workers.clone(), &mut worker_tasks);
    }

    let mut ready = Some(ready);
    let outcome = loop {
        tokio::select! {
            Some(()) = stop_requests.recv() => break Ok(()),
            Some(event) = inbox.recv() => match event {
                Event::Ready(name) => {
                    awaited.remove(&name);
                    if let Some(ready) = ready.take_if(|_| awaited.is_empty())
                        && let Err(failure) = ready()
                    {
                        break Err(failure);
                    }
                }
                Event::Refused(name) => break Err(Failure::configuration(format_args!(
                    "{name} can't run with these settings (see its message above); everything is stopped"
                ))),
            },
        }
    };

    if let Err(error) = crate::platform::notify("STOPPING=1") {
        tracing::debug!(category = "Supervisor", "NOTIFY_SOCKET: {error}");
    }
    tracing::info!(category = "Supervisor", "Stopping; running invocations have {} s", plan.drain_timeout.as_secs());
    let in_order = async {
        stop(&workers_order, &mut worker_tasks, plan.drain_timeout + STOP_MARGIN).await;
        stop(&management_order, &mut management_tasks, STOP_MARGIN).await;
    };
    let hurried = tokio::select! {
        () = in_order => false,
        () = second_request(&mut stop_requests) => true,
    };
    if hurried {
        tracing::warn!(category = "Supervisor", "Stopping at once");
        workers_order.send_replace(Order::Kill);
        management_order.send_replace(Order::Kill);
        while worker_tasks.join_next().await.is_some() || management_tasks.join_next().await.is_some() {}
    }
    outcome
}

/// A request well after the first. One that comes with it is the same wish, sent to the process and to its group.
async fn second_request(stop_requests: &mut mpsc::Receiver<()>) {
    let first = tokio::time::Instant::now();
    while stop_requests.recv().await.is_some() {
        if first.elapsed() >= SAME_REQUEST {
            return;
        }
    }
    std::future::pending().await
}

async fn stop(order: &watch::Sender<Order>, tasks: &mut JoinSet<()>, limit: Duration) {
    order.send_replace(Order::Stop(limit));
    while tasks.join_next().await.is_some() {}
}

#[cfg(test)]
#[cfg(unix)]
mod tests;

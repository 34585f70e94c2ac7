//! Keeps one child process running: start, wait until it is ready, start again when it ends, stop when told.
//!
//! The child's standard input is a pipe held here and never written. Closing it asks the child to stop, and it closes by
//! itself when this process is killed, so a child never outlives its supervisor.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child as Process, Command};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::backoff::Backoff;
use super::{Child, Event, Order};
use crate::exit::Kind;
use crate::platform::{self, NOTIFY_SOCKET, NotifySocket};

/// How one life of the child ended.
enum End {
    /// By itself.
    Exited { how: String, refused: bool, was_ready: Option<Duration> },
    /// Because it was told to.
    Stopped,
}

/// Runs until the order to stop has been carried out, or the child refused its configuration.
pub(super) async fn keep(
    child: Child,
    binary: PathBuf,
    run_dir: PathBuf,
    events: mpsc::Sender<Event>,
    mut order: watch::Receiver<Order>,
) {
    let socket_path = run_dir.join(format!("{}.sock", child.name));
    let mut backoff = Backoff::default();
    let mut ever_ready = false;
    loop {
        let (how, was_ready) = match live(&child, &binary, &socket_path, &events, &mut order).await {
            Ok(End::Stopped) => break,
            Ok(End::Exited { how, refused, was_ready }) => {
                ever_ready |= was_ready.is_some();
                if refused && !ever_ready {
                    let _loop_ended = events.send(Event::Refused(child.name.clone())).await;
                    break;
                }
                (how, was_ready)
            }
            Err(error) => (format!("can't be started: {error}"), None),
        };
        let wait = backoff.after(was_ready);
        tracing::warn!(category = "Supervisor", "{} {how}; it is started again in {} ms", child.name, wait.as_millis());
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = ordered(&mut order) => break,
        }
    }
    if let Err(error) = std::fs::remove_file(&socket_path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::debug!(category = "Supervisor", "'{}' can't be removed: {error}", socket_path.display());
    }
}

/// One life, from start to end.
async fn live(
    child: &Child,
    binary: &Path,
    socket_path: &Path,
    events: &mpsc::Sender<Event>,
    order: &mut watch::Receiver<Order>,
) -> io::Result<End> {
    let socket = NotifySocket::bind(socket_path)?;
    let mut process = spawn(child, binary, socket_path)?;
    // Taken out, because waiting for a process closes what is left in it.
    let input = process.stdin.take();
    let mut ready_since: Option<Instant> = None;
    loop {
        let step = tokio::select! {
            status = process.wait() => Step::Exited(status?),
            ready = socket.ready(), if ready_since.is_none() => ready.map(|()| Step::Ready)?,
            now = ordered(order) => Step::Ordered(now),
        };
        match step {
            Step::Exited(status) => {
                return Ok(End::Exited {
                    how: platform::describe_exit(status),
                    refused: status.code() == Some(Kind::Configuration as i32),
                    was_ready: ready_since.map(|since| since.elapsed()),
                });
            }
            Step::Ready => {
                ready_since = Some(Instant::now());
                let _loop_ended = events.send(Event::Ready(child.name.clone())).await;
            }
            Step::Ordered(now) => {
                drop(input);
                stop(child, &mut process, now, order).await?;
                return Ok(End::Stopped);
            }
        }
    }
}

/// What happens next in a child's life.
enum Step {
    Exited(ExitStatus),
    Ready,
    Ordered(Order),
}

/// Waits for an order other than to run. A dropped sender means that nobody is left to give one.
async fn ordered(order: &mut watch::Receiver<Order>) -> Order {
    order.wait_for(|order| *order != Order::Run).await.map_or(Order::Kill, |order| *order)
}

fn spawn(child: &Child, binary: &Path, socket_path: &Path) -> io::Result<Process> {
    let mut command = Command::new(binary);
    for name in &child.left_out {
        command.env_remove(name);
    }
    command
        .args(&child.arguments)
        .env(NOTIFY_SOCKET, socket_path)
        // Only the supervisor writes it.
        .env_remove("HEARTH_READY_FILE")
        .envs(child.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .kill_on_drop(true);
    platform::hand_over(&mut command, child.listeners.iter().map(AsRef::as_ref))?;
    command.spawn()
}

/// Waits for a child whose standard input was closed; kills it when the time is over or haste is ordered.
async fn stop(child: &Child, process: &mut Process, now: Order, order: &mut watch::Receiver<Order>) -> io::Result<()> {
    if let Order::Stop(limit) = now {
        let killed = order.wait_for(|order| *order == Order::Kill);
        tokio::select! {
            status = process.wait() => {
                let status = status?;
                if !status.success() {
                    tracing::warn!(category = "Supervisor", "{} {} while stopping", child.name, platform::describe_exit(status));
                }
                return Ok(());
            }
            () = tokio::time::sleep(limit) => {
                tracing::warn!(category = "Supervisor", "{} did not stop within {} s and is killed", child.name, limit.as_secs());
            }
            _ = killed => {}
        }
    }
    process.kill().await
}

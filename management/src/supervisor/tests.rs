//! The supervisor against real child processes: this test binary again, running [`child_process`] only.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::Command as StdCommand;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::*;
use crate::exit::Kind;
use crate::platform;

/// Tells a child which part to play; absent in an ordinary test run.
const PART: &str = "SUPERVISOR_TEST_PART";
const LONG: Duration = Duration::from_secs(30);

/// Not a test by itself: the body of the children that the other tests start.
#[test]
fn child_process() {
    let Ok(part) = std::env::var(PART) else { return };
    if part == "refuse" {
        std::process::exit(Kind::Configuration as i32);
    }
    let listener = platform::inherited_listener(0).unwrap().unwrap();
    platform::notify("READY=1").unwrap();
    let answering = part.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut command = [0];
            stream.read_exact(&mut command).unwrap();
            if command == *b"x" {
                std::process::exit(3);
            }
            write!(stream, "{answering} {}", std::process::id()).unwrap();
        }
    });
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest).unwrap();
    if part == "stubborn" {
        std::thread::park();
    }
    std::process::exit(0);
}

fn child(name: &str, part: &str) -> (Child, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let child = Child {
        name: name.to_owned(),
        arguments: ["supervisor::tests::child_process", "--exact", "--nocapture", "-q"].map(OsString::from).to_vec(),
        left_out: Vec::new(),
        environment: vec![(PART, part.to_owned())],
        listeners: vec![Arc::new(listener)],
    };
    (child, address)
}

fn plan(run_dir: &std::path::Path, management: Child, workers: Vec<Child>, drain_timeout: Duration) -> Plan {
    let binary = std::env::current_exe().unwrap();
    Plan { management, workers, binary, run_dir: run_dir.to_owned(), drain_timeout }
}

/// Sends one byte to whoever serves the address and reads the answer; empty when it died.
async fn call(address: SocketAddr, byte: u8) -> String {
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(&[byte]).unwrap();
        let mut answer = String::new();
        let _reset_by_death = stream.read_to_string(&mut answer);
        answer
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn children_answer_are_replaced_when_they_die_and_stop_when_told() {
    let directory = tempfile::tempdir().unwrap();
    let (management, management_address) = child("management", "manage");
    let (worker, worker_address) = child("worker-1", "work");
    let plan = plan(directory.path(), management, vec![worker], Duration::from_secs(10));
    let (told, ready) = oneshot::channel();
    let (stop, requests) = mpsc::channel(2);
    let running = tokio::spawn(run(plan, requests, move || {
        told.send(()).unwrap();
        Ok(())
    }));
    timeout(LONG, ready).await.unwrap().unwrap();

    let first = call(worker_address, b'?').await;
    assert!(first.starts_with("work "), "{first}");
    assert!(call(management_address, b'?').await.starts_with("manage "));
    assert_eq!(call(worker_address, b'x').await, "");
    // The port is never dropped: this connection waits for the next life of the worker.
    let second = timeout(LONG, call(worker_address, b'?')).await.unwrap();
    assert!(second.starts_with("work ") && second != first, "{first} then {second}");

    stop.send(()).await.unwrap();
    timeout(LONG, running).await.unwrap().unwrap().unwrap();
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "readiness sockets are removed");
}

#[tokio::test]
async fn a_second_signal_does_not_wait_for_a_stubborn_child() {
    let directory = tempfile::tempdir().unwrap();
    let (management, _) = child("management", "manage");
    let (worker, worker_address) = child("worker-1", "stubborn");
    let plan = plan(directory.path(), management, vec![worker], Duration::from_secs(3600));
    let (told, ready) = oneshot::channel();
    let (stop, requests) = mpsc::channel(2);
    let running = tokio::spawn(run(plan, requests, move || {
        told.send(()).unwrap();
        Ok(())
    }));
    timeout(LONG, ready).await.unwrap().unwrap();
    stop.send(()).await.unwrap();
    assert!(call(worker_address, b'?').await.starts_with("stubborn "), "it goes on after being asked to stop");
    // One that comes within the same moment counts as the first.
    let mut again = tokio::time::interval(SAME_REQUEST / 4);
    while !running.is_finished() {
        again.tick().await;
        let _ended = stop.try_send(());
    }
    timeout(LONG, running).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_child_that_refuses_its_configuration_ends_everything() {
    let directory = tempfile::tempdir().unwrap();
    let (management, _) = child("management", "manage");
    let (worker, _) = child("worker-1", "refuse");
    let plan = plan(directory.path(), management, vec![worker], Duration::from_secs(10));
    let (_stop, requests) = mpsc::channel(1);
    let running = run(plan, requests, || Ok(()));
    let failure = timeout(LONG, running).await.unwrap().unwrap_err();
    assert_eq!(failure.kind(), Kind::Configuration);
    assert!(failure.to_string().contains("worker-1"), "{failure}");
}

#[test]
fn a_child_stops_when_its_supervisor_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // `sh` plays the supervisor: it holds the other end of the child's standard input and is then killed.
    let notify = directory.path().join("child.sock");
    let socket = std::os::unix::net::UnixDatagram::bind(&notify).unwrap();
    let (input, held) = std::io::pipe().unwrap();
    let mut holder = StdCommand::new("sh")
        .args(["-c", "read forever"])
        .stdin(std::process::Stdio::piped())
        .stdout(held)
        .spawn()
        .unwrap();
    let mut command = tokio::process::Command::new(std::env::current_exe().unwrap());
    command
        .args(["supervisor::tests::child_process", "--exact", "--nocapture", "-q"])
        .env(PART, "work")
        .env(platform::NOTIFY_SOCKET, &notify)
        .stdin(input);
    platform::hand_over(&mut command, std::iter::once(&listener)).unwrap();
    command.as_std_mut().process_group(0);
    let mut orphan = command.as_std_mut().spawn().unwrap();
    drop(command);
    let mut message = [0; 64];
    let length = socket.recv(&mut message).unwrap();
    assert_eq!(&message[..length], b"READY=1");
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert!(orphan.wait().unwrap().success());
}

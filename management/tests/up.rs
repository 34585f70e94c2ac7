//! `hearth up` as a user meets it: the real binary with its real children, on ports that the system chooses.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;

/// No step takes this long; a test that waits for longer has failed.
const LONG: Duration = Duration::from_secs(60);

fn hearth() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearth"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HEARTH_") {
            command.env_remove(name);
        }
    }
    command.env_remove("NOTIFY_SOCKET");
    command
}

/// A running `hearth up`, killed when dropped.
struct Up {
    process: Child,
    data: PathBuf,
    ready: Value,
}

impl Up {
    fn start(directory: &Path, flags: &[&str]) -> Self {
        Self::start_at(directory, "127.0.0.1:0", "127.0.0.1:0", flags)
    }

    fn start_at(directory: &Path, management: &str, http: &str, flags: &[&str]) -> Self {
        let mut command = hearth();
        command
            .args(["up", "--drain-timeout", "5", "--management-listen", management, "--http-listen", http])
            .args(["--queues-listen", "127.0.0.1:0", "--documents-listen", "127.0.0.1:0"])
            .args(flags);
        Self::spawn(directory, command)
    }

    /// Starts any role and waits until it says that it is ready.
    fn spawn(directory: &Path, mut command: Command) -> Self {
        let data = directory.join("data");
        let ready_file = directory.join("ready.json");
        let notify = directory.join("notify");
        let _absent = std::fs::remove_file(&notify);
        let socket = UnixDatagram::bind(&notify).unwrap();
        socket.set_read_timeout(Some(LONG)).unwrap();
        let process = command
            .arg("--data")
            .arg(&data)
            .arg("--ready-file")
            .arg(&ready_file)
            .env("NOTIFY_SOCKET", &notify)
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut message = [0; 64];
        let length = socket.recv(&mut message).expect("the process becomes ready");
        assert_eq!(&message[..length], b"READY=1");
        let ready = serde_json::from_slice(&std::fs::read(&ready_file).unwrap()).unwrap();
        Self { process, data, ready }
    }

    fn text(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    /// Address and port of a base URL in the ready file.
    fn address(&self, name: &str) -> &str {
        self.text(name).strip_prefix("http://").unwrap()
    }

    fn client(&self, arguments: &[&str]) -> Output {
        hearth().args(arguments).arg("--data").arg(&self.data).stdin(Stdio::null()).output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Option<Value> {
        let output = self.client(&[arguments, &["--output", "json"]].concat());
        output.status.success().then(|| serde_json::from_slice(&output.stdout).unwrap())
    }

    /// The listed worker once `wanted` holds for it.
    fn worker_when(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + LONG;
        loop {
            let list = self.json(&["workers", "list"]);
            let worker = list.as_ref().and_then(|list| list["workers"].as_array()?.first());
            if let Some(worker) = worker.filter(|worker| wanted(worker)) {
                return worker.clone();
            }
            assert!(Instant::now() < deadline, "last seen: {list:?}");
        }
    }

    /// Process ids of the children by the role they play.
    fn children(&self, role: &str) -> Vec<Pid> {
        let own = self.process.id();
        let children = std::fs::read_to_string(format!("/proc/{own}/task/{own}/children")).unwrap();
        let plays = |pid: &&str| {
            let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            command.split(|byte| *byte == 0).nth(1) == Some(role.as_bytes())
        };
        children.split_whitespace().filter(plays).map(|pid| Pid::from_raw(pid.parse().unwrap()).unwrap()).collect()
    }

    fn stop(mut self) -> ExitStatus {
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap();
        self.process.wait().unwrap()
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _ended = self.process.wait();
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn refused(directory: &Path, flags: &[&str]) -> String {
    let output = hearth().arg("up").args(flags).current_dir(directory).stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(78), "{text}");
    assert!(output.stdout.is_empty());
    text
}

#[test]
fn it_starts_tells_where_it_is_and_stops() {
    let directory = tempfile::tempdir().unwrap();
    let up = Up::start(directory.path(), &["--workers", "2"]);
    assert_eq!(up.ready["pid"], up.process.id());
    assert_eq!(mode(&directory.path().join("ready.json")), 0o600);
    assert_eq!(mode(&up.data.join("profile.json")), 0o600);
    assert_eq!(mode(&up.data), 0o700);
    assert_eq!(up.children("worker").len(), 2);
    assert_eq!(up.children("management").len(), 1);
    let list = up.json(&["workers", "list"]).unwrap();
    let names: Vec<&str> = list["workers"].as_array().unwrap().iter().map(|w| w["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["worker-1", "worker-2"]);
    assert_eq!(up.json(&["apps", "list"]).unwrap()["apps"], serde_json::json!([]));

    // No secret is visible to other users.
    for pid in [up.children("management"), up.children("worker")].concat() {
        let command = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).unwrap();
        let command = String::from_utf8_lossy(&command);
        assert!(!command.contains(up.text("adminKey")) && !command.contains("join"), "{command}");
    }
    assert_eq!(up.stop().code(), Some(0));
}

#[test]
fn an_interrupt_from_the_terminal_reaches_all_and_stops_in_good_order() {
    let directory = tempfile::tempdir().unwrap();
    let mut up = Up::start(directory.path(), &[]);
    // A terminal sends the signal to the whole group, the children included.
    kill_process_group(Pid::from_child(&up.process), Signal::INT).unwrap();
    assert_eq!(up.process.wait().unwrap().code(), Some(0));
    let lock = std::fs::read_to_string(up.data.join("up.lock")).unwrap();
    assert_eq!(lock, "", "nothing was killed");
}

#[test]
fn the_roles_run_by_themselves_too() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = hearth();
    command.args(["management", "--management-listen", "127.0.0.1:0"]);
    let management = Up::spawn(directory.path(), command);
    assert!(management.json(&["workers", "list"]).unwrap()["workers"].as_array().unwrap().is_empty());

    let beside = tempfile::tempdir().unwrap();
    let state = format!("sqlite:{}", management.data.join("state.db").display());
    let mut command = hearth();
    command
        .args(["worker", "--name", "beside", "--http-listen", "127.0.0.1:0", "--label", "zone=a"])
        .args(["--queues-listen", "127.0.0.1:0", "--documents-listen", "127.0.0.1:0"])
        .args(["--management", management.text("management"), "--state", &state, "--key-file"])
        .arg(management.data.join("installation.key"))
        .env("HEARTH_JOIN_TOKEN", management.text("joinToken"));
    let worker = Up::spawn(beside.path(), command);
    let listed = management.worker_when(|worker| worker["state"] == "live");
    assert_eq!((&listed["name"], &listed["labels"]["zone"]), (&"beside".into(), &"a".into()));
    assert_eq!(listed["httpUrl"], worker.ready["http"]);
    assert_eq!(worker.stop().code(), Some(0));
    assert_eq!(management.stop().code(), Some(0));
}

#[test]
fn settings_are_the_same_after_a_restart_and_so_is_the_key() {
    let directory = tempfile::tempdir().unwrap();
    let up = Up::start(directory.path(), &[]);
    let (management, http) = (up.address("management").to_owned(), up.address("http").to_owned());
    let key = up.text("adminKey").to_owned();
    assert_eq!(up.stop().code(), Some(0));
    let up = Up::start_at(directory.path(), &management, &http, &[]);
    assert_eq!(up.text("adminKey"), key);
}

#[test]
fn a_second_one_in_the_same_directory_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let up = Up::start(directory.path(), &[]);
    let data = up.data.to_str().unwrap();
    let text = refused(directory.path(), &["--data", data]);
    assert!(text.contains(data) && text.contains(&format!("process {}", up.process.id())), "{text}");
}

#[test]
fn a_port_in_use_is_told_with_its_flag() {
    let directory = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = directory.path().join("data");
    let data = data.to_str().unwrap();
    for (flag, other) in [("--management-listen", "--http-listen"), ("--http-listen", "--management-listen")] {
        let text = refused(directory.path(), &["--data", data, flag, &address, other, "127.0.0.1:0"]);
        assert!(text.contains(&format!("{flag} {address}")) && text.contains("in use"), "{text}");
    }
}

#[test]
fn a_data_directory_that_can_not_be_used_is_told_before_anything_starts() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("file"), "").unwrap();
    let text = refused(directory.path(), &["--data", &path("file")]);
    assert!(text.contains("is not a directory"), "{text}");

    std::fs::create_dir(path("damaged")).unwrap();
    std::fs::write(path("damaged/state.db"), "this is no database, and long enough to be seen as one".repeat(100))
        .unwrap();
    let text = refused(directory.path(), &["--data", &path("damaged")]);
    assert!(text.contains("state.db"), "{text}");

    std::fs::create_dir(path("key")).unwrap();
    std::fs::write(path("key/installation.key"), "short").unwrap();
    let text = refused(directory.path(), &["--data", &path("key")]);
    assert!(text.contains("installation.key"), "{text}");
}

#[test]
fn what_dies_is_started_again_on_the_same_port() {
    let directory = tempfile::tempdir().unwrap();
    let up = Up::start(directory.path(), &[]);
    let first = up.worker_when(|worker| worker["state"] == "live");
    for pid in up.children("worker") {
        kill_process(pid, Signal::KILL).unwrap();
    }
    let second = up.worker_when(|worker| worker["epoch"].as_u64() > first["epoch"].as_u64());
    assert_ne!(second["pid"], first["pid"]);
    assert_eq!(second["httpUrl"], first["httpUrl"]);

    // The supervisor holds management's port: this call waits for the new process instead of failing.
    for pid in up.children("management") {
        kill_process(pid, Signal::KILL).unwrap();
    }
    let output = up.client(&["apps", "list"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(up.stop().code(), Some(0));
}

#[test]
fn after_a_killed_supervisor_the_next_one_takes_over_directory_and_ports() {
    let directory = tempfile::tempdir().unwrap();
    let mut up = Up::start(directory.path(), &[]);
    let (management, http) = (up.address("management").to_owned(), up.address("http").to_owned());
    up.process.kill().unwrap();
    up.process.wait().unwrap();
    let up = Up::start_at(directory.path(), &management, &http, &[]);
    assert_eq!(up.address("http"), http);
    up.worker_when(|worker| worker["state"] == "live");
    assert_eq!(up.stop().code(), Some(0));
}

#[test]
fn a_wrong_key_and_a_wrong_join_token_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let up = Up::start(directory.path(), &[]);
    let output = up.client(&["apps", "list", "--key", "wrong"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(77), "{text}");
    assert!(!text.contains("wrong"), "{text}");

    let state = format!("sqlite:{}", up.data.join("state.db").display());
    let output = hearth()
        .args(["worker", "--name", "stranger", "--http-listen", "127.0.0.1:0", "--management", up.text("management")])
        .args(["--queues-listen", "127.0.0.1:0", "--documents-listen", "127.0.0.1:0", "--state", &state, "--data"])
        .arg(&up.data)
        .env("HEARTH_JOIN_TOKEN", "a-token-that-was-guessed")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(77), "{text}");
    assert!(text.contains("token") && !text.contains("a-token-that-was-guessed"), "{text}");
}

#[test]
fn a_package_that_can_not_run_fails_before_or_after_the_upload_with_its_reason() {
    let directory = tempfile::tempdir().unwrap();
    let up = Up::start(directory.path(), &[]);
    let app = directory.path().join("app");
    std::fs::create_dir_all(app.join("hello")).unwrap();
    let app = app.to_str().unwrap();
    let publish = || {
        let output = up.client(&["publish", app, "--app", "hello"]);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, text) = publish();
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("host.json"), "{text}");

    let write = |name: &str, content: &[u8]| std::fs::write(directory.path().join("app").join(name), content).unwrap();
    write("host.json", br#"{"version": "2.0"}"#);
    write(
        "hello/function.json",
        br#"{"scriptFile": "../app.wasm", "bindings": [{"type": "httpTrigger", "name": "req", "direction": "in"},
            {"type": "http", "name": "$return", "direction": "out"}]}"#,
    );
    write("app.wasm", b"this is no component");
    let (code, text) = publish();
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("wasm"), "{text}");

    // The app was made by its first publish, though it runs nothing; everything else about it can be asked and changed.
    let credentials = up.json(&["apps", "credentials", "hello"]).unwrap();
    assert_eq!(credentials["user"], "$hello");
    let set = up.json(&["apps", "host-names", "hello", "hello.example.org"]).unwrap();
    assert_eq!(set["hostNames"], serde_json::json!(["hello.example.org"]));
    assert_eq!(up.json(&["apps", "show", "hello"]).unwrap()["hostNames"], set["hostNames"]);
    assert!(up.client(&["apps", "host-names", "hello", "--clear"]).status.success());
    let rollback = up.client(&["apps", "rollback", "hello"]);
    assert_eq!(rollback.status.code(), Some(1), "{}", String::from_utf8_lossy(&rollback.stderr));
    assert!(up.client(&["apps", "delete", "hello", "--yes"]).status.success());
    assert_eq!(up.client(&["apps", "show", "hello"]).status.code(), Some(1));
}

#[cfg(target_os = "linux")]
#[test]
fn a_shells_low_limit_of_open_files_is_raised() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -Sn 256; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_hearth"), "up"]).args([
        "--management-listen",
        "127.0.0.1:0",
        "--http-listen",
        "127.0.0.1:0",
        "--queues-listen",
        "127.0.0.1:0",
        "--documents-listen",
        "127.0.0.1:0",
    ]);
    let up = Up::spawn(directory.path(), command);
    let pid = up.process.id();
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    assert_eq!(children.split_whitespace().count(), 2, "management and a worker");
    for child in children.split_whitespace() {
        let limits = std::fs::read_to_string(format!("/proc/{child}/limits")).unwrap();
        let files = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
        let mut numbers = files.split_whitespace().map_while(|number| number.parse::<u64>().ok());
        let (soft, hard) = (numbers.next().unwrap(), numbers.next().unwrap_or(u64::MAX));
        assert_eq!(soft, hard.clamp(256, 65_536), "{limits}");
    }
}

//! A management role under test, and a client for it.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use hearth_state::{Database, Keyring, OpenOptions, StateUrl};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::{ManagementError, ManagementOptions, Ready, run};

/// What a test waits for comes within this time, or the test fails.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// A directory with state and key, in which roles are started one after the other.
pub(super) struct Place {
    pub(super) dir: tempfile::TempDir,
}

/// A running role.
pub(super) struct Role {
    pub(super) addr: SocketAddr,
    pub(super) admin_key: String,
    pub(super) join_token: String,
    pub(super) state: Database,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<Result<(), ManagementError>>,
    client: Client<HttpConnector, Body>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Reply {
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {self:?}")).to_str().unwrap()
    }

    /// Passes if the status is the expected one.
    #[track_caller]
    pub(super) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        self
    }
}

impl Place {
    pub(super) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(super) fn spool(&self) -> PathBuf {
        self.dir.path().join("spool")
    }

    pub(super) fn spooled(&self) -> usize {
        std::fs::read_dir(self.spool()).unwrap().count()
    }

    pub(super) async fn state(&self) -> Database {
        let url = StateUrl::sqlite(&self.dir.path().join("state.db"));
        Database::open(&url, OpenOptions::default()).await.unwrap()
    }

    /// Starts a role with short times; `set` may change what it is given.
    pub(super) async fn start_with(&self, set: impl FnOnce(&mut ManagementOptions)) -> Role {
        let state = self.state().await;
        let keyring = Keyring::load_or_create(&self.dir.path().join("key")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut options = ManagementOptions::new(state.clone(), keyring, listener, self.spool());
        options.publish_wait = PATIENCE;
        set(&mut options);
        let (stop, stopped) = oneshot::channel::<()>();
        let (sender, ready) = oneshot::channel();
        let shutdown = async move {
            let _ = stopped.await;
        };
        let task = tokio::spawn(run(options, move |ready| drop(sender.send(ready)), shutdown));
        let Ready { addr, admin_key, join_token } = ready.await.unwrap();
        let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
        Role { addr, admin_key, join_token, state, stop: Some(stop), task, client }
    }

    pub(super) async fn start(&self) -> Role {
        self.start_with(|_| ()).await
    }
}

impl Role {
    /// Sends a request as it is.
    pub(super) async fn send(&self, request: Request<Body>) -> Reply {
        let response = tokio::time::timeout(PATIENCE * 2, self.client.request(request)).await.unwrap().unwrap();
        let (parts, body) = response.into_parts();
        let body = tokio::time::timeout(PATIENCE, body.collect()).await.unwrap().unwrap().to_bytes();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// Sends with the admin key.
    pub(super) async fn call(&self, method: &str, path: &str, body: impl Into<Body>) -> Reply {
        let request = Request::builder().method(method).uri(self.url(path)).header("x-functions-key", &self.admin_key);
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        self.call("GET", path, Body::empty()).await
    }

    /// Publishes with the admin key and waits for the end.
    pub(super) async fn publish(&self, app: &str, zip: Vec<u8>) -> Reply {
        self.call("POST", &format!("/apps/{app}/zipdeploy"), zip).await
    }

    /// Sends to a publishing host with HTTP Basic.
    pub(super) async fn scm(
        &self,
        method: &str,
        app: &str,
        path: &str,
        password: &str,
        body: impl Into<Body>,
    ) -> Reply {
        use base64::Engine;
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("${app}:{password}"));
        let request = Request::builder()
            .method(method)
            .uri(self.url(path))
            .header("host", format!("{app}.scm.localhost:{}", self.addr.port()))
            .header("authorization", format!("Basic {basic}"));
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(super) async fn password(&self, app: &str) -> String {
        let reply = self.get(&format!("/api/apps/{app}/publish-credentials")).await.expect(200);
        reply.json()["password"].as_str().unwrap().to_owned()
    }

    /// Asks until the answer passes.
    pub(super) async fn until(&self, path: &str, passes: impl Fn(&Value) -> bool) -> Value {
        let asking = async {
            loop {
                let value = self.get(path).await.json();
                if passes(&value) {
                    return value;
                }
                // Asks again until the condition holds; the whole is bounded. Over HTTP there is no event to wait for.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        match tokio::time::timeout(PATIENCE, asking).await {
            Ok(value) => value,
            Err(_) => panic!("{path} never came to pass: {}", self.get(path).await.text()),
        }
    }

    /// Stops in good order.
    pub(super) async fn stop(mut self) {
        drop(self.stop.take());
        tokio::time::timeout(PATIENCE, self.task).await.unwrap().unwrap().unwrap();
        self.state.close().await;
    }

    /// Ends as a crash would: nothing is finished, nothing is tidied.
    pub(super) async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.is_err());
        self.state.close().await;
    }
}

/// The smallest thing that looks like a component.
pub(super) const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// A package with the given functions; `mark` makes its digest its own.
pub(super) fn package(functions: &[&str], mark: &str) -> Vec<u8> {
    let mut files: Vec<(String, Vec<u8>)> = vec![
        ("host.json".into(), br#"{"version": "2.0"}"#.to_vec()),
        ("mark.txt".into(), mark.as_bytes().to_vec()),
        ("app.wasm".into(), COMPONENT.to_vec()),
    ];
    for function in functions {
        let json = r#"{"scriptFile": "../app.wasm", "bindings": [
            {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous"},
            {"type": "http", "direction": "out", "name": "$return"}]}"#;
        files.push((format!("{function}/function.json"), json.as_bytes().to_vec()));
    }
    zip(&files)
}

/// A zip of these files.
pub(super) fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, content) in files {
        writer.start_file(path.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

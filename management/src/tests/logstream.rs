//! Log streaming from workers to a reader.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::routing::get;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::BroadcastStream;

use super::bench::{PATIENCE, Place, Role};
use super::worker::{FakeWorker, request};

/// A control listener whose log lines a test writes.
struct Control {
    url: String,
    lines: broadcast::Sender<String>,
}

type Seen = (broadcast::Sender<String>, tokio::sync::mpsc::UnboundedSender<(String, String)>);

async fn control() -> (Control, tokio::sync::mpsc::UnboundedReceiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (lines, _) = broadcast::channel(16);
    let (seen, sights) = tokio::sync::mpsc::unbounded_channel();
    let logs = |State((lines, seen)): State<Seen>, Query(query): Query<Vec<(String, String)>>, headers: HeaderMap| async move {
        let stream = BroadcastStream::new(lines.subscribe()).map(|line| line.map(|line| line + "\n"));
        let key = headers["authorization"].to_str().unwrap().to_owned();
        seen.send((query[0].1.clone(), key)).unwrap();
        (StatusCode::OK, Body::from_stream(stream))
    };
    let router = Router::new().route("/internal/v1/logs", get(logs)).with_state((lines.clone(), seen));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Control { url, lines }, sights)
}

/// A reader of a stream, line by line.
struct Reader {
    body: hyper::body::Incoming,
    text: String,
}

impl Reader {
    async fn open(role: &Role, path: &str) -> Self {
        let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
        let request = Request::get(role.url(path)).header("x-functions-key", &role.admin_key);
        let response = client.request(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        Self { body: response.into_body(), text: String::new() }
    }

    /// The next line; none at the end.
    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some((line, rest)) = self.text.split_once('\n') {
                let line = line.to_owned();
                self.text = rest.to_owned();
                return Some(line);
            }
            let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await.expect("the stream is silent")?;
            self.text.push_str(std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap());
        }
    }
}

#[tokio::test]
async fn lines_come_from_all_workers_with_their_names() {
    let place = Place::new();
    let role = place.start().await;
    role.call("PUT", "/api/apps/shop", "").await.expect(201);
    let (first, mut first_seen) = control().await;
    let mut one = request(&role, "w1");
    one.control_url.clone_from(&first.url);
    let worker = FakeWorker::join_with(&role, one).await;

    let mut reader = Reader::open(&role, "/apps/shop/api/logstream").await;
    assert!(reader.line().await.unwrap().contains("Welcome"));
    let (app, key) = first_seen.recv().await.unwrap();
    assert_eq!((app.as_str(), key), ("shop", format!("Bearer {}", worker.registered.control_key)));
    first.lines.send("Executing 'Functions.hello'".into()).unwrap();
    assert_eq!(reader.line().await.unwrap(), "Executing 'Functions.hello'");

    let (second, mut second_seen) = control().await;
    let mut two = request(&role, "w2");
    two.control_url.clone_from(&second.url);
    let _second_worker = FakeWorker::join_with(&role, two).await;
    second_seen.recv().await.unwrap();
    second.lines.send("two".into()).unwrap();
    assert_eq!(reader.line().await.unwrap(), "w2  two");
    first.lines.send("one".into()).unwrap();
    assert_eq!(reader.line().await.unwrap(), "w1  one");

    let mut filtered = Reader::open(&role, "/apps/shop/logstream/application/functions?filter=needle").await;
    assert!(filtered.line().await.unwrap().contains("Welcome"));
    first_seen.recv().await.unwrap();
    first.lines.send("hay".into()).unwrap();
    first.lines.send("a needle".into()).unwrap();
    assert!(filtered.line().await.unwrap().ends_with("a needle"));

    role.get("/apps/nowhere/logstream").await.expect(404);
    role.stop().await;
    while reader.line().await.is_some() {}
}

#[tokio::test]
async fn a_silent_stream_says_so_and_ends_in_time() {
    let place = Place::new();
    let role = place
        .start_with(|options| {
            options.log_stream_idle = Duration::from_millis(50);
            options.log_stream_limit = Duration::from_millis(500);
        })
        .await;
    role.call("PUT", "/api/apps/shop", "").await.expect(201);
    let mut reader = Reader::open(&role, "/apps/shop/logstream").await;
    reader.line().await.unwrap();
    assert!(reader.line().await.unwrap().contains("No new trace in the past 1 min(s)."));
    while reader.line().await.is_some() {}
    role.stop().await;
}

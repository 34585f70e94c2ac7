//! Log streaming: the lines of one app from all live workers in one plain-text stream (azure-functions reference, 9.4).
//!
//! Each worker streams over its control listener; a worker that goes away is tried again, one that joins is added. With
//! more than one worker each line begins with the worker's name. A slow reader slows its own stream only: workers drop
//! lines for it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use hearth_model::ids::{AppName, WorkerId};
use hearth_state::Worker;
use http::{Request, Response, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;

use crate::context::Context;
use crate::secret;

/// Path of the log stream on a worker's control listener.
const LOGS_PATH: &str = "/internal/v1/logs";
/// Lines that wait for a slow reader.
const LINES: usize = 1024;
/// Longest line; a longer one is cut into several.
const MAX_LINE: usize = 64 << 10;
/// How often the set of workers is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Calls workers' control listeners.
pub(crate) struct Fetcher(Client<HttpConnector, Body>);

impl Fetcher {
    pub(crate) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(3)));
        Self(Client::builder(TokioExecutor::new()).build(connector))
    }

    /// Sends a request to a worker's control listener.
    pub(crate) async fn request(
        &self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, hyper_util::client::legacy::Error> {
        self.0.request(request).await
    }
}

/// A stream of an app's log lines; with a filter, only those that contain it.
pub(crate) fn stream(context: Arc<Context>, app: AppName, filter: Option<String>) -> Body {
    let (sender, receiver) = mpsc::channel(LINES);
    tokio::spawn(async move {
        let stop = context.stop.clone();
        let limit = context.limits.log_stream;
        let reader_gone = sender.clone();
        let relay = Relay { context, app, filter, out: sender, sources: BTreeMap::new() };
        // Whatever comes first ends the stream; the tasks that read from workers end with the relay.
        tokio::select! {
            () = relay.run() => {}
            () = stop.cancelled() => {}
            () = reader_gone.closed() => {}
            () = tokio::time::sleep(limit) => {}
        }
    });
    Body::from_stream(futures_util::StreamExt::map(ReceiverStream::new(receiver), Ok::<_, std::convert::Infallible>))
}

struct Relay {
    context: Arc<Context>,
    app: AppName,
    filter: Option<String>,
    out: mpsc::Sender<Bytes>,
    sources: BTreeMap<(WorkerId, u64), Reader>,
}

/// A task that ends when it is dropped.
struct Reader(JoinHandle<()>);

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Relay {
    async fn run(mut self) {
        let welcome =
            format!("{}  Welcome, you are now connected to log-streaming service.\n", self.context.clock.now());
        let (lines, mut incoming) = mpsc::channel::<(WorkerId, Bytes)>(LINES);
        let idle = self.context.limits.log_stream_idle;
        let mut silent = 0u32;
        let mut last = Instant::now();
        let mut look = tokio::time::interval(LOOK);
        if self.out.send(welcome.into()).await.is_err() {
            return;
        }
        loop {
            tokio::select! {
                _ = look.tick() => self.look(&lines).await,
                Some((worker, line)) = incoming.recv() => {
                    silent = 0;
                    last = Instant::now();
                    if self.pass(&worker, &line).await.is_err() {
                        return;
                    }
                }
                () = tokio::time::sleep_until(last + idle) => {
                    silent += 1;
                    last = Instant::now();
                    let minutes = u128::from(silent) * idle.as_millis().max(1) / 60_000;
                    let text = format!("{}  No new trace in the past {} min(s).\n", self.context.clock.now(), minutes.max(1));
                    if self.out.send(text.into()).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    async fn pass(&self, worker: &WorkerId, line: &[u8]) -> Result<(), mpsc::error::SendError<Bytes>> {
        let text = String::from_utf8_lossy(line);
        if self.filter.as_ref().is_some_and(|wanted| !text.contains(wanted.as_str())) {
            return Ok(());
        }
        let line = if self.sources.len() > 1 { format!("{worker}  {text}\n") } else { format!("{text}\n") };
        self.out.send(line.into()).await
    }

    /// Begins to read from new workers, and anew where a stream ended.
    async fn look(&mut self, lines: &mpsc::Sender<(WorkerId, Bytes)>) {
        let Ok((_, workers)) = self.context.scheduler.look().await else { return };
        let live: BTreeMap<_, _> = workers
            .into_iter()
            .filter(|worker| !worker.missing)
            .map(|worker| ((worker.name.clone(), worker.epoch), worker))
            .collect();
        self.sources.retain(|source, reader| live.contains_key(source) && !reader.0.is_finished());
        for (source, worker) in live {
            if !self.sources.contains_key(&source) {
                let read = read(Arc::clone(&self.context), worker, self.app.clone(), lines.clone());
                self.sources.insert(source, Reader(tokio::spawn(read)));
            }
        }
    }
}

/// Reads one worker's stream to its end, line by line.
async fn read(context: Arc<Context>, worker: Worker, app: AppName, lines: mpsc::Sender<(WorkerId, Bytes)>) {
    let key = secret::control_key(&context.keyring, worker.name.as_str(), &worker.credential_hash);
    let url = format!("{}{LOGS_PATH}?app={app}", worker.control_url.trim_end_matches('/'));
    let request = Request::get(url).header(header::AUTHORIZATION, format!("Bearer {key}")).body(Body::empty());
    let Ok(request) = request else { return };
    let mut body = match context.fetcher.request(request).await {
        Ok(response) if response.status().is_success() => response.into_body(),
        Ok(response) => {
            tracing::debug!(worker = %worker.name, status = %response.status(), "worker refused its log stream");
            return;
        }
        Err(error) => {
            tracing::debug!(worker = %worker.name, %error, "worker's log stream can't be reached");
            return;
        }
    };
    let mut rest = BytesMut::new();
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        rest.extend_from_slice(&data);
        while let Some(end) =
            rest.iter().position(|byte| *byte == b'\n').or((rest.len() > MAX_LINE).then_some(MAX_LINE))
        {
            let mut line = rest.split_to(end + 1).freeze();
            while line.ends_with(b"\n") || line.ends_with(b"\r") {
                line.truncate(line.len() - 1);
            }
            if lines.send((worker.name.clone(), line)).await.is_err() {
                return;
            }
        }
    }
}

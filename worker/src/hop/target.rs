//! Connections to one other worker: kept for the next call, bounded in number, given up when nothing answers on them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hearth_model::ids::WorkerId;
use http::header::HOST;
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::hop::body::CallBody;
use crate::hop::facts::HOP;
use crate::hop::proof::{HopKey, Numbers, is, number, parse};
use crate::hop::receive::HELLO_PATH;

/// A worker that does not take a connection within this time counts as gone.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);
/// Nothing of what was sent arrived for this long: the connection is dead, for example because the network was cut.
const DEAD_AFTER: Duration = Duration::from_secs(10);
/// Calls at once to one worker.
const MAX_CALLS: usize = 1000;
/// Connections kept without a call, and for how long: well below the time after which the other side closes them.
const MAX_IDLE: usize = 64;
const IDLE_FOR: Duration = Duration::from_secs(15);
/// A worker that could not be connected to is left alone for so long, doubling up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// An answer's head: as many headers as an app can set.
const MAX_HEAD_BYTES: usize = 256 * 1024;

/// A connection that is ready for a call.
pub(super) struct Connection {
    sender: SendRequest<CallBody>,
    pub(super) numbers: Numbers,
    /// The place of the next call.
    pub(super) place: u64,
    idle_since: Instant,
}

/// How a call went as far as its answer's head.
pub(super) enum Sent {
    Answer(Response<Incoming>, Connection),
    /// Nothing of it left this worker.
    Unsent(CallBody),
    /// It may have arrived.
    Lost(String),
}

/// Another worker.
pub(super) struct Target {
    pub(super) name: WorkerId,
    /// Host and port of its private listener.
    address: String,
    calls: AtomicUsize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    idle: Vec<Connection>,
    /// Until when it is left alone, and the pause that led there.
    away: Option<(Instant, Duration)>,
}

impl Target {
    /// `url` is that of its private listener.
    pub(super) fn new(name: WorkerId, url: &str) -> Self {
        let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Self { name, address, calls: AtomicUsize::new(0), inner: Mutex::default() }
    }

    pub(super) fn is_at(&self, url: &str) -> bool {
        url.trim_start_matches("http://").trim_end_matches('/') == self.address
    }

    /// The host part of its address: the same for all workers of a machine.
    pub(super) fn host(&self) -> &str {
        self.address.rsplit_once(':').map_or(&self.address, |(host, _)| host)
    }

    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Whether it could not be connected to a moment ago.
    pub(super) fn is_away(&self, now: Instant) -> bool {
        self.inner().away.is_some_and(|(until, _)| now < until)
    }

    /// A place among the calls to it; none when all are taken.
    pub(super) fn call(self: &Arc<Self>) -> Option<Call> {
        let before = self.calls.fetch_add(1, Ordering::Relaxed);
        let call = Call(self.clone());
        (before < MAX_CALLS).then_some(call)
    }

    /// A connection that was used before.
    pub(super) fn idle(&self) -> Option<Connection> {
        let mut inner = self.inner();
        inner.idle.retain(|connection| connection.idle_since.elapsed() < IDLE_FOR && !connection.sender.is_closed());
        inner.idle.pop()
    }

    /// A new connection, on which the other side has shown who it is. The error is for people.
    pub(super) async fn connect(&self, key: &HopKey) -> Result<Connection, String> {
        let connected = tokio::time::timeout(CONNECT_LIMIT, self.greet(key)).await;
        let connected = connected.unwrap_or_else(|_| Err(format!("no answer within {CONNECT_LIMIT:?}")));
        let mut inner = self.inner();
        match &connected {
            Ok(_) => inner.away = None,
            Err(_) => {
                let pause = inner.away.map_or(FIRST_PAUSE, |(_, pause)| (pause * 2).min(LONGEST_PAUSE));
                inner.away = Some((Instant::now() + pause, pause));
            }
        }
        connected.map_err(|error| format!("worker {} at {} can't be reached: {error}", self.name, self.address))
    }

    async fn greet(&self, key: &HopKey) -> Result<Connection, String> {
        let broken = |error: &dyn std::fmt::Display| error.to_string();
        let stream = TcpStream::connect(&self.address).await.map_err(|error| broken(&error))?;
        let _ = stream.set_nodelay(true);
        #[cfg(target_os = "linux")]
        {
            let limit = u32::try_from(DEAD_AFTER.as_millis()).unwrap_or(u32::MAX);
            let _ = rustix::net::sockopt::set_tcp_user_timeout(&stream, limit);
            // A connection on which only an answer is waited for is asked too.
            let _ = rustix::net::sockopt::set_socket_keepalive(&stream, true);
            let _ = rustix::net::sockopt::set_tcp_keepidle(&stream, DEAD_AFTER / 2);
            let _ = rustix::net::sockopt::set_tcp_keepintvl(&stream, DEAD_AFTER / 5);
        }
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(MAX_HEAD_BYTES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| broken(&error))?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(category = "Host.General", "a connection to another worker ended: {error}");
            }
        });
        let caller = number()?;
        let request = Request::get(HELLO_PATH)
            .header(HOST, HeaderValue::try_from(&self.address).map_err(|error| broken(&error))?)
            .header(HOP, hex::encode(caller))
            .body(CallBody::None)
            .map_err(|error| broken(&error))?;
        let answer = sender.send_request(request).await.map_err(|error| broken(&error))?;
        let shown = answer.headers().get(HOP).and_then(|value| value.to_str().ok()?.split_once('.'));
        let (StatusCode::OK, Some((called, proof))) = (answer.status(), shown) else {
            return Err("it does not take calls of other workers".to_owned());
        };
        let called = parse(called).ok_or("its greeting can't be read")?;
        let numbers = Numbers { caller, called };
        if !is(proof, &key.of_worker(self.name.as_str(), &numbers)) {
            return Err("what answers there is another worker, or has another installation key".to_owned());
        }
        drop(answer);
        sender.ready().await.map_err(|error| broken(&error))?;
        Ok(Connection { sender, numbers, place: 0, idle_since: Instant::now() })
    }

    /// Sends a call. Dropped, it takes the connection with it, and the other side learns that nobody waits any more.
    pub(super) async fn send(&self, mut connection: Connection, request: Request<CallBody>) -> Sent {
        connection.place += 1;
        match connection.sender.try_send_request(request).await {
            Ok(answer) => Sent::Answer(answer, connection),
            Err(mut failed) => match failed.take_message() {
                Some(request) => Sent::Unsent(request.into_body()),
                None => Sent::Lost(failed.error().to_string()),
            },
        }
    }

    /// Keeps a connection for the next call once its answer was taken; until then this waits.
    pub(super) async fn keep(&self, mut connection: Connection) {
        if connection.sender.ready().await.is_err() {
            return;
        }
        connection.idle_since = Instant::now();
        let mut inner = self.inner();
        if inner.idle.len() >= MAX_IDLE {
            inner.idle.remove(0);
        }
        inner.idle.push(connection);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call under way to another worker, counted until it is dropped.
pub(super) struct Call(Arc<Target>);

impl Drop for Call {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

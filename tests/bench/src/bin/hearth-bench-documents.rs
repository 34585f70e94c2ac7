//! The load on a document store, over its REST face with signed requests, as its clients send them: creates, upserts, point reads, pages of
//! a list and of a change feed. One thread, and a result as one JSON object on standard output.
//!
//! Every request is signed by itself, because a signature holds the resource; what that takes is taken of the load, not of
//! the server. The key comes by the environment.

#![expect(clippy::print_stdout, reason = "the result is what this program is for")]

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::{Parser, Subcommand};
use hearth_documents::protocol::http_date;
use hearth_documents::protocol::signature::{AccountKey, SignedParts};
use hearth_model::clock::{Clock, SystemClock};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{HeaderMap, HeaderName};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const DATABASE: &str = "bench";
const CONTAINER: &str = "items";
/// Items have so many partition keys.
const KEYS: usize = 1000;
/// Bytes of text in each item, beside about 80 others.
const TEXT: usize = 400;
/// Items that a page is asked for.
const PAGE: usize = 100;

/// Writes and reads items.
#[derive(Clone, Debug, Parser)]
struct Arguments {
    /// The document store
    #[arg(long, value_name = "ADDRESS:PORT")]
    to: SocketAddr,
    /// Key of an account, in base64
    #[arg(long, env = "HEARTH_BENCH_KEY", hide_env_values = true)]
    key: String,
    /// Connections at the same time
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    connections: u16,
    #[command(subcommand)]
    work: Work,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Work {
    /// Makes the container anew, without items
    Make {
        /// Request units a second that it may use, from which its ranges follow; without it the store's own choice
        #[arg(long)]
        units: Option<u32>,
    },
    /// Creates the items FROM to FROM + COUNT, each with the moment in which it was sent, in microseconds since 1970
    Create {
        /// How many
        #[arg(long)]
        count: usize,
        /// Number of the first
        #[arg(long, default_value_t = 0)]
        from: usize,
        /// How many a second; without it as many as can be
        #[arg(long)]
        rate: Option<u32>,
    },
    /// Replaces the items 0 to COUNT by upserts
    Upsert {
        /// How many
        #[arg(long)]
        count: usize,
    },
    /// Reads the items 0 to COUNT, one by one
    Read {
        /// How many
        #[arg(long)]
        count: usize,
    },
    /// Reads the list of items in pages of 100 to its end, on each connection, so often
    List {
        /// How often
        #[arg(long, default_value_t = 1)]
        turns: usize,
    },
    /// Reads the change feed in pages of 100 from its beginning to its end, on each connection, so often
    Feed {
        /// How often
        #[arg(long, default_value_t = 1)]
        turns: usize,
    },
}

/// What was seen; latencies are those of requests.
#[derive(Debug, Default, Serialize)]
struct Seen {
    requests: usize,
    /// Items in all pages.
    items: usize,
    seconds: f64,
    p50_micros: u64,
    p99_micros: u64,
}

type Failed = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failed> {
    let arguments = Arguments::parse();
    let store = Arc::new(Store {
        to: arguments.to,
        host: arguments.to.to_string(),
        key: AccountKey::from_base64(&arguments.key).ok_or("the key is not base64")?,
    });
    let (started, next) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let mut times = Times::default();
    if let Work::Make { units } = arguments.work {
        make(&store, units).await?;
    } else {
        let mut callers = JoinSet::new();
        for _ in 0..arguments.connections {
            let connection = Connection::open(store.clone()).await?;
            callers.spawn(call(connection, arguments.work, started, next.clone()));
        }
        while let Some(caller) = callers.join_next().await {
            times.add(caller??);
        }
    }
    println!("{}", serde_json::to_string(&times.summary(started))?);
    Ok(())
}

#[derive(Debug, Default)]
struct Times {
    latencies: Vec<u64>,
    items: usize,
}

impl Times {
    fn add(&mut self, mut other: Self) {
        self.latencies.append(&mut other.latencies);
        self.items += other.items;
    }

    fn note(&mut self, asked: Instant, items: usize) {
        self.latencies.push(u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX));
        self.items += items;
    }

    fn summary(&mut self, started: Instant) -> Seen {
        self.latencies.sort_unstable();
        let at = |part: usize| self.latencies.get(self.latencies.len() * part / 100).copied().unwrap_or_default();
        Seen {
            requests: self.latencies.len(),
            items: self.items,
            seconds: started.elapsed().as_secs_f64(),
            p50_micros: at(50),
            p99_micros: at(99),
        }
    }
}

async fn make(store: &Arc<Store>, units: Option<u32>) -> Result<(), Failed> {
    let mut connection = Connection::open(store.clone()).await?;
    let database = format!("dbs/{DATABASE}");
    let gone = connection.send(&Call::new(Method::DELETE, "dbs", &database, &database)).await?;
    gone.expect(&[StatusCode::NO_CONTENT, StatusCode::NOT_FOUND])?;
    let body = format!(r#"{{"id":"{DATABASE}"}}"#);
    connection.send(&Call::new(Method::POST, "dbs", "", "dbs").body(body)).await?.expect(&[StatusCode::CREATED])?;
    let body = format!(r#"{{"id":"{CONTAINER}","partitionKey":{{"paths":["/pk"],"kind":"Hash","version":2}}}}"#);
    let mut call = Call::new(Method::POST, "colls", &database, &format!("{database}/colls")).body(body);
    if let Some(units) = units {
        call = call.header("x-ms-offer-throughput", units.to_string());
    }
    connection.send(&call).await?.expect(&[StatusCode::CREATED])?;
    Ok(())
}

async fn call(
    mut connection: Connection,
    work: Work,
    started: Instant,
    next: Arc<AtomicUsize>,
) -> Result<Times, Failed> {
    let mut times = Times::default();
    match work {
        Work::Make { .. } => {}
        Work::Create { count, .. } | Work::Upsert { count } | Work::Read { count } => loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                break;
            }
            if let Work::Create { rate: Some(rate), .. } = work {
                let moment = Duration::from_secs_f64(f64::from(u32::try_from(number)?) / f64::from(rate));
                tokio::time::sleep_until((started + moment).into()).await;
            }
            let asked = Instant::now();
            let (call, right) = match work {
                Work::Create { from, .. } => (write(from + number), StatusCode::CREATED),
                Work::Upsert { .. } => {
                    (write(number).header("x-ms-documentdb-is-upsert", "True".to_owned()), StatusCode::OK)
                }
                _ => (read(number), StatusCode::OK),
            };
            connection.send(&call).await?.expect(&[right])?;
            times.note(asked, 1);
        },
        Work::List { turns } => {
            for _ in 0..turns {
                connection.pages("x-ms-continuation", "x-ms-continuation", None, &mut times).await?;
            }
        }
        Work::Feed { turns } => {
            for _ in 0..turns {
                connection.pages("if-none-match", "etag", Some("Incremental Feed"), &mut times).await?;
            }
        }
    }
    Ok(times)
}

fn write(number: usize) -> Call {
    let (items, key) = (items(), number % KEYS);
    // Other bytes in each, as in real items.
    let text: String =
        (0..TEXT).map(|at| char::from(b'a' + u8::try_from((number + at * 7) % 26).unwrap_or(0))).collect();
    let at = SystemClock.now().as_micros();
    let body = format!(r#"{{"id":"item-{number}","pk":"key-{key}","number":{number},"at":{at},"text":"{text}"}}"#);
    Call::new(Method::POST, "docs", &items, &format!("{items}/docs")).key(key).body(body)
}

fn read(number: usize) -> Call {
    let link = format!("{}/docs/item-{number}", items());
    Call::new(Method::GET, "docs", &link, &link).key(number % KEYS)
}

fn items() -> String {
    format!("dbs/{DATABASE}/colls/{CONTAINER}")
}

/// A request without signature.
struct Call {
    method: Method,
    resource_type: &'static str,
    /// What is signed.
    link: String,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Call {
    fn new(method: Method, resource_type: &'static str, link: &str, path: &str) -> Self {
        let (link, path) = (link.to_owned(), format!("/{path}"));
        Self { method, resource_type, link, path, headers: Vec::new(), body: String::new() }
    }

    fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The partition key of this number.
    fn key(self, key: usize) -> Self {
        self.header("x-ms-documentdb-partitionkey", format!(r#"["key-{key}"]"#))
    }

    fn body(mut self, body: String) -> Self {
        self.body = body;
        self
    }
}

/// The store and what opens it.
struct Store {
    to: SocketAddr,
    host: String,
    key: AccountKey,
}

/// One connection with one request under way.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    store: Arc<Store>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn expect(self, right: &[StatusCode]) -> Result<Self, Failed> {
        if right.contains(&self.status) {
            return Ok(self);
        }
        Err(format!("the store answered {}: {}", self.status, String::from_utf8_lossy(&self.body)).into())
    }

    fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(str::to_owned)
    }
}

impl Connection {
    async fn open(store: Arc<Store>) -> Result<Self, Failed> {
        let stream = TcpStream::connect(store.to).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // Its error, if any, is also the error of the request under way.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self { sender, store })
    }

    async fn send(&mut self, call: &Call) -> Result<Answer, Failed> {
        let date = http_date(SystemClock.now());
        let parts =
            SignedParts { method: call.method.as_str(), resource_type: call.resource_type, ms_date: &date, date: "" };
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(&call.path)
            .header("host", &self.store.host)
            .header("authorization", parts.authorization(&self.store.key, &call.link))
            .header("x-ms-date", &date)
            .header("x-ms-version", "2020-07-15")
            .header("accept", "application/json");
        if !call.body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in &call.headers {
            request = request.header(HeaderName::from_static(name), value);
        }
        let request = request.body(Full::from(call.body.clone()))?;
        // A server may close a connection after each answer.
        if self.sender.ready().await.is_err() {
            *self = Self::open(self.store.clone()).await?;
            self.sender.ready().await?;
        }
        let response = self.sender.send_request(request).await?;
        let (head, body) = response.into_parts();
        Ok(Answer { status: head.status, headers: head.headers, body: body.collect().await?.to_bytes() })
    }

    /// Reads pages until there is no next one; `position` asks for what comes after the header `told` of the page before.
    async fn pages(
        &mut self,
        position: &'static str,
        told: &str,
        mode: Option<&str>,
        times: &mut Times,
    ) -> Result<(), Failed> {
        let mut after: Option<String> = None;
        loop {
            let asked = Instant::now();
            let items = items();
            let call = Call::new(Method::GET, "docs", &items, &format!("{items}/docs"));
            let mut call = call.header("x-ms-max-item-count", PAGE.to_string());
            if let Some(mode) = mode {
                call =
                    call.header("a-im", mode.to_owned()).header("x-ms-documentdb-partitionkeyrangeid", "0".to_owned());
            }
            if let Some(after) = after {
                call = call.header(position, after);
            }
            let answer = self.send(&call).await?.expect(&[StatusCode::OK, StatusCode::NOT_MODIFIED])?;
            if answer.status == StatusCode::NOT_MODIFIED {
                return Ok(());
            }
            let count = answer.header("x-ms-item-count").and_then(|count| count.parse().ok()).unwrap_or(PAGE);
            times.note(asked, count);
            match answer.header(told) {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }
}

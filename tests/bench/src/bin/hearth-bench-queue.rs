//! The load on a queue service, over its REST face as its clients use it: puts, a poll loop, and what functions noted of the
//! messages they were given. One thread, and a result as one JSON object on standard output.
//!
//! The text of a message is the moment in which it was put, in microseconds since 1970, in base64 as clients of functions
//! write it. Requests carry an account SAS that is made once, so that signing takes nothing of the machine. The key comes by
//! the environment.

#![expect(clippy::print_stdout, reason = "the result is what this program is for")]

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use clap::{Parser, Subcommand};
use form_urlencoded::byte_serialize;
use hearth_model::clock::{Clock, SystemClock};
use hearth_queues::protocol::{self, AccountKey, sas::AccountSas};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Puts messages into a queue, takes them out, or reads what functions noted.
#[derive(Clone, Debug, Parser)]
struct Arguments {
    /// The queue service
    #[arg(long, value_name = "ADDRESS:PORT")]
    to: SocketAddr,
    /// Name of the account
    #[arg(long)]
    account: String,
    /// Key of the account, in base64
    #[arg(long, env = "HEARTH_BENCH_KEY", hide_env_values = true)]
    key: String,
    /// Name of the queue
    #[arg(long)]
    queue: String,
    /// Connections at the same time
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    connections: u16,
    #[command(subcommand)]
    work: Work,
}

#[derive(Clone, Debug, Subcommand)]
enum Work {
    /// Creates the queue if it is not there, and takes everything out of it
    Make,
    /// Puts messages
    Put {
        /// How many
        #[arg(long)]
        count: usize,
        /// How many a second; without it as many as can be
        #[arg(long)]
        rate: Option<u32>,
    },
    /// Gets up to 32 messages and deletes each, over and over, until so many are through
    Drain {
        /// How many
        #[arg(long)]
        count: usize,
    },
    /// The same, of messages that functions noted, `<put>,<begun>`; of several at once `<put>;<put>,<begun>`
    Notes {
        /// How many
        #[arg(long)]
        count: usize,
    },
    /// Waits until the queue's approximate count is so much or less
    Until {
        /// How many may be left
        #[arg(long)]
        left: usize,
    },
}

/// What was seen. Latencies are from the put to the get, or to the function's begin.
#[derive(Debug, Default, Serialize)]
struct Seen {
    messages: usize,
    seconds: f64,
    /// From the first function's begin to the last one's; 0 where none was noted.
    busy_seconds: f64,
    p50_micros: u64,
    p99_micros: u64,
}

type Failed = Box<dyn Error + Send + Sync>;

/// Nothing takes longer.
const LIMIT: Duration = Duration::from_secs(600);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failed> {
    let arguments = Arguments::parse();
    let service = Arc::new(Service::new(&arguments)?);
    let started = Instant::now();
    let mut seen = match arguments.work {
        Work::Make => make(&service).await?,
        Work::Until { left } => until(&service, left, started).await?,
        Work::Put { count, rate } => {
            let (done, rate) = (Arc::new(AtomicUsize::new(0)), rate.map(|rate| (started, rate)));
            each(&arguments, |connection| put(service.clone(), connection, done.clone(), count, rate)).await?
        }
        Work::Drain { count } | Work::Notes { count } => {
            let taken = Arc::new(AtomicUsize::new(0));
            each(&arguments, |connection| drain(service.clone(), connection, taken.clone(), count)).await?
        }
    };
    let noted = matches!(arguments.work, Work::Notes { .. });
    let result = seen.summary(started.elapsed(), noted);
    println!("{}", serde_json::to_string(&result)?);
    Ok(())
}

/// Latencies in microseconds, and moments at which functions began.
#[derive(Debug, Default)]
struct Times {
    latencies: Vec<u64>,
    begun: Vec<i64>,
    /// Messages without a time of their own.
    others: usize,
}

impl Times {
    fn summary(&mut self, took: Duration, noted: bool) -> Seen {
        self.latencies.sort_unstable();
        let at = |part: usize| self.latencies.get(self.latencies.len() * part / 100).copied().unwrap_or_default();
        let busy = match (self.begun.iter().min(), self.begun.iter().max()) {
            (Some(first), Some(last)) if noted => Duration::from_micros(last.abs_diff(*first)).as_secs_f64(),
            _ => 0.0,
        };
        Seen {
            messages: self.latencies.len() + self.others,
            seconds: took.as_secs_f64(),
            busy_seconds: busy,
            p50_micros: at(50),
            p99_micros: at(99),
        }
    }
}

/// Runs the work on each connection and puts the times together.
async fn each<F>(arguments: &Arguments, work: impl Fn(Connection) -> F) -> Result<Times, Failed>
where
    F: Future<Output = Result<Times, Failed>> + Send + 'static,
{
    let mut workers = JoinSet::new();
    for _ in 0..arguments.connections {
        workers.spawn(work(Connection::open(arguments.to).await?));
    }
    let mut all = Times::default();
    while let Some(times) = workers.join_next().await {
        let mut times = times??;
        all.latencies.append(&mut times.latencies);
        all.begun.append(&mut times.begun);
        all.others += times.others;
    }
    Ok(all)
}

async fn make(service: &Service) -> Result<Times, Failed> {
    let mut connection = Connection::open(service.to).await?;
    let created = connection.send(service, Method::PUT, "", "", None).await?;
    expect(&created, &[StatusCode::CREATED, StatusCode::NO_CONTENT])?;
    let cleared = connection.send(service, Method::DELETE, "/messages", "", None).await?;
    expect(&cleared, &[StatusCode::NO_CONTENT])?;
    Ok(Times::default())
}

async fn until(service: &Service, left: usize, started: Instant) -> Result<Times, Failed> {
    let mut connection = Connection::open(service.to).await?;
    while started.elapsed() < LIMIT {
        let answer = connection.send(service, Method::GET, "", "comp=metadata&", None).await?;
        expect(&answer, &[StatusCode::OK])?;
        let count = answer.count.ok_or("the service tells no approximate count")?;
        if count <= left {
            return Ok(Times { others: count, ..Times::default() });
        }
        // Seldom, because counting is work as well.
        pause(Duration::from_millis(200)).await;
    }
    Err("the queue was not empty in time".into())
}

/// Puts what is left to put; with a rate each message at its own moment.
async fn put(
    service: Arc<Service>,
    mut connection: Connection,
    done: Arc<AtomicUsize>,
    count: usize,
    rate: Option<(Instant, u32)>,
) -> Result<Times, Failed> {
    let mut times = Times::default();
    loop {
        let number = done.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            return Ok(times);
        }
        if let Some((started, rate)) = rate {
            let moment = Duration::from_secs_f64(f64::from(u32::try_from(number)?) / f64::from(rate));
            pause(moment.saturating_sub(started.elapsed())).await;
        }
        let asked = Instant::now();
        let text = STANDARD.encode(SystemClock.now().as_micros().to_string());
        let body = protocol::write_message_body(&text);
        let answer = connection.send(&service, Method::POST, "/messages", "", Some(body)).await?;
        expect(&answer, &[StatusCode::CREATED])?;
        times.latencies.push(u64::try_from(asked.elapsed().as_micros())?);
    }
}

async fn drain(
    service: Arc<Service>,
    mut connection: Connection,
    taken: Arc<AtomicUsize>,
    count: usize,
) -> Result<Times, Failed> {
    let (mut times, started) = (Times::default(), Instant::now());
    while taken.load(Ordering::Relaxed) < count {
        if started.elapsed() > LIMIT {
            return Err(format!("only {} of {count} messages came", taken.load(Ordering::Relaxed)).into());
        }
        let query = "numofmessages=32&visibilitytimeout=300&";
        let answer = connection.send(&service, Method::GET, "/messages", query, None).await?;
        expect(&answer, &[StatusCode::OK])?;
        let now = SystemClock.now().as_micros();
        for message in protocol::read_messages(&answer.body)? {
            let noted = times.note(message.text.as_deref().unwrap_or_default(), now);
            let receipt = message.pop_receipt.unwrap_or_default();
            let receipt: String = byte_serialize(receipt.as_bytes()).collect();
            let (path, query) = (format!("/messages/{}", message.id), format!("popreceipt={receipt}&"));
            let deleted = connection.send(&service, Method::DELETE, &path, &query, None).await?;
            expect(&deleted, &[StatusCode::NO_CONTENT])?;
            taken.fetch_add(noted, Ordering::Relaxed);
        }
    }
    Ok(times)
}

impl Times {
    /// Takes note of a message; of how many puts it tells.
    fn note(&mut self, text: &str, now: i64) -> usize {
        let decoded = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        let (put, begun) = decoded.split_once(',').unwrap_or((&decoded, ""));
        let begun: i64 = begun.parse().unwrap_or(now);
        let mut puts = 0;
        for put in put.split(';') {
            match put.parse::<i64>() {
                Ok(put) => self.latencies.push(u64::try_from(begun.saturating_sub(put)).unwrap_or(0)),
                Err(_) => self.others += 1,
            }
            puts += 1;
        }
        self.begun.push(begun);
        puts
    }
}

/// The queue and what opens it.
struct Service {
    to: SocketAddr,
    path: String,
    signature: String,
}

impl Service {
    fn new(arguments: &Arguments) -> Result<Self, Failed> {
        let key = AccountKey::from_base64(&arguments.key).ok_or("the key is not base64")?;
        let sas = AccountSas {
            permissions: "rwdlacup".to_owned(),
            resource_types: "sco".to_owned(),
            expiry: SystemClock.now().plus(Duration::from_secs(24 * 3600)),
            ..AccountSas::default()
        };
        Ok(Self {
            to: arguments.to,
            path: format!("/{}/{}", arguments.account, arguments.queue),
            signature: sas.sign(&arguments.account, &key).to_query(),
        })
    }
}

/// One connection with one request under way.
struct Connection(SendRequest<Full<Bytes>>);

struct Answer {
    status: StatusCode,
    /// The approximate count, where it is told.
    count: Option<usize>,
    body: Bytes,
}

impl Connection {
    async fn open(to: SocketAddr) -> Result<Self, Failed> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // Its error, if any, is also the error of the request under way.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self(sender))
    }

    async fn send(
        &mut self,
        service: &Service,
        method: Method,
        below: &str,
        query: &str,
        body: Option<String>,
    ) -> Result<Answer, Failed> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{below}?{query}{}", service.path, service.signature))
            .header("host", service.to.to_string())
            .header("x-ms-version", "2021-12-02")
            .header("content-type", "application/xml")
            .body(Full::from(body.unwrap_or_default()))?;
        self.0.ready().await?;
        let response = self.0.send_request(request).await?;
        let status = response.status();
        let count = response.headers().get("x-ms-approximate-messages-count");
        let count = count.and_then(|value| value.to_str().ok()?.parse().ok());
        Ok(Answer { status, count, body: response.into_body().collect().await?.to_bytes() })
    }
}

fn expect(answer: &Answer, right: &[StatusCode]) -> Result<(), Failed> {
    if right.contains(&answer.status) {
        return Ok(());
    }
    Err(format!("the service answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body)).into())
}

async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

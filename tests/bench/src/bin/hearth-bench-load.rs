//! The load: connections that are kept open, each with one request under way, for a fixed time. Every answer is
//! compared with the one that is expected; the first other one ends the measurement. One thread, so that it takes
//! little from the server on a small machine, and a result as one JSON object on standard output.

#![expect(clippy::print_stdout, reason = "the result is what this program is for")]

use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::Parser;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Calls one URL for a while and prints how many answers came.
#[derive(Clone, Debug, Parser)]
struct Arguments {
    /// The server
    #[arg(long, value_name = "ADDRESS:PORT")]
    to: SocketAddr,
    /// Host header
    #[arg(long)]
    host: String,
    /// Path and query
    #[arg(long)]
    path: String,
    /// Function key, sent as a header
    #[arg(long)]
    key: Option<String>,
    /// JSON to post; without it the calls are GETs
    #[arg(long)]
    body: Option<String>,
    /// Body of the right answer
    #[arg(long)]
    expect: String,
    /// Connections at the same time
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    connections: u16,
    /// How long it calls
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    millis: u64,
}

/// What was seen.
#[derive(Debug, Serialize)]
struct Seen {
    requests: usize,
    seconds: f64,
    p50_micros: u32,
    p99_micros: u32,
}

type Failed = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failed> {
    let arguments = Arguments::parse();
    let mut connections = Vec::new();
    for _ in 0..arguments.connections {
        connections.push(connect(arguments.to).await?);
    }
    let started = Instant::now();
    let end = started + Duration::from_millis(arguments.millis);
    let mut callers = JoinSet::new();
    for connection in connections {
        callers.spawn(calls(connection, arguments.clone(), end));
    }
    let mut latencies = Vec::new();
    while let Some(caller) = callers.join_next().await {
        latencies.append(&mut caller??);
    }
    let seconds = started.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let at = |part: usize| latencies.get(latencies.len() * part / 100).copied().unwrap_or_default();
    let seen = Seen { requests: latencies.len(), seconds, p50_micros: at(50), p99_micros: at(99) };
    println!("{}", serde_json::to_string(&seen)?);
    Ok(())
}

async fn connect(to: SocketAddr) -> Result<SendRequest<Full<Bytes>>, Failed> {
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // Its error, if any, is also the error of the request under way.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

/// Calls one after the other until `end`; the time that each took, in microseconds.
async fn calls(
    mut connection: SendRequest<Full<Bytes>>,
    arguments: Arguments,
    end: Instant,
) -> Result<Vec<u32>, Failed> {
    let mut latencies = Vec::new();
    while Instant::now() < end {
        let request = match &arguments.body {
            Some(_) => Request::post(&arguments.path).header("content-type", "application/json"),
            None => Request::get(&arguments.path),
        };
        let mut request = request.header("host", &arguments.host);
        if let Some(key) = &arguments.key {
            request = request.header("x-functions-key", key);
        }
        let request = request.body(Full::from(arguments.body.clone().unwrap_or_default()))?;
        let asked = Instant::now();
        connection.ready().await?;
        let response = connection.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if status != StatusCode::OK || body != arguments.expect {
            let text = String::from_utf8_lossy(&body).into_owned();
            return Err(format!("{}{} answered {status}: {text}", arguments.host, arguments.path).into());
        }
        latencies.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok(latencies)
}

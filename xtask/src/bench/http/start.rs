//! How long the first answer takes: of a server that has just been started, and of an app that a running worker has not
//! loaded (its machine code is in the cache on disk).

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::app::App;
use super::hearth::Hearth;
use super::load::Target;
use super::peer::Wasmtime;
use super::server::{Server, pause};
use super::{HTTP_ANSWER, PATH, TYPED_ANSWER};

/// Starts of which the median counts, and apps that are called cold.
const TIMES: usize = 7;
/// A start or a call that takes longer has failed.
const LIMIT: Duration = Duration::from_secs(30);

/// Medians.
#[derive(Clone, Copy, Debug)]
pub(super) struct Starts {
    /// From spawning the process to the first answer.
    pub(super) wasmtime: Duration,
    pub(super) hearth: Duration,
    /// What the first call of an app takes longer than the second.
    pub(super) cold_http: Duration,
    pub(super) cold_typed: Duration,
}

/// Measures all of them. `hearth` is running; afterwards it runs again.
pub(super) fn measure(
    hearth: &mut Hearth,
    wasmtime: &Wasmtime,
    guest: &Path,
    [http, typed]: [&App; 2],
    folder: &Path,
) -> anyhow::Result<Starts> {
    let serve = |_| {
        let started = Instant::now();
        let server = Server::start("wasmtime", &folder.join("wasmtime.log"), |port| wasmtime.serve(guest, port, None))?;
        until_answered(&server.target("localhost", HTTP_ANSWER), LIMIT)?;
        Ok(started.elapsed())
    };
    let wasmtime = median((0..TIMES).map(serve))?;

    let copies = |app: &App| (0..TIMES).map(|n| app.named(format!("{}-{n}", app.name))).collect::<Vec<_>>();
    let (http_copies, typed_copies) = (copies(http), copies(typed));
    for app in http_copies.iter().chain(&typed_copies) {
        hearth.publish(app)?;
    }
    let (worker, address) = hearth.lone_worker(folder)?;
    let cold = |apps: &[App], answer| {
        median(apps.iter().map(|app| {
            let target = Target { address, ..hearth.target(app, answer) };
            let first = timed(&target)?;
            Ok(first.saturating_sub(timed(&target)?))
        }))
    };
    let cold_http = cold(&http_copies, HTTP_ANSWER)?;
    let cold_typed = cold(&typed_copies, TYPED_ANSWER)?;
    drop(worker);

    for app in http_copies.iter().chain(&typed_copies) {
        hearth.delete(app)?;
    }
    let target = hearth.target(http, HTTP_ANSWER);
    let hearth = median((0..TIMES).map(|_| hearth.restart(|| until_answered(&target, LIMIT))))?;
    Ok(Starts { wasmtime, hearth, cold_http, cold_typed })
}

fn median(times: impl Iterator<Item = anyhow::Result<Duration>>) -> anyhow::Result<Duration> {
    let mut times = times.collect::<anyhow::Result<Vec<_>>>()?;
    times.sort_unstable();
    times.get(times.len() / 2).copied().context("nothing was measured")
}

fn timed(target: &Target) -> anyhow::Result<Duration> {
    let started = Instant::now();
    match call(target)? {
        true => Ok(started.elapsed()),
        false => bail!("{} gave a wrong answer", target.host),
    }
}

/// Calls until the right answer comes.
pub(super) fn until_answered(target: &Target, limit: Duration) -> anyhow::Result<()> {
    let started = Instant::now();
    loop {
        // Before it listens there is nobody to connect to.
        if matches!(call(target), Ok(true)) {
            return Ok(());
        }
        if started.elapsed() > limit {
            bail!("{} at {} gave no answer within {} s", target.host, target.address, limit.as_secs());
        }
        pause();
    }
}

/// Makes sure that the key is looked at: without it the call is refused.
pub(super) fn refused_without_key(target: &Target) -> anyhow::Result<()> {
    let answer = exchange(&Target { key: None, ..target.clone() })?;
    let line = answer.lines().next().unwrap_or_default();
    if !line.starts_with("HTTP/1.1 401 ") {
        bail!("{} answers a call without its key: {line}", target.host);
    }
    Ok(())
}

/// One call on a connection of its own; whether the answer is the right one.
fn call(target: &Target) -> std::io::Result<bool> {
    let answer = exchange(target)?;
    // The body may come in chunks, each with a line for its length before it and a line end behind it.
    Ok(answer.starts_with("HTTP/1.1 200 ") && answer.contains(target.answer))
}

fn exchange(target: &Target) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(target.address)?;
    stream.set_read_timeout(Some(LIMIT))?;
    let key = target.key.map(|key| format!("x-functions-key: {key}\r\n")).unwrap_or_default();
    let request = format!("GET {PATH} HTTP/1.1\r\nhost: {}\r\n{key}connection: close\r\n\r\n", target.host);
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

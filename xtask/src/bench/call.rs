//! Single calls over connections of their own, with the time that they took.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::load::Target;
use super::server::pause;

/// A start or a call that takes longer has failed.
pub(super) const LIMIT: Duration = Duration::from_secs(30);

/// The one in the middle.
pub(super) fn median(times: impl Iterator<Item = anyhow::Result<Duration>>) -> anyhow::Result<Duration> {
    let mut times = times.collect::<anyhow::Result<Vec<_>>>()?;
    times.sort_unstable();
    times.get(times.len() / 2).copied().context("nothing was measured")
}

/// How long one call takes.
pub(super) fn timed(target: &Target) -> anyhow::Result<Duration> {
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

/// What the first call of an app takes longer than the second: of the first app, and the median of all.
pub(super) fn cold(targets: &[Target]) -> anyhow::Result<(Duration, Duration)> {
    let beyond = |target: &Target| {
        let first = timed(target)?;
        Ok(first.saturating_sub(timed(target)?))
    };
    let times = targets.iter().map(beyond).collect::<anyhow::Result<Vec<_>>>()?;
    let first = *times.first().context("nothing was called")?;
    Ok((first, median(times.into_iter().map(Ok))?))
}

/// One call on a connection of its own; whether the answer is the right one.
fn call(target: &Target) -> std::io::Result<bool> {
    let answer = exchange(target)?;
    // The body may come in chunks, each with a line for its length before it and a line end behind it.
    Ok(answer.starts_with("HTTP/1.1 200 ") && answer.contains(target.call.answer))
}

fn exchange(target: &Target) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(target.address)?;
    stream.set_read_timeout(Some(LIMIT))?;
    let key = target.key.map(|key| format!("x-functions-key: {key}\r\n")).unwrap_or_default();
    let (method, body) = target.call.body.map_or(("GET", ""), |body| ("POST", body));
    let json = format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
    let request = format!(
        "{method} {} HTTP/1.1\r\nhost: {}\r\n{key}{}connection: close\r\n\r\n{body}",
        target.call.path,
        target.host,
        if body.is_empty() { "" } else { &json }
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

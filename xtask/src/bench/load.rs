//! Runs the load generator of `tests/bench` against one server, and looks at the server's processor time around it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::server::processor_time;

/// What is called, and the right answer.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) address: SocketAddr,
    pub(super) host: String,
    pub(super) call: Call,
    /// The function key to call with.
    pub(super) key: Option<&'static str>,
}

/// A request without its address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// Path and query.
    pub(super) path: &'static str,
    /// JSON to post; without it the call is a GET.
    pub(super) body: Option<&'static str>,
    /// Body of the right answer.
    pub(super) answer: &'static str,
}

/// What one span of load gave.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// Processor time of the process that answered, per request, in microseconds.
    pub(super) cpu_micros: f64,
    /// The same of the other processes that belong to it.
    pub(super) others_micros: f64,
    pub(super) per_second: f64,
    pub(super) p50_micros: u32,
    pub(super) p99_micros: u32,
}

/// Medians of some spans.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) cpu: f64,
    pub(super) others: f64,
    pub(super) per_second: f64,
    pub(super) p50: f64,
    pub(super) p99: f64,
}

impl Row {
    pub(super) fn of(samples: &[Sample]) -> Self {
        let median = |value: fn(&Sample) -> f64| Self::median(samples.iter().map(value).collect());
        Self {
            cpu: median(|sample| sample.cpu_micros),
            others: median(|sample| sample.others_micros),
            per_second: median(|sample| sample.per_second),
            p50: median(|sample| f64::from(sample.p50_micros) / 1000.0),
            p99: median(|sample| f64::from(sample.p99_micros) / 1000.0),
        }
    }

    /// The one in the middle, the greater of two; not a number when there is none.
    pub(super) fn median(mut values: Vec<f64>) -> f64 {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// How many times as much processor time one server takes as another, round by round: what disturbs the machine for longer than a round
/// disturbs both sides of one ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ratio {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) greatest: f64,
}

impl Ratio {
    /// Of the samples to those of the other server in the same rounds.
    pub(super) fn of(samples: &[Sample], others: &[Sample]) -> Self {
        let ratios: Vec<f64> =
            samples.iter().zip(others).map(|(one, other)| one.cpu_micros / other.cpu_micros).collect();
        Self {
            least: ratios.iter().copied().fold(f64::NAN, f64::min),
            greatest: ratios.iter().copied().fold(f64::NAN, f64::max),
            median: Row::median(ratios),
        }
    }
}

/// The load generator and how it calls.
pub(super) struct Load {
    program: PathBuf,
    connections: u16,
    span: Duration,
}

/// What the load generator prints.
#[derive(Debug, Deserialize)]
struct Seen {
    requests: u32,
    seconds: f64,
    p50_micros: u32,
    p99_micros: u32,
}

impl Load {
    /// The load generator among the `programs` that were built.
    pub(super) fn new(programs: &Path, connections: u16, span: Duration) -> Self {
        Self { program: programs.join("hearth-bench-load"), connections, span }
    }

    /// Calls without measuring.
    pub(super) fn warm_up(&self, target: &Target, span: Duration) -> anyhow::Result<()> {
        self.call(target, span).map(drop)
    }

    /// Calls for the whole span and divides what the processes took by the requests answered.
    pub(super) fn measure(&self, target: &Target, answering: u32, others: &[u32]) -> anyhow::Result<Sample> {
        let taken = || -> anyhow::Result<(f64, f64)> {
            let others = others.iter().map(|pid| Ok(processor_time(*pid)?.as_secs_f64()));
            Ok((processor_time(answering)?.as_secs_f64(), others.sum::<anyhow::Result<f64>>()?))
        };
        let before = taken()?;
        let seen = self.call(target, self.span)?;
        let after = taken()?;
        let micros = |seconds: f64| seconds * 1e6 / f64::from(seen.requests);
        Ok(Sample {
            cpu_micros: micros(after.0 - before.0),
            others_micros: micros(after.1 - before.1),
            per_second: f64::from(seen.requests) / seen.seconds,
            p50_micros: seen.p50_micros,
            p99_micros: seen.p99_micros,
        })
    }

    fn call(&self, target: &Target, span: Duration) -> anyhow::Result<Seen> {
        let mut command = Command::new(&self.program);
        command
            .args(["--to", &target.address.to_string(), "--host", &target.host, "--path", target.call.path])
            .args(["--expect", target.call.answer])
            .args(["--connections", &self.connections.to_string(), "--millis", &span.as_millis().to_string()]);
        if let Some(key) = target.key {
            command.args(["--key", key]);
        }
        if let Some(body) = target.call.body {
            command.args(["--body", body]);
        }
        let output = command
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        if !output.status.success() {
            bail!("the load generator failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let seen: Seen =
            serde_json::from_slice(&output.stdout).context("cannot understand the load generator's result")?;
        if seen.requests == 0 {
            bail!("{} answered nothing within {span:?}", target.address);
        }
        Ok(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_does_not_see_the_outlier() {
        assert!((Row::median(vec![3.0, 900.0, 2.0]) - 3.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_ratio_is_that_of_one_round() {
        let samples = |cpus: [f64; 3]| {
            let sample =
                |cpu_micros| Sample { cpu_micros, others_micros: 0.0, per_second: 1.0, p50_micros: 1, p99_micros: 1 };
            cpus.map(sample)
        };
        // A machine that slows down to a quarter does so for both.
        let ratio = Ratio::of(&samples([9.0, 40.0, 22.0]), &samples([10.0, 40.0, 20.0]));
        assert_eq!(ratio, Ratio { median: 1.0, least: 0.9, greatest: 1.1 });
    }
}

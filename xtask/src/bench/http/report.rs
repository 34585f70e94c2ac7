//! The report: tables in Markdown, the same on the terminal and in docs/benchmarks.md.

use std::fmt::Write as _;
use std::time::Duration;

use super::start::Starts;
use super::{Class, REUSE, Subject};
use crate::bench::goals::{Goal, Limit, table};
use crate::bench::load::{Ratio, Row, Sample};
use crate::bench::machine::Machine;
use crate::bench::page;
use crate::bench::server::Memory;
use crate::output::say;
use crate::workspace::Workspace;

const MIB: f64 = 1024.0 * 1024.0;

/// The parts, in the order in which they are shown.
pub(super) struct Report {
    text: String,
    goals: Vec<Goal>,
}

impl Report {
    /// The table of the calls, and the goals for them.
    pub(super) fn new(subjects: &[Subject], connections: u16, rounds: u16, seconds: u64) -> Self {
        let mut text = format!(
            "### Calls\n\n{connections} connections, {rounds} rounds of {seconds} s for each server in turns, medians; × peer and \
             × native are medians of each round's ratio, with the least and the greatest. Reuse is {REUSE} requests for each instance.\n\n\
             | server | CPU µs/request | × peer | from – to | × native | requests/s | p50 ms | p99 ms |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|\n"
        );
        let samples_of = |class: Class, peer: bool| -> &[Sample] {
            let found = subjects.iter().find(|subject| subject.class == class && subject.peer == peer);
            found.map_or(&[], |subject| &subject.samples)
        };
        let mut goals = Vec::new();
        let mut others = Vec::new();
        for subject in subjects {
            let row = Row::of(&subject.samples);
            let peer = Ratio::of(&subject.samples, samples_of(subject.class, true));
            let native = Ratio::of(&subject.samples, samples_of(Class::Native, false));
            let relative = match subject.class {
                Class::Native => "– | –".to_owned(),
                _ => format!("{:.2} | {:.2} – {:.2}", peer.median, peer.least, peer.greatest),
            };
            let _ = writeln!(
                text,
                "| {} | {:.1} | {relative} | {:.1} | {:.0} | {:.2} | {:.2} |",
                subject.name, row.cpu, native.median, row.per_second, row.p50, row.p99
            );
            if subject.others.is_empty() {
                continue;
            }
            others.push(row.others);
            // The small ones, open to everybody, show what key and size cost.
            if !subject.large {
                continue;
            }
            let at_most = |what, measured, limit| Goal { what, measured, unit: "×", limit: Limit::AtMost(limit) };
            match (subject.class, subject.typed) {
                (Class::Fresh, false) => {
                    goals.push(at_most("fresh instance, `wasi:http`: CPU beside the peer", peer.median, 1.1))
                }
                (Class::Fresh, true) => {
                    goals.push(at_most("fresh instance, typed: CPU beside the peer", peer.median, 0.8))
                }
                (_, typed) => {
                    let (beside, floor) = if typed {
                        ("reuse, typed: CPU beside the peer", "reuse, typed: CPU beside native")
                    } else {
                        ("reuse, `wasi:http`: CPU beside the peer", "reuse, `wasi:http`: CPU beside native")
                    };
                    goals.push(at_most(beside, peer.median, 0.9));
                    goals.push(at_most(floor, native.median, 3.0));
                }
            }
        }
        let _ = writeln!(
            text,
            "\nHearth's row is its worker process; supervisor and management together took {:.2} µs for each request \
             besides.",
            Row::median(others)
        );
        Self { text, goals }
    }

    /// Resident memory of Hearth without apps and after the load, and of the peer.
    pub(super) fn memory(&mut self, idle: Memory, warm: Memory, peer: Memory) {
        self.text.push_str("\n### Memory\n\n| processes | RSS, MiB | PSS, MiB |\n|---|---:|---:|\n");
        for (what, memory) in [
            ("supervisor, management and worker, idle without apps", idle),
            ("the same with the apps above, after the load", warm),
            ("`wasmtime serve`, fresh instance, after the load", peer),
        ] {
            let (resident, proportional) = (mib(memory.resident), mib(memory.proportional));
            let _ = writeln!(self.text, "| {what} | {resident:.0} | {proportional:.0} |");
        }
        let what = "supervisor, management and worker, idle: resident memory";
        self.goals.push(Goal { what, measured: mib(idle.resident), unit: " MiB", limit: Limit::AtMost(120.0) });
    }

    /// First answers.
    pub(super) fn starts(&mut self, starts: Starts) {
        self.text.push_str("\n### First answers\n\n| from | to | ms |\n|---|---|---:|\n");
        for (from, to, time) in [
            ("spawning `wasmtime serve`, code cached", "first 200", starts.wasmtime),
            ("spawning `hearth up` with eight apps, code cached", "first 200", starts.hearth),
            ("cold call, `wasi:http`: the app not loaded, code cached", "beyond a warm call", starts.cold_http),
            ("cold call, typed", "beyond a warm call", starts.cold_typed),
        ] {
            let _ = writeln!(self.text, "| {from} | {to} | {:.1} |", millis(time));
        }
        for (what, time) in [("cold call, `wasi:http`", starts.cold_http), ("cold call, typed", starts.cold_typed)] {
            self.goals.push(Goal { what, measured: millis(time), unit: " ms", limit: Limit::AtMost(5.0) });
        }
    }

    /// Prints everything, and puts it into the project's page when that is wanted.
    pub(super) fn finish(&self, machine: &Machine, workspace: &Workspace, write: bool) -> anyhow::Result<()> {
        let text = format!(
            "{}\n\n{}\n### Goals\n\nFor calls: of the apps with a key and 50 functions.\n\n{}",
            machine.line(),
            self.text,
            table(&self.goals)
        );
        say(format_args!("\n{text}"));
        if write { page::write(workspace, "http", &text) } else { Ok(()) }
    }
}

fn mib(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "the memory of processes is far below 2^53 bytes")]
    let bytes = bytes as f64;
    bytes / MIB
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

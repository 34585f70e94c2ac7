//! The report: tables in Markdown, the same on the terminal and in docs/benchmarks.md.

use std::fmt::Write as _;
use std::time::Duration;

use super::first::First;
use super::{Class, HELLO, Kind, REUSE, Subject};
use crate::bench::goals::{Goal, Limit, table};
use crate::bench::load::Row;
use crate::bench::machine::Machine;
use crate::bench::page;
use crate::output::say;
use crate::workspace::Workspace;

/// The parts, in the order in which they are shown.
pub(super) struct Report {
    text: String,
    goals: Vec<Goal>,
}

impl Report {
    /// The table of the calls, and the goals for them.
    pub(super) fn new(subjects: &[Subject], spans: &str) -> Self {
        let mut text = format!(
            "### Calls of JavaScript\n\n{spans} for each server in turns, medians. Reuse is {REUSE} requests for each \
             instance, Hearth's default for JavaScript.\n\n\
             | handler | server | CPU µs/request | × peer | requests/s | p50 ms | p99 ms |\n\
             |---|---|---:|---:|---:|---:|---:|\n"
        );
        let cpu = |kind, class, path| {
            let wanted = |one: &&Subject| one.kind == kind && one.class == class && one.target.call.path == path;
            subjects.iter().find(wanted).map_or(f64::NAN, |one| Row::of(&one.samples).cpu)
        };
        for subject in subjects {
            let row = Row::of(&subject.samples);
            let path = subject.target.call.path;
            let _ = writeln!(
                text,
                "| {} | {} | {:.1} | {:.2} | {:.0} | {:.2} | {:.2} |",
                if path == HELLO.path { "hello" } else { "JSON" },
                name(subject.kind, subject.class),
                row.cpu,
                row.cpu / cpu(Kind::Peer, subject.class, path),
                row.per_second,
                row.p50,
                row.p99
            );
        }
        let hello = |kind, class| cpu(kind, class, HELLO.path);
        let beyond = |kind| (hello(kind, Class::Fresh) - hello(kind, Class::Warm)) / 1000.0;
        let beside = |kind| hello(kind, Class::Warm) / hello(Kind::Peer, Class::Warm);
        let goal = |what, measured, unit, limit| Goal { what, measured, unit, limit: Limit::AtMost(limit) };
        let goals = vec![
            goal("fresh instance, v3: CPU beyond a warm call", beyond(Kind::V3), " ms", 0.3),
            goal("fresh instance, v4: CPU beyond a warm call", beyond(Kind::V4), " ms", 0.3),
            goal("warm hello, v3: CPU beside componentize-js, reused", beside(Kind::V3), "×", 0.5),
            goal("warm hello, v4: CPU beside componentize-js, reused", beside(Kind::V4), "×", 0.5),
            goal(
                "warm hello, v3: CPU beyond the Rust guest, reused",
                hello(Kind::V3, Class::Warm) - hello(Kind::Rust, Class::Warm),
                " µs",
                150.0,
            ),
        ];
        Self { text, goals }
    }

    /// What is slow once.
    pub(super) fn first(&mut self, first: &First) {
        self.text.push_str("\n### First answers of JavaScript\n\n| from | to | ms |\n|---|---|---:|\n");
        let publish = "`hearth publish`";
        let cold = "cold call";
        let beyond = "beyond a warm call";
        for (from, detail, to, time) in [
            (publish, "the first JavaScript app of an installation: the engine is made", "first 200", first.engine),
            (publish, "a later app, v3", "first 200", first.published),
            (publish, "the first TypeScript app of an installation", "first 200", first.typescript_engine),
            (publish, "a later one, v4", "first 200", first.typescript),
            (cold, "the first JavaScript of a worker", beyond, first.cold_worker),
            (cold, "v3", beyond, first.cold_v3),
            (cold, "v4", beyond, first.cold_v4),
            (cold, "the Rust guest", beyond, first.cold_rust),
        ] {
            let _ = writeln!(self.text, "| {from}, {detail} | {to} | {:.1} |", millis(time));
        }
        for (what, time) in [("cold first call, v3", first.cold_v3), ("cold first call, v4", first.cold_v4)] {
            self.goals.push(Goal { what, measured: millis(time), unit: " ms", limit: Limit::AtMost(15.0) });
        }
    }

    /// Prints everything, and puts it into the project's page when that is wanted.
    pub(super) fn finish(
        &self,
        machine: &Machine,
        peer: &str,
        workspace: &Workspace,
        write: bool,
    ) -> anyhow::Result<()> {
        let text = format!(
            "{} Components of the peer: {peer}.\n\n{}\n### Goals for JavaScript\n\n{}",
            machine.line(),
            self.text,
            table(&self.goals)
        );
        say(format_args!("\n{text}"));
        if write { page::write(workspace, "js", &text) } else { Ok(()) }
    }
}

fn name(kind: Kind, class: Class) -> &'static str {
    match (kind, class) {
        (Kind::Peer, Class::Fresh) => "componentize-js, `wasmtime serve`, fresh instance",
        (Kind::Peer, Class::Warm) => "componentize-js, `wasmtime serve`, reuse",
        (Kind::Rust, Class::Fresh) => "Hearth, Rust guest, typed, fresh instance",
        (Kind::Rust, Class::Warm) => "Hearth, Rust guest, typed, reuse",
        (Kind::V3, Class::Fresh) => "Hearth, JavaScript v3, fresh instance",
        (Kind::V3, Class::Warm) => "Hearth, JavaScript v3, reuse",
        (Kind::V4, Class::Fresh) => "Hearth, JavaScript v4, fresh instance",
        (Kind::V4, Class::Warm) => "Hearth, JavaScript v4, reuse",
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

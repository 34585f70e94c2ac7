//! The report: one table in Markdown and the goals, the same on the terminal and in docs/benchmarks.md.

use std::fmt::Write as _;

use super::{CONNECTIONS, ChangefeedArgs, RANGES, RATES, SECONDS, Sample, What};
use crate::bench::goals::{Goal, Limit, table};
use crate::bench::load::Row;
use crate::bench::machine::Machine;
use crate::bench::page;
use crate::output::say;
use crate::workspace::Workspace;

/// What is printed.
pub(super) struct Report {
    text: String,
    goals: Vec<Goal>,
}

impl Report {
    pub(super) fn new(rows: &[(What, Vec<Sample>)], args: &ChangefeedArgs) -> Self {
        let of = |what: What, value: fn(&Sample) -> f64| {
            let samples = rows.iter().find(|(known, _)| *known == what).map(|(_, samples)| samples.as_slice());
            Row::median(samples.unwrap_or_default().iter().map(value).collect())
        };
        let mut text = format!(
            "{CONNECTIONS} connections write, {RANGES} ranges, {} rounds, medians. At a rate documents come for {SECONDS} s; \
             the worker's time holds what the store takes for them. {} documents to catch up with.\n\n\
             | documents | p50 ms | p99 ms | documents/s | CPU µs/document |\n|---|---:|---:|---:|---:|\n",
            args.rounds, args.documents,
        );
        for (what, _) in rows {
            let (name, p50, p99, per_second) = match what {
                What::Rate(rate) => {
                    let millis = |value| format!("{:.1}", of(*what, value));
                    let (p50, p99) = (millis(|sample| sample.p50_millis), millis(|sample| sample.p99_millis));
                    (format!("{rate} a second; from write to the function's begin"), p50, p99, "–".to_owned())
                }
                What::CatchUp => {
                    let rate = format!("{:.0}", of(*what, |sample| sample.per_second));
                    ("all there; function catches up".to_owned(), "–".to_owned(), "–".to_owned(), rate)
                }
            };
            let cpu = of(*what, |sample| sample.cpu_micros);
            let _ = writeln!(text, "| {name} | {p50} | {p99} | {per_second} | {cpu:.1} |");
        }
        let fast = What::Rate(RATES[1]);
        let goals = vec![
            Goal {
                what: "1,000 documents a second: p50 from write to begin",
                measured: of(fast, |sample| sample.p50_millis),
                unit: " ms",
                limit: Limit::AtMost(20.0),
            },
            Goal {
                what: "the same, p99",
                measured: of(fast, |sample| sample.p99_millis),
                unit: " ms",
                limit: Limit::AtMost(200.0),
            },
            Goal {
                what: "catch-up: documents a second",
                measured: of(What::CatchUp, |sample| sample.per_second),
                unit: "",
                limit: Limit::AtLeast(10_000.0),
            },
        ];
        Self { text, goals }
    }

    /// Prints everything, and puts it into the project's page when that is wanted.
    pub(super) fn finish(&self, machine: &Machine, workspace: &Workspace, write: bool) -> anyhow::Result<()> {
        let text = format!(
            "{}\n\n### Change feeds\n\n{}\n### Goals for change feeds\n\n{}",
            machine.line(),
            self.text,
            table(&self.goals)
        );
        say(format_args!("\n{text}"));
        if write { page::write(workspace, "changefeed", &text) } else { Ok(()) }
    }
}

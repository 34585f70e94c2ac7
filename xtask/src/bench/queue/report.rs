//! The report: one table in Markdown and the goals, the same on the terminal and in docs/benchmarks.md.

use std::fmt::Write as _;

use super::{CONNECTIONS, QueueArgs, Rows, Sample, What, Who, paced};
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
    pub(super) fn new(rows: &Rows, args: &QueueArgs) -> Self {
        let mut text = format!(
            "{CONNECTIONS} connections, {} rounds, medians. {} messages for each figure of Hearth, {} for Azurite; at a rate \
             {} messages, {} a second.\n\n\
             | what | server | CPU µs/message | messages/s | p50 ms | p99 ms |\n|---|---|---:|---:|---:|---:|\n",
            args.rounds,
            args.messages,
            args.peer_messages,
            paced(args.rate),
            args.rate,
        );
        for (what, who, samples) in rows {
            let of = |value: fn(&Sample) -> f64| Row::median(samples.iter().map(value).collect());
            let timed = matches!(what, What::Put | What::Polled | What::Latency);
            let shown = |value: fn(&Sample) -> f64| if timed { format!("{:.2}", of(value)) } else { "–".to_owned() };
            // At a rate the messages a second are those that were put.
            let per_second = match what {
                What::Polled | What::Latency => "–".to_owned(),
                _ => format!("{:.0}", of(|sample| sample.per_second)),
            };
            // At a rate the loops ask mostly for nothing, and notes are read besides: that is no cost of a message.
            let cpu = match what {
                What::Polled | What::Latency => "–".to_owned(),
                _ => format!("{:.1}", of(|sample| sample.cpu_micros)),
            };
            let (p50, p99) = (shown(|sample| sample.p50_millis), shown(|sample| sample.p99_millis));
            let _ = writeln!(
                text,
                "| {} | {} | {cpu} | {per_second} | {p50} | {p99} |",
                name(*what),
                server(*who, args.depth)
            );
        }
        let find = |what, who, value: fn(&Sample) -> f64| {
            let row = rows.iter().find(|(known, whose, _)| *known == what && *whose == who);
            row.map_or(f64::NAN, |(_, _, samples)| Row::median(samples.iter().map(value).collect()))
        };
        let both = |who| {
            (find(What::Put, who, |sample| sample.cpu_micros) + find(What::Drain, who, |sample| sample.cpu_micros))
                / 1000.0
        };
        let goals = vec![
            Goal {
                what: "put, get and delete by REST: CPU of the server for each message",
                measured: both(Who::Hearth),
                unit: " ms",
                limit: Limit::AtMost(0.3),
            },
            Goal {
                what: "the same in a deep queue, beside an empty one",
                measured: both(Who::Deep) / both(Who::Hearth),
                unit: "×",
                limit: Limit::AtMost(1.2),
            },
            Goal {
                what: "function in Rust works off its queue: messages a second",
                measured: find(What::Function, Who::Rust, |sample| sample.per_second),
                unit: "",
                limit: Limit::AtLeast(5000.0),
            },
            Goal {
                what: "function in Rust: p50 from put to begin",
                measured: find(What::Latency, Who::Rust, |sample| sample.p50_millis),
                unit: " ms",
                limit: Limit::AtMost(5.0),
            },
        ];
        Self { text, goals }
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
            "{} Beside {peer}.\n\n### Messages\n\n{}\n### Goals for queues\n\n{}",
            machine.line(),
            self.text,
            table(&self.goals)
        );
        say(format_args!("\n{text}"));
        if write { page::write(workspace, "queue", &text) } else { Ok(()) }
    }
}

fn name(what: What) -> &'static str {
    match what {
        What::Put => "put",
        What::Drain => "poll loop: get 32, delete each",
        What::Polled => "put at a rate, poll loop at once; from put to get",
        What::Function => "function works off its queue, one output each",
        What::Latency => "put at a rate; from put to the function's begin",
    }
}

fn server(who: Who, depth: u32) -> String {
    match who {
        Who::Azurite => "Azurite".to_owned(),
        Who::Hearth => "Hearth".to_owned(),
        Who::Deep => format!("Hearth, {depth} messages in the queue before"),
        Who::Rust => "Hearth, Rust guest, fresh instance".to_owned(),
        Who::JavaScript => "Hearth, JavaScript v4, reuse".to_owned(),
    }
}

//! The report: one table in Markdown and the goals, the same on the terminal and in docs/benchmarks.md.

use std::fmt::Write as _;

use super::{CONNECTIONS, DocumentsArgs, Rows, Sample, What, Who};
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
    pub(super) fn new(rows: &Rows, args: &DocumentsArgs) -> Self {
        let mut text = format!(
            "{CONNECTIONS} connections, {} rounds, medians. {} items for each figure of Hearth, {} for the peer.\n\n\
             | what | server | CPU µs/request | items/request | requests/s | p50 ms | p99 ms |\n|---|---|---:|---:|---:|---:|---:|\n",
            args.rounds, args.items, args.peer_items,
        );
        let mut sorted: Vec<_> = rows.iter().collect();
        sorted.sort_by_key(|(what, _, _)| *what as u8);
        for (what, who, samples) in sorted {
            let of = |value: fn(&Sample) -> f64| Row::median(samples.iter().map(value).collect());
            let items = match what {
                What::List | What::Feed => format!("{:.0}", of(|sample| sample.items)),
                _ => "–".to_owned(),
            };
            let _ = writeln!(
                text,
                "| {} | {} | {:.1} | {items} | {:.0} | {:.2} | {:.2} |",
                name(*what),
                server(*who),
                of(|sample| sample.cpu_micros),
                of(|sample| sample.per_second),
                of(|sample| sample.p50_millis),
                of(|sample| sample.p99_millis),
            );
        }
        let millis = |what| {
            let row = rows.iter().find(|(known, whose, _)| *known == what && *whose == Who::Hearth);
            let micros = row.map(|(_, _, samples)| samples.iter().map(|sample| sample.cpu_micros).collect());
            Row::median(micros.unwrap_or_default()) / 1000.0
        };
        let goals = vec![
            Goal {
                what: "create by REST: CPU of the server for each item",
                measured: millis(What::Create),
                unit: " ms",
                limit: Limit::AtMost(0.2),
            },
            Goal {
                what: "point read by REST: CPU of the server for each item",
                measured: millis(What::Read),
                unit: " ms",
                limit: Limit::AtMost(0.06),
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
            "{} Beside {peer}.\n\n### Items\n\n{}\n### Goals for documents\n\n{}",
            machine.line(),
            self.text,
            table(&self.goals)
        );
        say(format_args!("\n{text}"));
        if write { page::write(workspace, "documents", &text) } else { Ok(()) }
    }
}

fn name(what: What) -> &'static str {
    match what {
        What::Hello => "a request that does nothing",
        What::Create => "create",
        What::Upsert => "upsert that replaces",
        What::Read => "point read",
        What::List => "list, a page of 100",
        What::Feed => "change feed, a page of 100",
    }
}

fn server(who: Who) -> &'static str {
    match who {
        Who::Native => "axum",
        Who::Peer => "cosmosdb-server",
        Who::Hearth => "Hearth",
    }
}

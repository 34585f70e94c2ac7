//! `cargo xtask bench state`: what host state gets done in a second, on SQLite beside one-row commits, and on SQL Server
//! where one is given. The example `state_bench` of `hearth-state` does one round; this takes the medians.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use clap::Args;

use super::goals::{Goal, Limit, table};
use super::machine::Machine;
use super::page;
use crate::output::{say, step};
use crate::process;
use crate::workspace::Workspace;

/// Names the server that is measured besides.
const SERVER: &str = "HEARTH_TEST_SQLSERVER";

/// Flags of `cargo xtask bench state`.
#[derive(Debug, Args)]
pub(crate) struct StateArgs {
    /// Rounds, of which the median counts
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Length of one measurement
    #[arg(long, value_name = "SECONDS", default_value_t = 2)]
    seconds: u64,
    /// Measure what is built already
    #[arg(long)]
    no_build: bool,
    /// Put the report into docs/benchmarks.md
    #[arg(long)]
    write: bool,
}

/// Figures by name, one for each round.
type Figures = BTreeMap<String, Vec<f64>>;

/// What the rows of a table are called: the figure's name, what it is, and whether rows are flushed before they are answered.
const ROWS: [(&str, &str, &str); 6] = [
    ("oneRow", "sqlx, one message per transaction, one connection", "yes"),
    ("oneCaller", "messages put, 1 caller", "yes"),
    ("callers", "messages put, 64 callers", "yes"),
    ("twoProcesses", "messages put, 2 processes with 32 callers each on one file", "yes"),
    ("claims", "claims of leases, 64 callers", "no"),
    ("renewals", "renewals of 10,000 leases, 500 in one operation", "no"),
];

/// Measures and prints the report.
///
/// # Errors
/// When the example cannot be built or does not get through.
pub(crate) fn run(workspace: &Workspace, args: &StateArgs) -> anyhow::Result<()> {
    if !args.no_build {
        let mut build = workspace.cargo();
        build.args(["build", "--release", "-p", "hearth", "-p", "hearth-state", "--example", "state_bench"]);
        process::run(&mut build)?;
    }
    let folder = workspace.target().join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let server = std::env::var(SERVER).ok().filter(|server| !server.is_empty());
    let (mut sqlite, mut sql_server) = (Figures::new(), Figures::new());
    let mut machine = Machine::alone()?;
    for round in 1..=args.rounds {
        step(format_args!("round {round} of {}", args.rounds));
        add(&mut sqlite, one_round(workspace, &folder, args.seconds, None)?);
        if let Some(server) = &server {
            add(&mut sql_server, one_round(workspace, &folder, args.seconds, Some(server))?);
        }
        machine.note_load()?;
    }
    let text = report(&machine, args, &sqlite, server.is_some().then_some(&sql_server));
    say(format_args!("\n{text}"));
    if args.write { page::write(workspace, "state", &text) } else { Ok(()) }
}

fn one_round(
    workspace: &Workspace,
    folder: &Path,
    seconds: u64,
    server: Option<&str>,
) -> anyhow::Result<BTreeMap<String, f64>> {
    let mut example = Command::new(workspace.target().join("release/examples/state_bench"));
    example.arg(folder).arg(seconds.to_string()).env_remove(SERVER);
    if let Some(server) = server {
        example.env(SERVER, server);
    }
    serde_json::from_str(&process::read(&mut example)?)
        .context("cannot understand the figures of the example state_bench")
}

fn add(figures: &mut Figures, round: BTreeMap<String, f64>) {
    for (name, value) in round {
        figures.entry(name).or_default().push(value);
    }
}

fn median(figures: &Figures, name: &str) -> Option<f64> {
    let mut values = figures.get(name)?.clone();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn report(machine: &Machine, args: &StateArgs, sqlite: &Figures, server: Option<&Figures>) -> String {
    let of = |name| median(sqlite, name).unwrap_or(f64::NAN);
    let mut text = format!(
        "{}\n\nMedians of {} rounds of {} s. A flush of one page took {:.0} µs in the middle. On SQLite a transaction held \
         {:.1} operations of 64 callers.\n\n\
         | what | flushed | SQLite, per second | × one row | SQL Server, per second |\n|---|---|---:|---:|---:|\n",
        machine.line(),
        args.rounds,
        args.seconds,
        of("flushMicros"),
        of("group"),
    );
    for (name, what, flushed) in ROWS {
        let on_server =
            server.and_then(|figures| median(figures, name)).map_or("–".to_owned(), |rate| format!("{rate:.0}"));
        let ratio = of(name) / of("oneRow");
        // Writing to a string does not fail.
        let _ = writeln!(text, "| {what} | {flushed} | {:.0} | {ratio:.1} | {on_server} |", of(name));
    }
    if server.is_none() {
        let _ = writeln!(text, "\nSQL Server: skipped, because {SERVER} names none.");
    }
    let gain = of("callers") / of("oneRow");
    let goal = Goal {
        what: "64 callers beside one-row commits: rows per second",
        measured: gain,
        unit: "×",
        limit: Limit::AtLeast(25.0),
    };
    let _ = write!(text, "\n{}", table(&[goal]));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_the_rounds_counts() {
        let mut figures = Figures::new();
        for value in [3.0, 1.0, 2.0] {
            add(&mut figures, BTreeMap::from([("claims".to_owned(), value)]));
        }
        assert_eq!((median(&figures, "claims"), median(&figures, "none")), (Some(2.0), None));
    }
}

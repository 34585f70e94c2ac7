//! The contract of function HTTP as tables: requests and the answers that an app's callers rely on, from the reference of
//! Azure Functions (sections 1, 2 and 6), against the real binary over HTTP/1.1 and HTTP/2. `tables/` holds the rows by
//! topic, `table.rs` tells how they are written, `errors.txt` is every error body that was seen.
#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "rows that are known to differ are told, and how many there are")]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod busy;
mod check;
mod install;
mod snapshot;
mod table;

use std::path::{Path, PathBuf};

use hearth_tests::{Answer, Call, Connection, Hearth, Protocol};
use http::Method;

use crate::install::{Installed, install};
use crate::snapshot::Errors;
use crate::table::{Http, Row, Table};

/// So many rows at least must be there: a table that is not read must not pass.
const LEAST_ROWS: usize = 300;

fn tables() -> Vec<Table> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/tables");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| Table::read(file)).collect()
}

fn call(hearth: &Hearth, installed: &Installed, row: &Row) -> Call {
    let method: Method = row.method.parse().unwrap();
    let mut call = Call::new(hearth.http_address(), method, &installed.fill(&row.target)).host(&installed.host);
    for (name, value) in &row.headers {
        let value = installed.fill(value);
        call = if name.eq_ignore_ascii_case("host") { call.host(&value) } else { call.header(name, &value) };
    }
    let call = call.body(row.body.clone());
    row.pieces.iter().fold(call, |call, piece| call.piece(piece.clone()))
}

/// What is wrong with the answer to a row.
fn wrong(row: &Row, installed: &Installed, answer: &Result<Answer, String>) -> Vec<String> {
    match answer {
        Ok(answer) => check::differences(row, answer, &|text| installed.fill(text)),
        Err(error) => vec![format!("no answer: {error}")],
    }
}

#[test]
fn every_row_of_the_tables_has_its_answer() {
    // HEARTH_CONTRACT names the topics to run while one works on them; the count and the errors are not checked then.
    let chosen = std::env::var("HEARTH_CONTRACT").ok();
    let mut tables = tables();
    tables.retain(|table| chosen.as_ref().is_none_or(|topics| topics.split(',').any(|topic| topic == table.topic)));
    let hearth = Hearth::start();
    let mut errors = Errors::default();
    let (mut rows, mut failures) = (0, Vec::new());
    for table in &tables {
        for app in &table.apps {
            let installed = install(&hearth, app);
            for (protocol, http) in [(Protocol::Http1, Http::One), (Protocol::Http2, Http::Two)] {
                let mut connection = Connection::new(hearth.http_address(), protocol);
                for row in app.rows.iter().filter(|row| row.only.is_none_or(|only| only == http)) {
                    let answer = connection.send(&call(&hearth, &installed, row));
                    let wrong = wrong(row, &installed, &answer);
                    let place = format!("{}.table:{}: {} {}", table.topic, row.line, row.method, row.target);
                    let place = format!("{place} over {protocol:?}");
                    match (wrong.is_empty(), row.known) {
                        (true, false) => {}
                        (true, true) => println!("known, and right: {place}"),
                        (false, true) => println!("known: {place}\n    {}", wrong.join("\n    ")),
                        (false, false) => failures.push(format!("{place}\n    {}", wrong.join("\n    "))),
                    }
                    if let Ok(answer) = &answer
                        && !row.known
                        && row.method != "HEAD"
                    {
                        errors.see(answer, &[&installed.master, &installed.key]);
                    }
                }
            }
            rows += app.rows.iter().filter(|row| !row.known).count();
        }
    }
    assert!(failures.is_empty(), "{} answers differ:\n{}", failures.len(), failures.join("\n"));
    if chosen.is_none() {
        assert!(rows >= LEAST_ROWS, "there are only {rows} rows");
        println!("{rows} rows");
        busy::check(&hearth, &mut errors);
        errors.compare();
    }
}

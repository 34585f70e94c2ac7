//! Queries over small lists of items, each asked in one page and again in pages of one row.

mod cases;
mod cases_order;
mod cases_select;
mod efforts;
mod plans;
mod refusals;
mod resumes;

use std::sync::Arc;

use super::{Execution, Flow, Next, Position, Query};

/// One case: items (JSON, one a line), a query, the rows that come out (JSON, in order), and why.
pub(super) type Case = (&'static str, &'static str, &'static [&'static str], &'static str);

/// What a query answers, page by page.
fn answer(query: &Arc<Query>, items: &[&str], page: usize) -> Vec<serde_json::Value> {
    let mut rows = Vec::new();
    let mut continuation: Option<String> = None;
    for _ in 0..10_000 {
        let mut execution = Execution::new(Arc::clone(query), "scope", continuation.as_deref(), page, 4 << 20).unwrap();
        run(&mut execution, items);
        let answer = execution.answer().unwrap();
        let page: Vec<serde_json::Value> = serde_json::from_str(&format!("[{}]", answer.rows)).unwrap();
        assert_eq!(page.len(), answer.count);
        rows.extend(page);
        match answer.continuation {
            Some(next) => {
                assert!(next.len() < 1_000, "continuations are short: {}", next.len());
                continuation = Some(next);
            }
            None => return rows,
        }
    }
    panic!("the query does not come to an end");
}

/// Gives items until the execution has enough. Item `n` has the number `n`, in one of two ranges.
fn run(execution: &mut Execution, items: &[&str]) {
    loop {
        let start = execution.start();
        let half = items.len().div_ceil(2);
        for (index, item) in items.iter().enumerate() {
            let position = Position { range: i64::from(index >= half), number: index as i64 };
            if start.is_some_and(|start| position <= start) {
                continue;
            }
            if execution.feed(position, item) == Flow::Full {
                break;
            }
        }
        if execution.end() == Next::Done {
            return;
        }
    }
}

fn check(cases: &[Case]) {
    for (items, text, expected, why) in cases {
        let items: Vec<&str> = items.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let query = match Query::parse(text, &[]) {
            Ok(query) => Arc::new(query),
            Err(error) => panic!("{text}: {error} ({why})"),
        };
        let expected: Vec<serde_json::Value> =
            expected.iter().map(|row| serde_json::from_str(row).expect("an expected row is JSON")).collect();
        for page in [1_000, 1, 2] {
            let rows = answer(&query, &items, page);
            assert_eq!(rows, expected, "{text}, {page} rows a page: {why}");
        }
    }
}

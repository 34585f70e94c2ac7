//! Cases as rows of tables: what is asked, what has to be answered, and why.

use crate::client::{Answered, Store};

/// What is looked at in an answer besides its status and sub-status.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Has {
    /// A header with this value.
    Header(&'static str, &'static str),
    /// A header, whatever its value.
    Any(&'static str),
    /// No such header.
    No(&'static str),
    /// At this JSON pointer of the body, this JSON value.
    Json(&'static str, &'static str),
    /// Nothing at this JSON pointer.
    NoJson(&'static str),
    /// This text somewhere in the body.
    Text(&'static str),
    /// No body.
    Empty,
}

/// One row: why, method, path, headers, body; then status, sub-status, and what else.
pub(crate) type Row<'a> = (&'a str, &'a str, &'a str, &'a [(&'a str, &'a str)], &'a str, u16, u32, &'a [Has]);

/// Sends the rows one after the other and tells all that were answered otherwise.
pub(crate) async fn run(store: &Store, rows: &[Row<'_>]) {
    let mut wrong = Vec::new();
    for (at, (why, method, path, headers, body, status, substatus, has)) in rows.iter().enumerate() {
        let answered = store.ask(method, path).headers(headers).body(*body).send().await;
        let said = (answered.status, answered.substatus());
        let mut problems = Vec::new();
        if said != (*status, *substatus) {
            problems.push(format!("{said:?} instead of {:?}", (status, substatus)));
        }
        problems.extend(has.iter().filter_map(|has| missing(&answered, *has)));
        if !problems.is_empty() {
            wrong.push(format!("row {at}, {why}: {method} {path}: {}\n    {answered:?}", problems.join("; ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

fn missing(answered: &Answered, has: Has) -> Option<String> {
    let pointed = |pointer: &str| answered.json().pointer(pointer).cloned();
    let fine = match has {
        Has::Header(name, value) => answered.header(name) == value,
        Has::Any(name) => answered.headers.contains_key(name),
        Has::No(name) => !answered.headers.contains_key(name),
        Has::Json(pointer, value) => pointed(pointer) == serde_json::from_str(value).ok(),
        Has::NoJson(pointer) => pointed(pointer).is_none(),
        Has::Text(text) => answered.body.contains(text),
        Has::Empty => answered.body.is_empty(),
    };
    (!fine).then(|| format!("{has:?} is not so"))
}

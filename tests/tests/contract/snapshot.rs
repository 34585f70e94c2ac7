//! Every error that the host answers itself, once: what callers and their scripts may rely on.
//!
//! After a wanted change, run the test once with `HEARTH_UPDATE_ERRORS=1` and read the difference as a user would.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hearth_tests::Answer;
use serde_json::Value;

/// Headers that say nothing about the error: of the exchange, and of the app that sets them by its host.json.
const LEFT_OUT: [&str; 5] = ["date", "content-length", "connection", "x-frame-options", "x-kind"];

/// The errors seen so far, in the spelling of the file.
#[derive(Default)]
pub(crate) struct Errors(BTreeSet<String>);

impl Errors {
    /// Takes an answer in, if it is an error of the host: one without a body, or in the host's JSON.
    pub(crate) fn see(&mut self, answer: &Answer, keys: &[&str]) {
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let own = body["error"]["code"].is_string();
        if answer.status < 400 || !(own || answer.body.is_empty()) {
            return;
        }
        if body["error"]["invocationId"].is_string() {
            body["error"]["invocationId"] = "(id)".into();
        }
        let mut headers: Vec<String> = Vec::new();
        for (name, value) in answer.headers.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str())) {
            let value = if *name == "x-ms-invocation-id" { "(id)" } else { value.to_str().unwrap() };
            headers.push(format!("{name}: {value}\n"));
        }
        headers.sort();
        let body = if own { body.to_string() } else { "(empty)".to_owned() };
        assert!(keys.iter().all(|key| key.is_empty() || !body.contains(key)), "a key is in an error: {body}");
        self.0.insert(format!("{} {}\n{}{body}\n", answer.status, code(&body), headers.concat()));
    }

    /// Compares with the checked-in file, or writes it anew.
    pub(crate) fn compare(&self) {
        let text = self.0.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
        let path = file();
        if std::env::var_os("HEARTH_UPDATE_ERRORS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
        let split = |text: &str| text.split("\n\n").map(|one| one.trim().to_owned()).collect::<BTreeSet<_>>();
        let (seen, known) = (split(&text), split(&checked_in));
        assert!(
            seen == known,
            "the errors differ from errors.txt; HEARTH_UPDATE_ERRORS=1 writes it anew\nnew:\n{}\ngone:\n{}",
            seen.difference(&known).cloned().collect::<Vec<_>>().join("\n\n"),
            known.difference(&seen).cloned().collect::<Vec<_>>().join("\n\n"),
        );
    }
}

fn code(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    body["error"]["code"].as_str().unwrap_or("-").to_owned()
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/errors.txt")
}

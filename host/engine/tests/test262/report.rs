//! What passed, what failed and what was not run.

use std::collections::BTreeMap;
use std::fmt;

use super::suite::Run;

#[derive(Debug, Default)]
pub(crate) struct Report {
    /// By the folders of the tests: how many runs passed, and how many there were.
    parts: BTreeMap<String, (u32, u32)>,
    skipped: BTreeMap<&'static str, u32>,
    failures: Vec<String>,
}

impl Report {
    pub(crate) fn skipped(&mut self, reason: &'static str) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    pub(crate) fn ran(&mut self, run: &Run, result: Result<(), String>) {
        let part = run.path.split('/').take(4).collect::<Vec<_>>();
        let part = if part.last().is_some_and(|name| name.ends_with(".js")) { &part[..3] } else { &part[..] };
        let (passed, all) = self.parts.entry(part.join("/")).or_default();
        *all += 1;
        match result {
            Ok(()) => *passed += 1,
            Err(reason) => self.failures.push(format!("{} ({}): {reason}", run.path, run.mode)),
        }
    }

    /// Percent of the runs that passed.
    pub(crate) fn rate(&self) -> f64 {
        let (passed, all) = self.total();
        f64::from(passed) * 100.0 / f64::from(all.max(1))
    }

    fn total(&self) -> (u32, u32) {
        self.parts.values().fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut failures = self.failures.clone();
        failures.sort();
        failures.iter().try_for_each(|failure| writeln!(f, "failed: {failure}"))?;
        for (part, (passed, all)) in self.parts.iter().filter(|(_, (passed, all))| passed < all) {
            writeln!(f, "{passed:>6} of {all:>6} passed in {part}")?;
        }
        for (reason, tests) in &self.skipped {
            writeln!(f, "{tests:>6} tests skipped: {reason}")?;
        }
        let (passed, all) = self.total();
        write!(f, "test262, language: {passed} of {all} runs passed, {:.2} %", self.rate())
    }
}

//! What the figures are to reach, each relative to what was measured beside it where that is possible.

use std::fmt::Write as _;

/// One goal and what came of it. Less is better, but for those that say "at least".
#[derive(Clone, Debug)]
pub(super) struct Goal {
    pub(super) what: &'static str,
    pub(super) measured: f64,
    pub(super) unit: &'static str,
    pub(super) limit: Limit,
}

/// The side of a number that is good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

impl Goal {
    fn reached(&self) -> bool {
        match self.limit {
            Limit::AtMost(limit) => self.measured <= limit,
            Limit::AtLeast(limit) => self.measured >= limit,
        }
    }
}

/// A table with one row for each goal.
pub(super) fn table(goals: &[Goal]) -> String {
    let mut text = String::from("| goal | limit | measured | |\n|---|---:|---:|---|\n");
    for goal in goals {
        let (sign, limit) = match goal.limit {
            Limit::AtMost(limit) => ('≤', limit),
            Limit::AtLeast(limit) => ('≥', limit),
        };
        let verdict = if goal.reached() { "reached" } else { "**missed**" };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {} | {sign} {limit}{unit} | {measured:.digits$}{unit} | {verdict} |",
            goal.what,
            unit = goal.unit,
            measured = goal.measured,
            digits = if goal.measured < 10.0 { 2 } else { 0 },
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_that_is_missed_is_told_as_such() {
        let goal = |limit| Goal { what: "a thing", measured: 1.25, unit: "×", limit };
        let text = table(&[goal(Limit::AtMost(1.1)), goal(Limit::AtLeast(1.1))]);
        let rows: Vec<_> = text.lines().skip(2).collect();
        assert_eq!(rows, ["| a thing | ≤ 1.1× | 1.25× | **missed** |", "| a thing | ≥ 1.1× | 1.25× | reached |"]);
    }
}

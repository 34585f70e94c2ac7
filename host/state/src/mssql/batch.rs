//! Makes one parameterised batch of many steps.
//!
//! The text depends on the statements alone and never on an argument, so the server keeps its plan. After each step a
//! row with one column of a name of its own tells how many rows it affected; whatever rows come before that are the
//! step's. A required step that affects none switches the rest off.

use std::fmt::Write;

use hearth_model::clock::Timestamp;

use crate::operation::{Step, Value};

/// The column that ends a step's answer.
pub(super) const AFFECTED: &str = "hearth_affected";

/// Most steps of a batch: the server compiles a new text as a whole.
pub(super) const MOST_STEPS: usize = 32;
/// Most parameters of a batch; the protocol allows 2,100.
const MOST_PARAMETERS: usize = 2000;

/// What a batch does about its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// None, or one that is open: the caller sees to it.
    Bare,
    /// Begins one, and commits it, or rolls it back when a required step affects no row.
    Whole,
}

/// A text with its parameters.
#[derive(Debug, PartialEq)]
pub(super) struct Batch<'a> {
    pub(super) text: String,
    pub(super) parameters: Vec<Parameter<'a>>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Parameter<'a> {
    Int(Option<i64>),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// Whether the steps fit into one batch.
pub(super) fn fits(steps: &[Step]) -> bool {
    steps.len() <= MOST_STEPS && steps.iter().map(|step| step.args.len()).sum::<usize>() <= MOST_PARAMETERS
}

/// Cuts steps into parts that fit.
pub(super) fn parts(steps: &[Step]) -> impl Iterator<Item = &[Step]> {
    let mut rest = steps;
    std::iter::from_fn(move || {
        let mut parameters = 0;
        let fitting = rest.iter().take(MOST_STEPS).take_while(|step| {
            parameters += step.args.len();
            parameters <= MOST_PARAMETERS
        });
        // One step alone has fewer than the protocol allows.
        let length = fitting.count().max(1).min(rest.len());
        let (part, later) = rest.split_at(length);
        rest = later;
        (!part.is_empty()).then_some(part)
    })
}

/// The steps as one batch. The time is the server's at its beginning, unless it is given.
pub(super) fn build<'a>(schema: &str, steps: &'a [Step], frame: Frame, now: Option<Timestamp>) -> Batch<'a> {
    let mut batch = Batch { text: String::with_capacity(256 * (steps.len() + 1)), parameters: Vec::new() };
    batch.text.push_str("DECLARE @n bigint, @r bigint, @u nvarchar(400), @go bit = 1, @now bigint = ");
    match now {
        Some(now) => {
            batch.parameters.push(Parameter::Int(Some(now.as_micros())));
            batch.text.push_str("@P1");
        }
        None => batch.text.push_str(NOW),
    }
    batch.text.push_str("; ");
    if frame == Frame::Whole {
        batch.text.push_str("BEGIN TRANSACTION; ");
    }
    // Nothing can have switched off what comes up to and including the first required step.
    let mut guarded = false;
    for step in steps {
        if guarded {
            batch.text.push_str("IF @go = 1 BEGIN ");
        }
        batch.step(schema, step);
        if step.required {
            batch.text.push_str("IF @n = 0 SET @go = 0; ");
        }
        if guarded {
            batch.text.push_str("END; ");
        }
        guarded |= step.required;
    }
    if frame == Frame::Whole {
        batch.text.push_str("IF @go = 1 COMMIT TRANSACTION; ELSE ROLLBACK TRANSACTION;");
    }
    batch
}

/// The server's time in microseconds since 1970.
pub(super) const NOW: &str = "DATEDIFF_BIG(microsecond, CAST('1970-01-01' AS datetime2), SYSUTCDATETIME())";

impl<'a> Batch<'a> {
    fn step(&mut self, schema: &str, step: &'a Step) {
        let first = self.parameters.len() + 1;
        for value in &step.args {
            self.parameters.push(match value {
                Value::Null => Parameter::Int(None),
                Value::Int(number) | Value::Now(number) => Parameter::Int(Some(*number)),
                Value::Text(text) => Parameter::Text(text),
                Value::Bytes(bytes) => Parameter::Bytes(bytes),
            });
        }
        let text = step.statement.mssql;
        self.expand(schema, text, first, &step.args);
        if !text.contains("SET @n = ") {
            self.text.push_str("; SET @n = @@ROWCOUNT");
        }
        // Writing to a String does not fail.
        write!(self.text, "; SELECT @n AS {AFFECTED}; ").ok();
    }

    /// Puts the schema for `$.` and the parameters for `@1`, `@2`, ….
    fn expand(&mut self, schema: &str, text: &str, first: usize, args: &[Value]) {
        let mut rest = text.trim_end_matches([';', ' ']);
        while let Some(at) = rest.find(['$', '@']) {
            let (before, found) = rest.split_at(at);
            self.text.push_str(before);
            let digits = found.len() - 1 - found[1..].trim_start_matches(|c: char| c.is_ascii_digit()).len();
            match found[1..=digits].parse::<usize>() {
                Ok(number) if found.starts_with('@') => {
                    let parameter = first + number - 1;
                    let relative = matches!(args.get(number - 1), Some(Value::Now(_)));
                    let written = match relative {
                        true => write!(self.text, "(@now + @P{parameter})"),
                        false => write!(self.text, "@P{parameter}"),
                    };
                    written.ok();
                    rest = &found[1 + digits..];
                }
                _ if found.starts_with("$.") => {
                    write!(self.text, "[{schema}].").ok();
                    rest = &found[2..];
                }
                _ => {
                    self.text.push_str(&found[..1]);
                    rest = &found[1..];
                }
            }
        }
        self.text.push_str(rest);
    }
}

/// A text of a migration, with the schema for `$.`, cut at lines that say `GO`.
pub(super) fn script(schema: &str, text: &str) -> Vec<String> {
    let text = text.replace("$.", &format!("[{schema}]."));
    let mut batches = vec![String::new()];
    for line in text.lines() {
        match batches.last_mut() {
            Some(batch) if line.trim() != "GO" => {
                batch.push_str(line);
                batch.push('\n');
            }
            _ => batches.push(String::new()),
        }
    }
    batches.retain(|batch| !batch.trim().is_empty());
    batches
}

#[cfg(test)]
mod tests;

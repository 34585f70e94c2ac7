//! The form of log lines under `hearth start`: `[2026-01-01T12:00:00.000Z] text`, with the name of the function before what it wrote
//! itself, coloured by level.

use std::fmt::{self, Write as _};

use tracing::Level;

use super::{Lines, Parts, millis, write_field};

impl Lines {
    pub(super) fn console(&self, level: Level, category: &str, parts: &Parts) -> Result<String, fmt::Error> {
        let paint = match level {
            _ if !self.color => "",
            Level::ERROR => "\x1b[31m",
            Level::WARN => "\x1b[33m",
            // The host's lines about an invocation frame those of the function.
            Level::INFO if function(category).is_some_and(|(_, own)| !own) => "\x1b[36m",
            Level::INFO => "",
            Level::DEBUG | Level::TRACE => "\x1b[2m",
        };
        let mut line = format!("[{}] {paint}", millis(&self.clock.now().rfc3339()));
        if let Some((name, true)) = function(category) {
            write!(line, "{name}: ")?;
        }
        line.push_str(&parts.message);
        for field in parts.fields.iter().filter(|(name, _)| *name != "app") {
            write_field(&mut line, field)?;
        }
        if !paint.is_empty() {
            line.push_str("\x1b[0m");
        }
        line.push('\n');
        Ok(line)
    }
}

/// The function that a category is about, and whether the line is its own.
fn function(category: &str) -> Option<(&str, bool)> {
    let name = category.strip_prefix("Function.")?;
    Some(name.strip_suffix(".User").map_or((name, false), |name| (name, true)))
}

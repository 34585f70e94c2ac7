//! The only place that prints: results on standard output, messages for people on standard error.
//!
//! A reader that went away (`hearth apps list | head -1`) is no error, so write failures are dropped here.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::exit::Failure;

/// Form of a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns for people.
    #[default]
    Text,
    /// One JSON document for programs.
    Json,
}

/// A line of the result.
pub(crate) fn line(text: &str) {
    let _reader_gone = writeln!(io::stdout().lock(), "{text}");
}

/// A message for people that is not the result.
pub(crate) fn note(text: &str) {
    let _reader_gone = writeln!(io::stderr().lock(), "{text}");
}

/// Why the command fails; `error:` is red on a terminal.
pub(crate) fn error(text: &str) {
    let mut stderr = io::stderr().lock();
    let _reader_gone = if color(&stderr) {
        writeln!(stderr, "\x1b[1;31merror:\x1b[0m {text}")
    } else {
        writeln!(stderr, "error: {text}")
    };
}

/// Replaces the current line of a terminal on standard error; nothing elsewhere.
pub(crate) fn progress(text: &str) {
    let mut stderr = io::stderr().lock();
    if stderr.is_terminal() {
        let _reader_gone = write!(stderr, "\r\x1b[2K{text}").and_then(|()| stderr.flush());
    }
}

/// A question on standard error, answered by a line on standard input.
pub(crate) fn ask(question: &str) -> io::Result<String> {
    let mut stderr = io::stderr().lock();
    write!(stderr, "{question} ").and_then(|()| stderr.flush())?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}

/// A JSON document of its own on standard output.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::general(format_args!("the result can't be written as JSON: {error}")))?;
    line(&text);
    Ok(())
}

/// Rows under a header, columns as wide as their widest cell. Nothing is padded at the end of a line.
pub(crate) fn table<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = header.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut lines = vec![padded(&header, &widths)];
    lines.extend(rows.iter().map(|row| padded(row, &widths)));
    lines.join("\n")
}

fn padded(cells: &[impl AsRef<str>], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        line.push_str(cell.as_ref());
        line.extend(std::iter::repeat_n(' ', width + 2 - cell.as_ref().chars().count()));
    }
    line.truncate(line.trim_end().len());
    line
}

/// Whether colours may go to a stream: a terminal, and `NO_COLOR` is not set.
pub(crate) fn color(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["hello".to_owned(), "running".to_owned()], ["a-longer-name".to_owned(), String::new()]];
        assert_eq!(table(["APP", "STATE"], &rows), "APP            STATE\nhello          running\na-longer-name");
    }
}

//! What is wrong with a file, and where: line, column and the lines around.

use std::fmt::Write as _;

/// Lines shown before and after the one that is wrong.
const AROUND: usize = 2;
/// Longer lines are cut, so that a minified file does not fill the console.
const WIDTH: usize = 160;

/// Why a file could not be turned into JavaScript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// As JavaScript writes it: `SyntaxError: …`.
    pub message: String,
    /// From 1; 0 when unknown.
    pub line: u32,
    /// In characters, from 1; 0 when unknown.
    pub column: u32,
    /// The lines around with a mark below the place; empty when it is unknown.
    pub frame: String,
}

impl Problem {
    /// A problem of the whole file.
    pub(crate) fn of_file(message: &str) -> Self {
        Self { message: format!("SyntaxError: {message}"), line: 0, column: 0, frame: String::new() }
    }

    /// A problem at a byte of the text.
    pub(crate) fn at(message: &str, text: &str, offset: usize) -> Self {
        let offset =
            (0..=offset.min(text.len())).rev().find(|offset| text.is_char_boundary(*offset)).unwrap_or_default();
        let (before, _) = text.split_at(offset);
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        let number = |count: usize| u32::try_from(count + 1).unwrap_or_default();
        Self {
            message: format!("SyntaxError: {message}"),
            line: number(line),
            column: number(column),
            frame: frame(text, line, column),
        }
    }
}

/// Both counted from 0.
fn frame(text: &str, line: usize, column: usize) -> String {
    let (first, last) = (line.saturating_sub(AROUND), line + AROUND);
    let width = (last + 1).to_string().len();
    let mut out = String::new();
    for (index, content) in text.lines().enumerate().skip(first).take(last + 1 - first) {
        let mark = if index == line { '>' } else { ' ' };
        // A tab counts as one character of the column, so it must take one of the frame too.
        let shown: String = content.chars().take(WIDTH).map(|c| if c.is_control() { ' ' } else { c }).collect();
        let _ = writeln!(out, "{}", format!("{mark} {:>width$} | {shown}", index + 1).trim_end());
        if index == line && column < WIDTH {
            let _ = writeln!(out, "  {:width$} | {:column$}^", "", "");
        }
    }
    out.truncate(out.trim_end_matches('\n').len());
    out
}

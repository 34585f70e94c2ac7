//! Scripts that can't be read: file, line and column, and the lines around the place.

use rquickjs::{Ctx, Error, Exception, Value};

use super::stack::first_raw_place;
use crate::host::ScriptError;
use crate::natives::text::lossy;
use crate::state::State;

/// Lines before and after the place in a code frame.
const AROUND: u32 = 3;
/// A line of a code frame is cut to about this many characters: scripts may be minified.
const WIDTH: usize = 120;

/// Throws the error of a script that the host could not read.
pub(crate) fn throw(ctx: &Ctx<'_>, state: &State, details: ScriptError) -> Error {
    let message = details.message.strip_prefix("SyntaxError: ").unwrap_or(&details.message).to_owned();
    let error = Exception::throw_syntax(ctx, &message);
    let thrown = ctx.catch();
    state.keep_script_error(ctx, &thrown, details);
    match error {
        Error::Exception => ctx.throw(thrown),
        other => other,
    }
}

/// Throws again what compiling the script at `path` has thrown, its place noted when it is this script's syntax.
pub(crate) fn explain(ctx: &Ctx<'_>, state: &State, path: &str, text: &str) -> Error {
    let thrown = ctx.catch();
    if state.script_error(ctx, &thrown).is_none()
        && let Some((message, line, column)) = place_in(ctx, state, &thrown, path)
    {
        let frame = frame(text, line, column);
        let details =
            ScriptError { message, stack_trace: String::new(), file: Some(path.to_owned()), line, column, frame };
        state.keep_script_error(ctx, &thrown, details);
    }
    ctx.throw(thrown)
}

/// Message, line and column of a syntax error in this very file.
fn place_in<'js>(ctx: &Ctx<'js>, state: &State, thrown: &Value<'js>, path: &str) -> Option<(String, u32, u32)> {
    let error = thrown.as_object()?;
    let name: String = error.get("name").ok()?;
    if name != "SyntaxError" {
        return None;
    }
    let message: rquickjs::String<'js> = error.get("message").ok()?;
    let stack: Option<rquickjs::String<'js>> =
        state.hook(ctx, "rawStack").and_then(|hook| hook.call((thrown.clone(),))).ok()?;
    let (file, line, column) = first_raw_place(&lossy(&stack?))?;
    (file == path).then(|| (format!("SyntaxError: {}", lossy(&message)), line.max(1), column.max(1)))
}

/// Place and lines as one text.
pub(super) fn place(details: &ScriptError) -> String {
    let mut text = String::new();
    if let Some(file) = &details.file {
        text = format!("    at {file}:{}:{}", details.line, details.column);
    }
    if !details.frame.is_empty() {
        text.push('\n');
        text.push_str(&details.frame);
    }
    text
}

/// The lines around a place, numbered, with a mark below it. Line and column count from 1.
pub(super) fn frame(text: &str, line: u32, column: u32) -> String {
    if line == 0 {
        return String::new();
    }
    let first = line.saturating_sub(AROUND).max(1);
    let last = line.saturating_add(AROUND);
    let digits = last.to_string().len();
    let column = column.max(1) as usize;
    let left = if column > WIDTH * 3 / 4 { column - WIDTH / 2 } else { 0 };
    let mut frame = String::new();
    let numbered = (1_u32..).zip(text.lines()).skip_while(|(number, _)| *number < first);
    for (number, content) in numbered.take_while(|(number, _)| *number <= last) {
        let mark = if number == line { '>' } else { ' ' };
        let content: String = content.chars().skip(left).take(WIDTH).collect();
        frame.push_str(format!("{mark} {number:>digits$} | {content}").trim_end());
        frame.push('\n');
        if number == line {
            let indent: String =
                content.chars().take(column - 1 - left).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            frame.push_str(&format!("  {:digits$} | {indent}^\n", ""));
        }
    }
    frame.truncate(frame.trim_end().len());
    frame
}

#[cfg(test)]
mod tests {
    use super::frame;

    #[test]
    fn a_frame_shows_three_lines_around_and_a_mark() {
        let text = "one\ntwo\nthree\nfour\nfive(\nsix\nseven\neight\nnine";
        let expected =
            "  2 | two\n  3 | three\n  4 | four\n> 5 | five(\n    |     ^\n  6 | six\n  7 | seven\n  8 | eight";
        assert_eq!(frame(text, 5, 5), expected);
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{}!{}", "a".repeat(500), "b".repeat(500));
        let frame = frame(&text, 1, 501);
        let (code, mark) = frame.split_once('\n').unwrap();
        assert!(code.len() < 140, "{code}");
        assert_eq!(code.find('!'), mark.find('^'));
    }
}

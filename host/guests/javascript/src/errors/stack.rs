//! Stack traces: from QuickJS's frames to V8's form, with source maps applied; and from there to what people get.

use crate::modules::paths::{ROOT, absolute, relative};
use crate::state::State;

/// Names of the library's files start with this.
const LIBRARY: &str = "node:";

/// A line of a stack trace.
struct Frame<'a> {
    function: &'a str,
    /// File with line and column, or `native`.
    place: &'a str,
}

impl<'a> Frame<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let rest = line.trim_start().strip_prefix("at ")?;
        match rest.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) {
            Some((function, place)) => Some(Self { function, place }),
            None => Some(Self { function: "", place: rest }),
        }
    }
}

/// `file:line:column`.
fn split_place(place: &str) -> Option<(&str, u32, u32)> {
    let (rest, column) = place.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    Some((file, line.parse().ok()?, column.parse().ok()?))
}

/// `head` and the frames that QuickJS noted, as V8 would write them.
pub(super) fn format(state: &State, head: &str, frames: &str) -> String {
    let mut text = String::with_capacity(head.len() + frames.len() + 1);
    text.push_str(head);
    for frame in frames.lines().filter_map(Frame::parse) {
        let place = match split_place(frame.place) {
            Some((file, line, column)) => {
                // Before its first line, a script has the function that is wrapped around it.
                let (file, line, column) = original(state, file, line.max(1), column);
                format!("{file}:{line}:{column}")
            }
            None => "<anonymous>".to_owned(),
        };
        text.push_str("\n    at ");
        match frame.function {
            "" | "<anonymous>" | "<eval>" => text.push_str(&place),
            function => {
                text.push_str(function);
                text.push_str(" (");
                text.push_str(&place);
                text.push(')');
            }
        }
    }
    text
}

/// Where the author wrote it.
fn original(state: &State, file: &str, line: u32, column: u32) -> (String, u32, u32) {
    let mapped = relative(file).and_then(|path| {
        let map = state.source_maps.borrow_mut().of(&*state.host, path)?;
        map.original(path, line, column)
    });
    match mapped {
        Some((path, line, column)) => (absolute(&path), line, column),
        None => (file.to_owned(), line, column),
    }
}

/// The frames of a stack trace that belong to the app, with paths relative to its package.
pub(super) fn for_people(stack: &str) -> String {
    let inside = format!("{ROOT}/");
    let mut text = String::new();
    let mut pending = String::new();
    for line in stack.lines() {
        let Some(frame) = Frame::parse(line) else { continue };
        if frame.place.starts_with(LIBRARY) {
            pending.clear();
            continue;
        }
        let line = format!("    at {}\n", line.trim_start().strip_prefix("at ").unwrap_or(line).replace(&inside, ""));
        if frame.place == "<anonymous>" {
            // Built-in functions count when the app called them, not when the library did.
            pending.push_str(&line);
            continue;
        }
        text.push_str(&pending);
        pending.clear();
        text.push_str(&line);
    }
    text.truncate(text.trim_end().len());
    text
}

/// File, line and column of the first frame in a file of the app.
pub(super) fn first_place(stack: &str) -> Option<(String, u32, u32)> {
    stack.lines().filter_map(Frame::parse).find_map(|frame| {
        let (file, line, column) = split_place(frame.place)?;
        Some((file.to_owned(), line, column))
    })
}

/// File, line and column of the first frame as QuickJS noted it, its file as the package knows it.
pub(super) fn first_raw_place(stack: &str) -> Option<(String, u32, u32)> {
    let (file, line, column) = first_place(stack)?;
    Some((relative(&file)?.to_owned(), line, column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_get_their_own_frames_with_their_own_paths() {
        let stack = "    at inner (/home/site/wwwroot/lib/a.js:3:5)\n    at map (<anonymous>)\n    \
                     at /home/site/wwwroot/index.js:9:1\n    at call (<anonymous>)\n    at run (node:functions/index:1:2)";
        assert_eq!(for_people(stack), "    at inner (lib/a.js:3:5)\n    at map (<anonymous>)\n    at index.js:9:1");
        assert_eq!(first_place(&for_people(stack)), Some(("lib/a.js".to_owned(), 3, 5)));
    }
}

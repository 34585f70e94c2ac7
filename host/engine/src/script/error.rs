//! What the engine component finds in an app's scripts, and what is wrong with them.

use std::fmt;

use crate::error::InvokeError;
use crate::exports::DeclaredFunction;

/// What loading an app's scripts told.
#[derive(Clone, Debug, Default)]
pub struct ScriptIndex {
    /// Functions declared in code.
    pub functions: Vec<DeclaredFunction>,
    /// Functions of function.json files whose script can't be loaded or lacks its entry point, by name.
    pub problems: Vec<(String, ScriptError)>,
    /// Things worth a look that stop nothing.
    pub warnings: Vec<String>,
}

/// What is wrong with a script. `Display` is what its author reads: message, place, the lines around it, stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScriptError {
    /// As JavaScript writes it, for example `SyntaxError: unexpected token`.
    pub message: String,
    /// Frames with the author's own files and lines; empty when there are none.
    pub stack_trace: String,
    /// Path from the package's root, when it is known.
    pub file: Option<String>,
    /// From 1; 0 when unknown.
    pub line: u32,
    /// From 1; 0 when unknown.
    pub column: u32,
    /// The lines around the place with a mark below it; empty when unknown.
    pub frame: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            f.write_str(file)?;
            match (self.line, self.column) {
                (0, _) => {}
                (line, 0) => write!(f, ":{line}")?,
                (line, column) => write!(f, ":{line}:{column}")?,
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.message)?;
        for line in self.frame.lines().chain(self.stack_trace.lines()) {
            write!(f, "\n    {line}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ScriptError {}

/// Why an app's scripts could not be loaded at all.
#[derive(Clone, Debug, thiserror::Error)]
pub enum IndexError {
    /// A script is wrong in a way that lets nothing run.
    #[error("{0}")]
    Script(ScriptError),
    /// The engine did not get to an answer: a limit, or a trap.
    #[error("the app's scripts could not be loaded: {0}")]
    Engine(InvokeError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_as_its_author_needs_it() {
        let error = ScriptError {
            message: "SyntaxError: unexpected token".into(),
            file: Some("hello/index.js".into()),
            line: 2,
            column: 7,
            frame: "1 | let a\n2 | let = 3\n  |     ^".into(),
            stack_trace: String::new(),
        };
        assert_eq!(
            error.to_string(),
            "hello/index.js:2:7: SyntaxError: unexpected token\n    1 | let a\n    2 | let = 3\n      |     ^"
        );
        let unplaced = ScriptError { message: "Error: no".into(), ..ScriptError::default() };
        assert_eq!(unplaced.to_string(), "Error: no");
    }
}

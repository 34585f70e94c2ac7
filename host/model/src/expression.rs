//! Expressions in the properties of a binding (reference: section 1.6): `%NAME%` stands for an app setting and is replaced
//! once, when the app is loaded; `{expr}` stands for something only the invocation knows.
//!
//! Errors name the expression, the place in it and what is known; those of `%NAME%` never hold the value of a setting, because
//! they name the text as it was before. The clock and
//! the source of GUIDs are handed in.

mod contract;
mod data;
mod format;
mod settings;
mod template;

pub use contract::Contract;
pub use data::{BindingData, HttpParts, Value};
pub use settings::{referenced_settings, resolve_settings};
pub use template::{Environment, Parameter, Template};

/// Longest result of one expression in bytes. A short text can ask for a long value many times.
pub const MAX_RESULT_BYTES: usize = 1 << 20;

/// Why an expression can't be resolved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{expression}', character {position}: {reason}")]
pub struct ExpressionError {
    /// The whole text the expression stands in, shortened.
    pub expression: String,
    /// Where in the whole text, in characters from 1.
    pub position: usize,
    /// What is wrong and what to do.
    pub reason: String,
}

impl ExpressionError {
    /// An error at a byte of the text.
    fn at(text: &str, byte: usize, reason: impl Into<String>) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        Self { expression: crate::json::shortened(text), position: before.chars().count() + 1, reason: reason.into() }
    }

    fn too_long(text: &str, byte: usize) -> Self {
        Self::at(text, byte, format!("the result is longer than {MAX_RESULT_BYTES} bytes; shorten what is put in"))
    }
}

//! Retry policies of function.json and host.json (reference: section 6.1).

use std::time::Duration;

use crate::json::{FileError, Node};
use crate::time_span::{self, UNBOUNDED};

#[cfg(test)]
mod tests;

/// How often and when a failed invocation is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Retries after the first attempt; `None` for ever.
    pub max_retries: Option<u32>,
    /// The wait before each.
    pub delay: RetryDelay,
}

/// The wait before a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryDelay {
    /// Always the same.
    Fixed(Duration),
    /// Growing from one bound to the other.
    Exponential {
        /// First wait.
        minimum: Duration,
        /// Longest wait.
        maximum: Duration,
    },
}

impl RetryPolicy {
    /// Reads a `retry` object.
    pub(crate) fn read(node: &Node<'_>) -> Result<Self, FileError> {
        node.expect_object()?;
        let strategy = node.required("strategy")?.one_of(&["fixedDelay", "exponentialBackoff"])?;
        let count = node.required("maxRetryCount")?.integer(-1, i64::from(i32::MAX))?;
        let interval = |key: &str| time_span::read(&node.required(key)?, 0, UNBOUNDED);
        let delay = if strategy == "fixedDelay" {
            RetryDelay::Fixed(interval("delayInterval")?)
        } else {
            let (minimum, maximum) = (interval("minimumInterval")?, interval("maximumInterval")?);
            if minimum > maximum {
                return Err(node.required("minimumInterval")?.error("must not be longer than maximumInterval"));
            }
            RetryDelay::Exponential { minimum, maximum }
        };
        Ok(Self { max_retries: u32::try_from(count).ok(), delay })
    }
}

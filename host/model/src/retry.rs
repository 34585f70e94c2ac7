//! Retry policies of function.json and host.json (reference: section 6.1).

use std::time::Duration;

use crate::json::{Document, FileError, Node};
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

/// By how much a growing wait is longer or shorter than its rule says.
const JITTER: f64 = 0.2;

impl RetryDelay {
    /// The wait before a retry, the first of which is 1. `random` from 0 to 1 spreads growing waits. They grow as the original's: the
    /// first is the minimum; later ones are the minimum and, by chance 0.8 to 1.2 times, the minimum doubled as often as there
    /// were waits before the last; none is longer than the maximum.
    pub fn before(self, retry: u32, random: f64) -> Duration {
        let (minimum, maximum) = match self {
            Self::Fixed(delay) => return delay,
            Self::Exponential { minimum, maximum } => (minimum, maximum),
        };
        let Some(doublings) = retry.checked_sub(2).filter(|_| !minimum.is_zero()) else { return minimum.min(maximum) };
        let factor = 1.0 - JITTER + 2.0 * JITTER * random.clamp(0.0, 1.0);
        let more = factor * minimum.as_secs_f64() * 2_f64.powi(i32::try_from(doublings).unwrap_or(i32::MAX));
        let wait = Duration::try_from_secs_f64(minimum.as_secs_f64() + more);
        wait.unwrap_or(Duration::MAX).min(maximum)
    }
}

impl RetryPolicy {
    /// Whether one more attempt follows when so many have failed.
    pub fn allows(&self, failures: u32) -> bool {
        self.max_retries.is_none_or(|most| failures <= most)
    }

    /// Reads a policy that a code-first app tells, as JSON text. The error is public text.
    pub(crate) fn from_metadata(policy: &str) -> Result<Self, String> {
        let text = format!("{{\"retry\": {policy}\n}}");
        let document = Document::parse("function metadata", text.as_bytes()).map_err(|error| error.to_string())?;
        let read = || Self::read(&document.root().required("retry")?);
        read().map_err(|error: FileError| error.reason)
    }

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

//! What the host tells about one run of a function.

/// One run of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invocation {
    /// UUID; the same in logs, traces and error answers.
    pub id: String,
    /// Name of the function.
    pub function_name: String,
    /// W3C `traceparent` of the event that caused the run.
    pub trace_parent: Option<String>,
    /// W3C `tracestate` of that event.
    pub trace_state: Option<String>,
    /// Attempts before this one under a retry policy.
    pub retry_count: u32,
    /// More about them; none where no retry policy holds.
    pub retry: Option<RetryContext>,
}

/// Where a run stands under its retry policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetryContext {
    /// Attempts before this one: 0 for the first.
    pub retry_count: u32,
    /// Most of them; none for no end.
    pub max_retry_count: Option<u32>,
    /// The error of the attempt before; none for the first.
    pub last_error: Option<String>,
}

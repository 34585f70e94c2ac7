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
}

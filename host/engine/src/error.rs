//! Why a component could not be loaded, and how an invocation can fail. `Display` is for the app's owner (logs, deployment
//! status); [`InvokeError::public`] is for whoever called the function and holds nothing of the guest's.

use std::time::Duration;

use wasmtime::{Trap, WasmBacktrace};

use crate::limits::{DeadlineExceeded, GUEST_STACK_BYTES, MemoryExceeded};

/// A component that can't be run, with what to do about it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LoadError {
    /// Not a WebAssembly component.
    #[error("{0}")]
    NotAComponent(String),
    /// It needs something that the host does not give.
    #[error("{0}")]
    Import(String),
    /// It exports neither the typed world nor `wasi:http`.
    #[error("{0}")]
    Export(String),
    /// The code is invalid or uses a WebAssembly feature that is not enabled.
    #[error("the component does not compile: {0}")]
    Compile(String),
    /// Asking the component for its functions failed.
    #[error("the component could not tell its functions: {0}")]
    Functions(String),
    /// The machine's fault: disk, memory.
    #[error("{0}")]
    Host(String),
}

/// How an invocation ended badly.
#[derive(Clone, Debug, thiserror::Error)]
pub enum InvokeError {
    /// The function returned an error.
    #[error("{message}{}{}", indent(stack_trace), causes.iter().map(|cause| format!("\n  caused by: {cause}")).collect::<String>())]
    Failed {
        /// The guest's message.
        message: String,
        /// Its causes, outermost first.
        causes: Vec<String>,
        /// Where it happened, possibly empty.
        stack_trace: String,
    },
    /// What the function reads beside its trigger could not be read, so it was not called.
    #[error("{0}")]
    Input(String),
    /// The guest trapped.
    #[error("the guest trapped: {message}{}", indent(backtrace))]
    Trapped {
        /// The trap.
        message: String,
        /// The guest's stack, possibly empty.
        backtrace: String,
    },
    /// The guest needed more memory than its limit.
    #[error(
        "the guest needed more memory than its limit of {limit_mib} MiB (host.json: wasm.memoryLimitMiB){}",
        indent(backtrace)
    )]
    Memory {
        /// The limit.
        limit_mib: u32,
        /// The guest's stack, possibly empty.
        backtrace: String,
    },
    /// The guest's stack was exhausted.
    #[error(
        "the guest's call stack is exhausted (limit {limit_kib} KiB, fixed): look for endless recursion{}",
        indent(backtrace)
    )]
    Stack {
        /// The limit.
        limit_kib: usize,
        /// The guest's stack, possibly empty.
        backtrace: String,
    },
    /// The guest took longer than it may.
    #[error("the function exceeded its timeout of {} (host.json: functionTimeout){}", time_span(*timeout), indent(backtrace))]
    Timeout {
        /// The limit.
        timeout: Duration,
        /// Where the guest was computing; empty when it was waiting.
        backtrace: String,
    },
    /// A `wasi:http` guest returned without setting a response.
    #[error("the function returned without setting a response (wasi:http response-outparam)")]
    NoResponse,
    /// A `wasi:http` guest answered with an error code instead of a response.
    #[error("the function answered with the wasi:http error {0}")]
    ErrorCode(String),
    /// The worker has no room for another instance now.
    #[error("the worker runs as many instances as it may: {0}")]
    Busy(String),
}

impl InvokeError {
    /// A stable code and a sentence for the caller: names limits and their settings, never what the guest said.
    pub fn public(&self) -> (&'static str, String) {
        match self {
            Self::Failed { .. } => {
                ("FunctionFailed", "The function returned an error. Its log has the details.".into())
            }
            Self::Input(_) => (
                "InputFailed",
                "An input of the function could not be read, so it was not called. Its log has the details.".into(),
            ),
            Self::Trapped { .. } => ("FunctionTrapped", "The function crashed. Its log has the details.".into()),
            Self::Memory { limit_mib, .. } => (
                "MemoryLimitExceeded",
                format!(
                    "The function needed more memory than its limit of {limit_mib} MiB (host.json: wasm.memoryLimitMiB)."
                ),
            ),
            Self::Stack { limit_kib, .. } => (
                "StackExhausted",
                format!("The function's call stack is exhausted (limit {limit_kib} KiB). Its log has the details."),
            ),
            Self::Timeout { timeout, .. } => (
                "FunctionTimeout",
                format!("The function exceeded its timeout of {} (host.json: functionTimeout).", time_span(*timeout)),
            ),
            Self::NoResponse => ("NoResponse", "The function returned without an answer.".into()),
            Self::ErrorCode(_) => {
                ("FunctionFailed", "The function answered with an error. Its log has the details.".into())
            }
            Self::Busy(_) => ("WorkerBusy", "The worker has no room for this call now. Try again.".into()),
        }
    }

    /// Of a script: where the engine component was computing says nothing to the script's author.
    pub(crate) fn of_script(mut self) -> Self {
        match &mut self {
            Self::Memory { backtrace, .. } | Self::Stack { backtrace, .. } | Self::Timeout { backtrace, .. } => {
                backtrace.clear();
            }
            _ => {}
        }
        self
    }

    /// Sorts an error of wasmtime; one of ours that the host threw into a guest is that again.
    pub(crate) fn from_wasmtime(error: &wasmtime::Error) -> Self {
        if let Some(own) = error.downcast_ref::<Self>() {
            return own.clone();
        }
        let backtrace = error.downcast_ref::<WasmBacktrace>().map(|trace| trace.to_string()).unwrap_or_default();
        let backtrace = backtrace.trim_end().to_owned();
        if let Some(memory) = error.downcast_ref::<MemoryExceeded>() {
            return Self::Memory { limit_mib: memory.limit_mib, backtrace };
        }
        if let Some(deadline) = error.downcast_ref::<DeadlineExceeded>() {
            return Self::Timeout { timeout: deadline.timeout, backtrace };
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::StackOverflow) => Self::Stack { limit_kib: GUEST_STACK_BYTES / 1024, backtrace },
            Some(trap) => Self::Trapped { message: trap.to_string(), backtrace },
            None => Self::Trapped { message: error.root_cause().to_string(), backtrace },
        }
    }
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("\n    {line}")).collect()
}

/// The form in which host.json writes durations: `hh:mm:ss`, with a fraction if there is one.
fn time_span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let text = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    match duration.subsec_millis() {
        0 => text,
        millis => format!("{text}.{millis:03}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_spans_read_as_in_host_json() {
        assert_eq!(time_span(Duration::from_millis(1500)), "00:00:01.500");
        assert_eq!(time_span(Duration::from_secs(3661)), "01:01:01");
    }

    #[test]
    fn the_caller_never_sees_what_the_guest_said() {
        let error = InvokeError::Failed {
            message: "password is hunter2".into(),
            causes: vec!["db".into()],
            stack_trace: String::new(),
        };
        assert!(!error.public().1.contains("hunter2"));
        assert!(error.to_string().contains("hunter2"));
    }
}

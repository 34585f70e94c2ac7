//! The seam between what listens for events and what runs functions: an event goes in, and its acknowledgement is committed
//! together with what the function gave out.

use hearth_engine::contract::{NamedData, RetryContext, TypedData};
use hearth_model::expression::BindingData;
use hearth_model::ids::{FunctionName, InvocationId};

use crate::Acknowledgement;

/// Something that happened, for one function.
#[derive(Clone, Debug)]
pub struct Event {
    /// Id of the invocation, the same in logs, traces and errors. Each attempt has one of its own.
    pub id: InvocationId,
    /// Payload of the trigger.
    pub data: TypedData,
    /// What the trigger tells beside it, by the names of the reference.
    pub metadata: Vec<NamedData>,
    /// Values for the expressions in the function's bindings.
    pub binding_data: BindingData,
    /// Why the function runs, for the log: `New queue message detected on 'orders'.`
    pub reason: String,
    /// Facts for the line `Trigger Details:`, in order; none for no such line.
    pub details: Vec<(&'static str, String)>,
    /// Which attempt this is; none for the first where there is no retry policy.
    pub retry: Option<RetryContext>,
}

/// Why an event is not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvocationFailure {
    /// The function ran and failed, or what it gave out could not be sent: an attempt is used up. The text is for the log.
    #[error("{0}")]
    Failed(String),
    /// The event could not be brought to its end here now, and the function is not to blame: its app can't be loaded, the worker stops,
    /// or host state did not take what came of it. No attempt is used up.
    #[error("{0}")]
    NotRun(String),
    /// Somebody else has the event by now: nothing of this run was committed.
    #[error("the event was taken over by another worker while the function ran")]
    Superseded,
}

/// Runs functions; the worker's implementation loads apps that were unloaded, keeps limits and writes the log.
pub trait Invoker: Send + Sync + 'static {
    /// Runs a function to its end, sends its outputs and commits the acknowledgement. When this answers without an error, all of
    /// that is done and durable. Dropping the future ends the function; nothing is committed then, or all.
    fn invoke(
        &self,
        function: &FunctionName,
        event: Event,
        acknowledgement: Acknowledgement,
    ) -> impl Future<Output = Result<(), InvocationFailure>> + Send;
}

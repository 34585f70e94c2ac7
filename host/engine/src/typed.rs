//! Invocations in the typed world.

use crate::component::{Exports, Guest};
use crate::context::InvocationContext;
use crate::contract::{InvocationRequest, InvocationResponse};
use crate::error::InvokeError;

impl Guest {
    /// Invokes a function of a typed component. Dropping the future ends the invocation.
    ///
    /// Fails with [`InvokeError::Failed`] when the function returned an error, and with the other kinds when it did not get that far;
    /// a `wasi:http` component is answered with [`InvokeError::NoResponse`].
    pub async fn invoke(
        &self,
        request: &InvocationRequest,
        context: InvocationContext,
    ) -> Result<InvocationResponse, InvokeError> {
        let Exports::Typed(instances) = &self.exports else { return Err(InvokeError::NoResponse) };
        instances
            .run(context, async |instance, store| instance.hearth_functions_guest().call_invoke(store, request).await)
            .await?
            .map_err(|error| InvokeError::Failed {
                message: error.message,
                causes: error.causes,
                stack_trace: error.stack_trace,
            })
    }
}

//! Invocations in the typed world, which JavaScript apps share.

use wasmtime::Store;

use crate::component::{Exports, Guest};
use crate::context::{InvocationContext, StoreData};
use crate::contract::javascript::JavascriptEngine;
use crate::contract::{FunctionApp, InvocationRequest, InvocationResponse};
use crate::error::InvokeError;
use crate::exports::Exported;

impl Guest {
    /// Invokes a function of a typed component or a JavaScript app. Dropping the future ends the invocation.
    ///
    /// Fails with [`InvokeError::Failed`] when the function returned an error, and with the other kinds when it did not get that far;
    /// a `wasi:http` component is answered with [`InvokeError::NoResponse`].
    pub async fn invoke(
        &self,
        request: &InvocationRequest,
        context: InvocationContext,
    ) -> Result<InvocationResponse, InvokeError> {
        let answer = match &self.exports {
            Exports::WasiHttp(_) => return Err(InvokeError::NoResponse),
            Exports::Typed(instances) => {
                let call = async |instance: &Exported<FunctionApp>, store: &mut Store<StoreData>| {
                    instance.hearth_functions_guest().call_invoke(store, request).await
                };
                instances.run(context, call).await?
            }
            Exports::JavaScript(instances) => {
                let call = async |instance: &Exported<JavascriptEngine>, store: &mut Store<StoreData>| {
                    instance.hearth_functions_guest().call_invoke(store, request).await
                };
                instances.run(context, call).await.map_err(InvokeError::of_script)?
            }
        };
        answer.map_err(|error| InvokeError::Failed {
            message: error.message,
            causes: error.causes,
            stack_trace: error.stack_trace,
        })
    }
}

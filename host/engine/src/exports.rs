//! What an instance exports: the bindings that its form must have, and those that a component may leave out.

use std::ops::Deref;

use wasmtime::Store;
use wasmtime::component::Instance;

use crate::context::StoreData;
use crate::contract::FunctionMetadata;
use crate::contract::policies::FunctionPolicies;

/// Where the retry policies of a code-first app are.
const POLICIES: &str = "hearth:functions/policies@0.1.0";

/// An instance with the bindings of its form.
pub(crate) struct Exported<B> {
    bindings: B,
    instance: Instance,
}

impl<B> Exported<B> {
    pub(crate) fn new(bindings: B, instance: Instance) -> Self {
        Self { bindings, instance }
    }

    /// The functions with their retry policies, for which components that know of any are asked.
    pub(crate) async fn declared(
        &self,
        functions: Vec<FunctionMetadata>,
        store: &mut Store<StoreData>,
    ) -> wasmtime::Result<Vec<DeclaredFunction>> {
        let mut policies = Vec::new();
        if self.instance.get_export_index(&mut *store, None, POLICIES).is_some() {
            let exports = FunctionPolicies::new(&mut *store, &self.instance)?;
            policies = exports.hearth_functions_policies().call_retries(store).await?;
        }
        let declared = functions.into_iter().map(|function| {
            let at = policies.iter().position(|policy| policy.function == function.name);
            DeclaredFunction {
                retry: at.map(|at| policies.swap_remove(at).policy),
                name: function.name,
                entry_point: function.entry_point,
                bindings: function.bindings,
            }
        });
        Ok(declared.collect())
    }
}

impl<B> Deref for Exported<B> {
    type Target = B;

    fn deref(&self) -> &B {
        &self.bindings
    }
}

/// What a code-first app tells about one of its functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredFunction {
    /// Its name.
    pub name: String,
    /// What the app calls it.
    pub entry_point: String,
    /// Each entry is one element of function.json's `bindings` array, as JSON text.
    pub bindings: Vec<String>,
    /// `retry` of a function.json, as JSON text.
    pub retry: Option<String>,
}

//! A JavaScript app as a guest.

use std::sync::Arc;

use wasmtime::Store;

use crate::component::{AppForm, Exports, Guest, GuestOptions};
use crate::config::Engine;
use crate::context::{InvocationContext, StoreData};
use crate::contract::javascript::JavascriptEngine;
use crate::contract::javascript::exports::hearth::functions::scripts::AppIndex;
use crate::contract::javascript::hearth::functions::script_types;
use crate::error::LoadError;
use crate::instance::Instances;
use crate::script::app::ScriptApp;
use crate::script::error::{IndexError, ScriptError, ScriptIndex};
use crate::script::version::ScriptVersion;

impl Guest {
    /// Makes a JavaScript app ready. Blocking: milliseconds, but the first time in an installation, when the engine component is compiled,
    /// seconds. No script is run; [`Guest::index_scripts`] tells what is wrong with them.
    pub fn load_scripts(engine: &Engine, app: ScriptApp, options: GuestOptions) -> Result<Self, LoadError> {
        let javascript = engine.components.javascript(engine)?;
        let version = ScriptVersion::load(engine, &javascript.digest, app)?;
        let reuse = options.reuse(AppForm::JavaScript);
        let shared = options.into_shared(Some(Arc::new(version)));
        let instances = Instances::rewindable(engine.clone(), javascript.pre, shared, reuse, javascript.image);
        Ok(Self { exports: Exports::JavaScript(instances) })
    }

    /// Loads every script that holds functions, and tells the functions that they declare and what is wrong with them. To be called
    /// once after [`Guest::load_scripts`]; instances are then quicker to be ready, since the scripts are compiled.
    ///
    /// A component that is no JavaScript app has nothing to tell.
    pub async fn index_scripts(&self, context: InvocationContext) -> Result<ScriptIndex, IndexError> {
        let Exports::JavaScript(instances) = &self.exports else { return Ok(ScriptIndex::default()) };
        let (index, functions) = instances
            .run(context, async |instance, store| {
                store.data_mut().indexing = true;
                let result = load(instance, store).await;
                store.data_mut().indexing = false;
                let (index, alike) = result?;
                instances.note_loading(alike);
                let mut index = match index {
                    Ok(index) => index,
                    Err(error) => return Ok(Err(error)),
                };
                let functions = instance.declared(std::mem::take(&mut index.functions), store).await?;
                Ok(Ok((index, functions)))
            })
            .await
            .map_err(|error| IndexError::Engine(error.of_script()))?
            .map_err(|error| IndexError::Script(error.into()))?;
        if let Some(scripts) = instances.scripts().cloned() {
            let cache = instances.engine().cache.clone();
            // Whoever awaits it or not, it is written.
            let _ = tokio::task::spawn_blocking(move || scripts.bytecode.save(&cache)).await;
        }
        Ok(ScriptIndex {
            functions,
            problems: index.problems.into_iter().map(|problem| (problem.function, problem.error.into())).collect(),
            warnings: index.warnings,
        })
    }
}

/// Loads every script that holds functions, and tells besides whether every instance would be the same after it: nothing failed, and
/// nothing was asked for that may differ from one instance to another.
pub(crate) async fn load(
    instance: &JavascriptEngine,
    store: &mut Store<StoreData>,
) -> wasmtime::Result<(Result<AppIndex, script_types::ScriptError>, bool)> {
    store.data_mut().looked_outside = false;
    let index = instance.hearth_functions_scripts().call_index(&mut *store).await?;
    let data = store.data();
    let alike =
        index.as_ref().is_ok_and(|index| index.problems.is_empty()) && !data.looked_outside && data.is_at_rest();
    Ok((index, alike))
}

impl From<script_types::ScriptError> for ScriptError {
    fn from(error: script_types::ScriptError) -> Self {
        Self {
            message: error.message,
            stack_trace: error.stack_trace,
            file: error.file,
            line: error.line,
            column: error.column,
            frame: error.frame,
        }
    }
}

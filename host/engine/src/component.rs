//! A loaded component of an app version: checked, compiled, linked; makes instances.

use std::collections::BTreeMap;
use std::sync::Arc;

use wasmtime::component::Component;
use wasmtime_wasi_http::p2::bindings::{Proxy, ProxyPre};

use crate::config::Engine;
use crate::context::{GuestShared, InvocationContext, StoreData};
use crate::contract::FunctionApp;
use crate::contract::javascript::{JavascriptEngine, JavascriptEnginePre};
use crate::egress::EgressRule;
use crate::error::{InvokeError, LoadError};
use crate::exports::{DeclaredFunction, Exported};
use crate::instance::{Instances, TypedPre};
use crate::outbound::Outbound;
use crate::script::ScriptVersion;

/// The shape in which a component offers its functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppForm {
    /// Exports `hearth:functions/guest`.
    Typed,
    /// Exports `wasi:http/incoming-handler`.
    WasiHttp,
    /// Scripts, run by the engine component that comes with Hearth.
    JavaScript,
}

impl AppForm {
    /// Invocations that one instance serves when [`GuestOptions::instance_reuse`] does not say: a JavaScript app's modules keep
    /// state, and its authors expect them to.
    pub fn default_instance_reuse(self) -> u32 {
        match self {
            Self::Typed | Self::WasiHttp => 0,
            Self::JavaScript => 1000,
        }
    }
}

/// What a component may use and sees.
#[derive(Clone, Debug)]
pub struct GuestOptions {
    /// Settings and platform variables, also visible as environment variables.
    pub settings: BTreeMap<String, String>,
    /// All memories of one instance together, in MiB (1 to 4096).
    pub memory_limit_mib: u32,
    /// Invocations that one instance serves one after the other before it is replaced; 0 or 1 means a fresh instance each time, `None`
    /// [what is usual for the form](AppForm::default_instance_reuse).
    pub instance_reuse: Option<u32>,
    /// Where outbound HTTP may go.
    pub egress: EgressRule,
}

pub(crate) enum Exports {
    Typed(Instances<TypedPre, Exported<FunctionApp>>),
    WasiHttp(Instances<ProxyPre<StoreData>, Proxy>),
    JavaScript(Instances<JavascriptEnginePre<StoreData>, Exported<JavascriptEngine>>),
}

/// A component that is ready to be invoked. Cheap to share by `Arc`; dropping the last one frees its code.
pub struct Guest {
    pub(crate) exports: Exports,
}

impl Guest {
    /// Checks, compiles (or takes from the cache) and links a component. Blocking, up to seconds: call it from a blocking thread.
    pub fn load(engine: &Engine, bytes: &[u8], options: GuestOptions) -> Result<Self, LoadError> {
        check_kind(bytes)?;
        let component = engine.cache.load(&engine.wasmtime, bytes)?;
        let form = form_of(engine, &component)?;
        check_imports(engine, &component)?;
        let pre = engine.linker.instantiate_pre(&component).map_err(|error| {
            LoadError::Import(format!("the component does not fit the host's interfaces: {}", chain(&error)))
        })?;
        let reuse = options.reuse(form);
        let shared = options.into_shared(None);
        let mismatch = |error: wasmtime::Error| {
            LoadError::Export(format!("the component's exports do not fit: {}", chain(&error)))
        };
        let exports = match form {
            AppForm::WasiHttp => {
                Exports::WasiHttp(Instances::new(engine.clone(), ProxyPre::new(pre).map_err(mismatch)?, shared, reuse))
            }
            _ => Exports::Typed(Instances::new(engine.clone(), TypedPre::new(pre).map_err(mismatch)?, shared, reuse)),
        };
        Ok(Self { exports })
    }

    /// The same component with other options: neither read, compiled nor linked again, and at once. No instance is shared: those
    /// that run or are kept for reuse stay with the guest that made them, and with its options.
    pub fn with_options(&self, options: GuestOptions) -> Self {
        let reuse = options.reuse(self.form());
        let exports = match &self.exports {
            Exports::Typed(instances) => Exports::Typed(instances.with(options.into_shared(None), reuse)),
            Exports::WasiHttp(instances) => Exports::WasiHttp(instances.with(options.into_shared(None), reuse)),
            Exports::JavaScript(instances) => {
                Exports::JavaScript(instances.with(options.into_shared(instances.scripts().cloned()), reuse))
            }
        };
        Self { exports }
    }

    /// The component's form.
    pub fn form(&self) -> AppForm {
        match self.exports {
            Exports::Typed(_) => AppForm::Typed,
            Exports::WasiHttp(_) => AppForm::WasiHttp,
            Exports::JavaScript(_) => AppForm::JavaScript,
        }
    }

    /// Asks a code-first component for its functions; a `wasi:http` component has none to tell, and a JavaScript app tells them
    /// when [its scripts are indexed](Guest::index_scripts).
    pub async fn functions(&self, context: InvocationContext) -> Result<Vec<DeclaredFunction>, LoadError> {
        match &self.exports {
            Exports::WasiHttp(_) | Exports::JavaScript(_) => Ok(Vec::new()),
            Exports::Typed(instances) => instances
                .run(context, async |instance, store| {
                    let functions = instance.hearth_functions_guest().call_functions(&mut *store).await?;
                    instance.declared(functions, store).await
                })
                .await
                .map_err(|error: InvokeError| LoadError::Functions(error.to_string())),
        }
    }
}

impl GuestOptions {
    pub(crate) fn reuse(&self, form: AppForm) -> u32 {
        self.instance_reuse.unwrap_or_else(|| form.default_instance_reuse())
    }

    pub(crate) fn into_shared(self, scripts: Option<Arc<ScriptVersion>>) -> Arc<GuestShared> {
        Arc::new(GuestShared {
            environment: self.settings.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            settings: self.settings,
            memory_limit_mib: self.memory_limit_mib,
            outbound: Outbound::new(self.egress, self.memory_limit_mib as usize * 1024 * 1024),
            scripts,
        })
    }
}

/// Recognises what is not a component by its first bytes.
fn check_kind(bytes: &[u8]) -> Result<(), LoadError> {
    let explanation = match bytes {
        [0, b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => return Ok(()),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => {
            "it is a core WebAssembly module, not a component. Build for wasm32-wasip2, or turn it into a component (wasm-tools component new)"
        }
        [0, b'a', b's', b'm', ..] => {
            "it is WebAssembly of an unknown version. Build a component (for example for wasm32-wasip2)"
        }
        [] => "it is empty",
        _ if bytes.trim_ascii_start().starts_with(b"(") => {
            "it is WebAssembly text. Turn it into a binary component (wasm-tools parse)"
        }
        _ => "it is not WebAssembly. Build a component (for example for wasm32-wasip2)",
    };
    Err(LoadError::NotAComponent(explanation.into()))
}

fn form_of(engine: &Engine, component: &Component) -> Result<AppForm, LoadError> {
    let names: Vec<String> =
        component.component_type().exports(&engine.wasmtime).map(|(name, _)| name.to_owned()).collect();
    if names.iter().any(|name| name.starts_with("hearth:functions/guest@0.1.")) {
        return Ok(AppForm::Typed);
    }
    if names.iter().any(|name| name.starts_with("wasi:http/incoming-handler@0.2.")) {
        return Ok(AppForm::WasiHttp);
    }
    let found = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    Err(LoadError::Export(format!(
        "the component exports {found}; it must export hearth:functions/guest@0.1 (the Hearth SDK does) or wasi:http/incoming-handler@0.2"
    )))
}

fn check_imports(engine: &Engine, component: &Component) -> Result<(), LoadError> {
    let unknown: Vec<String> = component
        .component_type()
        .imports(&engine.wasmtime)
        .map(|(name, _)| name.to_owned())
        .filter(|name| !GIVEN.iter().any(|given| name.starts_with(given)))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(LoadError::Import(format!(
        "the component imports {}, which the host does not give. It gives hearth:functions/host@0.1, wasi:http@0.2 (types, outgoing-handler) and \
         WASI 0.2 (cli, clocks, filesystem, io, random, sockets)",
        unknown.join(", ")
    )))
}

/// Import names that the linker answers, by their beginnings; whatever else differs is found by linking.
const GIVEN: [&str; 9] = [
    "hearth:functions/host@0.1.",
    "hearth:functions/types@0.1.",
    "wasi:cli/",
    "wasi:clocks/",
    "wasi:filesystem/",
    "wasi:http/",
    "wasi:io/",
    "wasi:random/",
    "wasi:sockets/",
];

fn chain(error: &wasmtime::Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

//! What belongs to one invocation, and what a store holds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::cli::WasiCliCtxView;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::limits::{Deadline, InstanceLimits};
use crate::log::{CurrentLog, InvocationLog};
use crate::outbound::{Outbound, OutboundHooks};
use crate::script::ScriptVersion;

/// One invocation as the engine sees it.
#[derive(Clone)]
pub struct InvocationContext {
    /// Longest run, waiting included; `None` for no limit.
    pub timeout: Option<Duration>,
    /// Receives the guest's log lines.
    pub log: Arc<dyn InvocationLog>,
}

/// Shared by all instances of a component.
pub(crate) struct GuestShared {
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) memory_limit_mib: u32,
    pub(crate) outbound: Outbound,
    /// The app of a JavaScript engine.
    pub(crate) scripts: Option<Arc<ScriptVersion>>,
}

/// The data of every store.
pub(crate) struct StoreData {
    pub(crate) table: ResourceTable,
    pub(crate) wasi: WasiCtx,
    pub(crate) http: WasiHttpCtx,
    pub(crate) hooks: OutboundHooks,
    pub(crate) limits: InstanceLimits,
    pub(crate) deadline: Option<Deadline>,
    pub(crate) log: CurrentLog,
    pub(crate) guest: Arc<GuestShared>,
    /// Whether the app is being loaded, rather than called.
    pub(crate) indexing: bool,
    /// The guest asked to be replaced after the present invocation.
    pub(crate) retired: bool,
    /// Whether the guest asked for anything that may differ from one instance to another: everything but its app and its settings.
    pub(crate) looked_outside: bool,
}

impl StoreData {
    /// Whether the guest, between two invocations, has nothing of the host's and asked for nothing that goes on.
    pub(crate) fn is_at_rest(&self) -> bool {
        !self.retired && self.table.is_empty()
    }

    /// Environment and arguments, which are the same for all instances with the same options.
    pub(crate) fn environment(&mut self) -> WasiCliCtxView<'_> {
        WasiCliCtxView { ctx: self.wasi.cli(), table: &mut self.table }
    }
}

impl WasiView for StoreData {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.looked_outside = true;
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for StoreData {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.looked_outside = true;
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}

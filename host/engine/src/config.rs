//! The engine: one per process, shared by all apps.

use std::path::PathBuf;
use std::sync::Arc;

use wasmtime::component::Linker;
use wasmtime::{Config, InstanceAllocationStrategy, PoolingAllocationConfig};
use wasmtime_wasi::cli::WasiCli;

use crate::cache::CodeCache;
use crate::context::StoreData;
use crate::error::LoadError;
use crate::instance::IdlePlaces;
use crate::limits::GUEST_STACK_BYTES;
use crate::script::{Components, Permits};
use crate::ticker::Ticker;

/// Whole stack of an invocation's fibre: the guest's frames and the host calls above them.
const FIBRE_STACK_BYTES: usize = GUEST_STACK_BYTES + 1024 * 1024;
/// Stack of a finished instance that is kept and cleared, which is what most of them use; the rest, to which a deep recursion may have got,
/// is given back to the system.
const STACK_KEEP_RESIDENT_BYTES: usize = 32 * 1024;
/// Tables of a finished instance that are cleared by writing rather than given back to the system, which saves system calls and page
/// faults; they are small. Linear memory is given back as a whole: toolchains put the stack first, so that what could be cleared
/// begins with a mebibyte of which hardly a page was used, and each warm slot would keep it.
const TABLE_KEEP_RESIDENT_BYTES: usize = 64 * 1024;

/// Core instances of one component. Toolchains make 3 to 6; one that is composed of several components has as many for each.
const MAX_CORE_INSTANCES: u32 = 100;
/// Linear memories of one component.
const MAX_MEMORIES: u32 = 20;
/// Tables of one component.
const MAX_TABLES: u32 = 50;

/// How the engine runs.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// Folder for machine code; created with mode 0700.
    pub cache_dir: PathBuf,
    /// Secret of the installation under which cached code is authenticated.
    pub cache_key: [u8; 32],
    /// Instances alive at once, all apps together (1 to 10,000). Address space is reserved for each, memory is not.
    pub max_instances: u32,
}

/// Compiles components and holds what all of them share. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub(crate) wasmtime: wasmtime::Engine,
    pub(crate) linker: Arc<Linker<StoreData>>,
    pub(crate) ticker: Arc<Ticker>,
    pub(crate) cache: Arc<CodeCache>,
    pub(crate) idle_places: Arc<IdlePlaces>,
    pub(crate) components: Arc<Components>,
    pub(crate) permits: Arc<Permits>,
    pooling: bool,
}

impl Engine {
    /// Builds the engine. Uses the pooling allocator where the address space for it can be reserved, else allocates on demand (slower
    /// per instance) and says so in the log. Fails when the cache folder can't be created.
    pub fn new(options: &EngineOptions) -> Result<Self, LoadError> {
        let (wasmtime, pooling) = match wasmtime::Engine::new(&config(Some(options.max_instances))) {
            Ok(engine) => (engine, true),
            Err(error) => {
                tracing::warn!(
                    category = "Host.Startup",
                    "address space for {} pooled instances can't be reserved ({error:#}); instances are allocated on demand, which is slower. \
                     Raise the address-space limit (ulimit -v) or lower max-instances.",
                    options.max_instances
                );
                let engine = wasmtime::Engine::new(&config(None))
                    .map_err(|error| LoadError::Host(format!("the WebAssembly engine can't start: {error:#}")))?;
                (engine, false)
            }
        };
        let linker = linker(&wasmtime)
            .map_err(|error| LoadError::Host(format!("the host interfaces can't be linked: {error:#}")))?;
        let idle_places = Arc::new(IdlePlaces::new(options.max_instances as usize / 2));
        let ticker = Ticker::start(wasmtime.weak(), idle_places.clone())
            .map_err(|error| LoadError::Host(format!("the timeout thread can't be started: {error}")))?;
        let cache = CodeCache::open(&options.cache_dir, options.cache_key, &wasmtime)?;
        Ok(Self {
            wasmtime,
            linker: Arc::new(linker),
            ticker,
            cache: Arc::new(cache),
            idle_places,
            components: Arc::default(),
            permits: Arc::default(),
            pooling,
        })
    }

    /// Whether instances come from the pooling allocator.
    pub fn pooling(&self) -> bool {
        self.pooling
    }
}

fn config(pooled_instances: Option<u32>) -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    config.max_wasm_stack(GUEST_STACK_BYTES);
    config.async_stack_size(FIBRE_STACK_BYTES);
    config.async_stack_zeroing(true);
    if let Some(instances) = pooled_instances {
        let mut pool = PoolingAllocationConfig::new();
        pool.total_component_instances(instances);
        // A component is several core instances: its code, and small ones that adapt its imports.
        pool.total_core_instances(instances.saturating_mul(4));
        pool.total_memories(instances.saturating_mul(2));
        pool.total_tables(instances.saturating_mul(4));
        pool.total_stacks(instances);
        // One component must not use up what is meant for all; it is refused when it is loaded.
        pool.max_core_instances_per_component(MAX_CORE_INSTANCES);
        pool.max_memories_per_component(MAX_MEMORIES);
        pool.max_tables_per_component(MAX_TABLES);
        pool.max_unused_warm_slots(instances);
        pool.linear_memory_keep_resident(0);
        pool.async_stack_keep_resident(STACK_KEEP_RESIDENT_BYTES);
        pool.table_keep_resident(TABLE_KEEP_RESIDENT_BYTES);
        // `pagemap_scan` would save a good part of a fresh instance's cost and stays off: a page that was swapped out can reach the
        // next guest (wasmtime #14357, open). No guest may see another's data for any speed.
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    config
}

/// Everything a guest may import. WASI's files and sockets are linked so that ordinary toolchains' output loads, but
/// no folder is opened and no socket address allowed.
fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<StoreData>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    // The same functions, without noting that the guest looked outside.
    linker.allow_shadowing(true);
    wasmtime_wasi::p2::bindings::cli::environment::add_to_linker::<_, WasiCli>(&mut linker, StoreData::environment)?;
    linker.allow_shadowing(false);
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    crate::contract::FunctionApp::add_to_linker::<_, wasmtime::component::HasSelf<_>>(&mut linker, |data| data)?;
    crate::contract::javascript::hearth::functions::app::add_to_linker::<_, wasmtime::component::HasSelf<_>>(
        &mut linker,
        |data| data,
    )?;
    Ok(linker)
}

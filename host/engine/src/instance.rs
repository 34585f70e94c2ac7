//! Instances of one component: made fresh, [put back](rewind) to be fresh again, or kept and reused one invocation at a time.
//!
//! An instance that trapped, failed or ran out of time is never reused. Reuse counts vary by up to a quarter, so that instances
//! born together are not replaced together.

mod idle;
mod memory;
mod rewind;
mod start;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use wasmtime::component::InstancePre;
use wasmtime::{Store, UpdateDeadline};
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi_http::WasiHttpCtx;
use wasmtime_wasi_http::p2::bindings::{Proxy, ProxyPre};

use crate::config::Engine;
use crate::context::{GuestShared, InvocationContext, StoreData};
use crate::contract::javascript::{JavascriptEngine, JavascriptEnginePre};
use crate::contract::typescript::{TypescriptStripper, TypescriptStripperPre};
use crate::contract::{FunctionApp, FunctionAppIndices};
use crate::error::InvokeError;
use crate::exports::Exported;
use crate::limits::{Deadline, DeadlineExceeded, InstanceLimits};
use crate::log::{CurrentLog, InvocationLog, Level, OutputLines};
use crate::outbound::OutboundHooks;
use crate::script::{self, ScriptVersion};
use crate::within::within;
use idle::Idle;
pub(crate) use idle::IdlePlaces;
use memory::Memory;
pub(crate) use rewind::SharedImage;
use rewind::{First, Rewind, Rewindable};

/// A linked component from which instances are made.
pub(crate) trait Instantiate: Send + Sync {
    type Exports: Send;
    fn instantiate(&self, store: &mut Store<StoreData>)
    -> impl Future<Output = wasmtime::Result<Self::Exports>> + Send;

    /// The same, with the memory if it is all the state of an instance.
    fn instantiate_rewindable(
        &self,
        store: &mut Store<StoreData>,
    ) -> impl Future<Output = wasmtime::Result<(Self::Exports, Option<Memory>)>> + Send {
        async { Ok((self.instantiate(store).await?, None)) }
    }

    /// Does what every invocation would begin with, and tells whether all instances are the same after it.
    fn load(
        _exports: &Self::Exports,
        _store: &mut Store<StoreData>,
    ) -> impl Future<Output = wasmtime::Result<bool>> + Send {
        async { Ok(false) }
    }
}

/// A typed component. Where its exports are is looked up once, not for each instance.
#[derive(Clone)]
pub(crate) struct TypedPre {
    pre: InstancePre<StoreData>,
    indices: FunctionAppIndices,
}

impl TypedPre {
    pub(crate) fn new(pre: InstancePre<StoreData>) -> wasmtime::Result<Self> {
        Ok(Self { indices: FunctionAppIndices::new(&pre)?, pre })
    }
}

impl Instantiate for TypedPre {
    type Exports = Exported<FunctionApp>;
    async fn instantiate(&self, store: &mut Store<StoreData>) -> wasmtime::Result<Exported<FunctionApp>> {
        let instance = self.pre.instantiate_async(&mut *store).await?;
        Ok(Exported::new(self.indices.load(store, &instance)?, instance))
    }
}

impl Instantiate for JavascriptEnginePre<StoreData> {
    type Exports = Exported<JavascriptEngine>;
    async fn instantiate(&self, store: &mut Store<StoreData>) -> wasmtime::Result<Exported<JavascriptEngine>> {
        let instance = self.instance_pre().instantiate_async(&mut *store).await?;
        Ok(Exported::new(JavascriptEngine::new(store, &instance)?, instance))
    }

    async fn instantiate_rewindable(
        &self,
        store: &mut Store<StoreData>,
    ) -> wasmtime::Result<(Exported<JavascriptEngine>, Option<Memory>)> {
        let instance = self.instance_pre().instantiate_async(&mut *store).await?;
        let memory = Memory::of(&instance, store).await?;
        Ok((Exported::new(JavascriptEngine::new(&mut *store, &instance)?, instance), memory))
    }

    async fn load(exports: &Exported<JavascriptEngine>, store: &mut Store<StoreData>) -> wasmtime::Result<bool> {
        let (_, alike) = script::load(exports, store).await?;
        Ok(alike)
    }
}

impl Instantiate for TypescriptStripperPre<StoreData> {
    type Exports = TypescriptStripper;
    async fn instantiate(&self, store: &mut Store<StoreData>) -> wasmtime::Result<TypescriptStripper> {
        self.instantiate_async(store).await
    }
}

impl Instantiate for ProxyPre<StoreData> {
    type Exports = Proxy;
    async fn instantiate(&self, store: &mut Store<StoreData>) -> wasmtime::Result<Proxy> {
        self.instantiate_async(store).await
    }
}

pub(crate) struct Instances<P, E> {
    engine: Engine,
    pre: P,
    shared: Arc<GuestShared>,
    reuse: u32,
    idle: Arc<Idle<Instance<E>>>,
    /// The component's image, if its instances can be put back to it.
    image: Option<SharedImage>,
    /// Where invocations start, if each has a fresh instance and instances can be put back.
    rewind: Option<Rewind>,
}

struct Instance<E> {
    store: Store<StoreData>,
    exports: E,
    uses_left: u32,
    rewindable: Option<Rewindable>,
}

impl<P: Instantiate<Exports = E>, E: Send + Sync + 'static> Instances<P, E> {
    pub(crate) fn new(engine: Engine, pre: P, shared: Arc<GuestShared>, reuse: u32) -> Self {
        Self::with_image(engine, pre, shared, reuse, None)
    }

    /// Of a component whose memory is all its state.
    pub(crate) fn rewindable(engine: Engine, pre: P, shared: Arc<GuestShared>, reuse: u32, image: SharedImage) -> Self {
        // Elsewhere memory is not mapped in the way that putting back relies on.
        let image = engine.pooling().then_some(image);
        Self::with_image(engine, pre, shared, reuse, image)
    }

    fn with_image(engine: Engine, pre: P, shared: Arc<GuestShared>, reuse: u32, image: Option<SharedImage>) -> Self {
        let idle = Idle::new(engine.idle_places.clone());
        let rewind = image.clone().filter(|_| reuse < 2).map(Rewind::new);
        Self { engine, pre, shared, reuse, idle, image, rewind }
    }

    /// Instances of the same component with other options; none is shared.
    pub(crate) fn with(&self, shared: Arc<GuestShared>, reuse: u32) -> Self
    where
        P: Clone,
    {
        Self::with_image(self.engine.clone(), self.pre.clone(), shared, reuse, self.image.clone())
    }

    /// Whether loading the app in an instance was seen to make every instance alike.
    pub(crate) fn note_loading(&self, alike: bool) {
        if let Some(rewind) = &self.rewind {
            rewind.note_loading(alike);
        }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The app, if the component is a JavaScript engine.
    pub(crate) fn scripts(&self) -> Option<&Arc<ScriptVersion>> {
        self.shared.scripts.as_ref()
    }

    /// Runs one invocation on an instance of its own. On success the instance may be kept; in every other case it is dropped, also
    /// when this future is.
    pub(crate) async fn run<R>(
        &self,
        context: InvocationContext,
        call: impl AsyncFnOnce(&E, &mut Store<StoreData>) -> wasmtime::Result<R>,
    ) -> Result<R, InvokeError> {
        let _running = self.engine.ticker.running();
        let timeout = context.timeout;
        let work = async {
            let deadline = timeout.map(Deadline::after);
            let mut instance = self.take(deadline, context.log).await?;
            let result = call(&instance.exports, &mut instance.store).await;
            instance.store.data().log.end();
            match result {
                Ok(value) => {
                    self.put_back(instance);
                    Ok(value)
                }
                Err(error) => Err(InvokeError::from_wasmtime(&error)),
            }
        };
        let work = pin!(work);
        match timeout {
            None => work.await,
            // The epoch ends a computing guest at the deadline with its backtrace; this one ends a guest that waits.
            Some(limit) => match within(limit.saturating_add(crate::ticker::TICK * 3), work).await {
                Some(result) => result,
                None => Err(InvokeError::Timeout { timeout: limit, backtrace: String::new() }),
            },
        }
    }

    async fn take(&self, deadline: Option<Deadline>, log: Arc<dyn InvocationLog>) -> Result<Instance<E>, InvokeError> {
        let mut instance = match self.take_idle() {
            Some(instance) => instance,
            None => self.make(deadline).await.map_err(|error| instantiation_error(&error))?,
        };
        let data = instance.store.data_mut();
        data.log.begin(log);
        data.deadline = deadline;
        instance.store.set_epoch_deadline(1);
        Ok(instance)
    }

    fn take_idle(&self) -> Option<Instance<E>> {
        if self.rewind.as_ref().is_some_and(Rewind::is_to_load) {
            return None;
        }
        let mut instance = self.idle.take()?;
        if let (Some(rewind), Some(rewindable)) = (&self.rewind, instance.rewindable.take()) {
            instance.rewindable = Some(rewind.before(rewindable, &mut instance.store)?);
            self.renew(&mut instance.store);
        }
        Some(instance)
    }

    async fn make(&self, deadline: Option<Deadline>) -> wasmtime::Result<Instance<E>> {
        if let Some(rewind) = self.rewind.as_ref().filter(|rewind| rewind.is_possible())
            && let Some(instance) = self.make_rewindable(rewind, deadline).await?
        {
            return Ok(instance);
        }
        let mut store = self.new_store(deadline);
        let exports = self.pre.instantiate(&mut store).await?;
        Ok(Instance { store, exports, uses_left: jittered(self.reuse), rewindable: None })
    }

    /// An instance that is where invocations start; `None` if it did not get there, and one must be made that begins at the beginning.
    async fn make_rewindable(
        &self,
        rewind: &Rewind,
        deadline: Option<Deadline>,
    ) -> wasmtime::Result<Option<Instance<E>>> {
        let mut store = self.new_store(deadline);
        let (exports, memory) = self.pre.instantiate_rewindable(&mut store).await?;
        let Some(memory) = memory else {
            rewind.give_up();
            return Ok(None);
        };
        let rewindable = match rewind.first(memory, &mut store) {
            First::Ready(rewindable) => Some(rewindable),
            First::Unusable => None,
            // What is wrong with a script is told by the invocation that needs it.
            First::Load(to_load) => match P::load(&exports, &mut store).await {
                Ok(alike) => to_load.loaded(alike, &mut store),
                Err(_) => None,
            },
        };
        let Some(rewindable) = rewindable else { return Ok(None) };
        self.renew(&mut store);
        Ok(Some(Instance { store, exports, uses_left: 0, rewindable: Some(rewindable) }))
    }

    fn put_back(&self, mut instance: Instance<E>) {
        if let (Some(rewind), Some(rewindable)) = (&self.rewind, instance.rewindable.take()) {
            if let Some(rewindable) = rewind.after(rewindable, &mut instance.store) {
                instance.rewindable = Some(rewindable);
                self.idle.keep(instance, Instant::now());
            }
            return;
        }
        instance.uses_left = instance.uses_left.saturating_sub(1);
        if instance.uses_left > 0 && !instance.store.data().retired {
            self.idle.keep(instance, Instant::now());
        }
    }

    /// Replaces everything that the host keeps for an instance whose memory was put back.
    fn renew(&self, store: &mut Store<StoreData>) {
        let mut data = self.new_data(None);
        let old = store.data_mut();
        std::mem::swap(&mut data.limits, &mut old.limits);
        *old = data;
    }

    fn new_data(&self, deadline: Option<Deadline>) -> StoreData {
        let log = CurrentLog::default();
        let mut wasi = WasiCtx::builder();
        wasi.envs(&self.shared.environment);
        wasi.stdout(OutputLines { log: log.clone(), level: Level::Information });
        wasi.stderr(OutputLines { log: log.clone(), level: Level::Error });
        StoreData {
            table: wasmtime::component::ResourceTable::new(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            hooks: OutboundHooks { outbound: self.shared.outbound.clone(), log: log.clone() },
            limits: InstanceLimits::new(self.shared.memory_limit_mib),
            deadline,
            log,
            guest: self.shared.clone(),
            indexing: false,
            retired: false,
            looked_outside: false,
        }
    }

    fn new_store(&self, deadline: Option<Deadline>) -> Store<StoreData> {
        let mut store = Store::new(&self.engine.wasmtime, self.new_data(deadline));
        store.limiter(|data| &mut data.limits);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|context| match context.data().deadline {
            Some(deadline) if Instant::now() >= deadline.at => {
                Err(DeadlineExceeded { timeout: deadline.timeout }.into())
            }
            // Tokio's own yield: with wasmtime's, a thread that has a computing guest would look at sockets and timers only
            // after dozens of its turns.
            _ => Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now()))),
        });
        store
    }
}

fn instantiation_error(error: &wasmtime::Error) -> InvokeError {
    if error.is::<wasmtime::PoolConcurrencyLimitError>() {
        return InvokeError::Busy(format!("{} (setting: max-instances)", error.root_cause()));
    }
    InvokeError::from_wasmtime(error)
}

/// `reuse` less a random part of at most a quarter; at least 1.
fn jittered(reuse: u32) -> u32 {
    if reuse < 2 {
        return 1;
    }
    let random = u32::try_from(uuid::Uuid::new_v4().as_u128() & 0xffff).unwrap_or_default();
    reuse - random % (reuse / 4 + 1)
}

//! Instances of one component: made fresh, or kept and reused one invocation at a time.
//!
//! An instance that trapped, failed or ran out of time is never reused. Reuse counts vary by up to a quarter, so that instances
//! born together are not replaced together.

mod idle;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use wasmtime::{Store, UpdateDeadline};
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi_http::WasiHttpCtx;
use wasmtime_wasi_http::p2::bindings::{Proxy, ProxyPre};

use crate::config::Engine;
use crate::context::{GuestShared, InvocationContext, StoreData};
use crate::contract::javascript::{JavascriptEngine, JavascriptEnginePre};
use crate::contract::typescript::{TypescriptStripper, TypescriptStripperPre};
use crate::contract::{FunctionApp, FunctionAppPre};
use crate::error::InvokeError;
use crate::limits::{Deadline, DeadlineExceeded, InstanceLimits};
use crate::log::{CurrentLog, InvocationLog, Level, OutputLines};
use crate::outbound::OutboundHooks;
use crate::script::ScriptVersion;
use crate::within::within;
use idle::Idle;
pub(crate) use idle::IdlePlaces;

/// A linked component from which instances are made.
pub(crate) trait Instantiate: Send + Sync {
    type Exports: Send;
    fn instantiate(&self, store: &mut Store<StoreData>)
    -> impl Future<Output = wasmtime::Result<Self::Exports>> + Send;
}

impl Instantiate for FunctionAppPre<StoreData> {
    type Exports = FunctionApp;
    async fn instantiate(&self, store: &mut Store<StoreData>) -> wasmtime::Result<FunctionApp> {
        self.instantiate_async(store).await
    }
}

impl Instantiate for JavascriptEnginePre<StoreData> {
    type Exports = JavascriptEngine;
    async fn instantiate(&self, store: &mut Store<StoreData>) -> wasmtime::Result<JavascriptEngine> {
        self.instantiate_async(store).await
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
}

struct Instance<E> {
    store: Store<StoreData>,
    exports: E,
    uses_left: u32,
}

impl<P: Instantiate<Exports = E>, E: Send + 'static> Instances<P, E> {
    pub(crate) fn new(engine: Engine, pre: P, shared: Arc<GuestShared>, reuse: u32) -> Self {
        let idle = Idle::new(engine.idle_places.clone());
        Self { engine, pre, shared, reuse, idle }
    }

    /// Instances of the same component with other options; none is shared.
    pub(crate) fn with(&self, shared: Arc<GuestShared>, reuse: u32) -> Self
    where
        P: Clone,
    {
        Self::new(self.engine.clone(), self.pre.clone(), shared, reuse)
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
        let mut instance = match self.idle.take() {
            Some(instance) => {
                instance.store.data().log.begin(log);
                instance
            }
            None => {
                let mut store = self.new_store(deadline);
                store.data().log.begin(log);
                let exports = self.pre.instantiate(&mut store).await.map_err(|error| instantiation_error(&error))?;
                Instance { store, exports, uses_left: jittered(self.reuse) }
            }
        };
        instance.store.data_mut().deadline = deadline;
        instance.store.set_epoch_deadline(1);
        Ok(instance)
    }

    fn put_back(&self, mut instance: Instance<E>) {
        instance.uses_left = instance.uses_left.saturating_sub(1);
        if instance.uses_left > 0 && !instance.store.data().retired {
            self.idle.keep(instance, Instant::now());
        }
    }

    fn new_store(&self, deadline: Option<Deadline>) -> Store<StoreData> {
        let log = CurrentLog::default();
        let mut wasi = WasiCtx::builder();
        wasi.envs(&self.shared.environment);
        wasi.stdout(OutputLines { log: log.clone(), level: Level::Information });
        wasi.stderr(OutputLines { log: log.clone(), level: Level::Error });
        let data = StoreData {
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
        };
        let mut store = Store::new(&self.engine.wasmtime, data);
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

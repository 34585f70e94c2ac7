//! An image of a component: the component as it is after its own preparations, so that instances begin there.
//!
//! The component is instantiated once with an accessor to its memory added, prepares itself, and its memory then replaces the
//! data that the component began with. It must be what the usual toolchains for compiled languages make: one module with a memory, whose only mutable
//! global is its stack pointer, without a start function and without code that changes a table. That pointer is where it was when a call is
//! over, so the memory is all there is. Whatever else is met is an error, never a wrong image. The accessor stays in the result: by it the memory of
//! instances is found that are [put back](crate::instance).

pub(crate) mod accessor;
mod layout;
mod memory;

use futures_util::FutureExt as _;
use wasmtime::component::{Component, Linker, WasmList};
use wasmtime::error::Context as _;
use wasmtime::{Engine, Store, UpdateDeadline};

use crate::limits::InstanceLimits;
use layout::Layout;

/// Raised when images come out differently, so that those in the code cache are made anew.
pub(crate) const VERSION: u8 = 2;

/// Memory that the preparations may use.
const LIMIT_MIB: u32 = 256;

/// The component `bytes` after a call of the function `function` of its exported instance `interface`, which may use no import.
/// Blocking, up to seconds.
pub(crate) fn make(engine: &Engine, bytes: &[u8], interface: &str, function: &str) -> wasmtime::Result<Vec<u8>> {
    let layout = Layout::of(bytes)?;
    if layout.stack.is_none_or(|end| end < accessor::LIST_BYTES) {
        wasmtime::bail!("the memory does not begin with the stack");
    }
    let component = Component::new(engine, accessor::add(bytes, &layout)).context("with an accessor")?;
    let mut linker = Linker::<InstanceLimits>::new(engine);
    linker.define_unknown_imports_as_traps(&component)?;

    let mut store = Store::new(engine, InstanceLimits::new(LIMIT_MIB));
    store.limiter(|limits| limits);
    // Nobody else runs in this thread meanwhile, and without a yield the futures below are ready at once.
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(1)));
    let memory = async move {
        let instance = linker.instantiate_async(&mut store, &component).await?;
        let missing = || wasmtime::Error::msg(format!("no function {function} in {interface}"));
        let interface = instance.get_export_index(&mut store, None, interface).ok_or_else(missing)?;
        let prepare = instance.get_export_index(&mut store, Some(&interface), function).ok_or_else(missing)?;
        let prepare = instance.get_typed_func::<(), ()>(&mut store, prepare)?;
        prepare.call_async(&mut store, ()).await.context("while it prepares itself")?;
        let memory = instance.get_typed_func::<(), (WasmList<u8>,)>(&mut store, accessor::EXPORT)?;
        let (list,) = memory.call_async(&mut store, ()).await.context("while its memory is read")?;
        wasmtime::Result::<Vec<u8>>::Ok(list.as_le_slice(&store).to_vec())
    };
    let memory = match memory.now_or_never() {
        Some(memory) => memory?,
        None => wasmtime::bail!("the component waited for something"),
    };
    Ok(accessor::add(&memory::replace(bytes, &layout, memory)?, &layout))
}

//! The engine: QuickJS with the library loaded, and what the host asks of it.

use std::mem::ManuallyDrop;
use std::rc::Rc;

use rquickjs::context::intrinsic::{
    DOMException, Date, Eval, Json, MapSet, Promise as Promises, Proxy, RegExp, RegExpCompiler, TypedArrays, WeakRef,
};
use rquickjs::{Array, Context, Ctx, Function, Object, Persistent, Promise, Result, Runtime, Value};

use crate::errors::{self, InvocationError};
use crate::event_loop::{self, Failure};
use crate::host::Host;
use crate::library::Library;
use crate::modules::Loader;
use crate::state::State;
use crate::{natives, raw};

/// How much of its stack in linear memory (build.rs) JavaScript may take: about 3,800 calls. Beyond it there is a
/// RangeError that scripts can catch. The host's stack for WebAssembly (`GUEST_STACK_BYTES` of hearth-engine, 16 MiB) must not
/// end first: calls take up to five times, and nested source text and JSON up to fourteen times as much of it.
const STACK_BYTES: usize = 1024 * 1024;
/// How much an instance may use beyond its image before QuickJS looks for garbage that refers to itself. Most instances
/// never get there; what refers to itself in no cycle is freed at once anyway.
const GARBAGE_BYTES: usize = 16 * 1024 * 1024;

/// A JavaScript engine that has loaded the library and is ready for an app.
///
/// It is never freed: an instance ends with its engine.
pub struct Engine {
    pub(crate) context: ManuallyDrop<Context>,
    pub(crate) state: Rc<State>,
}

impl Engine {
    /// Makes an engine and loads the library. Calls nothing of the host's.
    ///
    /// # Errors
    /// When a file of the library fails.
    pub fn new(library: Library, host: Rc<dyn Host>) -> std::result::Result<Self, String> {
        let failed = |error: rquickjs::Error| format!("the JavaScript engine can't start: {error}");
        let runtime = Runtime::new().map_err(failed)?;
        runtime.set_max_stack_size(STACK_BYTES);
        // No garbage collection while the library loads; `start` sets the threshold that counts.
        runtime.set_gc_threshold(usize::MAX);
        let state = Rc::new(State::new(host, library));
        runtime.set_loader(Loader::new(state.clone()), Loader::new(state.clone()));
        let own = state.clone();
        runtime.set_host_promise_rejection_tracker(Some(Box::new(move |ctx, promise, reason, handled| {
            note_rejection(&ctx, &own, promise, reason, handled);
        })));
        let context = Context::builder()
            .with::<Date>()
            .with::<Eval>()
            .with::<RegExpCompiler>()
            .with::<RegExp>()
            .with::<Json>()
            .with::<Proxy>()
            .with::<MapSet>()
            .with::<TypedArrays>()
            .with::<Promises>()
            .with::<WeakRef>()
            .with::<DOMException>()
            .build(&runtime)
            .map_err(failed)?;
        let loaded = context.with(|ctx| match load_library(&ctx, &state) {
            Ok(()) => Ok(()),
            Err(rquickjs::Error::Exception) => {
                let thrown = ctx.catch();
                let text = thrown.as_object().map(|error| {
                    let part = |name: &str| error.get::<_, Option<String>>(name).ok().flatten().unwrap_or_default();
                    format!("{}: {}\n{}", part("name"), part("message"), part("stack"))
                });
                Err(text.unwrap_or_else(|| "something that is no error was thrown".to_owned()))
            }
            Err(error) => Err(failed(error)),
        });
        let context = ManuallyDrop::new(context);
        loaded.map_err(|error| format!("the JavaScript library can't load: {error}"))?;
        state.library.borrow_mut().forget_texts();
        runtime.run_gc();
        let engine = Self { context, state };
        // After the last collection the threshold may be anything.
        runtime.set_gc_threshold(0);
        engine.state.garbage_floor.set(engine.heap_bytes().saturating_add(GARBAGE_BYTES));
        engine.with(|ctx| engine.rest(ctx));
        Ok(engine)
    }

    /// The size of the heap, in bytes.
    pub fn heap_bytes(&self) -> usize {
        self.with(raw::heap_bytes)
    }

    /// Makes the heap larger by free memory.
    pub fn spare(&self, bytes: usize) {
        self.with(|ctx| raw::allocate_and_free(ctx, bytes));
    }

    /// Evaluates a script, waits when it yields a promise, and returns the text of its value. For tests and runners.
    ///
    /// # Errors
    /// What the script throws or rejects with.
    pub fn evaluate(&self, name: &str, text: &str) -> std::result::Result<String, InvocationError> {
        self.with(|ctx| {
            let value = raw::compile(ctx, name, text, 1).and_then(|compiled| raw::run(ctx, compiled));
            let value = self.finish(ctx, value)?;
            let text = value.as_string().map(natives::text::lossy);
            Ok(text.unwrap_or_else(|| format!("{:?}", value.type_of())))
        })
    }

    /// Loads a script of the app by its path from the root, and waits for it when it is an ES module.
    ///
    /// # Errors
    /// What the script throws or rejects with.
    pub fn load(&self, path: &str) -> std::result::Result<(), InvocationError> {
        self.with(|ctx| {
            let loaded = self.state.hook(ctx, "load").and_then(|load| load.call((path,)));
            self.finish(ctx, loaded).map(drop)
        })
    }

    /// Runs something with the context.
    pub(crate) fn with<R>(&self, run: impl FnOnce(&Ctx<'_>) -> R) -> R {
        self.context.with(|ctx| run(&ctx))
    }

    /// Waits for a result that may be a promise.
    pub(crate) fn finish<'js>(
        &self,
        ctx: &Ctx<'js>,
        result: Result<Value<'js>>,
    ) -> std::result::Result<Value<'js>, InvocationError> {
        let settled = match result {
            Ok(value) => match value.as_promise() {
                Some(promise) => self.settle(ctx, promise),
                None => {
                    let resolved = resolved(ctx, value).map_err(|_| self.internal(ctx))?;
                    self.settle(ctx, &resolved)
                }
            },
            Err(rquickjs::Error::Exception) => Err(Failure::Thrown(ctx.catch())),
            Err(error) => {
                return Err(InvocationError { message: format!("Error: {error}"), ..Default::default() });
            }
        };
        settled.map_err(|failure| match failure {
            Failure::Thrown(thrown) => errors::report(ctx, &self.state, &thrown),
            Failure::Stuck => Self::stuck(),
        })
    }

    pub(crate) fn settle<'js>(
        &self,
        ctx: &Ctx<'js>,
        promise: &Promise<'js>,
    ) -> std::result::Result<Value<'js>, Failure<'js>> {
        event_loop::settle(ctx, &self.state, promise)
    }

    /// At the end of an invocation: after a collection QuickJS would look again much too soon.
    pub(crate) fn rest(&self, ctx: &Ctx<'_>) {
        raw::raise_gc_threshold(ctx, self.state.garbage_floor.get());
    }

    pub(crate) fn stuck() -> InvocationError {
        let message = "Error: the function never ends: it awaits a promise that nothing settles any more (no timer and no \
                       request is pending)";
        InvocationError { message: message.to_owned(), ..Default::default() }
    }

    fn internal(&self, ctx: &Ctx<'_>) -> InvocationError {
        errors::report(ctx, &self.state, &ctx.catch())
    }
}

fn resolved<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Promise<'js>> {
    let (promise, resolve, _) = ctx.promise()?;
    resolve.call::<_, ()>((value,))?;
    Ok(promise)
}

fn load_library(ctx: &Ctx<'_>, state: &Rc<State>) -> Result<()> {
    let bootstrap = compile_library(ctx, state, "internal/bootstrap")?;
    let own = state.clone();
    let compile = Function::new(ctx.clone(), move |ctx, id: String| compile_library(&ctx, &own, &id))?;
    let own = state.clone();
    let binding = Function::new(ctx.clone(), move |ctx, name: String| natives::binding(&ctx, &own, &name))?;
    let module = Object::new(ctx.clone())?;
    let ids = Array::new(ctx.clone())?;
    for (number, id) in state.library.borrow().ids().enumerate() {
        ids.set(number, id)?;
    }
    module.set("ids", ids)?;
    let hooks = Object::new(ctx.clone())?;
    bootstrap.call::<_, ()>((hooks.clone(), compile, module, binding))?;
    state.set_hooks(ctx, hooks);
    Ok(())
}

/// The function that a file of the library is the body of.
fn compile_library<'js>(ctx: &Ctx<'js>, state: &State, id: &str) -> Result<Function<'js>> {
    let text = {
        let library = state.library.borrow();
        let Some(text) = library.get(id) else {
            return Err(rquickjs::Exception::throw_message(ctx, &format!("the library has no module '{id}'")));
        };
        format!("(function (exports, require, module, binding) {{ 'use strict';\n\n{text}\n}})")
    };
    let compiled = raw::compile(ctx, &format!("node:{id}"), &text, -1)?;
    // Without their texts the functions take half the space.
    let bytecode = raw::write_without_source(ctx, &compiled)?;
    raw::function(ctx, raw::read(ctx, &bytecode)?)
}

fn note_rejection<'js>(ctx: &Ctx<'js>, state: &State, promise: Value<'js>, reason: Value<'js>, handled: bool) {
    let mut rejections = state.rejections.borrow_mut();
    if handled {
        rejections.retain(|(known, _)| known.clone().restore(ctx).is_ok_and(|known| known != promise));
    } else {
        rejections.push((Persistent::save(ctx, promise), Persistent::save(ctx, reason)));
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;

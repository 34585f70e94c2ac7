//! The component's face to Hearth: the exports of the world `javascript-engine`. Nothing generated leaves this folder.

mod clock;
mod convert;
mod host;
mod http;

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use bindings::exports::hearth::functions::guest::{FunctionMetadata, Guest};
use bindings::exports::hearth::functions::policies::{Guest as Policies, RetryPolicy};
use bindings::exports::hearth::functions::scripts::{AppIndex, Guest as Scripts, ScriptError};
use bindings::hearth::functions::host::{Level, log};
use bindings::hearth::functions::types::{InvocationError, InvocationRequest, InvocationResponse};

use crate::{Engine, Library};

#[expect(unsafe_code, reason = "the canonical ABI of the component model is raw pointers")]
mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "javascript-engine-with-policies" });

    export!(Component);
    use super::Component;
}

struct Component;

/// Memory that the image has to spare. An instance whose memory never grew can be put back to its beginning by the host; one that did
/// must be made anew.
const SPARE_BYTES: usize = 4 * 1024 * 1024;

thread_local! {
    /// The engine, made by `initialize`: part of the image.
    static ENGINE: OnceCell<Engine> = const { OnceCell::new() };
    /// What the last index told of retry policies, until it is asked for.
    static RETRIES: RefCell<Vec<RetryPolicy>> = const { RefCell::new(Vec::new()) };
}

/// Runs something with the engine; makes it first in an instance that did not come of an image.
fn with_engine<R>(run: impl FnOnce(&Engine) -> R) -> R {
    ENGINE.with(|engine| run(engine.get_or_init(make)))
}

fn make() -> Engine {
    match Engine::new(Library::embedded(), Rc::new(host::Hearth::default())) {
        Ok(engine) => engine,
        Err(error) => fail(&error),
    }
}

/// Ends the instance: a library that does not load is a fault of the build.
#[expect(clippy::panic, reason = "`initialize` has no other way to fail, and the host shows the message")]
fn fail(error: &str) -> ! {
    panic!("{error}")
}

/// From here on the host may be called.
fn awake() {
    if clock::wake() {
        std::panic::set_hook(Box::new(|panic| log(Level::Critical, &panic.to_string())));
    }
}

impl Scripts for Component {
    fn initialize() {
        // What the allocators, Rust's and that of QuickJS, get here they keep: memory does not shrink.
        with_engine(|engine| engine.spare(SPARE_BYTES));
        drop(std::hint::black_box(Vec::<u8>::with_capacity(SPARE_BYTES / 4)));
    }

    fn index() -> Result<AppIndex, ScriptError> {
        awake();
        let index = with_engine(Engine::index).map_err(convert::script_error)?;
        RETRIES.set(convert::retries(&index));
        Ok(convert::index(index))
    }
}

impl Policies for Component {
    fn retries() -> Vec<RetryPolicy> {
        awake();
        RETRIES.take()
    }
}

impl Guest for Component {
    fn functions() -> Vec<FunctionMetadata> {
        awake();
        with_engine(Engine::index).map(|index| convert::index(index).functions).unwrap_or_default()
    }

    fn invoke(request: InvocationRequest) -> Result<InvocationResponse, InvocationError> {
        awake();
        let request = convert::invocation(request);
        with_engine(|engine| engine.invoke(request)).map(convert::outcome).map_err(convert::error)
    }
}

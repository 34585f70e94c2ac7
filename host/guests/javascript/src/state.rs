//! What an instance keeps beside QuickJS's heap.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use rquickjs::{Ctx, Function, Object, Persistent, Result, Value};

use crate::errors::source_maps::SourceMaps;
use crate::host::{Exchange, Host, ScriptError};
use crate::library::Library;
use crate::modules::ModuleState;
use crate::random::Random;

/// One instance's state, shared by all natives.
pub(crate) struct State {
    pub(crate) host: Rc<dyn Host>,
    pub(crate) library: RefCell<Library>,
    pub(crate) modules: ModuleState,
    pub(crate) exchanges: RefCell<BTreeMap<Exchange, Settle>>,
    /// Whether callbacks of `process.nextTick` wait.
    pub(crate) ticks: Cell<bool>,
    /// Rejected promises that nobody handles so far, with their reasons.
    pub(crate) rejections: RefCell<Vec<(Persistent<Value<'static>>, Persistent<Value<'static>>)>>,
    /// Errors that came of reading a script, with where and what.
    pub(crate) script_errors: RefCell<Vec<(Persistent<Value<'static>>, ScriptError)>>,
    pub(crate) source_maps: RefCell<SourceMaps>,
    pub(crate) random: Random,
    /// The least heap at which QuickJS looks for garbage that refers to itself.
    pub(crate) garbage_floor: Cell<usize>,
    hooks: RefCell<Option<Hooks>>,
}

/// What settles a promise that an exchange holds up.
pub(crate) struct Settle {
    pub(crate) resolve: Persistent<Function<'static>>,
    pub(crate) reject: Persistent<Function<'static>>,
}

/// Functions of the library that Rust calls.
struct Hooks {
    object: Persistent<Object<'static>>,
}

impl State {
    pub(crate) fn new(host: Rc<dyn Host>, library: Library) -> Self {
        Self {
            random: Random::new(host.clone()),
            host,
            library: RefCell::new(library),
            modules: ModuleState::default(),
            garbage_floor: Cell::new(0),
            exchanges: RefCell::default(),
            ticks: Cell::new(false),
            rejections: RefCell::default(),
            script_errors: RefCell::default(),
            source_maps: RefCell::default(),
            hooks: RefCell::default(),
        }
    }

    pub(crate) fn set_hooks<'js>(&self, ctx: &Ctx<'js>, hooks: Object<'js>) {
        *self.hooks.borrow_mut() = Some(Hooks { object: Persistent::save(ctx, hooks) });
    }

    /// A function of the library that Rust calls.
    pub(crate) fn hook<'js>(&self, ctx: &Ctx<'js>, name: &str) -> Result<Function<'js>> {
        let hooks = self.hooks.borrow().as_ref().map(|hooks| hooks.object.clone());
        hooks.ok_or(rquickjs::Error::Unknown)?.restore(ctx)?.get(name)
    }

    /// The details of an error that came of reading a script.
    pub(crate) fn script_error<'js>(&self, ctx: &Ctx<'js>, error: &Value<'js>) -> Option<ScriptError> {
        let known = self.script_errors.borrow();
        known.iter().find_map(|(value, details)| {
            let value = value.clone().restore(ctx).ok()?;
            (value == *error).then(|| details.clone())
        })
    }

    /// Keeps the details of an error that came of reading a script.
    pub(crate) fn keep_script_error<'js>(&self, ctx: &Ctx<'js>, error: &Value<'js>, details: ScriptError) {
        self.script_errors.borrow_mut().push((Persistent::save(ctx, error.clone()), details));
    }
}

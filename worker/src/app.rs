//! Function apps on this worker: loaded versions, and which of them answers.

mod activity;
mod apps;
mod cache;
mod held;
mod idle;
mod invocation;
mod keys;
mod live;
mod load;
mod loaded;
mod lookup;
mod retry;
mod secret_files;
mod settings;
mod sources;
mod standing;
mod watch;

pub(crate) use apps::{Apps, Lookup};
pub(crate) use invocation::Invocation;
pub(crate) use keys::KeySource;
pub(crate) use live::LiveApp;
pub(crate) use load::{Loader, Source, kind, names};
pub(crate) use loaded::{ListedFunction, LoadedApp, LoadedFunction, Place, Turn};
pub(crate) use settings::SCRIPT_ROOT;
pub(crate) use sources::{EventFunction, EventSources, ListeningApp};
pub(crate) use standing::{Entry, HostState, Standing};

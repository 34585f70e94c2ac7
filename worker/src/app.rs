//! Function apps on this worker: loaded versions, and which of them answers.

mod apps;
mod cache;
mod held;
mod keys;
mod live;
mod load;
mod loaded;
mod lookup;
mod retry;
mod secret_files;
mod settings;
mod watch;

pub(crate) use apps::{Apps, Lookup};
pub(crate) use load::Loader;
pub(crate) use loaded::{LoadedApp, LoadedFunction, Turn};

//! Function apps on this worker: loaded versions, and which of them answers.

mod apps;
mod cache;
mod held;
mod load;
mod loaded;
mod lookup;
mod settings;

pub(crate) use apps::{Apps, Lookup};
pub(crate) use load::Loader;
pub(crate) use loaded::{LoadedApp, LoadedFunction, Turn};

//! Runs JavaScript function apps: QuickJS with a library of Node's and the web's interfaces, as one component.
//!
//! An app is files and functions that the host knows ([`Host`]). The engine is made once ([`Engine::new`]); in the
//! component the memory that results is kept as an image that every instance starts from. The library is JavaScript
//! (`library/`), what it can't do itself is in `natives`.

mod app;
#[cfg(target_family = "wasm")]
mod component;
mod data;
mod engine;
mod errors;
mod event_loop;
#[cfg(test)]
mod event_tests;
mod host;
mod library;
mod modules;
mod natives;
mod random;
mod raw;
mod state;
#[cfg(test)]
mod testing;

pub use app::{Function, Index};
pub use data::{Data, Invocation, Named, Outcome, Pairs, Request, Response};
pub use engine::Engine;
pub use errors::InvocationError;
pub use host::{Definition, EntryKind, Exchange, Host, HttpError, HttpEvent, HttpRequest, Level, ScriptError, Source};
pub use library::Library;

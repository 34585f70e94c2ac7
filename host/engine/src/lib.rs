//! Runs function apps compiled to WebAssembly components: compiling with a cache of machine code, instances with limits,
//! the typed contract and `wasi:http`, outbound HTTP under an egress rule.
//!
//! Promises: a guest can hurt only its own invocation; every failure says which limit or trap ended it and where in the guest;
//! nothing is compiled on the path of a call. The engine knows nothing of packages, routes or host state.

mod body;
mod cache;
mod component;
mod config;
mod context;
pub mod contract;
mod detached;
pub mod egress;
mod error;
mod exports;
mod host;
mod instance;
mod limits;
mod log;
mod outbound;
mod proxy;
mod script;
mod ticker;
mod typed;
mod within;

pub use body::ResponseBody;
pub use component::{AppForm, Guest, GuestOptions};
pub use config::{Engine, EngineOptions};
pub use context::InvocationContext;
pub use detached::Detached;
pub use error::{InvokeError, LoadError};
pub use exports::DeclaredFunction;
pub use log::{InvocationLog, Level};
pub use script::{AppFiles, FileKind, IndexError, ScriptApp, ScriptError, ScriptFunction, ScriptIndex};
pub use wasmtime_wasi_http::Error as BodyError;
pub use within::within;

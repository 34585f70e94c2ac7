//! JavaScript apps: what an app gives to the engine component, and what the component finds in it.

mod app;
mod bytecode;
mod components;
mod error;
mod guest;
mod host;
mod image;
mod permits;
mod typescript;
mod version;

pub use app::{AppFiles, FileKind, ScriptApp, ScriptFunction};
pub(crate) use components::Components;
pub use error::{IndexError, ScriptError, ScriptIndex};
pub(crate) use guest::load;
pub(crate) use image::accessor;
pub(crate) use permits::Permits;
pub(crate) use version::ScriptVersion;

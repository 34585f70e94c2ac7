//! The component that takes the types off TypeScript. It is parsed here, inside the sandbox, and never by native code: a
//! file that is nested too deeply for the stack, or needs too much memory, ends this instance and nothing else.
//!
//! What comes out is JavaScript of the same edition with a source map. Modules stay what they are: `import` and `export`
//! remain, `import x = require('y')` and `export =` become CommonJS.

#[cfg(target_family = "wasm")]
mod component;
mod place;
mod strip;

pub use place::Problem;
pub use strip::{Script, strip};

//! The custom-handler protocol, by which events reach a plain `wasi:http` component: `POST /<function>` with `Data` and `Metadata`,
//! answered by `Outputs`, `Logs` and `ReturnValue` (reference: section 7.4).
//!
//! It keeps the original's habit of encoding texts as JSON a second time, because handlers count on it, but not its habit of
//! decoding outputs that look like base64.

mod request;
mod response;
#[cfg(test)]
mod tests;

pub use request::request;
pub use response::{HandlerAnswer, InvalidHandlerAnswer, answer};

//! The functions of this app, one module each.
mod hello;

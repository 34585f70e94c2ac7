//! The functions of this app, one module each.
mod enqueue;
mod hello;
mod tick;
mod work;

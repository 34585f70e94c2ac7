//! The vocabulary of a function app: names, package files, bindings, routes. Pure: nothing here touches disk or network,
//! and the only clock is the one in [`clock`].

pub mod availability;
pub mod binding;
pub mod check;
pub mod clock;
pub mod control;
pub mod expression;
pub mod forwarded;
pub mod function_json;
pub mod host_json;
pub mod ids;
pub mod index;
pub mod join_token;
pub mod json;
pub mod keys;
pub mod kind;
pub mod local_settings;
pub mod ncrontab;
pub mod package;
pub mod reference;
pub mod retry;
pub mod route;
pub mod script;
pub mod settings;
pub mod time_span;
pub mod time_zone;
pub mod timer_schedule;

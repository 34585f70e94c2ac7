//! The role as its callers meet it: a real server on port 0, a real database, real HTTP, and workers that speak the
//! worker protocol but run nothing.

mod apps;
mod bench;
mod durability;
mod keys;
mod kudu;
mod logstream;
mod members;
mod metrics;
mod placement;
mod proxy;
mod publish;
mod settings;
mod standby;
mod worker;
mod workers;

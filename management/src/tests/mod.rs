//! The role as its callers meet it: a real server on port 0, a real database, real HTTP, and workers that speak the
//! worker protocol but run nothing.

mod apps;
mod bench;
mod durability;
mod kudu;
mod logstream;
mod proxy;
mod publish;
mod worker;
mod workers;

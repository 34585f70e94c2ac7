//! Containers of any endpoint as a processor needs them: one whose changes are read, one where leases are kept.

mod feed;
mod leases;

pub use feed::ContainerFeed;
pub use leases::ContainerLeases;

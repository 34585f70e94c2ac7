//! Prints what changes in a container, sharing the work with every other copy of this program that runs under the same name.
//!
//! ```console
//! $ export COSMOS_CONNECTION='AccountEndpoint=https://shop.documents.azure.com:443/;AccountKey=...;'
//! $ cargo run -p hearth-cosmos --example processor -- shop orders
//! ```
//!
//! The third argument is the container of leases, `leases` by default, which is made where it is missing; the fourth is the
//! processor's name, `example` by default. Control-C gives the leases back and ends it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

use std::error::Error;
use std::sync::Arc;

use hearth_cosmos::client::NewContainer;
use hearth_cosmos::processor::{
    Batch, ChangeFeedProcessor, CloseReason, Delegate, Delivered, DeliveryError, Lease, Notifications, ProcessorError,
    ProcessorOptions, ProcessorStart,
};
use hearth_cosmos::{ContainerFeed, ContainerLeases, CosmosClient, CosmosConnection};
use hearth_model::clock::SystemClock;
use tokio_util::sync::CancellationToken;

/// What is done with changes.
struct Print;

impl Delegate for Print {
    async fn deliver(&self, batch: Batch) -> Result<Delivered, DeliveryError> {
        for item in batch.items.iter() {
            println!("{} {}", batch.lease_token, item.as_str());
        }
        // Only now the position is stored. After an error the same batch would come again.
        Ok(Delivered::Handled)
    }
}

/// What happens besides.
struct Tell;

impl Notifications for Tell {
    fn acquired(&self, lease: &Lease) {
        eprintln!("acquired {}", lease.token);
    }

    fn released(&self, lease: &Lease, reason: CloseReason) {
        eprintln!("released {}: {reason}", lease.token);
    }

    fn failed(&self, lease: Option<&Lease>, error: &ProcessorError) {
        match lease {
            Some(lease) => eprintln!("{}: {error}", lease.token),
            None => eprintln!("{error}"),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let connection = std::env::var("COSMOS_CONNECTION")
        .map_err(|_| "COSMOS_CONNECTION must hold a connection string, AccountEndpoint=...;AccountKey=...;")?
        .parse::<CosmosConnection>()?;
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    let [database, container, more @ ..] = arguments.as_slice() else {
        return Err("usage: processor DATABASE CONTAINER [LEASES [NAME]]".into());
    };
    let leases = more.first().map_or("leases", String::as_str);
    let name = more.get(1).map_or("example", String::as_str);

    let client = CosmosClient::new(&connection, Arc::new(SystemClock));
    let leases = client.container(database, leases);
    leases.create_if_missing(&NewContainer::for_leases(None)).await?;
    let feed = ContainerFeed::new(client.container(database, container));
    let processor = ChangeFeedProcessor::builder(feed, ContainerLeases::new(leases), Print)
        .name(name)
        .options(ProcessorOptions { start: ProcessorStart::Beginning, ..ProcessorOptions::default() })
        .notifications(Arc::new(Tell))
        .build()?;

    let stop = CancellationToken::new();
    let stopping = stop.clone();
    let interrupted = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopping.cancel();
        }
    });
    eprintln!("{} reads {database}/{container}", processor.instance());
    processor.run(stop).await?;
    interrupted.abort();
    Ok(())
}

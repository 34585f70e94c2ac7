use hearth_sdk::prelude::*;

#[queue(name = "Work", queue = "rust-queue-items", connection = "AzureWebJobsStorage")]
fn work(item: String) -> Result<()> {
    log::info!("the queue function processed work item: {item}");
    Ok(())
}

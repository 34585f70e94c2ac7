use hearth_sdk::prelude::*;

#[queue(name = "{{name}}", queue = "rust-queue-items", connection = "AzureWebJobsStorage")]
fn {{module}}(item: String) -> Result<()> {
    log::info!("the queue function processed work item: {item}");
    Ok(())
}

use hearth_sdk::prelude::*;

#[http(name = "{{name}}", methods("GET", "POST"), auth_level = "{{authLevel}}")]
#[output(queue = "rust-queue-items", connection = "AzureWebJobsStorage")]
fn {{module}}(request: Request) -> ((u16, String), String) {
    log::info!("processing a request for {}", request.url());
    let name = request.query("name").unwrap_or("world");
    let answer = (202, format!("A message about {name} is in the queue."));
    (answer, format!("Name passed to the function: {name}"))
}

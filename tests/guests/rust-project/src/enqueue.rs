use hearth_sdk::prelude::*;

#[http(name = "Enqueue", methods("GET", "POST"), auth_level = "function")]
#[output(queue = "rust-queue-items", connection = "AzureWebJobsStorage")]
fn enqueue(request: Request) -> ((u16, String), String) {
    log::info!("processing a request for {}", request.url());
    let name = request.query("name").unwrap_or("world");
    let answer = (202, format!("A message about {name} is in the queue."));
    (answer, format!("Name passed to the function: {name}"))
}

use hearth_sdk::prelude::*;

#[http(name = "{{name}}", methods("GET", "POST"), auth_level = "{{authLevel}}")]
fn {{module}}(request: Request) -> String {
    log::info!("processing a request for {}", request.url());
    let name = request.query("name").unwrap_or("world");
    format!("Hello, {name}!")
}

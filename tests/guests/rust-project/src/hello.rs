use hearth_sdk::prelude::*;

#[http(name = "Hello", methods("GET", "POST"), auth_level = "function")]
fn hello(request: Request) -> String {
    log::info!("processing a request for {}", request.url());
    let name = request.query("name").unwrap_or("world");
    format!("Hello, {name}!")
}

//! Three HTTP functions with the Rust SDK: the query, a route parameter, JSON.

use hearth_sdk::prelude::*;
use serde::{Deserialize, Serialize};

/// The name comes from the query: `/api/hello?name=Ada`.
#[http(methods("GET", "POST"), auth_level = "anonymous")]
fn hello(request: Request) -> String {
    format!("Hello, {}!\n", request.query("name").unwrap_or("stranger"))
}

/// The name comes from the path: `/api/hello/Ada`.
#[http(route = "hello/{name}", methods("GET"), auth_level = "anonymous")]
fn greet(request: Request) -> Option<String> {
    let name = request.param("name")?;
    log::info!("greeting {name}");
    Some(format!("Hello, {name}, from the route!\n"))
}

#[derive(Deserialize)]
struct Order {
    item: String,
    count: u32,
}

#[derive(Serialize)]
struct Receipt {
    item: String,
    total: u32,
}

/// JSON in, JSON out. A body that does not fit is answered 400 with what is wrong with it.
#[http(route = "orders", methods("POST"), auth_level = "anonymous")]
fn order(request: Request) -> Result<(u16, Json<Receipt>)> {
    let order: Order = request.json()?;
    let total = order.count.checked_mul(3).or_status(400, "That is more than the shop has.")?;
    Ok((201, Json(Receipt { item: order.item, total })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_names_who_is_greeted() {
        assert_eq!(hello(Request::get("http://localhost/api/hello?name=Ada")), "Hello, Ada!\n");
        assert_eq!(hello(Request::get("http://localhost/api/hello")), "Hello, stranger!\n");
    }

    #[test]
    fn an_order_without_a_count_is_refused() {
        let error = order(Request::post("http://localhost/api/orders").with_body(r#"{"item":"tea"}"#)).err().unwrap();
        assert_eq!(error.status(), 400);
    }
}

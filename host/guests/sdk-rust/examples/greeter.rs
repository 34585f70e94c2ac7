//! Handlers are plain functions: this program calls two of them natively. `cargo run -p hearth-sdk --example greeter`
//!
//! As an app the same file is `src/lib.rs` of a `cdylib` crate, without `main`; `samples/hello-rust` is such an app.

use std::io::Write;

use hearth_sdk::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Visitor {
    name: String,
    #[serde(default)]
    visits: u32,
}

#[derive(Serialize)]
struct Greeting {
    text: String,
}

/// POST /api/greet with `{"name": "...", "visits": n}`.
#[http(methods("POST"), auth_level = "anonymous")]
fn greet(request: Request, invocation: Invocation) -> Result<Json<Greeting>> {
    let visitor: Visitor = request.json()?;
    log::info!("invocation {} greets {}", invocation.id, visitor.name);
    let again = if visitor.visits > 0 { " again" } else { "" };
    let sign = setting("GREETING_SIGN").unwrap_or_else(|| "!".to_owned());
    Ok(Json(Greeting { text: format!("Hello{again}, {}{sign}", visitor.name) }))
}

/// GET /api/square/7, for callers with a function key.
#[http(route = "square/{number}", methods("GET"))]
fn square(request: Request) -> Result<(u16, String)> {
    let number: i32 = request.param("number").unwrap_or_default().parse().or_status(400, "That is not a number.")?;
    let square = number.checked_mul(number).context("the square of the number does not fit")?;
    Ok((200, square.to_string()))
}

fn main() -> Result<()> {
    let mut out = std::io::stdout();

    let request = Request::post("http://localhost/api/greet").with_body(r#"{"name": "Ada", "visits": 2}"#);
    let greeting = greet(request, Invocation::default())?.into_response()?;
    writeln!(out, "{}", greeting.body_text()?)?;

    let (_, body) = square(Request::get("http://localhost/api/square/7").with_param("number", "7"))?;
    writeln!(out, "{body}")?;

    if let Err(error) = square(Request::get("http://localhost/api/square/x").with_param("number", "x")) {
        writeln!(out, "{} {}", error.status(), error.public_message().unwrap_or("(nothing)"))?;
    }
    Ok(())
}

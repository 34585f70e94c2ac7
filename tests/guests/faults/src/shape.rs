//! Functions about what goes in and out: everything of a request, and bodies of any size.

use hearth_sdk::prelude::*;
use serde_json::{Value, json};

/// Longest body that `big` makes, in bytes: below the memory limit of an instance even when it is copied.
const LONGEST: usize = 1 << 30;

/// Everything the host handed over, as JSON. Bodies that are no text become a list of bytes.
#[http(route = "echo/{id:int}/{*rest}", auth_level = "anonymous")]
fn echo(request: Request, invocation: Invocation) -> Value {
    everything(&request, &invocation)
}

/// The same without route parameters, for every method.
#[http(name = "inspect", auth_level = "anonymous")]
fn inspect(request: Request, invocation: Invocation) -> Value {
    everything(&request, &invocation)
}

fn everything(request: &Request, invocation: &Invocation) -> Value {
    json!({
        "method": request.method(),
        "url": request.url(),
        "headers": request.headers().collect::<Vec<_>>(),
        "query": request.query_pairs().collect::<Vec<_>>(),
        "params": request.params().collect::<Vec<_>>(),
        "body": std::str::from_utf8(request.body()).map_or_else(|_| json!(request.body()), |text| json!(text)),
        "invocation": {
            "id": invocation.id,
            "functionName": invocation.function_name,
            "traceParent": invocation.trace_parent,
            "traceState": invocation.trace_state,
            "retryCount": invocation.retry_count,
        },
    })
}

/// The body length it received, in bytes.
#[http(auth_level = "anonymous")]
fn length(request: Request) -> String {
    request.body().len().to_string()
}

/// A body of the query's `bytes`.
#[http(auth_level = "anonymous")]
fn big(request: Request) -> Result<Vec<u8>> {
    let bytes: usize = request.query("bytes").unwrap_or("1048576").parse().or_status(400, "bytes is not a number")?;
    Ok(vec![b'x'; bytes.min(LONGEST)])
}

/// Several headers of one name, a status, no body.
#[http(auth_level = "anonymous")]
fn headers() -> Response {
    Response::new(202).with_header("set-cookie", "a=1").with_header("set-cookie", "b=2").with_header("x-kind", "plain")
}

//! A plain `wasi:http` app with timer and queue functions, which come to it as POSTs by the custom handlers' protocol (reference: Azure
//! Functions, section 7.4). The whole-system tests read from its output queues what it was sent.
//!
//! | function | trigger | answer |
//! |---|---|---|
//! | `relay` | queue `custom-in` | output `copy` (queue `custom-copy`): the message; output `seen` (queue `custom-seen`): the whole request; a log line |
//! | `clock` | a timer, every second | `ReturnValue` (queue `custom-ticks`): the timer's object |
//! | `odd` | queue `custom-odd` | what the message asks for: `fail` is a 500, `garbage` is no JSON, `nothing` has no body, `empty` is `{}`, `trap` is no answer at all |
//! | `web` | HTTP | the request's path and body, which come as they are |
//! | `order` | HTTP | output `orders` (queue `custom-{shop}`): the lines of the body; output `res`: the request as it was told of; `fail` is a 418 |

mod exchange;

use serde_json::{Value, json};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

use crate::exchange::{answer, body};

struct App;

wasip2::http::proxy::export!(App);

impl Guest for App {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = request.path_with_query().unwrap_or_default();
        let text = body(&request);
        let event: Value = serde_json::from_str(&text).unwrap_or_default();
        match target.as_str() {
            "/relay" => {
                let message = payload(&event, "message");
                let answered = json!({
                    "Outputs": { "copy": message, "seen": seen(&request, &target, &event).to_string() },
                    "Logs": [format!("relayed {message}"), "a second line"],
                    "ReturnValue": null,
                });
                answer(out, 200, &answered.to_string());
            }
            "/clock" => answer(out, 200, &json!({ "ReturnValue": payload(&event, "timer") }).to_string()),
            "/order" => order(out, &event["Data"]["req"]),
            "/odd" => match payload(&event, "message").as_str().unwrap_or_default() {
                "fail" => answer(out, 500, "asked to fail"),
                "garbage" => answer(out, 200, "this is no JSON"),
                "nothing" => answer(out, 200, ""),
                "trap" => std::process::abort(),
                _ => answer(out, 200, "{}"),
            },
            _ => answer(out, 200, &format!("{target} {text}")),
        }
    }
}

/// Answers a request that came as data.
fn order(out: ResponseOutparam, request: &Value) {
    let body = request["Body"].as_str().unwrap_or_default();
    if body == "fail" {
        return answer(out, 418, "asked to fail");
    }
    let lines: Vec<&str> = body.lines().collect();
    let res = json!({ "statusCode": 202, "headers": { "x-lines": lines.len().to_string() }, "body": request });
    let answered = json!({ "Outputs": { "res": res, "orders": lines }, "Logs": ["ordered"] });
    answer(out, 200, &answered.to_string());
}

/// What a binding holds: texts come as JSON in a text.
fn payload(event: &Value, binding: &str) -> Value {
    let data = &event["Data"][binding];
    data.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| data.clone())
}

/// The request as the handler got it.
fn seen(request: &IncomingRequest, target: &str, event: &Value) -> Value {
    let header = |(name, value): (String, Vec<u8>)| (name, Value::from(String::from_utf8_lossy(&value)));
    let headers: serde_json::Map<String, Value> = request.headers().entries().into_iter().map(header).collect();
    json!({ "method": format!("{:?}", request.method()), "path": target, "headers": headers, "body": event })
}

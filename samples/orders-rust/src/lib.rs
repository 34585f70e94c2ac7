//! A shop whose work is done behind a queue; `samples/orders` is the same in JavaScript.

use hearth_sdk::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Deserialize, Serialize)]
struct Order {
    id: String,
    lines: Vec<Line>,
}

#[derive(Deserialize, Serialize)]
struct Line {
    item: String,
    count: u32,
}

/// In cents.
fn price(item: &str) -> Option<u32> {
    Some(match item {
        "lamp" => 4900,
        "chair" => 12900,
        "table" => 39900,
        _ => return None,
    })
}

/// Takes an order and answers at once; the work is done later, however long it takes.
#[http(route = "orders", methods("POST"), auth_level = "anonymous")]
#[output(queue = "orders")]
fn submit(request: Request) -> Result<(Response, Json<Order>)> {
    let order: Order = request.json()?;
    let answer = Response::json(&json!({ "accepted": order.id }))?.with_status(202);
    Ok((answer, Json(order)))
}

/// Works on one order. After an error the message comes again; the third time it goes to `orders-poison`.
#[queue(queue = "orders")]
#[output(queue = "receipts")]
fn bill(order: Order, message: QueueMessage) -> Result<Value> {
    log::info!("Order {}, attempt {}", order.id, message.dequeue_count);
    let mut total = 0_u32;
    for Line { item, count } in &order.lines {
        let price = price(item).context(format!("Order {}: there is no '{item}' to buy.", order.id))?;
        let sum = price.checked_mul(*count).and_then(|sum| total.checked_add(sum));
        total = sum.context(format!("Order {} is more than the shop has.", order.id))?;
    }
    log::info!("Order {} comes to {}", order.id, total / 100);
    Ok(json!({ "order": order.id, "total": total }))
}

/// Reports every half minute that the shop is open, and when it will do so next.
#[timer(schedule = "*/30 * * * * *")]
#[output(queue = "reports")]
fn report(timer: Timer) -> Value {
    log::info!("The shop is open{}", if timer.is_past_due { ", late" } else { "" });
    let next = timer.schedule_status.and_then(|status| status.next).map(|next| next.to_string());
    json!({ "late": timer.is_past_due, "next": next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_billed_and_what_is_not_there_is_an_error() {
        let order = |item: &str| format!(r#"{{"id": "7", "lines": [{{"item": "{item}", "count": 2}}]}}"#);
        let billed = |item: &str| {
            let message = QueueMessage::new(order(item));
            bill(message.json()?, message)
        };
        assert_eq!(billed("lamp").ok(), Some(json!({ "order": "7", "total": 9800 })));
        assert_eq!(billed("sofa").unwrap_err().to_string(), "Order 7: there is no 'sofa' to buy.");
    }

    #[test]
    fn the_report_tells_when_it_comes_next() {
        assert_eq!(report(Timer::default()), json!({ "late": false, "next": null }));
    }
}

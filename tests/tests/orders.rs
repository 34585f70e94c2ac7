//! `samples/orders` and the same in Rust, from the first request to the poison queue; looked at from outside, by what a client of Azure
//! Storage is told and over the protocol it speaks.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_model::clock::SystemClock;
use hearth_model::settings::Settings;
use hearth_queues::{ClientErrorKind, IdentityEnvironment, QueueClient, QueueClients, QueueTarget};
use hearth_tests::{Hearth, eventually, sample};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

/// An app's queues, by its connection string.
struct Outside(Runtime, QueueClient);

impl Outside {
    fn of(hearth: &Hearth, app: &str) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let printed = hearth.run(["queues", "connection-string", "--app", app]);
        assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
        let text = String::from_utf8(printed.stdout).unwrap();
        let settings = Settings::from_iter([("AzureWebJobsStorage".to_owned(), text.trim().to_owned())]);
        let QueueTarget::Endpoint(connection) = QueueTarget::find(&settings, None).unwrap() else { panic!("{text}") };
        let client = QueueClients::new(Arc::new(SystemClock), IdentityEnvironment::default()).client(&connection);
        Self(runtime, client)
    }

    /// Waits for the next message of a queue.
    #[track_caller]
    fn next(&self, queue: &str) -> Value {
        eventually(&format!("a message in {queue}"), || {
            let found = match self.0.block_on(self.1.get(queue, 1, Duration::from_secs(600))) {
                Err(error) if error.kind == ClientErrorKind::QueueNotFound => return None,
                found => found.unwrap(),
            };
            let text = STANDARD.decode(found.first()?.text.as_ref()?).unwrap();
            Some(serde_json::from_slice(&text).unwrap())
        })
    }

    fn length(&self, queue: &str) -> Option<u64> {
        self.0.block_on(self.1.length(queue)).unwrap()
    }
}

#[test]
fn orders_are_billed_or_put_aside_and_the_timer_reports() {
    let hearth = Hearth::start();
    let apps = ["orders", "orders-rust"];
    for app in apps {
        hearth.publish(app, &sample(app));
    }
    for app in apps {
        let order = |id: &str, item: &str| json!({ "id": id, "lines": [{ "item": item, "count": 2 }] });
        for (id, item) in [("7", "lamp"), ("8", "sofa")] {
            let answer = hearth.app(app).post("/api/orders", order(id, item).to_string());
            assert_eq!((answer.status, answer.text()), (202, format!("{{\"accepted\":\"{id}\"}}")), "{app}");
        }
        let outside = Outside::of(&hearth, app);
        assert_eq!(outside.next("receipts"), json!({ "order": "7", "total": 9800 }), "{app}");
        assert_eq!(outside.next("orders-poison"), order("8", "sofa"), "{app}");
        eventually("the queue to be empty", || (outside.length("orders") == Some(0)).then_some(()));
        assert_eq!(outside.length("receipts"), Some(1), "{app}: nothing was sent for what failed");

        let run = hearth.json(&["invoke", "report", "--app", app]);
        assert_eq!(run["status"], "Succeeded", "{app}: {run}");
        assert_eq!(outside.next("reports")["late"], false, "{app}");
    }
    hearth.log().with(0, &["Executed 'Functions.bill' (Failed"]);
    hearth.log().with(0, &["Order 8: there is no 'sofa' to buy."]);
    hearth.log().with(0, &["Message has reached MaxDequeueCount of 3", "orders-poison"]);
}

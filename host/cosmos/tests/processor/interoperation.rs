//! Leases that hosts of the .NET SDK left are gone on with, and left so that those can go on.

use std::time::Duration;

use hearth_cosmos::processor::{LeaseStore, ProcessorOptions};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::instance::{Behaviour, Instance};
use crate::promises::{Shared, processor, put};
use crate::time::Time;
use crate::world::World;

const CALM: Behaviour = Behaviour { failing: 0, faults: 0, cuts: false, skew: Duration::ZERO };
const PREFIX: &str = "unitsimulated_AAAAAQ==_AAAAAYAAAAE=";

#[test]
fn a_unit_of_dotnet_hosts_is_gone_on_with() {
    let time = Time::default();
    time.run(async {
        let world = World::new(time.clone(), 2);
        for _ in 0..4 {
            world.write(1, 1);
            world.write(40, 1);
        }
        // One lease as it is today, which its host has given back; one in the form of version 2, whose host is long dead.
        let text = json!({"id": format!("{PREFIX}..0"), "LeaseToken": "0", "version": 0, "Owner": null,
            "FeedRange": {"Range": {"min": "", "max": "20"}}, "ContinuationToken": "\"2\"", "properties": {},
            "timestamp": "2025-12-31T23:59:59.1234567Z", "Mode": "Incremental Feed"});
        put(&world, &text.to_string()).await;
        let text = json!({"id": format!("{PREFIX}..1"), "PartitionId": "1", "Owner": "old-host",
            "ContinuationToken": "\"3\"", "properties": {"kept": "yes"}, "timestamp": "2025-12-31T20:00:00Z"});
        put(&world, &text.to_string()).await;
        Instance::link(&world, CALM).mark(&format!("{PREFIX}.info")).await.unwrap();
        for lease in world.leases() {
            // The checker is to know what they have handled.
            let (key, count) = if lease.token == "0" { (1, 2) } else { (40, 3) };
            (0..count).for_each(|sequence| world.checker.handled(key, sequence, "dotnet"));
        }

        let delegate = Shared::default();
        let one = processor(&world, delegate.clone(), ProcessorOptions::default());
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        let run = tokio::spawn(async move { one.run(stopping).await });
        time.sleep(Duration::from_secs(20)).await;
        stop.cancel();
        run.await.unwrap().unwrap();

        let mut batches = delegate.0.batches.lock().unwrap().clone();
        batches.sort();
        let ids = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            batches,
            [("0".to_owned(), ids(&["1-2", "1-3"]), 1), ("1".to_owned(), ids(&["40-3"]), 1)],
            "each from where it stood"
        );
        let left =
            world.leases().iter().map(|lease| serde_json::from_str(&lease.to_json()).unwrap()).collect::<Vec<Value>>();
        for (lease, fields) in left.iter().zip([
            &[
                "ContinuationToken",
                "FeedRange",
                "LeaseToken",
                "Mode",
                "Owner",
                "_etag",
                "_ts",
                "id",
                "properties",
                "timestamp",
                "version",
            ][..],
            &[
                "ContinuationToken",
                "FeedRange",
                "LeaseToken",
                "Owner",
                "PartitionId",
                "_etag",
                "_ts",
                "id",
                "properties",
                "timestamp",
                "version",
            ],
        ]) {
            assert_eq!(lease.as_object().unwrap().keys().collect::<Vec<_>>(), fields);
            assert_eq!(lease["Owner"], Value::Null);
            assert_eq!(lease["ContinuationToken"], "\"4\"");
        }
        assert_eq!(left[1]["properties"], json!({"kept": "yes"}));
        assert_eq!(left[1]["FeedRange"], json!({"Range": {"min": "20", "max": "FF"}}), "its keys are filled in");
    });
}

//! Batches, bulks and patches as clients send them (reference: sections 0.9 and 7.1 to 7.3).

use crate::table::Has::{Any, Empty, Json, Text};
use crate::table::run;
use crate::traps::{A, ATOMIC, BATCH, DOCS, ONE, filled};

const GO_ON: (&str, &str) = ("x-ms-cosmos-batch-continue-on-error", "True");
const MINIMAL: (&str, &str) = ("prefer", "return=minimal");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_and_patches_travel_as_clients_send_them() {
    let store = filled("400", "").await;
    let create = r#"{"operationType":"Create","resourceBody":{"id":"2","pk":"a"}}"#;
    let taken = r#"{"operationType":"Create","resourceBody":{"id":"1","pk":"a"}}"#;
    let read = r#"{"operationType":"Read","id":"2"}"#;
    let gone = format!("[{create},{taken},{read}]");
    let done = format!("[{create},{read}]");
    let many = format!("[{}]", vec![read; 101].join(","));
    let patch = r#"[{"op":"incr","path":"/n","value":4},{"op":"add","path":"/l","value":[1]},{"op":"add","path":"/l/-","value":2}]"#;
    let when = r#"{"operations":[{"op":"set","path":"/n","value":0}],"condition":"from c where c.n = 99"}"#;
    run(
        &store,
        &[
            ("one fails, and so do those before and behind", "POST", DOCS, &[A, BATCH, ATOMIC], &gone, 207, 0, &[
                Json("/0/statusCode", "424"), Json("/1/statusCode", "409"), Json("/2/statusCode", "424"),
            ]),
            ("nothing of it was done", "GET", "/dbs/d/colls/c/docs/2", &[A], "", 404, 0, &[]),
            ("reads see what was written before them", "POST", DOCS, &[A, BATCH, ATOMIC], &done, 200, 0, &[
                Json("/0/statusCode", "201"), Json("/1/statusCode", "200"), Json("/1/resourceBody/id", "\"2\""),
            ]),
            ("a batch has a key", "POST", DOCS, &[BATCH, ATOMIC], &done, 400, 0, &[]),
            ("no operations", "POST", DOCS, &[A, BATCH, ATOMIC], "[]", 400, 0, &[Text("Batch request has no operations.")]),
            ("too many operations", "POST", DOCS, &[A, BATCH, ATOMIC], &many, 400, 0, &[Text("Batch request has more operations than what is supported.")]),
            ("a bulk goes on", "POST", DOCS, &[BATCH, GO_ON, ("x-ms-documentdb-partitionkeyrangeid", "0")],
                r#"[{"operationType":"Delete","id":"none","partitionKey":"[\"a\"]"},{"operationType":"Read","id":"2","partitionKey":"[\"a\"]"}]"#,
                207, 0, &[Json("/0/statusCode", "404"), Json("/1/statusCode", "200")]),
            ("a bulk for a range that is gone", "POST", DOCS, &[BATCH, GO_ON, ("x-ms-documentdb-partitionkeyrangeid", "9")],
                r#"[{"operationType":"Read","id":"2","partitionKey":"[\"a\"]"}]"#, 410, 1002, &[]),
            ("a patch as a bare list", "PATCH", ONE, &[A], patch, 200, 0, &[Json("/n", "5"), Json("/l", "[1,2]")]),
            ("a patch whose condition is false", "PATCH", ONE, &[A], when, 412, 1110, &[]),
            ("a patch of the key", "PATCH", ONE, &[A], r#"[{"op":"set","path":"/pk","value":"b"}]"#, 400, 0, &[]),
            ("a patch of the id", "PATCH", ONE, &[A], r#"[{"op":"set","path":"/id","value":"b"}]"#, 400, 0, &[]),
            ("a patch of what the store decides", "PATCH", ONE, &[A], r#"[{"op":"set","path":"/_ts","value":1}]"#, 400, 0, &[]),
            ("a patch that nobody knows", "PATCH", ONE, &[A], r#"[{"op":"swap","path":"/n","value":1}]"#, 400, 0, &[]),
            ("a patch of what is not there", "PATCH", ONE, &[A], r#"[{"op":"remove","path":"/none"}]"#, 400, 0, &[]),
            ("an addition to a text", "PATCH", ONE, &[A], r#"[{"op":"incr","path":"/l","value":1}]"#, 400, 0, &[]),
            ("a patch without its answer", "PATCH", ONE, &[A, MINIMAL], r#"[{"op":"set","path":"/n","value":1}]"#, 200, 0, &[Empty, Any("etag"), Any("x-ms-session-token")]),
            ("no item to patch", "PATCH", "/dbs/d/colls/c/docs/none", &[A], patch, 404, 0, &[]),
        ],
    )
    .await;
    // The other encoding of batches: its first byte tells it.
    let other = store.ask("POST", DOCS).headers(&[A, BATCH, ATOMIC]).body(vec![0x81, 0, 0, 0]).send().await;
    assert_eq!(other.status, 400, "{other:?}");
    assert!(other.body.contains("JSON"), "it says what to do: {other:?}");
    let text = "x".repeat(1_500_000);
    for number in 10..13 {
        store.expect(201, "POST", DOCS, &[A], &format!(r#"{{"id":"{number}","pk":"a","t":"{text}"}}"#)).await;
    }
    let reads: Vec<String> = (10..13)
        .map(|number| format!(r#"{{"operationType":"Read","id":"{number}","partitionKey":"[\"a\"]"}}"#))
        .collect();
    let reads = format!("[{}]", reads.join(","));
    for headers in [&[A, BATCH, ATOMIC][..], &[BATCH, GO_ON]] {
        let answered = store.ask("POST", DOCS).headers(headers).body(reads.clone()).send().await;
        let last = &answered.json()[2];
        assert_eq!(
            (answered.status, last["statusCode"].as_u64(), last["subStatusCode"].as_u64()),
            (207, Some(413), Some(3402))
        );
        assert!(answered.body.len() < 4 << 20, "{}", answered.body.len());
    }
}

//! Partition keys, unique values, times to live, and containers that are made anew (reference: sections 0.6, 0.15, 0.16 and 4.3).

use std::time::Duration;

use super::{A, B, DOCS, ONE, filled};
use crate::table::Has::{Json, No, NoJson};
use crate::table::run;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_expire_and_unique_values_are_unique() {
    let store = filled(r#","defaultTtl":-1,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/email"]}]}"#).await;
    run(
        &store,
        &[
            (
                "an item that lives ten seconds",
                "POST",
                DOCS,
                &[A],
                r#"{"id":"1","pk":"a","ttl":10,"email":"x"}"#,
                201,
                0,
                &[],
            ),
            ("its address is taken", "POST", DOCS, &[A], r#"{"id":"2","pk":"a","email":"x"}"#, 409, 3301, &[]),
            ("not under another key", "POST", DOCS, &[B], r#"{"id":"2","pk":"b","email":"x"}"#, 201, 0, &[]),
            ("one may have none", "POST", DOCS, &[A], r#"{"id":"3","pk":"a"}"#, 201, 0, &[]),
            ("and only one", "POST", DOCS, &[A], r#"{"id":"4","pk":"a","email":null}"#, 409, 3301, &[]),
            (
                "a replacement takes none that is taken",
                "PUT",
                "/dbs/d/colls/c/docs/3",
                &[A],
                r#"{"id":"3","pk":"a","email":"x"}"#,
                409,
                3301,
                &[],
            ),
        ],
    )
    .await;
    store.clock.advance(Duration::from_secs(10));
    run(
        &store,
        &[
            ("what has expired is not read", "GET", ONE, &[A], "", 404, 0, &[]),
            ("nor listed", "GET", DOCS, &[A], "", 200, 0, &[Json("/_count", "1")]),
            ("nor replaced", "PUT", ONE, &[A], r#"{"id":"1","pk":"a"}"#, 404, 0, &[]),
            ("it can be made anew", "POST", DOCS, &[A], r#"{"id":"1","pk":"a","email":"x"}"#, 201, 0, &[]),
            ("without an end it stays", "GET", "/dbs/d/colls/c/docs/3", &[A], "", 200, 0, &[NoJson("/ttl")]),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_of_all_kinds_are_kept_apart() {
    let store = filled("").await;
    let key = |text: &'static str| ("x-ms-documentdb-partitionkey", text);
    run(
        &store,
        &[
            ("no value", "POST", DOCS, &[key("[{}]")], r#"{"id":"k"}"#, 201, 0, &[]),
            ("null is a value", "POST", DOCS, &[key("[null]")], r#"{"id":"k","pk":null}"#, 201, 0, &[]),
            ("a number", "POST", DOCS, &[key("[1]")], r#"{"id":"k","pk":1.0}"#, 201, 0, &[]),
            ("its text", "POST", DOCS, &[key("[\"1\"]")], r#"{"id":"k","pk":"1"}"#, 201, 0, &[]),
            ("a truth", "POST", DOCS, &[key("[true]")], r#"{"id":"k","pk":true}"#, 201, 0, &[]),
            ("an empty text", "POST", DOCS, &[key("[\"\"]")], r#"{"id":"k","pk":""}"#, 201, 0, &[]),
            ("none of them is another", "GET", "/dbs/d/colls/c/docs/k", &[key("[false]")], "", 404, 0, &[]),
            ("numbers are equal by value", "GET", "/dbs/d/colls/c/docs/k", &[key("[1e0]")], "", 200, 0, &[]),
            (
                "null is not nothing",
                "GET",
                "/dbs/d/colls/c/docs/k",
                &[key("[null]")],
                "",
                200,
                0,
                &[Json("/pk", "null")],
            ),
            ("nothing is not null", "GET", "/dbs/d/colls/c/docs/k", &[key("[{}]")], "", 200, 0, &[NoJson("/pk")]),
            ("all of them are listed", "GET", DOCS, &[], "", 200, 0, &[Json("/_count", "6")]),
            (
                "one of them alone",
                "GET",
                DOCS,
                &[key("[\"1\"]")],
                "",
                200,
                0,
                &[Json("/_count", "1"), Json("/Documents/0/pk", "\"1\"")],
            ),
        ],
    )
    .await;
    let hier = r#"{"id":"h","partitionKey":{"paths":["/a","/b"],"kind":"MultiHash","version":2}}"#;
    store.expect(201, "POST", "/dbs/d/colls", &[], hier).await;
    let docs = "/dbs/d/colls/h/docs";
    let both = key("[\"x\",1]");
    run(
        &store,
        &[
            ("two levels", "POST", docs, &[both], r#"{"id":"1","a":"x","b":1}"#, 201, 0, &[]),
            (
                "a second of the same first level",
                "POST",
                docs,
                &[key("[\"x\",2]")],
                r#"{"id":"1","a":"x","b":2}"#,
                201,
                0,
                &[],
            ),
            ("and of another", "POST", docs, &[key("[\"y\",1]")], r#"{"id":"1","a":"y","b":1}"#, 201, 0, &[]),
            ("a read needs both", "GET", "/dbs/d/colls/h/docs/1", &[key("[\"x\"]")], "", 400, 0, &[]),
            ("with both", "GET", "/dbs/d/colls/h/docs/1", &[both], "", 200, 0, &[Json("/b", "1")]),
            ("a list takes a part", "GET", docs, &[key("[\"x\"]")], "", 200, 0, &[Json("/_count", "2")]),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_made_anew_is_noticed() {
    let store = filled("").await;
    let rid = store.expect(200, "GET", "/dbs/d/colls/c", &[], "").await.json()["_rid"].as_str().unwrap().to_owned();
    store
        .expect(201, "POST", DOCS, &[A, ("x-ms-cosmos-intended-collection-rid", &rid)], r#"{"id":"1","pk":"a"}"#)
        .await;
    store.expect(204, "DELETE", "/dbs/d/colls/c", &[], "").await;
    store.expect(404, "GET", ONE, &[A], "").await;
    let again = r#"{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}"#;
    store.expect(201, "POST", "/dbs/d/colls", &[], again).await;
    run(
        &store,
        &[
            (
                "whoever had the first in mind is told",
                "GET",
                ONE,
                &[A, ("x-ms-cosmos-intended-collection-rid", &rid)],
                "",
                400,
                1024,
                &[],
            ),
            (
                "and does not write to the second",
                "POST",
                DOCS,
                &[A, ("x-ms-cosmos-intended-collection-rid", &rid)],
                r#"{"id":"1","pk":"a"}"#,
                400,
                1024,
                &[],
            ),
            ("others see that it is empty", "GET", ONE, &[A], "", 404, 0, &[No("etag")]),
        ],
    )
    .await;
}

//! Items: their life, what is refused, and what is told of them (reference: sections 0, 1.3 to 1.5, 4.3 and 4.4).

mod bodies;
mod conditions;
mod keys;

use crate::client::Store;
use crate::table::Has::{Any, Empty, Header, Json, Text};
use crate::table::run;

const A: (&str, &str) = ("x-ms-documentdb-partitionkey", "[\"a\"]");
const B: (&str, &str) = ("x-ms-documentdb-partitionkey", "[\"b\"]");
const UPSERT: (&str, &str) = ("x-ms-documentdb-is-upsert", "True");
const MINIMAL: (&str, &str) = ("prefer", "return=minimal");
const DOCS: &str = "/dbs/d/colls/c/docs";
const ONE: &str = "/dbs/d/colls/c/docs/1";

async fn filled(more: &str) -> Store {
    let store = Store::start().await;
    store.expect(201, "POST", "/dbs", &[], r#"{"id":"d"}"#).await;
    let body = format!(r#"{{"id":"c","partitionKey":{{"paths":["/pk"],"kind":"Hash","version":2}}{more}}}"#);
    store.expect(201, "POST", "/dbs/d/colls", &[], &body).await;
    store
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_lives() {
    let store = filled("").await;
    run(
        &store,
        &[
            (
                "a create answers the item with what the store adds",
                "POST",
                DOCS,
                &[A],
                r#"{"id":"1","pk":"a","n":1.50}"#,
                201,
                0,
                &[
                    Text("\"n\":1.50"),
                    Any("etag"),
                    Text("\"_rid\":"),
                    Text("\"_self\":\"dbs/"),
                    Json("/_attachments", "\"attachments/\""),
                    Json("/_ts", "1800000000"),
                ],
            ),
            ("once", "POST", DOCS, &[A], r#"{"id":"1","pk":"a"}"#, 409, 0, &[Json("/code", "\"Conflict\"")]),
            ("an id is of its partition key", "POST", DOCS, &[B], r#"{"id":"1","pk":"b"}"#, 201, 0, &[]),
            ("ids have their case", "POST", DOCS, &[A], r#"{"id":"A","pk":"a"}"#, 201, 0, &[]),
            ("and are another in another case", "POST", DOCS, &[A], r#"{"id":"a","pk":"a"}"#, 201, 0, &[]),
            ("a read", "GET", ONE, &[A], "", 200, 0, &[Json("/n", "1.5"), Text("\"n\":1.50"), Any("etag")]),
            ("with a slash at the end", "GET", "/dbs/d/colls/c/docs/1/", &[A], "", 200, 0, &[]),
            (
                "the range that answered",
                "GET",
                ONE,
                &[A],
                "",
                200,
                0,
                &[Header("x-ms-documentdb-partitionkeyrangeid", "0"), Any("x-ms-cosmos-physical-partition-id")],
            ),
            (
                "where sessions are kept by name",
                "GET",
                ONE,
                &[A],
                "",
                200,
                0,
                &[Header("x-ms-alt-content-path", "dbs/d/colls/c"), Any("x-ms-content-path")],
            ),
            (
                "the range's LSN and the item's own",
                "GET",
                ONE,
                &[A],
                "",
                200,
                0,
                &[
                    Header("x-ms-session-token", "0:1#4"),
                    Header("lsn", "4"),
                    Header("x-ms-item-lsn", "1"),
                    Header("x-ms-global-committed-lsn", "4"),
                    Header("x-ms-quorum-acked-lsn", "4"),
                    Header("x-ms-cosmos-llsn", "4"),
                    Header("x-ms-cosmos-item-llsn", "1"),
                    Header("x-ms-cosmos-quorum-acked-llsn", "4"),
                ],
            ),
            ("a read costs one unit for a KB", "GET", ONE, &[A], "", 200, 0, &[Header("x-ms-request-charge", "1")]),
            (
                "under another key it is not there",
                "GET",
                ONE,
                &[("x-ms-documentdb-partitionkey", "[\"z\"]")],
                "",
                404,
                0,
                &[Text("Entity with the specified id does not exist in the system"), Text("Resource Not Found")],
            ),
            (
                "a replacement",
                "PUT",
                ONE,
                &[A],
                r#"{"id":"1","pk":"a","n":2}"#,
                200,
                0,
                &[Json("/n", "2"), Header("x-ms-item-lsn", "5"), Header("x-ms-session-token", "0:1#5")],
            ),
            ("of what is not there", "PUT", "/dbs/d/colls/c/docs/2", &[A], r#"{"id":"2","pk":"a"}"#, 404, 0, &[]),
            ("under another id", "PUT", ONE, &[A], r#"{"id":"9","pk":"a"}"#, 400, 0, &[]),
            ("under another key", "PUT", ONE, &[A], r#"{"id":"1","pk":"b"}"#, 400, 1001, &[]),
            (
                "an upsert of what is there",
                "POST",
                DOCS,
                &[A, UPSERT],
                r#"{"id":"1","pk":"a","n":3}"#,
                200,
                0,
                &[Json("/n", "3")],
            ),
            ("an upsert of what is not", "POST", DOCS, &[A, UPSERT], r#"{"id":"2","pk":"a"}"#, 201, 0, &[]),
            (
                "a flag that is spelled otherwise",
                "POST",
                DOCS,
                &[A, ("x-ms-documentdb-is-upsert", "TRUE")],
                r#"{"id":"2","pk":"a"}"#,
                200,
                0,
                &[],
            ),
            (
                "a flag that is a number",
                "POST",
                DOCS,
                &[A, ("x-ms-documentdb-is-upsert", "1")],
                r#"{"id":"2","pk":"a"}"#,
                200,
                0,
                &[],
            ),
            (
                "a flag that is off",
                "POST",
                DOCS,
                &[A, ("x-ms-documentdb-is-upsert", "False")],
                r#"{"id":"2","pk":"a"}"#,
                409,
                0,
                &[],
            ),
            (
                "a write that wants no answer has none",
                "PUT",
                ONE,
                &[A, MINIMAL],
                r#"{"id":"1","pk":"a","n":4}"#,
                200,
                0,
                &[Empty, Any("etag"), Any("x-ms-session-token"), Any("x-ms-request-charge")],
            ),
            ("a create neither", "POST", DOCS, &[A, MINIMAL], r#"{"id":"3","pk":"a"}"#, 201, 0, &[Empty, Any("etag")]),
            ("a read has its answer anyhow", "GET", ONE, &[A, MINIMAL], "", 200, 0, &[Json("/n", "4")]),
            (
                "a deletion has no answer and all headers",
                "DELETE",
                "/dbs/d/colls/c/docs/3",
                &[A],
                "",
                204,
                0,
                &[Empty, Any("x-ms-session-token"), Any("lsn"), Any("x-ms-request-charge")],
            ),
            ("once", "DELETE", "/dbs/d/colls/c/docs/3", &[A], "", 404, 0, &[]),
            ("what was deleted can be made anew", "POST", DOCS, &[A], r#"{"id":"3","pk":"a"}"#, 201, 0, &[]),
            (
                "the body tells the key where the header does not",
                "POST",
                DOCS,
                &[],
                r#"{"id":"4","pk":"a"}"#,
                201,
                0,
                &[],
            ),
            ("a read needs the header", "GET", ONE, &[], "", 400, 0, &[Text("PartitionKey value must be supplied")]),
            ("so does a deletion", "DELETE", ONE, &[], "", 400, 0, &[]),
            ("header and body must agree", "POST", DOCS, &[B], r#"{"id":"5","pk":"a"}"#, 400, 1001, &[]),
            (
                "indexing is said in one of three words",
                "POST",
                DOCS,
                &[A, ("x-ms-indexing-directive", "Maybe")],
                r#"{"id":"6","pk":"a"}"#,
                400,
                0,
                &[],
            ),
            (
                "as this one",
                "POST",
                DOCS,
                &[A, ("x-ms-indexing-directive", "exclude")],
                r#"{"id":"6","pk":"a"}"#,
                201,
                0,
                &[],
            ),
            (
                "triggers do not run here, and it is said",
                "POST",
                DOCS,
                &[A, ("x-ms-documentdb-pre-trigger-include", "t")],
                r#"{"id":"7","pk":"a"}"#,
                400,
                0,
                &[Text("triggers")],
            ),
            (
                "in a container that is not there",
                "GET",
                "/dbs/d/colls/none/docs/1",
                &[A],
                "",
                404,
                1003,
                &[Text("Owner resource does not exist")],
            ),
            (
                "in a database that is not there",
                "POST",
                "/dbs/none/colls/c/docs",
                &[A],
                r#"{"id":"1","pk":"a"}"#,
                404,
                1003,
                &[],
            ),
            ("items are not posted to", "POST", ONE, &[A], "{}", 405, 0, &[]),
            (
                "the store's properties are not the client's",
                "POST",
                DOCS,
                &[A],
                r#"{"id":"8","pk":"a","_ts":5,"_etag":"x","_rid":"y","_own":1}"#,
                201,
                0,
                &[Json("/_ts", "1800000000"), Json("/_own", "1")],
            ),
        ],
    )
    .await;
}

//! Etags and session tokens (reference: sections 1.3 to 1.5).

use super::{A, DOCS, ONE, UPSERT, filled};
use crate::table::Has::{Any, Empty, Header, Json, Text};
use crate::table::run;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conditions_hold() {
    let store = filled("").await;
    let first = store.expect(201, "POST", DOCS, &[A], r#"{"id":"1","pk":"a"}"#).await;
    let first = first.header("etag").to_owned();
    let second = store.expect(200, "PUT", ONE, &[A, ("if-match", &first)], r#"{"id":"1","pk":"a"}"#).await;
    let second = second.header("etag").to_owned();
    assert_ne!(first, second, "each write has its etag, also of the same content");
    let unquoted = second.trim_matches('"');
    let body = r#"{"id":"1","pk":"a"}"#;
    run(
        &store,
        &[
            (
                "a replacement of what was before",
                "PUT",
                ONE,
                &[A, ("if-match", &first)],
                body,
                412,
                0,
                &[Json("/code", "\"PreconditionFailed\"")],
            ),
            ("a deletion of what was before", "DELETE", ONE, &[A, ("if-match", &first)], "", 412, 0, &[]),
            ("an upsert of what was before", "POST", DOCS, &[A, UPSERT, ("if-match", &first)], body, 412, 0, &[]),
            (
                "a patch of what was before",
                "PATCH",
                ONE,
                &[A, ("if-match", &first)],
                r#"[{"op":"set","path":"/v","value":1}]"#,
                412,
                0,
                &[],
            ),
            ("an etag that never was", "PUT", ONE, &[A, ("if-match", "\"x\"")], body, 412, 0, &[]),
            (
                "a read of what the client has",
                "GET",
                ONE,
                &[A, ("if-none-match", &second)],
                "",
                304,
                0,
                &[Empty, Any("etag"), Any("x-ms-session-token")],
            ),
            ("without the quotes", "GET", ONE, &[A, ("if-none-match", unquoted)], "", 304, 0, &[]),
            ("a read of what is newer", "GET", ONE, &[A, ("if-none-match", &first)], "", 200, 0, &[]),
            ("a create of what must not be there", "POST", DOCS, &[A, ("if-none-match", "*")], body, 412, 0, &[]),
            (
                "an upsert of what must not be there",
                "POST",
                DOCS,
                &[A, UPSERT, ("if-none-match", "*")],
                body,
                412,
                0,
                &[],
            ),
            (
                "of what is not",
                "POST",
                DOCS,
                &[A, UPSERT, ("if-none-match", "*")],
                r#"{"id":"2","pk":"a"}"#,
                201,
                0,
                &[],
            ),
            ("any version will do", "PUT", ONE, &[A, ("if-match", "*")], body, 200, 0, &[]),
            (
                "any version of what is not there",
                "PUT",
                "/dbs/d/colls/c/docs/9",
                &[A, ("if-match", "*")],
                r#"{"id":"9","pk":"a"}"#,
                404,
                0,
                &[],
            ),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_do_not_read_the_past() {
    let store = filled("").await;
    let made = store.expect(201, "POST", DOCS, &[A], r#"{"id":"1","pk":"a"}"#).await;
    assert_eq!(made.header("x-ms-session-token"), "0:1#1");
    let eventual = ("x-ms-consistency-level", "Eventual");
    let query = ("x-ms-documentdb-isquery", "True");
    run(
        &store,
        &[
            ("what was seen is there", "GET", ONE, &[A, ("x-ms-session-token", "0:1#1")], "", 200, 0, &[]),
            ("with figures of regions", "GET", ONE, &[A, ("x-ms-session-token", "0:1#1#1=1")], "", 200, 0, &[]),
            (
                "what is ahead of the store",
                "GET",
                ONE,
                &[A, ("x-ms-session-token", "0:1#99")],
                "",
                404,
                1002,
                &[Text("The read session is not available for the input session token.")],
            ),
            (
                "of several ranges this one counts",
                "GET",
                ONE,
                &[A, ("x-ms-session-token", "7:1#99,0:1#1")],
                "",
                200,
                0,
                &[],
            ),
            (
                "whoever asks for less does not care",
                "GET",
                ONE,
                &[A, eventual, ("x-ms-session-token", "0:1#99")],
                "",
                200,
                0,
                &[],
            ),
            ("a list ahead", "GET", DOCS, &[("x-ms-session-token", "0:1#99")], "", 404, 1002, &[]),
            (
                "a feed ahead",
                "GET",
                DOCS,
                &[("a-im", "Incremental Feed"), ("x-ms-session-token", "0:1#99")],
                "",
                404,
                1002,
                &[],
            ),
            (
                "a query ahead",
                "POST",
                DOCS,
                &[query, ("x-ms-session-token", "0:1#99")],
                r#"{"query":"SELECT * FROM c"}"#,
                404,
                1002,
                &[],
            ),
            (
                "writes do not look back",
                "PUT",
                ONE,
                &[A, ("x-ms-session-token", "0:1#99")],
                r#"{"id":"1","pk":"a"}"#,
                200,
                0,
                &[Header("x-ms-session-token", "0:1#2")],
            ),
            ("no token", "GET", ONE, &[A, ("x-ms-session-token", "latest")], "", 400, 0, &[]),
            (
                "queries have tokens",
                "POST",
                DOCS,
                &[query],
                r#"{"query":"SELECT * FROM c"}"#,
                200,
                0,
                &[Header("x-ms-session-token", "0:1#2")],
            ),
            ("lists have tokens", "GET", DOCS, &[], "", 200, 0, &[Header("x-ms-session-token", "0:1#2")]),
            (
                "ranges have tokens",
                "GET",
                "/dbs/d/colls/c/pkranges",
                &[],
                "",
                200,
                0,
                &[Header("x-ms-session-token", "0:1#2"), Json("/PartitionKeyRanges/0/_lsn", "2")],
            ),
        ],
    )
    .await;
}

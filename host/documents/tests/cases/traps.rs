//! What cost somebody a client that failed (reference: section 0): feeds and session tokens as they travel.

use crate::client::Store;
use crate::table::Has::{Any, Empty, Header, Json, NoJson};
use crate::table::run;

pub(crate) const A: (&str, &str) = ("x-ms-documentdb-partitionkey", "[\"a\"]");
pub(crate) const QUERY: (&str, &str) = ("x-ms-documentdb-isquery", "True");
const CHANGES: (&str, &str) = ("a-im", "Incremental feed");
const VERSIONS: (&str, &str) = ("a-im", "Full-Fidelity Feed");
const WIRE: (&str, &str) = ("x-ms-cosmos-changefeed-wire-format-version", "2021-09-15");
pub(crate) const BATCH: (&str, &str) = ("x-ms-cosmos-is-batch-request", "True");
pub(crate) const ATOMIC: (&str, &str) = ("x-ms-cosmos-batch-atomic", "True");
pub(crate) const DOCS: &str = "/dbs/d/colls/c/docs";
pub(crate) const ONE: &str = "/dbs/d/colls/c/docs/1";

pub(crate) async fn filled(throughput: &str, more: &str) -> Store {
    let store = Store::start().await;
    store.expect(201, "POST", "/dbs", &[], r#"{"id":"d"}"#).await;
    let body = format!(r#"{{"id":"c","partitionKey":{{"paths":["/pk"],"kind":"Hash","version":2}}{more}}}"#);
    store.expect(201, "POST", "/dbs/d/colls", &[("x-ms-offer-throughput", throughput)], &body).await;
    store.expect(201, "POST", DOCS, &[A], r#"{"id":"1","pk":"a","n":1}"#).await;
    store
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn feeds_travel_as_clients_read_them() {
    let store = filled("400", r#","changeFeedPolicy":{"retentionDuration":10}"#).await;
    let first = store.expect(200, "GET", DOCS, &[CHANGES], "").await;
    let etag = first.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.ends_with('"') && etag.trim_matches('"').parse::<i64>().is_ok(), "{etag}");
    let at = ("if-none-match", etag.as_str());
    let range = ("x-ms-documentdb-partitionkeyrangeid", "0");
    run(
        &store,
        &[
            (
                "bare items with their LSN",
                "GET",
                DOCS,
                &[CHANGES],
                "",
                200,
                0,
                &[Any("etag"), Json("/Documents/0/_lsn", "1"), NoJson("/Documents/0/current")],
            ),
            (
                "wrapped where that is asked for, also of the latest",
                "GET",
                DOCS,
                &[CHANGES, WIRE],
                "",
                200,
                0,
                &[
                    Json("/Documents/0/current/id", "\"1\""),
                    Json("/Documents/0/metadata/lsn", "1"),
                    NoJson("/Documents/0/metadata/operationType"),
                ],
            ),
            (
                "whatever the case of the word",
                "GET",
                DOCS,
                &[("a-im", "INCREMENTAL FEED")],
                "",
                200,
                0,
                &[Json("/_count", "1")],
            ),
            ("another word", "GET", DOCS, &[("a-im", "Feed")], "", 400, 0, &[]),
            (
                "the position is told on 304 too",
                "GET",
                DOCS,
                &[CHANGES, at],
                "",
                304,
                0,
                &[Empty, Any("etag"), Any("x-ms-session-token"), Any("x-ms-request-charge")],
            ),
            (
                "of one range",
                "GET",
                DOCS,
                &[CHANGES, range, at],
                "",
                304,
                0,
                &[Header("x-ms-documentdb-partitionkeyrangeid", "0")],
            ),
            ("from now on", "GET", DOCS, &[CHANGES, ("if-none-match", "*")], "", 304, 0, &[Header("etag", "\"1\"")]),
            (
                "from a time that was",
                "GET",
                DOCS,
                &[CHANGES, ("if-modified-since", "Thu, 01 Jan 2026 00:00:00 GMT")],
                "",
                200,
                0,
                &[Json("/_count", "1")],
            ),
            (
                "from a time that comes",
                "GET",
                DOCS,
                &[CHANGES, ("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT")],
                "",
                304,
                0,
                &[],
            ),
            ("a time that is none", "GET", DOCS, &[CHANGES, ("if-modified-since", "yesterday")], "", 400, 0, &[]),
            (
                "of a range that there is not",
                "GET",
                DOCS,
                &[CHANGES, ("x-ms-documentdb-partitionkeyrangeid", "7")],
                "",
                410,
                1002,
                &[Json("/code", "\"Gone\"")],
            ),
            ("all versions begin now or where one was", "GET", DOCS, &[VERSIONS, WIRE], "", 400, 0, &[]),
            (
                "and at no time",
                "GET",
                DOCS,
                &[VERSIONS, WIRE, ("if-modified-since", "Thu, 01 Jan 2026 00:00:00 GMT")],
                "",
                400,
                0,
                &[],
            ),
            (
                "all versions from now on",
                "GET",
                DOCS,
                &[VERSIONS, WIRE, ("if-none-match", "*")],
                "",
                304,
                0,
                &[Any("etag")],
            ),
            ("a replacement", "PUT", ONE, &[A], r#"{"id":"1","pk":"a","n":2}"#, 200, 0, &[]),
            (
                "a deletion has no body and all headers",
                "DELETE",
                ONE,
                &[A],
                "",
                204,
                0,
                &[Empty, Any("x-ms-session-token"), Any("lsn"), Any("x-ms-request-charge")],
            ),
            (
                "every version in order",
                "GET",
                DOCS,
                &[VERSIONS, WIRE, at],
                "",
                200,
                0,
                &[
                    Json("/_count", "2"),
                    Json("/Documents/0/metadata/operationType", "\"replace\""),
                    Json("/Documents/0/metadata/previousImageLSN", "1"),
                    Json("/Documents/1/current", "{}"),
                    Json("/Documents/1/metadata/id", "\"1\""),
                    Json("/Documents/1/metadata/partitionKey", "{\"pk\":\"a\"}"),
                    Json("/Documents/1/previous/n", "2"),
                    NoJson("/Documents/1/metadata/timeToLiveExpired"),
                ],
            ),
            ("deletions are not seen among the latest", "GET", DOCS, &[CHANGES, at], "", 304, 0, &[]),
        ],
    )
    .await;
    let versions = store.expect(200, "GET", DOCS, &[VERSIONS, WIRE, at], "").await.json();
    for change in versions["Documents"].as_array().unwrap() {
        assert!(change["metadata"]["crts"].as_i64().unwrap() > 0, "clients want to know when: {change}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_a_feed_ends_with_a_transaction() {
    let store = filled("400", "").await;
    let operations: Vec<String> = (0..5)
        .map(|number| format!(r#"{{"operationType":"Create","resourceBody":{{"id":"b{number}","pk":"a"}}}}"#))
        .collect();
    store.expect(200, "POST", DOCS, &[A, BATCH, ATOMIC], &format!("[{}]", operations.join(","))).await;
    store.expect(201, "POST", DOCS, &[A], r#"{"id":"2","pk":"a"}"#).await;
    let one = ("x-ms-max-item-count", "1");
    let first = store.expect(200, "GET", DOCS, &[CHANGES, one], "").await;
    let second = store.expect(200, "GET", DOCS, &[CHANGES, one, ("if-none-match", first.header("etag"))], "").await;
    let third = store.expect(200, "GET", DOCS, &[CHANGES, one, ("if-none-match", second.header("etag"))], "").await;
    let counts = [&first, &second, &third].map(|page| page.json()["_count"].as_u64().unwrap());
    assert_eq!(counts, [1, 5, 1], "the five of one batch come together");
    let lsns: Vec<i64> =
        second.json()["Documents"].as_array().unwrap().iter().map(|item| item["_lsn"].as_i64().unwrap()).collect();
    assert!(lsns.iter().all(|lsn| *lsn == lsns[0]), "and have one LSN: {lsns:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_about_a_container_tells_its_session() {
    let store = filled("400", "").await;
    let text = r#"{"query":"SELECT * FROM c"}"#;
    for (method, path, headers, body) in [
        ("GET", DOCS, &[][..], ""),
        ("GET", ONE, &[A], ""),
        ("POST", DOCS, &[A, QUERY], text),
        ("POST", DOCS, &[A, QUERY], r#"{"query":"SELECT * FROM c WHERE c.id = 'none'"}"#),
        ("GET", DOCS, &[CHANGES], ""),
        ("GET", "/dbs/d/colls/c/pkranges", &[], ""),
        ("POST", DOCS, &[A], r#"{"id":"2","pk":"a"}"#),
        ("PUT", ONE, &[A], r#"{"id":"1","pk":"a"}"#),
        ("DELETE", ONE, &[A], ""),
        ("POST", DOCS, &[A, BATCH, ATOMIC], r#"[{"operationType":"Read","id":"2"}]"#),
    ] {
        let answered = store.ask(method, path).headers(headers).body(body).send().await;
        assert!(answered.status < 300, "{method} {path}: {answered:?}");
        let token = answered.header("x-ms-session-token");
        let lsn = token.strip_prefix("0:1#").and_then(|lsn| lsn.parse::<i64>().ok());
        assert!(lsn.is_some_and(|lsn| lsn > 0), "{method} {path}: {token}");
        assert_eq!(answered.header("x-ms-alt-content-path"), "dbs/d/colls/c", "{method} {path}");
        assert_eq!(
            answered.header("x-ms-content-path").len(),
            12,
            "a client keeps it by the container's RID: {method} {path}"
        );
    }
}

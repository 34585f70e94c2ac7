//! Items: their life, what is refused, and what is told of them (reference: sections 0, 1.3 to 1.5, 4.3 and 4.4).

use std::time::Duration;

use crate::client::Store;
use crate::table::Has::{Any, Empty, Header, Json, No, NoJson, Text};
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_no_items_are_refused() {
    let store = filled("").await;
    let sized = |bytes: usize| {
        let frame = r#"{"id":"big","pk":"a","v":""}"#.len();
        format!(r#"{{"id":"big","pk":"a","v":"{}"}}"#, "x".repeat(bytes - frame))
    };
    let (fits, too_large, far_too_large) = (sized(2 << 20), sized((2 << 20) + 1), sized(5 << 20));
    let nested =
        |levels: usize| format!(r#"{{"id":"deep","pk":"a","v":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    let (deep, too_deep) = (nested(127), nested(128));
    let (long, too_long) = ("i".repeat(1023), "i".repeat(1024));
    let with_id = |id: &str| format!(r#"{{"id":"{id}","pk":"a"}}"#);
    let key = format!("[\"{}\"]", "k".repeat(2049));
    run(
        &store,
        &[
            ("nothing", "POST", DOCS, &[A], "", 400, 0, &[Json("/code", "\"BadRequest\"")]),
            ("no JSON", "POST", DOCS, &[A], "{", 400, 0, &[]),
            ("a comma too many", "POST", DOCS, &[A], r#"{"id":"1","pk":"a",}"#, 400, 0, &[]),
            ("more than one value", "POST", DOCS, &[A], r#"{"id":"1","pk":"a"} {}"#, 400, 0, &[]),
            ("an array", "POST", DOCS, &[A], "[]", 400, 0, &[]),
            ("a string", "POST", DOCS, &[A], "\"a\"", 400, 0, &[]),
            ("no id", "POST", DOCS, &[A], r#"{"pk":"a"}"#, 400, 0, &[Text("id")]),
            ("an id that is a number", "POST", DOCS, &[A], r#"{"id":1,"pk":"a"}"#, 400, 0, &[]),
            ("an id that is empty", "POST", DOCS, &[A], r#"{"id":"","pk":"a"}"#, 400, 0, &[]),
            ("a slash in the id", "POST", DOCS, &[A], r#"{"id":"a/b","pk":"a"}"#, 400, 0, &[]),
            ("a hash in the id", "POST", DOCS, &[A], r##"{"id":"a#b","pk":"a"}"##, 400, 0, &[]),
            ("1023 bytes of id", "POST", DOCS, &[A], &with_id(&long), 201, 0, &[]),
            ("1024 bytes of id", "POST", DOCS, &[A], &with_id(&too_long), 400, 0, &[]),
            ("a time to live of 0", "POST", DOCS, &[A], r#"{"id":"1","pk":"a","ttl":0}"#, 400, 0, &[Text("ttl")]),
            ("a time to live that is a text", "POST", DOCS, &[A], r#"{"id":"1","pk":"a","ttl":"5"}"#, 400, 0, &[]),
            ("a time to live of a half", "POST", DOCS, &[A], r#"{"id":"1","pk":"a","ttl":1.5}"#, 400, 0, &[]),
            (
                "of two properties with one name the last counts",
                "POST",
                DOCS,
                &[A],
                r#"{"id":"1","pk":"a","v":1,"v":2}"#,
                201,
                0,
                &[Json("/v", "2")],
            ),
            ("the id too", "POST", DOCS, &[A], r#"{"id":"x","id":"2","pk":"a"}"#, 201, 0, &[Json("/id", "\"2\"")]),
            ("2 MiB", "POST", DOCS, &[A, MINIMAL], &fits, 201, 0, &[]),
            ("a byte more", "POST", DOCS, &[A], &too_large, 413, 0, &[Json("/code", "\"RequestEntityTooLarge\"")]),
            ("more than is read at all", "POST", DOCS, &[A], &far_too_large, 413, 0, &[]),
            ("128 levels", "POST", DOCS, &[A, MINIMAL], &deep, 201, 0, &[]),
            ("129 levels", "POST", DOCS, &[A], &too_deep, 400, 0, &[]),
            ("a number beyond a double", "POST", DOCS, &[A], r#"{"id":"n","pk":"a","v":1e999}"#, 400, 0, &[]),
            (
                "64 bits are kept",
                "POST",
                DOCS,
                &[A],
                r#"{"id":"n","pk":"a","v":9007199254740993}"#,
                201,
                0,
                &[Text("9007199254740993")],
            ),
            ("a key that is no JSON", "GET", ONE, &[("x-ms-documentdb-partitionkey", "a")], "", 400, 0, &[]),
            ("a key that is no array", "GET", ONE, &[("x-ms-documentdb-partitionkey", "\"a\"")], "", 400, 0, &[]),
            (
                "a key of too many levels",
                "GET",
                ONE,
                &[("x-ms-documentdb-partitionkey", "[\"a\",\"b\"]")],
                "",
                400,
                0,
                &[],
            ),
            ("a key that is an array", "GET", ONE, &[("x-ms-documentdb-partitionkey", "[[1]]")], "", 400, 0, &[]),
            ("a key that is too long", "GET", ONE, &[("x-ms-documentdb-partitionkey", &key)], "", 400, 0, &[]),
            (
                "escapes in the key's header",
                "GET",
                ONE,
                &[("x-ms-documentdb-partitionkey", "[\"\\u0061\"]")],
                "",
                200,
                0,
                &[],
            ),
        ],
    )
    .await;
    let latin = store.ask("POST", DOCS).headers(&[A]).body(b"{\"id\":\"\xe9\",\"pk\":\"a\"}".as_slice()).send().await;
    assert_eq!(latin.status, 400, "not UTF-8: {latin:?}");
    let declared = store.ask("POST", DOCS).headers(&[A]).header("content-length", "99999999").send().await;
    assert_eq!(declared.status, 413, "what is too long is refused before it is sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_of_all_kinds_are_found() {
    let store = filled("").await;
    for (id, escaped) in [
        ("with space", "with%20space"),
        ("plus+", "plus%2B"),
        ("plus+", "plus+"),
        ("100%", "100%25"),
        ("quote'\\\"", "quote%27%22"),
        ("ümläut", "%C3%BCml%C3%A4ut"),
        ("😀", "%F0%9F%98%80"),
        ("a&b=c;d", "a%26b%3Dc%3Bd"),
        (".", "%2E"),
        ("space at the end ", "space%20at%20the%20end%20"),
    ] {
        let body = format!(r#"{{"id":"{id}","pk":"a"}}"#);
        let made = store.ask("POST", DOCS).headers(&[A, UPSERT]).body(body).send().await;
        assert!(matches!(made.status, 200 | 201), "{id}: {made:?}");
        let read = store.expect(200, "GET", &format!("{DOCS}/{escaped}"), &[A], "").await;
        assert_eq!(read.json()["id"], made.json()["id"], "{escaped}");
        let by_rid = read.json()["_self"].as_str().unwrap().to_owned();
        let by_rid = store.expect(200, "GET", &format!("/{by_rid}"), &[A], "").await;
        assert_eq!(by_rid.json(), read.json(), "by its RIDs too");
    }
}

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

//! Databases (reference: sections 3 and 4.2).

use super::QUERY;
use crate::client::Store;
use crate::table::Has::{Any, Empty, Header, Json, No, Text};
use crate::table::run;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn databases() {
    let store = Store::start().await;
    let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(255));
    let too_long = format!(r#"{{"id":"{}"}}"#, "x".repeat(256));
    run(
        &store,
        &[
            (
                "a new one has what clients navigate by",
                "POST",
                "/dbs",
                &[],
                r#"{"id":"d"}"#,
                201,
                0,
                &[
                    Json("/id", "\"d\""),
                    Json("/_colls", "\"colls/\""),
                    Json("/_users", "\"users/\""),
                    Any("etag"),
                    Text("\"_self\":\"dbs/"),
                    Text("\"_ts\":1800000000"),
                ],
            ),
            ("its name is taken", "POST", "/dbs", &[], r#"{"id":"d"}"#, 409, 0, &[Text("already exists")]),
            ("names have their case", "POST", "/dbs", &[], r#"{"id":"D"}"#, 201, 0, &[]),
            ("it is read", "GET", "/dbs/d", &[], "", 200, 0, &[Json("/id", "\"d\"")]),
            ("with a slash at the end, as Python has it", "GET", "/dbs/d/", &[], "", 200, 0, &[]),
            (
                "one that is not there",
                "GET",
                "/dbs/none",
                &[],
                "",
                404,
                0,
                &[Text("Resource Not Found"), Json("/code", "\"NotFound\"")],
            ),
            ("no body", "POST", "/dbs", &[], "", 400, 0, &[Json("/code", "\"BadRequest\"")]),
            ("no JSON", "POST", "/dbs", &[], "{id", 400, 0, &[]),
            ("no object", "POST", "/dbs", &[], "[]", 400, 0, &[]),
            ("no id", "POST", "/dbs", &[], "{}", 400, 0, &[]),
            ("an id that is a number", "POST", "/dbs", &[], r#"{"id":1}"#, 400, 0, &[]),
            ("an id that is empty", "POST", "/dbs", &[], r#"{"id":""}"#, 400, 0, &[]),
            ("a slash in the id", "POST", "/dbs", &[], r#"{"id":"a/b"}"#, 400, 0, &[]),
            ("a backslash in the id", "POST", "/dbs", &[], r#"{"id":"a\\b"}"#, 400, 0, &[]),
            ("a question mark in the id", "POST", "/dbs", &[], r#"{"id":"a?b"}"#, 400, 0, &[]),
            ("a hash in the id", "POST", "/dbs", &[], r##"{"id":"a#b"}"##, 400, 0, &[]),
            ("a space at the end of the id", "POST", "/dbs", &[], r#"{"id":"a "}"#, 400, 0, &[]),
            ("255 characters", "POST", "/dbs", &[], &long, 201, 0, &[]),
            ("256 characters", "POST", "/dbs", &[], &too_long, 400, 0, &[]),
            ("spaces and other letters within", "POST", "/dbs", &[], r#"{"id":"mein Büro + 100%"}"#, 201, 0, &[]),
            (
                "are found escaped",
                "GET",
                "/dbs/mein%20B%C3%BCro%20%2B%20100%25",
                &[],
                "",
                200,
                0,
                &[Json("/id", "\"mein Büro + 100%\"")],
            ),
            (
                "what a client sends of the store's properties is dropped",
                "POST",
                "/dbs",
                &[],
                r#"{"id":"s","_rid":"x","_ts":1}"#,
                201,
                0,
                &[Text("\"_ts\":1800000000")],
            ),
            (
                "a list, by pages",
                "GET",
                "/dbs",
                &[("x-ms-max-item-count", "2")],
                "",
                200,
                0,
                &[Json("/_count", "2"), Header("x-ms-item-count", "2"), Any("x-ms-continuation")],
            ),
            (
                "-1 is all that there is room for",
                "GET",
                "/dbs",
                &[("x-ms-max-item-count", "-1")],
                "",
                200,
                0,
                &[Json("/_count", "5"), No("x-ms-continuation")],
            ),
            ("no page has no items", "GET", "/dbs", &[("x-ms-max-item-count", "0")], "", 400, 0, &[]),
            ("a count is a number", "GET", "/dbs", &[("x-ms-max-item-count", "many")], "", 400, 0, &[]),
            ("a continuation that is none", "GET", "/dbs", &[("x-ms-continuation", "!!")], "", 400, 0, &[]),
            (
                "a query",
                "POST",
                "/dbs",
                &[QUERY],
                r#"{"query":"SELECT * FROM root r WHERE r.id = @id","parameters":[{"name":"@id","value":"d"}]}"#,
                200,
                0,
                &[Json("/_count", "1"), Json("/Databases/0/id", "\"d\"")],
            ),
            (
                "a query that finds nothing",
                "POST",
                "/dbs",
                &[QUERY],
                r#"{"query":"SELECT * FROM r WHERE r.id = 'x'"}"#,
                200,
                0,
                &[Json("/_count", "0"), Json("/Databases", "[]")],
            ),
            ("a query that is none", "POST", "/dbs", &[QUERY], r#"{"query":"SELEC"}"#, 400, 0, &[Text("SC1001")]),
            ("databases are not replaced", "PUT", "/dbs/d", &[], r#"{"id":"d"}"#, 405, 0, &[]),
            (
                "an If-Match that is another",
                "DELETE",
                "/dbs/s",
                &[("if-match", "\"x\"")],
                "",
                412,
                0,
                &[Json("/code", "\"PreconditionFailed\"")],
            ),
            ("deletion answers nothing", "DELETE", "/dbs/s", &[], "", 204, 0, &[Empty]),
            ("once", "DELETE", "/dbs/s", &[], "", 404, 0, &[]),
            (
                "throughput makes an offer",
                "POST",
                "/dbs",
                &[("x-ms-offer-throughput", "1000")],
                r#"{"id":"t"}"#,
                201,
                0,
                &[],
            ),
            (
                "of a hundred at a time",
                "POST",
                "/dbs",
                &[("x-ms-offer-throughput", "1050")],
                r#"{"id":"u"}"#,
                400,
                0,
                &[],
            ),
        ],
    )
    .await;
    let first = store.ask("GET", "/dbs").header("x-ms-max-item-count", "3").send().await;
    let rest = store.ask("GET", "/dbs").header("x-ms-continuation", first.header("x-ms-continuation")).send().await;
    assert_eq!(
        (first.json()["_count"].as_i64(), rest.json()["_count"].as_i64()),
        (Some(3), Some(2)),
        "all of them once"
    );
    assert_eq!(rest.header("x-ms-continuation"), "", "the last page has no continuation");
    let database = store.expect(200, "GET", "/dbs/d", &[], "").await;
    let (rid, etag) = (database.json()["_rid"].as_str().unwrap().to_owned(), database.header("etag").to_owned());
    assert_eq!(database.json()["_etag"], etag.as_str(), "the header is the property, quotes included");
    assert_eq!(database.json()["_self"], format!("dbs/{rid}/"));
    store.expect(200, "GET", &format!("/dbs/{rid}"), &[], "").await;
    store.expect(304, "GET", "/dbs/d", &[("if-none-match", &etag)], "").await;
    // A name that looks like a RID is a name first.
    let named = format!(r#"{{"id":"{rid}"}}"#);
    store.expect(201, "POST", "/dbs", &[], &named).await;
    assert_eq!(store.expect(200, "GET", &format!("/dbs/{rid}"), &[], "").await.json()["id"], rid.as_str());
}

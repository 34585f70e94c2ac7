//! The account: what clients read before everything else, and what they are told wrong about it (reference: sections 0, 1.1 and 4.1).

use hearth_documents::protocol::account::{AccountProperties, ConsistencyLevel};

use crate::client::Store;
use crate::table::Has::{Any, Empty, Header, Json, No, NoJson, Text};
use crate::table::run;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_account_is_what_clients_boot_from() {
    let store = Store::start().await;
    run(
        &store,
        &[
            (
                "an id other than localhost, or a client reads the account before every request",
                "GET",
                "/",
                &[],
                "",
                200,
                0,
                &[Json("/id", "\"shop\"")],
            ),
            (
                "one place to write, where clients send writes",
                "GET",
                "/",
                &[],
                "",
                200,
                0,
                &[NoJson("/writableLocations/1"), Any("date")],
            ),
            (
                "clients go where they came, also under another name",
                "GET",
                "/",
                &[("host", "documents.example.com:8443")],
                "",
                200,
                0,
                &[
                    Json("/writableLocations/0/databaseAccountEndpoint", "\"http://documents.example.com:8443/\""),
                    Json("/readableLocations/0/databaseAccountEndpoint", "\"http://documents.example.com:8443/\""),
                ],
            ),
            (
                "a proxy that ends TLS says so",
                "GET",
                "/",
                &[("host", "a.example.com"), ("x-forwarded-proto", "https")],
                "",
                200,
                0,
                &[Json("/writableLocations/0/databaseAccountEndpoint", "\"https://a.example.com/\"")],
            ),
            (
                "the first label of the host names the account",
                "GET",
                "/",
                &[("host", "shop.documents.example.com")],
                "",
                200,
                0,
                &[Json("/id", "\"shop\"")],
            ),
            (
                "a label that is no account leaves it to the key",
                "GET",
                "/",
                &[("host", "other.documents.example.com")],
                "",
                200,
                0,
                &[Json("/id", "\"shop\"")],
            ),
            ("no etag: the live account has none", "GET", "/", &[], "", 200, 0, &[No("etag"), NoJson("/_etag")]),
            ("writes go to one region", "GET", "/", &[], "", 200, 0, &[Json("/enableMultipleWriteLocations", "false")]),
            (
                "native planners are fed a text",
                "GET",
                "/",
                &[],
                "",
                200,
                0,
                &[Text("\"queryEngineConfiguration\":\"{")],
            ),
            (
                "the default consistency",
                "GET",
                "/",
                &[],
                "",
                200,
                0,
                &[Json("/userConsistencyPolicy/defaultConsistencyLevel", "\"Session\"")],
            ),
            (
                "binary front ends are not advertised",
                "GET",
                "/",
                &[],
                "",
                200,
                0,
                &[NoJson("/thinClientWritableLocations"), NoJson("/thinClientReadableLocations")],
            ),
            (
                "links of the old clients",
                "GET",
                "/",
                &[],
                "",
                200,
                0,
                &[Json("/_dbs", "\"//dbs/\""), Json("/_self", "\"\"")],
            ),
            (
                "the quota of attachments",
                "GET",
                "/",
                &[],
                "",
                200,
                0,
                &[Any("x-ms-max-media-storage-usage-mb"), Any("x-ms-media-storage-usage-mb")],
            ),
            (
                "an activity id is given back",
                "GET",
                "/",
                &[("x-ms-activity-id", "b1a1a0e8-0000-4000-8000-000000000000")],
                "",
                200,
                0,
                &[Header("x-ms-activity-id", "b1a1a0e8-0000-4000-8000-000000000000")],
            ),
            (
                "headers that nobody knows are ignored",
                "GET",
                "/",
                &[
                    ("x-ms-thinclient-proxy", "1"),
                    ("x-ms-client-id", "x"),
                    ("x-ms-cosmos-sdk-supportedcapabilities", "1"),
                ],
                "",
                200,
                0,
                &[],
            ),
            (
                "the version that was asked for is answered",
                "GET",
                "/",
                &[("x-ms-version", "2018-12-31")],
                "",
                200,
                0,
                &[Header("x-ms-version", "2018-12-31")],
            ),
            (
                "a version is a date",
                "GET",
                "/",
                &[("x-ms-version", "latest")],
                "",
                400,
                0,
                &[Json("/code", "\"BadRequest\"")],
            ),
            ("the account cannot be written", "PUT", "/", &[], "{}", 405, 0, &[Json("/code", "\"MethodNotAllowed\"")]),
            ("nor posted to", "POST", "/", &[], "{}", 405, 0, &[]),
            ("nor deleted", "DELETE", "/", &[], "", 405, 0, &[]),
            ("a path that there is not", "GET", "/colls", &[], "", 404, 0, &[Json("/code", "\"NotFound\"")]),
            (
                "an error is JSON with a code and a message, or bulk clients cannot read it",
                "GET",
                "/nothing/here",
                &[],
                "",
                404,
                0,
                &[Any("x-ms-substatus")],
            ),
            (
                "a browser asks before it sends",
                "OPTIONS",
                "/dbs",
                &[
                    ("origin", "https://explorer.example.com"),
                    ("access-control-request-headers", "authorization,x-ms-date"),
                ],
                "",
                204,
                0,
                &[
                    Header("access-control-allow-origin", "*"),
                    Header("access-control-allow-headers", "authorization,x-ms-date"),
                    Empty,
                ],
            ),
            (
                "a page sees answers and their headers",
                "GET",
                "/",
                &[("origin", "https://explorer.example.com")],
                "",
                200,
                0,
                &[Header("access-control-allow-origin", "*"), Header("access-control-expose-headers", "*")],
            ),
            ("nobody else is told about pages", "GET", "/", &[], "", 200, 0, &[No("access-control-allow-origin")]),
            (
                "answers are not to be stored on the way",
                "GET",
                "/",
                &[],
                "",
                200,
                0,
                &[Header("cache-control", "no-store, no-cache")],
            ),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_ask_for_no_more_consistency_than_the_account_has() {
    let store = Store::start().await;
    let strong: &[(&str, &str)] = &[("x-ms-consistency-level", "Strong")];
    run(
        &store,
        &[
            ("as strong as the account", "GET", "/dbs", &[("x-ms-consistency-level", "Session")], "", 200, 0, &[]),
            ("weaker", "GET", "/dbs", &[("x-ms-consistency-level", "Eventual")], "", 200, 0, &[]),
            ("weaker, in any case", "GET", "/dbs", &[("x-ms-consistency-level", "consistentprefix")], "", 200, 0, &[]),
            ("stronger", "GET", "/dbs", strong, "", 400, 0, &[Text("stronger")]),
            ("stronger by one", "GET", "/dbs", &[("x-ms-consistency-level", "BoundedStaleness")], "", 400, 0, &[]),
            ("no level", "GET", "/dbs", &[("x-ms-consistency-level", "Best")], "", 400, 0, &[]),
        ],
    )
    .await;
    let properties =
        AccountProperties { default_consistency: ConsistencyLevel::Strong, ..AccountProperties::default() };
    store.set_properties(&properties).await;
    run(
        &store,
        &[
            ("an account of strong consistency takes it", "GET", "/dbs", strong, "", 200, 0, &[]),
            (
                "and tells it",
                "GET",
                "/",
                &[],
                "",
                200,
                0,
                &[Json("/userConsistencyPolicy/defaultConsistencyLevel", "\"Strong\"")],
            ),
        ],
    )
    .await;
    let properties =
        AccountProperties { default_consistency: ConsistencyLevel::BoundedStaleness, ..AccountProperties::default() };
    store.set_properties(&properties).await;
    run(
        &store,
        &[(
            "a bound is told with its figures",
            "GET",
            "/",
            &[],
            "",
            200,
            0,
            &[Any("date"), Text("maxStalenessPrefix")],
        )],
    )
    .await;
}

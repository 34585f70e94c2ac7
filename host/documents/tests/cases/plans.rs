//! Ranges and plans as clients read them (reference: sections 0.3, 0.4, 0.7, 0.8, 4.8 and 5).

use crate::table::Has::{Any, Empty, Json, No, Text};
use crate::table::run;
use crate::traps::{A, DOCS, QUERY, filled};

const PLAN: (&str, &str) = ("x-ms-cosmos-is-query-plan-request", "True");
const CROSS: (&str, &str) = ("x-ms-documentdb-query-enablecrosspartition", "True");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ranges_end_with_304_and_plans_make_no_items() {
    let store = filled("18000", "").await;
    let ranges = "/dbs/d/colls/c/pkranges";
    let feed = store.expect(200, "GET", ranges, &[("a-im", "Incremental Feed")], "").await;
    let etag = feed.header("etag").to_owned();
    let known = ("if-none-match", etag.as_str());
    let plan = r#"{"query":"SELECT VALUE COUNT(1) FROM c"}"#;
    let features = ("x-ms-cosmos-supported-query-features", "Aggregate, OrderBy, Distinct, Top, OffsetAndLimit");
    run(
        &store,
        &[
            (
                "ids are texts, and the ends are written",
                "GET",
                ranges,
                &[],
                "",
                200,
                0,
                &[
                    Json("/PartitionKeyRanges/0/id", "\"0\""),
                    Json("/PartitionKeyRanges/0/minInclusive", "\"\""),
                    Json("/PartitionKeyRanges/2/maxExclusive", "\"FF\""),
                    Json("/_count", "3"),
                ],
            ),
            (
                "clients ask until nothing is new",
                "GET",
                ranges,
                &[("a-im", "Incremental Feed"), known],
                "",
                304,
                0,
                &[Empty, Any("etag")],
            ),
            (
                "also with a slash at the end",
                "GET",
                "/dbs/d/colls/c/pkranges/",
                &[("a-im", "Incremental Feed"), known],
                "",
                304,
                0,
                &[],
            ),
            (
                "a plan is no query by its header alone",
                "POST",
                DOCS,
                &[PLAN, features],
                plan,
                200,
                0,
                &[
                    Json("/partitionedQueryExecutionInfoVersion", "2"),
                    Json("/queryInfo/aggregates/0", "\"Count\""),
                    Json("/queryRanges/0/max", "\"FF\""),
                ],
            ),
            (
                "a plan as plain JSON",
                "POST",
                DOCS,
                &[PLAN, features, ("content-type", "application/json")],
                plan,
                200,
                0,
                &[],
            ),
            (
                "a plan that the client cannot follow",
                "POST",
                DOCS,
                &[PLAN, ("x-ms-cosmos-supported-query-features", "OrderBy")],
                plan,
                400,
                0,
                &[],
            ),
            ("no item came of the plans", "GET", DOCS, &[], "", 200, 0, &[Json("/_count", "1")]),
            (
                "a query that needs a plan says so",
                "POST",
                DOCS,
                &[QUERY],
                r#"{"query":"SELECT * FROM c"}"#,
                400,
                1004,
                &[Any("x-ms-substatus"), Text("Cross partition query"), Text("additionalErrorInfo")],
            ),
            (
                "with the key it needs none",
                "POST",
                DOCS,
                &[QUERY, A],
                r#"{"query":"SELECT * FROM c"}"#,
                200,
                0,
                &[Json("/_count", "1"), Any("x-ms-session-token")],
            ),
            (
                "parameters may be null",
                "POST",
                DOCS,
                &[QUERY, A],
                r#"{"query":"SELECT * FROM c","parameters":null}"#,
                200,
                0,
                &[],
            ),
            (
                "a mistake is told with its place",
                "POST",
                DOCS,
                &[QUERY, A],
                r#"{"query":"SELEC * FROM c"}"#,
                400,
                0,
                &[Text("SC1001"), Text("location")],
            ),
            (
                "a function that there is not",
                "POST",
                DOCS,
                &[QUERY, A],
                r#"{"query":"SELECT NOSUCH(c.a) FROM c"}"#,
                400,
                0,
                &[Text("SC2005")],
            ),
            (
                "all figures of a query",
                "POST",
                DOCS,
                &[QUERY, A, ("x-ms-documentdb-populatequerymetrics", "true")],
                r#"{"query":"SELECT * FROM c"}"#,
                200,
                0,
                &[Any("x-ms-documentdb-query-metrics"), Any("x-ms-cosmos-query-execution-info")],
            ),
            (
                "a point for a key is no stretch",
                "POST",
                DOCS,
                &[QUERY, CROSS, ("x-ms-read-key-type", "EffectivePartitionKey")],
                r#"{"query":"SELECT * FROM c"}"#,
                400,
                0,
                &[],
            ),
            ("pages have at least one item", "GET", DOCS, &[("x-ms-max-item-count", "0")], "", 400, 0, &[]),
            (
                "or as many as the store likes",
                "GET",
                DOCS,
                &[("x-ms-max-item-count", "-1")],
                "",
                200,
                0,
                &[No("x-ms-continuation")],
            ),
        ],
    )
    .await;
    let metrics = store
        .expect(
            200,
            "POST",
            DOCS,
            &[QUERY, A, ("x-ms-documentdb-populatequerymetrics", "1")],
            r#"{"query":"SELECT * FROM c"}"#,
        )
        .await;
    assert_eq!(
        metrics.header("x-ms-documentdb-query-metrics").split(';').count(),
        16,
        "a missing figure is not a number"
    );
}

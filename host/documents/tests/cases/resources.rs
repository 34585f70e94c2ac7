//! Databases, containers, offers, ranges, scripts and what else is no item (reference: sections 1.2, 3 and 4).

use crate::client::Store;
use crate::table::Has::{Any, Empty, Header, Json, No, NoJson, Text};
use crate::table::run;

const QUERY: (&str, &str) = ("x-ms-documentdb-isquery", "True");
const V2: &str = r#"{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}"#;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn containers() {
    let store = Store::start().await;
    store.expect(201, "POST", "/dbs", &[], r#"{"id":"d"}"#).await;
    let key = r#""partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}"#;
    let with = |id: &str, more: &str| format!(r#"{{"id":"{id}",{key},{more}}}"#);
    let hier = r#"{"id":"hier","partitionKey":{"paths":["/a","/b","/c"],"kind":"MultiHash","version":2}}"#;
    let four = r#"{"id":"x","partitionKey":{"paths":["/a","/b","/c","/d"],"kind":"MultiHash","version":2}}"#;
    run(
        &store,
        &[
            (
                "a new one has defaults",
                "POST",
                "/dbs/d/colls",
                &[],
                V2,
                201,
                0,
                &[
                    Json("/indexingPolicy/indexingMode", "\"consistent\""),
                    Json("/indexingPolicy/automatic", "true"),
                    Json("/indexingPolicy/includedPaths/0/path", "\"/*\""),
                    NoJson("/indexingPolicy/includedPaths/1"),
                    Json("/indexingPolicy/excludedPaths/0/path", "\"/\\\"_etag\\\"/?\""),
                    NoJson("/indexingPolicy/excludedPaths/1"),
                ],
            ),
            (
                "and links",
                "GET",
                "/dbs/d/colls/c",
                &[],
                "",
                200,
                0,
                &[
                    Json("/_docs", "\"docs/\""),
                    Json("/_sprocs", "\"sprocs/\""),
                    Json("/_triggers", "\"triggers/\""),
                    Json("/_udfs", "\"udfs/\""),
                    Json("/_conflicts", "\"conflicts/\""),
                ],
            ),
            (
                "and conflict resolution",
                "GET",
                "/dbs/d/colls/c",
                &[],
                "",
                200,
                0,
                &[
                    Json("/conflictResolutionPolicy/mode", "\"LastWriterWins\""),
                    Json("/geospatialConfig/type", "\"Geography\""),
                ],
            ),
            (
                "its parent's names are told",
                "GET",
                "/dbs/d/colls/c",
                &[],
                "",
                200,
                0,
                &[Header("x-ms-alt-content-path", "dbs/d"), Any("x-ms-content-path")],
            ),
            (
                "indexes are complete",
                "GET",
                "/dbs/d/colls/c",
                &[],
                "",
                200,
                0,
                &[Header("x-ms-documentdb-collection-index-transformation-progress", "100")],
            ),
            (
                "no quota unless asked",
                "GET",
                "/dbs/d/colls/c",
                &[],
                "",
                200,
                0,
                &[No("x-ms-resource-usage"), NoJson("/statistics")],
            ),
            (
                "quota when asked",
                "GET",
                "/dbs/d/colls/c",
                &[("x-ms-documentdb-populatequotainfo", "True")],
                "",
                200,
                0,
                &[Any("x-ms-resource-usage"), Any("x-ms-resource-quota")],
            ),
            (
                "statistics when asked",
                "GET",
                "/dbs/d/colls/c",
                &[("x-ms-documentdb-populatepartitionstatistics", "true")],
                "",
                200,
                0,
                &[Json("/statistics/0/id", "\"0\""), Json("/statistics/0/documentCount", "0")],
            ),
            ("its name is taken", "POST", "/dbs/d/colls", &[], V2, 409, 0, &[]),
            (
                "in a database that is not there",
                "POST",
                "/dbs/none/colls",
                &[],
                V2,
                404,
                1003,
                &[Text("Owner resource does not exist")],
            ),
            ("a read of one in a database that is not there", "GET", "/dbs/none/colls/c", &[], "", 404, 1003, &[]),
            ("one that is not there", "GET", "/dbs/d/colls/none", &[], "", 404, 0, &[]),
            (
                "no version is version 1, and stays unsaid",
                "POST",
                "/dbs/d/colls",
                &[],
                r#"{"id":"v1","partitionKey":{"paths":["/pk"],"kind":"Hash"}}"#,
                201,
                0,
                &[NoJson("/partitionKey/version")],
            ),
            (
                "a hierarchical key",
                "POST",
                "/dbs/d/colls",
                &[],
                hier,
                201,
                0,
                &[Json("/partitionKey/kind", "\"MultiHash\"")],
            ),
            ("of three levels at most", "POST", "/dbs/d/colls", &[], four, 400, 0, &[]),
            (
                "a path begins with a slash",
                "POST",
                "/dbs/d/colls",
                &[],
                r#"{"id":"x","partitionKey":{"paths":["pk"],"kind":"Hash"}}"#,
                400,
                0,
                &[],
            ),
            (
                "a key has a path",
                "POST",
                "/dbs/d/colls",
                &[],
                r#"{"id":"x","partitionKey":{"paths":[],"kind":"Hash"}}"#,
                400,
                0,
                &[],
            ),
            (
                "a kind that there is not",
                "POST",
                "/dbs/d/colls",
                &[],
                r#"{"id":"x","partitionKey":{"paths":["/pk"],"kind":"Tree"}}"#,
                400,
                0,
                &[],
            ),
            ("a time to live of 0", "POST", "/dbs/d/colls", &[], &with("x", r#""defaultTtl":0"#), 400, 0, &[]),
            (
                "a time to live that is no number",
                "POST",
                "/dbs/d/colls",
                &[],
                &with("x", r#""defaultTtl":"1""#),
                400,
                0,
                &[],
            ),
            (
                "a time to live of -1",
                "POST",
                "/dbs/d/colls",
                &[],
                &with("ttl", r#""defaultTtl":-1"#),
                201,
                0,
                &[Json("/defaultTtl", "-1")],
            ),
            (
                "a mode of indexing that there is not",
                "POST",
                "/dbs/d/colls",
                &[],
                &with("x", r#""indexingPolicy":{"indexingMode":"often"}"#),
                400,
                0,
                &[],
            ),
            (
                "unique keys",
                "POST",
                "/dbs/d/colls",
                &[],
                &with("uk", r#""uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/email"]}]}"#),
                201,
                0,
                &[Json("/uniqueKeyPolicy/uniqueKeys/0/paths/0", "\"/email\"")],
            ),
            (
                "what nobody knows is kept",
                "POST",
                "/dbs/d/colls",
                &[],
                &with("more", r#""vectorEmbeddingPolicy":{"vectorEmbeddings":[]},"own":1.50"#),
                201,
                0,
                &[Text("\"own\":1.50"), Text("vectorEmbeddingPolicy")],
            ),
            (
                "computed properties",
                "POST",
                "/dbs/d/colls",
                &[],
                &with("comp", r#""computedProperties":[{"name":"low","query":"SELECT VALUE LOWER(c.name) FROM c"}]"#),
                201,
                0,
                &[Json("/computedProperties/0/name", "\"low\"")],
            ),
            (
                "a replacement changes the time to live",
                "PUT",
                "/dbs/d/colls/c",
                &[],
                &with("c", r#""defaultTtl":10"#),
                200,
                0,
                &[Json("/defaultTtl", "10")],
            ),
            ("which is read", "GET", "/dbs/d/colls/c", &[], "", 200, 0, &[Json("/defaultTtl", "10")]),
            (
                "it does not change the key",
                "PUT",
                "/dbs/d/colls/c",
                &[],
                r#"{"id":"c","partitionKey":{"paths":["/other"],"kind":"Hash","version":2}}"#,
                400,
                0,
                &[],
            ),
            (
                "nor unique keys",
                "PUT",
                "/dbs/d/colls/uk",
                &[],
                &with("uk", r#""uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/name"]}]}"#),
                400,
                0,
                &[],
            ),
            ("nor the id", "PUT", "/dbs/d/colls/c", &[], &with("e", r#""defaultTtl":10"#), 400, 0, &[]),
            ("nor what is not there", "PUT", "/dbs/d/colls/none", &[], V2, 404, 0, &[]),
            ("nor under another version", "PUT", "/dbs/d/colls/c", &[("if-match", "\"0\"")], V2, 412, 0, &[]),
            (
                "a list",
                "GET",
                "/dbs/d/colls",
                &[],
                "",
                200,
                0,
                &[Json("/_count", "7"), Text("\"DocumentCollections\":[")],
            ),
            (
                "a query",
                "POST",
                "/dbs/d/colls",
                &[QUERY],
                r#"{"query":"SELECT * FROM c WHERE c.defaultTtl = 10"}"#,
                200,
                0,
                &[Json("/_count", "1"), Json("/DocumentCollections/0/id", "\"c\"")],
            ),
            (
                "both kinds of throughput",
                "POST",
                "/dbs/d/colls",
                &[
                    ("x-ms-offer-throughput", "400"),
                    ("x-ms-cosmos-offer-autopilot-settings", "{\"maxThroughput\":1000}"),
                ],
                &with("x", r#""a":1"#),
                400,
                0,
                &[],
            ),
            ("deletion", "DELETE", "/dbs/d/colls/c", &[], "", 204, 0, &[Empty]),
            ("its items have no owner", "GET", "/dbs/d/colls/c/docs", &[], "", 404, 1003, &[]),
            ("nor its ranges", "GET", "/dbs/d/colls/c/pkranges", &[], "", 404, 1003, &[]),
            ("a database goes with all of it", "DELETE", "/dbs/d", &[], "", 204, 0, &[]),
            ("nothing of it is left", "GET", "/dbs/d/colls/uk", &[], "", 404, 1003, &[]),
            ("nor its offers", "GET", "/offers", &[], "", 200, 0, &[Json("/_count", "0")]),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offers_and_ranges_follow_throughput() {
    let store = Store::start().await;
    store.expect(201, "POST", "/dbs", &[], r#"{"id":"d"}"#).await;
    store.expect(201, "POST", "/dbs", &[("x-ms-offer-throughput", "800")], r#"{"id":"shared"}"#).await;
    for (id, throughput, ranges) in [("small", "400", 1), ("two", "11000", 2), ("five", "30000", 5)] {
        let body = V2.replace("\"c\"", &format!("\"{id}\""));
        store.expect(201, "POST", "/dbs/d/colls", &[("x-ms-offer-throughput", throughput)], &body).await;
        let answered = store.expect(200, "GET", &format!("/dbs/d/colls/{id}/pkranges"), &[], "").await;
        let list = answered.json()["PartitionKeyRanges"].as_array().unwrap().clone();
        assert_eq!(list.len(), ranges, "one range for 6000 request units: {id}");
        assert_eq!(
            (&list[0]["minInclusive"], &list[0]["id"]),
            (&"".into(), &"0".into()),
            "the first begins with nothing"
        );
        assert_eq!(list[ranges - 1]["maxExclusive"], "FF", "the last ends at FF");
        for two in list.windows(2) {
            assert_eq!(two[0]["maxExclusive"], two[1]["minInclusive"], "no gap");
        }
        for range in &list {
            assert!(range["id"].is_string() && range["parents"].is_array() && range["_lsn"].is_i64(), "{range}");
        }
        // Clients loop until there is nothing new.
        let etag = answered.header("etag").to_owned();
        let feed = [("a-im", "Incremental Feed"), ("if-none-match", etag.as_str())];
        let again = store.expect(304, "GET", &format!("/dbs/d/colls/{id}/pkranges/"), &feed, "").await;
        assert_eq!((again.header("etag"), again.body.as_str()), (etag.as_str(), ""));
    }
    store.expect(201, "POST", "/dbs/shared/colls", &[], V2).await;
    let scaled = [("x-ms-cosmos-offer-autopilot-settings", "{\"maxThroughput\":4000}")];
    store.expect(201, "POST", "/dbs/shared/colls", &scaled, &V2.replace("\"c\"", "\"own\"")).await;
    let two = store.expect(200, "GET", "/dbs/d/colls/two", &[], "").await.json();
    let (link, rid) = (two["_self"].as_str().unwrap(), two["_rid"].as_str().unwrap());
    let by_link = format!(r#"{{"query":"SELECT * FROM root r WHERE r.resource='{link}'"}}"#);
    let by_rid = format!(
        r#"{{"query":"SELECT * FROM root r WHERE r.offerResourceId=@r","parameters":[{{"name":"@r","value":"{rid}"}}]}}"#
    );
    let found = store.expect(200, "POST", "/offers", &[QUERY], &by_link).await.json();
    assert_eq!((&found["_count"], &found["Offers"][0]["content"]["offerThroughput"]), (&1.into(), &11_000.into()));
    assert_eq!(found["Offers"], store.expect(200, "POST", "/offers/", &[QUERY], &by_rid).await.json()["Offers"]);
    let mut offer = found["Offers"][0].clone();
    let path = format!("/offers/{}", offer["id"].as_str().unwrap());
    let shared = store.expect(200, "GET", "/dbs/shared/colls/c", &[], "").await.json();
    let of_shared =
        format!(r#"{{"query":"SELECT * FROM root r WHERE r.resource='{}'"}}"#, shared["_self"].as_str().unwrap());
    run(
        &store,
        &[
            (
                "five of them: of four containers and a database",
                "GET",
                "/offers",
                &[],
                "",
                200,
                0,
                &[Json("/_count", "5")],
            ),
            (
                "a container that shares has none of its own",
                "POST",
                "/offers",
                &[QUERY],
                &of_shared,
                200,
                0,
                &[Json("/_count", "0")],
            ),
            (
                "one is read",
                "GET",
                &path,
                &[],
                "",
                200,
                0,
                &[
                    Header("x-ms-offer-replace-pending", "false"),
                    Header("x-ms-cosmos-min-throughput", "400"),
                    Json("/offerVersion", "\"V2\""),
                ],
            ),
            ("offers are not made", "POST", "/offers", &[], "{}", 405, 0, &[]),
            ("nor deleted", "DELETE", &path, &[], "", 405, 0, &[]),
            ("one that is not there", "GET", "/offers/AAAA", &[], "", 404, 0, &[]),
            ("what is no RID", "GET", "/offers/offer", &[], "", 404, 0, &[]),
        ],
    )
    .await;
    for (why, throughput, status) in [("more", 12_000, 200), ("not a hundred", 450, 400), ("too little", 300, 400)] {
        offer["content"]["offerThroughput"] = throughput.into();
        let answered = store.ask("PUT", &path).body(offer.to_string()).send().await;
        assert_eq!(answered.status, status, "{why}: {answered:?}");
    }
    let read = store.expect(200, "GET", &path, &[], "").await.json();
    assert_eq!(read["content"]["offerThroughput"], 12_000);
    assert_eq!(read["resource"], link, "byte for byte what the container says of itself");
    offer["id"] = "AAAA".into();
    assert_eq!(store.ask("PUT", &path).body(offer.to_string()).send().await.status, 400, "another id");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_are_stored_and_listed() {
    let store = Store::start().await;
    store.expect(201, "POST", "/dbs", &[], r#"{"id":"d"}"#).await;
    store.expect(201, "POST", "/dbs/d/colls", &[], V2).await;
    let upsert: &[(&str, &str)] = &[("x-ms-documentdb-is-upsert", "True")];
    run(
        &store,
        &[
            (
                "a stored procedure",
                "POST",
                "/dbs/d/colls/c/sprocs",
                &[],
                r#"{"id":"s p","body":"function () {}"}"#,
                201,
                0,
                &[Any("etag"), Text("/sprocs/"), Header("x-ms-alt-content-path", "dbs/d/colls/c")],
            ),
            (
                "is not compiled when it is stored",
                "POST",
                "/dbs/d/colls/c/sprocs",
                &[],
                r#"{"id":"bad","body":"serverScript() { var x = 10; }"}"#,
                201,
                0,
                &[],
            ),
            (
                "its name may have spaces",
                "GET",
                "/dbs/d/colls/c/sprocs/s%20p",
                &[],
                "",
                200,
                0,
                &[Json("/body", "\"function () {}\"")],
            ),
            ("and is taken", "POST", "/dbs/d/colls/c/sprocs", &[], r#"{"id":"s p","body":""}"#, 409, 0, &[]),
            (
                "an upsert replaces",
                "POST",
                "/dbs/d/colls/c/sprocs",
                upsert,
                r#"{"id":"s p","body":"2"}"#,
                200,
                0,
                &[Json("/body", "\"2\"")],
            ),
            ("an upsert creates", "POST", "/dbs/d/colls/c/sprocs", upsert, r#"{"id":"new","body":"3"}"#, 201, 0, &[]),
            ("it has a text", "POST", "/dbs/d/colls/c/sprocs", &[], r#"{"id":"x"}"#, 400, 0, &[]),
            (
                "it may get another name",
                "PUT",
                "/dbs/d/colls/c/sprocs/new",
                &[],
                r#"{"id":"newer","body":"3"}"#,
                200,
                0,
                &[Json("/id", "\"newer\"")],
            ),
            (
                "a list",
                "GET",
                "/dbs/d/colls/c/sprocs",
                &[],
                "",
                200,
                0,
                &[Json("/_count", "3"), Text("\"StoredProcedures\":[")],
            ),
            (
                "a query",
                "POST",
                "/dbs/d/colls/c/sprocs",
                &[QUERY],
                r#"{"query":"SELECT * FROM s WHERE s.id = 'bad'"}"#,
                200,
                0,
                &[Json("/_count", "1")],
            ),
            (
                "running one is not done here, and said so",
                "POST",
                "/dbs/d/colls/c/sprocs/bad",
                &[],
                "[]",
                400,
                0,
                &[Text("stored procedures")],
            ),
            ("deletion", "DELETE", "/dbs/d/colls/c/sprocs/bad", &[], "", 204, 0, &[]),
            (
                "a trigger",
                "POST",
                "/dbs/d/colls/c/triggers",
                &[],
                r#"{"id":"t","body":"x","triggerType":"Pre","triggerOperation":"All"}"#,
                201,
                0,
                &[Text("/triggers/")],
            ),
            (
                "has a type",
                "POST",
                "/dbs/d/colls/c/triggers",
                &[],
                r#"{"id":"x","body":"x","triggerType":"Mid","triggerOperation":"All"}"#,
                400,
                0,
                &[],
            ),
            (
                "and an operation",
                "POST",
                "/dbs/d/colls/c/triggers",
                &[],
                r#"{"id":"x","body":"x","triggerType":"Post"}"#,
                400,
                0,
                &[],
            ),
            (
                "triggers are listed",
                "GET",
                "/dbs/d/colls/c/triggers",
                &[],
                "",
                200,
                0,
                &[Json("/Triggers/0/triggerType", "\"Pre\"")],
            ),
            ("a function", "POST", "/dbs/d/colls/c/udfs", &[], r#"{"id":"f","body":"x"}"#, 201, 0, &[Text("/udfs/")]),
            (
                "functions are listed",
                "GET",
                "/dbs/d/colls/c/udfs",
                &[],
                "",
                200,
                0,
                &[Json("/UserDefinedFunctions/0/id", "\"f\"")],
            ),
            (
                "each kind has its own names",
                "POST",
                "/dbs/d/colls/c/udfs",
                &[],
                r#"{"id":"t","body":"x"}"#,
                201,
                0,
                &[],
            ),
            (
                "conflicts there are none",
                "GET",
                "/dbs/d/colls/c/conflicts",
                &[],
                "",
                200,
                0,
                &[Json("/Conflicts", "[]"), Json("/_count", "0")],
            ),
            (
                "nor are any found",
                "POST",
                "/dbs/d/colls/c/conflicts",
                &[QUERY],
                r#"{"query":"SELECT * FROM c"}"#,
                200,
                0,
                &[Json("/_count", "0")],
            ),
            ("one of them is not there", "GET", "/dbs/d/colls/c/conflicts/x", &[], "", 404, 0, &[]),
            (
                "a client encryption key",
                "POST",
                "/dbs/d/clientencryptionkeys",
                &[],
                r#"{"id":"k","encryptionAlgorithm":"AEAD_AES_256_CBC_HMAC_SHA256","wrappedDataEncryptionKey":"AA=="}"#,
                201,
                0,
                &[Text("/clientencryptionkeys/")],
            ),
            (
                "is listed",
                "GET",
                "/dbs/d/clientencryptionkeys",
                &[],
                "",
                200,
                0,
                &[Json("/ClientEncryptionKeys/0/id", "\"k\"")],
            ),
            (
                "in a container that is not there",
                "POST",
                "/dbs/d/colls/none/sprocs",
                &[],
                r#"{"id":"s","body":"x"}"#,
                404,
                1003,
                &[],
            ),
        ],
    )
    .await;
}

//! Offers and partition key ranges (reference: sections 0.3, 0.4, 0.17, 4.7 and 4.8).

use super::{QUERY, V2};
use crate::client::Store;
use crate::table::Has::{Header, Json};
use crate::table::run;

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

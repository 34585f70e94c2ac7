//! Who may do what: signatures, keys, clocks (reference: sections 2.1 to 2.3 and 2.5).

use std::time::Duration;

use hearth_documents::protocol::account::AccountName;
use hearth_documents::protocol::http_date;
use hearth_documents::protocol::signature::{AccountKey, SignedParts};
use hearth_model::clock::Clock;
use hearth_state::documents::DocumentKeyName;

use crate::client::Store;

const COLLECTION: &str = r#"{"id":"Co","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}"#;
const KEY: (&str, &str) = ("x-ms-documentdb-partitionkey", "[\"a\"]");

async fn filled() -> Store {
    let store = Store::start().await;
    store.expect(201, "POST", "/dbs", &[], r#"{"id":"Db"}"#).await;
    store.expect(201, "POST", "/dbs/Db/colls", &[], COLLECTION).await;
    store.expect(201, "POST", "/dbs/Db/colls/Co/docs", &[KEY], r#"{"id":"A 1","pk":"a"}"#).await;
    store
}

/// Sends a request with this instead of a signature.
async fn with(store: &Store, authorization: &str) -> (u16, String) {
    let answered = store.ask("GET", "/dbs/Db").authorization(authorization).send().await;
    (answered.status, answered.body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_signed_right_is_refused_with_401() {
    let store = filled().await;
    let zeros = "A".repeat(43) + "=";
    for (why, authorization) in [
        ("nothing at all", ""),
        ("another scheme", "Bearer abc"),
        ("no signature", "type%3Dmaster%26ver%3D1.0"),
        ("an empty signature", "type%3Dmaster%26ver%3D1.0%26sig%3D"),
        ("a signature that is too short", "type%3Dmaster%26ver%3D1.0%26sig%3DYWJj"),
        ("a wrong signature", &format!("type%3Dmaster%26ver%3D1.0%26sig%3D{zeros}")),
        ("a token of an identity provider", "type%3Daad%26ver%3D1.0%26sig%3DeyJ0eXAiOiJKV1QifQ.e30."),
        ("a resource token of another installation", "type%3Dresource%26ver%3D1.0%26sig%3DYWJj%3BYWJj%3B"),
        ("a resource token that is none", "type%3Dresource%26ver%3D1.0%26sig%3Dabc"),
        ("an unknown type", "type%3Dguest%26ver%3D1.0%26sig%3Dabc"),
    ] {
        let (status, body) = with(&store, authorization).await;
        assert_eq!(status, 401, "{why}: {body}");
        assert!(body.contains("Unauthorized"), "{why}: {body}");
    }
    let (_, body) = with(&store, &format!("type%3Dmaster%26ver%3D1.0%26sig%3D{zeros}")).await;
    assert!(body.contains("The input authorization token can't serve the request"), "clients look for it: {body}");
    assert!(
        body.contains("The MAC signature found in the HTTP request is not the same"),
        "clients look for it: {body}"
    );
    assert!(body.contains("get\\\\ndbs\\\\ndbs/Db"), "what was signed here helps whoever writes a client: {body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_covers_verb_type_link_and_date() {
    let store = filled().await;
    let date = http_date(store.clock.now());
    let right = SignedParts { method: "GET", resource_type: "docs", ms_date: &date, date: "" };
    let link = "dbs/Db/colls/Co/docs/A 1";
    for (why, status, signed, link) in [
        ("as it should be", 200, right, link),
        ("another verb", 401, SignedParts { method: "PUT", ..right }, link),
        ("another type", 401, SignedParts { resource_type: "colls", ..right }, link),
        ("the feed in place of the item", 401, right, "dbs/Db/colls/Co"),
        ("names in lower case", 401, right, "dbs/db/colls/co/docs/a 1"),
        ("another item", 401, right, "dbs/Db/colls/Co/docs/A 2"),
        ("the link as it travels", 200, right, "dbs/Db/colls/Co/docs/A%201"),
        ("another date than the header", 401, SignedParts { ms_date: "Thu, 27 Apr 2017 00:51:12 GMT", ..right }, link),
        (
            "the case of verb and type does not count",
            200,
            SignedParts { method: "get", resource_type: "DOCS", ..right },
            link,
        ),
    ] {
        let authorization = signed.authorization(&store.keys[0], link);
        let ask = store.ask("GET", "/dbs/Db/colls/Co/docs/A%201").headers(&[KEY]).header("x-ms-date", &date);
        let answered = ask.authorization(&authorization).send().await;
        assert_eq!(answered.status, status, "{why}: {answered:?}");
    }
    // Each encoding that clients use: once, not at all, twice.
    let once = right.authorization(&store.keys[0], link);
    let plain = percent_decoded(&once);
    for (why, header) in [("once", once.clone()), ("not at all", plain), ("twice", once.replace('%', "%25"))] {
        let ask = store.ask("GET", "/dbs/Db/colls/Co/docs/A%201").headers(&[KEY]).header("x-ms-date", &date);
        assert_eq!(ask.authorization(&header).send().await.status, 200, "escaped {why}");
    }
}

fn percent_decoded(text: &str) -> String {
    text.replace("%3d", "=").replace("%26", "&").replace("%2b", "+").replace("%2f", "/")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn feeds_sign_their_parent_and_rids_the_last_one() {
    let store = filled().await;
    let database = store.expect(200, "GET", "/dbs/Db", &[], "").await.json();
    let container = store.expect(200, "GET", "/dbs/Db/colls/Co", &[], "").await.json();
    let rid = |value: &serde_json::Value| value["_rid"].as_str().unwrap().to_owned();
    let (database, container) = (rid(&database), rid(&container));
    let offers = store.expect(200, "GET", "/offers", &[], "").await.json();
    let offer = rid(&offers["Offers"][0]);
    for (why, status, path, link) in [
        ("the list of databases signs nothing", 200, "/dbs".to_owned(), String::new()),
        ("with a slash at its end too", 200, "/dbs/".to_owned(), String::new()),
        ("containers sign their database", 200, "/dbs/Db/colls".to_owned(), "dbs/Db".to_owned()),
        ("items sign their container", 200, "/dbs/Db/colls/Co/docs".to_owned(), "dbs/Db/colls/Co".to_owned()),
        ("a list does not sign its own path", 401, "/dbs/Db/colls".to_owned(), "dbs/Db/colls".to_owned()),
        ("a database by its RID", 200, format!("/dbs/{database}"), database.to_lowercase()),
        (
            "a container by its RIDs signs the last",
            200,
            format!("/dbs/{database}/colls/{container}"),
            container.to_lowercase(),
        ),
        (
            "a feed by RIDs signs its parent's",
            200,
            format!("/dbs/{database}/colls/{container}/docs"),
            container.to_lowercase(),
        ),
        ("ranges by RIDs too", 200, format!("/dbs/{database}/colls/{container}/pkranges"), container.to_lowercase()),
        ("an offer by its RID", 200, format!("/offers/{offer}"), offer.to_lowercase()),
        ("offers sign nothing", 200, "/offers".to_owned(), String::new()),
    ] {
        let answered = store.ask("GET", &path).signing(&link).send().await;
        assert_eq!(answered.status, status, "{why}: {path} {answered:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clocks_may_differ_by_a_quarter_of_an_hour() {
    let store = filled().await;
    let now = store.clock.now();
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    for (why, status, at) in [
        ("now", 200, now),
        ("a little behind", 200, now.minus(minutes(14))),
        ("a little ahead", 200, now.plus(minutes(14))),
        ("too far behind", 403, now.minus(minutes(16))),
        ("too far ahead", 403, now.plus(minutes(16))),
    ] {
        let date = http_date(at);
        let by_own = store.ask("GET", "/dbs").header("x-ms-date", &date).send().await;
        assert_eq!(by_own.status, status, "{why}: {by_own:?}");
        let by_standard = store.ask("GET", "/dbs").header("date", &date).send().await;
        assert_eq!(by_standard.status, status, "{why}, with the standard header: {by_standard:?}");
    }
    let answered = store.ask("GET", "/dbs").header("x-ms-date", "yesterday").send().await;
    assert_eq!(answered.status, 401, "no date: {answered:?}");
    let later = now.plus(minutes(20 * 24 * 60));
    store.clock.set(later);
    let single_digit = http_date(later).replace("04 Feb", "4 Feb");
    assert_eq!(single_digit, "Thu, 4 Feb 2027 08:00:00 GMT");
    assert_eq!(store.ask("GET", "/dbs").header("x-ms-date", &single_digit).send().await.status, 200, "{single_digit}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_for_reading_read() {
    let store = filled().await;
    let query = r#"{"query":"SELECT * FROM c"}"#;
    let is_query: &[(&str, &str)] = &[("x-ms-documentdb-isquery", "True"), KEY];
    let is_plan: &[(&str, &str)] = &[("x-ms-cosmos-is-query-plan-request", "True")];
    let item = r#"{"id":"2","pk":"a"}"#;
    let batch: &[(&str, &str)] = &[KEY, ("x-ms-cosmos-is-batch-request", "True"), ("x-ms-cosmos-batch-atomic", "True")];
    for key in 2..4 {
        for (why, reads, method, path, headers, body) in [
            ("the account", true, "GET", "/", &[][..], ""),
            ("databases", true, "GET", "/dbs", &[], ""),
            ("an item", true, "GET", "/dbs/Db/colls/Co/docs/A%201", &[KEY], ""),
            ("a list", true, "GET", "/dbs/Db/colls/Co/docs", &[], ""),
            ("ranges", true, "GET", "/dbs/Db/colls/Co/pkranges", &[], ""),
            ("a change feed", true, "GET", "/dbs/Db/colls/Co/docs", &[("a-im", "Incremental Feed")], ""),
            ("a query", true, "POST", "/dbs/Db/colls/Co/docs", is_query, query),
            ("a plan", true, "POST", "/dbs/Db/colls/Co/docs", is_plan, query),
            ("a new database", false, "POST", "/dbs", &[], r#"{"id":"x"}"#),
            ("a new item", false, "POST", "/dbs/Db/colls/Co/docs", &[KEY], item),
            ("an upsert", false, "POST", "/dbs/Db/colls/Co/docs", &[KEY, ("x-ms-documentdb-is-upsert", "true")], item),
            ("a replacement", false, "PUT", "/dbs/Db/colls/Co/docs/A%201", &[KEY], r#"{"id":"A 1","pk":"a"}"#),
            ("a patch", false, "PATCH", "/dbs/Db/colls/Co/docs/A%201", &[KEY], "[]"),
            ("a batch", false, "POST", "/dbs/Db/colls/Co/docs", batch, "[]"),
            ("a deletion", false, "DELETE", "/dbs/Db/colls/Co/docs/A%201", &[KEY], ""),
            ("a container's deletion", false, "DELETE", "/dbs/Db/colls/Co", &[], ""),
        ] {
            let answered = store.ask(method, path).headers(headers).body(body).key(key).send().await;
            assert_eq!(answered.status, if reads { 200 } else { 403 }, "{why} with key {key}: {answered:?}");
        }
    }
    for key in 0..2 {
        let body = format!(r#"{{"id":"k{key}"}}"#);
        assert_eq!(store.ask("POST", "/dbs").body(body).key(key).send().await.status, 201, "key {key} writes");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_was_renewed_opens_nothing_more() {
    let store = filled().await;
    assert_eq!(store.ask("GET", "/dbs").key(0).send().await.status, 200);
    assert!(store.service.renew_key("shop", DocumentKeyName::Primary).await.unwrap());
    assert_eq!(store.ask("GET", "/dbs").key(0).send().await.status, 401);
    assert_eq!(store.ask("GET", "/dbs").key(1).send().await.status, 200, "the other one still does");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_opens_its_account_alone() {
    let store = filled().await;
    store.service.create_account(&AccountName::parse("other").unwrap()).await.unwrap();
    let other: AccountKey = store.service.account("other").await.unwrap().unwrap().keys[0].clone();
    let date = http_date(store.clock.now());
    let signed = |kind, link: &str| {
        SignedParts { method: "GET", resource_type: kind, ms_date: &date, date: "" }.authorization(&other, link)
    };
    let ask = |path: &'static str| store.ask("GET", path).header("x-ms-date", &date);
    let account = ask("/").authorization(&signed("", "")).send().await;
    assert_eq!((account.status, &account.json()["id"]), (200, &"other".into()), "the key tells the account");
    let databases = ask("/dbs").authorization(&signed("dbs", "")).send().await;
    assert_eq!(databases.json()["_count"], 0, "and what is in it");
    let missing = ask("/dbs/Db").authorization(&signed("dbs", "dbs/Db")).send().await;
    assert_eq!(missing.status, 404, "nothing of another account is seen");
    let hosted = ask("/dbs").header("host", "shop.example.com").authorization(&signed("dbs", "")).send().await;
    assert_eq!(hosted.status, 401, "a host that names an account takes its keys alone");
    assert_eq!(store.ask("GET", "/dbs").send().await.json()["_count"], 1, "the first account is as it was");
}

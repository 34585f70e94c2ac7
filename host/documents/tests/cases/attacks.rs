//! What somebody tries who has a key for reading, a token for a little, or another account.

use std::time::Duration;

use hearth_documents::protocol::account::AccountName;
use hearth_documents::service::ServiceOptions;
use hearth_state::documents::DocumentKeyName;

use crate::client::{Answered, Store};

pub(crate) const A: (&str, &str) = ("x-ms-documentdb-partitionkey", "[\"a\"]");
pub(crate) const QUERY: (&str, &str) = ("x-ms-documentdb-isquery", "True");
pub(crate) const CROSS: (&str, &str) = ("x-ms-documentdb-query-enablecrosspartition", "True");
pub(crate) const DOCS: &str = "/dbs/d/colls/c/docs";

pub(crate) async fn filled() -> Store {
    let store = Store::start().await;
    store.expect(201, "POST", "/dbs", &[], r#"{"id":"d"}"#).await;
    let ranges = [("x-ms-offer-throughput", "30000")];
    let container = r#"{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}"#;
    store.expect(201, "POST", "/dbs/d/colls", &ranges, container).await;
    for key in ["a", "b"] {
        let header = ("x-ms-documentdb-partitionkey", &*format!("[\"{key}\"]"));
        store.expect(201, "POST", DOCS, &[header], &format!(r#"{{"id":"1","pk":"{key}","secret":"{key}"}}"#)).await;
    }
    store.expect(201, "POST", "/dbs/d/users", &[], r#"{"id":"u"}"#).await;
    store
}

async fn token(store: &Store, id: &str, resource: &str, key: Option<&str>) -> String {
    let key = key.map(|key| format!(r#","resourcePartitionKey":["{key}"]"#)).unwrap_or_default();
    let body = format!(r#"{{"id":"{id}","permissionMode":"All","resource":"{resource}"{key}}}"#);
    let made = store.expect(201, "POST", "/dbs/d/users/u/permissions", &[], &body).await;
    made.json()["_token"].as_str().unwrap().replace('+', "%2B")
}

type Tried<'a> = (&'a str, &'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_for_reading_writes_by_no_way() {
    let store = filled().await;
    let item = r#"{"id":"2","pk":"a"}"#;
    let batch = r#"[{"operationType":"Create","resourceBody":{"id":"2","pk":"a"}}]"#;
    let reads = r#"[{"operationType":"Read","id":"1","partitionKey":"[\"a\"]"}]"#;
    let (is_batch, upsert) = (("x-ms-cosmos-is-batch-request", "True"), ("x-ms-documentdb-is-upsert", "True"));
    let atomic = ("x-ms-cosmos-batch-atomic", "True");
    let tried: &[Tried<'_>] = &[
        ("a create", "POST", DOCS, &[A], item),
        ("an upsert", "POST", DOCS, &[A, upsert], item),
        ("a replacement", "PUT", "/dbs/d/colls/c/docs/1", &[A], item),
        ("a patch", "PATCH", "/dbs/d/colls/c/docs/1", &[A], "[]"),
        ("a deletion", "DELETE", "/dbs/d/colls/c/docs/1", &[A], ""),
        ("a batch", "POST", DOCS, &[A, is_batch, atomic], batch),
        ("a bulk", "POST", DOCS, &[is_batch], batch),
        ("a bulk of reads, whose body nobody has looked at yet", "POST", DOCS, &[is_batch], reads),
        ("a query that is a batch", "POST", DOCS, &[A, is_batch, ("x-ms-documentdb-isquery", "yes")], batch),
        ("all items of a key", "POST", "/dbs/d/colls/c/operations/partitionkeydelete", &[A], ""),
        ("running a script", "POST", "/dbs/d/colls/c/sprocs/s", &[A], "[]"),
        ("a script", "POST", "/dbs/d/colls/c/sprocs", &[], r#"{"id":"s","body":""}"#),
        ("a container", "POST", "/dbs/d/colls", &[], r#"{"id":"x","partitionKey":{"paths":["/pk"]}}"#),
        ("its replacement", "PUT", "/dbs/d/colls/c", &[], "{}"),
        ("its deletion", "DELETE", "/dbs/d/colls/c", &[], ""),
        ("a database", "POST", "/dbs", &[], r#"{"id":"x"}"#),
        ("a user", "POST", "/dbs/d/users", &[], r#"{"id":"x"}"#),
        (
            "a permission",
            "POST",
            "/dbs/d/users/u/permissions",
            &[],
            r#"{"id":"x","permissionMode":"All","resource":"dbs/d"}"#,
        ),
        ("the permissions, which hold tokens that allow more", "GET", "/dbs/d/users/u/permissions", &[], ""),
        ("the same by a query", "POST", "/dbs/d/users/u/permissions", &[QUERY], r#"{"query":"SELECT * FROM c"}"#),
        ("one of them", "GET", "/dbs/d/users/u/permissions/p", &[], ""),
    ];
    token(&store, "p", "dbs/d/colls/c", None).await;
    for (why, method, path, headers, body) in tried {
        for key in [2, 3] {
            let answered = store.ask(method, path).headers(headers).body(*body).key(key).send().await;
            assert_eq!(answered.status, 403, "{why}: {answered:?}");
            assert!(!answered.body.contains("type=resource"), "{why}: {answered:?}");
        }
    }
    let query =
        store.ask("POST", DOCS).headers(&[QUERY, CROSS]).body(r#"{"query":"SELECT * FROM c"}"#).key(2).send().await;
    assert_eq!(query.status, 200, "a query is no write: {query:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_does_not_leave_what_it_was_made_for() {
    let store = filled().await;
    let of_key = token(&store, "k", "dbs/d/colls/c", Some("a")).await;
    let of_item = token(&store, "i", "dbs/d/colls/c/docs/1", Some("a")).await;
    let of_container = token(&store, "c", "dbs/d/colls/c", None).await;
    let by = async |token: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str| -> Answered {
        store.ask(method, path).headers(headers).body(body).authorization(token).send().await
    };
    let rows = r#"{"query":"SELECT * FROM c WHERE c.pk = 'b'"}"#;
    let is_batch = ("x-ms-cosmos-is-batch-request", "True");
    let (atomic, on) = (("x-ms-cosmos-batch-atomic", "True"), ("x-ms-cosmos-batch-continue-on-error", "True"));
    let other = r#"[{"operationType":"Create","partitionKey":"[\"b\"]","resourceBody":{"id":"9","pk":"b"}}]"#;
    let both = r#"[{"operationType":"Read","id":"1","partitionKey":"[ \"a\" ]"},{"operationType":"Read","id":"1","partitionKey":"[\"b\"]"}]"#;
    let plain = r#"[{"operationType":"Create","resourceBody":{"id":"9","pk":"b"}}]"#;
    let change = ("a-im", "Incremental Feed");
    for (why, method, path, headers, body) in [
        ("a bulk that names another key", "POST", DOCS, &[A, is_batch, on][..], other),
        ("a bulk of reads, one of another key", "POST", DOCS, &[A, is_batch, on], both),
        ("a bulk without a key", "POST", DOCS, &[is_batch, on], other),
        ("a batch whose operation names another key", "POST", DOCS, &[A, is_batch, atomic], other),
        ("a feed of a range", "GET", DOCS, &[change, ("x-ms-documentdb-partitionkeyrangeid", "0")], ""),
        ("a feed of a stretch of keys", "GET", DOCS, &[change, ("x-ms-start-epk", ""), ("x-ms-end-epk", "FF")], ""),
        ("a list of a range", "GET", DOCS, &[("x-ms-documentdb-partitionkeyrangeid", "0")], ""),
        ("a query over all", "POST", DOCS, &[QUERY, CROSS], rows),
        ("a query over the ranges", "POST", "/dbs/d/colls/c/pkranges", &[QUERY, A], rows),
        ("the container's replacement", "PUT", "/dbs/d/colls/c", &[A], "{}"),
        ("the container's deletion", "DELETE", "/dbs/d/colls/c", &[A], ""),
        ("the same in capitals", "DELETE", "/DBS/d/COLLS/c", &[A], ""),
        ("the same with slashes", "DELETE", "//dbs//d/colls/c/", &[A], ""),
        (
            "all items of another key",
            "POST",
            "/dbs/d/colls/c/operations/partitionkeydelete",
            &[("x-ms-documentdb-partitionkey", "[\"b\"]")],
            "",
        ),
        (
            "a key in other words",
            "GET",
            "/dbs/d/colls/c/docs/1",
            &[("x-ms-documentdb-partitionkey", "[\"\\u0062\"]")],
            "",
        ),
        ("two headers", "GET", "/dbs/d/colls/c/docs/1", &[("x-ms-documentdb-partitionkey", "[\"b\"]"), A], ""),
    ] {
        for token in [&of_key, &of_item] {
            let answered = by(token, method, path, headers, body).await;
            assert_eq!(answered.status, 403, "{why}: {answered:?}");
            assert!(!answered.body.contains("secret"), "{why}: {answered:?}");
        }
    }
    let answered = by(&of_key, "POST", DOCS, &[A, is_batch, on], plain).await;
    assert_eq!(
        (answered.status, answered.json()[0]["statusCode"].as_u64()),
        (207, Some(400)),
        "its body's key counts: {answered:?}"
    );
    for (why, headers) in [
        ("a query with the key finds nothing of another", &[QUERY, A][..]),
        ("also over all", &[QUERY, A, CROSS]),
        ("also with a range that has another", &[QUERY, A, CROSS, ("x-ms-documentdb-partitionkeyrangeid", "0")]),
        ("also with a stretch of keys", &[QUERY, A, CROSS, ("x-ms-start-epk", ""), ("x-ms-end-epk", "FF")]),
    ] {
        let answered = by(&of_key, "POST", DOCS, headers, rows).await;
        assert_eq!((answered.status, answered.json()["_count"].as_u64()), (200, Some(0)), "{why}: {answered:?}");
    }
    let fed = by(&of_key, "GET", DOCS, &[A, change], "").await;
    assert!(fed.status == 200 && fed.body.contains("\"a\"") && !fed.body.contains("\"b\""), "{fed:?}");
    // A container's token does what there is in it, and nothing with it.
    for (method, path, body) in
        [("PUT", "/dbs/d/colls/c", "{}"), ("DELETE", "/dbs/d/colls/c", ""), ("DELETE", "/%64bs/d/colls/c", "")]
    {
        let answered = by(&of_container, method, path, &[], body).await;
        assert!(matches!(answered.status, 403 | 404), "{method} {path}: {answered:?}");
    }
    store.expect(200, "GET", "/dbs/d/colls/c", &[], "").await;
    // Names have their case, also where a token looks for them.
    let body = r#"{"id":"C","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}"#;
    store.expect(201, "POST", "/dbs/d/colls", &[], body).await;
    for path in ["/dbs/d/colls/C/docs", "/dbs/d/colls/%43/docs"] {
        assert_eq!(by(&of_container, "GET", path, &[], "").await.status, 403, "{path}");
    }
    assert_eq!(
        by(&of_container, "GET", "/dbs/%64/colls/%63/docs/%31", &[A], "").await.status,
        200,
        "an escape is no other name"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_do_not_see_each_other() {
    let store = filled().await;
    store.service.create_account(&AccountName::parse("thief").unwrap()).await.unwrap();
    let thief = store.service.account("thief").await.unwrap().unwrap();
    let key = &thief.keys[0];
    let own = token(&store, "c", "dbs/d/colls/c", None).await;
    let headers = [A, ("slug", "m"), ("content-type", "text/plain")];
    let media = store.expect(201, "POST", "/dbs/d/colls/c/docs/1/attachments", &headers, "secret").await.json();
    let link = |of: &serde_json::Value| format!("/{}", of["_self"].as_str().unwrap().trim_end_matches('/'));
    let item = link(&store.expect(200, "GET", "/dbs/d/colls/c/docs/1", &[A], "").await.json());
    let container = link(&store.expect(200, "GET", "/dbs/d/colls/c", &[], "").await.json());
    let database = link(&store.expect(200, "GET", "/dbs/d", &[], "").await.json());
    let user = link(&store.expect(200, "GET", "/dbs/d/users/u", &[], "").await.json());
    let permission = link(&store.expect(200, "GET", "/dbs/d/users/u/permissions/c", &[], "").await.json());
    let offer = link(&store.expect(200, "GET", "/offers", &[], "").await.json()["Offers"][0]);
    let media = media["media"].as_str().unwrap().to_owned();
    // What it makes under the same names is its own, and mixes with nothing.
    let made = store.ask("POST", "/dbs").body(r#"{"id":"d"}"#).by(key).send().await;
    assert_eq!(made.status, 201, "{made:?}");
    let mixed = format!("/dbs/d{}", container.strip_prefix(&database).unwrap());
    for path in [
        &item,
        &container,
        &database,
        &user,
        &permission,
        &offer,
        &media,
        &mixed,
        "/dbs/d/colls/c",
        &format!("{container}/docs"),
        &format!("{container}/pkranges"),
        &format!("{user}/permissions"),
        &format!("{item}/attachments"),
        &format!("{item}/attachments/m"),
    ] {
        for method in ["GET", "DELETE", "PUT"] {
            let answered = store.ask(method, path).header(A.0, A.1).by(key).send().await;
            // Without a body, which may be looked at first.
            let refused = matches!(answered.status, 404 | 405) || method == "PUT" && answered.status == 400;
            assert!(refused, "{method} {path}: {answered:?}");
            assert!(!answered.body.contains("secret"), "{method} {path}: {answered:?}");
        }
    }
    for (path, list) in [("/dbs", "Databases"), ("/offers", "Offers")] {
        let all = r#"{"query":"SELECT * FROM root"}"#;
        let answered = store.ask("POST", path).headers(&[QUERY]).body(all).by(key).send().await.json();
        let others = answered[list].as_array().unwrap().iter().filter(|one| {
            let link = format!("/{}", one["_self"].as_str().unwrap().trim_end_matches('/'));
            link == database || link == offer
        });
        assert_eq!(others.count(), 0, "{answered}");
    }
    // A token is of its account: under the host of another it opens nothing, and a permission for another's RID neither.
    let host = ("host", "thief.documents.example.com");
    let sent = store.ask("GET", "/dbs/d/colls/c/docs/1").headers(&[A, host]).authorization(&own).send().await;
    assert_eq!(sent.status, 401, "{sent:?}");
    let user = store.ask("POST", "/dbs/d/users").body(r#"{"id":"u"}"#).by(key).send().await;
    assert_eq!(user.status, 201);
    let body = format!(r#"{{"id":"p","permissionMode":"All","resource":"{}"}}"#, container.trim_start_matches('/'));
    let forged = store.ask("POST", "/dbs/d/users/u/permissions").body(body).by(key).send().await.json();
    let forged = forged["_token"].as_str().unwrap().replace('+', "%2B");
    for path in [&container, &item, &media] {
        let answered = store.ask("GET", path).header(A.0, A.1).authorization(&forged).send().await;
        assert!(matches!(answered.status, 403 | 404), "{path}: {answered:?}");
    }
    // The key of one account under the host of the other.
    let sent = store.ask("GET", "/dbs/d").headers(&[("host", "shop.documents.example.com")]).by(key).send().await;
    assert_eq!(sent.status, 401, "{sent:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_was_renewed_elsewhere_opens_nothing_two_seconds_later() {
    let store = filled().await;
    let another = store.another(ServiceOptions::default()).await;
    assert!(another.renew_key("shop", DocumentKeyName::Primary).await.unwrap());
    let begun = std::time::Instant::now();
    // Real time: that is what the memory of a process goes by.
    while store.ask("GET", "/dbs/d").send().await.status == 200 {
        assert!(begun.elapsed() < Duration::from_secs(10), "the old key opens for too long");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(store.ask("GET", "/dbs/d").key(1).send().await.status, 200, "the other key is as it was");
}

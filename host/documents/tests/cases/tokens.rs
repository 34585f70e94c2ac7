//! Users, permissions and their resource tokens (reference: sections 2.4 and 4.6).

use std::time::Duration;

use crate::client::{Answered, Store};
use crate::table::Has::{Any, Header, Json, NoJson, Text};
use crate::table::run;

const A: (&str, &str) = ("x-ms-documentdb-partitionkey", "[\"a\"]");
const B: (&str, &str) = ("x-ms-documentdb-partitionkey", "[\"b\"]");

async fn filled() -> Store {
    let store = Store::start().await;
    store.expect(201, "POST", "/dbs", &[], r#"{"id":"d"}"#).await;
    for container in ["c", "other"] {
        let body = format!(r#"{{"id":"{container}","partitionKey":{{"paths":["/pk"],"kind":"Hash","version":2}}}}"#);
        store.expect(201, "POST", "/dbs/d/colls", &[], &body).await;
        let path = format!("/dbs/d/colls/{container}/docs");
        store.expect(201, "POST", &path, &[A], r#"{"id":"1","pk":"a"}"#).await;
        store.expect(201, "POST", &path, &[B], r#"{"id":"1","pk":"b"}"#).await;
    }
    store.expect(201, "POST", "/dbs/d/users", &[], r#"{"id":"u"}"#).await;
    store
}

/// Makes a permission and answers its token, as it travels.
async fn token(store: &Store, id: &str, mode: &str, resource: &str, key: Option<&str>) -> String {
    let key = key.map(|key| format!(r#","resourcePartitionKey":{key}"#)).unwrap_or_default();
    let body = format!(r#"{{"id":"{id}","permissionMode":"{mode}","resource":"{resource}"{key}}}"#);
    token_of(&store.expect(201, "POST", "/dbs/d/users/u/permissions", &[], &body).await)
}

fn token_of(answered: &Answered) -> String {
    let token = answered.json()["_token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("type=resource&ver=1.0&sig="), "{token}");
    token.replace('=', "%3D").replace('&', "%26").replace('+', "%2B").replace('/', "%2F").replace(';', "%3B")
}

async fn by(store: &Store, token: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answered {
    store.ask(method, path).headers(headers).body(body).authorization(token).send().await
}

type Tried<'a> = (&'a str, u16, &'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);

async fn try_all(store: &Store, token: &str, all: &[Tried<'_>]) {
    for (why, status, method, path, headers, body) in all {
        let answered = by(store, token, method, path, headers, body).await;
        assert_eq!(answered.status, *status, "{why}: {method} {path}: {answered:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_and_permissions_are_resources() {
    let store = filled().await;
    let all = r#"{"id":"p","permissionMode":"All","resource":"dbs/d/colls/c"}"#;
    run(
        &store,
        &[
            (
                "a user has permissions",
                "GET",
                "/dbs/d/users/u",
                &[],
                "",
                200,
                0,
                &[Json("/_permissions", "\"permissions/\""), Any("etag")],
            ),
            (
                "its name is taken",
                "POST",
                "/dbs/d/users",
                &[],
                r#"{"id":"u"}"#,
                409,
                0,
                &[Json("/code", "\"Conflict\"")],
            ),
            (
                "an upsert does not mind",
                "POST",
                "/dbs/d/users",
                &[("x-ms-documentdb-is-upsert", "True")],
                r#"{"id":"u"}"#,
                200,
                0,
                &[],
            ),
            (
                "an upsert creates",
                "POST",
                "/dbs/d/users",
                &[("x-ms-documentdb-is-upsert", "True")],
                r#"{"id":"v"}"#,
                201,
                0,
                &[],
            ),
            ("a list", "GET", "/dbs/d/users", &[], "", 200, 0, &[Json("/_count", "2"), Header("x-ms-item-count", "2")]),
            (
                "a query",
                "POST",
                "/dbs/d/users",
                &[("x-ms-documentdb-isquery", "True")],
                r#"{"query":"SELECT * FROM root r WHERE r.id = 'v'"}"#,
                200,
                0,
                &[Json("/_count", "1"), Json("/Users/0/id", "\"v\"")],
            ),
            (
                "a user may get another name",
                "PUT",
                "/dbs/d/users/v",
                &[],
                r#"{"id":"w"}"#,
                200,
                0,
                &[Json("/id", "\"w\"")],
            ),
            ("the old name is free", "GET", "/dbs/d/users/v", &[], "", 404, 0, &[]),
            ("a name that is taken is not given", "PUT", "/dbs/d/users/w", &[], r#"{"id":"u"}"#, 409, 0, &[]),
            (
                "a permission answers a token",
                "POST",
                "/dbs/d/users/u/permissions",
                &[],
                all,
                201,
                0,
                &[Any("etag"), Text("_token"), Json("/resource", "\"dbs/d/colls/c\"")],
            ),
            (
                "a second one for the same resource",
                "POST",
                "/dbs/d/users/u/permissions",
                &[],
                r#"{"id":"q","permissionMode":"Read","resource":"dbs/d/colls/c"}"#,
                409,
                0,
                &[],
            ),
            (
                "one for a key of it is another",
                "POST",
                "/dbs/d/users/u/permissions",
                &[],
                r#"{"id":"k","permissionMode":"Read","resource":"dbs/d/colls/c","resourcePartitionKey":["a"]}"#,
                201,
                0,
                &[],
            ),
            (
                "the same key twice",
                "POST",
                "/dbs/d/users/u/permissions",
                &[],
                r#"{"id":"l","permissionMode":"All","resource":"dbs/d/colls/c","resourcePartitionKey":["a"]}"#,
                409,
                0,
                &[],
            ),
            ("another user may have it too", "POST", "/dbs/d/users/w/permissions", &[], all, 201, 0, &[]),
            ("reading makes a token anew", "GET", "/dbs/d/users/u/permissions/p", &[], "", 200, 0, &[Text("_token")]),
            (
                "lists too",
                "GET",
                "/dbs/d/users/u/permissions",
                &[],
                "",
                200,
                0,
                &[Json("/_count", "2"), Text("_token")],
            ),
            (
                "a resource that is not there yet",
                "POST",
                "/dbs/d/users/u/permissions",
                &[],
                r#"{"id":"n","permissionMode":"Read","resource":"dbs/AQAAAJ0fgTc="}"#,
                201,
                0,
                &[],
            ),
            (
                "a mode that there is not",
                "POST",
                "/dbs/d/users/u/permissions",
                &[],
                r#"{"id":"x","permissionMode":"Write","resource":"dbs/d/colls/other"}"#,
                400,
                0,
                &[],
            ),
            (
                "no resource",
                "POST",
                "/dbs/d/users/u/permissions",
                &[],
                r#"{"id":"x","permissionMode":"All"}"#,
                400,
                0,
                &[],
            ),
            (
                "no link",
                "POST",
                "/dbs/d/users/u/permissions",
                &[],
                r#"{"id":"x","permissionMode":"All","resource":"there"}"#,
                400,
                0,
                &[],
            ),
            ("a token that lives too short", "GET", "/dbs/d/users/u/permissions/p", &[], "", 200, 0, &[]),
            (
                "too short",
                "POST",
                "/dbs/d/users/u/permissions",
                &[("x-ms-documentdb-expiry-seconds", "9")],
                r#"{"id":"x","permissionMode":"All","resource":"dbs/d/colls/other"}"#,
                400,
                0,
                &[],
            ),
            (
                "too long",
                "POST",
                "/dbs/d/users/u/permissions",
                &[("x-ms-documentdb-expiry-seconds", "18001")],
                r#"{"id":"x","permissionMode":"All","resource":"dbs/d/colls/other"}"#,
                400,
                0,
                &[],
            ),
            (
                "a permission may get another name",
                "PUT",
                "/dbs/d/users/u/permissions/k",
                &[],
                r#"{"id":"m","permissionMode":"Read","resource":"dbs/d/colls/c","resourcePartitionKey":["a"]}"#,
                200,
                0,
                &[Json("/id", "\"m\"")],
            ),
            ("deletion", "DELETE", "/dbs/d/users/u/permissions/m", &[], "", 204, 0, &[]),
            ("once", "DELETE", "/dbs/d/users/u/permissions/m", &[], "", 404, 0, &[]),
            ("a user goes with its permissions", "DELETE", "/dbs/d/users/w", &[], "", 204, 0, &[]),
            (
                "its permissions have no owner",
                "GET",
                "/dbs/d/users/w/permissions/p",
                &[],
                "",
                404,
                1003,
                &[NoJson("/_token")],
            ),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_a_container_opens_what_is_in_it() {
    let store = filled().await;
    let query: &[(&str, &str)] = &[("x-ms-documentdb-isquery", "True"), A];
    let rows = r#"{"query":"SELECT * FROM c"}"#;
    let item = r#"{"id":"2","pk":"a"}"#;
    let read = token(&store, "r", "Read", "dbs/d/colls/c", None).await;
    try_all(
        &store,
        &read,
        &[
            ("clients read the account first", 200, "GET", "/", &[], ""),
            ("the container's definition", 200, "GET", "/dbs/d/colls/c", &[], ""),
            ("its ranges", 200, "GET", "/dbs/d/colls/c/pkranges", &[], ""),
            ("items", 200, "GET", "/dbs/d/colls/c/docs/1", &[A], ""),
            ("lists", 200, "GET", "/dbs/d/colls/c/docs", &[], ""),
            ("queries", 200, "POST", "/dbs/d/colls/c/docs", query, rows),
            ("scripts", 200, "GET", "/dbs/d/colls/c/sprocs", &[], ""),
            ("no writes", 403, "POST", "/dbs/d/colls/c/docs", &[A], item),
            ("no deletions", 403, "DELETE", "/dbs/d/colls/c/docs/1", &[A], ""),
            ("no running of scripts", 403, "POST", "/dbs/d/colls/c/sprocs/s", &[A], "[]"),
            ("no other container", 403, "GET", "/dbs/d/colls/other/docs/1", &[A], ""),
            ("no list of containers", 403, "GET", "/dbs/d/colls", &[], ""),
            ("no database", 403, "GET", "/dbs/d", &[], ""),
            ("no users", 403, "GET", "/dbs/d/users", &[], ""),
            ("no permissions", 403, "GET", "/dbs/d/users/u/permissions/r", &[], ""),
            ("no offers", 403, "GET", "/offers", &[], ""),
            ("a container that is not there", 404, "GET", "/dbs/d/colls/none/docs/1", &[A], ""),
        ],
    )
    .await;
    store.expect(201, "POST", "/dbs/d/users", &[], r#"{"id":"v"}"#).await;
    let body = r#"{"id":"w","permissionMode":"All","resource":"dbs/d/colls/c"}"#;
    let all = token_of(&store.expect(201, "POST", "/dbs/d/users/v/permissions", &[], body).await);
    try_all(
        &store,
        &all,
        &[
            ("writes", 201, "POST", "/dbs/d/colls/c/docs", &[A], item),
            ("deletions", 204, "DELETE", "/dbs/d/colls/c/docs/2", &[A], ""),
            ("not elsewhere", 403, "POST", "/dbs/d/colls/other/docs", &[A], item),
            ("no new database", 403, "POST", "/dbs", &[], r#"{"id":"x"}"#),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_a_key_or_an_item_opens_that_alone() {
    let store = filled().await;
    let query: (&str, &str) = ("x-ms-documentdb-isquery", "True");
    let rows = r#"{"query":"SELECT * FROM c"}"#;
    let of_key = token(&store, "k", "All", "dbs/d/colls/c", Some("[\"a\"]")).await;
    try_all(
        &store,
        &of_key,
        &[
            ("its items", 200, "GET", "/dbs/d/colls/c/docs/1", &[A], ""),
            ("its items are written", 201, "POST", "/dbs/d/colls/c/docs", &[A], r#"{"id":"2","pk":"a"}"#),
            ("queries with it", 200, "POST", "/dbs/d/colls/c/docs", &[query, A], rows),
            ("the container's definition", 200, "GET", "/dbs/d/colls/c", &[], ""),
            ("its ranges", 200, "GET", "/dbs/d/colls/c/pkranges", &[], ""),
            ("items of another key", 403, "GET", "/dbs/d/colls/c/docs/1", &[B], ""),
            ("queries without a key", 403, "POST", "/dbs/d/colls/c/docs", &[query], rows),
            ("lists without a key", 403, "GET", "/dbs/d/colls/c/docs", &[], ""),
            (
                "a write whose body is of another key",
                400,
                "POST",
                "/dbs/d/colls/c/docs",
                &[A],
                r#"{"id":"3","pk":"b"}"#,
            ),
            ("the container's deletion", 403, "DELETE", "/dbs/d/colls/c", &[], ""),
        ],
    )
    .await;
    let of_item = token(&store, "i", "Read", "dbs/d/colls/other/docs/1", None).await;
    try_all(
        &store,
        &of_item,
        &[
            ("the item", 200, "GET", "/dbs/d/colls/other/docs/1", &[A], ""),
            ("another item", 403, "GET", "/dbs/d/colls/other/docs/2", &[A], ""),
            ("a list", 403, "GET", "/dbs/d/colls/other/docs", &[], ""),
            ("the same name elsewhere", 403, "GET", "/dbs/d/colls/c/docs/1", &[A], ""),
            ("writing it", 403, "DELETE", "/dbs/d/colls/other/docs/1", &[A], ""),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_ends_with_its_time_its_permission_and_its_container() {
    let store = filled().await;
    let status = async |token: &str| by(&store, token, "GET", "/dbs/d/colls/c/docs/1", &[A], "").await.status;
    let short = [("x-ms-documentdb-expiry-seconds", "10")];
    let body = r#"{"id":"p","permissionMode":"Read","resource":"dbs/d/colls/c"}"#;
    let first = token_of(&store.expect(201, "POST", "/dbs/d/users/u/permissions", &short, body).await);
    assert_eq!(status(&first).await, 200);
    store.clock.advance(Duration::from_secs(9));
    assert_eq!(status(&first).await, 200, "within its time");
    store.clock.advance(Duration::from_secs(1));
    assert_eq!(status(&first).await, 403, "its time is over");
    let second = token_of(&store.expect(200, "GET", "/dbs/d/users/u/permissions/p", &[], "").await);
    assert_eq!(status(&second).await, 200, "reading the permission makes a new one");
    store.clock.advance(Duration::from_secs(1));
    let third = token_of(&store.expect(200, "PUT", "/dbs/d/users/u/permissions/p", &[], body).await);
    assert_eq!(status(&second).await, 403, "replacing a permission revokes its tokens");
    assert_eq!(status(&third).await, 200);
    store.expect(204, "DELETE", "/dbs/d/colls/c", &[], "").await;
    let again = r#"{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}"#;
    store.expect(201, "POST", "/dbs/d/colls", &[], again).await;
    store.expect(201, "POST", "/dbs/d/colls/c/docs", &[A], r#"{"id":"1","pk":"a"}"#).await;
    assert_eq!(status(&third).await, 403, "another container of the same name is not what was permitted");
    let fourth = token_of(&store.expect(200, "GET", "/dbs/d/users/u/permissions/p", &[], "").await);
    assert_eq!(status(&fourth).await, 200);
    store.expect(204, "DELETE", "/dbs/d/users/u", &[], "").await;
    assert_eq!(status(&fourth).await, 403, "a user's deletion revokes its tokens");
}

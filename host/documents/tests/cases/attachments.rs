//! Attachments of items, and media (reference: sections 1.2 and 4.5).

use std::time::Duration;

use hearth_documents::protocol::Rid;
use hearth_documents::protocol::account::AccountProperties;

use crate::client::{Answered, Store};
use crate::table::Has::{Any, Empty, Header, Json, NoJson, Text};
use crate::table::run;

const A: (&str, &str) = ("x-ms-documentdb-partitionkey", "[\"a\"]");
const B: (&str, &str) = ("x-ms-documentdb-partitionkey", "[\"b\"]");
const ITEM: &str = "/dbs/d/colls/c/docs/1";
const ALL: &str = "/dbs/d/colls/c/docs/1/attachments";
const ELSEWHERE: &str = r#"{"id":"photo","contentType":"image/png","media":"https://media.example/1.png","z":1.0}"#;

async fn filled() -> Store {
    let store = Store::start().await;
    store.expect(201, "POST", "/dbs", &[], r#"{"id":"d"}"#).await;
    let body = r#"{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},"defaultTtl":-1}"#;
    store.expect(201, "POST", "/dbs/d/colls", &[], body).await;
    for (key, body) in [(A, r#"{"id":"1","pk":"a"}"#), (B, r#"{"id":"1","pk":"b"}"#)] {
        store.expect(201, "POST", "/dbs/d/colls/c/docs", &[key], body).await;
    }
    store
}

/// Uploads media of the item `1` of the key `a`, and answers where they are.
async fn upload(store: &Store, name: &str, bytes: &[u8]) -> String {
    let headers = [A, ("slug", name), ("content-type", "text/plain")];
    let made = store.ask("POST", ALL).headers(&headers).body(bytes).send().await;
    assert_eq!(made.status, 201, "{made:?}");
    made.json()["media"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attachments_are_resources_below_their_item() {
    let store = filled().await;
    let item = store.expect(200, "GET", ITEM, &[A], "").await.json();
    let made = store.expect(201, "POST", ALL, &[A], ELSEWHERE).await;
    let (rid, etag) = (made.json()["_rid"].as_str().unwrap().to_owned(), made.header("etag").to_owned());
    assert_eq!(made.json()["_self"], format!("{}attachments/{rid}/", item["_self"].as_str().unwrap()));
    assert_eq!(made.json()["_etag"], etag.as_str(), "the header says what the body says");
    assert_eq!(
        rid.parse::<Rid>().unwrap().parent(),
        item["_rid"].as_str().unwrap().parse().ok(),
        "it begins with the item's"
    );
    assert!(!made.header("x-ms-session-token").is_empty() && !made.header("lsn").is_empty(), "{made:?}");
    let one = format!("{ALL}/photo");
    let by_rid = format!("/{}", made.json()["_self"].as_str().unwrap());
    let replaced = r#"{"id":"photo","contentType":"image/gif","media":"https://media.example/2.gif","_rid":"x"}"#;
    let renamed = r#"{"id":"other","contentType":"image/gif","media":"m"}"#;
    let query: &[(&str, &str)] = &[A, ("x-ms-documentdb-isquery", "True")];
    let rows = r#"{"query":"SELECT VALUE r.media FROM root r WHERE r.id = 'photo'"}"#;
    let list = store.expect(200, "GET", ALL, &[A], "").await.json();
    assert_eq!(list["_rid"], item["_rid"], "the parent of a list is the item");
    run(
        &store,
        &[
            ("a read by name", "GET", &one, &[A], "", 200, 0, &[Json("/z", "1.0"), Any("x-ms-session-token")]),
            ("a read by RID", "GET", &by_rid, &[A], "", 200, 0, &[Json("/id", "\"photo\"")]),
            ("what the caller has", "GET", &one, &[A, ("if-none-match", &etag)], "", 304, 0, &[Empty]),
            ("the list", "GET", ALL, &[A], "", 200, 0, &[Json("/_count", "1"), Json("/Attachments/0/id", "\"photo\"")]),
            ("a query", "POST", ALL, query, rows, 200, 0, &[Json("/Attachments/0", "\"https://media.example/1.png\"")]),
            ("the name is taken", "POST", ALL, &[A], ELSEWHERE, 409, 0, &[]),
            ("an attachment belongs to one item", "GET", &one, &[B], "", 404, 0, &[]),
            ("its item's key is needed", "GET", &one, &[], "", 400, 0, &[]),
            ("no such item", "GET", "/dbs/d/colls/c/docs/2/attachments/photo", &[A], "", 404, 1003, &[]),
            ("no such item to attach to", "POST", "/dbs/d/colls/c/docs/2/attachments", &[A], ELSEWHERE, 404, 1003, &[]),
            ("no such container", "GET", "/dbs/d/colls/x/docs/1/attachments", &[A], "", 404, 1003, &[]),
            ("no such attachment", "GET", &format!("{ALL}/none"), &[A], "", 404, 0, &[]),
            ("no id", "POST", ALL, &[A], r#"{"contentType":"a/b","media":"m"}"#, 400, 0, &[]),
            ("no content type", "POST", ALL, &[A], r#"{"id":"x","media":"m"}"#, 400, 0, &[]),
            ("no media", "POST", ALL, &[A], r#"{"id":"x","contentType":"a/b"}"#, 400, 0, &[Text("media")]),
            ("no JSON", "POST", ALL, &[A], "{", 400, 0, &[]),
            ("it has no patch", "PATCH", &one, &[A], "[]", 405, 0, &[]),
            ("another etag", "PUT", &one, &[A, ("if-match", "\"x\"")], replaced, 412, 0, &[]),
            ("another id", "PUT", &one, &[A], renamed, 400, 0, &[]),
            (
                "a replacement",
                "PUT",
                &one,
                &[A, ("if-match", &etag)],
                replaced,
                200,
                0,
                &[Json("/contentType", "\"image/gif\"")],
            ),
            ("its etag is another", "PUT", &one, &[A, ("if-match", &etag)], replaced, 412, 0, &[]),
            (
                "an upsert replaces",
                "POST",
                ALL,
                &[A, ("x-ms-documentdb-is-upsert", "True"), ("prefer", "return=minimal")],
                ELSEWHERE,
                200,
                0,
                &[Empty, Any("etag")],
            ),
            (
                "an upsert creates",
                "POST",
                ALL,
                &[A, ("x-ms-documentdb-is-upsert", "True")],
                r#"{"id":"new","contentType":"a/b","media":"m"}"#,
                201,
                0,
                &[],
            ),
            ("a page", "GET", ALL, &[A, ("x-ms-max-item-count", "1")], "", 200, 0, &[Any("x-ms-continuation")]),
            (
                "the next page",
                "GET",
                ALL,
                &[A, ("x-ms-continuation", "bmV3")],
                "",
                200,
                0,
                &[Json("/Attachments/0/id", "\"photo\"")],
            ),
            ("a continuation that is none", "GET", ALL, &[A, ("x-ms-continuation", "%")], "", 400, 0, &[]),
            ("deletion", "DELETE", &one, &[A], "", 204, 0, &[Empty, Any("x-ms-session-token")]),
            ("once", "DELETE", &one, &[A], "", 404, 0, &[]),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn media_are_bytes_that_the_store_keeps() {
    let store = filled().await;
    let media = upload(&store, "the%20notes", b"{\"not\": json").await;
    let made = store.expect(200, "GET", &format!("{ALL}/the%20notes"), &[A], "").await.json();
    assert_eq!(made["id"], "the notes", "a Slug is escaped as its specification has it");
    assert_eq!(media, format!("/media/{}", made["_rid"].as_str().unwrap()));
    let json = made.to_string();
    run(
        &store,
        &[
            (
                "as they were sent",
                "GET",
                &media,
                &[],
                "",
                200,
                0,
                &[Text("{\"not\": json"), Header("content-type", "text/plain")],
            ),
            (
                "no browser guesses what they are",
                "GET",
                &media,
                &[],
                "",
                200,
                0,
                &[Header("x-content-type-options", "nosniff")],
            ),
            ("other bytes", "PUT", &media, &[("content-type", "text/css")], "b {}", 200, 0, &[]),
            ("are read", "GET", &media, &[], "", 200, 0, &[Text("b {}"), Header("content-type", "text/css")]),
            (
                "the attachment as it was read",
                "PUT",
                &format!("{ALL}/the%20notes"),
                &[A],
                &json,
                200,
                0,
                &[Any("etag")],
            ),
            ("keeps its media", "GET", &media, &[], "", 200, 0, &[Text("b {}")]),
            (
                "an attachment that says nothing of media",
                "PUT",
                &format!("{ALL}/the%20notes"),
                &[A],
                r#"{"id":"the notes","contentType":"text/css"}"#,
                200,
                0,
                &[Any("etag"), Text("/media/")],
            ),
            (
                "media elsewhere take the place of those of the store",
                "PUT",
                &format!("{ALL}/the%20notes"),
                &[A],
                r#"{"id":"the notes","contentType":"text/css","media":"https://media.example/x.css"}"#,
                200,
                0,
                &[Json("/media", "\"https://media.example/x.css\"")],
            ),
            ("which go", "GET", &media, &[], "", 404, 0, &[]),
            ("and cannot be replaced", "PUT", &media, &[], "x", 404, 0, &[]),
            (
                "an upload takes the place of a link",
                "POST",
                ALL,
                &[A, ("slug", "the notes"), ("content-type", "application/sql"), ("x-ms-documentdb-is-upsert", "True")],
                "SELECT 1",
                200,
                0,
                &[Text("/media/")],
            ),
            (
                "and is read",
                "GET",
                &media,
                &[],
                "",
                200,
                0,
                &[Text("SELECT 1"), Header("content-type", "application/sql")],
            ),
            (
                "an upload without a name has one",
                "POST",
                ALL,
                &[A, ("content-type", "a/b")],
                "x",
                201,
                0,
                &[Any("etag")],
            ),
            ("a name no attachment may have", "POST", ALL, &[A, ("slug", "a%2Fb")], "x", 400, 0, &[]),
            ("media that never were", "GET", "/media/AAAAAAAAAAAAAAAAAAAAAAAAAAA=", &[], "", 404, 0, &[]),
            ("what is no id of media", "GET", "/media/x", &[], "", 404, 0, &[]),
            ("media are not listed", "GET", "/media", &[], "", 405, 0, &[]),
            ("deletion", "DELETE", &media, &[], "", 204, 0, &[Empty]),
            ("takes the attachment", "GET", &format!("{ALL}/the%20notes"), &[A], "", 404, 0, &[NoJson("/media")]),
        ],
    )
    .await;
    // Also what looks like another encoding of JSON is bytes.
    let media = upload(&store, "bytes", &[0x80, 0xff, 0]).await;
    let rid = media.strip_prefix("/media/").unwrap().parse().unwrap();
    assert_eq!(*store.service.media("shop", rid).await.unwrap().bytes, [0x80, 0xff, 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attachments_end_with_their_item() {
    let store = filled().await;
    let gone = async |media: &str, why: &str| {
        store.expect(404, "GET", media, &[], "").await;
        let used = store.service.media_usage("shop").await.unwrap();
        assert_eq!(used, 0, "{why}");
    };
    let media = upload(&store, "one", b"four").await;
    store.expect(200, "PUT", ITEM, &[A], r#"{"id":"1","pk":"a","v":2}"#).await;
    store.expect(200, "GET", &media, &[], "").await;
    let account = store.expect(200, "GET", "/", &[], "").await;
    assert_eq!(account.header("x-ms-media-storage-usage-mb"), "1", "rounded up");
    store.expect(204, "DELETE", ITEM, &[A], "").await;
    gone(&media, "the item was deleted").await;
    store.expect(201, "POST", "/dbs/d/colls/c/docs", &[A], r#"{"id":"1","pk":"a"}"#).await;
    store.expect(404, "GET", &format!("{ALL}/one"), &[A], "").await;
    let media = upload(&store, "two", b"four").await;
    store.expect(200, "POST", "/dbs/d/colls/c/operations/partitionkeydelete", &[A], "").await;
    gone(&media, "the items of the key were deleted").await;
    store.expect(201, "POST", "/dbs/d/colls/c/docs", &[A], r#"{"id":"1","pk":"a","ttl":10}"#).await;
    let media = upload(&store, "three", b"four").await;
    store.clock.advance(Duration::from_secs(10));
    store.expect(404, "GET", &media, &[], "").await;
    store.expect(404, "PUT", &media, &[], "x").await;
    store.expect(404, "GET", &format!("{ALL}/three"), &[A], "").await;
    // A create that meets an item that expired takes it away first.
    store.expect(201, "POST", "/dbs/d/colls/c/docs", &[A], r#"{"id":"1","pk":"a"}"#).await;
    gone(&media, "the item expired").await;
    let media = upload(&store, "four", b"four").await;
    store.expect(204, "DELETE", "/dbs/d/colls/c", &[], "").await;
    store.expect(404, "GET", &media, &[], "").await;
    store.expect(404, "PUT", &media, &[], "x").await;
    store.expect(404, "DELETE", &media, &[], "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attachments_have_limits_and_count() {
    let store = filled().await;
    let large = |bytes: usize| format!("POST {ALL} HTTP/1.1\r\nhost: x\r\ncontent-length: {bytes}\r\n");
    // The declared length is enough for a refusal; the signature comes first.
    assert_eq!(store.raw(format!("{}\r\n", large(1 << 30)).as_bytes()).await.status, 401);
    let declared = [A, ("slug", "x"), ("content-type", "a/b")];
    let answered = store.ask("POST", ALL).headers(&declared).body(vec![b'x'; 16 * 1024 * 1024 + 1]).send().await;
    assert_eq!((answered.status, answered.json()["code"].as_str()), (413, Some("RequestEntityTooLarge")));
    let long = format!(r#"{{"id":"x","contentType":"a/b","media":"{}"}}"#, "x".repeat(16 * 1024));
    store.expect(413, "POST", ALL, &[A], &long).await;
    store.expect(400, "POST", ALL, &[A, ("content-type", &"a".repeat(256)), ("slug", "x")], "x").await;
    let name = "n".repeat(255);
    store.expect(201, "POST", ALL, &[A, ("content-type", "a/b"), ("slug", &name)], "x").await;
    store.expect(400, "POST", ALL, &[A, ("content-type", "a/b"), ("slug", &format!("{name}n"))], "x").await;
    let properties = AccountProperties { quota_bytes: Some(1000), ..AccountProperties::default() };
    store.set_properties(&properties).await;
    upload(&store, "fills", &[b'x'; 2000]).await;
    // How much an account keeps is remembered for a second of real time: the quota is another account's moment.
    let full = async || loop {
        let answered = store.ask("POST", ALL).headers(&[A]).body(ELSEWHERE).send().await;
        if answered.status == 403 {
            return answered;
        }
        assert!(matches!(answered.status, 201 | 409), "{answered:?}");
    };
    let refused = tokio::time::timeout(Duration::from_secs(30), full()).await.expect("a full account refuses");
    assert!(refused.body.contains("quota"), "{refused:?}");
    store.expect(403, "POST", "/dbs/d/colls/c/docs", &[A], r#"{"id":"2","pk":"a"}"#).await;
    store.expect(204, "DELETE", &format!("{ALL}/fills"), &[A], "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_have_an_item_may_have_its_attachments() {
    let store = filled().await;
    let media = upload(&store, "one", b"secret").await;
    let of_other = {
        let headers = [B, ("slug", "one"), ("content-type", "text/plain")];
        store.expect(201, "POST", ALL, &headers, "other").await.json()["media"].as_str().unwrap().to_owned()
    };
    let one = format!("{ALL}/one");
    let read_only =
        async |method: &str, path: &str| store.ask(method, path).header(A.0, A.1).key(2).send().await.status;
    assert_eq!((read_only("GET", &one).await, read_only("GET", &media).await), (200, 200));
    assert_eq!(
        (read_only("DELETE", &one).await, read_only("PUT", &media).await, read_only("DELETE", &media).await),
        (403, 403, 403)
    );
    assert_eq!(read_only("POST", ALL).await, 403);
    store.expect(201, "POST", "/dbs/d/users", &[], r#"{"id":"u"}"#).await;
    let token = async |id: &str, mode: &str, resource: &str, key: Option<&str>| {
        let key = key.map(|key| format!(r#","resourcePartitionKey":["{key}"]"#)).unwrap_or_default();
        let body = format!(r#"{{"id":"{id}","permissionMode":"{mode}","resource":"{resource}"{key}}}"#);
        let made: Answered = store.expect(201, "POST", "/dbs/d/users/u/permissions", &[], &body).await;
        made.json()["_token"].as_str().unwrap().replace('+', "%2B")
    };
    let item = "dbs/d/colls/c/docs/1";
    for (why, token, on_own, on_other, write) in [
        ("of the container", token("c", "All", "dbs/d/colls/c", None).await, 200, 200, 200),
        ("of its key", token("k", "Read", "dbs/d/colls/c", Some("a")).await, 200, 403, 403),
        ("of the item", token("i", "All", item, Some("a")).await, 200, 403, 200),
        ("of the attachment", token("a", "Read", &format!("{item}/attachments/one"), Some("a")).await, 200, 403, 403),
        (
            "of another attachment",
            token("b", "All", &format!("{item}/attachments/two"), Some("a")).await,
            403,
            403,
            403,
        ),
        ("of another item", token("o", "All", "dbs/d/colls/c/docs/2", Some("a")).await, 403, 403, 403),
        ("of a script", token("s", "All", "dbs/d/colls/c/sprocs/1", None).await, 403, 403, 403),
    ] {
        let by = async |method: &str, path: &str, key: (&str, &str)| {
            store.ask(method, path).header(key.0, key.1).body("secret").authorization(&token).send().await.status
        };
        assert_eq!(by("GET", &media, A).await, on_own, "media by a token {why}");
        assert_eq!(by("GET", &of_other, A).await, on_other, "media of another key by a token {why}");
        assert_eq!(by("GET", &one, A).await, on_own, "an attachment by a token {why}");
        assert_eq!(by("GET", &one, B).await, on_other, "an attachment of another key by a token {why}");
        assert_eq!(by("PUT", &media, A).await, write, "writing media by a token {why}");
    }
    store.expect(201, "POST", ALL, &[A, ("content-type", "a/b"), ("slug", "two")], "x").await;
    let of_one = token("x", "All", &format!("{item}/attachments/one"), None).await;
    let two = store.ask("GET", &format!("{ALL}/two")).header(A.0, A.1).authorization(&of_one).send().await;
    assert_eq!(two.status, 403, "a token of one attachment opens that alone");
    let list = store.ask("GET", ALL).header(A.0, A.1).authorization(&of_one).send().await;
    assert_eq!(list.status, 403, "nor the list");
}

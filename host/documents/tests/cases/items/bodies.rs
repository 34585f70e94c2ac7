//! What is an item, and what it may be called (reference: sections 0, 1.5, 3 and 13).

use super::{A, DOCS, MINIMAL, ONE, UPSERT, filled};
use crate::table::Has::{Json, Text};
use crate::table::run;

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

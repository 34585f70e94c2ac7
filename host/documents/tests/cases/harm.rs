//! What is sent to do harm: positions that were tampered with, bodies that grow, and how large an answer may be.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::attacks::{A, CROSS, DOCS, QUERY, filled};

/// Why, the body, headers and a continuation.
type Wrong<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], String);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_that_were_tampered_with_are_refused() {
    let store = filled().await;
    for number in 2..12 {
        store.expect(201, "POST", DOCS, &[A], &format!(r#"{{"id":"{number}","pk":"a"}}"#)).await;
    }
    let one = ("x-ms-max-item-count", "1");
    let text = r#"{"query":"SELECT * FROM c"}"#;
    let ordered = r#"{"query":"SELECT * FROM c ORDER BY c.id"}"#;
    let list = store.expect(200, "GET", DOCS, &[one], "").await.header("x-ms-continuation").to_owned();
    let query = store.expect(200, "POST", DOCS, &[one, QUERY, A], text).await.header("x-ms-continuation").to_owned();
    let sorted =
        store.expect(200, "POST", DOCS, &[one, QUERY, A], ordered).await.header("x-ms-continuation").to_owned();
    let feed = store.expect(200, "GET", DOCS, &[one, ("a-im", "Incremental Feed")], "").await.header("etag").to_owned();
    assert!(!list.is_empty() && !query.is_empty() && !sorted.is_empty() && !feed.is_empty());
    let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(&query).unwrap()).unwrap();
    let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let mut wrong: Vec<Wrong<'_>> = Vec::new();
    let long = "A".repeat(3000);
    for none in ["x", "%", "\u{e4}", "{}", "null", "0", "-1", "+RID:~", &long] {
        wrong.push(("a list", "", &[], none.to_owned()));
        wrong.push(("a query", text, &[QUERY, A], none.to_owned()));
    }
    wrong.push(("a list with a query's", "", &[], query.clone()));
    wrong.push(("a list with a range that is none", "", &[], list.replace("#RG:", "#RG:9")));
    wrong.push(("a list with a number that is none", "", &[], format!("{list}0000000000000000000000")));
    wrong.push((
        "a list of a key that is in another range",
        "",
        &[("x-ms-documentdb-partitionkeyrangeid", "4")],
        list.replace("#RG:4", "#RG:0"),
    ));
    wrong.push(("a query with another's", ordered, &[QUERY, A], query.clone()));
    wrong.push(("an ordered query with a plain one's", ordered, &[QUERY, A], encoded(&decoded)));
    wrong.push(("a query of another key", text, &[QUERY, ("x-ms-documentdb-partitionkey", "[\"b\"]")], query.clone()));
    wrong.push(("a query of which a part is gone", text, &[QUERY, A], query[..query.len() / 2].to_owned()));
    wrong.push((
        "a query with a number that is none",
        text,
        &[QUERY, A],
        encoded(&decoded.replace("\"n\":", "\"n\":1e99,\"x\":")),
    ));
    for (why, body, headers, continuation) in &wrong {
        let method = if body.is_empty() { "GET" } else { "POST" };
        let answered =
            store.ask(method, DOCS).headers(headers).header("x-ms-continuation", continuation).body(*body).send().await;
        assert_eq!(answered.status, 400, "{why}: {continuation}: {answered:?}");
    }
    // A continuation of the right shape that says something else is only another place of what the caller may read anyway.
    let far = encoded(&decoded.replace("\"n\":", "\"n\":9"));
    let answered = store.ask("POST", DOCS).headers(&[QUERY, A, ("x-ms-continuation", &far)]).body(text).send().await;
    assert!(matches!(answered.status, 200 | 400), "{answered:?}");
    for etag in ["x", "\"x\"", "\"-1\"", "\"0:x\"", "\"9:1\"", "\"0:1\"", "\"99999999999999999999\"", "\"1,2\""] {
        let answered =
            store.ask("GET", DOCS).headers(&[("a-im", "Incremental Feed"), ("if-none-match", etag)]).send().await;
        assert_eq!(answered.status, 400, "{etag}: {answered:?}");
    }
    let ahead = [("a-im", "Incremental Feed"), ("if-none-match", "\"9223372036854775807\"")];
    assert_eq!(store.ask("GET", DOCS).headers(&ahead).send().await.status, 304, "nothing is after the end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_has_more_than_four_megabytes() {
    let store = filled().await;
    let text = "x".repeat(1_900_000);
    for number in 0..8 {
        let (key, body) = (format!("[\"k{number}\"]"), format!(r#"{{"id":"{number}","pk":"k{number}","t":"{text}"}}"#));
        store.expect(201, "POST", DOCS, &[("x-ms-documentdb-partitionkey", &key)], &body).await;
    }
    for number in 10..13 {
        store.expect(201, "POST", DOCS, &[A], &format!(r#"{{"id":"{number}","pk":"a","t":"{text}"}}"#)).await;
    }
    let most = ("x-ms-max-item-count", "-1");
    let whole = r#"{"query":"SELECT * FROM c WHERE LENGTH(c.t) > 1"}"#;
    let ordered = r#"{"query":"SELECT * FROM c WHERE LENGTH(c.t) > 1 ORDER BY c.id"}"#;
    for (why, method, headers, body, wanted) in [
        ("a list", "GET", &[most][..], "", 13),
        ("a list of a key", "GET", &[most, A], "", 4),
        ("a query", "POST", &[most, QUERY, CROSS], whole, 11),
        ("an ordered query", "POST", &[most, QUERY, CROSS], ordered, 11),
        ("a query of a key", "POST", &[most, QUERY, A], ordered, 3),
        ("a feed", "GET", &[most, ("a-im", "Incremental Feed")], "", 13),
    ] {
        let (mut seen, mut next) = (0, String::new());
        for page in 0.. {
            assert!(page < 100, "{why} does not end");
            let mut ask = store.ask(method, DOCS).headers(headers).body(body);
            if !next.is_empty() {
                ask = ask.header(if why == "a feed" { "if-none-match" } else { "x-ms-continuation" }, &next);
            }
            let answered = ask.send().await;
            if answered.status == 304 {
                break;
            }
            assert_eq!(answered.status, 200, "{why}: {}", answered.body.chars().take(300).collect::<String>());
            assert!(answered.body.len() <= 4 * 1024 * 1024, "{why} has a page of {} bytes", answered.body.len());
            seen += answered.json()["_count"].as_u64().unwrap();
            next = answered.header(if why == "a feed" { "etag" } else { "x-ms-continuation" }).to_owned();
            if next.is_empty() {
                break;
            }
        }
        assert_eq!(seen, wanted, "{why}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_do_not_grow_while_they_are_read() {
    let store = filled().await;
    let send = async |headers: &[(&str, &str)], body: Vec<u8>| {
        store.ask("POST", DOCS).headers(headers).header(A.0, A.1).body(body).send().await
    };
    // Nothing is unpacked: what is packed is no JSON.
    for encoding in ["gzip", "deflate", "br"] {
        let packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b, 0, 0];
        assert_eq!(send(&[("content-encoding", encoding)], packed).await.status, 400, "{encoding}");
    }
    // Binary JSON whose strings refer to one that is long.
    let long = 1_000_000_u32;
    let mut body = vec![0x80, 0xEC];
    let mut inner = vec![0xC2];
    inner.extend(long.to_le_bytes());
    inner.extend(vec![b'x'; long as usize]);
    let reference: [u8; 4] = [0xC5, 6, 0, 0];
    let mut list = inner;
    list.extend(std::iter::repeat_n(reference, 500_000).flatten());
    body.extend(u32::try_from(list.len()).unwrap().to_le_bytes());
    body.extend(list);
    let begun = std::time::Instant::now();
    let answered = send(&[], body).await;
    assert!(matches!(answered.status, 400 | 413), "{answered:?}");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let deep = format!(r#"{{"id":"x","pk":"a","d":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(send(&[], deep.into_bytes()).await.status, 400, "depth does not end the stack");
    let deep = format!("SELECT * FROM c WHERE c.a = {}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep = format!(r#"{{"query":"{deep}"}}"#);
    assert_eq!(send(&[QUERY], deep.into_bytes()).await.status, 400, "nor that of a query");
    let deep = format!(
        r#"{{"query":"SELECT @p","parameters":[{{"name":"@p","value":{}1{}}}]}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(send(&[QUERY], deep.into_bytes()).await.status, 400, "nor that of a parameter");
    let key = format!("{}1{}", "[".repeat(2_000), "]".repeat(2_000));
    assert_eq!(store.ask("GET", DOCS).header(A.0, &key).send().await.status, 400, "nor that of a key");
}

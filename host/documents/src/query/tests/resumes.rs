//! Continuations: what they are good for, and what is refused (reference 5.6).

use std::sync::Arc;

use super::super::{Execution, Query, QueryRequest};
use super::{answer, run};

const ITEMS: [&str; 4] = [r#"{"v":1}"#, r#"{"v":2}"#, r#"{"v":3}"#, r#"{"v":4}"#];

fn first_page(query: &Arc<Query>, scope: &str) -> String {
    let mut execution = Execution::new(Arc::clone(query), scope, None, 1, 1 << 20).unwrap();
    run(&mut execution, &ITEMS);
    execution.answer().unwrap().continuation.expect("there is more")
}

fn query(text: &str) -> Arc<Query> {
    Arc::new(Query::parse(text, &[]).expect(text))
}

#[test]
fn a_continuation_belongs_to_its_query_and_scope() {
    let one = query("SELECT * FROM c WHERE c.v > 0");
    let token = first_page(&one, "here");
    let resumed = |query: &Arc<Query>, scope: &str, token: &str| {
        Execution::new(Arc::clone(query), scope, Some(token), 1, 1 << 20)
            .map(|_| ())
            .map_err(|error| error.status.as_u16())
    };
    assert_eq!(resumed(&one, "here", &token), Ok(()));
    assert_eq!(resumed(&one, "elsewhere", &token), Err(400), "another part of the container");
    assert_eq!(resumed(&query("SELECT * FROM c WHERE c.v > 1"), "here", &token), Err(400), "another query");
    for malformed in
        ["", "x", "null", "{}", "-RID:~abc#RT:1#TRC:10", "bm90IGpzb24", &token[1..], &token[..token.len() - 4]]
    {
        assert_eq!(resumed(&one, "here", malformed), Err(400), "{malformed}");
    }
    let parameter = |value: i32| {
        Arc::new(Query::parse("SELECT * FROM c WHERE c.v > @v", &[("@v".to_owned(), value.into())]).unwrap())
    };
    let token = first_page(&parameter(0), "here");
    assert_eq!(resumed(&parameter(0), "here", &token), Ok(()));
    assert_eq!(resumed(&parameter(1), "here", &token), Err(400), "another parameter");
}

#[test]
fn clients_resume_an_ordered_query_with_another_filter() {
    let text = |filter: &str| {
        format!("SELECT c._rid, [{{\"item\": c.v}}] AS orderByItems, c AS payload FROM c WHERE ({filter}) ORDER BY c.v")
    };
    let token = first_page(&query(&text("true")), "here");
    let mut execution = Execution::new(query(&text("(c.v >= 1)")), "here", Some(&token), 9, 1 << 20).unwrap();
    run(&mut execution, &ITEMS);
    let answer = execution.answer().unwrap();
    assert_eq!((answer.count, answer.continuation), (3, None), "what follows the first row");
}

#[test]
fn pages_end_where_bytes_end() {
    let item = format!("{{\"v\":\"{}\"}}", "x".repeat(1_000));
    let items = vec![item.as_str(); 20];
    for text in ["SELECT * FROM c", "SELECT * FROM c ORDER BY c.v"] {
        let mut execution = Execution::new(query(text), "", None, 100, 5_000).unwrap();
        run(&mut execution, &items);
        let answer = execution.answer().unwrap();
        assert!((4..=5).contains(&answer.count), "{text}: {}", answer.count);
        assert!(answer.continuation.is_some());
    }
}

#[test]
fn long_keys_do_not_make_long_continuations() {
    let long = "k".repeat(3_000);
    let items: Vec<String> =
        [3, 1, 2, 1, 3].iter().enumerate().map(|(id, end)| format!("{{\"id\":{id},\"v\":\"{long}{end}\"}}")).collect();
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    for (text, expected) in [
        ("SELECT VALUE c.id FROM c ORDER BY c.v", [1, 3, 2, 0, 4]),
        ("SELECT VALUE c.id FROM c ORDER BY c.v DESC", [0, 4, 2, 1, 3]),
    ] {
        for page in [1, 2, 3] {
            assert_eq!(
                answer(&query(text), &items, page),
                expected.map(serde_json::Value::from),
                "{text}, {page} a page"
            );
        }
    }
}

#[test]
fn a_page_can_be_ended_early() {
    let query = query("SELECT VALUE c.v FROM c WHERE c.v > 2");
    let mut execution = Execution::new(Arc::clone(&query), "", None, 10, 1 << 20).unwrap();
    assert!(execution.can_pause());
    let at = |number| super::Position { range: 0, number };
    let _ = execution.feed(at(1), ITEMS[0]);
    let _ = execution.feed(at(2), ITEMS[1]);
    let answer = execution.answer().unwrap();
    assert_eq!(answer.count, 0, "an empty page");
    let token = answer.continuation.expect("with a continuation");
    let execution = Execution::new(query, "", Some(&token), 10, 1 << 20).unwrap();
    assert_eq!(execution.start(), Some(at(2)));
}

#[test]
fn bodies_of_requests() {
    let body = br#"{"query":"SELECT VALUE [@a, @b, @c] FROM c","parameters":[{"name":"@a","value":{"z":1,"a":2}},{"name":"@b"},{"name":"@c","value":null}]}"#;
    let query = QueryRequest::parse(body).unwrap().query().unwrap();
    assert_eq!(query.project("{}"), [r#"[{"z":1,"a":2},null]"#], "a parameter without a value is undefined");
    for body in
        [r#"{"query":"SELECT * FROM c"}"#, r#"{"query":"SELECT * FROM c","parameters":null}"#, "SELECT * FROM c"]
    {
        assert!(QueryRequest::parse(body.as_bytes()).unwrap().query().is_ok(), "{body}");
    }
    for body in [r#"{"quer":"SELECT"}"#, r#"{"query":5}"#, "{"] {
        assert_eq!(QueryRequest::parse(body.as_bytes()).map(|_| ()).unwrap_err().status.as_u16(), 400, "{body}");
    }
}

#[test]
fn conditions_of_patches() {
    let condition = Query::parse_condition("from c where c.n = 3 and c.s = 'x'").unwrap();
    assert!(condition.matches(r#"{"n":3,"s":"x"}"#));
    assert!(!condition.matches(r#"{"n":3}"#));
    assert!(Query::parse_condition("select * from c where c.n = 3").is_err());
}

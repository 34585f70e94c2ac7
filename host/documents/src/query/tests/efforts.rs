//! Queries that ask for more than one item may cost: each would take the memory or the thread of others, and is refused.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Execution, Query, run};

/// An item with a text of half a megabyte, a list of many lists, and an object with many names.
fn large() -> String {
    let text = "a".repeat(512 * 1024);
    let lists = vec!["[1]"; 20_000].join(",");
    let pairs = vec!["[1,2]"; 40_000].join(",");
    format!(r#"{{"t":"{text}","l":[{lists}],"p":[{pairs}],"z":1}}"#)
}

fn refused(query: &str, items: &[&str]) -> Option<(u16, String)> {
    let query = Arc::new(Query::parse(query, &[]).unwrap_or_else(|error| panic!("{query}: {error}")));
    let mut execution = Execution::new(query, "", None, 100, 4 << 20).expect("an execution");
    run(&mut execution, items);
    execution.answer().err().map(|error| (error.status.as_u16(), error.message))
}

#[test]
fn what_one_item_may_cost_is_bounded() {
    let item = large();
    let texts = vec!["c.t"; 60].join(",");
    let pattern = "a".repeat(5_000);
    for (why, query) in [
        ("a text of texts", format!("SELECT VALUE CONCAT({texts}) FROM c")),
        ("texts of texts", format!("SELECT VALUE LENGTH(CONCAT({texts})) FROM c")),
        ("a filter that makes them", format!("SELECT c.z FROM c WHERE CONCAT({texts}) != 'x'")),
        ("a text in the place of each character", "SELECT VALUE LENGTH(REPLACE(c.t, 'a', c.t)) FROM c".to_owned()),
        ("doubled again and again", format!("SELECT VALUE LENGTH({}) FROM c", vec!["c.t"; 60].join(" || "))),
        ("a row of texts", format!("SELECT VALUE [{texts}] FROM c")),
        (
            "an object of texts",
            format!("SELECT {} FROM c", (0..60).map(|n| format!("c.t AS t{n}")).collect::<Vec<_>>().join(",")),
        ),
        ("a pattern that begins again at each character", format!("SELECT c.z FROM c WHERE c.t LIKE '%{pattern}b'")),
        ("each of many with all of many", "SELECT c.z FROM c WHERE ARRAY_CONTAINS(c.l, c.p)".to_owned()),
        ("looking for what is last, often", format!("SELECT c.z FROM c WHERE {}", vec!["c.z = 2"; 1_000].join(" OR "))),
        ("keys of rows", "SELECT VALUE 1 FROM c JOIN l IN c.l ORDER BY c.t".to_owned()),
    ] {
        let begun = Instant::now();
        let (status, message) = refused(&query, &[&item]).unwrap_or_else(|| panic!("{why} was answered"));
        assert_eq!(status, 400, "{why}: {message}");
        // Without a bound each of them takes minutes, or gigabytes.
        assert!(begun.elapsed() < Duration::from_secs(30), "{why} took {:?}", begun.elapsed());
    }
}

#[test]
fn a_row_is_no_longer_than_a_page() {
    let item = format!(r#"{{"t":"{}"}}"#, "a".repeat(3 << 20));
    let one = "SELECT VALUE [c.t] FROM c";
    let two = "SELECT VALUE [c.t, c.t] FROM c";
    assert_eq!(refused(one, &[&item]), None);
    assert_eq!(refused(two, &[&item]).map(|(status, _)| status), Some(400));
    assert_eq!(refused(&format!("{two} ORDER BY c.t"), &[&item]).map(|(status, _)| status), Some(400));
}

#[test]
fn after_a_query_that_was_refused_the_next_is_answered() {
    let item = large();
    assert!(refused("SELECT VALUE LENGTH(REPLACE(c.t, 'a', c.t)) FROM c", &[&item]).is_some());
    for _ in 0..3 {
        assert_eq!(refused("SELECT VALUE c.t FROM c WHERE c.t LIKE '%a' AND ARRAY_LENGTH(c.l) > 1", &[&item]), None);
    }
}

#[test]
fn long_keys_are_sorted_in_pages_that_are_small() {
    let items: Vec<String> = (0..20).map(|n| format!(r#"{{"n":{n},"t":"{}{n:02}"}}"#, "a".repeat(1 << 20))).collect();
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let query =
        Arc::new(Query::parse("SELECT VALUE c.n FROM c ORDER BY c.t DESC OFFSET 7 LIMIT 6", &[]).expect("a query"));
    assert_eq!(super::answer(&query, &items, 100), [12, 11, 10, 9, 8, 7].map(serde_json::Value::from));
}

#[test]
fn names_that_come_twice_are_found_once() {
    let members: Vec<String> = (0..50_000).map(|n| format!(r#""n{n}":1"#)).collect();
    let item = format!(r#"{{"o":{{{},"n0":2}}}}"#, members.join(","));
    let begun = Instant::now();
    assert_eq!(refused("SELECT DISTINCT VALUE c.o FROM c WHERE c.o = c.o", &[&item]), None);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

//! Plans (reference 5.5), and that what they tell clients to ask can be asked.

use std::sync::Arc;

use super::super::{KeyScope, Plan, Query, QueryCode, QueryRange};
use super::answer;

const ALL: &str = "Aggregate, CompositeAggregate, Distinct, GroupBy, MultipleAggregates, MultipleOrderBy, OffsetAndLimit, OrderBy, Top, NonValueAggregate";

fn query(text: &str) -> Query {
    Query::parse(text, &[]).expect(text)
}

fn plan(text: &str) -> serde_json::Value {
    let plan = Plan::of(&query(text), true, Some(ALL), vec![QueryRange::all()]).expect(text);
    serde_json::from_str(&plan.to_json()).expect("a plan is JSON")
}

#[test]
fn with_one_range_a_plan_is_neutral() {
    let neutral = serde_json::json!({
        "partitionedQueryExecutionInfoVersion": 2,
        "queryInfo": {
            "distinctType": "None", "top": null, "offset": null, "limit": null, "orderBy": [], "orderByExpressions": [],
            "groupByExpressions": [], "groupByAliases": [], "aggregates": [], "groupByAliasToAggregateType": {},
            "rewrittenQuery": "", "hasSelectValue": false, "dCountInfo": null, "hasNonStreamingOrderBy": false
        },
        "queryRanges": [{"min": "", "max": "FF", "isMinInclusive": true, "isMaxInclusive": false}]
    });
    for text in [
        "SELECT * FROM c",
        "SELECT TOP 3 * FROM c ORDER BY c.v",
        "SELECT COUNT(1) AS n FROM c",
        "SELECT DISTINCT c.a FROM c",
    ] {
        let plan = Plan::of(&query(text), false, Some(""), vec![QueryRange::all()]).expect("no feature is needed");
        let plan: serde_json::Value = serde_json::from_str(&plan.to_json()).expect("a plan is JSON");
        assert_eq!(plan, neutral, "{text}");
    }
}

#[test]
fn with_several_ranges_clients_are_told_what_to_ask() {
    for (text, rewritten) in [
        ("SELECT * FROM c", ""),
        ("SELECT * FROM c WHERE c.a = 1", ""),
        ("SELECT TOP 5 * FROM c", ""),
        ("SELECT DISTINCT VALUE c.a FROM c", ""),
        (
            "SELECT * FROM c ORDER BY c.v",
            "SELECT c._rid, [{\"item\": c.v}] AS orderByItems, c AS payload\nFROM c\nWHERE ({documentdb-formattableorderbyquery-filter})\nORDER BY c.v",
        ),
        (
            "SELECT TOP 5 VALUE r.x FROM root r WHERE r.a = 1 OR r.b = 2 ORDER BY r.v DESC",
            "SELECT TOP 5 r._rid, [{\"item\": r.v}] AS orderByItems, r.x AS payload\nFROM root r\nWHERE ((r.a = 1 OR r.b = 2) AND ({documentdb-formattableorderbyquery-filter}))\nORDER BY r.v DESC",
        ),
        (
            "SELECT c.a, c.b + 1, c.d AS e FROM c ORDER BY c.v OFFSET 10 LIMIT 5",
            "SELECT c._rid, [{\"item\": c.v}] AS orderByItems, {\"a\": c.a, \"$1\": c.b + 1, \"e\": c.d} AS payload\nFROM c\nWHERE ({documentdb-formattableorderbyquery-filter})\nORDER BY c.v\nOFFSET 0 LIMIT 15",
        ),
        ("SELECT * FROM c WHERE c.a = 1 OFFSET 2 LIMIT 3", "SELECT *\nFROM c\nWHERE c.a = 1\nOFFSET 0 LIMIT 5"),
        ("SELECT VALUE COUNT(1) FROM c", "SELECT VALUE [{\"item\": COUNT(1)}]\nFROM c"),
        (
            "SELECT VALUE AVG(c.a) FROM c",
            "SELECT VALUE [{\"item\": {\"sum\": SUM(c.a), \"count\": COUNT(c.a)}}]\nFROM c",
        ),
        (
            "SELECT VALUE MAX(c.a) FROM c WHERE c.b",
            "SELECT VALUE [{\"item\": MAX(c.a), \"item2\": {\"max\": MAX(c.a), \"count\": COUNT(c.a)}}]\nFROM c\nWHERE c.b",
        ),
        (
            "SELECT COUNT(1) AS n, SUM(c.a) FROM c",
            "SELECT {\"n\": {\"item\": COUNT(1)}, \"$1\": {\"item\": SUM(c.a)}} AS payload\nFROM c",
        ),
    ] {
        let plan = plan(text);
        assert_eq!(plan["queryInfo"]["rewrittenQuery"], rewritten, "{text}");
        if !rewritten.is_empty() {
            for filter in ["{documentdb-formattableorderbyquery-filter}", "true"] {
                let text = rewritten.replace("{documentdb-formattableorderbyquery-filter}", filter);
                assert!(Query::parse(&text, &[]).is_ok(), "what clients are told to ask is a query: {text}");
            }
        }
    }
}

#[test]
fn plans_say_how_to_put_answers_together() {
    let info = |text| plan(text)["queryInfo"].clone();
    let ordered = info("SELECT * FROM c ORDER BY c.a.b DESC");
    assert_eq!(ordered["orderBy"], serde_json::json!(["Descending"]));
    assert_eq!(ordered["orderByExpressions"], serde_json::json!(["c.a.b"]));
    let page = info("SELECT * FROM c OFFSET 2 LIMIT 3");
    assert_eq!((&page["offset"], &page["limit"]), (&serde_json::json!(2), &serde_json::json!(3)));
    assert_eq!(info("SELECT TOP 4 * FROM c")["top"], 4);
    assert_eq!(info("SELECT DISTINCT * FROM c")["distinctType"], "Unordered");
    assert_eq!(info("SELECT VALUE COUNT(1) FROM c")["aggregates"], serde_json::json!(["Count"]));
    assert_eq!(info("SELECT VALUE AVG(c.a) FROM c")["aggregates"], serde_json::json!(["Average"]));
    let named = info("SELECT COUNT(1) AS n FROM c");
    assert_eq!(named["groupByAliasToAggregateType"], serde_json::json!({"n": "Count"}));
    assert_eq!(named["hasSelectValue"], false);
}

#[test]
fn clients_that_cannot_do_it_are_told_so() {
    let query = query("SELECT * FROM c ORDER BY c.v");
    let error = Plan::of(&query, true, Some("Aggregate,Top"), vec![QueryRange::all()]).expect_err("no OrderBy");
    assert_eq!(error.code, QueryCode::NotSupported);
    assert!(error.message.contains("OrderBy, which the calling client does not support"), "{error}");
    assert!(Plan::of(&query, true, None, vec![QueryRange::all()]).is_ok(), "who says nothing is not asked");
}

#[test]
fn what_clients_ask_each_range_runs() {
    let items = [
        r#"{"_rid":"AAAAAYAAAAEBAAAAAAAAAA==","v":2}"#,
        r#"{"_rid":"AAAAAYAAAAECAAAAAAAAAA==","v":1}"#,
        r#"{"_rid":"AAAAAYAAAAEDAAAAAAAAAA==","v":2}"#,
        r#"{"_rid":"AAAAAYAAAAEEAAAAAAAAAA==","v":"x"}"#,
    ];
    let rewritten = Plan::of(&query("SELECT VALUE c.v FROM c ORDER BY c.v"), true, None, Vec::new()).expect("a plan");
    let ask = |filter: &str| {
        let text = rewritten.rewritten_query().replace("{documentdb-formattableorderbyquery-filter}", filter);
        answer(&Arc::new(query(&text)), &items, 10)
    };
    let row = |rid: &str, v: serde_json::Value| serde_json::json!({"_rid": format!("AAAAAYAAAAE{rid}AAAAAAAAAA=="), "orderByItems": [{"item": v}], "payload": v});
    let (one, two) = (serde_json::json!(1), serde_json::json!(2));
    let text = serde_json::json!("x");
    assert_eq!(
        ask("true"),
        [row("C", one), row("B", two.clone()), row("D", two.clone()), row("E", text)],
        "all rows in order"
    );
    assert_eq!(ask("(c.v > 1 OR IS_STRING(c.v) OR IS_ARRAY(c.v) OR IS_OBJECT(c.v))").len(), 3, "a filter by types");
    assert_eq!(ask("(c.v > 2 OR (c.v = 2 AND c._rid > 'AAAAAYAAAAEBAAAAAAAAAA=='))").len(), 1, "a filter by RID");
    assert_eq!(ask("(c.v >= 2)"), [row("B", two.clone()), row("D", two)], "a filter by value");
}

#[test]
fn partition_keys_are_found() {
    let one = [vec!["pk".to_owned()]];
    let two = [vec!["a".to_owned()], vec!["b".to_owned(), "c".to_owned()]];
    let keys = |keys: serde_json::Value| {
        let keys = keys.as_array().unwrap().iter().map(|key| key.as_array().unwrap().clone()).collect();
        KeyScope::Keys(keys)
    };
    for (text, expected) in [
        ("SELECT * FROM c", KeyScope::All),
        ("SELECT * FROM c WHERE c.pk = 'x'", keys(serde_json::json!([["x"]]))),
        ("SELECT * FROM c WHERE 'x' = c['pk'] AND c.n > 1", keys(serde_json::json!([["x"]]))),
        ("SELECT * FROM c WHERE c.pk = null", keys(serde_json::json!([[null]]))),
        ("SELECT * FROM c WHERE c.pk IN ('x', 'y', 'x')", keys(serde_json::json!([["x"], ["y"]]))),
        ("SELECT * FROM c WHERE c.pk = 'x' OR c.pk = 'y'", keys(serde_json::json!([["x"], ["y"]]))),
        ("SELECT * FROM c WHERE c.pk = 'x' OR c.n = 1", KeyScope::All),
        ("SELECT * FROM c WHERE c.pk IN ('x', 'y') AND c.pk IN ('y', 'z')", keys(serde_json::json!([["y"]]))),
        ("SELECT * FROM c WHERE c.pk = 'x' AND c.pk = 'y'", KeyScope::Nothing),
        ("SELECT * FROM c WHERE c.pk = undefined", KeyScope::Nothing),
        ("SELECT * FROM c WHERE c.pk != 'x'", KeyScope::All),
        ("SELECT * FROM c WHERE NOT (c.pk = 'x')", KeyScope::All),
        ("SELECT * FROM c WHERE c.pk = c.n", KeyScope::All),
        ("SELECT * FROM c WHERE c.o.pk = 'x'", KeyScope::All),
        ("SELECT * FROM c.o WHERE o.pk = 'x'", KeyScope::All),
        ("SELECT VALUE t FROM c JOIN t IN c.tags WHERE c.pk = 'x'", keys(serde_json::json!([["x"]]))),
        ("SELECT VALUE t FROM c JOIN t IN c.tags WHERE t.pk = 'x'", KeyScope::All),
    ] {
        assert_eq!(query(text).key_scope(&one), expected, "{text}");
    }
    for (text, expected) in [
        ("SELECT * FROM c WHERE c.a = 1 AND c.b.c = 2", keys(serde_json::json!([[1, 2]]))),
        ("SELECT * FROM c WHERE c.a IN (1, 2) AND c.b.c = true", keys(serde_json::json!([[1, true], [2, true]]))),
        ("SELECT * FROM c WHERE c.a = 1", keys(serde_json::json!([[1]]))),
        ("SELECT * FROM c WHERE c.b.c = 1", KeyScope::All),
    ] {
        assert_eq!(query(text).key_scope(&two), expected, "{text}");
    }
}

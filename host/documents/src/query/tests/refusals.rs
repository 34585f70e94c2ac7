//! What is refused: how, and where (reference 1.5, 5.4).

use proptest::prelude::*;

use super::super::{Query, QueryCode};
use crate::protocol::DocumentError;

fn code(text: &str) -> QueryCode {
    Query::parse(text, &[]).map(|_| ()).expect_err(text).code
}

#[test]
fn mistakes_have_their_codes() {
    for (text, expected, why) in [
        ("", QueryCode::Syntax, "nothing"),
        ("SELEC * FROM c", QueryCode::Syntax, "no SELECT"),
        ("SELECT FROM c", QueryCode::Syntax, "no list"),
        ("SELECT * FROM", QueryCode::Syntax, "no source"),
        ("SELECT * FROM c WHERE", QueryCode::Syntax, "no condition"),
        ("SELECT * FROM c WHERE c.a = ", QueryCode::Syntax, "half a comparison"),
        ("SELECT * FROM c WHERE (c.a = 1", QueryCode::Syntax, "an open bracket"),
        ("SELECT * FROM c WHERE c.a = 'x", QueryCode::Syntax, "an open string"),
        ("SELECT * FROM c WHERE c.a = '\\x'", QueryCode::Syntax, "an unknown escape"),
        ("SELECT * FROM c WHERE c.a = 1x", QueryCode::Syntax, "a number that goes on"),
        ("SELECT * FROM c WHERE c.a == 1", QueryCode::Syntax, "one sign is equality"),
        ("SELECT * FROM c; SELECT * FROM c", QueryCode::Syntax, "one query only"),
        ("SELECT * FROM c ORDER BY", QueryCode::Syntax, "no path"),
        ("SELECT TOP -1 * FROM c", QueryCode::Syntax, "a negative number of rows"),
        ("SELECT TOP 1.5 * FROM c", QueryCode::Syntax, "half a row"),
        ("SELECT * FROM c OFFSET 1", QueryCode::Syntax, "OFFSET without LIMIT"),
        ("SELECT TOP 1 * FROM c OFFSET 1 LIMIT 1", QueryCode::Syntax, "TOP and LIMIT"),
        ("SELECT * FROM c JOIN t IN c.tags", QueryCode::Syntax, "SELECT * with JOIN"),
        ("SELECT *", QueryCode::Syntax, "SELECT * of nothing"),
        ("SELECT c.a, c.b AS a FROM c", QueryCode::Syntax, "two properties of one name"),
        ("SELECT * FROM c HAVING c.a = 1", QueryCode::Syntax, "HAVING does not exist"),
        ("SELECT * FROM c WHERE NULL = 1", QueryCode::UnknownName, "null is written in lower case"),
        ("SELECT * FROM c WHERE d.a = 1", QueryCode::UnknownName, "a name that FROM does not have"),
        ("SELECT * FROM root r WHERE root.a = 1", QueryCode::UnknownName, "with an alias only the alias counts"),
        ("SELECT VALUE c.a", QueryCode::UnknownName, "no FROM"),
        ("SELECT VALUE t FROM c JOIN t IN d.tags", QueryCode::UnknownName, "JOIN begins at an earlier source"),
        ("SELECT VALUE 1 FROM c JOIN c IN c.tags", QueryCode::UnknownName, "a name for two things"),
        ("SELECT VALUE NO_SUCH(c.a) FROM c", QueryCode::UnknownFunction, "no such function"),
        ("SELECT VALUE ABS() FROM c", QueryCode::Arguments, "too few"),
        ("SELECT VALUE ABS(1, 2) FROM c", QueryCode::Arguments, "too many"),
        ("SELECT VALUE COUNT() FROM c", QueryCode::Arguments, "too few for an aggregate"),
        ("SELECT VALUE COUNT(SUM(c.a)) FROM c", QueryCode::Aggregate, "an aggregate of an aggregate"),
        ("SELECT * FROM c WHERE COUNT(1) > 1", QueryCode::Aggregate, "an aggregate in a filter"),
        ("SELECT COUNT(1) AS n, c.a FROM c", QueryCode::Aggregate, "a property beside an aggregate"),
        ("SELECT * FROM c ORDER BY 1", QueryCode::OrderBy, "not a path"),
        ("SELECT * FROM c ORDER BY c.a + 1", QueryCode::OrderBy, "not a path alone"),
        ("SELECT * FROM c ORDER BY c", QueryCode::OrderBy, "not a property"),
        ("SELECT * FROM c WHERE c.a = @p", QueryCode::Parameter, "no value"),
        ("SELECT TOP @n * FROM c", QueryCode::Parameter, "no number"),
    ] {
        assert_eq!(code(text), expected, "{text}: {why}");
    }
}

#[test]
fn what_is_not_done_yet_is_said() {
    for text in [
        "SELECT c.a, COUNT(1) AS n FROM c GROUP BY c.a",
        "SELECT * FROM c ORDER BY c.a, c.b",
        "SELECT * FROM c ORDER BY RANK FullTextScore(c.text, 'x')",
        "SELECT * FROM c WHERE EXISTS(SELECT VALUE t FROM t IN c.tags)",
        "SELECT VALUE ARRAY(SELECT VALUE t FROM t IN c.tags) FROM c",
        "SELECT VALUE (SELECT VALUE 1) FROM c",
        "SELECT * FROM (SELECT VALUE c.a FROM c) AS d",
        "SELECT VALUE udf.tax(c.a) FROM c",
        "SELECT * FROM c WHERE c.a & 1 = 1",
        "SELECT * FROM c WHERE ST_DISTANCE(c.a, c.b) < 5",
        "SELECT VALUE GetCurrentTimestamp()",
        "SELECT DISTINCT VALUE c.a FROM c ORDER BY c.a",
        "SELECT VALUE COUNT(1) FROM c ORDER BY c.a",
    ] {
        let error = Query::parse(text, &[]).map(|_| ()).expect_err(text);
        assert_eq!(error.code, QueryCode::NotSupported, "{text}: {error}");
        assert!(error.message.contains("is not supported yet"), "{error}");
    }
}

#[test]
fn an_error_is_json_within_json() {
    let error = Query::parse("SELECT * FROM c WHERE x.a = 1", &[]).map(|_| ()).expect_err("an unknown name");
    let error = DocumentError::from(error);
    assert_eq!(error.status.as_u16(), 400);
    let body: serde_json::Value = serde_json::from_str(&error.message).expect("the message is JSON");
    assert_eq!(
        body,
        serde_json::json!({"errors": [{"severity": "Error", "location": {"start": 22, "end": 23}, "code": "SC2001",
            "message": "Identifier 'x' could not be resolved."}]})
    );
}

#[test]
fn limits() {
    let deep = format!("SELECT VALUE {}1{}", "(".repeat(5_000), ")".repeat(5_000));
    assert_eq!(code(&deep), QueryCode::Limit, "brackets do not end the stack");
    assert_eq!(code(&format!("SELECT VALUE {}1", "- ".repeat(5_000))), QueryCode::Limit, "signs neither");
    assert_eq!(code(&format!("SELECT VALUE 1{}", " + 1".repeat(5_000))), QueryCode::Limit, "a long sum neither");
    assert_eq!(code(&format!("SELECT VALUE {}true", "NOT ".repeat(5_000))), QueryCode::Limit, "NOT neither");
    let long = |count| format!("SELECT * FROM c WHERE c.a = 0{}", " OR c.a = 1".repeat(count));
    assert!(Query::parse(&long(1_999), &[]).is_ok(), "2,000 conditions");
    assert_eq!(code(&long(2_000)), QueryCode::Limit, "and not one more");
    assert_eq!(code(&format!("SELECT '{}'", "x".repeat(600 * 1024))), QueryCode::Limit, "512 KB of text");
}

#[test]
fn joins_do_not_run_away() {
    let item = format!("{{\"l\":[{}]}}", vec!["1"; 2_000].join(","));
    let query = Query::parse("SELECT VALUE 1 FROM c JOIN a IN c.l JOIN b IN c.l WHERE a = 2", &[]).expect("a query");
    let mut execution = super::Execution::new(query.into(), "", None, 10, 1_000).expect("an execution");
    super::run(&mut execution, &[&item]);
    assert_eq!(execution.answer().expect_err("too many rows").status.as_u16(), 400);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}") {
        let _ = Query::parse(&text, &[]);
    }

    #[test]
    fn no_row_of_words_makes_the_parser_panic(
        words in proptest::collection::vec(
            prop::sample::select(vec![
                "SELECT", "*", "FROM", "c", "WHERE", "c.a", "=", "1", "'x'", "(", ")", "[", "]", "{", "}", ",", "AND", "OR", "NOT",
                "IN", "BETWEEN", "LIKE", "ORDER", "BY", "VALUE", "TOP", "?", "??", ":", "||", "-", "@p", "COUNT", "AS", "JOIN", ".",
                "OFFSET", "LIMIT", "DISTINCT", "é", "--", "\n",
            ]),
            0..25,
        ),
    ) {
        let text = words.join(" ");
        if let Ok(query) = Query::parse(&text, &[("@p".to_owned(), serde_json::json!(1))]) {
            let _ = query.project(r#"{"a":1}"#);
        }
    }

    #[test]
    fn no_item_makes_the_evaluator_panic(item in "[\\[\\]{}\":,a1\\\\ ]{0,30}") {
        let query = Query::parse("SELECT VALUE [c.a, c.a.a, c.a[1], c] FROM c WHERE NOT (c.a = [1])", &[]).expect("a query");
        let _ = query.project(&item);
    }
}

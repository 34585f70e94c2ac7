//! What rows look like (reference 5.2, 5.3).

use super::{Case, check};

const ITEMS: &str = r#"
    {"id":"a","n":1,"o":{"x":1,"y":[10,20]},"tags":["red","green"],"a b":7,"order":2}
    {"id":"b","n":2,"tags":["blue"]}
"#;

#[test]
fn projections() {
    check(&[
        (r#"{"id":"a","z":1,"b":2}"#, "SELECT * FROM c", &[r#"{"id":"a","z":1,"b":2}"#], "the item as it is"),
        (r#"{"id":"a"}"#, "select * from root", &[r#"{"id":"a"}"#], "the name after FROM is free"),
        (ITEMS, "SELECT c.id FROM c", &[r#"{"id":"a"}"#, r#"{"id":"b"}"#], "a path is called as its last name"),
        (ITEMS, "SELECT c.id, c.n AS number FROM c WHERE c.n = 2", &[r#"{"id":"b","number":2}"#], "AS"),
        (ITEMS, "SELECT c.id name FROM c WHERE c.n = 2", &[r#"{"name":"b"}"#], "without the word AS"),
        (ITEMS, "SELECT c.o.x FROM c", &[r#"{"x":1}"#, "{}"], "undefined properties are left out"),
        (
            ITEMS,
            "SELECT c FROM c WHERE c.n = 2",
            &[r#"{"c":{"id":"b","n":2,"tags":["blue"]}}"#],
            "an alias is a name too",
        ),
        (
            ITEMS,
            "SELECT 1, c.n + 1, c.id FROM c WHERE c.n = 1",
            &[r#"{"$1":1,"$2":2,"id":"a"}"#],
            "what has no name is numbered",
        ),
        (ITEMS, "SELECT c['a b'], c[\"order\"] FROM c WHERE c.n = 1", &[r#"{"a b":7,"order":2}"#], "names in brackets"),
        (ITEMS, "SELECT c.order FROM c WHERE c.n = 1", &[r#"{"order":2}"#], "a keyword may follow a point"),
        (ITEMS, "SELECT VALUE c.tags[0] FROM c", &[r#""red""#, r#""blue""#], "an element"),
        (ITEMS, "SELECT VALUE c.tags[1] FROM c", &[r#""green""#], "no row where there is none"),
        (ITEMS, "SELECT VALUE c['o']['y'][1] FROM c", &["20"], "brackets in a row"),
        (ITEMS, "SELECT VALUE c.tags[c.n - 1] FROM c", &[r#""red""#], "an index that is worked out"),
        (ITEMS, "SELECT VALUE c.tags[0.5] FROM c", &[], "no whole number, no element"),
        (ITEMS, "SELECT VALUE c.id.x FROM c", &[], "a string has no properties"),
        (ITEMS, "SELECT VALUE c.o[0] FROM c", &[], "an object has no elements"),
        (
            ITEMS,
            "SELECT VALUE {'id': c.id, 'x': c.o.x, list: [c.n, 2]} FROM c",
            &[r#"{"id":"a","x":1,"list":[1,2]}"#, r#"{"id":"b","list":[2,2]}"#],
            "objects of one's own; undefined members are left out",
        ),
        (
            ITEMS,
            "SELECT VALUE [c.o.x, c.n] FROM c",
            &["[1,1]", "[2]"],
            "arrays of one's own; undefined elements are left out",
        ),
        (ITEMS, "SELECT VALUE {} FROM c WHERE c.n = 1", &["{}"], "an empty object"),
        (ITEMS, "SELECT VALUE [] FROM c WHERE c.n = 1", &["[]"], "an empty array"),
        (ITEMS, "SELECT VALUE {'a': 1}.a", &["1"], "a property of an object of one's own"),
        (ITEMS, "SELECT VALUE [5, 6][1]", &["6"], "an element of an array of one's own"),
        (
            r#"{"o":{"z":1,"a":2.50,"m":9007199254740993}}"#,
            "SELECT VALUE c.o FROM c",
            &[r#"{"z":1,"a":2.50,"m":9007199254740993}"#],
            "what comes from an item stays as it was written",
        ),
        (ITEMS, "SELECT c.id -- the id\nFROM c -- all\nWHERE c.n = 2 -- two", &[r#"{"id":"b"}"#], "comments"),
        (ITEMS, "SELECT VALUE 5", &["5"], "without FROM there is one row, whatever the items"),
        (ITEMS, "SELECT 1 AS one, 'x' AS two", &[r#"{"one":1,"two":"x"}"#], "constants with names"),
        (ITEMS, "SELECT VALUE 5 WHERE 1 = 2", &[], "a filter without FROM"),
    ]);
}

#[test]
fn sources() {
    check(&[
        (ITEMS, "SELECT VALUE r.id FROM root r", &[r#""a""#, r#""b""#], "an alias"),
        (ITEMS, "SELECT VALUE r.id FROM root AS r", &[r#""a""#, r#""b""#], "an alias with AS"),
        (ITEMS, "SELECT * FROM c.o", &[r#"{"x":1,"y":[10,20]}"#], "part of items, where it is there"),
        (ITEMS, "SELECT VALUE o.x FROM c.o", &["1"], "called as its last name"),
        (ITEMS, "SELECT VALUE p.x FROM c.o p", &["1"], "or by an alias"),
        (ITEMS, "SELECT VALUE y FROM c['o'].y[1] y", &["20"], "a path with brackets"),
        (ITEMS, "SELECT VALUE t FROM t IN c.tags", &[r#""red""#, r#""green""#, r#""blue""#], "each element is a row"),
        (ITEMS, "SELECT VALUE t FROM t IN c.id", &[], "what is no array has no elements"),
        (
            ITEMS,
            "SELECT c.id, t FROM c JOIN t IN c.tags",
            &[r#"{"id":"a","t":"red"}"#, r#"{"id":"a","t":"green"}"#, r#"{"id":"b","t":"blue"}"#],
            "JOIN stays inside an item",
        ),
        (
            ITEMS,
            "SELECT VALUE [t, u] FROM c JOIN t IN c.tags JOIN u IN c.o.y",
            &[r#"["red",10]"#, r#"["red",20]"#, r#"["green",10]"#, r#"["green",20]"#],
            "every pair; none where one is empty",
        ),
        (ITEMS, "SELECT VALUE c.id FROM c JOIN t IN c.tags WHERE t = 'green'", &[r#""a""#], "a filter over an element"),
        (
            ITEMS,
            "SELECT VALUE t FROM c JOIN t IN c.tags ORDER BY c.n DESC OFFSET 1 LIMIT 2",
            &[r#""red""#, r#""green""#],
            "rows of one item stay in their order",
        ),
    ]);
}

#[test]
fn numbers_of_rows() {
    check(&[
        (ITEMS, "SELECT TOP 1 VALUE c.id FROM c", &[r#""a""#], "TOP"),
        (ITEMS, "SELECT TOP 0 VALUE c.id FROM c", &[], "TOP 0"),
        (ITEMS, "SELECT TOP 9 * FROM c WHERE c.n = 2", &[r#"{"id":"b","n":2,"tags":["blue"]}"#], "more than there are"),
        (ITEMS, "SELECT VALUE c.id FROM c OFFSET 1 LIMIT 5", &[r#""b""#], "OFFSET and LIMIT"),
        (ITEMS, "SELECT VALUE c.id FROM c OFFSET 0 LIMIT 1", &[r#""a""#], "LIMIT"),
        (ITEMS, "SELECT VALUE c.id FROM c OFFSET 5 LIMIT 1", &[], "past the end"),
        (ITEMS, "SELECT VALUE t FROM t IN c.tags OFFSET 1 LIMIT 1", &[r#""green""#], "rows are counted, not items"),
        (ITEMS, "SELECT VALUE c.o.x FROM c OFFSET 0 LIMIT 5", &["1"], "undefined rows are not rows"),
        (ITEMS, "SELECT TOP 1 VALUE 5", &["5"], "a row without items"),
        (ITEMS, "SELECT TOP 0 VALUE 5", &[], "no row without items"),
        (
            "{\"v\":1}\n{\"v\":2}\n{\"v\":1.0}\n{\"v\":\"1\"}\n{}",
            "SELECT DISTINCT VALUE c.v FROM c",
            &["1", "2", r#""1""#],
            "each value once",
        ),
        (
            "{\"v\":{\"a\":1,\"b\":2}}\n{\"v\":{\"b\":2,\"a\":1}}",
            "SELECT DISTINCT c.v FROM c",
            &[r#"{"v":{"a":1,"b":2}}"#],
            "whatever the order of properties",
        ),
        (
            "{\"v\":1}\n{\"v\":2}\n{\"v\":1}\n{\"v\":3}\n{\"v\":2}\n{\"v\":4}",
            "SELECT DISTINCT VALUE c.v FROM c OFFSET 1 LIMIT 2",
            &["2", "3"],
            "OFFSET counts different rows",
        ),
        (
            "{\"v\":1}\n{\"v\":2}\n{\"v\":1}\n{\"v\":3}",
            "SELECT DISTINCT TOP 2 VALUE c.v FROM c",
            &["1", "2"],
            "TOP counts different rows",
        ),
    ]);
}

#[test]
fn aggregates() {
    const NUMBERS: &str = "{\"v\":3}\n{\"v\":1}\n{\"w\":1}\n{\"v\":2}";
    const MIXED: &str = "{\"v\":3}\n{\"v\":\"x\"}\n{\"v\":null}\n{\"v\":true}";
    let cases: &[Case] = &[
        (NUMBERS, "SELECT VALUE COUNT(1) FROM c", &["4"], "all rows"),
        (NUMBERS, "SELECT VALUE COUNT(c.v) FROM c", &["3"], "defined values"),
        (NUMBERS, "SELECT COUNT(1) FROM c", &[r#"{"$1":4}"#], "without a name"),
        (NUMBERS, "SELECT COUNT(1) AS n, MAX(c.v) AS top FROM c", &[r#"{"n":4,"top":3}"#], "several"),
        (NUMBERS, "SELECT VALUE SUM(c.v) FROM c", &["6"], "undefined does not count"),
        (NUMBERS, "SELECT VALUE AVG(c.v) FROM c", &["2"], "undefined does not count in an average"),
        (NUMBERS, "SELECT VALUE MIN(c.v) FROM c", &["1"], "the least"),
        (NUMBERS, "SELECT VALUE COUNT(1) FROM c WHERE c.v > 1", &["2"], "with a filter"),
        (NUMBERS, "SELECT VALUE COUNT(1) FROM c WHERE c.v > 9", &["0"], "of no rows"),
        (NUMBERS, "SELECT VALUE MAX(c.none) FROM c", &[], "of nothing, undefined"),
        (NUMBERS, "SELECT MAX(c.none) AS top FROM c", &["{}"], "of nothing, left out"),
        (NUMBERS, "SELECT VALUE AVG(c.none) FROM c", &[], "an average of nothing"),
        (NUMBERS, "SELECT VALUE [{'item': COUNT(1)}] FROM c", &[r#"[{"item":4}]"#], "as clients ask each range"),
        (NUMBERS, "SELECT VALUE COUNT(1) * 2 + 1 FROM c", &["9"], "in an expression"),
        (MIXED, "SELECT VALUE SUM(c.v) FROM c", &[], "a sum with what is no number is undefined"),
        (MIXED, "SELECT AVG(c.v) AS a, COUNT(c.v) AS n FROM c", &[r#"{"n":4}"#], "an undefined aggregate is left out"),
        (MIXED, "SELECT VALUE [MIN(c.v), MAX(c.v)] FROM c", &[r#"[null,"x"]"#], "in the order of types"),
        ("{\"v\":1}\n{\"v\":[1]}", "SELECT VALUE MAX(c.v) FROM c", &[], "arrays and objects have no greatest"),
        (ITEMS, "SELECT VALUE COUNT(1) FROM t IN c.tags", &["3"], "of rows that are not items"),
    ];
    check(cases);
}

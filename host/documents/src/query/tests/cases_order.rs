//! The order of rows (reference 5.3).

use super::check;

/// One item of each type, not in order.
const TYPES: &str = r#"
    {"id":"object","v":{"a":1}}
    {"id":"text","v":"b"}
    {"id":"two","v":2}
    {"id":"true","v":true}
    {"id":"missing"}
    {"id":"array","v":[1]}
    {"id":"null","v":null}
    {"id":"ten","v":10}
    {"id":"false","v":false}
    {"id":"earlier text","v":"B"}
"#;

const TIES: &str = "{\"id\":1,\"v\":2}\n{\"id\":2,\"v\":1}\n{\"id\":3,\"v\":2}\n{\"id\":4,\"v\":1}\n{\"id\":5,\"v\":3}";

#[test]
fn order() {
    check(&[
        (
            TYPES,
            "SELECT VALUE c.id FROM c ORDER BY c.v",
            &[
                r#""missing""#,
                r#""null""#,
                r#""false""#,
                r#""true""#,
                r#""two""#,
                r#""ten""#,
                r#""earlier text""#,
                r#""text""#,
                r#""array""#,
                r#""object""#,
            ],
            "undefined < null < false < true < number < string < array < object",
        ),
        (
            TYPES,
            "SELECT VALUE c.id FROM c ORDER BY c.v DESC",
            &[
                r#""object""#,
                r#""array""#,
                r#""text""#,
                r#""earlier text""#,
                r#""ten""#,
                r#""two""#,
                r#""true""#,
                r#""false""#,
                r#""null""#,
                r#""missing""#,
            ],
            "and backwards",
        ),
        (
            TYPES,
            "SELECT VALUE c.id FROM c WHERE IS_NUMBER(c.v) ORDER BY c.v ASC",
            &[r#""two""#, r#""ten""#],
            "numbers by value, not by digits",
        ),
        (TIES, "SELECT VALUE c.id FROM c ORDER BY c.v", &["2", "4", "1", "3", "5"], "ties by the number of the item"),
        (
            TIES,
            "SELECT VALUE c.id FROM c ORDER BY c.v DESC",
            &["5", "1", "3", "2", "4"],
            "ties go up also where keys go down",
        ),
        (TIES, "SELECT TOP 3 VALUE c.id FROM c ORDER BY c.v", &["2", "4", "1"], "TOP after the order"),
        (TIES, "SELECT VALUE c.id FROM c ORDER BY c.v OFFSET 1 LIMIT 3", &["4", "1", "3"], "OFFSET after the order"),
        (TIES, "SELECT VALUE c.id FROM c ORDER BY c.v OFFSET 4 LIMIT 10", &["5"], "the last"),
        (TIES, "SELECT VALUE c.id FROM c ORDER BY c.v OFFSET 5 LIMIT 10", &[], "past the last"),
        (TIES, "SELECT VALUE c.id FROM c WHERE c.id > 1 ORDER BY c.id DESC", &["5", "4", "3", "2"], "with a filter"),
        (TIES, "SELECT c.v FROM c ORDER BY c.id DESC OFFSET 0 LIMIT 1", &[r#"{"v":3}"#], "by what is not in the row"),
        (TYPES, "SELECT VALUE c.v.a FROM c ORDER BY c.id", &["1"], "undefined rows are no rows"),
        (
            "{\"id\":1,\"o\":{\"p\":[5]}}\n{\"id\":2,\"o\":{\"p\":[4]}}",
            "SELECT VALUE c.id FROM c ORDER BY c.o.p[0]",
            &["2", "1"],
            "a longer path",
        ),
        (
            r#"{"_rid":"AAAAAYAAAAH-AAAAAAAAAA=="}
               {"_rid":"AAAAAYAAAAEAAQAAAAAAAA=="}
               {"_rid":"AAAAAYAAAAEBAAAAAAAAAA=="}
               {"_rid":"AAAAAYAAAAH/AAAAAAAAAA=="}"#,
            "SELECT VALUE c._rid FROM c WHERE c._rid > 'AAAAAYAAAAEBAAAAAAAAAA=='",
            &[r#""AAAAAYAAAAH-AAAAAAAAAA==""#, r#""AAAAAYAAAAEAAQAAAAAAAA==""#, r#""AAAAAYAAAAH/AAAAAAAAAA==""#],
            "RIDs compare by their numbers, which are little endian, not by their text",
        ),
    ]);
}

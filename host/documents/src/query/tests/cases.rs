//! Filters and expressions (reference 5.2, 5.3, 5.4).

use super::check;

/// Three items with everything.
const ITEMS: &str = r#"
    {"id":"a","n":1,"s":"apple","t":true,"z":null,"o":{"x":1,"y":"two"},"l":[1,2,3],"tags":["red","green"]}
    {"id":"b","n":2.5,"s":"Banana","t":false,"o":{"x":2},"l":[],"tags":["blue"]}
    {"id":"c","n":"3","s":"cherry pie","z":1,"l":["1",null,{"k":"v"}],"a b":7,"value":9}
"#;

#[test]
fn comparisons() {
    check(&[
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.n = 1", &[r#""a""#], "equality of numbers"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.n = 1.0", &[r#""a""#], "numbers are doubles, not texts"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.n = 10e-1", &[r#""a""#], "exponents"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE 2.5 = c.n", &[r#""b""#], "either side may be the path"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.n != 1", &[r#""b""#, r#""c""#], "another type is another value"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.n <> 1", &[r#""b""#, r#""c""#], "the other spelling of !="),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.n < 2", &[r#""a""#], "less"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.n <= 2.5", &[r#""a""#, r#""b""#], "less or equal"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.n > 1", &[r#""b""#], "a string is neither above nor below a number"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.n >= 1", &[r#""a""#, r#""b""#], "greater or equal"),
        (
            ITEMS,
            "SELECT VALUE c.id FROM c WHERE NOT (c.n > 1)",
            &[r#""a""#],
            "across types undefined, so neither does its negation match",
        ),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.n > '1'", &[r#""c""#], "strings compare with strings"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.s < \"a\"", &[r#""b""#], "upper case comes before lower case"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.z = null", &[r#""a""#], "null is null; a missing property never is"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.z != null", &[r#""c""#], "a missing property is not unequal either"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.nothing = undefined", &[], "undefined is equal to nothing"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.nothing != 1", &[], "undefined is unequal to nothing"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.z >= null", &[r#""a""#], "null is ordered with itself"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.t > false", &[r#""a""#], "false before true"),
        (
            ITEMS,
            "SELECT VALUE c.id FROM c WHERE c.o = {'y': 'two', 'x': 1}",
            &[r#""a""#],
            "objects compare by their members",
        ),
        (
            ITEMS,
            "SELECT VALUE c.id FROM c WHERE c.o != {'x': 1}",
            &[r#""a""#, r#""b""#],
            "an object with more members is another",
        ),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.l = [1, 2, 3]", &[r#""a""#], "arrays compare by their elements"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.l = [3, 2, 1]", &[], "in order"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.l = ['1', null, {'k': 'v'}]", &[r#""c""#], "deeply"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.l < [9]", &[], "arrays are equal or not, never below"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.o > {}", &[], "objects neither"),
        (r#"{"o":{"a":1,"a":2}}"#, "SELECT VALUE c.o.a FROM c", &["2"], "the last of two properties of one name wins"),
        (
            r#"{"a\"b":1,"\u0061c":2}"#,
            r#"SELECT VALUE [c["a\"b"], c.ac] FROM c"#,
            &["[1,2]"],
            "names may be written with escapes",
        ),
        (
            r#"{"s":"\ud83d\ude00\n"}"#,
            r#"SELECT VALUE c.s = "\uD83D\ude00\n" FROM c"#,
            &["true"],
            "escapes of both texts",
        ),
    ]);
}

#[test]
fn booleans() {
    check(&[
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.n = 1 AND c.t", &[r#""a""#], "AND"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.n = 1 or c.n = 2.5", &[r#""a""#, r#""b""#], "keywords in any case"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE NOT c.t", &[r#""b""#], "NOT undefined is undefined"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.t", &[r#""a""#], "only true keeps a row"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.n", &[], "a number is not true"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE 'true'", &[], "a string is not true"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.nothing OR c.n = 1", &[r#""a""#], "undefined OR true is true"),
        (
            ITEMS,
            "SELECT VALUE c.id FROM c WHERE NOT (c.nothing AND c.n = 1)",
            &[r#""b""#, r#""c""#],
            "undefined AND false is false",
        ),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE NOT (c.nothing OR c.n = 1)", &[], "undefined OR false is undefined"),
        (
            ITEMS,
            "SELECT VALUE c.id FROM c WHERE c.n = 1 OR c.n = 2.5 AND c.t",
            &[r#""a""#],
            "AND binds tighter than OR",
        ),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE (c.n = 1 OR c.n = 2.5) AND NOT c.t", &[r#""b""#], "brackets"),
        (
            ITEMS,
            "SELECT VALUE c.id FROM c WHERE NOT c.n = 1",
            &[r#""b""#, r#""c""#],
            "NOT binds looser than a comparison",
        ),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE NOT NOT c.t", &[r#""a""#], "twice"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE false", &[], "a contradiction"),
        (
            ITEMS,
            "SELECT VALUE c.id FROM c WHERE c.id != 'a' AND true",
            &[r#""b""#, r#""c""#],
            "a condition without the item",
        ),
    ]);
}

#[test]
fn lists_ranges_and_patterns() {
    check(&[
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.n IN (1, '3')", &[r#""a""#, r#""c""#], "IN"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.n NOT IN (1, '3')", &[r#""b""#], "NOT IN"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.z IN (null)", &[r#""a""#], "null in a list"),
        (
            ITEMS,
            "SELECT VALUE c.id FROM c WHERE c.z NOT IN (5)",
            &[r#""a""#, r#""c""#],
            "undefined is neither in nor out",
        ),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE 'red' IN (c.tags[0], c.tags[1])", &[r#""a""#], "a list of paths"),
        (
            ITEMS,
            "SELECT VALUE c.id FROM c WHERE c.n BETWEEN 1 AND 2.5",
            &[r#""a""#, r#""b""#],
            "both ends belong to it",
        ),
        (
            ITEMS,
            "SELECT VALUE c.id FROM c WHERE c.n NOT BETWEEN 2 AND 3",
            &[r#""a""#],
            "a string is neither inside nor outside",
        ),
        (
            ITEMS,
            "SELECT VALUE c.id FROM c WHERE c.n BETWEEN 1 AND 2 AND c.t",
            &[r#""a""#],
            "the AND of BETWEEN is its own",
        ),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.s LIKE 'app%'", &[r#""a""#], "any text"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.s LIKE '%an%'", &[r#""b""#], "in the middle"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.s LIKE 'appl_'", &[r#""a""#], "one character"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.s LIKE 'app'", &[], "the whole text has to fit"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.s LIKE '[ab]%'", &[r#""a""#], "one of a set, case matters"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.s LIKE '[^a]%'", &[r#""b""#, r#""c""#], "none of a set"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.s LIKE '[b-d]%'", &[r#""c""#], "a set with a range"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.s NOT LIKE '%e%'", &[r#""b""#], "NOT LIKE"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE c.n LIKE '%'", &[r#""c""#], "only strings are like something"),
        (
            r#"{"s":"50%"}
            {"s":"505"}"#,
            "SELECT VALUE c.s FROM c WHERE c.s LIKE '50!%' ESCAPE '!'",
            &[r#""50%""#],
            "an escaped wildcard",
        ),
        (r#"{"s":"aXbXc"}"#, "SELECT VALUE c.s LIKE 'a%X%c' FROM c", &["true"], "several wildcards"),
        (
            r#"{"s":"abab","p":"%ab"}"#,
            "SELECT VALUE c.s LIKE c.p FROM c",
            &["true"],
            "a pattern from the item, tried again further on",
        ),
        (r#"{"s":"é"}"#, "SELECT VALUE c.s LIKE '_' FROM c", &["true"], "a character, not a byte"),
    ]);
}

#[test]
fn arithmetic_and_text() {
    check(&[
        ("{}", "SELECT VALUE 1 + 2 * 3", &["7"], "products bind tighter"),
        ("{}", "SELECT VALUE (1 + 2) * 3", &["9"], "brackets"),
        ("{}", "SELECT VALUE 7 - 2 - 1", &["4"], "from left to right"),
        ("{}", "SELECT VALUE 7 / 2", &["3.5"], "doubles"),
        ("{}", "SELECT VALUE 7 % 4", &["3"], "remainder"),
        ("{}", "SELECT VALUE -7 % 4", &["-3"], "with the sign of the left side"),
        ("{}", "SELECT VALUE 1 / 0", &[], "what is not finite is undefined"),
        ("{}", "SELECT VALUE 1 + 'a'", &[], "arithmetic takes numbers only"),
        ("{}", "SELECT VALUE 1 + null", &[], "null is no number"),
        ("{}", "SELECT VALUE -(-3)", &["3"], "minus, twice"),
        ("{}", "SELECT VALUE - 'a'", &[], "minus a string"),
        ("{}", "SELECT VALUE +4", &["4"], "plus"),
        ("{}", "SELECT VALUE 0.1 + 0.2", &["0.30000000000000004"], "IEEE doubles"),
        ("{}", "SELECT VALUE .5", &["0.5"], "a number may begin with its point"),
        ("{}", "SELECT VALUE 1e3", &["1000"], "a whole number has no point"),
        ("{}", "SELECT VALUE 'a' || \"b\" || 'c'", &[r#""abc""#], "both quotes"),
        ("{}", "SELECT VALUE 'a' || 1", &[], "strings only"),
        ("{}", "SELECT VALUE 'it\\'s'", &[r#""it's""#], "an escaped quote"),
        ("{}", "SELECT VALUE 1 = 1 AND 'a' || 'b' = 'ab'", &["true"], "comparison is looser than ||"),
        ("{}", "SELECT VALUE 1 < 2 = true", &["true"], "comparisons from left to right"),
        (
            ITEMS,
            "SELECT VALUE c.nothing ?? c.n FROM c WHERE c.id = 'a'",
            &["1"],
            "?? takes the right side for undefined",
        ),
        (ITEMS, "SELECT VALUE c.z ?? 5 FROM c WHERE c.id = 'a'", &["null"], "null is defined"),
        (
            ITEMS,
            "SELECT VALUE c.t ? 'yes' : 'no' FROM c",
            &[r#""yes""#, r#""no""#, r#""no""#],
            "only true takes the first",
        ),
        ("{}", "SELECT VALUE true ? 1 : false ? 2 : 3", &["1"], "conditions in a row"),
        ("{}", "SELECT VALUE undefined ?? false ? 1 : 2", &["2"], "?: is the loosest"),
        ("{}", "SELECT VALUE undefined", &[], "no row for undefined"),
    ]);
}

#[test]
fn functions() {
    check(&[
        (ITEMS, "SELECT VALUE c.id FROM c WHERE IS_DEFINED(c.z)", &[r#""a""#, r#""c""#], "null is defined"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE NOT IS_DEFINED(c.z)", &[r#""b""#], "missing"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE is_null(c.z)", &[r#""a""#], "names of functions in any case"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE NOT IS_NULL(c.z)", &[r#""b""#, r#""c""#], "false for undefined"),
        (
            ITEMS,
            "SELECT VALUE [IS_BOOL(c.t), IS_NUMBER(c.n), IS_STRING(c.s), IS_ARRAY(c.l), IS_OBJECT(c.o)] FROM c WHERE c.id = 'a'",
            &["[true,true,true,true,true]"],
            "types",
        ),
        (
            ITEMS,
            "SELECT VALUE [IS_BOOL(c.n), IS_NUMBER(c.s), IS_STRING(c.n), IS_ARRAY(c.o), IS_OBJECT(c.l)] FROM c WHERE c.id = 'a'",
            &["[false,false,false,false,false]"],
            "other types",
        ),
        (
            ITEMS,
            "SELECT VALUE IS_PRIMITIVE(c.z) FROM c",
            &["true", "false", "true"],
            "null is primitive, undefined is not",
        ),
        (ITEMS, "SELECT VALUE IS_INTEGER(c.n) FROM c", &["true", "false", "false"], "whole numbers"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE STARTSWITH(c.s, 'app')", &[r#""a""#], "leases are listed so"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE STARTSWITH(c.s, 'BAN')", &[], "case matters"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE STARTSWITH(c.s, 'BAN', true)", &[r#""b""#], "unless one says so"),
        (ITEMS, "SELECT VALUE STARTSWITH(c.n, '3') FROM c", &["true"], "a number has no beginning"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE ENDSWITH(c.s, 'PIE', true)", &[r#""c""#], "the end"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE CONTAINS(c.s, 'an')", &[r#""b""#], "in the middle"),
        (
            ITEMS,
            "SELECT VALUE StringEquals(c.s, 'APPLE', true) FROM c",
            &["true", "false", "false"],
            "equal but for case",
        ),
        (ITEMS, "SELECT VALUE LOWER(c.s) FROM c WHERE c.id = 'b'", &[r#""banana""#], "lower case"),
        (ITEMS, "SELECT VALUE UPPER(c.s) FROM c WHERE c.id = 'a'", &[r#""APPLE""#], "upper case"),
        (ITEMS, "SELECT VALUE LENGTH(c.s) FROM c", &["5", "6", "10"], "characters"),
        ("{}", "SELECT VALUE LENGTH('é')", &["1"], "not bytes"),
        ("{}", "SELECT VALUE LENGTH(5)", &[], "of a string only"),
        ("{}", "SELECT VALUE CONCAT('a', 'b', 'c')", &[r#""abc""#], "any number of strings"),
        ("{}", "SELECT VALUE CONCAT('a', 1)", &[], "strings only"),
        (
            "{}",
            "SELECT VALUE [INDEX_OF('abcabc', 'c'), INDEX_OF('abcabc', 'c', 3), INDEX_OF('abc', 'x')]",
            &["[2,5,-1]"],
            "the first place",
        ),
        (
            "{}",
            "SELECT VALUE [SUBSTRING('hello', 1, 3), LEFT('hello', 2), RIGHT('hello', 2)]",
            &[r#"["ell","he","lo"]"#],
            "parts",
        ),
        ("{}", "SELECT VALUE [TRIM(' a '), LTRIM(' a '), RTRIM(' a ')]", &[r#"["a","a "," a"]"#], "white space"),
        ("{}", "SELECT VALUE [REPLACE('banana', 'an', 'o'), REVERSE('abc')]", &[r#"["booa","cba"]"#], "other texts"),
        (
            "{}",
            "SELECT VALUE [ABS(-2), FLOOR(1.5), CEILING(1.5), ROUND(2.5), TRUNC(-1.5), SIGN(-3)]",
            &["[2,1,2,3,-1,-1]"],
            "numbers",
        ),
        ("{}", "SELECT VALUE [SQRT(9), SQUARE(3), POWER(2, 10)]", &["[3,9,1024]"], "more numbers"),
        ("{}", "SELECT VALUE SQRT(-1)", &[], "what is not a number is undefined"),
        (ITEMS, "SELECT VALUE ARRAY_LENGTH(c.l) FROM c", &["3", "0", "3"], "elements"),
        (ITEMS, "SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.tags, 'red')", &[r#""a""#], "an element"),
        (
            ITEMS,
            "SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(['a', 'c'], c.id)",
            &[r#""a""#, r#""c""#],
            "an array of the query's own",
        ),
        (
            r#"{"l":[{"a":1,"b":2}]}"#,
            "SELECT VALUE [ARRAY_CONTAINS(c.l, {'a':1}), ARRAY_CONTAINS(c.l, {'a':1}, true)] FROM c",
            &["[false,true]"],
            "part of an object",
        ),
        ("{}", "SELECT VALUE ARRAY_CONCAT([1], [2, 3])", &["[1,2,3]"], "arrays after each other"),
        (
            "{}",
            "SELECT VALUE [ARRAY_SLICE([1,2,3,4], 1), ARRAY_SLICE([1,2,3,4], 1, 2), ARRAY_SLICE([1,2,3,4], -2, 1)]",
            &["[[2,3,4],[2,3],[3]]"],
            "part of an array",
        ),
        ("{}", "SELECT VALUE IIF(1 = 1, 'yes', 'no')", &[r#""yes""#], "the function for ?:"),
    ]);
}

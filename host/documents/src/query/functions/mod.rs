//! Built-in functions. An argument of the wrong type, or an undefined one, makes the result undefined (reference 5.4).

mod arrays;
mod numbers;
mod texts;
mod types;

use super::value::Value;

/// What a function does with its arguments; as many as its entry allows.
pub(super) type Function = for<'a> fn(&[Value<'a>]) -> Value<'a>;

/// A function with its name in upper case and the number of its arguments.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) least: usize,
    pub(super) most: usize,
    pub(super) run: Function,
}

/// Any number of arguments.
const MANY: usize = 1_000;

const fn entry(name: &'static str, least: usize, most: usize, run: Function) -> Entry {
    Entry { name, least, most, run }
}

/// What stands behind a name, whatever its case.
pub(super) fn find(name: &str) -> Option<&'static Entry> {
    [types::FUNCTIONS, texts::FUNCTIONS, numbers::FUNCTIONS, arrays::FUNCTIONS]
        .into_iter()
        .flatten()
        .find(|entry| entry.name.eq_ignore_ascii_case(name))
}

/// Whether the language has a function of this name that is not here yet.
pub(super) fn is_known(name: &str) -> bool {
    NOT_HERE.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Names of the language (reference 5.4) that are refused by name.
const NOT_HERE: [&str; 101] = [
    "COUNTIF",
    "MAKELIST",
    "MAKESET",
    "ARRAY_CONTAINS_ALL",
    "ARRAY_CONTAINS_ANY",
    "ARRAY_AVG",
    "ARRAY_MAX",
    "ARRAY_MEDIAN",
    "ARRAY_MIN",
    "ARRAY_SUM",
    "CHOOSE",
    "OBJECTTOARRAY",
    "SETDIFFERENCE",
    "SETEQUAL",
    "SETINTERSECT",
    "SETUNION",
    "DATETIMEADD",
    "DATETIMEBIN",
    "DATETIMEDIFF",
    "DATETIMEFORMAT",
    "DATETIMEFROMPARTS",
    "DATETIMEPART",
    "DATETIMETOTICKS",
    "DATETIMETOTIMESTAMP",
    "GETCURRENTDATETIME",
    "GETCURRENTTICKS",
    "GETCURRENTTIMESTAMP",
    "GETCURRENTDATETIMESTATIC",
    "GETCURRENTTICKSSTATIC",
    "GETCURRENTTIMESTAMPSTATIC",
    "TICKSTODATETIME",
    "TIMESTAMPTODATETIME",
    "YEAR",
    "MONTH",
    "DAY",
    "DOCUMENTID",
    "FULLTEXTCONTAINS",
    "FULLTEXTCONTAINSALL",
    "FULLTEXTCONTAINSANY",
    "FULLTEXTSCORE",
    "RRF",
    "ACOS",
    "ASIN",
    "ATAN",
    "ATN2",
    "COS",
    "COT",
    "DEGREES",
    "RADIANS",
    "RAND",
    "SIN",
    "TAN",
    "NUMBERBIN",
    "INTADD",
    "INTSUB",
    "INTMUL",
    "INTDIV",
    "INTMOD",
    "INTBITWISEAND",
    "INTBITWISEOR",
    "INTBITWISEXOR",
    "INTBITWISENOT",
    "INTBITWISELEFTSHIFT",
    "INTBITWISERIGHTSHIFT",
    "HASH",
    "ST_DISTANCE",
    "ST_WITHIN",
    "ST_INTERSECTS",
    "ST_ISVALID",
    "ST_ISVALIDDETAILED",
    "ST_AREA",
    "CONTAINSALLCI",
    "CONTAINSALLCS",
    "CONTAINSANYCI",
    "CONTAINSANYCS",
    "LASTINDEXOF",
    "LASTSUBSTRINGAFTER",
    "LASTSUBSTRINGBEFORE",
    "REGEXMATCH",
    "REGEXEXTRACT",
    "REGEXEXTRACTALL",
    "REPLICATE",
    "STRINGJOIN",
    "STRINGSPLIT",
    "STRINGTOARRAY",
    "STRINGTOBOOLEAN",
    "STRINGTONULL",
    "STRINGTONUMBER",
    "STRINGTOOBJECT",
    "SUBSTRINGAFTER",
    "SUBSTRINGBEFORE",
    "TOSTRING",
    "IS_DATETIME",
    "VECTORDISTANCE",
    "ARRAY",
    "ALL",
    "FIRST",
    "LAST",
    "LOG",
    "LOG10",
    "EXP",
];

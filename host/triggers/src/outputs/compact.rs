//! JSON text without the space between its parts. Order of keys, repeated keys and numbers stay as they were written.

/// Takes the space out of a text that is valid JSON.
pub(super) fn compact(json: &str) -> String {
    let mut result = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if matches!(c, ' ' | '\t' | '\n' | '\r') {
            continue;
        } else {
            in_string = c == '"';
        }
        result.push(c);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::compact;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn only_space_between_parts_goes() {
        let json = "{ \"b\" : [ 1.50 ,\n\t\"a \\\" b\\\\\" ] ,\r\n \"a\":12345678901234567890123 }";
        assert_eq!(compact(json), r#"{"b":[1.50,"a \" b\\"],"a":12345678901234567890123}"#);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[ \\\\\"\t\n{}\\[\\]:,a-z\u{e9}]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[ \"\\\\a-c]{0,4}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_widely_comes_to_what_is_written_closely(value in value()) {
            prop_assert_eq!(compact(&serde_json::to_string_pretty(&value).unwrap()), value.to_string());
        }
    }
}

//! JSON as XML in the form of .NET's DataContractSerializer, which writes the original's negotiated answers.

use serde_json::Value;

const ARRAYS: &str = "http://schemas.microsoft.com/2003/10/Serialization/Arrays";
const PLAIN: &str = "http://schemas.microsoft.com/2003/10/Serialization/";
const SPACES: &str =
    r#"xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:x="http://www.w3.org/2001/XMLSchema""#;
const OBJECT: &str = "ArrayOfKeyValueOfstringanyType";
const LIST: &str = "ArrayOfanyType";

/// A whole document.
pub(super) fn document(value: &Value) -> String {
    let mut xml = String::new();
    let (name, space) = match value {
        Value::Object(_) => (OBJECT, ARRAYS),
        Value::Array(_) => (LIST, ARRAYS),
        Value::Null => ("anyType", PLAIN),
        scalar => (scalar_type(scalar), PLAIN),
    };
    xml.push_str(&format!("<{name} xmlns=\"{space}\" {SPACES}>"));
    content(&mut xml, value);
    xml.push_str(&format!("</{name}>"));
    xml
}

fn content(xml: &mut String, value: &Value) {
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (name, member) in members {
                xml.push_str("<KeyValueOfstringanyType><Key>");
                escape(xml, name);
                xml.push_str("</Key>");
                element(xml, "Value", member);
                xml.push_str("</KeyValueOfstringanyType>");
            }
        }
        Value::Array(items) => items.iter().for_each(|item| element(xml, "anyType", item)),
        Value::String(text) => escape(xml, text),
        Value::Bool(_) | Value::Number(_) => xml.push_str(&value.to_string()),
    }
}

fn element(xml: &mut String, name: &str, value: &Value) {
    let attribute = match value {
        Value::Null => "i:nil=\"true\"".to_owned(),
        Value::Object(_) => format!("i:type=\"{OBJECT}\""),
        Value::Array(_) => format!("i:type=\"{LIST}\""),
        scalar => format!("i:type=\"x:{}\"", scalar_type(scalar)),
    };
    xml.push_str(&format!("<{name} {attribute}>"));
    content(xml, value);
    xml.push_str(&format!("</{name}>"));
}

fn scalar_type(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "double",
        Value::Number(_) => "long",
        _ => "string",
    }
}

/// Characters that XML cannot hold are replaced.
fn escape(xml: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '\r' => xml.push_str("&#xD;"),
            '\t' | '\n' | ' '.. if !matches!(c, '\u{fffe}' | '\u{ffff}') => xml.push(c),
            _ => xml.push('\u{fffd}'),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_value_has_its_form() {
        let xml = document(&json!({"a": "<&>\u{1}", "b": [1, 2.5, true, null], "c": {"d": "e"}}));
        assert!(xml.starts_with("<ArrayOfKeyValueOfstringanyType xmlns="), "{xml}");
        for part in [
            "<Key>a</Key><Value i:type=\"x:string\">&lt;&amp;&gt;\u{fffd}</Value>",
            "<Value i:type=\"ArrayOfanyType\"><anyType i:type=\"x:long\">1</anyType>",
            "<anyType i:type=\"x:double\">2.5</anyType><anyType i:type=\"x:boolean\">true</anyType><anyType i:nil=\"true\"></anyType>",
            "<Value i:type=\"ArrayOfKeyValueOfstringanyType\"><KeyValueOfstringanyType><Key>d</Key>",
        ] {
            assert!(xml.contains(part), "{part}: {xml}");
        }
        assert!(document(&json!("hi")).ends_with(">hi</string>"));
    }
}

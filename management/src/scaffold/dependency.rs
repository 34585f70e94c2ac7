//! Adds a dependency to the text of a package.json, which otherwise stays as its owner wrote it.

use serde_json::Value;

/// The text with the dependency; `None` when it is there already. The error says what is wrong with the file.
pub(super) fn with_dependency(text: &str, package: &str, version: &str) -> Result<Option<String>, String> {
    let json: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if !json.is_object() {
        return Err("it must hold a JSON object".to_owned());
    }
    if json["dependencies"].get(package).is_some() {
        return Ok(None);
    }
    let entry = format!("\"{package}\": \"{version}\"");
    let added = match json.get("dependencies") {
        Some(Value::Object(known)) => below_key(text, "dependencies").map(|at| {
            let end = if known.is_empty() { "\n    " } else { "," };
            insert(text, at, &format!("\n        {entry}{end}"))
        }),
        Some(_) => return Err("\"dependencies\" must be an object".to_owned()),
        None => text.find('{').map(|at| {
            let end = if json.as_object().is_some_and(serde_json::Map::is_empty) { "\n" } else { "," };
            insert(text, at + 1, &format!("\n    \"dependencies\": {{\n        {entry}\n    }}{end}"))
        }),
    };
    // The text may have the key in a place of its own.
    let is_right = |added: &String| {
        serde_json::from_str::<Value>(added).is_ok_and(|json| json["dependencies"][package] == version)
    };
    let by_hand = || format!("add {entry} to its \"dependencies\" by hand");
    added.filter(is_right).map(Some).ok_or_else(by_hand)
}

/// The place behind the brace that opens the value of a key.
fn below_key(text: &str, key: &str) -> Option<usize> {
    let key = format!("\"{key}\"");
    text.match_indices(&key).find_map(|(at, _)| {
        let rest = text[at + key.len()..].trim_start().strip_prefix(':')?.trim_start().strip_prefix('{')?;
        Some(text.len() - rest.len())
    })
}

fn insert(text: &str, at: usize, what: &str) -> String {
    format!("{}{what}{}", &text[..at], &text[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_the_file_stays_as_it_was() {
        for (text, expected) in [
            (
                "{\n    \"name\": \"z\",\n    \"dependencies\": {\n        \"a\": \"1\"\n    },\n    \"b\": 1\n}\n",
                "{\n    \"name\": \"z\",\n    \"dependencies\": {\n        \"df\": \"^3\",\n        \"a\": \"1\"\n    },\n    \"b\": 1\n}\n",
            ),
            ("{\n    \"dependencies\": {}\n}\n", "{\n    \"dependencies\": {\n        \"df\": \"^3\"\n    }\n}\n"),
            (
                "{\n    \"name\": \"z\"\n}\n",
                "{\n    \"dependencies\": {\n        \"df\": \"^3\"\n    },\n    \"name\": \"z\"\n}\n",
            ),
            ("{}", "{\n    \"dependencies\": {\n        \"df\": \"^3\"\n    }\n}"),
        ] {
            assert_eq!(with_dependency(text, "df", "^3").unwrap().as_deref(), Some(expected));
        }
        assert_eq!(with_dependency("{\"dependencies\": {\"df\": \"^2\"}}", "df", "^3"), Ok(None));
        for wrong in ["", "[]", "{\"dependencies\": 1}"] {
            assert!(with_dependency(wrong, "df", "^3").is_err(), "{wrong}");
        }
        let hidden = "{\"x\": {\"dependencies\": {}}, \"dependencies\": {\"a\": \"1\"}}";
        assert!(with_dependency(hidden, "df", "^3").unwrap_err().contains("by hand"));
    }
}

//! Rules of ids (reference: Cosmos DB, section 3).

use super::json::{self, Object};
use super::{DocumentError, limits};

/// Whether an item may be called so: 1 to 1023 bytes without `/`, `\`, `?` and `#`.
///
/// # Errors
/// 400 that names the rule.
pub fn check_item_id(id: &str) -> Result<(), DocumentError> {
    if id.is_empty() || id.len() > limits::ITEM_ID_BYTES {
        return Err(DocumentError::bad_request(format!(
            "The id of the item has {} bytes, and an id has 1 to {}.",
            id.len(),
            limits::ITEM_ID_BYTES
        )));
    }
    check_characters(id)
}

/// Whether any other resource may be called so: 1 to 255 characters without `/`, `\`, `?` and `#`, and no space at the end.
///
/// # Errors
/// 400 that names the rule.
pub fn check_resource_id(id: &str) -> Result<(), DocumentError> {
    let characters = id.chars().count();
    if characters == 0 || characters > limits::ID_CHARACTERS {
        return Err(DocumentError::bad_request(format!(
            "The id of the resource has {characters} characters, and an id has 1 to {}.",
            limits::ID_CHARACTERS
        )));
    }
    if id.ends_with(' ') {
        return Err(DocumentError::bad_request("The id of the resource ends with a space, which it must not."));
    }
    check_characters(id)
}

fn check_characters(id: &str) -> Result<(), DocumentError> {
    match id.chars().find(|c| matches!(c, '/' | '\\' | '?' | '#')) {
        None => Ok(()),
        Some(c) => Err(DocumentError::bad_request(format!(
            "The id has the character '{c}', which no id may have: '/', '\\', '?' and '#' are not allowed."
        ))),
    }
}

/// The id that a body names.
///
/// # Errors
/// 400 when there is none, or when it is not a string.
pub(super) fn id_of(object: &Object<'_>) -> Result<String, DocumentError> {
    let value = object.get("id").ok_or_else(|| {
        DocumentError::bad_request(
            "The input content is invalid because the required properties - 'id; ' - are missing",
        )
    })?;
    let id = json::string(value).ok_or_else(|| {
        DocumentError::bad_request("The input content is invalid because the property 'id' is not a string")
    })?;
    Ok(id.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_the_rules_of_the_service() {
        for good in ["a", "a b", "ä+%&=", "😀", ".", "..", &"x".repeat(1023), "a "] {
            check_item_id(good).unwrap();
        }
        for bad in ["", "a/b", "a\\b", "a?", "#a", &"x".repeat(1024), &"ä".repeat(512)] {
            assert_eq!(check_item_id(bad).unwrap_err().status, 400, "{bad}");
        }
        for good in ["a", " a", "my db", &"ä".repeat(255)] {
            check_resource_id(good).unwrap();
        }
        for bad in ["", "a ", "a/b", &"x".repeat(256)] {
            assert_eq!(check_resource_id(bad).unwrap_err().status, 400, "{bad}");
        }
    }

    #[test]
    fn an_id_is_a_string() {
        let id = |text: &str| id_of(&Object::parse(text).unwrap());
        assert_eq!(id(r#"{"id":"\u0061"}"#).unwrap(), "a");
        assert!(id("{}").unwrap_err().message.contains("'id; '"));
        for bad in [r#"{"id":1}"#, r#"{"id":null}"#, r#"{"id":["a"]}"#] {
            assert!(id(bad).unwrap_err().message.contains("not a string"));
        }
    }
}

//! What users, permissions, scripts and the like must be like (reference: Cosmos DB, sections 3 and 4).

use crate::protocol::json::{self, Object};
use crate::protocol::links::{Link, ResourceKind};
use crate::protocol::partition_key::PartitionKey;
use crate::protocol::resource_token::PermissionMode;
use crate::protocol::{DocumentError, check_resource_id};

/// Properties that the store adds; what a client sends of them is dropped.
const SYSTEM: [&str; 15] = [
    "_rid",
    "_self",
    "_etag",
    "_ts",
    "_colls",
    "_users",
    "_docs",
    "_sprocs",
    "_triggers",
    "_udfs",
    "_conflicts",
    "_permissions",
    "_token",
    "_lsn",
    "_attachments",
];

/// Most bytes of the text of a script.
const SCRIPT_BYTES: usize = 1024 * 1024;

/// A body that keeps the rules.
#[derive(Debug)]
pub(super) struct Checked {
    /// The id in it.
    pub(super) name: String,
    /// One JSON object, as it was written, without what the store adds.
    pub(super) body: String,
}

/// Reads the body of a resource.
///
/// # Errors
/// 400 for what is not one JSON object, and for what breaks the rules of its kind.
pub(super) fn check(kind: ResourceKind, body: &str) -> Result<Checked, DocumentError> {
    let mut object = parse(body)?;
    object.remove(|name| SYSTEM.contains(&name));
    let name = id_of(&object)?;
    check_resource_id(&name)?;
    match kind {
        ResourceKind::Permission => {
            permission(&object)?;
        }
        ResourceKind::StoredProcedure | ResourceKind::UserDefinedFunction => script(&object)?,
        ResourceKind::Trigger => {
            script(&object)?;
            one_of(&object, "triggerType", &["Pre", "Post"])?;
            one_of(&object, "triggerOperation", &["All", "Create", "Replace", "Delete", "Update", "Upsert"])?;
        }
        _ => {}
    }
    Ok(Checked { name, body: object.text().into_owned() })
}

/// The object that a body is.
pub(super) fn parse(body: &str) -> Result<Object<'_>, DocumentError> {
    Object::parse(body).map_err(|error| {
        DocumentError::bad_request(format!("The request payload is invalid. It is not one JSON object: {error}"))
    })
}

/// The text that a property is, if it is one.
pub(super) fn text_of(object: &Object<'_>, name: &str) -> Option<String> {
    object.get(name).and_then(json::string).map(std::borrow::Cow::into_owned)
}

fn id_of(object: &Object<'_>) -> Result<String, DocumentError> {
    if object.get("id").is_none() {
        return Err(DocumentError::bad_request(
            "The input content is invalid because the required properties - 'id; ' - are missing",
        ));
    }
    text_of(object, "id").ok_or_else(|| {
        DocumentError::bad_request("The input content is invalid because the property 'id' is not a string")
    })
}

fn script(object: &Object<'_>) -> Result<(), DocumentError> {
    match text_of(object, "body") {
        Some(body) if body.len() <= SCRIPT_BYTES => Ok(()),
        Some(_) => Err(DocumentError::bad_request("The property 'body' of the script is longer than 1 MB.")),
        None => Err(DocumentError::bad_request(
            "The input content is invalid because the required property 'body' is missing or not a string.",
        )),
    }
}

fn one_of(object: &Object<'_>, name: &str, words: &[&str]) -> Result<(), DocumentError> {
    let given = text_of(object, name);
    match given.is_some_and(|given| words.iter().any(|word| word.eq_ignore_ascii_case(&given))) {
        true => Ok(()),
        false => {
            Err(DocumentError::bad_request(format!("The property '{name}' has to be one of {}.", words.join(", "))))
        }
    }
}

/// A permission as it is understood.
#[derive(Debug, PartialEq)]
pub(super) struct Permission {
    pub(super) mode: PermissionMode,
    /// As it was given.
    pub(super) resource: String,
    /// In canonical form.
    pub(super) partition_key: Option<String>,
}

/// Reads a permission.
pub(super) fn permission(object: &Object<'_>) -> Result<Permission, DocumentError> {
    let mode = match text_of(object, "permissionMode").as_deref() {
        Some(mode) if mode.eq_ignore_ascii_case("all") => PermissionMode::All,
        Some(mode) if mode.eq_ignore_ascii_case("read") => PermissionMode::Read,
        _ => return Err(DocumentError::bad_request("The property 'permissionMode' has to be one of All, Read.")),
    };
    let resource = text_of(object, "resource").filter(|link| !link.trim_matches('/').is_empty());
    let Some(resource) = resource else {
        return Err(DocumentError::bad_request(
            "The input content is invalid because the required property 'resource', the link of a resource, is missing.",
        ));
    };
    if Link::parse(&resource).is_err() {
        return Err(DocumentError::bad_request("The property 'resource' of the permission is no link of a resource."));
    }
    let partition_key = match object.get("resourcePartitionKey").filter(|value| *value != "null") {
        Some(value) if value.starts_with('[') => Some(PartitionKey::from_json(value)?.canonical()),
        Some(value) => Some(PartitionKey::from_json(&format!("[{value}]"))?.canonical()),
        None => None,
    };
    Ok(Permission { mode, resource, partition_key })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_an_object_with_an_id() {
        for body in ["{}", r#"{"id":1}"#, r#"{"id":null}"#, r#"{"id":"a/b"}"#, "[]", "", r#"{"id":"a""#] {
            assert_eq!(check(ResourceKind::User, body).unwrap_err().status, 400, "{body}");
        }
    }

    #[test]
    fn what_the_store_adds_is_dropped_and_the_rest_is_kept_in_order() {
        let checked = check(ResourceKind::User, r#"{"_ts":1,"z":1.0,"id":"u","_rid":"x","a":{"_ts":2}}"#).unwrap();
        assert_eq!((checked.name.as_str(), checked.body.as_str()), ("u", r#"{"z":1.0,"id":"u","a":{"_ts":2}}"#));
    }

    #[test]
    fn scripts_have_texts_and_triggers_words() {
        let ok = |kind, body| check(kind, body).is_ok();
        assert!(ok(ResourceKind::StoredProcedure, r#"{"id":"s","body":"serverScript() { var x = 10; }"}"#));
        assert!(!ok(ResourceKind::StoredProcedure, r#"{"id":"s","body":1}"#));
        assert!(!ok(ResourceKind::UserDefinedFunction, r#"{"id":"s"}"#));
        assert!(ok(ResourceKind::Trigger, r#"{"id":"t","body":"","triggerType":"Pre","triggerOperation":"All"}"#));
        assert!(!ok(ResourceKind::Trigger, r#"{"id":"t","body":"","triggerType":"Mid","triggerOperation":"All"}"#));
        assert!(!ok(ResourceKind::Trigger, r#"{"id":"t","body":"","triggerType":"Post"}"#));
    }

    #[test]
    fn permissions_are_understood() {
        let read = |body: &str| permission(&Object::parse(body).unwrap());
        let permission =
            read(r#"{"permissionMode":"All","resource":"dbs/d/colls/c","resourcePartitionKey":[1]}"#).unwrap();
        assert_eq!((permission.mode, permission.resource.as_str()), (PermissionMode::All, "dbs/d/colls/c"));
        assert_eq!(
            permission.partition_key,
            read(r#"{"permissionMode":"read","resource":"dbs/d","resourcePartitionKey":1.0}"#).unwrap().partition_key
        );
        for wrong in [
            r#"{"resource":"dbs/d"}"#,
            r#"{"permissionMode":"Write","resource":"dbs/d"}"#,
            r#"{"permissionMode":"All"}"#,
            r#"{"permissionMode":"All","resource":"/"}"#,
            r#"{"permissionMode":"All","resource":"somewhere"}"#,
            r#"{"permissionMode":"All","resource":"dbs/d","resourcePartitionKey":[{"a":1}]}"#,
        ] {
            assert_eq!(read(wrong).unwrap_err().status, 400, "{wrong}");
        }
    }
}

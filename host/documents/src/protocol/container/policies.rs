//! The smaller policies of a container.

use crate::protocol::json::{self, Object};
use crate::protocol::partition_key::PropertyPath;
use crate::protocol::{DocumentError, limits};

/// A property that queries compute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComputedProperty {
    /// What it is called.
    pub name: String,
    /// `SELECT VALUE …`.
    pub query: String,
}

/// Reads a unique key policy.
pub(super) fn unique_keys(text: &str) -> Result<Vec<Vec<PropertyPath>>, DocumentError> {
    let refused = |why: &str| wrong("uniqueKeyPolicy", why);
    let policy = Object::parse(text).map_err(|error| refused(&error.to_string()))?;
    let Some(keys) = policy.get("uniqueKeys").filter(|keys| *keys != "null") else { return Ok(Vec::new()) };
    let keys = json::array(keys).map_err(|_| refused("'uniqueKeys' is an array"))?;
    if keys.len() > limits::UNIQUE_KEYS {
        return Err(refused(&format!("it has more than {} unique keys", limits::UNIQUE_KEYS)));
    }
    let mut all: Vec<Vec<PropertyPath>> = Vec::with_capacity(keys.len());
    for key in keys {
        let paths = Object::parse(key).ok().and_then(|key| key.get("paths")).and_then(|paths| json::array(paths).ok());
        let paths = paths.ok_or_else(|| refused("each unique key is an object with an array 'paths'"))?;
        if paths.is_empty() || paths.len() > limits::UNIQUE_KEY_PATHS {
            return Err(refused(&format!("a unique key has 1 to {} paths", limits::UNIQUE_KEY_PATHS)));
        }
        let path = |path: &str| PropertyPath::parse(&json::string(path).ok_or_else(|| refused("a path is a string"))?);
        let paths: Vec<PropertyPath> = paths.into_iter().map(path).collect::<Result<_, _>>()?;
        if all.contains(&paths) || (1..paths.len()).any(|at| paths[..at].contains(&paths[at])) {
            return Err(refused("a path or a unique key is there twice"));
        }
        all.push(paths);
    }
    Ok(all)
}

/// Minutes for which all versions are kept, if they are.
pub(super) fn retention(text: &str) -> Result<Option<i64>, DocumentError> {
    let refused = |why: &str| wrong("changeFeedPolicy", why);
    let policy = Object::parse(text).map_err(|error| refused(&error.to_string()))?;
    match policy.get("retentionDuration").filter(|minutes| *minutes != "null") {
        None | Some("0") => Ok(None),
        Some(minutes) => match minutes.parse::<i64>() {
            Ok(minutes) if (1..=limits::TTL_SECONDS).contains(&minutes) => Ok(Some(minutes)),
            _ => Err(refused("'retentionDuration' is a number of minutes, or 0 for none")),
        },
    }
}

/// Reads computed properties.
pub(super) fn computed(text: &str) -> Result<Vec<ComputedProperty>, DocumentError> {
    let refused = |why: &str| wrong("computedProperties", why);
    let list = json::array(text).map_err(|_| refused("it is an array"))?;
    if list.len() > limits::COMPUTED_PROPERTIES {
        return Err(refused(&format!("there are more than {}", limits::COMPUTED_PROPERTIES)));
    }
    let mut all: Vec<ComputedProperty> = Vec::with_capacity(list.len());
    for entry in list {
        let entry = Object::parse(entry).map_err(|_| refused("each is an object"))?;
        let text = |name: &str| entry.get(name).and_then(json::string).filter(|text| !text.is_empty());
        let (Some(name), Some(query)) = (text("name"), text("query")) else {
            return Err(refused("each has a 'name' and a 'query'"));
        };
        if name == "id" || name.starts_with('_') || all.iter().any(|other| other.name == *name) {
            return Err(refused(&format!("'{name}' is the id, a name of the store's own, or there twice")));
        }
        let mut words = query.split_whitespace().map(str::to_ascii_uppercase);
        if words.next().as_deref() != Some("SELECT") || words.next().as_deref() != Some("VALUE") {
            return Err(refused(&format!("the query of '{name}' does not begin with SELECT VALUE")));
        }
        all.push(ComputedProperty { name: name.into_owned(), query: query.into_owned() });
    }
    Ok(all)
}

/// Checks a conflict resolution policy.
pub(super) fn check_conflicts(text: &str) -> Result<(), DocumentError> {
    one_of("conflictResolutionPolicy", text, "mode", &["LastWriterWins", "Custom"])
}

/// Checks a geospatial configuration.
pub(super) fn check_geospatial(text: &str) -> Result<(), DocumentError> {
    one_of("geospatialConfig", text, "type", &["Geography", "Geometry"])
}

fn one_of(policy: &str, text: &str, name: &str, words: &[&str]) -> Result<(), DocumentError> {
    let object = Object::parse(text).map_err(|error| wrong(policy, &error.to_string()))?;
    let given = object.get(name).map(|value| json::string(value).unwrap_or_default());
    match given {
        Some(given) if !words.iter().any(|word| word.eq_ignore_ascii_case(&given)) => {
            Err(wrong(policy, &format!("'{name}' is {}", words.join(" or "))))
        }
        _ => Ok(()),
    }
}

fn wrong(policy: &str, why: &str) -> DocumentError {
    DocumentError::bad_request(format!("The container's {policy} is not valid: {why}."))
}

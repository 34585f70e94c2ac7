//! Indexing policies: checked and echoed. Host state has indexes of its own; what counts is which items queries may find.

use crate::protocol::json::{self, Object};
use crate::protocol::{DocumentError, limits};

const DEFAULT: &str = r#"{"indexingMode":"consistent","automatic":true,"includedPaths":[{"path":"/*"}],"excludedPaths":[{"path":"/\"_etag\"/?"}]}"#;
const ROOT: &str = r#"[{"path":"/*"}]"#;
const WITHOUT_ETAG: &str = r#"[{"path":"/\"_etag\"/?"}]"#;

/// When items are indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexingMode {
    /// With the write.
    Consistent,
    /// Later, in the service; here with the write.
    Lazy,
    /// Not at all.
    None,
}

/// Which items and paths are indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexingPolicy {
    /// When.
    pub mode: IndexingMode,
    /// Whether items are indexed of which the write does not say so.
    pub automatic: bool,
    /// Paths whose values are indexed.
    pub included: Vec<String>,
    /// Paths whose values are not.
    pub excluded: Vec<String>,
    /// Paths that are ordered by together, each ascending or not.
    pub composite: Vec<Vec<(String, bool)>>,
    text: String,
}

impl IndexingPolicy {
    pub(super) fn read(given: Option<&str>) -> Result<Self, DocumentError> {
        let object = Object::parse(given.unwrap_or(DEFAULT)).map_err(|error| refused(&error.to_string()))?;
        let mode = match word(&object, "indexingMode")?.as_deref() {
            None | Some("consistent") => IndexingMode::Consistent,
            Some("lazy") => IndexingMode::Lazy,
            Some("none") => IndexingMode::None,
            Some(other) => return Err(refused(&format!("'{other}' is no indexingMode: use consistent or none"))),
        };
        let automatic = match object.get("automatic") {
            None | Some("true") => true,
            Some("false") => false,
            Some(_) => return Err(refused("'automatic' is true or false")),
        };
        let included = paths(&object, "includedPaths")?;
        let excluded = paths(&object, "excludedPaths")?;
        let composite = composite(&object)?;
        let mut policy = Self {
            mode,
            automatic,
            included: included.clone().unwrap_or_default(),
            excluded: excluded.clone().unwrap_or_default(),
            composite,
            text: String::new(),
        };
        let mut missing: Vec<(&str, &str)> = Vec::new();
        if object.get("indexingMode").is_none() {
            missing.push(("indexingMode", "\"consistent\""));
        }
        if object.get("automatic").is_none() {
            missing.push(("automatic", if mode == IndexingMode::None { "false" } else { "true" }));
        }
        let is_root = |path: &String| path == "/*" || path == "/";
        if mode == IndexingMode::None {
            missing.extend(included.is_none().then_some(("includedPaths", "[]")));
            missing.extend(excluded.is_none().then_some(("excludedPaths", "[]")));
        } else {
            if included.is_none() {
                let everything = policy.excluded.iter().any(is_root);
                missing.push(("includedPaths", if everything { "[]" } else { ROOT }));
                policy.included = if everything { Vec::new() } else { vec!["/*".to_owned()] };
            }
            if excluded.is_none() {
                missing.push(("excludedPaths", WITHOUT_ETAG));
                policy.excluded = vec!["/\"_etag\"/?".to_owned()];
            }
            if !policy.included.iter().chain(&policy.excluded).any(is_root) {
                return Err(refused(
                    "the special mandatory indexing path \"/*\" is in neither of includedPaths and excludedPaths",
                ));
            }
        }
        policy.text = with(&object, &missing);
        Ok(policy)
    }

    /// As it is echoed: the client's words, with what was filled in behind.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// An object's text with more properties.
fn with(object: &Object<'_>, more: &[(&str, &str)]) -> String {
    let own = object.text();
    let mut text = own.strip_suffix('}').unwrap_or(&own).trim_end().to_owned();
    for (name, value) in more {
        if text.len() > 1 {
            text.push(',');
        }
        json::write_string(&mut text, name);
        text.push(':');
        text.push_str(value);
    }
    text.push('}');
    text
}

fn paths(object: &Object<'_>, name: &str) -> Result<Option<Vec<String>>, DocumentError> {
    let Some(list) = object.get(name).filter(|list| *list != "null") else { return Ok(None) };
    let list = json::array(list).map_err(|_| refused(&format!("{name} is an array")))?;
    if list.len() > limits::INDEXING_PATHS {
        return Err(refused(&format!("{name} has more than {} paths", limits::INDEXING_PATHS)));
    }
    let path = |entry: &str| {
        let path = Object::parse(entry).ok().and_then(|entry| entry.get("path").and_then(json::string));
        let path = path.filter(|path| path.starts_with('/')).map(std::borrow::Cow::into_owned);
        path.ok_or_else(|| refused(&format!("each entry of {name} is an object whose 'path' begins with a slash")))
    };
    list.into_iter().map(path).collect::<Result<_, _>>().map(Some)
}

fn composite(object: &Object<'_>) -> Result<Vec<Vec<(String, bool)>>, DocumentError> {
    let Some(list) = object.get("compositeIndexes").filter(|list| *list != "null") else { return Ok(Vec::new()) };
    let wrong = || refused("compositeIndexes is an array of arrays of objects with a 'path' and an 'order'");
    let list = json::array(list).map_err(|_| wrong())?;
    if list.len() > limits::COMPOSITE_INDEXES {
        return Err(refused(&format!("there are more than {} composite indexes", limits::COMPOSITE_INDEXES)));
    }
    let mut all = Vec::with_capacity(list.len());
    for index in list {
        let entries = json::array(index).map_err(|_| wrong())?;
        if !(2..=limits::COMPOSITE_PATHS).contains(&entries.len()) {
            return Err(refused(&format!("a composite index has 2 to {} paths", limits::COMPOSITE_PATHS)));
        }
        let mut paths = Vec::with_capacity(entries.len());
        for entry in entries {
            let entry = Object::parse(entry).map_err(|_| wrong())?;
            let path = entry.get("path").and_then(json::string).ok_or_else(wrong)?;
            let ascending = match word(&entry, "order")?.as_deref() {
                None | Some("ascending") => true,
                Some("descending") => false,
                Some(_) => return Err(refused("the order of a composite index is ascending or descending")),
            };
            paths.push((path.into_owned(), ascending));
        }
        all.push(paths);
    }
    Ok(all)
}

/// A word, in lower case.
fn word(object: &Object<'_>, name: &str) -> Result<Option<String>, DocumentError> {
    match object.get(name).filter(|value| *value != "null") {
        None => Ok(None),
        Some(value) => json::string(value)
            .map(|word| Some(word.to_ascii_lowercase()))
            .ok_or_else(|| refused(&format!("'{name}' is a string"))),
    }
}

fn refused(why: &str) -> DocumentError {
    DocumentError::bad_request(format!("The container's indexingPolicy is not valid: {why}."))
}

//! Which folder is meant, and what its app is called.

use std::path::{Path, PathBuf};

use hearth_model::ids::AppName;

use crate::exit::Failure;

const HOST_JSON: &str = "host.json";
/// Longest name of an app.
const LONGEST: usize = 60;

/// The named folder, else the present one or the nearest above it that has a host.json. Absolute, links resolved.
pub(super) fn find(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let start = named.unwrap_or(Path::new("."));
    let shown = if named.is_some() { start.display().to_string() } else { "this folder".to_owned() };
    let unreadable =
        |error: std::io::Error| Failure::general(format_args!("'{}' can't be read: {error}", start.display()));
    let start = std::fs::canonicalize(start).map_err(unreadable)?;
    if !start.is_dir() {
        return Err(Failure::general(format_args!("'{shown}' is not a folder: name the folder of a function app")));
    }
    let above = if named.is_some() { 0 } else { usize::MAX };
    let found = start.ancestors().take(above.max(1)).find(|folder| folder.join(HOST_JSON).is_file());
    found.map(Path::to_owned).ok_or_else(|| {
        let place = if named.is_some() {
            format!("'{shown}' has no host.json")
        } else {
            "no host.json is in this folder or above it".to_owned()
        };
        Failure::configuration(format_args!("{place}: this is no function app. Make one with 'hearth init'"))
    })
}

/// A name for the app of a folder, as like the folder's as the rules allow.
pub(super) fn app_name(folder: &Path) -> AppName {
    let name = folder.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let mut text: String = name
        .chars()
        .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' })
        .skip_while(|c| !c.is_ascii_lowercase())
        .take(LONGEST)
        .collect();
    text.truncate(text.trim_end_matches('-').len());
    AppName::parse(&text).or_else(|_| AppName::parse(&format!("app-{text}"))).unwrap_or_else(|_| fallback())
}

#[expect(clippy::expect_used, reason = "a constant that is a name")]
fn fallback() -> AppName {
    AppName::parse("app").expect("a valid name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_called_as_its_folder_where_that_is_a_name() {
        for (folder, name) in [
            ("/work/shop", "shop"),
            ("/work/My Shop_2", "my-shop-2"),
            ("/work/2shop-", "shop"),
            ("/work/hearth", "app-hearth"),
            ("/work/x", "app-x"),
            ("/work/123", "app"),
            ("/", "app"),
        ] {
            assert_eq!(app_name(Path::new(folder)).as_str(), name, "{folder}");
        }
        assert_eq!(app_name(Path::new(&"a".repeat(100))).as_str().len(), LONGEST);
    }

    #[test]
    fn a_folder_without_host_json_is_told_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let refused = find(Some(folder.path())).unwrap_err().to_string();
        assert!(refused.contains("has no host.json") && refused.contains("hearth init"), "{refused}");
        std::fs::write(folder.path().join(HOST_JSON), "{}").unwrap();
        assert_eq!(find(Some(folder.path())).unwrap(), std::fs::canonicalize(folder.path()).unwrap());
        let file = folder.path().join(HOST_JSON);
        assert!(find(Some(&file)).unwrap_err().to_string().contains("not a folder"));
    }
}

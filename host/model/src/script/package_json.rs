//! package.json, as far as it says how an app is run.

use serde_json::Value;

use crate::json::read_value;

/// Name of the file in a package's root.
pub(crate) const FILE_NAME: &str = "package.json";

/// What a package.json says of an app.
#[derive(Debug, Default)]
pub(crate) struct PackageJson {
    /// `main`; `None` when it is absent or empty.
    pub(crate) main: Option<String>,
    /// Major version of `@azure/functions` among the dependencies.
    pub(crate) functions_version: Option<u32>,
    /// The scripts that `npm run` knows.
    scripts: Vec<String>,
    /// What is wrong with the file, which stops nothing.
    pub(crate) warnings: Vec<String>,
}

impl PackageJson {
    /// Reads the file; what can't be read of it counts as absent, as with the original, and is told.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let mut found = Self::default();
        let json = match read_value(FILE_NAME, bytes) {
            Ok(Value::Object(json)) => json,
            Ok(_) => {
                found.warnings.push(format!("{FILE_NAME}: the file must hold a JSON object; it is not used"));
                return found;
            }
            Err(error) => {
                found.warnings.push(format!("{error}; the file is not used"));
                return found;
            }
        };
        match json.get("main") {
            None | Some(Value::Null) => {}
            Some(Value::String(main)) => found.main = Some(main.trim().to_owned()).filter(|main| !main.is_empty()),
            Some(_) => found.warnings.push(format!("{FILE_NAME}: \"main\" must be a string; it is not used")),
        }
        let version = json.get("dependencies").and_then(|dependencies| dependencies.get("@azure/functions"));
        found.functions_version = version.and_then(Value::as_str).and_then(major);
        if let Some(Value::Object(scripts)) = json.get("scripts") {
            found.scripts = scripts.keys().cloned().collect();
        }
        found
    }

    /// How the project is built, in words.
    pub(crate) fn build_command(&self) -> &'static str {
        if self.scripts.iter().any(|name| name == "build") { "npm run build" } else { "npx tsc" }
    }
}

/// The first number of a version or range, for example 4 of `^4.0.1`.
fn major(range: &str) -> Option<u32> {
    let digits = range.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_package_json_says() {
        let json = br#"{"main": " dist/index.js ", "dependencies": {"@azure/functions": "^4.5.0"}, "scripts": {"build": "tsc"}}"#;
        let found = PackageJson::parse(json);
        assert_eq!(found.main.as_deref(), Some("dist/index.js"));
        assert_eq!((found.functions_version, found.build_command()), (Some(4), "npm run build"));
        for (json, warning) in [
            (&b"{"[..], Some("package.json:1:1: the file is not valid JSON")),
            (b"[]", Some("package.json: the file must hold a JSON object")),
            (b"{\"main\": 5}", Some("package.json: \"main\" must be a string")),
            (b"{\"main\": \"\"}", None),
            (b"\xef\xbb\xbf{}", None),
        ] {
            let found = PackageJson::parse(json);
            assert_eq!(found.main, None);
            assert_eq!(found.warnings.len(), usize::from(warning.is_some()), "{:?}", found.warnings);
            assert!(warning.is_none_or(|expected| found.warnings[0].starts_with(expected)), "{:?}", found.warnings);
        }
    }

    #[test]
    fn the_major_version_of_a_range() {
        for (range, expected) in [
            ("^4.0.0", Some(4)),
            ("~3.5", Some(3)),
            (">=4 <5", Some(4)),
            ("4", Some(4)),
            ("latest", None),
            ("file:../functions", None),
            ("99999999999.0", None),
        ] {
            assert_eq!(major(range), expected, "{range}");
        }
    }
}

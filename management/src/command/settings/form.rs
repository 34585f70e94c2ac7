//! Files of settings: local.settings.json of the Core Tools, and the list that the Azure portal and command line show.

use std::collections::BTreeMap;

use hearth_model::json::read_value;
use serde_json::{Map, Value, json};

use crate::exit::Failure;

/// Section of local.settings.json that becomes settings with this prefix (azure-functions reference, section 1.6).
const CONNECTION_STRINGS: &str = "ConnectionStrings";

/// Form of an exported file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Form {
    /// local.settings.json, as the Core Tools read it
    #[default]
    Local,
    /// The list of the Azure portal and `az functionapp config appsettings`
    Azure,
}

/// What a file holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Imported {
    pub(super) settings: BTreeMap<String, String>,
    /// What was passed over, for people.
    pub(super) notes: Vec<String>,
}

/// Reads either form, or a plain object of names and values.
pub(super) fn read(file: &str, text: &str) -> Result<Imported, Failure> {
    let value = read_value(file, text.as_bytes()).map_err(Failure::general)?;
    let mut imported = Imported::default();
    match &value {
        Value::Array(entries) => imported.list(file, entries)?,
        Value::Object(object) if object.contains_key("Values") || object.contains_key("IsEncrypted") => {
            imported.local(file, object)?;
        }
        Value::Object(object) => imported.values(file, "", object)?,
        _ => {
            return Err(Failure::general(format_args!(
                "{file}: neither a local.settings.json nor a list of settings as Azure exports it"
            )));
        }
    }
    Ok(imported)
}

impl Imported {
    fn local(&mut self, file: &str, object: &Map<String, Value>) -> Result<(), Failure> {
        if object.get("IsEncrypted") == Some(&Value::Bool(true)) {
            return Err(Failure::general(format_args!(
                "{file}: its values are encrypted for the machine it was made on; run 'func settings decrypt' there first"
            )));
        }
        let section = |name: &str| match object.get(name) {
            None => Ok(None),
            Some(Value::Object(values)) => Ok(Some(values)),
            Some(_) => Err(Failure::general(format_args!("{file}: \"{name}\" must be an object of names and values"))),
        };
        if let Some(values) = section("Values")? {
            self.values(file, "", values)?;
        }
        if let Some(strings) = section(CONNECTION_STRINGS)? {
            for (name, value) in strings {
                // Visual Studio also writes {"ConnectionString": "…", "ProviderName": "…"}.
                let value = value.get("ConnectionString").unwrap_or(value);
                self.add(file, format!("{CONNECTION_STRINGS}__{name}"), value)?;
            }
        }
        if object.contains_key("Host") {
            self.notes.push("\"Host\" is for 'func start' only and was left out".to_owned());
        }
        Ok(())
    }

    fn list(&mut self, file: &str, entries: &[Value]) -> Result<(), Failure> {
        for entry in entries {
            let Some(name) = entry.get("name").and_then(Value::as_str) else {
                return Err(Failure::general(format_args!(
                    "{file}: each entry must be an object with \"name\" and \"value\""
                )));
            };
            if entry.get("slotSetting") == Some(&Value::Bool(true)) {
                self.notes.push(format!(
                    "'{name}' was bound to its slot; there are no slots here, so it is imported as any other"
                ));
            }
            self.add(file, name.to_owned(), entry.get("value").unwrap_or(&Value::Null))?;
        }
        Ok(())
    }

    fn values(&mut self, file: &str, prefix: &str, values: &Map<String, Value>) -> Result<(), Failure> {
        values.iter().try_for_each(|(name, value)| self.add(file, format!("{prefix}{name}"), value))
    }

    fn add(&mut self, file: &str, name: String, value: &Value) -> Result<(), Failure> {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Null => {
                self.notes.push(format!("'{name}' has no value and was left out"));
                return Ok(());
            }
            Value::Array(_) | Value::Object(_) => {
                return Err(Failure::general(format_args!(
                    "{file}: the value of '{name}' must be a text; write nested settings as '{name}__key'"
                )));
            }
        };
        self.settings.insert(name, text);
        Ok(())
    }
}

/// Writes settings in a form, with a line end.
pub(super) fn write(form: Form, settings: &BTreeMap<String, String>) -> Result<String, Failure> {
    let document = match form {
        Form::Azure => {
            settings.iter().map(|(name, value)| json!({ "name": name, "value": value, "slotSetting": false })).collect()
        }
        Form::Local => local(settings),
    };
    let mut text = serde_json::to_string_pretty(&document).map_err(Failure::general)?;
    text.push('\n');
    Ok(text)
}

fn local(settings: &BTreeMap<String, String>) -> Value {
    let (mut values, mut strings) = (Map::new(), Map::new());
    for (name, value) in settings {
        match connection_string(name) {
            Some(short) => strings.insert(short.to_owned(), value.as_str().into()),
            None => values.insert(name.clone(), value.as_str().into()),
        };
    }
    let mut document = json!({ "IsEncrypted": false, "Values": values });
    if !strings.is_empty() {
        document[CONNECTION_STRINGS] = strings.into();
    }
    document
}

/// What follows `ConnectionStrings__` or `ConnectionStrings:` in a name.
fn connection_string(name: &str) -> Option<&str> {
    let (section, rest) = name.split_at_checked(CONNECTION_STRINGS.len())?;
    let rest = rest.strip_prefix("__").or_else(|| rest.strip_prefix(':'))?;
    (section.eq_ignore_ascii_case(CONNECTION_STRINGS) && !rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn local_settings_are_read_and_written() {
        let text = r#"{
            // of my machine
            "IsEncrypted": false,
            "Values": { "FUNCTIONS_WORKER_RUNTIME": "custom", "Retries": 3, "Empty": null, },
            "Host": { "CORS": "*" },
            "ConnectionStrings": { "Db": "Server=x", "Old": { "ConnectionString": "Server=y", "ProviderName": "z" } }
        }"#;
        let imported = read("local.settings.json", text).unwrap();
        let expected = settings(&[
            ("FUNCTIONS_WORKER_RUNTIME", "custom"),
            ("Retries", "3"),
            ("ConnectionStrings__Db", "Server=x"),
            ("ConnectionStrings__Old", "Server=y"),
        ]);
        assert_eq!(imported.settings, expected);
        assert_eq!(imported.notes.len(), 2, "{:?}", imported.notes);
        let written = write(Form::Local, &expected).unwrap();
        assert_eq!(read("x", &written).unwrap(), Imported { settings: expected, notes: vec![] });
        assert!(written.contains("\"Db\": \"Server=x\""), "{written}");
    }

    #[test]
    fn azures_list_is_read_and_written() {
        let text =
            r#"[{"name": "A", "value": "1", "slotSetting": true}, {"name": "B", "slotSetting": false, "value": "2"}]"#;
        let imported = read("-", text).unwrap();
        assert_eq!(imported.settings, settings(&[("A", "1"), ("B", "2")]));
        assert!(imported.notes[0].contains("'A'"));
        let written = write(Form::Azure, &imported.settings).unwrap();
        assert_eq!(read("x", &written).unwrap().settings, imported.settings);
        assert_eq!(read("x", r#"{"A": "1", "B": "2"}"#).unwrap().settings, imported.settings);
    }

    #[test]
    fn what_can_not_be_read_says_where() {
        for (text, part) in [
            ("{", "my.json:1"),
            (r#"{"IsEncrypted": true, "Values": {}}"#, "func settings decrypt"),
            (r#"{"Values": []}"#, "\"Values\""),
            (r#"{"Values": {"A": {"b": "c"}}}"#, "'A__key'"),
            (r#"[{"value": "1"}]"#, "\"name\""),
            ("3", "neither"),
        ] {
            let error = read("my.json", text).unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("my.json"), "{error}");
        }
    }
}

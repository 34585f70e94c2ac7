//! Files of settings: local.settings.json of the Core Tools, and the list that the Azure portal and command line show.

use std::collections::BTreeMap;

use hearth_model::json::read_value;
use hearth_model::local_settings::{self, LocalHost, LocalSettings};
use serde_json::{Map, Value, json};

use crate::exit::Failure;

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
        Value::Object(object) if is_local(object) => {
            return LocalSettings::parse(file, text.as_bytes()).map(Imported::from).map_err(Failure::general);
        }
        Value::Object(object) => imported.values(file, object)?,
        _ => {
            return Err(Failure::general(format_args!(
                "{file}: neither a local.settings.json nor a list of settings as Azure exports it"
            )));
        }
    }
    Ok(imported)
}

/// Whether an object is a local.settings.json, not settings themselves.
fn is_local(object: &Map<String, Value>) -> bool {
    object.iter().any(|(key, value)| match key.to_ascii_lowercase().as_str() {
        "values" | "isencrypted" => true,
        "connectionstrings" | "host" => value.is_object(),
        _ => false,
    })
}

impl From<LocalSettings> for Imported {
    fn from(read: LocalSettings) -> Self {
        let settings = read.settings.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut notes = read.warnings;
        if read.host != LocalHost::default() {
            notes.push("\"Host\" is for 'func start' only and was left out".to_owned());
        }
        Self { settings, notes }
    }
}

impl Imported {
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

    fn values(&mut self, file: &str, values: &Map<String, Value>) -> Result<(), Failure> {
        values.iter().try_for_each(|(name, value)| self.add(file, name.clone(), value))
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
    if form == Form::Local {
        return Ok(local_settings::write(
            &settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        ));
    }
    let document: Value =
        settings.iter().map(|(name, value)| json!({ "name": name, "value": value, "slotSetting": false })).collect();
    let mut text = serde_json::to_string_pretty(&document).map_err(Failure::general)?;
    text.push('\n');
    Ok(text)
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
            ("ConnectionStrings:Db", "Server=x"),
            ("ConnectionStrings:Old", "Server=y"),
        ]);
        assert_eq!(imported.settings, expected);
        assert_eq!(imported.notes.len(), 2, "{:?}", imported.notes);
        assert!(imported.notes[0].starts_with("local.settings.json:4:"), "{:?}", imported.notes);
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
            (r#"{"Values": []}"#, "my.json:1:12: Values must be an object"),
            (r#"{"Values": {"A": {"b": "c"}}}"#, "my.json:1:18: Values.A must be a text"),
            (r#"{"A": {"b": "c"}}"#, "'A__key'"),
            (r#"[{"value": "1"}]"#, "\"name\""),
            ("3", "neither"),
        ] {
            let error = read("my.json", text).unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("my.json"), "{error}");
        }
    }
}

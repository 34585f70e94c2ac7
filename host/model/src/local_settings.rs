//! local.settings.json: settings for development (reference: section 1.4). Hearth reads it to import settings and writes it
//! to export them; it never is part of a package.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use crate::json::{Document, FileError, Node};
use crate::settings::{self, Settings};

/// Name of the file in the project's folder.
pub const FILE_NAME: &str = "local.settings.json";

/// Section of the settings under which connection strings stand.
const CONNECTION_STRINGS: &str = "ConnectionStrings";

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct LocalSettings {
    /// `Values`, and each of `ConnectionStrings` as `ConnectionStrings:<name>`.
    pub settings: Settings,
    /// `Host`.
    pub host: LocalHost,
    /// Things worth a look that stop nothing. They name settings, never values.
    pub warnings: Vec<String>,
}

/// The `Host` section: how a local host listens.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct LocalHost {
    /// `LocalHttpPort`.
    pub port: Option<u16>,
    /// `LocalHttpAddress`.
    pub address: Option<String>,
    /// `CORS`: allowed origins.
    pub cors: Vec<String>,
    /// `CORSCredentials`.
    pub cors_credentials: bool,
}

impl LocalSettings {
    /// Reads and checks the bytes of the file, which messages call `file`. A value that is not flat text is an error with its
    /// place; a key without name or value is left out with a warning.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, FileError> {
        let document = Document::parse(file, bytes)?;
        let root = document.root();
        if let Some(encrypted) = root.get("IsEncrypted")?
            && encrypted.boolean()?
        {
            return Err(encrypted.error(
                "is true: the values can only be read on the machine that encrypted them; run 'func settings decrypt' there first",
            ));
        }
        let mut read = Self::default();
        if let Some(values) = root.get("Values")? {
            for (name, node) in values.entries()? {
                read.add(&name, &name, &node, &node)?;
            }
        }
        if let Some(strings) = root.get(CONNECTION_STRINGS)? {
            for (name, node) in strings.entries()? {
                // Some tools write the provider beside the text.
                let text = if node.expect_object().is_ok() { node.required("ConnectionString")? } else { node.clone() };
                read.add(&name, &format!("{CONNECTION_STRINGS}:{name}"), &node, &text)?;
            }
        }
        if let Some(host) = root.get("Host")? {
            read.host = LocalHost::read(&host)?;
        }
        Ok(read)
    }

    /// Adds one setting; `written` is its key in the file.
    fn add(&mut self, written: &str, name: &str, node: &Node<'_>, value: &Node<'_>) -> Result<(), FileError> {
        let mut warn = |reason: &str| self.warnings.push(node.error(reason).to_string());
        if written.is_empty() {
            warn("has a key without a name, which is left out");
            return Ok(());
        }
        if value.is_null() {
            warn("has no value and is left out");
            return Ok(());
        }
        settings::check_name(name).map_err(|reason| node.error(format_args!("can't be taken: {reason}")))?;
        let Ok(text) = value.scalar_text() else {
            return Err(value.error(
                "must be a text: Values is a flat list of settings; write a key inside another as Outer__Inner",
            ));
        };
        if written.contains(':') {
            warn("has a ':' in its key; write '__' instead, which every system allows in the environment");
        }
        if self.settings.get(name).is_some() {
            warn("is there twice (names ignore case, and ':' is the same as '__'); the last one counts");
        }
        self.settings.insert(name, text);
        Ok(())
    }
}

impl LocalHost {
    fn read(node: &Node<'_>) -> Result<Self, FileError> {
        let mut host = Self::default();
        if let Some(port) = node.get("LocalHttpPort")? {
            host.port = u16::try_from(port.integer(1, i64::from(u16::MAX))?).ok();
        }
        if let Some(address) = node.get("LocalHttpAddress")? {
            host.address = Some(address.string()?.to_owned());
        }
        if let Some(cors) = node.get("CORS")? {
            let origins = cors.string()?.split(',').map(str::trim).filter(|origin| !origin.is_empty());
            host.cors = origins.map(str::to_owned).collect();
        }
        if let Some(credentials) = node.get("CORSCredentials")? {
            host.cors_credentials = credentials.boolean()?;
            if host.cors_credentials && host.cors.iter().any(|origin| origin == "*") {
                return Err(credentials.error("can't be true while CORS allows every origin ('*'); name the origins"));
            }
        }
        Ok(host)
    }
}

/// The file's text for settings: connection strings in their own section, names as given.
pub fn write(settings: &Settings) -> String {
    let (mut values, mut strings) = (Map::new(), Map::new());
    for (name, value) in settings.iter() {
        match connection_name(name) {
            Some(connection) => strings.insert(connection.to_owned(), value.into()),
            None => values.insert(name.to_owned(), value.into()),
        };
    }
    let mut file = Map::from_iter([("IsEncrypted".to_owned(), json!(false))]);
    file.insert("Values".to_owned(), Value::Object(values));
    if !strings.is_empty() {
        file.insert(CONNECTION_STRINGS.to_owned(), Value::Object(strings));
    }
    format!("{:#}\n", Value::Object(file))
}

/// What follows `ConnectionStrings:` in a name, if it is a single key.
fn connection_name(name: &str) -> Option<&str> {
    let (section, rest) = name.split_at_checked(CONNECTION_STRINGS.len())?;
    let rest = rest.strip_prefix(':').or_else(|| rest.strip_prefix("__"))?;
    let single = !rest.is_empty() && !rest.contains(':') && !rest.contains("__");
    (single && section.eq_ignore_ascii_case(CONNECTION_STRINGS)).then_some(rest)
}

//! What a `connection` property leads to: the text of one setting, or a section of settings without a secret.

use std::collections::BTreeMap;
use std::fmt;

use super::{Settings, compared};

/// Where a connection's data were found.
#[derive(Clone, PartialEq, Eq)]
pub enum Connection {
    /// A connection string.
    Text {
        /// Name of the setting as given, for messages.
        setting: String,
        /// Its value, which is mostly a secret.
        value: String,
    },
    /// A section such as `N__accountName`, `N__credential`: the service is told and the identity is the host's.
    Identity {
        /// Name of the section, for messages.
        section: String,
        /// Its keys in lower case (deeper ones joined by `:`) and their values.
        properties: BTreeMap<String, String>,
    },
}

impl Connection {
    /// A property of an identity section, by its name in any case.
    pub fn property(&self, name: &str) -> Option<&str> {
        match self {
            Self::Text { .. } => None,
            Self::Identity { properties, .. } => properties.get(&compared(name)).map(String::as_str),
        }
    }
}

/// Without the value of a connection string.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { setting, .. } => f.debug_struct("Text").field("setting", setting).finish_non_exhaustive(),
            Self::Identity { section, properties } => f
                .debug_struct("Identity")
                .field("section", section)
                .field("properties", &properties.keys())
                .finish_non_exhaustive(),
        }
    }
}

/// Finds what a binding's `connection` names (reference: section 1.6). An absent or empty name stands for `default`, which is
/// `Storage` or `CosmosDB`. The first of `ConnectionStrings:AzureWebJobs<name>`, `AzureWebJobs<name>`,
/// `ConnectionStrings:<name>` and `<name>` counts that is a setting or a section. The error is public text.
pub fn connection(settings: &Settings, name: Option<&str>, default: &str) -> Result<Connection, String> {
    let name = name.filter(|name| !name.is_empty()).unwrap_or(default);
    let candidates = [
        format!("ConnectionStrings:AzureWebJobs{name}"),
        format!("AzureWebJobs{name}"),
        format!("ConnectionStrings:{name}"),
        name.to_owned(),
    ];
    for candidate in &candidates {
        match settings.entry(candidate) {
            Some((setting, value)) if value.trim().is_empty() => {
                return Err(format!("the connection '{name}' leads to the app setting '{setting}', which is empty"));
            }
            Some((setting, value)) => {
                return Ok(Connection::Text { setting: setting.to_owned(), value: value.to_owned() });
            }
            None => {}
        }
        let properties: BTreeMap<String, String> = settings
            .section(candidate)
            .into_iter()
            .map(|(keys, _, value)| (keys.join(":").to_lowercase(), value.to_owned()))
            .collect();
        if !properties.is_empty() {
            return Ok(Connection::Identity { section: candidate.clone(), properties });
        }
    }
    Err(format!(
        "the connection '{name}' has no app setting; set 'AzureWebJobs{name}' or '{name}' to a connection string, or a \
         section such as '{name}__accountName'"
    ))
}

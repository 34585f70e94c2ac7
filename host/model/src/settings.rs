//! App settings: the names and values that an operator gives an app (reference: sections 1.5, 1.6 and 6.3).
//!
//! Names compare as .NET configuration compares them: without regard to case, and `:` is the same as `__`. The spelling that
//! was given is kept, because it is the name under which a function finds the setting in its environment.

use std::collections::BTreeMap;

mod connection;
#[cfg(test)]
mod tests;

pub use connection::{Connection, connection};

/// Longest name of a setting, in bytes.
pub const MAX_NAME_BYTES: usize = 256;

/// The settings of one app.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Name as given and value, by the name's compared form.
    values: BTreeMap<String, (String, String)>,
}

impl Settings {
    /// No settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a setting.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(&compared(name)).map(|(_, value)| value.as_str())
    }

    /// Name as given, and value, of a setting.
    pub(crate) fn entry(&self, name: &str) -> Option<(&str, &str)> {
        self.values.get(&compared(name)).map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Sets a value. A setting of the same name, however spelt, is replaced, its spelling too.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let name = name.into();
        self.values.insert(compared(&name), (name, value.into()));
    }

    /// Takes a setting out; its value if there was one.
    pub fn remove(&mut self, name: &str) -> Option<String> {
        self.values.remove(&compared(name)).map(|(_, value)| value)
    }

    /// Names as given, and values, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.values().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The settings below a section: the keys that follow it in each name, the name as given, and the value.
    pub(crate) fn section<'s>(&'s self, section: &str) -> Vec<(Vec<&'s str>, &'s str, &'s str)> {
        let depth = segments(section).count();
        let prefix = format!("{}:", compared(section));
        self.values
            .iter()
            .filter(|(key, _)| key.starts_with(&prefix))
            .map(|(_, (name, value))| (segments(name).skip(depth).collect(), name.as_str(), value.as_str()))
            .collect()
    }
}

/// The keys of a name that its separators part.
fn segments(name: &str) -> impl Iterator<Item = &str> {
    name.split("__").flat_map(|part| part.split(':'))
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Settings {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut settings = Self::new();
        for (name, value) in pairs {
            settings.insert(name, value);
        }
        settings
    }
}

/// Names only: values are often secrets.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// The form in which names are compared.
pub fn compared(name: &str) -> String {
    name.replace("__", ":").to_lowercase()
}

/// Checks the name of a setting; the error says the rule. What is refused could not be a name in a function's environment,
/// or not be written as `%NAME%`.
pub fn check_name(name: &str) -> Result<(), String> {
    let refused = |rule: &str| {
        let shown: String = name.chars().take(80).flat_map(char::escape_debug).collect();
        Err(format!("the setting name '{shown}' is not valid: {rule}"))
    };
    if name.is_empty() {
        return Err("the setting name is empty".to_owned());
    }
    if name.len() > MAX_NAME_BYTES {
        return refused("it is longer than 256 bytes");
    }
    if !name.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
        return refused("only printable ASCII characters are allowed");
    }
    if name.contains(['=', '%']) {
        return refused("'=' and '%' are not allowed");
    }
    if name.trim() != name {
        return refused("it begins or ends with a space");
    }
    Ok(())
}

/// Whether a setting switches a function off: `AzureWebJobs.<function>.Disabled` or `AzureWebJobs_<function>_Disabled` with
/// `true` in any case or `1`.
pub fn is_disabled(settings: &Settings, function: &str) -> bool {
    [format!("AzureWebJobs.{function}.Disabled"), format!("AzureWebJobs_{function}_Disabled")]
        .iter()
        .filter_map(|name| settings.get(name))
        .any(|value| value.eq_ignore_ascii_case("true") || value == "1")
}

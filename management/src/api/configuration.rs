//! Settings, keys and modes of apps.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Answer of `GET /api/apps/{app}/settings`. Its `Debug` form shows names only: values are often secrets.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsView {
    /// Revision of the settings, for `If-Match`; 0 when they were never changed.
    pub revision: u64,
    /// Names as they were given, and values.
    pub settings: BTreeMap<String, String>,
}

/// Body of `PUT /api/apps/{app}/settings`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsReplacement {
    /// All settings; the others go.
    pub settings: BTreeMap<String, String>,
}

/// Body of `PATCH /api/apps/{app}/settings`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsChange {
    /// Settings to add or change.
    pub set: BTreeMap<String, String>,
    /// Names of settings to take away; one that is not there is no error.
    pub unset: Vec<String>,
}

/// Answer to a change of settings, of keys or of the mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Revision after the change.
    pub revision: u64,
}

/// Answer of `GET /api/apps/{app}/keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysView {
    /// Opens everything, the app's admin API too.
    pub master: KeyView,
    /// Keys that open every function.
    pub host: Vec<KeyView>,
    /// Keys for the webhooks of extensions.
    pub system: Vec<KeyView>,
    /// Keys that open one function, by its name in lower case. A function without keys of its own is not listed.
    pub functions: BTreeMap<String, Vec<KeyView>>,
}

/// Keys of one scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyList {
    /// By name.
    pub keys: Vec<KeyView>,
}

/// One key. Its `Debug` form does not show the value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyView {
    /// Its name; that of the master key is `_master`.
    pub name: String,
    /// What a caller presents.
    pub value: String,
}

/// Body of `PUT /api/apps/{app}/keys/…`.
#[derive(Clone, Serialize, Deserialize)]
pub struct KeyValue {
    /// What callers shall present. A `name` beside it is passed over: that of the path counts.
    #[serde(default)]
    pub value: Option<String>,
}

impl fmt::Debug for SettingsView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.settings.keys().collect();
        f.debug_struct("SettingsView").field("revision", &self.revision).field("settings", &names).finish()
    }
}

impl fmt::Debug for KeyView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyView").field("name", &self.name).finish_non_exhaustive()
    }
}

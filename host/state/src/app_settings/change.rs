//! What a change of settings comes to, given what is stored.

use std::collections::BTreeMap;
use std::fmt;

use hearth_model::ids::AppName;
use hearth_model::settings::{check_name, compared};
use zeroize::Zeroizing;

use crate::StateError;

/// Most settings that an app may have.
pub const MAX_SETTINGS: usize = 1000;
/// Longest value of a setting, in bytes.
pub const MAX_SETTING_BYTES: usize = 64 << 10;

/// Settings by the form in which their names are compared: spelling and value, or why it cannot be opened.
pub(super) type Stored = BTreeMap<String, (String, Result<Zeroizing<String>, StateError>)>;

/// A change of an app's settings. Names are first removed, then set; of a name that is set twice the last value counts.
#[derive(Clone, Default)]
pub struct SettingsChange {
    /// Names with their new values.
    pub set: Vec<(String, String)>,
    /// Names to remove; a name that there is not is no error.
    pub unset: Vec<String>,
    /// Whether every setting that is not in `set` is removed.
    pub replace_all: bool,
    /// Do it only while the app's settings have this revision.
    pub expected: Option<u64>,
}

impl fmt::Debug for SettingsChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set: Vec<&str> = self.set.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("SettingsChange")
            .field("set", &set)
            .field("unset", &self.unset)
            .field("replace_all", &self.replace_all)
            .field("expected", &self.expected)
            .finish()
    }
}

/// What is to be written.
#[derive(Default)]
pub(super) struct Plan<'a> {
    pub(super) remove: Vec<String>,
    /// Compared form, spelling, value.
    pub(super) put: Vec<(String, &'a str, &'a str)>,
}

impl Plan<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.remove.is_empty() && self.put.is_empty()
    }
}

impl SettingsChange {
    /// A change that sets these and removes nothing.
    pub fn set(settings: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { set: settings.into_iter().collect(), ..Self::default() }
    }

    /// A change that removes these.
    pub fn unset(names: impl IntoIterator<Item = String>) -> Self {
        Self { unset: names.into_iter().collect(), ..Self::default() }
    }

    /// A change after which there are these and no others.
    pub fn replace(settings: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { replace_all: true, ..Self::set(settings) }
    }

    pub(super) fn plan<'a>(&'a self, app: &AppName, stored: &Stored) -> Result<Plan<'a>, StateError> {
        let mut wanted: BTreeMap<String, (&str, &str)> = BTreeMap::new();
        for (name, value) in &self.set {
            check(name, value)?;
            wanted.insert(compared(name), (name, value));
        }
        let unset: Vec<String> = self.unset.iter().map(|name| compared(name)).collect();
        let goes = |name: &String| !wanted.contains_key(name) && (self.replace_all || unset.contains(name));
        let remove: Vec<String> = stored.keys().filter(|name| goes(name)).cloned().collect();
        let added = wanted.keys().filter(|name| !stored.contains_key(*name)).count();
        let count = stored.len() - remove.len() + added;
        if count > MAX_SETTINGS && added > 0 {
            return Err(StateError::Rejected(format!(
                "app '{app}' would have {count} settings, but an app may have {MAX_SETTINGS}: remove some first"
            )));
        }
        let same = |folded: &str, name: &str, value: &str| {
            stored
                .get(folded)
                .is_some_and(|(stored, old)| stored == name && old.as_ref().is_ok_and(|old| old.as_str() == value))
        };
        let changed = wanted.into_iter().filter(|(folded, (name, value))| !same(folded, name, value));
        Ok(Plan { remove, put: changed.map(|(folded, (name, value))| (folded, name, value)).collect() })
    }
}

fn check(name: &str, value: &str) -> Result<(), StateError> {
    let rejected = |text: String| Err(StateError::Rejected(text));
    check_name(name).map_err(StateError::Rejected)?;
    if value.len() > MAX_SETTING_BYTES {
        return rejected(format!(
            "the value of setting '{name}' has {} bytes, but a value may have {MAX_SETTING_BYTES}: keep what is larger in \
             a file",
            value.len()
        ));
    }
    if value.contains('\0') {
        return rejected(format!(
            "the value of setting '{name}' holds a NUL character, which no environment can carry"
        ));
    }
    Ok(())
}

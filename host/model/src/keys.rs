//! The keys that callers of an app present, and what a key opens (reference 2.4).
//!
//! A key is looked up in the order master, system, host, the function's own; the first that has its value decides. Only
//! digests are compared, all of them for every call and without a branch, so that the time of an answer tells nothing
//! about a key. A set never changes: whoever changes keys puts another set in its place. Values are wiped when dropped
//! and never shown by `Debug`.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroize;

use crate::binding::AuthLevel;

/// Longest value of a key, in characters.
pub const MAX_VALUE: usize = 1024;
/// Longest name of a key, in characters.
pub const MAX_NAME: usize = 127;
/// Name under which the master key is kept; the keys API calls it `_master`.
pub const MASTER: &str = "master";
/// Name of the key that the host scope and each function have from the beginning.
pub const DEFAULT: &str = "default";

/// What a key is a key of. Ordered as keys are looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyScope {
    /// The whole app and its admin API.
    Master,
    /// The webhooks of extensions.
    System,
    /// Every function.
    Host,
    /// One function, its name in lower case; see [`KeyScope::function`].
    Function(String),
}

impl KeyScope {
    /// The scope of a function, however its name is written.
    pub fn function(name: &str) -> Self {
        Self::Function(name.to_ascii_lowercase())
    }

    fn level(&self) -> CallerLevel {
        match self {
            Self::Master => CallerLevel::Admin,
            Self::System => CallerLevel::System,
            Self::Host | Self::Function(_) => CallerLevel::Function,
        }
    }
}

impl fmt::Display for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Master => f.write_str("master"),
            Self::System => f.write_str("system"),
            Self::Host => f.write_str("host"),
            Self::Function(name) => write!(f, "function/{name}"),
        }
    }
}

impl FromStr for KeyScope {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "master" => Ok(Self::Master),
            "system" => Ok(Self::System),
            "host" => Ok(Self::Host),
            _ => match text.strip_prefix("function/") {
                Some(name) if !name.is_empty() => Ok(Self::function(name)),
                _ => Err(format!("'{text}' is no key scope: use master, system, host or function/NAME")),
            },
        }
    }
}

/// A key. Names are looked up without regard to case and keep their spelling.
#[derive(Clone, PartialEq, Eq)]
pub struct NamedKey {
    /// Its name.
    pub name: String,
    /// What a caller presents; case matters.
    pub value: String,
}

impl NamedKey {
    /// A key of this name and value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

impl fmt::Debug for NamedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedKey").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Drop for NamedKey {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallerLevel {
    /// Presented no key, or none that is known here.
    Anonymous,
    /// Presented a key of the function or of all functions.
    Function,
    /// Presented a system key.
    System,
    /// Presented the master key.
    Admin,
}

impl CallerLevel {
    /// Whether this opens what asks for `required`: levels must be equal, but Admin opens everything and everybody may
    /// do what is anonymous. A system key opens no function; nobody but Admin has level `user`, which needs a sign-in
    /// that this host does not have.
    pub fn satisfies(self, required: AuthLevel) -> bool {
        match (self, required) {
            (_, AuthLevel::Anonymous) | (Self::Admin, _) => true,
            (Self::Function, AuthLevel::Function) | (Self::System, AuthLevel::System) => true,
            (_, AuthLevel::Function | AuthLevel::System | AuthLevel::User | AuthLevel::Admin) => false,
        }
    }
}

/// SHA-256 of a value, in words because they are compared faster than bytes.
#[derive(Clone, Copy)]
struct ValueDigest([u64; 4]);

impl ValueDigest {
    fn of(value: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(value.as_bytes()).into();
        let (words, _) = digest.as_chunks();
        Self(std::array::from_fn(|index| words.get(index).copied().map_or(0, u64::from_le_bytes)))
    }
}

impl ConstantTimeEq for ValueDigest {
    fn ct_eq(&self, other: &Self) -> Choice {
        let differences = self.0.iter().zip(&other.0).fold(0, |found, (left, right)| found | (left ^ right));
        differences.ct_eq(&0)
    }
}

#[derive(Clone)]
struct Entry {
    scope: KeyScope,
    key: NamedKey,
    digest: ValueDigest,
}

/// All keys of an app.
#[derive(Clone, Default)]
pub struct KeySet {
    /// By scope and name, so in the order of look-up.
    entries: Vec<Entry>,
    /// How many are of no single function.
    shared: usize,
}

impl KeySet {
    /// A set of these keys. Of several with one scope and name the last counts; those with an empty value are left out.
    pub fn new(keys: impl IntoIterator<Item = (KeyScope, NamedKey)>) -> Self {
        let mut sorted = std::collections::BTreeMap::new();
        for (scope, key) in keys {
            let digest = ValueDigest::of(&key.value);
            if !key.value.is_empty() {
                sorted.insert((scope.clone(), folded(&key.name)), Entry { scope, key, digest });
            }
        }
        let entries: Vec<Entry> = sorted.into_values().collect();
        let shared = entries.partition_point(|entry| entry.scope <= KeyScope::Host);
        Self { entries, shared }
    }

    /// What a caller of `function` with this key may do. The function's name may be written in any case.
    pub fn level(&self, presented: Option<&str>, function: &str) -> CallerLevel {
        self.identify(presented, function).map_or(CallerLevel::Anonymous, |(scope, _)| scope.level())
    }

    /// Which key of the app a caller of `function` presented: its scope and the key.
    pub fn identify(&self, presented: Option<&str>, function: &str) -> Option<(&KeyScope, &NamedKey)> {
        let presented = presented.filter(|value| !value.is_empty() && value.len() <= 4 * MAX_VALUE)?;
        let digest = ValueDigest::of(presented);
        let mut found = 0_u32;
        // Backwards, so that what is looked up first is decided last.
        for index in (0..self.shared).chain(self.own(function)).rev() {
            let position = u32::try_from(index + 1).unwrap_or(0);
            found.conditional_assign(&position, digest.ct_eq(&self.entries[index].digest));
        }
        let entry = self.entries.get((found as usize).checked_sub(1)?)?;
        Some((&entry.scope, &entry.key))
    }

    /// What a caller of the admin API, or of anything that is no function, with this key may do.
    pub fn host_level(&self, presented: Option<&str>) -> CallerLevel {
        self.level(presented, "")
    }

    /// The keys of a scope, by name.
    pub fn list<'a>(&'a self, scope: &KeyScope) -> impl Iterator<Item = &'a NamedKey> {
        let start = self.entries.partition_point(|entry| entry.scope < *scope);
        let length = self.entries[start..].partition_point(|entry| entry.scope == *scope);
        self.entries[start..start + length].iter().map(|entry| &entry.key)
    }

    /// The key of this name; case does not matter.
    pub fn get(&self, scope: &KeyScope, name: &str) -> Option<&NamedKey> {
        let name = folded(name);
        self.list(scope).find(|key| folded(&key.name) == name)
    }

    /// The value of the master key.
    pub fn master(&self) -> Option<&str> {
        self.list(&KeyScope::Master).next().map(|key| key.value.as_str())
    }

    /// Every key with its scope, in the order of look-up.
    pub fn iter(&self) -> impl Iterator<Item = (&KeyScope, &NamedKey)> {
        self.entries.iter().map(|entry| (&entry.scope, &entry.key))
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Where the function's own keys are.
    fn own(&self, function: &str) -> Range<usize> {
        let compare = |entry: &Entry| match &entry.scope {
            KeyScope::Function(name) => name.bytes().cmp(function.bytes().map(|byte| byte.to_ascii_lowercase())),
            _ => std::cmp::Ordering::Less,
        };
        let start = self.entries.partition_point(|entry| compare(entry).is_lt());
        start..start + self.entries[start..].partition_point(|entry| compare(entry).is_eq())
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |entry: &Entry| format!("{}/{}", entry.scope, entry.key.name);
        f.debug_list().entries(self.entries.iter().map(name)).finish()
    }
}

/// The form in which names are compared.
pub fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// Whether a key may have this name.
///
/// # Errors
/// What is wrong with it and what a name may be.
pub fn check_name(name: &str) -> Result<(), String> {
    let length = name.chars().count();
    let plain = !name.chars().any(|c| c.is_control() || matches!(c, '/' | '\\' | '?' | '#'));
    if name.eq_ignore_ascii_case("_master") {
        Err("'_master' is the name of the master key: give another key another name".to_owned())
    } else if (1..=MAX_NAME).contains(&length) && plain && name.trim() == name {
        Ok(())
    } else {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
        Err(format!(
            "key name '{shown}' is not valid: use 1 to {MAX_NAME} characters without '/', '\\', '?', '#', control \
             characters and surrounding spaces"
        ))
    }
}

/// Whether a key may have this value.
///
/// # Errors
/// What a value may be; never the value itself.
pub fn check_value(value: &str) -> Result<(), String> {
    let length = value.chars().count();
    if !(1..=MAX_VALUE).contains(&length) {
        return Err(format!("the key's value has {length} characters: use 1 to {MAX_VALUE}"));
    }
    if value.chars().any(char::is_control) || value.trim() != value {
        return Err(
            "the key's value has control characters or surrounding spaces, which no header can carry".to_owned()
        );
    }
    Ok(())
}

/// A new value: 56 characters of URL-safe Base64 that end in `==`, with the mark `AzFu` where secret scanners look for
/// it. 37 of its 40 bytes are random.
///
/// # Errors
/// When the system gives no random numbers.
pub fn generate() -> Result<String, getrandom::Error> {
    // Characters 44 to 47 are bytes 33 to 35.
    const MARK: [u8; 3] = [0x03, 0x31, 0x6e];
    let mut bytes = [0; 40];
    getrandom::fill(&mut bytes)?;
    bytes[33..36].copy_from_slice(&MARK);
    let text = URL_SAFE.encode(bytes);
    bytes.zeroize();
    Ok(text)
}

#[cfg(test)]
mod tests;

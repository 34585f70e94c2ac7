//! Names and identities, each checked once where it enters.

use std::cell::RefCell;
use std::fmt;

use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// An identifier that does not have the form it must have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} '{value}' is not valid: {rule}")]
pub struct InvalidId {
    /// What was read, for example `app name`.
    pub what: &'static str,
    /// The rejected text.
    pub value: String,
    /// The rule it breaks.
    pub rule: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            #[doc = concat!("Takes a ", $what, "; the error states the rule.")]
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidId { what: $what, value: text.chars().take(80).collect(), rule: $rule })
                }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }
    };
}

text_id!(
    /// Name of a function app; also the first label of its host name.
    AppName,
    "app name",
    "2 to 60 lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen; 'scm' and 'hearth' are reserved",
    |text| {
        let bytes = text.as_bytes();
        (2..=60).contains(&bytes.len())
            && bytes[0].is_ascii_lowercase()
            && bytes[bytes.len() - 1] != b'-'
            && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
            && text != "scm"
            && text != "hearth"
    }
);

text_id!(
    /// Identity of a deployment: a UUID (version 7, so it sorts by time) in its hyphenated lower-case form.
    DeploymentId,
    "deployment id",
    "a UUID such as 0197c1f2-7a4b-7c3d-9e2f-5a6b7c8d9e0f",
    |text| uuid::Uuid::try_parse(text).is_ok_and(|id| id.hyphenated().to_string() == text)
);

text_id!(
    /// Identity of a worker: the name it registered under.
    WorkerId,
    "worker name",
    "1 to 100 letters, digits, dots, hyphens and underscores",
    |text| {
        (1..=100).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    }
);

text_id!(
    /// SHA-256 of a package, 64 lower-case hexadecimal digits.
    Digest,
    "SHA-256 digest",
    "64 lower-case hexadecimal digits",
    |text| text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
);

impl Digest {
    /// From the 32 bytes that SHA-256 yields.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(hex::encode(bytes))
    }
}

/// Name of a function: its directory's name. Compared without regard to case everywhere, shown as written.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FunctionName(String);

impl FunctionName {
    /// Takes a name by the Azure Functions rule `^[a-z][a-z0-9_\-]{0,127}$` (any case); `host` is reserved.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let bytes = text.as_bytes();
        let valid = (1..=128).contains(&bytes.len())
            && bytes[0].is_ascii_alphabetic()
            && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && !text.eq_ignore_ascii_case("host");
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId {
                what: "function name",
                value: text.chars().take(80).collect(),
                rule: "1 to 128 letters, digits, hyphens and underscores, starting with a letter; 'host' is reserved",
            })
        }
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for FunctionName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for FunctionName {}

impl std::hash::Hash for FunctionName {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        for byte in self.0.bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
    }
}

impl Ord for FunctionName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.to_ascii_lowercase().cmp(&other.0.to_ascii_lowercase())
    }
}

impl PartialOrd for FunctionName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<FunctionName> for String {
    fn from(name: FunctionName) -> String {
        name.0
    }
}

impl TryFrom<String> for FunctionName {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::parse(&text)
    }
}

/// Identity of one invocation: in its log lines, its trace, its error answer and its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InvocationId(uuid::Uuid);

impl InvocationId {
    /// A new random identity (version 4). Its bytes are the system's, fetched for many at once: a system call for each is a
    /// good part of what a small call costs.
    pub fn random() -> Self {
        thread_local!(static STOCK: RefCell<Stock> = const { RefCell::new(Stock { bytes: [0; STOCK_BYTES], used: STOCK_BYTES }) });
        let bytes = STOCK.with_borrow_mut(Stock::take);
        // A system without random bytes answers so to everybody; uuid's own generator then says how.
        Self(bytes.map_or_else(uuid::Uuid::new_v4, |bytes| uuid::Builder::from_random_bytes(bytes).into_uuid()))
    }
}

/// Random bytes of one thread in stock, enough for 128 identities.
const STOCK_BYTES: usize = 2048;

struct Stock {
    bytes: [u8; STOCK_BYTES],
    used: usize,
}

impl Stock {
    fn take(&mut self) -> Option<[u8; 16]> {
        if self.used + 16 > STOCK_BYTES {
            getrandom::fill(&mut self.bytes).ok()?;
            self.used = 0;
        }
        let taken = self.bytes.get_mut(self.used..self.used + 16)?;
        let bytes = (&*taken).try_into().ok()?;
        taken.fill(0);
        self.used += 16;
        Some(bytes)
    }
}

impl fmt::Display for InvocationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.hyphenated(), f)
    }
}

//! Names of accounts, queues and metadata, each checked once where it enters (REST reference: Naming Queues and Metadata).

use std::fmt;

use super::limits;

/// A name that breaks the rules of the service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} '{value}' is not valid: {rule}")]
pub struct InvalidName {
    /// What was read, for example `queue name`.
    pub what: &'static str,
    /// The rejected text, at most 80 characters of it.
    pub value: String,
    /// The rule it breaks.
    pub rule: &'static str,
}

impl InvalidName {
    fn new(what: &'static str, value: &str, rule: &'static str) -> Self {
        Self { what, value: value.chars().take(80).collect(), rule }
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
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

        impl std::str::FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                Self::parse(text)
            }
        }
    };
}

name!(
    /// Name of an account: 3 to 24 lower-case letters and digits.
    AccountName
);
name!(
    /// Name of a queue: 3 to 63 lower-case letters, digits and single hyphens between them.
    QueueName
);

impl AccountName {
    /// Takes the name of an account; the error states the rule.
    ///
    /// # Errors
    /// [`InvalidName`] for what no account can be called.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let fits = (3..=24).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let rule = "use 3 to 24 lower-case letters and digits";
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidName::new("account name", text, rule)) }
    }
}

impl QueueName {
    /// Takes the name of a queue; the error states the rule.
    ///
    /// # Errors
    /// [`InvalidName`] for what no queue can be called.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let fits = (3..=63).contains(&text.len())
            && text.bytes().all(known)
            && !text.starts_with('-')
            && !text.ends_with('-')
            && !text.contains("--");
        let rule = "use 3 to 63 lower-case letters, digits and single hyphens, with a letter or digit at both ends";
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidName::new("queue name", text, rule)) }
    }
}

/// Whether a name may be one of metadata: that of a C# identifier, in ASCII because it travels in a header.
///
/// # Errors
/// [`InvalidName`] for what no metadata can be called.
pub fn check_metadata_name(name: &str) -> Result<(), InvalidName> {
    let mut bytes = name.bytes();
    let begins = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    if begins && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Ok(());
    }
    let rule = "use letters, digits and underscores, and no digit first";
    Err(InvalidName::new("metadata name", name, rule))
}

/// Whether names and values of metadata may be kept.
///
/// # Errors
/// [`InvalidName`] for a name that breaks the rules, or for all of them when they are too long together.
pub fn check_metadata<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Result<(), InvalidName> {
    let mut bytes = 0;
    for (name, value) in pairs {
        check_metadata_name(name)?;
        bytes += name.len() + value.len();
        if bytes > limits::METADATA_BYTES {
            return Err(InvalidName::new("metadata", name, "names and values may have 8192 bytes together"));
        }
    }
    Ok(())
}

/// Whether a text can be that of a message.
///
/// # Errors
/// What is wrong with it: it is longer than 64 KiB in UTF-8, or holds a character that XML cannot carry.
pub fn check_message_text(text: &str) -> Result<(), String> {
    if text.len() > limits::MESSAGE_BYTES {
        return Err(format!(
            "the message has {} bytes as it is sent, and a message may have {}: send less, or a reference to it",
            text.len(),
            limits::MESSAGE_BYTES
        ));
    }
    let unfit = |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    match text.chars().find(|c| unfit(*c)) {
        Some(c) => Err(format!(
            "the message holds the character U+{:04X}, which XML cannot carry: encode it, for example as base64",
            u32::from(c)
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_the_rules_of_the_service() {
        for good in ["abc", "a-b", "orders-poison", "0-1-2", &"q".repeat(63)] {
            assert_eq!(QueueName::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "ab", "-ab", "ab-", "a--b", "Abc", "a_b", "a.b", "äbc", "a b", "$logs", &"q".repeat(64)] {
            let error = QueueName::parse(bad).unwrap_err();
            assert!(error.to_string().starts_with(&format!("queue name '{}", &bad)), "{error}");
        }
        assert!(AccountName::parse("devstoreaccount1").is_ok() && AccountName::parse(&"a".repeat(24)).is_ok());
        for bad in ["ab", "a-b", "Abc", "a b", &"a".repeat(25)] {
            assert!(AccountName::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn metadata_is_named_like_identifiers_and_bounded() {
        for good in ["a", "_a", "a1_B"] {
            check_metadata_name(good).unwrap();
        }
        for bad in ["", "1a", "a-b", "ä", "a b"] {
            assert!(check_metadata_name(bad).is_err(), "{bad}");
        }
        let long = "x".repeat(limits::METADATA_BYTES);
        check_metadata([("a", &long[1..])].into_iter()).unwrap();
        assert!(check_metadata([("a", long.as_str())].into_iter()).is_err());
    }

    #[test]
    fn a_message_has_64_kib_of_what_xml_carries() {
        check_message_text(&"ä".repeat(limits::MESSAGE_BYTES / 2)).unwrap();
        let error = check_message_text(&"ä".repeat(limits::MESSAGE_BYTES / 2 + 1)).unwrap_err();
        assert!(error.contains("65538 bytes") && error.contains("65536"), "{error}");
        check_message_text("\t\r\n <&>\u{1f600}").unwrap();
        assert!(check_message_text("a\0b").unwrap_err().contains("U+0000"));
    }
}

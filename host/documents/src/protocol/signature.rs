//! Signatures of requests with an account's key (reference: Cosmos DB, section 2.1), and how the header travels.
//!
//! A key keeps the state of its HMAC after the key itself, so that a signature costs two blocks of SHA-256 less.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_model::clock::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::percent_decode;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::dates::parse_http_date;

/// How far the date of a request may be from the present.
pub const CLOCK_SKEW: Duration = Duration::from_secs(15 * 60);
/// Longest `authorization` header that is looked at, in bytes.
const HEADER_BYTES: usize = 8 * 1024;

/// A signature: HMAC-SHA256.
pub type Signature = [u8; 32];

/// A key of an account.
#[derive(Clone)]
pub struct AccountKey {
    bytes: Zeroizing<Vec<u8>>,
    prepared: Hmac<Sha256>,
}

/// Without the secret.
impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountKey(..)")
    }
}

impl AccountKey {
    /// From its bytes.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        let prepared = <Hmac<Sha256> as KeyInit>::new_from_slice(&bytes)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        Self { bytes: Zeroizing::new(bytes), prepared }
    }

    /// From base64, as clients are configured with it. None if it is none, or empty.
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.trim()).ok().filter(|bytes| !bytes.is_empty())?;
        Some(Self::from_bytes(bytes))
    }

    /// As clients are configured with it.
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.bytes.as_slice()))
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The signature of a text.
    pub fn sign(&self, text: &[u8]) -> Signature {
        let mut mac = self.prepared.clone();
        mac.update(text);
        mac.finalize().into_bytes().into()
    }

    /// Whether this is the signature of a text; takes as long for a wrong one.
    pub fn signed(&self, text: &[u8], signature: &Signature) -> bool {
        self.sign(text).ct_eq(signature).into()
    }
}

/// What of a request is signed beside the link of its resource.
#[derive(Clone, Copy, Debug)]
pub struct SignedParts<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// `dbs`, `colls`, `docs`, …; empty for the account.
    pub resource_type: &'a str,
    /// The header `x-ms-date`; empty when it is not there.
    pub ms_date: &'a str,
    /// The header `date`; only signed when `x-ms-date` is not there.
    pub date: &'a str,
}

impl SignedParts<'_> {
    /// The text that is signed, for a resource with this link.
    pub fn text(&self, link: &str) -> Vec<u8> {
        let date = if self.ms_date.is_empty() { self.date } else { "" };
        let parts =
            [(self.method, true), (self.resource_type, true), (link, false), (self.ms_date, true), (date, true)];
        let length = parts.iter().map(|(part, _)| part.len() + 1).sum();
        let mut text = Vec::with_capacity(length);
        for (part, lower) in parts {
            let start = text.len();
            text.extend_from_slice(part.as_bytes());
            if lower {
                text[start..].make_ascii_lowercase();
            }
            text.push(b'\n');
        }
        text
    }

    /// The value of the header `authorization`, as clients send it.
    pub fn authorization(&self, key: &AccountKey, link: &str) -> String {
        let signature = STANDARD.encode(key.sign(&self.text(link)));
        let mut value = String::with_capacity(96);
        value.push_str("type%3dmaster%26ver%3d1.0%26sig%3d");
        for c in signature.chars() {
            match c {
                '+' => value.push_str("%2b"),
                '/' => value.push_str("%2f"),
                '=' => value.push_str("%3d"),
                c => value.push(c),
            }
        }
        value
    }

    /// How far the date of the request is from now; none when it has no date or one that cannot be read.
    pub fn distance(&self, now: Timestamp) -> Option<Duration> {
        let at = parse_http_date(if self.ms_date.is_empty() { self.date } else { self.ms_date })?;
        Some(at.since(now).max(now.since(at)))
    }
}

/// What the header `authorization` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// A signature with a key of the account.
    Master(Signature),
    /// A resource token: the text after `sig=`.
    Resource(String),
    /// A token of an identity provider, which this store does not take.
    Identity,
}

impl Authorization {
    /// Reads the header; none when it is none of the three. Clients escape it once, twice or not at all.
    pub fn read(header: &[u8]) -> Option<Self> {
        if header.len() > HEADER_BYTES {
            return None;
        }
        let mut text = Cow::Borrowed(header);
        for _ in 0..2 {
            if text.starts_with(b"type=") {
                break;
            }
            text = Cow::Owned(percent_decode(&text).collect());
        }
        let text = std::str::from_utf8(&text).ok()?.trim();
        let (mut kind, mut signature) = ("", "");
        for (name, value) in text.split('&').filter_map(|part| part.split_once('=')) {
            match name {
                "type" => kind = value,
                "sig" => signature = value,
                _ => {}
            }
        }
        match kind {
            "master" => master(signature).map(Self::Master),
            "resource" if !signature.is_empty() => Some(Self::Resource(unescaped(signature)?.into_owned())),
            "aad" => Some(Self::Identity),
            _ => None,
        }
    }
}

fn master(signature: &str) -> Option<Signature> {
    let signature = unescaped(signature)?;
    let mut bytes = [0; 33];
    let length = STANDARD.decode_slice(signature.as_bytes(), &mut bytes).ok()?;
    bytes[..length].try_into().ok()
}

/// Some clients escape the signature alone.
fn unescaped(signature: &str) -> Option<Cow<'_, str>> {
    percent_encoding::percent_decode_str(signature).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";
    const DATE: &str = "Thu, 27 Apr 2017 00:51:12 GMT";

    fn parts<'a>(method: &'a str, resource_type: &'a str) -> SignedParts<'a> {
        SignedParts { method, resource_type, ms_date: DATE, date: "" }
    }

    #[test]
    fn the_vectors_of_the_reference_are_signed_alike() {
        let key = AccountKey::from_base64(KEY).unwrap();
        for (method, kind, link, signature) in [
            ("GET", "", "", "gFB1bRB/PLJTG3bCgMuoVgNzOyFvZAamzEtLuSITjRc="),
            ("GET", "dbs", "dbs/ToDoList", "mM0rMK/7o1MZhQwDitGRoGisPRPx09os/86Jk0YwquY="),
            ("POST", "docs", "dbs/db/colls/co", "QkKLe1ECAqqf0c3gzrPEYPThTTcee85Pg8fjtKhmpNM="),
            ("GET", "docs", "dbs/Db/colls/Co/docs/A 1", "2+il7f8u6rFv+VcS3dO55BXKMvh+QUz6icAKSKbXd2c="),
        ] {
            assert_eq!(STANDARD.encode(key.sign(&parts(method, kind).text(link))), signature, "{method} {link}");
        }
    }

    #[test]
    fn the_date_that_is_there_is_the_one_that_is_signed() {
        let text = |ms_date, date| {
            String::from_utf8(SignedParts { method: "GET", resource_type: "Docs", ms_date, date }.text("dbs/D"))
                .unwrap()
        };
        assert_eq!(text("A", "B"), "get\ndocs\ndbs/D\na\n\n");
        assert_eq!(text("", "B"), "get\ndocs\ndbs/D\n\nb\n");
    }

    #[test]
    fn a_header_is_read_however_often_it_was_escaped() {
        let key = AccountKey::from_base64(KEY).unwrap();
        let parts = parts("GET", "dbs");
        let signature = key.sign(&parts.text("dbs/ToDoList"));
        let once = parts.authorization(&key, "dbs/ToDoList");
        let plain = format!("type=master&ver=1.0&sig={}", STANDARD.encode(signature));
        let twice = once.replace('%', "%25");
        let inner = "type=master&ver=1.0&sig=mM0rMK%2F7o1MZhQwDitGRoGisPRPx09os%2F86Jk0YwquY%3D";
        for header in [once.as_str(), &plain, &twice, inner] {
            assert_eq!(Authorization::read(header.as_bytes()), Some(Authorization::Master(signature)), "{header}");
        }
        assert!(key.signed(&parts.text("dbs/ToDoList"), &signature));
        assert!(!key.signed(&parts.text("dbs/todolist"), &signature), "names keep their case");
        let thrice = twice.replace('%', "%25");
        for header in ["", "type=master", "type=master&sig=", "type=master&sig=abc", "Bearer abc", &thrice] {
            assert_eq!(Authorization::read(header.as_bytes()), None, "{header}");
        }
        assert_eq!(Authorization::read(b"type%3Daad%26ver%3D1.0%26sig%3DeyJ0"), Some(Authorization::Identity));
        let token = Authorization::Resource("YWJj;ZGVm==;".to_owned());
        assert_eq!(Authorization::read(b"type%3Dresource%26ver%3D1%26sig%3DYWJj%3BZGVm%3D%3D%3B"), Some(token.clone()));
        assert_eq!(Authorization::read(b"type=resource&ver=1&sig=YWJj;ZGVm==;"), Some(token));
    }

    #[test]
    fn the_distance_of_clocks_counts_both_ways() {
        let at = parse_http_date(DATE).unwrap();
        let skew = Duration::from_secs(60);
        assert_eq!(parts("GET", "").distance(at.plus(skew)), Some(skew));
        assert_eq!(parts("GET", "").distance(at.minus(skew)), Some(skew));
        assert_eq!(SignedParts { ms_date: "", ..parts("GET", "") }.distance(at), None);
        assert_eq!(SignedParts { ms_date: "", date: DATE, ..parts("GET", "") }.distance(at), Some(Duration::ZERO));
    }

    #[test]
    fn keys_are_not_told() {
        assert_eq!(format!("{:?}", AccountKey::from_base64(KEY).unwrap()), "AccountKey(..)");
        assert!(AccountKey::from_base64("").is_none() && AccountKey::from_base64("not base64!").is_none());
        assert_eq!(AccountKey::from_base64(KEY).unwrap().to_base64().as_str(), KEY);
    }
}

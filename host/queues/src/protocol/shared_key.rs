//! Signatures of requests with the account's key (REST reference: Authorize with Shared Key, version 2015-02-21 and later).
//!
//! The service orders `x-ms-` headers by the rules of a language, in which a hyphen hardly counts; most clients order them by
//! bytes. Both orders are the same for all headers but some of metadata, and both are taken.

use std::cmp::Ordering;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use percent_encoding::percent_decode_str;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A key of an account.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountKey(Zeroizing<Vec<u8>>);

/// Without the secret.
impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountKey(..)")
    }
}

impl AccountKey {
    /// From its bytes.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// From base64, as connection strings hold it. None if it is none, or empty.
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.trim()).ok().filter(|bytes| !bytes.is_empty())?;
        Some(Self::from_bytes(bytes))
    }

    /// As connection strings hold it.
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.0.as_slice()))
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The signature of a text, in base64.
    pub fn sign(&self, text: &str) -> String {
        STANDARD.encode(self.mac(text))
    }

    /// Whether a signature in base64 is that of a text; takes as long for a wrong one.
    pub fn signed(&self, text: &str, signature: &str) -> bool {
        STANDARD.decode(signature).is_ok_and(|signature| signature.ct_eq(self.mac(text).as_slice()).into())
    }

    fn mac(&self, text: &str) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// How a request is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `SharedKey`: method, standard headers, `x-ms-` headers, path and query.
    SharedKey,
    /// `SharedKeyLite`: fewer headers, and of the query only `comp`.
    SharedKeyLite,
}

impl Scheme {
    /// As it stands in the header `Authorization`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SharedKey => "SharedKey",
            Self::SharedKeyLite => "SharedKeyLite",
        }
    }
}

/// What of a request is signed, as it travels.
#[derive(Clone, Copy, Debug)]
pub struct SignedParts<'a> {
    /// In upper case.
    pub method: &'a str,
    /// The path of the URL, escaped as it travels; with path-style addresses it begins with the account.
    pub path: &'a str,
    /// The query without its question mark.
    pub query: &'a str,
    /// All headers. `Content-Length` must be among them where there is a body.
    pub headers: &'a HeaderMap,
}

/// The text that is signed.
pub fn string_to_sign(scheme: Scheme, account: &str, parts: &SignedParts<'_>) -> String {
    text(scheme, account, parts, by_language)
}

/// The value of the header `Authorization`.
pub fn authorization(scheme: Scheme, account: &str, key: &AccountKey, parts: &SignedParts<'_>) -> String {
    format!("{} {account}:{}", scheme.as_str(), key.sign(&string_to_sign(scheme, account, parts)))
}

/// Whether the signature in base64 is that of the request with the key.
pub fn verify(scheme: Scheme, account: &str, key: &AccountKey, parts: &SignedParts<'_>, signature: &str) -> bool {
    let by_language = text(scheme, account, parts, by_language);
    if key.signed(&by_language, signature) {
        return true;
    }
    let by_bytes = text(scheme, account, parts, Ord::cmp);
    by_bytes != by_language && key.signed(&by_bytes, signature)
}

fn text(scheme: Scheme, account: &str, parts: &SignedParts<'_>, order: fn(&str, &str) -> Ordering) -> String {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("").trim();
    let mut text = String::with_capacity(512);
    let mut line = |value: &str| {
        text.push_str(value);
        text.push('\n');
    };
    line(parts.method);
    // A date of its own takes the place of the standard one.
    let date = if parts.headers.contains_key("x-ms-date") { "" } else { header("date") };
    match scheme {
        Scheme::SharedKey => {
            line(header("content-encoding"));
            line(header("content-language"));
            line(Some(header("content-length")).filter(|length| *length != "0").unwrap_or(""));
            line(header("content-md5"));
            line(header("content-type"));
            line(date);
            for name in ["if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range"] {
                line(header(name));
            }
        }
        Scheme::SharedKeyLite => {
            line(header("content-md5"));
            line(header("content-type"));
            line(date);
        }
    }
    headers(&mut text, parts.headers, order);
    text.push('/');
    text.push_str(account);
    text.push_str(if parts.path.is_empty() { "/" } else { parts.path });
    query(&mut text, scheme, parts.query);
    text
}

fn headers(text: &mut String, headers: &HeaderMap, order: fn(&str, &str) -> Ordering) {
    let mut names: Vec<&str> =
        headers.keys().map(http::HeaderName::as_str).filter(|n| n.starts_with("x-ms-")).collect();
    names.sort_unstable_by(|left, right| order(left, right));
    for name in names {
        text.push_str(name);
        let mut before = ':';
        for value in headers.get_all(name) {
            text.push(before);
            // Values are UTF-8 on the wire, which a header's own text is not.
            text.push_str(String::from_utf8_lossy(value.as_bytes()).trim());
            before = ',';
        }
        text.push('\n');
    }
}

fn query(text: &mut String, scheme: Scheme, query: &str) {
    let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut pairs: Vec<_> = pairs.map(|(name, value)| (decoded(name).to_lowercase(), decoded(value))).collect();
    if scheme == Scheme::SharedKeyLite {
        if let Some((_, value)) = pairs.iter().find(|(name, _)| name == "comp") {
            text.push_str("?comp=");
            text.push_str(value);
        }
        return;
    }
    pairs.sort();
    let mut last: Option<&str> = None;
    for (name, value) in &pairs {
        if last == Some(name) {
            text.push(',');
        } else {
            text.push('\n');
            text.push_str(name);
            text.push(':');
        }
        text.push_str(value);
        last = Some(name);
    }
}

/// Signs before digits before letters, hyphens only where all else is the same.
fn by_language(left: &str, right: &str) -> Ordering {
    let weights = |name: &str| -> Vec<(u8, u8)> {
        let class = |b: u8| if b.is_ascii_alphabetic() { 2 } else { u8::from(b.is_ascii_digit()) };
        name.bytes().filter(|b| *b != b'-').map(|b| (class(b), b)).collect()
    };
    // Of names that differ in hyphens alone, the one with the later hyphen comes first.
    weights(left).cmp(&weights(right)).then_with(|| right.cmp(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    fn map(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn the_text_of_a_put_is_the_documented_one() {
        let headers = map(&[
            ("content-length", "65"),
            ("content-type", "application/xml"),
            ("x-ms-version", "2024-05-04"),
            ("x-ms-date", "Sun, 01 Mar 2026 12:00:00 GMT"),
            ("x-ms-client-request-id", " 4711 "),
            ("date", "ignored"),
        ]);
        let parts = SignedParts {
            method: "POST",
            path: "/devstoreaccount1/orders/messages",
            query: "visibilitytimeout=0&MessageTTL=7%3A&a=2&a=1",
            headers: &headers,
        };
        let text = string_to_sign(Scheme::SharedKey, "devstoreaccount1", &parts);
        let expected = "POST\n\n\n65\n\napplication/xml\n\n\n\n\n\n\nx-ms-client-request-id:4711\n\
            x-ms-date:Sun, 01 Mar 2026 12:00:00 GMT\nx-ms-version:2024-05-04\n\
            /devstoreaccount1/devstoreaccount1/orders/messages\na:1,2\nmessagettl:7:\nvisibilitytimeout:0";
        assert_eq!(text, expected);
        let lite =
            string_to_sign(Scheme::SharedKeyLite, "devstoreaccount1", &SignedParts { query: "comp=list&a=1", ..parts });
        assert!(lite.starts_with("POST\n\napplication/xml\n\nx-ms-client-request-id:"), "{lite}");
        assert!(lite.ends_with("/devstoreaccount1/devstoreaccount1/orders/messages?comp=list"), "{lite}");
    }

    #[test]
    fn the_published_vector_of_a_get_is_signed_alike() {
        // The example of the reference for a listing: no length, the date among the x-ms headers.
        let headers = map(&[("x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT"), ("x-ms-version", "2015-02-21")]);
        let parts = SignedParts {
            method: "GET",
            path: "/mycontainer",
            query: "restype=container&comp=metadata&timeout=20",
            headers: &headers,
        };
        let text = string_to_sign(Scheme::SharedKey, "myaccount", &parts);
        assert_eq!(
            text,
            "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n\
             /myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20"
        );
    }

    #[test]
    fn signatures_open_only_what_they_signed() {
        let key = AccountKey::from_base64(KEY).unwrap();
        assert_eq!(key.to_base64().as_str(), KEY);
        let headers =
            map(&[("x-ms-date", "now"), ("x-ms-meta-ab", "1"), ("x-ms-meta-a-c", "2"), ("content-length", "0")]);
        let parts = SignedParts { method: "PUT", path: "/shop/q1", query: "", headers: &headers };
        for scheme in [Scheme::SharedKey, Scheme::SharedKeyLite] {
            let header = authorization(scheme, "shop", &key, &parts);
            let (name, signature) = header.split_once(" shop:").unwrap();
            assert_eq!(name, scheme.as_str());
            assert!(verify(scheme, "shop", &key, &parts, signature));
            assert!(!verify(scheme, "shop", &key, &SignedParts { method: "GET", ..parts }, signature));
            assert!(!verify(scheme, "other", &key, &parts, signature));
            assert!(!verify(scheme, "shop", &AccountKey::from_bytes(vec![1]), &parts, signature));
            let by_bytes = key.sign(&text(scheme, "shop", &parts, Ord::cmp));
            assert_ne!(by_bytes, signature);
            assert!(verify(scheme, "shop", &key, &parts, &by_bytes), "the order of bytes is taken too");
            assert!(!verify(scheme, "shop", &key, &parts, "") && !verify(scheme, "shop", &key, &parts, "%%"));
        }
        assert_eq!(format!("{key:?}"), "AccountKey(..)");
        assert!(AccountKey::from_base64("").is_none() && AccountKey::from_base64("not base64!").is_none());
    }

    #[test]
    fn hyphens_hardly_count_in_the_order_of_the_service() {
        let mut names = ["x-ms-meta-ab", "x-ms-meta-a-c", "x-ms-meta-a_b", "x-ms-meta-a1", "x-ms-date"];
        names.sort_by(|left, right| by_language(left, right));
        assert_eq!(names, ["x-ms-date", "x-ms-meta-a_b", "x-ms-meta-a1", "x-ms-meta-ab", "x-ms-meta-a-c"]);
    }
}

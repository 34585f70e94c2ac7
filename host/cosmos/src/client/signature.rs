//! Signatures with an account's key (reference: Cosmos DB, section 2.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_model::clock::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use jiff::fmt::rfc2822::DateTimePrinter;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

/// The value of the header `authorization` for a request with this `x-ms-date`.
pub(super) fn authorization(key: &[u8], method: &str, kind: &str, link: &str, date: &str) -> String {
    let text = format!("{}\n{kind}\n{link}\n{}\n\n", method.to_lowercase(), date.to_lowercase());
    let signature = STANDARD.encode(hmac(key, text.as_bytes()));
    utf8_percent_encode(&format!("type=master&ver=1.0&sig={signature}"), NON_ALPHANUMERIC).to_string()
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// A time as HTTP writes it, in whole seconds; the beginning of 1970 for what has no such text.
pub(super) fn http_date(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&at)
        .unwrap_or_else(|_| "Thu, 01 Jan 1970 00:00:00 GMT".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_reference_are_signed_alike() {
        let key = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";
        let key = STANDARD.decode(key).unwrap();
        for (method, kind, link, signature) in [
            ("GET", "", "", "gFB1bRB/PLJTG3bCgMuoVgNzOyFvZAamzEtLuSITjRc="),
            ("GET", "dbs", "dbs/ToDoList", "mM0rMK/7o1MZhQwDitGRoGisPRPx09os/86Jk0YwquY="),
            ("POST", "docs", "dbs/db/colls/co", "QkKLe1ECAqqf0c3gzrPEYPThTTcee85Pg8fjtKhmpNM="),
            ("GET", "docs", "dbs/Db/colls/Co/docs/A 1", "2+il7f8u6rFv+VcS3dO55BXKMvh+QUz6icAKSKbXd2c="),
        ] {
            let header = authorization(&key, method, kind, link, "Thu, 27 Apr 2017 00:51:12 GMT");
            let escaped = signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
            assert_eq!(header, format!("type%3Dmaster%26ver%3D1%2E0%26sig%3D{escaped}"), "{method} {link}");
        }
    }

    #[test]
    fn times_are_written_in_whole_seconds() {
        let at = Timestamp::parse_rfc3339("2017-04-27T00:51:12.999Z").unwrap();
        assert_eq!(http_date(at), "Thu, 27 Apr 2017 00:51:12 GMT");
        assert_eq!(http_date(Timestamp::from_micros(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
    }
}

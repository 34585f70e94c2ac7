//! Session tokens: which changes a client has seen (reference: Cosmos DB, section 1.4).
//!
//! `{range}:{version}#{lsn}`, one or several with commas; what follows the LSN is for several regions and not looked at.

use super::DocumentError;
use http::StatusCode;

/// Most tokens that are looked at in one header; a container has fewer ranges.
const MOST: usize = 4096;

/// What a client has seen of each range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionToken(Vec<(i64, i64)>);

impl SessionToken {
    /// Reads the header `x-ms-session-token`.
    ///
    /// # Errors
    /// 400 for what is no token.
    pub fn read(text: &str) -> Result<Self, DocumentError> {
        let wrong = || {
            let shown: String = text.chars().take(80).collect();
            DocumentError::bad_request(format!("The session token provided '{shown}' is invalid."))
        };
        let mut seen = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (range, progress) = part.split_once(':').ok_or_else(wrong)?;
            let range = range.parse().ok().filter(|range| *range >= 0).ok_or_else(wrong)?;
            // Without a version it is the LSN alone, as old clients have it.
            let mut fields = progress.split('#');
            let first = fields.next().ok_or_else(wrong)?;
            let lsn = match fields.next() {
                Some(lsn) => first.parse::<i64>().ok().and_then(|_| lsn.parse().ok()),
                None => first.parse().ok(),
            };
            seen.push((range, lsn.ok_or_else(wrong)?));
            if seen.len() > MOST {
                return Err(wrong());
            }
        }
        Ok(Self(seen))
    }

    /// What was seen of a range; none where the token says nothing of it.
    pub fn seen(&self, range: i64) -> Option<i64> {
        self.0.iter().filter(|(known, _)| *known == range).map(|(_, lsn)| *lsn).max()
    }

    /// What was seen at most, over ranges that this one came from.
    pub fn seen_of_any(&self, ranges: impl IntoIterator<Item = i64>) -> Option<i64> {
        ranges.into_iter().filter_map(|range| self.seen(range)).max()
    }

    /// Refuses when more was seen of a range than it has.
    ///
    /// # Errors
    /// 404 with sub-status 1002, which makes clients try again.
    pub fn check(&self, range: i64, lsn: i64) -> Result<(), DocumentError> {
        match self.seen(range) {
            Some(seen) if seen > lsn => Err(not_available()),
            _ => Ok(()),
        }
    }

    /// The token of a range that is at this LSN.
    pub fn of(range: i64, lsn: i64) -> String {
        let mut text = String::with_capacity(24);
        push(&mut text, range, lsn);
        text
    }

    /// The token of several ranges.
    pub fn of_all(ranges: impl IntoIterator<Item = (i64, i64)>) -> String {
        let mut text = String::new();
        for (range, lsn) in ranges {
            if !text.is_empty() {
                text.push(',');
            }
            push(&mut text, range, lsn);
        }
        text
    }
}

fn push(text: &mut String, range: i64, lsn: i64) {
    use std::fmt::Write as _;
    // Writing to a text does not fail.
    let _ = write!(text, "{range}:1#{lsn}");
}

/// 404/1002 in the words that clients look for.
fn not_available() -> DocumentError {
    DocumentError::new(StatusCode::NOT_FOUND, "The read session is not available for the input session token.")
        .with_substatus(super::substatus::READ_SESSION_NOT_AVAILABLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_go_both_ways() {
        assert_eq!(SessionToken::of(0, 12), "0:1#12");
        let all = SessionToken::of_all([(0, 12), (3, 7)]);
        assert_eq!(all, "0:1#12,3:1#7");
        let token = SessionToken::read(&all).unwrap();
        assert_eq!((token.seen(0), token.seen(3), token.seen(1)), (Some(12), Some(7), None));
        for (text, lsn) in [("0:-1#5", 5), ("0:1#5#1=4#2=9", 5), ("0:5", 5), ("0:1#3,0:1#5,", 5), (" 0:1#5 ", 5)] {
            assert_eq!(SessionToken::read(text).unwrap().seen(0), Some(lsn), "{text}");
        }
        assert_eq!(SessionToken::read("").unwrap(), SessionToken::default());
        for wrong in ["5", "a:1#5", "0:", "0:1#", "0:x#5", "0:1#y", "-1:1#5"] {
            assert_eq!(SessionToken::read(wrong).unwrap_err().status, StatusCode::BAD_REQUEST, "{wrong}");
        }
    }

    #[test]
    fn what_is_ahead_is_not_available() {
        let token = SessionToken::read("0:1#12,1:1#7").unwrap();
        assert!(token.check(0, 12).is_ok() && token.check(1, 9).is_ok() && token.check(2, 0).is_ok());
        let error = token.check(0, 11).unwrap_err();
        assert_eq!((error.status, error.substatus), (StatusCode::NOT_FOUND, 1002));
        assert_eq!(token.seen_of_any([1, 2]), Some(7));
    }
}

//! Session tokens: what was written and read is what is read next (reference: Cosmos DB, sections 0.14 and 1.4).

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use http::HeaderMap;

/// Containers whose tokens are kept.
const MAX_CONTAINERS: usize = 1024;
/// Longest text of tokens that is sent; gateways refuse long headers. What is longer is left out, and the read is as fresh as the
/// replica that answers.
const MAX_TOKEN_BYTES: usize = 6 * 1024;

/// The tokens of one client, by the names of containers.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<String, Kept>>);

#[derive(Default)]
struct Kept {
    /// A container that was made anew has another one, and what was kept of the old one is nothing.
    rid: Option<String>,
    /// By the range's id.
    tokens: BTreeMap<String, String>,
}

impl Sessions {
    /// What a request for a range, or for any of them, has to send.
    pub(super) fn token(&self, container: &str, range: Option<&str>) -> Option<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.get(container)?;
        let texts: Vec<String> = kept
            .tokens
            .iter()
            .filter(|(known, _)| range.is_none_or(|range| range == known.as_str()))
            .map(|(range, token)| format!("{range}:{token}"))
            .collect();
        let text = texts.join(",");
        (!text.is_empty() && text.len() <= MAX_TOKEN_BYTES).then_some(text)
    }

    /// Keeps what an answer tells.
    pub(super) fn keep(&self, container: &str, headers: &HeaderMap) {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty());
        let Some(told) = text("x-ms-session-token") else { return };
        let rid = text("x-ms-content-path");
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_CONTAINERS && !all.contains_key(container) {
            all.clear();
        }
        let kept = all.entry(container.to_owned()).or_default();
        if rid.is_some() && kept.rid.is_some() && kept.rid.as_deref() != rid {
            kept.tokens.clear();
        }
        if let Some(rid) = rid {
            kept.rid = Some(rid.to_owned());
        }
        for (range, token) in told.split(',').filter_map(|part| part.trim().split_once(':')) {
            match kept.tokens.get(range) {
                Some(known) if order(known) > order(token) => {}
                _ => drop(kept.tokens.insert(range.to_owned(), token.to_owned())),
            }
        }
    }

    /// Keeps the tokens of these ranges only.
    pub(super) fn retain(&self, container: &str, ranges: &[&str]) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = all.get_mut(container) {
            kept.tokens.retain(|range, _| ranges.contains(&range.as_str()));
        }
    }

    /// Forgets a container.
    pub(super) fn forget(&self, container: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(container);
    }
}

/// Version and LSN of `{version}#{lsn}…` or of `{lsn}`.
fn order(token: &str) -> (i64, i64) {
    let mut numbers = token.split('#').map(|part| part.parse::<i64>().unwrap_or(i64::MIN));
    let first = numbers.next().unwrap_or(i64::MIN);
    numbers.next().map_or((i64::MIN, first), |lsn| (first, lsn))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rid: &str, token: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-ms-session-token", token.parse().unwrap());
        headers.insert("x-ms-content-path", rid.parse().unwrap());
        headers
    }

    #[test]
    fn the_latest_token_of_each_range_is_sent() {
        let sessions = Sessions::default();
        assert_eq!(sessions.token("c", None), None);
        sessions.keep("c", &told("A", "0:-1#12,1:-1#5"));
        sessions.keep("c", &told("A", "0:-1#9#1=2"));
        sessions.keep("c", &told("A", "1:-1#6"));
        assert_eq!(sessions.token("c", None).as_deref(), Some("0:-1#12,1:-1#6"));
        assert_eq!(sessions.token("c", Some("1")).as_deref(), Some("1:-1#6"));
        assert_eq!(sessions.token("c", Some("2")), None);
        sessions.keep("c", &told("A", "0:1#3"));
        assert_eq!(sessions.token("c", Some("0")).as_deref(), Some("0:1#3"), "a newer version counts before the LSN");
        sessions.retain("c", &["1"]);
        assert_eq!(sessions.token("c", None).as_deref(), Some("1:-1#6"));
        assert_eq!(sessions.token("d", None), None);
    }

    #[test]
    fn a_container_that_was_made_anew_begins_anew() {
        let sessions = Sessions::default();
        sessions.keep("c", &told("A", "0:-1#12"));
        sessions.keep("c", &told("B", "0:-1#1"));
        assert_eq!(sessions.token("c", None).as_deref(), Some("0:-1#1"));
        sessions.forget("c");
        assert_eq!(sessions.token("c", None), None);
    }

    #[test]
    fn tokens_of_too_many_ranges_are_left_out() {
        let sessions = Sessions::default();
        for range in 0..1000 {
            sessions.keep("c", &told("A", &format!("{range}:-1#{range}")));
        }
        assert_eq!(sessions.token("c", None), None);
        assert_eq!(sessions.token("c", Some("7")).as_deref(), Some("7:-1#7"));
    }
}

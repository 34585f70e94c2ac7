//! Cookies of an envelope, each a `Set-Cookie` of its own, written as ASP.NET Core writes them (reference: section 2.7).

use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

/// What stays as it is in a cookie's value.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The headers of a JSON array of cookies.
pub(super) fn set_cookies(json: &str) -> Result<Vec<HeaderValue>, String> {
    let cookies: Option<Vec<Map<String, Value>>> =
        serde_json::from_str(json).map_err(|_| "'cookies' must be an array of objects".to_owned())?;
    cookies.unwrap_or_default().iter().map(set_cookie).collect()
}

fn set_cookie(cookie: &Map<String, Value>) -> Result<HeaderValue, String> {
    let name = text(cookie, "name").filter(|name| HeaderName::try_from(name).is_ok());
    let name = name.ok_or("a cookie needs a 'name' of letters, digits and hyphens")?;
    let wrong = |what: &str| format!("cookie '{name}': '{what}' can't be used");
    let value = text(cookie, "value").unwrap_or_default();
    let mut line = format!("{name}={}", utf8_percent_encode(&value, KEPT));
    let mut add = |attribute: &str, value: &str| {
        line.push_str("; ");
        line.push_str(attribute);
        line.push_str(value);
    };
    if let Some(expires) = get(cookie, "expires") {
        let at = moment(expires).ok_or_else(|| wrong("expires"))?;
        add(
            "expires=",
            &rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).map_err(|_| wrong("expires"))?,
        );
    }
    if let Some(age) = text(cookie, "maxAge") {
        let seconds = age.trim().parse::<f64>().ok().filter(|age| age.is_finite()).ok_or_else(|| wrong("maxAge"))?;
        add("max-age=", &format!("{:.0}", seconds.trunc()));
    }
    if let Some(domain) = text(cookie, "domain") {
        add("domain=", &domain);
    }
    let path = text(cookie, "path");
    add("path=", path.as_deref().unwrap_or("/"));
    if is_true(cookie, "secure") {
        add("secure", "");
    }
    match text(cookie, "sameSite").unwrap_or_default().to_ascii_lowercase().as_str() {
        "strict" => add("samesite=", "strict"),
        "lax" => add("samesite=", "lax"),
        // `None` says nothing, as in the original.
        "explicitnone" => add("samesite=", "none"),
        _ => {}
    }
    if is_true(cookie, "httpOnly") {
        add("httponly", "");
    }
    let attribute = |name: &str| text(cookie, name).is_some_and(|value| value.contains(';'));
    match ["domain", "path"].into_iter().find(|name| attribute(name)) {
        Some(name) => Err(wrong(name)),
        None => HeaderValue::try_from(line).map_err(|_| wrong("domain or path")),
    }
}

/// A moment as text (RFC 3339, or as in HTTP) or as milliseconds since 1970.
fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(millis) => Timestamp::from_millisecond(millis.as_i64()?).ok(),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| rfc2822::parse(text).ok().map(|at| at.timestamp()))
        }
        _ => None,
    }
}

/// A value that is there and not null; names ignore case.
fn get<'c>(cookie: &'c Map<String, Value>, name: &str) -> Option<&'c Value> {
    let found = cookie.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(found.1).filter(|value| !value.is_null())
}

fn text(cookie: &Map<String, Value>, name: &str) -> Option<String> {
    match get(cookie, name)? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn is_true(cookie: &Map<String, Value>, name: &str) -> bool {
    text(cookie, name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookie(json: &str) -> Result<String, String> {
        let lines = set_cookies(&format!("[{json}]"))?;
        Ok(lines[0].to_str().unwrap().to_owned())
    }

    #[test]
    fn every_attribute_has_its_place() {
        let all = r#"{"Name":"a","value":"1 2;é","domain":"example.org","path":"/x","expires":"2026-11-23T10:00:00Z",
            "secure":true,"httpOnly":true,"sameSite":"Strict","maxAge":60.0}"#;
        assert_eq!(
            cookie(all).unwrap(),
            "a=1%202%3B%C3%A9; expires=Mon, 23 Nov 2026 10:00:00 GMT; max-age=60; domain=example.org; path=/x; secure; \
             samesite=strict; httponly"
        );
        assert_eq!(
            cookie(r#"{"name":"a","value":7,"sameSite":"None","secure":false,"expires":null}"#).unwrap(),
            "a=7; path=/"
        );
        assert_eq!(cookie(r#"{"name":"a","sameSite":"ExplicitNone"}"#).unwrap(), "a=; path=/; samesite=none");
    }

    #[test]
    fn a_moment_is_text_or_milliseconds() {
        for moment in [r#""Mon, 23 Nov 2026 10:00:00 GMT""#, r#""2026-11-23T11:00:00+01:00""#, "1795428000000"] {
            let line = cookie(&format!(r#"{{"name":"a","expires":{moment}}}"#)).unwrap();
            assert!(line.contains("expires=Mon, 23 Nov 2026 10:00:00 GMT"), "{line}");
        }
    }

    #[test]
    fn what_would_break_the_header_is_refused() {
        for wrong in [
            "{}",
            r#"{"name":"a b"}"#,
            r#"{"name":"a","path":"/;domain=evil"}"#,
            r#"{"name":"a","domain":"x\r\nset-cookie: b=1"}"#,
            r#"{"name":"a","expires":"soon"}"#,
            r#"{"name":"a","maxAge":"long"}"#,
        ] {
            assert!(cookie(wrong).is_err(), "{wrong}");
        }
        assert!(set_cookies("{}").is_err());
        assert_eq!(set_cookies("null").unwrap(), Vec::<HeaderValue>::new());
    }
}

//! Content negotiation, where a function asks for it: JSON, XML or text by the request's `Accept` (reference: section 2.7).

use http::HeaderMap;
use http::header::ACCEPT;

use super::{Content, TEXT, xml};

const JSON: &str = "application/json; charset=utf-8";
const TEXT_JSON: &str = "text/json; charset=utf-8";
const XML: &str = "application/xml; charset=utf-8";
const TEXT_XML: &str = "text/xml; charset=utf-8";

/// The body in the form that is asked for, and its type. A caller that takes everything, or nothing of this, gets text for
/// text and JSON for the rest.
pub(super) fn negotiate(content: Content, asked: &HeaderMap) -> (String, &'static str) {
    let is_text = matches!(content, Content::Text(_));
    let content_type = chosen(asked, is_text).unwrap_or(if is_text { TEXT } else { JSON });
    let (Content::Text(written) | Content::Json(written)) = content else { return (String::new(), content_type) };
    let value = || if is_text { serde_json::Value::from(written.as_str()) } else { parsed(&written) };
    let body = match content_type {
        XML | TEXT_XML => xml::document(&value()),
        JSON | TEXT_JSON if is_text => value().to_string(),
        _ => written,
    };
    (body, content_type)
}

fn parsed(json: &str) -> serde_json::Value {
    serde_json::from_str(json).unwrap_or_default()
}

/// The best of what is asked for that there is; none when everything is welcome.
fn chosen(asked: &HeaderMap, is_text: bool) -> Option<&'static str> {
    let values = asked.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut ranges: Vec<(&str, f32)> = values.flat_map(|value| value.split(',')).map(range).collect();
    // As in the original, a browser, which takes everything too, is not asked for its taste.
    if ranges.iter().any(|(range, _)| *range == "*/*") {
        return None;
    }
    ranges.sort_by(|one, other| other.1.total_cmp(&one.1));
    ranges.iter().filter(|(_, quality)| *quality > 0.0).find_map(|(range, _)| form(range, is_text))
}

fn form(range: &str, is_text: bool) -> Option<&'static str> {
    match range.to_ascii_lowercase().as_str() {
        "application/json" | "application/*" => Some(JSON),
        "text/json" => Some(TEXT_JSON),
        "application/xml" => Some(XML),
        "text/xml" => Some(TEXT_XML),
        "text/plain" | "text/*" if is_text => Some(TEXT),
        "text/*" => Some(TEXT_JSON),
        _ => None,
    }
}

/// A media range with its quality.
fn range(text: &str) -> (&str, f32) {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().unwrap_or_default();
    let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |quality| quality.parse().ok());
    (range, quality.unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form_of(content: Content, accept: &'static str) -> (String, &'static str) {
        negotiate(content, &HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]))
    }

    #[test]
    fn the_best_that_there_is_is_chosen() {
        let object = || Content::Json(r#"{"a": 1}"#.into());
        for (accept, wanted) in [
            ("application/json", JSON),
            ("text/xml;q=0.5, application/json", JSON),
            ("application/json;q=0.1, text/xml", TEXT_XML),
            ("image/png, application/xml", XML),
            ("text/plain", JSON),
            ("image/png", JSON),
            ("application/xml, */*;q=0.1", JSON),
            ("application/xml;q=0", JSON),
        ] {
            assert_eq!(form_of(object(), accept).1, wanted, "{accept}");
        }
        assert_eq!(form_of(object(), "application/json").0, r#"{"a": 1}"#, "as written");
        assert_eq!(form_of(Content::Text("hi".into()), "application/json"), (r#""hi""#.into(), JSON));
        assert_eq!(form_of(Content::Text("hi".into()), "text/plain"), ("hi".into(), TEXT));
        assert_eq!(negotiate(Content::Text("hi".into()), &HeaderMap::new()), ("hi".into(), TEXT));
    }
}

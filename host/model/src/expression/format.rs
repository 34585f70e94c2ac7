//! Values as text, with .NET format strings as .NET writes them in the invariant culture: English names, `.` for decimals,
//! `,` for thousands.
//!
//! Errors continue a sentence that begins with the expression.

mod date;
mod digits;
mod guid;
mod number;
mod picture;

use serde_json::Value as Json;

use super::data::Value;
use crate::json::shortened;

/// Most digits a format may ask for, as `F99` does.
const MAX_PRECISION: usize = 99;

/// Default format of a moment: dashes between the parts of the time, so that it may be part of a file name.
const DEFAULT_DATE: &str = "yyyy-MM-ddTHH-mm-ssK";

/// The text of a value. An empty format counts as none. A text is formatted where all of it is a GUID or an RFC 3339
/// moment, which is how JSON carries them, and stays as it is otherwise; null is nothing.
pub(super) fn apply(value: &Value, format: Option<&str>) -> Result<String, String> {
    let format = format.filter(|format| !format.is_empty());
    let formatted = match (value, format) {
        (Value::Json(Json::Null), _) => Ok(String::new()),
        (Value::Json(Json::Bool(flag)), _) => Ok(if *flag { "True" } else { "False" }.to_owned()),
        (Value::Json(Json::String(text)), None) => Ok(text.clone()),
        (Value::Json(Json::String(text)), Some(format)) => formatted_text(text, format),
        (Value::Json(Json::Number(value)), format) => number::format(value, format.unwrap_or("G")),
        (Value::Json(Json::Object(_)), _) => {
            return Err("is an object, which is no text; name one of its properties behind a dot".to_owned());
        }
        (Value::Json(Json::Array(_)), _) => {
            return Err("is an array, which is no text; only texts, numbers and booleans can be put in".to_owned());
        }
        (Value::Time(at), format) => date::format(&date::Moment::utc(*at), format.unwrap_or(DEFAULT_DATE)),
        (Value::Guid(guid), format) => guid::format(*guid, format.unwrap_or("D")),
    };
    formatted.map_err(|reason| format!("can't have the format '{}': {reason}", shortened(format.unwrap_or_default())))
}

fn formatted_text(text: &str, format: &str) -> Result<String, String> {
    if let Some(guid) = guid::parse(text) {
        return guid::format(guid, format);
    }
    match date::Moment::parse(text) {
        Some(moment) => date::format(&moment, format),
        None => Ok(text.to_owned()),
    }
}

/// A format of one letter and at most nine digits, as `N` or `D4`; anything else is a picture such as `#,##0.00`.
fn standard(format: &str) -> Option<(char, Option<usize>)> {
    let letter = format.chars().next().filter(char::is_ascii_alphabetic)?;
    let digits = &format[1..];
    if digits.len() > 9 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((letter, digits.parse().ok()))
}

//! `%NAME%`.

use super::{ExpressionError, MAX_RESULT_BYTES};
use crate::json::shortened;
use crate::settings::Settings;

#[cfg(test)]
mod tests;

/// Replaces every `%NAME%` by the setting of that name. What a setting holds is not looked at again. Not for the name of a
/// connection, which is the name of a setting already.
pub fn resolve_settings(text: &str, settings: &Settings) -> Result<String, ExpressionError> {
    let mut resolved = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(opened) = text[at..].find('%').map(|found| at + found) {
        resolved.push_str(&text[at..opened]);
        let Some(closed) = text[opened + 1..].find('%').map(|found| opened + 1 + found) else {
            return Err(ExpressionError::at(
                text,
                opened,
                "this '%' has no second one that closes it; write %NAME% with the name of an app setting, and keep a single % out of the text",
            ));
        };
        let name = &text[opened + 1..closed];
        let Some(value) = settings.get(name) else {
            return Err(ExpressionError::at(text, opened, missing(name)));
        };
        if resolved.len() + value.len() > MAX_RESULT_BYTES {
            return Err(ExpressionError::too_long(text, opened));
        }
        resolved.push_str(value);
        at = closed + 1;
    }
    resolved.push_str(&text[at..]);
    Ok(resolved)
}

/// Names of the settings that a text asks for by `%NAME%`, in their order; an unclosed `%` asks for none.
pub fn referenced_settings(text: &str) -> impl Iterator<Item = &str> {
    let mut parts = text.split('%');
    std::iter::from_fn(move || {
        parts.next()?;
        parts.next()
    })
    .take(text.matches('%').count() / 2)
}

fn missing(name: &str) -> String {
    if name.is_empty() {
        return "there is no name between the two '%'; write %NAME% with the name of an app setting".to_owned();
    }
    let name = shortened(name);
    format!("the app has no setting '{name}'; add it to the app's settings, or correct the name")
}

//! From the content of a message to the text that the service keeps, within its limit.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_model::host_json::MessageEncoding;

use super::values::Content;

/// Longest text of a message in bytes (64 KiB); under base64 that is 48 KiB of data.
pub const MAX_MESSAGE_BYTES: usize = 65_536;

/// The text of a message; the error goes on after the message's name and holds nothing of it.
pub(crate) fn encode(content: Content, encoding: MessageEncoding) -> Result<String, String> {
    let (text, given) = match (encoding, content) {
        (MessageEncoding::Base64, content) => {
            let data = match &content {
                Content::Text(text) => text.as_bytes(),
                Content::Bytes(bytes) => bytes,
            };
            // What is too long is not worth the work.
            let length = data.len().div_ceil(3).saturating_mul(4);
            let text = if length <= MAX_MESSAGE_BYTES {
                STANDARD.encode(data)
            } else {
                return Err(too_long(data.len(), true));
            };
            (text, data.len())
        }
        (MessageEncoding::None, Content::Text(text)) => {
            let length = text.len();
            (text, length)
        }
        (MessageEncoding::None, Content::Bytes(bytes)) => {
            let length = bytes.len();
            let text = String::from_utf8(bytes).map_err(|error| {
                let at = error.utf8_error().valid_up_to();
                format!(
                    "is not UTF-8 text (byte {at}), as messageEncoding none in host.json asks for; set it to base64, or encode the bytes"
                )
            })?;
            (text, length)
        }
    };
    if text.len() > MAX_MESSAGE_BYTES {
        return Err(too_long(given, false));
    }
    if encoding == MessageEncoding::None && text.contains(is_unfit) {
        return Err("holds a character that XML can't carry, in which messages travel; set messageEncoding in host.json to base64, or \
                    encode the text"
            .to_owned());
    }
    Ok(text)
}

/// What no XML document holds (XML 1.0, section 2.2).
fn is_unfit(c: char) -> bool {
    (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn too_long(length: usize, base64: bool) -> String {
    let limit = if base64 { MAX_MESSAGE_BYTES / 4 * 3 } else { MAX_MESSAGE_BYTES };
    let why = if base64 { ", because base64 makes 64 KiB of them" } else { " (64 KiB)" };
    format!(
        "is {length} bytes long, and a queue takes at most {limit}{why}; put the data elsewhere and send where they are"
    )
}

//! Throughput: asked for when something is made, kept as an offer, replaced by replacing the offer (reference: Cosmos DB,
//! section 4.7).

use hearth_state::documents::StoredResource;
use serde_json::{Value, json};

use super::render::self_link;
use crate::protocol::links::ResourceKind;
use crate::protocol::{DocumentError, Rid};

/// Least and most request units per second of a fixed throughput, and the step.
const FIXED: (u64, u64, u64) = (400, 1_000_000, 100);
/// The same of a throughput that scales by itself.
const SCALED: (u64, u64, u64) = (1000, 1_000_000, 1000);
/// What a container has that nothing else was asked for.
const DEFAULT: u64 = 400;

/// Request units per second that something is to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewThroughput {
    /// So many.
    Fixed(u64),
    /// Up to so many.
    Scaled(u64),
}

impl NewThroughput {
    /// Reads the headers `x-ms-offer-throughput` and `x-ms-cosmos-offer-autopilot-settings`; none when neither is there.
    ///
    /// # Errors
    /// 400 for both, and for figures that an offer cannot have.
    pub fn read(fixed: Option<&str>, scaled: Option<&str>) -> Result<Option<Self>, DocumentError> {
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_| wrong("offerThroughput", FIXED));
        let throughput = match (fixed, scaled) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => {
                return Err(DocumentError::bad_request(
                    "A request asks for a fixed throughput or for one that scales by itself, not for both.",
                ));
            }
            (Some(fixed), None) => Self::Fixed(number(fixed)?),
            (None, Some(scaled)) => {
                let settings: Value = serde_json::from_str(scaled).unwrap_or_default();
                Self::Scaled(settings["maxThroughput"].as_u64().ok_or_else(|| wrong("maxThroughput", SCALED))?)
            }
        };
        throughput.checked().map(Some)
    }

    /// What the content of an offer asks for.
    fn of_content(content: &Value) -> Result<Self, DocumentError> {
        let settings = &content["offerAutopilotSettings"];
        let throughput = match settings.is_object() {
            true => Self::Scaled(settings["maxThroughput"].as_u64().ok_or_else(|| wrong("maxThroughput", SCALED))?),
            false => Self::Fixed(content["offerThroughput"].as_u64().ok_or_else(|| wrong("offerThroughput", FIXED))?),
        };
        throughput.checked()
    }

    fn checked(self) -> Result<Self, DocumentError> {
        let (figure, name, rule) = match self {
            Self::Fixed(figure) => (figure, "offerThroughput", FIXED),
            Self::Scaled(figure) => (figure, "maxThroughput", SCALED),
        };
        let (least, most, step) = rule;
        match (least..=most).contains(&figure) && figure.is_multiple_of(step) {
            true => Ok(self),
            false => Err(wrong(name, rule)),
        }
    }

    /// Most request units per second.
    pub(super) fn most(self) -> u64 {
        match self {
            Self::Fixed(figure) | Self::Scaled(figure) => figure,
        }
    }

    /// The body of an offer, as host state keeps it.
    pub(super) fn offer(self) -> String {
        let content = match self {
            Self::Fixed(figure) => {
                json!({ "offerThroughput": figure, "offerIsRUPerMinuteThroughputEnabled": false })
            }
            Self::Scaled(most) => json!({
                "offerThroughput": most / 10,
                "offerIsRUPerMinuteThroughputEnabled": false,
                "offerAutopilotSettings": { "maxThroughput": most },
            }),
        };
        json!({ "offerType": "Invalid", "offerVersion": "V2", "content": content }).to_string()
    }
}

impl Default for NewThroughput {
    fn default() -> Self {
        Self::Fixed(DEFAULT)
    }
}

/// The body of an offer that is replaced: only its content counts.
pub(super) fn replacement(body: &str, rid: &Rid) -> Result<String, DocumentError> {
    let body: Value = serde_json::from_str(body).map_err(|error| {
        DocumentError::bad_request(format!("The request payload is invalid. It is not JSON: {error}"))
    })?;
    let id = body["id"].as_str().unwrap_or("");
    if id != rid.to_string() {
        return Err(DocumentError::bad_request("The property 'id' of the offer is not the one in the path."));
    }
    Ok(NewThroughput::of_content(&body["content"])?.offer())
}

/// Least request units per second that something with this offer can be given.
pub const fn least_throughput() -> u32 {
    400
}

/// What an offer says beside its body: its id, and what it is for, byte for byte as that says of itself.
pub(super) fn properties(stored: &StoredResource, rid: Rid) -> String {
    let Some(owner) = Rid::from_hex(&stored.name) else { return String::new() };
    let kind = if owner.as_bytes().len() == 4 { ResourceKind::Database } else { ResourceKind::Container };
    format!(",\"id\":\"{rid}\",\"resource\":\"{}\",\"offerResourceId\":\"{owner}\"", self_link(kind, owner))
}

fn wrong(name: &str, (least, most, step): (u64, u64, u64)) -> DocumentError {
    DocumentError::bad_request(format!(
        "The value of '{name}' specified is invalid: it is a multiple of {step} from {least} to {most}."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throughput_is_read_from_headers_and_checked() {
        let read = NewThroughput::read;
        assert_eq!(read(None, None), Ok(None));
        assert_eq!(read(Some("11000"), None), Ok(Some(NewThroughput::Fixed(11_000))));
        assert_eq!(read(None, Some(r#"{"maxThroughput":4000}"#)), Ok(Some(NewThroughput::Scaled(4000))));
        for (fixed, scaled) in [
            (Some("399"), None),
            (Some("450"), None),
            (Some("many"), None),
            (Some("2000000"), None),
            (None, Some("{}")),
            (None, Some("x")),
            (None, Some(r#"{"maxThroughput":500}"#)),
            (Some("400"), Some(r#"{"maxThroughput":4000}"#)),
        ] {
            assert_eq!(read(fixed, scaled).unwrap_err().status, 400, "{fixed:?} {scaled:?}");
        }
    }

    #[test]
    fn of_an_offer_that_is_replaced_the_content_counts() {
        let rid = Rid::offer(7);
        let replaced = |content: Value| {
            replacement(&json!({ "id": rid.to_string(), "content": content, "resource": "x" }).to_string(), &rid)
        };
        assert_eq!(replaced(json!({ "offerThroughput": 500 })), Ok(NewThroughput::Fixed(500).offer()));
        let scaled = json!({ "offerThroughput": 1, "offerAutopilotSettings": { "maxThroughput": 5000 } });
        assert_eq!(replaced(scaled), Ok(NewThroughput::Scaled(5000).offer()));
        assert_eq!(replaced(json!({ "offerThroughput": 450 })).unwrap_err().status, 400);
        assert_eq!(replaced(json!({})).unwrap_err().status, 400);
        assert_eq!(replacement("{}", &rid).unwrap_err().status, 400);
        assert_eq!(replacement("x", &rid).unwrap_err().status, 400);
    }
}

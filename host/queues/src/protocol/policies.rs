//! Stored access policies in XML (REST reference: Get and Set Queue ACL).

use super::error::{ErrorCode, ProtocolError};
use super::xml::{self, Writer};
use super::{limits, sas_time};

/// A stored access policy. What it leaves empty stands in the shared access signature that names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessPolicy {
    /// Its id, 1 to 64 characters.
    pub id: String,
    /// When it begins, as it was given; empty for at once.
    pub start: String,
    /// When it ends, as it was given.
    pub expiry: String,
    /// What it allows, as letters of `raup`.
    pub permissions: String,
}

/// Reads the body of Set Queue ACL; an empty body has no policies.
///
/// # Errors
/// [`ErrorCode::InvalidXmlDocument`] for what is no list of policies or has too many, [`ErrorCode::InvalidXmlNodeValue`]
/// for an id, time or permission that cannot be.
pub fn read_policies(body: &[u8]) -> Result<Vec<AccessPolicy>, ProtocolError> {
    if body.is_empty() {
        return Ok(Vec::new());
    }
    let document = |error: String| ProtocolError::new(ErrorCode::InvalidXmlDocument, error);
    let value = |error: String| ProtocolError::new(ErrorCode::InvalidXmlNodeValue, error);
    let root = xml::read(body).map_err(document)?;
    if root.name != "SignedIdentifiers" {
        return Err(document(format!("its element is '{}' and not 'SignedIdentifiers'", root.name)));
    }
    let mut policies: Vec<AccessPolicy> = Vec::new();
    for element in root.all("SignedIdentifier") {
        let id = element.text_of("Id").unwrap_or("").trim().to_owned();
        if id.is_empty() || id.chars().count() > 64 || policies.iter().any(|other| other.id == id) {
            return Err(value(format!("the Id '{id}': use 1 to 64 characters, each Id once")));
        }
        let of = |name: &str| {
            let text = element.child("AccessPolicy").and_then(|policy| policy.text_of(name));
            text.unwrap_or("").trim().to_owned()
        };
        let policy = AccessPolicy { id, start: of("Start"), expiry: of("Expiry"), permissions: of("Permission") };
        for (name, text) in [("Start", &policy.start), ("Expiry", &policy.expiry)] {
            if !text.is_empty() && sas_time(text).is_none() {
                return Err(value(format!("{name} '{text}' is no time")));
            }
        }
        if let Some(unknown) = policy.permissions.chars().find(|c| !"raup".contains(*c)) {
            return Err(value(format!("Permission has '{unknown}': a queue knows r, a, u and p")));
        }
        policies.push(policy);
    }
    if policies.len() > limits::POLICIES {
        return Err(document(format!(
            "it has {} policies, and a queue has {} at most",
            policies.len(),
            limits::POLICIES
        )));
    }
    Ok(policies)
}

/// The answer to Get Queue ACL, and the body of Set Queue ACL.
pub fn write_policies(policies: &[AccessPolicy]) -> String {
    let mut writer = Writer::document();
    writer.open("SignedIdentifiers");
    for policy in policies {
        writer.open("SignedIdentifier");
        writer.text("Id", &policy.id);
        writer.open("AccessPolicy");
        for (name, text) in [("Start", &policy.start), ("Expiry", &policy.expiry), ("Permission", &policy.permissions)]
        {
            if !text.is_empty() {
                writer.text(name, text);
            }
        }
        writer.close("AccessPolicy");
        writer.close("SignedIdentifier");
    }
    writer.close("SignedIdentifiers");
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_go_both_ways_and_keep_their_limits() {
        let policy = |id: &str| AccessPolicy {
            id: id.to_owned(),
            expiry: "2027-01-01T00:00:00.0000000Z".to_owned(),
            permissions: "raup".to_owned(),
            ..AccessPolicy::default()
        };
        let some = [policy("one"), AccessPolicy { id: "two".to_owned(), ..AccessPolicy::default() }];
        assert_eq!(read_policies(write_policies(&some).as_bytes()).unwrap(), some);
        assert_eq!(read_policies(b"").unwrap(), []);
        assert_eq!(read_policies(b"<SignedIdentifiers/>").unwrap(), []);
        let code = |policies: &[AccessPolicy]| read_policies(write_policies(policies).as_bytes()).unwrap_err().code;
        let six: Vec<_> = (0..6).map(|n| policy(&n.to_string())).collect();
        assert_eq!(code(&six), ErrorCode::InvalidXmlDocument);
        assert_eq!(code(&[policy("a"), policy("a")]), ErrorCode::InvalidXmlNodeValue);
        assert_eq!(code(&[policy("")]), ErrorCode::InvalidXmlNodeValue);
        assert_eq!(code(&[AccessPolicy { expiry: "soon".to_owned(), ..policy("a") }]), ErrorCode::InvalidXmlNodeValue);
        assert_eq!(
            code(&[AccessPolicy { permissions: "rx".to_owned(), ..policy("a") }]),
            ErrorCode::InvalidXmlNodeValue
        );
    }
}

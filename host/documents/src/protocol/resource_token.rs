//! Resource tokens: what a permission hands out instead of a key (reference: Cosmos DB, section 2.4).
//!
//! A token says itself what it opens, under a MAC with a secret of the installation. It names the permission in the version
//! it was made from, so that deleting or replacing the permission revokes it at once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_model::clock::Timestamp;
use serde::{Deserialize, Serialize};

use super::signature::AccountKey;

/// Shortest, usual and longest time that a token is good for, in seconds.
pub const LIFETIME_SECONDS: (u32, u32, u32) = (10, 3600, 18_000);

/// What of a resource a permission allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PermissionMode {
    /// Everything.
    All,
    /// Reading, listing, queries and feeds.
    Read,
}

/// What a token opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceToken {
    /// The account's name.
    #[serde(rename = "a")]
    pub account: String,
    /// The RID of the permission, in hexadecimal.
    #[serde(rename = "p")]
    pub permission: String,
    /// The version of the permission.
    #[serde(rename = "v")]
    pub version: i64,
    /// What it allows.
    #[serde(rename = "m")]
    pub mode: PermissionMode,
    /// The link of the resource as the permission has it, without slashes around it.
    #[serde(rename = "r")]
    pub resource: String,
    /// The RID, in hexadecimal, that the container of the resource had when the token was made, if there was one: the token does
    /// not open another one that later has the same name.
    #[serde(rename = "c", skip_serializing_if = "Option::is_none", default)]
    pub container: Option<String>,
    /// The only partition key that it opens: a JSON array in canonical form.
    #[serde(rename = "k", skip_serializing_if = "Option::is_none", default)]
    pub partition_key: Option<String>,
    /// Until when, in seconds since 1970.
    #[serde(rename = "e")]
    pub expires: i64,
}

impl ResourceToken {
    /// The token as it stands in `_token`.
    pub fn seal(&self, secret: &AccountKey) -> String {
        // A struct of texts and numbers always has a JSON text.
        let payload = serde_json::to_vec(self).unwrap_or_default();
        let mac = STANDARD.encode(secret.sign(&payload));
        format!("type=resource&ver=1.0&sig={mac};{};", STANDARD.encode(payload))
    }

    /// Reads what follows `sig=`; none when it was not made with this secret.
    pub fn open(signature: &str, secret: &AccountKey) -> Option<Self> {
        let (mac, payload) = signature.trim_end_matches(';').split_once(';')?;
        let mac = STANDARD.decode(mac).ok()?.try_into().ok()?;
        let payload = STANDARD.decode(payload).ok()?;
        if !secret.signed(&payload, &mac) {
            return None;
        }
        serde_json::from_slice(&payload).ok()
    }

    /// Whether its time is over.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        now.as_micros().div_euclid(1_000_000) >= self.expires
    }
}

#[cfg(test)]
mod tests {
    use super::super::signature::Authorization;
    use super::*;

    #[test]
    fn a_token_is_read_only_where_it_was_made() {
        let token = ResourceToken {
            account: "shop".to_owned(),
            permission: "00000001".to_owned(),
            version: 7,
            mode: PermissionMode::Read,
            resource: "dbs/d/colls/ü ;&=".to_owned(),
            container: None,
            partition_key: Some("[\"a\"]".to_owned()),
            expires: 100,
        };
        let secret = AccountKey::from_bytes(vec![1; 32]);
        let text = token.seal(&secret);
        let Some(Authorization::Resource(signature)) = Authorization::read(text.as_bytes()) else { panic!("{text}") };
        assert_eq!(ResourceToken::open(&signature, &secret), Some(token.clone()));
        assert_eq!(ResourceToken::open(&signature, &AccountKey::from_bytes(vec![2; 32])), None);
        let (mac, _) = signature.split_once(';').unwrap();
        let forged = ResourceToken { mode: PermissionMode::All, ..token.clone() };
        let forged = STANDARD.encode(serde_json::to_vec(&forged).unwrap());
        assert_eq!(ResourceToken::open(&format!("{mac};{forged};"), &secret), None);
        for wrong in ["", ";", ";;", "abc;def;", "%%;%%;"] {
            assert_eq!(ResourceToken::open(wrong, &secret), None, "{wrong}");
        }
        assert!(!token.has_expired(Timestamp::from_micros(99_999_999)));
        assert!(token.has_expired(Timestamp::from_micros(100_000_000)));
    }
}

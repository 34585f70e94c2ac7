//! The one-time token with which a worker joins: `hearth-join-` and base64url text that holds everything needed.
//!
//! Its bytes: a version (1), 16 that name the token, a secret of 32, the management URL, and the first four of the SHA-256
//! of all before them, which tell a token that was cut off in pasting from a wrong one. The secret never travels:
//! a joiner sends what is derived from it, and opens with something else that is derived from it.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

/// How every token begins.
pub const PREFIX: &str = "hearth-join-";

const VERSION: u8 = 1;
const ID_BYTES: usize = 16;
const SECRET_BYTES: usize = 32;
const CHECK_BYTES: usize = 4;

/// A join token. Its `Debug` shows no secret; [`JoinToken::text`] does.
#[derive(Clone, PartialEq, Eq)]
pub struct JoinToken {
    /// Names the token to management; no secret.
    pub id: [u8; ID_BYTES],
    /// From this everything else is derived.
    pub secret: Zeroizing<[u8; SECRET_BYTES]>,
    /// Base URL of the management role that made it.
    pub management: String,
}

impl fmt::Debug for JoinToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinToken").field("management", &self.management).finish_non_exhaustive()
    }
}

/// Why a text is no join token; says nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinTokenError {
    /// It is something else.
    #[error("not a join token: one begins with '{PREFIX}' and is made by 'hearth workers token'")]
    Prefix,
    /// It was cut off or changed.
    #[error("the join token is incomplete or damaged: paste it whole")]
    Damaged,
    /// It is of a later version.
    #[error("the join token was made by a newer Hearth: run the same version here")]
    Newer,
}

impl JoinToken {
    /// The text that is pasted.
    pub fn text(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(vec![VERSION]);
        bytes.extend_from_slice(&self.id);
        bytes.extend_from_slice(self.secret.as_slice());
        bytes.extend_from_slice(self.management.as_bytes());
        let check = check(&bytes);
        bytes.extend_from_slice(&check);
        Zeroizing::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes.as_slice())))
    }
}

impl FromStr for JoinToken {
    type Err = JoinTokenError;

    fn from_str(text: &str) -> Result<Self, JoinTokenError> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(JoinTokenError::Prefix)?;
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).map_err(|_| JoinTokenError::Damaged)?);
        let (content, sum) = bytes.split_last_chunk::<CHECK_BYTES>().ok_or(JoinTokenError::Damaged)?;
        if check(content) != *sum {
            return Err(JoinTokenError::Damaged);
        }
        let (version, rest) = content.split_first().ok_or(JoinTokenError::Damaged)?;
        if *version != VERSION {
            return Err(JoinTokenError::Newer);
        }
        let (id, rest) = rest.split_first_chunk::<ID_BYTES>().ok_or(JoinTokenError::Damaged)?;
        let (secret, management) = rest.split_first_chunk::<SECRET_BYTES>().ok_or(JoinTokenError::Damaged)?;
        let management = std::str::from_utf8(management).map_err(|_| JoinTokenError::Damaged)?.to_owned();
        let mut copy = *secret;
        let token = Self { id: *id, secret: Zeroizing::new(copy), management };
        copy.zeroize();
        Ok(token)
    }
}

fn check(bytes: &[u8]) -> [u8; CHECK_BYTES] {
    let sum = Sha256::digest(bytes);
    std::array::from_fn(|index| sum[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> JoinToken {
        JoinToken { id: [3; 16], secret: Zeroizing::new([7; 32]), management: "https://hearth.example.org:7070".into() }
    }

    #[test]
    fn a_token_reads_as_it_was_written_also_with_space_around_it() {
        let text = token().text();
        assert!(text.starts_with("hearth-join-"));
        assert!(text[12..].bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
        assert_eq!(text.parse::<JoinToken>().unwrap(), token());
        assert_eq!(format!(" {}\n", *text).parse::<JoinToken>().unwrap(), token());
    }

    #[test]
    fn what_is_cut_off_changed_or_something_else_is_told_apart() {
        let text = token().text();
        for end in 12..text.len() {
            assert_eq!(text[..end].parse::<JoinToken>(), Err(JoinTokenError::Damaged), "{end}");
        }
        assert_eq!("abc".parse::<JoinToken>(), Err(JoinTokenError::Prefix));
        let mut newer = vec![2; 60];
        let sum = check(&newer);
        newer.extend_from_slice(&sum);
        let newer = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(newer));
        assert_eq!(newer.parse::<JoinToken>(), Err(JoinTokenError::Newer));
    }

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", token()), "JoinToken { management: \"https://hearth.example.org:7070\", .. }");
    }
}

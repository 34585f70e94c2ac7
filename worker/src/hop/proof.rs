//! The codes by which two workers know each other.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Bytes of a random number and of a code.
pub(super) const NUMBER_BYTES: usize = 16;
const CODE_BYTES: usize = 32;

/// Derived from the installation key.
#[derive(Clone)]
pub(crate) struct HopKey([u8; 32]);

/// The two random numbers of a connection: that of the caller, and that of the worker that is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) caller: [u8; NUMBER_BYTES],
    pub(super) called: [u8; NUMBER_BYTES],
}

impl HopKey {
    pub(crate) fn new(keyring: &hearth_state::Keyring) -> Self {
        Self(keyring.derive("worker-hop"))
    }

    /// What the worker `name` shows to whoever wants to hand it calls.
    pub(super) fn of_worker(&self, name: &str, numbers: &Numbers) -> [u8; CODE_BYTES] {
        self.code(b"worker", &[&numbers.caller, &numbers.called, name.as_bytes()])
    }

    /// The code of the call at this place of a connection. `target` is path and query.
    pub(super) fn of_call(
        &self,
        numbers: &Numbers,
        place: u64,
        method: &str,
        target: &str,
        facts: &[u8],
    ) -> [u8; CODE_BYTES] {
        let place = place.to_be_bytes();
        self.code(b"call", &[&numbers.caller, &numbers.called, &place, method.as_bytes(), target.as_bytes(), facts])
    }

    fn code(&self, purpose: &[u8], parts: &[&[u8]]) -> [u8; CODE_BYTES] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        mac.update(purpose);
        for part in parts {
            // With their lengths, so that nothing can move from one part into the next.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// Whether a code in hexadecimal digits is the expected one, in constant time.
pub(super) fn is(given: &str, expected: &[u8; CODE_BYTES]) -> bool {
    hex::decode(given).is_ok_and(|given| given.ct_eq(expected).into())
}

/// A random number; the error is for people.
pub(super) fn number() -> Result<[u8; NUMBER_BYTES], String> {
    let mut number = [0; NUMBER_BYTES];
    getrandom::fill(&mut number).map_err(|error| format!("the system gives no random numbers ({error})"))?;
    Ok(number)
}

/// A number in hexadecimal digits.
pub(super) fn parse(text: &str) -> Option<[u8; NUMBER_BYTES]> {
    hex::decode(text).ok()?.try_into().ok()
}

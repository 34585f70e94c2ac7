//! `Math.random`: xoshiro256++, seeded on first use, so that no two instances of one image share their numbers.

use std::cell::Cell;
use std::rc::Rc;

use crate::host::Host;

pub(crate) struct Random {
    host: Rc<dyn Host>,
    state: Cell<Option<[u64; 4]>>,
}

impl Random {
    pub(crate) fn new(host: Rc<dyn Host>) -> Self {
        Self { host, state: Cell::new(None) }
    }

    /// A number from 0 to below 1.
    pub(crate) fn next(&self) -> f64 {
        let mut s = self.state.get().unwrap_or_else(|| self.seed());
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        self.state.set(Some(s));
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let fraction = (result >> 11) as f64;
        fraction / 9_007_199_254_740_992.0
    }

    fn seed(&self) -> [u64; 4] {
        let mut bytes = [0; 32];
        self.host.random(&mut bytes);
        // A state of zeros would stay one.
        bytes[0] |= 1;
        std::array::from_fn(|i| u64::from_le_bytes(std::array::from_fn(|j| bytes[i * 8 + j])))
    }
}

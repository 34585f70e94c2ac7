//! Pauses between attempts: growing, and never the same for two who fail together.

use std::time::Duration;

const ATTEMPTS: u32 = 5;
const FIRST: Duration = Duration::from_millis(100);

/// The pauses of one call.
pub(super) struct Pauses(u32);

impl Pauses {
    pub(super) fn new() -> Self {
        Self(0)
    }

    /// Whether there was an attempt before.
    pub(super) fn any(&self) -> bool {
        self.0 > 0
    }

    /// The pause before the next attempt; none when it was enough.
    pub(super) fn next(&mut self) -> Option<Duration> {
        self.0 += 1;
        (self.0 < ATTEMPTS).then(|| jittered(FIRST * 3u32.pow(self.0 - 1)))
    }
}

/// Between half of a pause and one and a half of it.
fn jittered(pause: Duration) -> Duration {
    let mut random = [0; 1];
    let part = getrandom::fill(&mut random).map_or(128, |()| u32::from(random[0]));
    pause / 2 + pause * part / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let mut pauses = Pauses::new();
        assert!(!pauses.any());
        let all: Vec<Duration> = std::iter::from_fn(|| pauses.next()).collect();
        assert!(pauses.any());
        assert_eq!(all.len(), 4);
        for (pause, middle) in all.iter().zip([100, 300, 900, 2700]) {
            let middle = Duration::from_millis(middle);
            assert!((middle / 2..=middle * 3 / 2 + Duration::from_millis(1)).contains(pause), "{pause:?}");
        }
    }
}

//! Where messages go that can't be handled (reference: section 4.3).

const SUFFIX: &str = "-poison";
/// Longest name of a queue.
const LONGEST: usize = 63;

/// The poison queue of a queue. There is none for a poison queue itself, nor where its name would be too long.
pub(super) fn poison_queue(queue: &str) -> Option<String> {
    (!queue.ends_with(SUFFIX) && queue.len() + SUFFIX.len() <= LONGEST).then(|| format!("{queue}{SUFFIX}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_queue_but_some_has_one() {
        assert_eq!(poison_queue("orders").as_deref(), Some("orders-poison"));
        assert_eq!(poison_queue("orders-poison"), None);
        assert_eq!(poison_queue(&"a".repeat(56)).map(|name| name.len()), Some(63));
        assert_eq!(poison_queue(&"a".repeat(57)), None);
    }
}

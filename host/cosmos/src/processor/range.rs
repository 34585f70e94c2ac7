//! Parts of a container: bounds of effective partition keys, and the partition key ranges that an endpoint reports (reference:
//! Cosmos DB, sections 4.8 and 7.7).

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Half-open bounds of effective partition keys, as hexadecimal text: from `min` on, up to but without `max`.
///
/// The whole container is from the empty text to `FF`. Endpoints pad or trim bounds of hierarchical keys with `00`, so two
/// bounds are compared without zeros at their ends; the text itself is kept as it was given.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EpkRange {
    /// First key that belongs to it.
    pub min: String,
    /// First key beyond it.
    pub max: String,
}

impl EpkRange {
    /// Between two bounds.
    pub fn new(min: impl Into<String>, max: impl Into<String>) -> Self {
        Self { min: min.into(), max: max.into() }
    }

    /// The whole container.
    pub fn full() -> Self {
        Self::new("", "FF")
    }

    /// Whether it holds no key at all.
    pub fn is_empty(&self) -> bool {
        compare(&self.min, &self.max) != Ordering::Less
    }

    /// Whether a key is in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        !self.intersection(other).is_empty()
    }

    /// Whether every key of the other is in this one.
    pub fn covers(&self, other: &Self) -> bool {
        compare(&self.min, &other.min) != Ordering::Greater && compare(&self.max, &other.max) != Ordering::Less
    }

    /// What is in both; may be empty.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let min = if compare(&self.min, &other.min) == Ordering::Less { &other.min } else { &self.min };
        let max = if compare(&self.max, &other.max) == Ordering::Greater { &other.max } else { &self.max };
        Self::new(min.clone(), max.clone())
    }
}

impl PartialEq for EpkRange {
    fn eq(&self, other: &Self) -> bool {
        compare(&self.min, &other.min) == Ordering::Equal && compare(&self.max, &other.max) == Ordering::Equal
    }
}

impl Eq for EpkRange {}

/// As it stands in the token of a lease on it: `{min}-{max}`.
impl fmt::Display for EpkRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.min, self.max)
    }
}

/// A partition key range of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionRange {
    /// Its id, for example `0`.
    pub id: String,
    /// Its bounds.
    pub bounds: EpkRange,
    /// Ids of the ranges that it came from.
    pub parents: Vec<String>,
}

/// The order of two bounds.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let digits = |bound: &str| {
        let mut bound = bound;
        while let Some(shorter) = bound.strip_suffix("00").filter(|shorter| shorter.len() % 2 == 0) {
            bound = shorter;
        }
        bound.to_ascii_uppercase()
    };
    digits(one).cmp(&digits(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_meet_where_keys_are_in_both() {
        let (low, high) = (EpkRange::new("", "1F"), EpkRange::new("1F", "FF"));
        assert!(!low.overlaps(&high));
        assert!(EpkRange::full().covers(&low) && !low.covers(&EpkRange::full()));
        assert!(EpkRange::new("1E", "20").overlaps(&low) && EpkRange::new("1E", "20").overlaps(&high));
        assert_eq!(EpkRange::full().intersection(&high), high);
    }

    #[test]
    fn zeros_at_the_end_and_case_make_no_other_bound() {
        assert_eq!(EpkRange::new("", "1f"), EpkRange::new("00", "1F0000"));
        assert_ne!(EpkRange::new("", "10"), EpkRange::new("", "1010"));
        assert!(EpkRange::new("10", "1000").is_empty());
    }
}

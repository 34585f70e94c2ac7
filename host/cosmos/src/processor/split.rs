//! What becomes of a lease whose range was split or merged (reference: Cosmos DB, section 8.7).
//!
//! Those that follow are made before it is removed, each with its position, and one that is there already is left as it is: whoever
//! dies in between leaves a lease behind whose next owner does the same again, and nobody goes back.

use super::checkpoint::HeldLease;
use super::context::{Context, no_ranges};
use super::error::ProcessorError;
use super::feed::Feed;
use super::lease::{Lease, LeaseVersion};
use super::range::{EpkRange, PartitionRange};
use super::store::{LeaseStore, LeaseStoreErrorKind};

/// What follows.
#[derive(Debug)]
pub(super) enum Successors {
    /// The lease itself: its range is there, or is another one now in which it is read.
    Itself,
    /// These, in its place.
    Leases(Vec<Lease>),
}

impl<F: Feed, S: LeaseStore, D> Context<F, S, D> {
    /// Puts the leases that follow in place of one whose range is gone.
    pub(super) async fn succeed(&self, held: &HeldLease) -> Result<Successors, ProcessorError> {
        let lease = held.lease();
        let ranges = match &lease.bounds {
            Some(bounds) => self.ranges(bounds).await?,
            // One of an old host; the ranges that came from its range know it.
            None => {
                let mut ranges = self.ranges(&EpkRange::full()).await?;
                ranges.retain(|range| range.id == lease.token || range.parents.contains(&lease.token));
                ranges
            }
        };
        if ranges.is_empty() {
            return Err(no_ranges(&lease.bounds.clone().unwrap_or_else(EpkRange::full)).into());
        }
        if stays(&lease, &ranges) {
            return Ok(Successors::Itself);
        }
        let mode = self.options.mode;
        let others = self.leases().await?.into_iter().filter(|other| other.id != lease.id);
        let taken = others.filter_map(|other| other.bounds).collect::<Vec<_>>();
        let leases = successors(&lease, &ranges, &taken).into_iter().map(|part| match part {
            Part::Range(range) => Lease::on_range(self.prefix.lease(&range.id), &range, mode),
            Part::Bounds(bounds) => Lease::on_bounds(self.prefix.lease(&bounds.to_string()), bounds, mode),
        });
        let mut made = Vec::new();
        for mut child in leases {
            child.continuation.clone_from(&lease.continuation);
            child.properties.clone_from(&lease.properties);
            match self.store.call(self.store.store.create(&child)).await {
                Ok(stored) => made.push(stored),
                Err(error) if error.kind == LeaseStoreErrorKind::Exists => {}
                Err(error) => return Err(error.into()),
            }
        }
        held.remove().await?;
        Ok(Successors::Leases(made))
    }
}

/// What a lease is on that follows another.
#[derive(Debug, PartialEq)]
enum Part {
    Range(PartitionRange),
    Bounds(EpkRange),
}

/// Whether a lease is still right: its range is there, or its keys are in one range, whichever that is.
fn stays(lease: &Lease, ranges: &[PartitionRange]) -> bool {
    match (lease.version, &lease.bounds) {
        (LeaseVersion::Epk, _) => ranges.len() == 1,
        (LeaseVersion::Range, None) => ranges.iter().any(|range| range.id == lease.token),
        (LeaseVersion::Range, Some(_)) => ranges.len() == 1 && ranges[0].id == lease.token,
    }
}

/// What the leases are on that follow another, given the ranges that hold its keys now, and the keys that other leases are on. Those
/// were made by somebody who began the same, perhaps when the ranges were others, and got no further.
fn successors(lease: &Lease, ranges: &[PartitionRange], taken: &[EpkRange]) -> Vec<Part> {
    let mut parts = Vec::new();
    for range in ranges {
        // Leases on ranges that reach beyond this one would read what is another lease's.
        let bounds = lease.bounds.as_ref().map_or_else(|| range.bounds.clone(), |it| it.intersection(&range.bounds));
        for gap in gaps(bounds, taken) {
            // A merged range has several leases, each on the keys that it had.
            let whole = gap == range.bounds && (ranges.len() > 1 || lease.bounds.is_none());
            parts.push(match lease.version {
                LeaseVersion::Range if whole => Part::Range(range.clone()),
                _ => Part::Bounds(gap),
            });
        }
    }
    parts
}

/// What is left of bounds without those that are taken.
fn gaps(bounds: EpkRange, taken: &[EpkRange]) -> Vec<EpkRange> {
    let mut left = vec![bounds];
    for taken in taken {
        let without = |bounds: EpkRange| {
            if !bounds.overlaps(taken) {
                return vec![bounds];
            }
            let sides = [EpkRange::new(bounds.min, taken.min.clone()), EpkRange::new(taken.max.clone(), bounds.max)];
            sides.into_iter().filter(|side| !side.is_empty()).collect()
        };
        left = left.into_iter().flat_map(without).collect();
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processor::FeedMode;

    fn range(id: &str, min: &str, max: &str, parents: &[&str]) -> PartitionRange {
        let parents = parents.iter().map(|&parent| parent.to_owned()).collect();
        PartitionRange { id: id.to_owned(), bounds: EpkRange::new(min, max), parents }
    }

    fn on_range(id: &str, min: &str, max: &str) -> Lease {
        Lease::on_range(format!("P..{id}"), &range(id, min, max, &[]), FeedMode::LatestVersion)
    }

    fn on_bounds(min: &str, max: &str) -> Lease {
        Lease::on_bounds(format!("P..{min}-{max}"), EpkRange::new(min, max), FeedMode::LatestVersion)
    }

    /// None when it stays.
    fn shown(lease: &Lease, ranges: &[PartitionRange], taken: &[EpkRange]) -> Option<Vec<String>> {
        let shown = |part: Part| match part {
            Part::Range(range) => range.id,
            Part::Bounds(bounds) => bounds.to_string(),
        };
        (!stays(lease, ranges)).then(|| successors(lease, ranges, taken).into_iter().map(shown).collect())
    }

    #[test]
    fn a_split_range_has_a_lease_for_each_child() {
        let children = [range("1", "", "1F", &["0"]), range("2", "1F", "FF", &["0"])];
        assert_eq!(shown(&on_range("0", "", "FF"), &children, &[]).unwrap(), ["1", "2"]);
        assert_eq!(shown(&on_bounds("", "FF"), &children, &[]).unwrap(), ["-1F", "1F-FF"]);
        assert_eq!(shown(&on_bounds("10", "2F"), &children, &[]).unwrap(), ["10-1F", "1F-2F"], "its outer bounds stay");
    }

    #[test]
    fn a_merged_range_leaves_a_lease_on_the_bounds_that_it_had() {
        let merged = [range("3", "", "FF", &["1", "2"])];
        assert_eq!(shown(&on_range("1", "", "1F"), &merged, &[]).unwrap(), ["-1F"]);
        assert_eq!(shown(&on_range("1", "", "FF"), &merged, &[]).unwrap(), ["-FF"], "as the SDK has it");
        assert_eq!(shown(&on_bounds("", "1F"), &merged, &[]), None);
    }

    #[test]
    fn a_range_that_is_still_there_stays() {
        assert_eq!(shown(&on_range("0", "", "FF"), &[range("0", "", "FF", &[])], &[]), None);
    }

    #[test]
    fn a_range_that_was_merged_and_split_before_anybody_looked_is_cut_at_its_bounds() {
        let now = [range("4", "", "0F", &["1", "3"]), range("5", "0F", "FF", &["2", "3"])];
        assert_eq!(shown(&on_range("1", "", "1F"), &now, &[]).unwrap(), ["4", "0F-1F"]);
    }

    #[test]
    fn what_somebody_made_who_got_no_further_is_left_as_it_is() {
        let children = [range("1", "", "1F", &["0"]), range("2", "1F", "FF", &["0"])];
        let taken =
            |bounds: &[(&str, &str)]| bounds.iter().map(|(min, max)| EpkRange::new(*min, *max)).collect::<Vec<_>>();
        assert_eq!(shown(&on_range("0", "", "FF"), &children, &taken(&[("", "1F")])).unwrap(), ["2"]);
        assert_eq!(shown(&on_range("0", "", "FF"), &children, &taken(&[("", "0F"), ("0F", "2F")])).unwrap(), ["2F-FF"]);
        assert!(shown(&on_range("0", "", "FF"), &children, &taken(&[("", "FF")])).unwrap().is_empty());
    }

    #[test]
    fn a_lease_of_an_old_host_is_followed_by_its_ranges_children() {
        let mut lease = on_range("0", "", "FF");
        lease.bounds = None;
        assert_eq!(shown(&lease, &[range("1", "", "1F", &["0"])], &[]).unwrap(), ["1"]);
        assert_eq!(shown(&lease, &[range("0", "", "FF", &[])], &[]), None);
    }
}

//! Which leases an instance takes (reference: Cosmos DB, section 8.5): as many as everybody, free ones first, and otherwise one from
//! whoever has most. Every instance decides this for itself from the same documents; that they meet is settled by etags.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hearth_model::clock::Timestamp;

use super::lease::Lease;

/// What an instance knows when it decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) instance: &'a str,
    /// Ids of the leases that it reads.
    pub(super) held: &'a BTreeSet<String>,
    pub(super) now: Timestamp,
    pub(super) expiration: Duration,
    /// 0 for none.
    pub(super) min: u32,
    /// 0 for none.
    pub(super) max: u32,
    /// From 0 up to but without 1: which of the leases that will do.
    pub(super) random: f64,
}

/// Leases to be taken.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// Those that name this instance though it does not read them: a write whose answer was lost, or an earlier life under this name.
    pub(super) own: Vec<Lease>,
    /// Free ones.
    pub(super) free: Vec<Lease>,
    /// One of another instance.
    pub(super) steal: Option<Lease>,
}

impl View<'_> {
    pub(super) fn plan(&self, leases: Vec<Lease>) -> Plan {
        let mut counts = BTreeMap::from([(self.instance.to_lowercase(), 0_usize)]);
        let mut plan = Plan::default();
        let mut others = Vec::new();
        let all = leases.len();
        for lease in leases {
            if self.held.contains(&lease.id) {
                *counts.entry(self.instance.to_lowercase()).or_default() += 1;
            } else if lease.is_owned_by(self.instance) {
                *counts.entry(self.instance.to_lowercase()).or_default() += 1;
                plan.own.push(lease);
            } else if lease.is_free(self.now, self.expiration) {
                plan.free.push(lease);
            } else {
                let owner = lease.owner.as_deref().unwrap_or_default().to_lowercase();
                *counts.entry(owner.clone()).or_default() += 1;
                others.push((owner, lease));
            }
        }
        let target = self.target(all, counts.len());
        let mine = counts.get(&self.instance.to_lowercase()).copied().unwrap_or(0);
        let need = target.saturating_sub(mine);
        if !plan.free.is_empty() {
            // Not everybody the same ones in the same order.
            let first = self.pick(plan.free.len());
            plan.free.rotate_left(first);
            plan.free.truncate(need);
            return plan;
        }
        if need == 0 {
            return plan;
        }
        let most = counts.into_iter().filter(|(owner, _)| *owner != self.instance.to_lowercase());
        if let Some((owner, count)) = most.max_by_key(|(_, count)| *count)
            && count > target.saturating_sub(usize::from(need > 1))
        {
            others.retain(|(of, _)| *of == owner);
            let chosen = self.pick(others.len());
            plan.steal = others.into_iter().nth(chosen).map(|(_, lease)| lease);
        }
        plan
    }

    /// How many leases this instance is to have.
    fn target(&self, leases: usize, owners: usize) -> usize {
        let target = if leases <= owners { 1 } else { leases.div_ceil(owners) };
        let (min, max) = (self.min as usize, self.max as usize);
        let target = if max > 0 { target.min(max) } else { target };
        target.max(min)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few leases"
    )]
    fn pick(&self, of: usize) -> usize {
        ((self.random * of as f64) as usize).min(of.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processor::{EpkRange, FeedMode, PartitionRange};

    const NOW: Timestamp = Timestamp::from_micros(1_000_000_000);

    fn lease(number: usize, owner: Option<&str>, age: u64) -> Lease {
        let range = PartitionRange { id: number.to_string(), bounds: EpkRange::full(), parents: vec![] };
        let mut lease = Lease::on_range(format!("P..{number}"), &range, FeedMode::LatestVersion);
        lease.owner = owner.map(str::to_owned);
        lease.timestamp = Some(NOW.minus(Duration::from_secs(age)));
        lease
    }

    fn leases(owners: &[(Option<&str>, usize)]) -> Vec<Lease> {
        let all = owners.iter().flat_map(|(owner, count)| std::iter::repeat_n(*owner, *count));
        all.enumerate().map(|(number, owner)| lease(number, owner, 10)).collect()
    }

    /// How many are taken: free ones, stolen ones.
    fn taken(owners: &[(Option<&str>, usize)], min: u32, max: u32) -> (usize, usize) {
        let all = leases(owners);
        let held = all.iter().filter(|lease| lease.is_owned_by("me")).map(|lease| lease.id.clone()).collect();
        let expiration = Duration::from_secs(60);
        let view = View { instance: "me", held: &held, now: NOW, expiration, min, max, random: 0.99 };
        let plan = view.plan(all);
        assert_eq!(plan.own, []);
        (plan.free.len(), usize::from(plan.steal.is_some()))
    }

    #[test]
    fn as_many_as_everybody() {
        assert_eq!(taken(&[(None, 12)], 0, 0), (12, 0), "alone");
        assert_eq!(taken(&[(None, 6), (Some("a"), 6)], 0, 0), (6, 0));
        assert_eq!(taken(&[(None, 7), (Some("a"), 5)], 0, 0), (6, 0), "one is left to the other");
        assert_eq!(taken(&[(Some("me"), 6), (Some("a"), 5), (None, 1)], 0, 0), (0, 0));
        assert_eq!(taken(&[(Some("a"), 1), (Some("b"), 1)], 0, 0), (0, 0), "more instances than leases");
        assert_eq!(taken(&[], 0, 0), (0, 0));
    }

    #[test]
    fn one_is_stolen_from_who_has_most() {
        assert_eq!(taken(&[(Some("a"), 12)], 0, 0), (0, 1));
        assert_eq!(taken(&[(Some("a"), 4), (Some("b"), 4), (Some("me"), 4)], 0, 0), (0, 0));
        assert_eq!(taken(&[(Some("a"), 3), (Some("b"), 3), (Some("me"), 1)], 0, 0), (0, 1), "two are missing");
        assert_eq!(taken(&[(Some("a"), 3), (Some("b"), 3), (Some("me"), 2)], 0, 0), (0, 0), "one apart is even");
        assert_eq!(taken(&[(Some("a"), 4), (Some("b"), 2), (Some("me"), 2)], 0, 0), (0, 1));
    }

    #[test]
    fn bounds_of_an_instance() {
        assert_eq!(taken(&[(None, 12)], 0, 5), (5, 0));
        assert_eq!(
            taken(&[(Some("a"), 6), (Some("me"), 6)], 8, 0),
            (0, 0),
            "a lease is not stolen from one who has fewer"
        );
        assert_eq!(taken(&[(Some("a"), 10), (Some("me"), 2)], 8, 0), (0, 1));
        assert_eq!(taken(&[(None, 12), (Some("a"), 12)], 14, 0), (12, 0));
    }

    #[test]
    fn expired_and_forgotten_ones_are_taken() {
        let held = BTreeSet::new();
        let expiration = Duration::from_secs(60);
        let view = View { instance: "me", held: &held, now: NOW, expiration, min: 0, max: 0, random: 0.0 };
        let plan = view.plan(vec![lease(0, Some("a"), 61), lease(1, Some("ME"), 5), lease(2, Some("a"), 59)]);
        assert_eq!(plan.own.iter().map(|lease| lease.token.as_str()).collect::<Vec<_>>(), ["1"]);
        assert_eq!(plan.free.iter().map(|lease| lease.token.as_str()).collect::<Vec<_>>(), ["0"]);
        assert_eq!(plan.steal, None);
    }

    #[test]
    fn instances_that_take_turns_come_to_rest_within_one() {
        for (count, instances) in [(12, 5), (13, 3), (7, 3), (3, 5), (1, 2), (25, 4)] {
            let mut all = (0..count).map(|number| lease(number, Some("i0"), 1)).collect::<Vec<_>>();
            for round in 0..200 {
                let instance = format!("i{}", round % instances);
                let held = all.iter().filter(|it| it.is_owned_by(&instance)).map(|it| it.id.clone()).collect();
                let (expiration, random) = (Duration::from_secs(60), f64::from(round % 10) / 10.0);
                let view = View { instance: &instance, held: &held, now: NOW, expiration, min: 0, max: 0, random };
                if let Some(stolen) = view.plan(all.clone()).steal {
                    let lease = all.iter_mut().find(|lease| lease.id == stolen.id).unwrap();
                    lease.owner = Some(instance);
                }
            }
            let of = |n: i32| all.iter().filter(|lease| lease.is_owned_by(&format!("i{n}"))).count();
            let counts = (0..instances).map(of).collect::<Vec<_>>();
            assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1, "{counts:?}");
        }
    }
}

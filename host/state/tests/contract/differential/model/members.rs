//! Workers, what they are to run, leases, and values made once.

use std::fmt::Debug;

use hearth_model::clock::Timestamp;
use hearth_model::ids::WorkerId;

use super::super::call::{HOLDERS, Index, WORKERS};
use super::super::real::span;
use super::{Lease, Model, Worker};
use crate::fixture::worker;

impl Worker {
    pub(super) fn told(&self, name: &str) -> impl Debug + use<> {
        (worker(name), self.epoch, self.registered, self.last_beat, self.expires, self.missing)
    }
}

impl Model {
    pub(super) fn register(&mut self, name: &str, lease: u64) -> u64 {
        let epoch = self.workers.get(name).map_or(0, |one| one.epoch) + 1;
        let (now, expires) = (self.now, self.now.plus(span(lease)));
        let one = Worker { epoch, registered: now, last_beat: now, expires, missing: false };
        self.workers.insert(name.to_owned(), one);
        epoch
    }

    pub(super) fn beat(&mut self, beats: &[(Index, u64)], lease: u64) -> Vec<bool> {
        let mut answers = Vec::new();
        for (name, epoch) in beats {
            let one = self.workers.get_mut(WORKERS[*name]).filter(|one| one.epoch == *epoch && !one.missing);
            answers.push(one.is_some());
            if let Some(one) = one {
                (one.last_beat, one.expires) = (self.now, self.now.plus(span(lease)));
            }
        }
        answers
    }

    pub(super) fn mark_missing(&mut self) -> Vec<WorkerId> {
        let mut missing = Vec::new();
        for (name, one) in self.workers.iter_mut().filter(|(_, one)| !one.missing && one.expires <= self.now) {
            one.missing = true;
            missing.push(worker(name));
        }
        missing
    }

    pub(super) fn assign(&mut self, name: &str, generation: u64, to: &[(Index, u32)]) -> bool {
        if self.apps.get(name).is_none_or(|app| app.generation != generation) {
            return false;
        }
        self.assignments.retain(|(app, _), _| app != name);
        for (worker, id) in to {
            self.assignments.insert((name.to_owned(), WORKERS[*worker].to_owned()), (*id, generation));
        }
        true
    }

    pub(super) fn install(&mut self, name: usize, value: u8) -> Vec<u8> {
        self.installation.entry(name).or_insert_with(|| vec![value; 3]).clone()
    }

    pub(super) fn acquire(&mut self, name: Index, holder: Index, ttl: u64) -> Option<u64> {
        let lease = self.leases.entry(name).or_default();
        if lease.expires > self.now && lease.holder != HOLDERS[holder] {
            return None;
        }
        *lease =
            Lease { holder: HOLDERS[holder].to_owned(), epoch: lease.epoch + 1, expires: self.now.plus(span(ttl)) };
        Some(lease.epoch)
    }

    fn held(&mut self, name: Index, holder: Index, epoch: u64) -> Option<&mut Lease> {
        let now = self.now;
        let lease = self.leases.get_mut(&name)?;
        (lease.holder == HOLDERS[holder] && lease.epoch == epoch && lease.expires > now).then_some(lease)
    }

    pub(super) fn renew(&mut self, leases: &[(Index, Index, u64)], ttl: u64) -> Vec<bool> {
        let until = self.now.plus(span(ttl));
        let renew = |(name, holder, epoch): &(Index, Index, u64)| {
            self.held(*name, *holder, *epoch).map(|lease| lease.expires = until).is_some()
        };
        leases.iter().map(renew).collect()
    }

    pub(super) fn release(&mut self, name: Index, holder: Index, epoch: u64) -> bool {
        let lease = self.held(name, holder, epoch);
        lease.map(|lease| (lease.expires, lease.holder) = (Timestamp(0), String::new())).is_some()
    }
}

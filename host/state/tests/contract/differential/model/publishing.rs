//! Deployments with their logs, and packages.

use std::fmt::Debug;

use hearth_state::{COLLECT_GRACE, DeploymentStatus, LogEntry, StateError};

use super::super::call::{Index, VALUES};
use super::super::real::{log_kind, status};
use super::{Answer, Deployment, Model};
use crate::fixture::{app, deployment};

const INTERRUPTED: &str = "The deployment was interrupted because the management process stopped. Publish again.";

impl Deployment {
    pub(super) fn told(&self, id: u32) -> impl Debug + use<> {
        let functions = (!self.functions.is_empty()).then(|| self.functions.clone());
        let progress = if self.text == INTERRUPTED { String::new() } else { self.text.clone() };
        let texts = (self.text.clone(), progress, functions);
        let (received, end) = (self.received, self.end);
        (deployment(id), app(&self.app), self.status, texts, received, received, end, self.complete)
    }
}

impl Model {
    pub(super) fn insert_deployment(&mut self, name: &str, id: u32) -> Answer<()> {
        if self.deployments.get(&id).is_some_and(|one| one.app == name) {
            return Ok(());
        }
        self.known(name)?;
        let busy = self.deployments.values().any(|one| one.app == name && !one.complete);
        if busy || self.deployments.contains_key(&id) {
            return Err(StateError::Conflict(format!(
                "another deployment of app '{name}' is in progress: wait until it is complete"
            )));
        }
        let new = Deployment {
            app: name.to_owned(),
            status: DeploymentStatus::Pending,
            text: String::new(),
            functions: String::new(),
            received: self.now,
            end: None,
            complete: false,
            logs: Vec::new(),
        };
        self.deployments.insert(id, new);
        Ok(())
    }

    pub(super) fn update_deployment(
        &mut self,
        id: u32,
        code: Option<u8>,
        text: Option<Index>,
        functions: Option<Index>,
        complete: bool,
    ) -> bool {
        let Some(one) = self.deployments.get_mut(&id).filter(|one| !one.complete) else { return false };
        if let Some(code) = code {
            one.status = status(code);
        }
        if let Some(text) = text {
            one.text = VALUES[text].to_owned();
        }
        if let Some(functions) = functions {
            one.functions = VALUES[functions].to_owned();
        }
        if complete {
            (one.complete, one.end) = (true, Some(self.now));
        }
        true
    }

    pub(super) fn add_log(&mut self, id: u32, message: Index, kind: u8) {
        if let Some(one) = self.deployments.get_mut(&id) {
            one.logs.push((self.now, log_kind(kind), VALUES[message].to_owned()));
        }
    }

    pub(super) fn logs(&self, id: u32) -> Vec<LogEntry> {
        let lines = self.deployments.get(&id).map_or([].as_slice(), |one| &one.logs);
        let told = |(seq, (time, kind, message)): (u64, &(_, _, String))| LogEntry {
            seq,
            time: *time,
            kind: *kind,
            message: message.clone(),
        };
        (1..).zip(lines).map(told).collect()
    }

    pub(super) fn fail_interrupted(&mut self) -> Vec<hearth_model::ids::DeploymentId> {
        let mut failed = Vec::new();
        for (id, one) in self.deployments.iter_mut().filter(|(_, one)| !one.complete) {
            (one.status, one.text) = (DeploymentStatus::Failed, INTERRUPTED.to_owned());
            (one.complete, one.end) = (true, Some(self.now));
            failed.push(deployment(*id));
        }
        failed
    }

    pub(super) fn newest_first(&self, name: &str) -> Vec<(u32, &Deployment)> {
        let mut all: Vec<_> =
            self.deployments.iter().filter(|(_, one)| one.app == name).map(|(id, one)| (*id, one)).collect();
        all.sort_by_key(|(id, one)| std::cmp::Reverse((one.received, *id)));
        all
    }

    pub(super) fn prune(&mut self, name: &str, keep: u64) -> u64 {
        let active = self.apps.get(name).and_then(|app| app.active);
        let used =
            |id: u32| Some(id) == active || self.assignments.iter().any(|((app, _), to)| app == name && to.0 == id);
        let old: Vec<u32> = self
            .newest_first(name)
            .into_iter()
            .filter(|(id, one)| one.complete && !used(*id))
            .skip(usize::try_from(keep).unwrap())
            .map(|(id, _)| id)
            .collect();
        self.deployments.retain(|id, _| !old.contains(id));
        old.len() as u64
    }

    pub(super) fn collect(&mut self) -> u64 {
        let (before, held) = (self.packages.len(), self.packages.clone());
        let used = |index: usize| index == 0 && !self.deployments.is_empty();
        let limit = self.now.minus(COLLECT_GRACE);
        self.packages = held.into_iter().filter(|(index, touched)| *touched >= limit || used(*index)).collect();
        (before - self.packages.len()) as u64
    }
}

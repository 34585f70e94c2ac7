//! Apps, their modes, settings and keys.

use std::collections::BTreeMap;
use std::fmt::Debug;

use hearth_model::keys::{self, KeyScope};
use hearth_model::settings::check_name;
use hearth_state::{AppMode, KeyPut, StateError};

use super::super::call::{FUNCTIONS, HOSTS, Index, KEYS, SETTINGS, VALUES};
use super::super::real::{key_value, mode, scope};
use super::{Answer, App, Model, Revisions};
use crate::fixture::deployment;

impl App {
    pub(super) fn told(&self, name: &str) -> impl Debug + use<> {
        let hosts: Vec<String> = self.hosts.iter().cloned().collect();
        let active = self.active.map(deployment);
        (name.to_owned(), self.created, hosts, active, self.generation, self.credential.clone())
    }
}

impl Model {
    pub(super) fn create_app(&mut self, name: &str) -> bool {
        if self.apps.contains_key(name) {
            return false;
        }
        let generation = self.retired.get(name).copied().unwrap_or(0);
        let app = App {
            created: self.now,
            hosts: Default::default(),
            active: None,
            generation,
            credential: b"sealed".to_vec(),
            settings: BTreeMap::new(),
            keys: BTreeMap::new(),
        };
        self.apps.insert(name.to_owned(), app);
        self.stamp_all(name, false);
        true
    }

    pub(super) fn delete_app(&mut self, name: &str) -> bool {
        let Some(gone) = self.apps.remove(name) else { return false };
        self.retired.insert(name.to_owned(), gone.generation + 1);
        self.deployments.retain(|_, one| one.app != name);
        self.assignments.retain(|(app, _), _| app != name);
        self.stamp_all(name, true);
        true
    }

    fn stamp_all(&mut self, name: &str, deleted: bool) {
        let last = self.raise();
        let all = Revisions { last, settings: last, keys: last, mode: AppMode::Running, deleted };
        self.revisions.insert(name.to_owned(), all);
    }

    pub(super) fn set_credential(&mut self, name: &str, with: u8) -> bool {
        let app = self.apps.get_mut(name);
        app.map(|app| app.credential = vec![with]).is_some()
    }

    pub(super) fn set_hosts(&mut self, name: &str, hosts: &[Index]) -> Answer<()> {
        self.known(name)?;
        let wanted: std::collections::BTreeSet<String> =
            hosts.iter().map(|host| HOSTS[*host].to_ascii_lowercase()).collect();
        let taken = |host: &&String| self.apps.iter().any(|(of, app)| of != name && app.hosts.contains(*host));
        if let Some(host) = wanted.iter().find(taken) {
            return Err(StateError::Conflict(format!(
                "host name '{host}' belongs to another app: remove it there first"
            )));
        }
        self.apps.get_mut(name).unwrap().hosts = wanted;
        Ok(())
    }

    pub(super) fn by_host(&self, host: Index) -> Option<impl Debug + use<>> {
        let host = HOSTS[host].to_ascii_lowercase();
        self.apps.iter().find(|(_, app)| app.hosts.contains(&host)).map(|(name, app)| app.told(name))
    }

    pub(super) fn activate(&mut self, name: &str, id: u32, generation: u64) -> Answer<Option<u64>> {
        let its_own = self.deployments.get(&id).is_some_and(|one| one.app == name);
        let app = self
            .apps
            .get_mut(name)
            .filter(|_| its_own)
            .ok_or_else(|| StateError::Missing(format!("app '{name}' has no deployment '{}'", deployment(id))))?;
        if app.generation != generation {
            return Ok(None);
        }
        (app.active, app.generation) = (Some(id), generation + 1);
        Ok(Some(generation + 1))
    }

    pub(super) fn restart(&mut self, name: &str) -> Answer<u64> {
        self.known(name)?;
        Ok(self.stamp_settings(name))
    }

    pub(super) fn set_mode(&mut self, name: &str, code: u8) -> Answer<Option<u64>> {
        self.known(name)?;
        if self.revisions[name].mode == mode(code) {
            return Ok(None);
        }
        let last = self.raise();
        let all = self.revisions.get_mut(name).unwrap();
        (all.last, all.mode) = (last, mode(code));
        Ok(Some(last))
    }

    fn stamp_settings(&mut self, name: &str) -> u64 {
        let last = self.raise();
        let all = self.revisions.get_mut(name).unwrap();
        (all.last, all.settings) = (last, last);
        last
    }

    fn stamp_keys(&mut self, name: &str) {
        let last = self.raise();
        let all = self.revisions.get_mut(name).unwrap();
        (all.last, all.keys) = (last, last);
    }

    pub(super) fn settings(&self, name: &str) -> Answer<(u64, Vec<(String, String)>)> {
        self.known(name)?;
        Ok((self.revisions[name].settings, self.apps[name].settings.values().cloned().collect()))
    }

    pub(super) fn change_settings(
        &mut self,
        name: &str,
        set: &[(Index, Index)],
        unset: &[Index],
        all: bool,
        expected: Option<u64>,
    ) -> Answer<u64> {
        self.known(name)?;
        let now = self.revisions[name].settings;
        if expected.is_some_and(|expected| expected != now) {
            return Err(StateError::Conflict(format!(
                "the settings of app '{name}' were changed meanwhile: look at them and decide again"
            )));
        }
        for (setting, _) in set {
            check_name(SETTINGS[*setting]).map_err(StateError::Rejected)?;
        }
        let compared = |setting: Index| SETTINGS[setting].replace("__", ":").to_lowercase();
        let before = self.apps[name].settings.clone();
        let mut after = if all { BTreeMap::new() } else { before.clone() };
        for setting in unset {
            after.remove(&compared(*setting));
        }
        for (setting, value) in set {
            after.insert(compared(*setting), (SETTINGS[*setting].to_owned(), VALUES[*value].to_owned()));
        }
        if after == before {
            return Ok(now);
        }
        self.apps.get_mut(name).unwrap().settings = after;
        Ok(self.stamp_settings(name))
    }

    pub(super) fn keys(&self, name: &str) -> Answer<Vec<(String, String, String)>> {
        self.known(name)?;
        let told = |((scope, _), (name, value)): (&(KeyScope, String), &(String, Option<String>))| {
            value.as_ref().map(|value| (scope.to_string(), name.clone(), value.clone()))
        };
        Ok(self.apps[name].keys.iter().filter_map(told).collect())
    }

    pub(super) fn ensure_keys(&mut self, name: &str) -> Answer<Vec<(String, String, String)>> {
        self.make_keys(name, &[(KeyScope::Master, "master"), (KeyScope::Host, "default")])
    }

    pub(super) fn ensure_function(&mut self, name: &str, function: Index) -> Answer<Vec<(String, String, String)>> {
        self.make_keys(name, &[(KeyScope::function(FUNCTIONS[function]), "default")])
    }

    fn make_keys(&mut self, name: &str, wanted: &[(KeyScope, &str)]) -> Answer<Vec<(String, String, String)>> {
        self.known(name)?;
        let held = &mut self.apps.get_mut(name).unwrap().keys;
        let before = held.len();
        for (scope, key) in wanted {
            held.entry((scope.clone(), (*key).to_owned())).or_insert(((*key).to_owned(), Some("made".to_owned())));
        }
        if held.len() > before {
            self.stamp_keys(name);
        }
        self.keys(name)
    }

    pub(super) fn put_key(&mut self, name: &str, of: Index, key: Index, value: u8) -> Answer<KeyPut> {
        let scope = scope(of);
        let key = if scope == KeyScope::Master { "master" } else { KEYS[key] };
        self.known(name)?;
        let wanted = (key.to_owned(), Some(key_value(value)));
        let before = self.apps.get_mut(name).unwrap().keys.insert((scope, keys::folded(key)), wanted.clone());
        if before.as_ref() != Some(&wanted) {
            self.stamp_keys(name);
        }
        let there = before.is_some_and(|(_, value)| value.is_some());
        Ok(if there { KeyPut::Replaced } else { KeyPut::Created })
    }

    pub(super) fn delete_key(&mut self, name: &str, of: Index, key: Index) -> Answer<bool> {
        let scope = scope(of);
        if scope == KeyScope::Master {
            return Err(StateError::Rejected("the master key cannot be deleted: replace it".to_owned()));
        }
        self.known(name)?;
        let folded = keys::folded(KEYS[key]);
        let held = &mut self.apps.get_mut(name).unwrap().keys;
        let place = (scope, folded.clone());
        match held.get_mut(&place) {
            None | Some((_, None)) => return Ok(false),
            Some((_, value)) if folded == keys::DEFAULT => *value = None,
            Some(_) => drop(held.remove(&place)),
        }
        self.stamp_keys(name);
        Ok(true)
    }
}

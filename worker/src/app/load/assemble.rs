//! From definitions and components to functions that can be called, and a report on each.

use std::sync::Arc;

use hearth_model::control::FunctionReport;
use hearth_model::host_json::HostJson;
use hearth_model::index::{AuthLevel, FunctionDefinition, FunctionEntry};
use hearth_model::route::RouteTable;

use crate::app::load::compile::Guests;
use crate::app::loaded::{ListedFunction, LoadedFunction};
use crate::logs::{AppLogs, FunctionLog};

/// What an app's functions amount to.
pub(super) struct Parts {
    pub(super) routes: RouteTable<usize>,
    pub(super) functions: Vec<LoadedFunction>,
    pub(super) listed: Vec<ListedFunction>,
    pub(super) reports: Vec<FunctionReport>,
    pub(super) warnings: Vec<String>,
}

pub(super) fn assemble(host: &HostJson, entries: Vec<FunctionEntry>, guests: &Guests, logs: &Arc<AppLogs>) -> Parts {
    let mut parts = Parts {
        routes: RouteTable::new(&host.route_prefix),
        functions: Vec::new(),
        listed: Vec::new(),
        reports: Vec::new(),
        warnings: Vec::new(),
    };
    for entry in entries {
        let FunctionEntry { name, definition, json, script, disabled, .. } = entry;
        let ready = definition.and_then(|definition| parts.place(definition, guests));
        let told = ready.as_ref().map(|(definition, _)| definition);
        let mut report = report(&name, told, &host.route_prefix, disabled);
        report.trigger = report.trigger.or_else(|| json.as_ref().and_then(declared_trigger));
        parts.reports.push(report);
        let (error, at) = match ready {
            Ok((definition, guest)) => {
                let log = Arc::new(FunctionLog::new(logs.clone(), definition.name.as_str(), host.log_level.clone()));
                parts.functions.push(LoadedFunction { definition, disabled, guest, log });
                (None, Some(parts.functions.len() - 1))
            }
            Err(error) => (Some(error), None),
        };
        parts.listed.push(ListedFunction { name, json, disabled, script, error, at });
    }
    parts.warn_of_order();
    parts
}

impl Parts {
    /// Gives a function its component and its route, or tells why it can't have them.
    fn place(
        &mut self,
        definition: FunctionDefinition,
        guests: &Guests,
    ) -> Result<(FunctionDefinition, Arc<hearth_engine::Guest>), String> {
        if self.functions.iter().any(|other| other.definition.name == definition.name) {
            return Err(format!("another function has the name '{}' (names ignore case)", definition.name));
        }
        let guest = guests.of(&definition)?;
        if let Some(http) = definition.trigger.as_http() {
            self.routes.insert(http.route.clone(), http.methods.clone(), self.functions.len()).map_err(|conflict| {
                format!("its route {} is taken by another function for the same method", conflict.template)
            })?;
        }
        Ok((definition, guest))
    }

    /// Warns where the more exact route comes before the one that is first by name.
    fn warn_of_order(&mut self) {
        for (winner, other) in self.routes.reordered() {
            let name = |at: &usize| &self.functions[*at].definition.name;
            self.warnings.push(format!(
                "the route of function '{}' is tried before that of '{}' because it is more exact",
                name(winner),
                name(other)
            ));
        }
    }
}

/// A level as function.json writes it.
fn level_name(level: AuthLevel) -> &'static str {
    match level {
        AuthLevel::Anonymous => "anonymous",
        AuthLevel::User => "user",
        AuthLevel::Function => "function",
        AuthLevel::System => "system",
        AuthLevel::Admin => "admin",
    }
}

/// The trigger that a function in error declares.
fn declared_trigger(json: &serde_json::Map<String, serde_json::Value>) -> Option<String> {
    let (_, bindings) = json.iter().find(|(key, _)| key.eq_ignore_ascii_case("bindings"))?;
    let types = bindings.as_array()?.iter().filter_map(serde_json::Value::as_object).filter_map(|binding| {
        binding.iter().find(|(key, _)| key.eq_ignore_ascii_case("type")).and_then(|(_, value)| value.as_str())
    });
    let is_trigger = |name: &&str| name.to_ascii_lowercase().ends_with("trigger");
    types.into_iter().find(is_trigger).map(|name| name.chars().filter(|c| !c.is_control()).take(64).collect())
}

fn report(name: &str, ready: Result<&FunctionDefinition, &String>, prefix: &str, disabled: bool) -> FunctionReport {
    let mut report = FunctionReport {
        name: name.to_owned(),
        trigger: None,
        route: None,
        methods: Vec::new(),
        auth_level: None,
        disabled,
        error: ready.err().cloned(),
        listener_error: None,
    };
    if let Ok(definition) = ready {
        report.trigger = Some(definition.trigger.type_name().to_owned());
        if let Some(http) = definition.trigger.as_http() {
            let route = http.route.to_string();
            report.route = Some(if prefix.is_empty() { route } else { format!("{prefix}/{route}") });
            report.methods = http.methods.iter().map(ToString::to_string).collect();
            report.auth_level = Some(level_name(http.auth_level).to_owned());
        }
    }
    report
}

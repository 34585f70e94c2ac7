//! The processes of one machine: management and its workers, with each setting's effective value on their command lines.

use std::ffi::OsString;
use std::net::TcpListener;
use std::sync::Arc;

use hearth_management::Secrets;

use super::{Addresses, Machine, functions_url};
use crate::config::all_settings;
use crate::config::values::BaseUrl;
use crate::supervisor::Child;

pub(super) fn management(
    machine: &Machine<'_>,
    secrets: &Secrets,
    listener: TcpListener,
    addresses: Addresses,
) -> Child {
    let arguments = machine.arguments;
    let settings = &arguments.management;
    let mut flags = Flags::of_role("management", machine);
    flags.push("--management-listen", addresses.management.to_string());
    flags.push("--package-limit-mib", settings.package_limit_mib.to_string());
    flags.push("--worker-lease", settings.worker_lease.to_string());
    flags.push("--credential-period", settings.credential_period.to_string());
    let functions = arguments.domain.functions_url.as_ref().map(ToString::to_string);
    flags.push("--functions-url", functions.unwrap_or_else(|| functions_url(arguments, addresses.http)));
    let queues = arguments.domain.queues_url.clone();
    let queues = queues.unwrap_or_else(|| BaseUrl::of_listener(addresses.queues, arguments.serving.has_tls()));
    flags.push("--queues-url", queues.to_string());
    let documents = arguments.domain.documents_url.clone().unwrap_or_else(|| addresses.documents_url());
    flags.push("--documents-url", documents.to_string());
    if let Some(url) = &settings.public_url {
        flags.push("--public-url", url.to_string());
    }
    flags.push("--scheduler-lease", settings.scheduler_lease.to_string());
    flags.push("--target-concurrency", settings.target_concurrency.to_string());
    flags.push("--scale-in-after", settings.scale_in_after.to_string());
    flags.push("--moves-per-minute", settings.moves_per_minute.to_string());
    if let Some(url) = &settings.internal_url {
        flags.push("--internal-url", url.to_string());
    }
    if let Some(app) = &settings.default_app {
        flags.push("--default-app", app.to_string());
    }
    Child {
        name: "management".to_owned(),
        arguments: flags.0,
        left_out: left_out(machine),
        environment: environment(machine, secrets),
        listeners: vec![Arc::new(listener)],
    }
}

pub(super) fn workers(
    machine: &Machine<'_>,
    secrets: &Secrets,
    listeners: [TcpListener; 3],
    addresses: Addresses,
) -> Vec<Child> {
    let arguments = machine.arguments;
    let listeners = listeners.map(Arc::new);
    let child = |number: u16| {
        let name = format!("worker-{number}");
        let mut flags = Flags::of_role("worker", machine);
        flags.push("--name", name.clone());
        flags.push("--management", BaseUrl::of_address(addresses.management).to_string());
        flags.push("--http-listen", addresses.http.to_string());
        flags.push("--queues-listen", addresses.queues.to_string());
        flags.push("--documents-listen", addresses.documents.to_string());
        flags.push("--documents-emulator", arguments.serving.documents_emulator.to_string());
        flags.push("--documents-request-units", arguments.serving.documents_request_units.to_string());
        flags.push("--documents-quota-mib", arguments.serving.documents_quota_mib.to_string());
        if let Some(url) = &arguments.domain.documents_url {
            flags.push("--documents-url", url.to_string());
        }
        flags.push("--control-listen", "127.0.0.1:0".to_owned());
        flags.push("--max-instances", arguments.serving.max_instances.to_string());
        flags.push("--idle-unload", arguments.serving.idle_unload.to_string());
        flags.push("--drain-grace", arguments.serving.drain_grace.to_string());
        flags.push("--drain-timeout", arguments.serving.drain_timeout.to_string());
        for directory in &arguments.serving.secret_files {
            flags.push("--secret-files", directory);
        }
        for network in &arguments.serving.egress_allow {
            flags.push("--egress-allow", network.to_string());
        }
        if let (Some(certificate), Some(key)) =
            (&arguments.serving.http_tls_certificate, &arguments.serving.http_tls_key)
        {
            flags.push("--http-tls-certificate", certificate);
            flags.push("--http-tls-key", key);
        }
        if let Some(url) = &arguments.domain.functions_url {
            flags.push("--functions-url", url.to_string());
        }
        if let Some(development) = &machine.development {
            flags.push("--development", development);
        }
        Child {
            name,
            arguments: flags.0,
            left_out: left_out(machine),
            environment: environment(machine, secrets),
            listeners: listeners.to_vec(),
        }
    };
    (1..=arguments.supervisor.workers).map(child).collect()
}

/// What others must not see: command lines are visible to every user.
fn environment(machine: &Machine<'_>, secrets: &Secrets) -> Vec<(&'static str, String)> {
    let state = machine.arguments.state.state.clone();
    let state = state.unwrap_or_else(|| format!("sqlite:{}", machine.data.database().display()));
    vec![("HEARTH_JOIN_TOKEN", secrets.join_token.clone()), ("HEARTH_STATE", state)]
}

/// Variables that the processes of this machine don't inherit: under `hearth start` no setting in the environment counts.
fn left_out(machine: &Machine<'_>) -> Vec<OsString> {
    if machine.development.is_none() {
        return Vec::new();
    }
    all_settings().iter().filter_map(|setting| setting.get_env().map(OsString::from)).collect()
}

/// Arguments of a child, each setting with its effective value, so that it does not look for one itself.
struct Flags(Vec<OsString>);

impl Flags {
    fn of_role(role: &str, machine: &Machine<'_>) -> Self {
        let Machine { arguments, common, data, .. } = machine;
        let mut flags = Self(vec![role.into(), "--supervised".into()]);
        flags.push("--data", data.path());
        flags.push("--key-file", arguments.key.key_file.clone().unwrap_or_else(|| data.key_file()));
        flags.push("--domain", arguments.domain.domain.to_string());
        for network in &arguments.domain.trusted_proxies {
            flags.push("--trusted-proxies", network.to_string());
        }
        flags.push("--log", &common.log);
        flags.push("--log-format", common.log_format.to_string());
        if let Some(file) = &common.config {
            flags.push("--config", file);
        }
        flags
    }

    fn push(&mut self, name: &str, value: impl Into<OsString>) {
        self.0.push(name.into());
        self.0.push(value.into());
    }
}

//! The settings that an app runs with: its own, with references resolved, and the platform's variables (reference: Azure
//! Functions, section 1.5).
//!
//! What says who and where the app is cannot be overridden; the other variables are defaults that the app's own settings replace.

use hearth_model::ids::AppName;
use hearth_model::reference::{Reference, reference};
use hearth_model::settings::Settings;

use crate::app::secret_files::SecretFiles;
use crate::options::WorkerOptions;

/// Where Azure unpacks a package. Nothing is there, but apps build links to their files with it.
pub(crate) const SCRIPT_ROOT: &str = "/home/site/wwwroot";

/// What the platform tells every app about this worker.
#[derive(Clone)]
pub(crate) struct Platform {
    domain: String,
    /// `:7071`, or empty where the scheme's own port is used.
    port: String,
    /// The folder of the app, under development.
    folder: Option<String>,
    /// Name of the worker.
    pub(crate) instance: String,
}

impl Platform {
    pub(super) fn new(options: &WorkerOptions) -> Self {
        let url: Option<http::Uri> = options.functions_url.as_deref().and_then(|url| url.parse().ok());
        let https = url.as_ref().map_or(options.tls.is_some(), |url| url.scheme_str() == Some("https"));
        let own = if https { 443 } else { 80 };
        let port = match &url {
            Some(url) => url.port_u16(),
            None => options.http.local_addr().ok().map(|address| address.port()),
        };
        Self {
            domain: options.domain.clone(),
            port: port.filter(|port| *port != own).map(|port| format!(":{port}")).unwrap_or_default(),
            folder: options.development.as_ref().map(|development| development.folder.display().to_string()),
            instance: options.name.clone(),
        }
    }

    /// Host name under which callers reach an app, with the port where it is not the scheme's own.
    pub(crate) fn host_name(&self, app: &AppName) -> String {
        format!("{app}.{}{}", self.domain, self.port)
    }

    fn identity(&self, app: &AppName) -> Vec<(&'static str, String)> {
        // Libraries take the name of a site for a sign that they run in a cloud.
        if let Some(folder) = &self.folder {
            return vec![
                ("WEBSITE_HOSTNAME", format!("localhost{}", self.port)),
                ("AZURE_FUNCTIONS_ENVIRONMENT", "Development".to_owned()),
                ("AzureWebJobsScriptRoot", folder.clone()),
            ];
        }
        vec![
            ("WEBSITE_SITE_NAME", app.to_string()),
            ("WEBSITE_HOSTNAME", self.host_name(app)),
            ("WEBSITE_INSTANCE_ID", self.instance.clone()),
            ("WEBSITE_SLOT_NAME", "Production".to_owned()),
        ]
    }

    /// All settings of an app. The error names each setting that is wrong and why, never its value.
    pub(super) fn settings(
        &self,
        app: &AppName,
        given: Vec<(String, String)>,
        files: &SecretFiles,
    ) -> Result<Settings, String> {
        let is_true = |(name, _): &(&str, &str)| self.folder.is_none() || *name != RUN_FROM_PACKAGE;
        let mut settings: Settings = DEFAULTS.into_iter().filter(is_true).collect();
        let mut wrong = Vec::new();
        for (name, value) in given {
            let resolved = match reference(&value) {
                Ok(Reference::None) => Ok(value),
                Ok(Reference::File(path)) => files.read(path),
                Err(problem) => Err(problem.to_string()),
            };
            match resolved {
                Ok(value) => settings.insert(name, value),
                Err(problem) => wrong.push(format!("the setting {name}: {problem}")),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong.join("; "));
        }
        for (name, value) in self.identity(app) {
            settings.insert(name, value);
        }
        Ok(settings)
    }
}

/// What an app can read of its runtime; the app's own setting goes before.
pub(super) fn tell_runtime(settings: &mut Settings, is_script: bool) {
    if settings.get(RUNTIME).is_none() {
        settings.insert(RUNTIME, if is_script { "node" } else { "custom" });
    }
}

const RUNTIME: &str = "FUNCTIONS_WORKER_RUNTIME";

const RUN_FROM_PACKAGE: &str = "WEBSITE_RUN_FROM_PACKAGE";

const DEFAULTS: [(&str, &str); 4] = [
    (RUN_FROM_PACKAGE, "1"),
    ("FUNCTIONS_EXTENSION_VERSION", "~4"),
    ("AZURE_FUNCTIONS_ENVIRONMENT", "Production"),
    ("AzureWebJobsScriptRoot", SCRIPT_ROOT),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(given: &[(&str, &str)]) -> Result<Settings, String> {
        let platform =
            Platform { domain: "localhost".into(), port: ":7071".into(), folder: None, instance: "worker-1".into() };
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        platform.settings(&AppName::parse("shop").unwrap(), given, &SecretFiles::none())
    }

    #[test]
    fn an_apps_own_settings_win_except_over_who_and_where_it_is() {
        let mut settings = settings(&[
            ("website_site_name", "other"),
            ("WEBSITE_HOSTNAME", "evil.test"),
            ("FUNCTIONS_WORKER_RUNTIME", "node"),
            ("Greeting", "hi"),
        ])
        .unwrap();
        assert_eq!(settings.get("WEBSITE_SITE_NAME"), Some("shop"));
        assert_eq!(settings.get("WEBSITE_HOSTNAME"), Some("shop.localhost:7071"));
        tell_runtime(&mut settings, false);
        assert_eq!(settings.get("FUNCTIONS_WORKER_RUNTIME"), Some("node"));
        settings.remove("FUNCTIONS_WORKER_RUNTIME");
        tell_runtime(&mut settings, false);
        assert_eq!(settings.get("FUNCTIONS_WORKER_RUNTIME"), Some("custom"));
        assert_eq!(settings.get("FUNCTIONS_EXTENSION_VERSION"), Some("~4"));
        let names: Vec<&str> = settings.iter().map(|(name, _)| name).collect();
        assert!(names.contains(&"Greeting") && names.contains(&"WEBSITE_SITE_NAME"), "{names:?}");
        assert!(!names.contains(&"website_site_name"), "nor under another spelling: {names:?}");
    }

    #[test]
    fn every_setting_that_cannot_be_resolved_is_named_without_its_value() {
        let error = settings(&[
            ("Vault", "@Microsoft.KeyVault(SecretUri=https://secret.example/)"),
            ("Fine", "text"),
            ("Mounted", "@file:/nowhere/db-password"),
        ])
        .unwrap_err();
        assert!(error.contains("setting Vault:") && error.contains("setting Mounted:"), "{error}");
        assert!(!error.contains("secret.example") && !error.contains("Fine"), "{error}");
    }
}

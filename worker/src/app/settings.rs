//! The platform variables that every function sees (reference: Azure Functions, section 1.5).

use std::collections::BTreeMap;

use hearth_model::ids::AppName;

/// `WEBSITE_*` and the others that apps read.
pub(super) fn platform(app: &AppName, domain: &str, instance: &str) -> BTreeMap<String, String> {
    [
        ("WEBSITE_SITE_NAME", app.as_str().to_owned()),
        ("WEBSITE_HOSTNAME", format!("{app}.{domain}")),
        ("WEBSITE_INSTANCE_ID", instance.to_owned()),
        ("WEBSITE_SLOT_NAME", "Production".to_owned()),
        ("WEBSITE_RUN_FROM_PACKAGE", "1".to_owned()),
        ("FUNCTIONS_EXTENSION_VERSION", "~4".to_owned()),
        ("FUNCTIONS_WORKER_RUNTIME", "custom".to_owned()),
        ("AZURE_FUNCTIONS_ENVIRONMENT", "Production".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

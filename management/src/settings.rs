//! App settings on their way into host state: checked with words that help, then written, then told to the workers.

use std::collections::BTreeMap;
use std::sync::Arc;

use hearth_model::ids::AppName;
use hearth_model::reference::{InvalidReference, Reference, reference};
use hearth_model::settings::{Settings, check_name, compared};
use hearth_state::{MAX_SETTING_BYTES, SettingSizes, SettingsChange, StateError, StoredSettings};
use http::StatusCode;

use crate::answer::{Failure, sentence};
use crate::context::Context;

/// Most bytes that the names and values of an app have together. Every instance of its functions gets a copy.
pub(crate) const MAX_TOTAL_BYTES: usize = 512 << 10;

/// The settings of an app, as they are stored.
pub(crate) async fn stored(context: &Context, app: &AppName) -> Result<StoredSettings, Failure> {
    context.state.app_settings().snapshot(&context.keyring, app).await.map_err(|error| missing_app(app, error))
}

/// Changes settings of an app; answers their revision.
///
/// # Errors
/// 400 for a name or value that no setting may have, or too many; 404 without the app; 412 when they are not at the
/// expected revision.
pub(crate) async fn change(context: &Arc<Context>, app: &AppName, change: &SettingsChange) -> Result<u64, Failure> {
    check(change)?;
    // Sizes are known of what can't be opened too, which is to be set again or removed.
    let sizes = context.state.app_settings().sizes(&context.keyring, app).await;
    let before = sizes.map_err(|error| missing_app(app, error))?;
    let total = total(&before, change);
    if total > MAX_TOTAL_BYTES {
        let message = format!(
            "The settings of app '{app}' would have {total} bytes together, names included, but an app's may have {MAX_TOTAL_BYTES}. Keep what is large in files."
        );
        return Err(Failure::invalid("settings_limit", message));
    }
    let changed = context.state.app_settings().change(&context.keyring, app, change).await;
    let revision = changed.map_err(|error| match error {
        // Names and values were checked above, so what is left is their number.
        StateError::Rejected(text) => Failure::invalid("settings_limit", sentence(&text)),
        StateError::Conflict(_) => {
            let message =
                format!("The settings of app '{app}' were changed meanwhile. Get them again, and decide again.");
            Failure::new(StatusCode::PRECONDITION_FAILED, "settings_changed", message)
        }
        error => missing_app(app, error),
    })?;
    if revision != before.revision {
        let set: Vec<&str> = change.set.iter().map(|(name, _)| name.as_str()).collect();
        tracing::info!(%app, revision, ?set, unset = ?change.unset, replace = change.replace_all, "settings changed");
        context.ring(revision).await;
    }
    Ok(revision)
}

/// As [`Failure::from`], in the words of this API where there is no such app.
pub(crate) fn missing_app(app: &AppName, error: StateError) -> Failure {
    match error {
        StateError::Missing(_) => Failure::no_app(app.as_str()),
        error => error.into(),
    }
}

/// Whether a value is read from a file on each worker.
pub(crate) fn is_file_reference(value: &str) -> bool {
    matches!(reference(value), Ok(Reference::File(_)))
}

fn check(change: &SettingsChange) -> Result<(), Failure> {
    let mut names = Settings::new();
    for (name, value) in &change.set {
        check_name(name).map_err(|text| Failure::invalid("setting_name_invalid", sentence(&text)))?;
        if names.get(name).is_some() {
            let message = format!(
                "The setting '{name}' stands there twice. Case does not matter in names, and ':' is the same as '__'."
            );
            return Err(Failure::invalid("setting_given_twice", message));
        }
        check_value(name, value)?;
        names.insert(name.clone(), "");
    }
    match change.unset.iter().find(|name| names.get(name).is_some()) {
        Some(name) => {
            let message = format!("The setting '{name}' is to be both set and unset.");
            Err(Failure::invalid("setting_given_twice", message))
        }
        None => Ok(()),
    }
}

fn check_value(name: &str, value: &str) -> Result<(), Failure> {
    if value.len() > MAX_SETTING_BYTES || value.contains('\0') {
        let message = format!(
            "The value of the setting '{name}' has {} bytes. It may have {MAX_SETTING_BYTES}, and no NUL among them, which no environment can carry.",
            value.len()
        );
        return Err(Failure::invalid("setting_value_invalid", message));
    }
    reference(value).map_err(|error| {
        let code = match error {
            InvalidReference::Foreign(_) => "key_vault_reference",
            InvalidReference::Path(_) => "file_reference_invalid",
        };
        Failure::invalid(code, format!("The setting '{name}' can't have this value: {error}."))
    })?;
    Ok(())
}

/// Bytes of names and values after the change.
fn total(before: &SettingSizes, change: &SettingsChange) -> usize {
    let mut after: BTreeMap<String, usize> = BTreeMap::new();
    if !change.replace_all {
        after.extend(before.sizes.iter().map(|(name, size)| (compared(name), name.len() + size)));
        for name in &change.unset {
            after.remove(&compared(name));
        }
    }
    after.extend(change.set.iter().map(|(name, value)| (compared(name), name.len() + value.len())));
    after.values().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(pairs: &[(&str, &str)], unset: &[&str]) -> Option<&'static str> {
        let set = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let unset = unset.iter().map(|&name| name.into()).collect();
        check(&SettingsChange { unset, ..SettingsChange::set(set) }).err().map(|failure| failure.code)
    }

    #[test]
    fn what_no_setting_can_be_is_refused_by_reason() {
        assert_eq!(refused(&[("A", "1"), ("B__C", ""), ("D", "@file:/run/secrets/d"), ("E", "a\nb")], &["F"]), None);
        assert_eq!(refused(&[("A=B", "1")], &[]), Some("setting_name_invalid"));
        assert_eq!(refused(&[("A", "1"), ("a", "2")], &[]), Some("setting_given_twice"));
        assert_eq!(refused(&[("B__C", "1"), ("b:c", "2")], &[]), Some("setting_given_twice"));
        assert_eq!(refused(&[("A", "1")], &["a"]), Some("setting_given_twice"));
        assert_eq!(refused(&[("A", "a\0b")], &[]), Some("setting_value_invalid"));
        assert_eq!(refused(&[("A", &"x".repeat(MAX_SETTING_BYTES + 1))], &[]), Some("setting_value_invalid"));
        for reference in ["@Microsoft.KeyVault(SecretUri=https://v/secrets/s)", "@microsoft.keyvault(x"] {
            assert_eq!(refused(&[("A", reference)], &[]), Some("key_vault_reference"));
        }
        assert_eq!(refused(&[("A", "@file:secret")], &[]), Some("file_reference_invalid"));
    }

    #[test]
    fn the_total_is_that_after_the_change() {
        let before = SettingSizes { revision: 1, sizes: vec![("A".to_owned(), 5), ("B".to_owned(), 1)] };
        let set = || vec![("a".to_owned(), "1".to_owned())];
        assert_eq!(total(&before, &SettingsChange::set(set())), 4);
        assert_eq!(total(&before, &SettingsChange::replace(set())), 2);
        assert_eq!(total(&before, &SettingsChange::unset(["b".to_owned()])), 6);
    }
}

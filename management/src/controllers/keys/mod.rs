//! Keys of an app, in the spirit of the host's own key API (azure-functions reference, section 2.5): what is posted is
//! generated, what is put is taken as it is. The master key can be replaced and never be missing.

mod delete;
mod list;
mod set;
mod show;

pub(crate) use delete::delete;
pub(crate) use list::{all, list};
pub(crate) use set::{generate, put};
pub(crate) use show::show;

use std::sync::Arc;

use axum::Json;
use axum::extract::RawPathParams;
use axum::response::{IntoResponse, Response};
use hearth_model::ids::{AppName, FunctionName};
use hearth_model::keys::{self, KeyScope, KeySet, NamedKey};
use hearth_state::StateError;
use http::{StatusCode, header};

use crate::answer::{Failure, sentence};
use crate::api::KeyView;
use crate::context::Context;
use crate::controllers::deployments::parameter;
use crate::controllers::{app_name, apps, existing};
use crate::settings::missing_app;

/// How the host's key API names the master key.
const MASTER: &str = "_master";

/// Keys that a path names.
struct Named {
    app: AppName,
    scope: KeyScope,
    /// Empty where the path names a whole scope.
    name: String,
}

impl Named {
    /// Reads `/apps/{app}/keys/…`. A function must be one of the app, as far as that is known.
    async fn read(context: &Arc<Context>, path: &RawPathParams) -> Result<Self, Failure> {
        let app = app_name(parameter(path, "app"))?;
        let (scope, function) = (parameter(path, "scope"), parameter(path, "function"));
        let name = parameter(path, "name").to_owned();
        let scope = match scope {
            _ if !function.is_empty() => KeyScope::function(function),
            "host" => KeyScope::Host,
            "system" => KeyScope::System,
            "" => KeyScope::Master,
            other => {
                let message =
                    format!("There are no keys of scope '{other}': use master, host, system or functions/NAME.");
                return Err(Failure::new(StatusCode::NOT_FOUND, "key_scope_unknown", message));
            }
        };
        if let KeyScope::Function(function) = &scope {
            known_function(context, &app, function).await?;
        }
        Ok(Self { app, scope, name })
    }

    fn missing(&self) -> Failure {
        let Self { app, scope, name } = self;
        let message = format!("App '{app}' has no key '{name}' of scope {scope}; see 'hearth keys list --app {app}'.");
        Failure::new(StatusCode::NOT_FOUND, "key_not_found", message)
    }

    /// As [`Failure::from`], in the words of this API.
    fn failure(&self, error: StateError) -> Failure {
        match error {
            // Name and value were checked before, so what is left is the number of keys.
            StateError::Rejected(text) => Failure::invalid("keys_limit", sentence(&text)),
            error => missing_app(&self.app, error),
        }
    }

    fn check_name(&self) -> Result<(), Failure> {
        if self.scope == KeyScope::Master {
            return Ok(());
        }
        keys::check_name(&self.name).map_err(|text| Failure::invalid("key_name_invalid", sentence(&text)))
    }
}

/// Before anything was published every function may get keys: those that callers have already, for example.
async fn known_function(context: &Arc<Context>, app: &AppName, function: &str) -> Result<(), Failure> {
    let unknown = || {
        let message = format!("App '{app}' has no function '{function}'; see 'hearth apps show {app}'.");
        Failure::new(StatusCode::NOT_FOUND, "function_not_found", message)
    };
    FunctionName::parse(function).map_err(|_| unknown())?;
    let app = existing(context, app).await?;
    let known = apps::known_functions(context, &app).await?;
    let is = |one: &hearth_model::control::FunctionReport| one.name.eq_ignore_ascii_case(function);
    if app.active.is_some() && !known.iter().any(is) { Err(unknown()) } else { Ok(()) }
}

/// The keys of an app, with those that every app has.
async fn keys_of(context: &Context, app: &AppName) -> Result<KeySet, Failure> {
    let before = context.state.app_keys().list(&context.keyring, app).await.map_err(|error| missing_app(app, error))?;
    if before.master().is_some() {
        return Ok(before);
    }
    let made = context.state.app_keys().ensure(&context.keyring, app).await.map_err(|error| missing_app(app, error))?;
    context.ring_latest().await;
    Ok(made)
}

fn view(scope: &KeyScope, key: &NamedKey) -> KeyView {
    let name = if *scope == KeyScope::Master { MASTER } else { &key.name };
    KeyView { name: name.to_owned(), value: key.value.clone() }
}

/// An answer that no cache keeps.
fn private(status: StatusCode, body: impl serde::Serialize) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

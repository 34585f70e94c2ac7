//! `settings` and `settings/{key}` of a publishing site, as Kudu's clients use them (azure-functions reference, section 8.1).
//!
//! As in Azure, whoever may publish sees the values: the code that they may publish could read them too. A value that is
//! read from a file is an exception when it is set: only the admin key may point at files of the workers' machines.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawPathParams, Request, State};
use axum::response::{IntoResponse, Response};
use hearth_model::settings::Settings;
use hearth_state::SettingsChange;
use http::{StatusCode, header};
use serde_json::{Map, Value};

use crate::answer::{Failure, KuduError, MAX_BODY, json_body};
use crate::auth::Publisher;
use crate::context::Context;
use crate::controllers::deployments::{enter, parameter};
use crate::settings;

/// All of them as one flat object.
pub(crate) async fn kudu_list(
    State(context): State<Arc<Context>>,
    path: RawPathParams,
    request: Request,
) -> Result<Response, KuduError> {
    let (parts, _) = request.into_parts();
    let (site, _) = enter(&context, &path, &parts).await?;
    let values = settings::stored(&context, &site.app).await?.values;
    let object: Map<String, Value> = values.into_iter().map(|(name, value)| (name, value.into())).collect();
    Ok(private(Value::Object(object)))
}

/// The value of one as a JSON string.
pub(crate) async fn kudu_show(
    State(context): State<Arc<Context>>,
    path: RawPathParams,
    request: Request,
) -> Result<Response, KuduError> {
    let (parts, _) = request.into_parts();
    let (site, _) = enter(&context, &path, &parts).await?;
    let stored: Settings = settings::stored(&context, &site.app).await?.values.into_iter().collect();
    let key = parameter(&path, "key");
    let value = stored.get(key).ok_or_else(|| {
        let message = format!("App '{}' has no setting '{key}'.", site.app);
        Failure::new(StatusCode::NOT_FOUND, "setting_not_found", message)
    })?;
    Ok(private(value.into()))
}

/// Sets what the body names: `{"NAME": "value", …}` or `{"key": "NAME", "value": "value"}`.
pub(crate) async fn kudu_set(
    State(context): State<Arc<Context>>,
    path: RawPathParams,
    request: Request,
) -> Result<StatusCode, KuduError> {
    let (parts, body) = request.into_parts();
    let (site, publisher) = enter(&context, &path, &parts).await?;
    let wanted = pairs(json_body(body, MAX_BODY, None).await?)?;
    let file = wanted.iter().find(|(_, value)| settings::is_file_reference(value));
    if let (Some((name, _)), Publisher::Credential) = (file, publisher) {
        let message =
            format!("The setting '{name}' refers to a file. That needs the admin key: 'hearth settings set'.");
        return Err(Failure::new(StatusCode::FORBIDDEN, "file_reference_forbidden", message).into());
    }
    settings::change(&context, &site.app, &SettingsChange::set(wanted)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes one away; one that is not there is no error.
pub(crate) async fn kudu_delete(
    State(context): State<Arc<Context>>,
    path: RawPathParams,
    request: Request,
) -> Result<StatusCode, KuduError> {
    let (parts, _) = request.into_parts();
    let (site, _) = enter(&context, &path, &parts).await?;
    let change = SettingsChange::unset([parameter(&path, "key").to_owned()]);
    settings::change(&context, &site.app, &change).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn private(value: Value) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(value)).into_response()
}

fn pairs(body: Map<String, Value>) -> Result<Vec<(String, String)>, Failure> {
    if let (2, Some(Value::String(key)), Some(value)) = (body.len(), body.get("key"), body.get("value")) {
        return Ok(vec![(key.clone(), text(key, value)?)]);
    }
    body.iter().map(|(name, value)| Ok((name.clone(), text(name, value)?))).collect()
}

fn text(name: &str, value: &Value) -> Result<String, Failure> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            let message = format!("The value of the setting '{name}' must be a text.");
            Err(Failure::invalid("setting_value_invalid", message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<(String, String)>, &'static str> {
        pairs(serde_json::from_str(json).unwrap()).map_err(|failure| failure.code)
    }

    #[test]
    fn both_forms_of_kudu_are_read() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            read(r#"{"A": "1", "B": true, "C": 2}"#),
            Ok(vec![pair("A", "1"), pair("B", "true"), pair("C", "2")])
        );
        assert_eq!(read(r#"{"key": "A", "value": "1"}"#), Ok(vec![pair("A", "1")]));
        assert_eq!(read(r#"{"key": "A"}"#), Ok(vec![pair("key", "A")]));
        assert_eq!(read(r#"{"A": {"b": "c"}}"#), Err("setting_value_invalid"));
    }
}

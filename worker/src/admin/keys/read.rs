//! `GET …/keys` and `GET …/keys/{name}`: keys in clear text.

use std::sync::Arc;

use hearth_model::ids::FunctionName;
use hearth_model::keys::{KeyScope, KeySet, NamedKey};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Collection, Place, key_not_found};
use crate::admin::answer::{Answer, Refusal, json as answer};
use crate::admin::request::AdminCall;
use crate::app::KeySource;

/// The keys of a collection. A function's `default` is made by the first look.
pub(in crate::admin) async fn list(call: &AdminCall<'_>, of: &Collection) -> Answer {
    let (scope, function) = of.scope(call).await?;
    let keys = current(call, function.as_ref()).await?;
    let list: Vec<Value> = keys.list(&scope).map(|key| json!({ "name": key.name, "value": key.value })).collect();
    Ok(answer(StatusCode::OK, json!({ "keys": list, "links": links(call) })))
}

/// One key. The master key is among the system keys.
pub(in crate::admin) async fn show(call: &AdminCall<'_>, of: &Collection, name: &str) -> Answer {
    let place = match of {
        Collection::System => of.place(call, name).await?,
        Collection::Host | Collection::Function(_) => {
            let (scope, function) = of.scope(call).await?;
            Place { scope, name: name.to_owned(), function }
        }
    };
    let keys = current(call, place.function.as_ref()).await?;
    match keys.get(&place.scope, &place.name) {
        Some(key) => Ok(answer(StatusCode::OK, one(call, name, key))),
        None => Err(key_not_found(name)),
    }
}

/// A key as it is answered, under the name by which it was asked for.
pub(super) fn one(call: &AdminCall<'_>, name: &str, key: &NamedKey) -> Value {
    json!({ "name": name, "value": key.value, "links": links(call) })
}

fn links(call: &AdminCall<'_>) -> Value {
    json!([{ "rel": "self", "href": call.href() }])
}

/// The keys as this worker holds them, after making a function's `default` if it never was.
async fn current(call: &AdminCall<'_>, function: Option<&FunctionName>) -> Result<Arc<KeySet>, Refusal> {
    let live = call.live();
    let known = live.keys.set();
    let Some(function) = function else { return Ok(known) };
    if known.list(&KeyScope::function(function.as_str())).next().is_some() {
        return Ok(known);
    }
    let KeySource { state, keyring, .. } = &**call.apps.source();
    let made = state.app_keys().ensure_function(keyring, &live.name, function).await;
    let made = made?;
    if made.len() == known.len() {
        return Ok(known);
    }
    call.apps.refresh(&live.name).await;
    Ok(Arc::new(made))
}

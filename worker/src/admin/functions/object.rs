//! A function as the admin API shows it, with every field of the original (reference: section 2.8).

use hearth_model::script::ScriptLanguage;
use serde_json::{Map, Value, json};

use crate::app::{ListedFunction, LoadedApp, SCRIPT_ROOT};

/// `base` is the app's root as the caller reaches it, without a slash at its end.
pub(super) fn object(app: &LoadedApp, function: &ListedFunction, base: &str) -> Value {
    let name = &function.name;
    let is_script = function.script.as_deref().is_some_and(ScriptLanguage::is_script_file);
    let language = if is_script { "node" } else { app.settings.get("FUNCTIONS_WORKER_RUNTIME").unwrap_or("custom") };
    let config = function.json.clone().unwrap_or_default();
    let files = format!("{base}/admin/vfs{}", SCRIPT_ROOT.trim_start_matches("/home"));
    let by_attributes =
        text(&config, "configurationSource").is_some_and(|source| source.eq_ignore_ascii_case("attributes"));
    json!({
        "name": name,
        "script_root_path_href": format!("{files}/{name}/"),
        "script_href": function.script.as_ref().map(|script| format!("{files}/{script}")),
        "config_href": format!("{files}/{name}/function.json"),
        "test_data_href": Value::Null,
        "href": format!("{base}/admin/functions/{name}"),
        "invoke_url_template": invoke_url(&config, name, &app.host.route_prefix, base),
        "language": language,
        "config": config,
        "files": Value::Null,
        "test_data": "",
        "isDisabled": function.disabled,
        "isDirect": by_attributes,
        "isProxy": false,
    })
}

/// Of an HTTP function, also of one in error: in lower case, with the parameters of its route as they are written.
fn invoke_url(config: &Map<String, Value>, name: &str, prefix: &str, base: &str) -> Option<String> {
    let bindings = config.iter().find(|(key, _)| key.eq_ignore_ascii_case("bindings"))?.1.as_array()?;
    let is_http =
        |binding: &&Map<String, Value>| text(binding, "type").is_some_and(|of| of.eq_ignore_ascii_case("httpTrigger"));
    let trigger = bindings.iter().filter_map(Value::as_object).find(is_http)?;
    let route = text(trigger, "route").map(|route| route.trim_start_matches('/')).filter(|route| !route.is_empty());
    let prefix = if prefix.is_empty() { String::new() } else { format!("/{prefix}") };
    Some(format!("{base}{prefix}/{}", route.unwrap_or(name)).to_lowercase())
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?.1.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_invoke_url_is_lower_case_with_the_routes_parameters() {
        let url = |trigger: Value, prefix: &str| {
            let config = json!({ "Bindings": [{ "type": "http", "direction": "out" }, trigger] });
            invoke_url(config.as_object().unwrap(), "Hello", prefix, "https://Example.org/apps/shop")
        };
        let http = |route: Value| json!({ "type": "HttpTrigger", "route": route });
        assert_eq!(url(http(Value::Null), "api").unwrap(), "https://example.org/apps/shop/api/hello");
        assert_eq!(
            url(http("/Items/{Id:int}".into()), "v1/api").unwrap(),
            "https://example.org/apps/shop/v1/api/items/{id:int}"
        );
        assert_eq!(url(http("x".into()), "").unwrap(), "https://example.org/apps/shop/x");
        assert_eq!(url(json!({ "type": "timerTrigger" }), "api"), None);
    }
}

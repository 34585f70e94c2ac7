//! Puts the apps of the tables onto a running installation.

use hearth_tests::{Hearth, Zip, sample, test_guest};
use http::Method;
use serde_json::json;

use crate::table::{App, Key};

/// What an app's rows need to know of it.
pub(crate) struct Installed {
    pub(crate) host: String,
    pub(crate) master: String,
    pub(crate) key: String,
}

impl Installed {
    /// Replaces the placeholders.
    pub(crate) fn fill(&self, text: &str) -> String {
        text.replace("${host}", &self.host).replace("${master}", &self.master).replace("${key}", &self.key)
    }
}

/// Publishes an app with its settings and keys.
pub(crate) fn install(hearth: &Hearth, app: &App) -> Installed {
    let folder = if app.guest == "hello-http" { sample(&app.guest) } else { test_guest(&app.guest) };
    let zip = app
        .functions
        .iter()
        .fold(Zip::folder(&folder), |zip, (name, function)| zip.json(&format!("{name}/function.json"), function));
    let zip = zip.json("host.json", &app.host);
    hearth.publish_zip(&app.name, &zip);
    let host = format!("{}.localhost:{}", app.name, hearth.http_address().port());
    let installed = Installed { host, master: String::new(), key: String::new() };
    if !installed.master.is_empty() {
        app.keys.iter().for_each(|key| put(hearth, &installed, key));
    }
    installed
}

/// Sets a key by the app's admin API.
fn put(hearth: &Hearth, installed: &Installed, key: &Key) {
    let path = match key.scope.as_str() {
        "host" => format!("/admin/host/functionkeys/{}", key.name),
        "system" => format!("/admin/host/systemkeys/{}", key.name),
        function => format!("/admin/functions/{function}/keys/{}", key.name),
    };
    let body = json!({ "name": key.name, "value": key.value }).to_string();
    let call = hearth.call(Method::PUT, &path).host(&installed.host).header("content-type", "application/json");
    let answer = call.header("x-functions-key", &installed.master).body(body).send();
    assert!([200, 201].contains(&answer.status), "{path}: {} {}", answer.status, answer.text());
}

//! Puts the apps of the tables onto a running installation.

use hearth_tests::{Hearth, Zip, sample, test_guest};

use crate::table::App;

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

/// Makes an app with its settings and keys, and publishes it.
pub(crate) fn install(hearth: &Hearth, app: &App) -> Installed {
    hearth.create_app(&app.name);
    hearth.set_settings(&app.name, app.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    for key in &app.keys {
        let scope = match key.scope.as_str() {
            scope @ ("host" | "system") => scope.to_owned(),
            function => format!("functions/{function}"),
        };
        hearth.put_key(&app.name, &scope, &key.name, &key.value);
    }
    let keys = hearth.keys(&app.name);
    let default = keys["host"].as_array().unwrap().iter().find(|key| key["name"] == "default").unwrap();
    let folder = if app.guest == "hello-http" { sample(&app.guest) } else { test_guest(&app.guest) };
    let zip = app
        .functions
        .iter()
        .fold(Zip::folder(&folder), |zip, (name, function)| zip.json(&format!("{name}/function.json"), function));
    hearth.publish_zip(&app.name, &zip.json("host.json", &app.host));
    Installed {
        host: format!("{}.localhost:{}", app.name, hearth.http_address().port()),
        master: keys["master"]["value"].as_str().unwrap().to_owned(),
        key: default["value"].as_str().unwrap().to_owned(),
    }
}

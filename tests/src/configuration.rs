//! Settings and keys of apps, set through the management API.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};

use crate::hearth::Hearth;
use crate::http::Answer;

impl Hearth {
    /// Makes an app that nothing is published to yet, so that its first version finds its settings and keys.
    #[track_caller]
    pub fn create_app(&self, app: &str) {
        let answer = self.manage(Method::PUT, &format!("/api/apps/{app}")).send();
        assert!([200, 201].contains(&answer.status), "creating {app}: {} {}", answer.status, answer.text());
    }

    /// Replaces all settings of an app that exists.
    #[track_caller]
    pub fn set_settings<'a>(&self, app: &str, settings: impl IntoIterator<Item = (&'a str, &'a str)>) {
        let settings: BTreeMap<&str, &str> = settings.into_iter().collect();
        let body = json!({ "settings": settings }).to_string();
        self.manage(Method::PUT, &format!("/api/apps/{app}/settings")).body(body).send().expect(200);
    }

    /// Every key of an app: `master`, `host`, `system` and `functions`. The master key and a host key named `default` are
    /// there from the first look on.
    #[track_caller]
    pub fn keys(&self, app: &str) -> Value {
        self.manage(Method::GET, &format!("/api/apps/{app}/keys")).send().expect(200).json()
    }

    /// Sets a key; `scope` is `host`, `system` or `functions/NAME`.
    #[track_caller]
    pub fn put_key(&self, app: &str, scope: &str, name: &str, value: &str) -> Answer {
        let body = json!({ "value": value }).to_string();
        let answer = self.manage(Method::PUT, &format!("/api/apps/{app}/keys/{scope}/{name}")).body(body).send();
        assert!([200, 201].contains(&answer.status), "{app}: {scope}/{name}: {} {}", answer.status, answer.text());
        answer
    }

    /// Deletes a key.
    #[track_caller]
    pub fn delete_key(&self, app: &str, scope: &str, name: &str) {
        self.manage(Method::DELETE, &format!("/api/apps/{app}/keys/{scope}/{name}")).send().expect(204);
    }
}

//! What an app's host.json and settings say about its HTTP as a whole: CORS, fixed headers, the limit of bodies, the homepage.
//!
//! Made once when the app is loaded, so that a call finds headers ready to be put on its answer, and finds nothing at all to do
//! where nothing is set.

mod cors;
mod hsts;

use hearth_model::host_json::HostJson;
use hearth_model::settings::Settings;
use http::header::{CONNECTION, CONTENT_LENGTH, STRICT_TRANSPORT_SECURITY, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::front::caller::Caller;
pub(crate) use cors::Cors;
use hsts::Hsts;

/// Greatest request body in bytes where the app does not say (reference: Azure Functions, section 2.3).
pub(crate) const DEFAULT_BODY_LIMIT: usize = 104_857_600;
/// The app setting that changes it.
pub(crate) const BODY_LIMIT_SETTING: &str = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT";

/// How an app answers over HTTP, its functions aside.
pub(crate) struct HttpPolicy {
    /// Which origins browsers may call from; none leaves CORS to the functions.
    pub(crate) cors: Option<Cors>,
    /// Greatest request body in bytes.
    pub(crate) body_limit: usize,
    /// Whether `/` has a welcome page.
    pub(crate) homepage: bool,
    hsts: Option<Hsts>,
    custom_headers: Vec<(HeaderName, HeaderValue)>,
}

impl HttpPolicy {
    /// The policy, and what of it could not be used, in words for the app's owner.
    pub(crate) fn new(host: &HostJson, settings: &Settings) -> (Self, Vec<String>) {
        let mut warnings = Vec::new();
        let custom_headers = host.custom_headers.iter().filter_map(|(name, value)| {
            let header = (HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
            (!frames(&header.0)).then_some(header)
        });
        let policy = Self {
            cors: Cors::new(settings, &mut warnings),
            body_limit: body_limit(settings, &mut warnings),
            homepage: !settings.get("AzureWebJobsDisableHomepage").is_some_and(is_true),
            hsts: Hsts::new(&host.hsts),
            custom_headers: custom_headers.collect(),
        };
        (policy, warnings)
    }

    /// Adds the headers that every answer of the app has, where it does not have them yet.
    pub(crate) fn add_headers(&self, caller: &Caller, headers: &mut HeaderMap) {
        if let Some(value) = self.hsts.as_ref().and_then(|hsts| hsts.value(caller)) {
            headers.insert(STRICT_TRANSPORT_SECURITY, value);
        }
        for (name, value) in &self.custom_headers {
            if !headers.contains_key(name) {
                headers.insert(name, value.clone());
            }
        }
    }
}

/// Headers that say where a message ends or what becomes of the connection: the server's alone. Another value than the
/// true one would let an app write answers to whoever shares a connection with it.
fn frames(name: &HeaderName) -> bool {
    [CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, UPGRADE].contains(name)
}

fn body_limit(settings: &Settings, warnings: &mut Vec<String>) -> usize {
    let Some(text) = settings.get(BODY_LIMIT_SETTING) else { return DEFAULT_BODY_LIMIT };
    match text.trim().parse::<usize>() {
        Ok(bytes) if bytes > 0 => bytes,
        _ => {
            warnings.push(format!(
                "app setting {BODY_LIMIT_SETTING} must be a number of bytes from 1; {DEFAULT_BODY_LIMIT} holds"
            ));
            DEFAULT_BODY_LIMIT
        }
    }
}

/// As .NET configuration reads a switch; `1` is common too.
fn is_true(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("true") || text.trim() == "1"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(settings: &[(&str, &str)]) -> (HttpPolicy, Vec<String>) {
        let mut all = Settings::new();
        for (name, value) in settings {
            all.insert(*name, *value);
        }
        HttpPolicy::new(&HostJson::default(), &all)
    }

    #[test]
    fn what_is_not_set_costs_nothing_and_has_its_default() {
        let (policy, warnings) = policy(&[]);
        assert!(policy.cors.is_none() && policy.homepage && policy.custom_headers.is_empty() && warnings.is_empty());
        assert_eq!(policy.body_limit, DEFAULT_BODY_LIMIT);
    }

    #[test]
    fn settings_change_the_limit_of_bodies_and_the_homepage() {
        let (changed, warnings) = policy(&[(BODY_LIMIT_SETTING, "1000"), ("AzureWebJobsDisableHomepage", "True")]);
        assert!((changed.body_limit, changed.homepage) == (1000, false) && warnings.is_empty());
        for wrong in ["", "0", "-1", "100 MB"] {
            let (policy, warnings) = policy(&[(BODY_LIMIT_SETTING, wrong)]);
            assert_eq!(policy.body_limit, DEFAULT_BODY_LIMIT);
            assert!(warnings[0].contains(BODY_LIMIT_SETTING), "{warnings:?}");
        }
    }

    #[test]
    fn custom_headers_give_way_to_what_the_function_says_and_never_frame() {
        let mut host = HostJson::default();
        for (name, value) in [("X-Frame-Options", "DENY"), ("Content-Length", "5"), ("x-own", "host")] {
            host.custom_headers.insert(name.into(), value.into());
        }
        let (policy, _) = HttpPolicy::new(&host, &Settings::new());
        let mut headers = HeaderMap::new();
        headers.insert("x-own", HeaderValue::from_static("function"));
        let caller = Caller {
            scheme: "http",
            host: "a.test".into(),
            prefix: String::new(),
            client: [127, 0, 0, 1].into(),
            patience: std::time::Duration::ZERO,
        };
        policy.add_headers(&caller, &mut headers);
        assert_eq!(headers["x-frame-options"], "DENY");
        assert_eq!(headers["x-own"], "function");
        assert!(!headers.contains_key(CONTENT_LENGTH));
    }
}

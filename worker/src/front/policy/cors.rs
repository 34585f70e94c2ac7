//! CORS by the app settings `CORS_ALLOWED_ORIGINS` and `CORS_SUPPORT_CREDENTIALS` (reference: Azure Functions, section 2.9).
//!
//! Where origins are set, the host alone speaks CORS: it answers preflights, and what a function says about CORS is replaced.

use hearth_model::settings::Settings;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

const ORIGINS: &str = "CORS_ALLOWED_ORIGINS";
const CREDENTIALS: &str = "CORS_SUPPORT_CREDENTIALS";

/// Which origins browsers may call from.
pub(crate) struct Cors {
    /// In lower case without a slash at the end; none allows every origin.
    origins: Option<Vec<String>>,
    credentials: bool,
}

impl Cors {
    /// What the settings say; `None` when they name no origin.
    pub(super) fn new(settings: &Settings, warnings: &mut Vec<String>) -> Option<Self> {
        let text = settings.get(ORIGINS).map(str::trim).filter(|text| !text.is_empty())?;
        let origins = match origins(text) {
            Ok(origins) => origins,
            Err(problem) => {
                warnings.push(format!("app setting {ORIGINS} is not used: {problem}"));
                return None;
            }
        };
        if origins.is_empty() {
            return None;
        }
        let every = origins.iter().any(|origin| origin == "*");
        let mut credentials = settings.get(CREDENTIALS).is_some_and(super::is_true);
        if every && credentials {
            warnings.push(format!(
                "app setting {CREDENTIALS} has no effect while {ORIGINS} allows every origin ('*'): name the origins"
            ));
            credentials = false;
        }
        Some(Self { origins: (!every).then_some(origins), credentials })
    }

    /// Whether a request only asks what a browser may send; it never reaches a function.
    pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
        *method == Method::OPTIONS
            && headers.contains_key(ORIGIN)
            && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
    }

    /// Headers of the answer to a preflight: whatever method and headers are asked for are allowed to an allowed origin.
    pub(crate) fn preflight(&self, asked: &HeaderMap) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if self.allow(asked.get(ORIGIN), &mut headers) {
            for (request, answer) in [
                (ACCESS_CONTROL_REQUEST_METHOD, ACCESS_CONTROL_ALLOW_METHODS),
                (ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_ALLOW_HEADERS),
            ] {
                if let Some(value) = asked.get(&request) {
                    headers.insert(answer, value.clone());
                }
            }
        }
        headers
    }

    /// Replaces what a function said about CORS by what is set.
    pub(crate) fn answer(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        let own: Vec<HeaderName> =
            headers.keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
        for name in own {
            headers.remove(name);
        }
        self.allow(origin, headers);
    }

    /// Whether the origin is allowed; the headers say so. A cache must know that the answer depends on the origin, also where
    /// it is not allowed or there is none.
    fn allow(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) -> bool {
        let Some(origins) = &self.origins else {
            if origin.is_some() {
                headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            }
            return origin.is_some();
        };
        if !varies_by_origin(headers) {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        let Some(origin) = origin else { return false };
        let allowed = origin.to_str().is_ok_and(|text| origins.iter().any(|known| known.eq_ignore_ascii_case(text)));
        if allowed {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            if self.credentials {
                headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            }
        }
        allowed
    }
}

/// The origins of a JSON array, or of a list with commas as `func --cors` takes it.
fn origins(text: &str) -> Result<Vec<String>, String> {
    let listed: Vec<String> = if text.starts_with('[') {
        // The parser's own words may hold what it found.
        serde_json::from_str(text).map_err(|error| {
            format!(
                "it must be a JSON array of texts such as [\"https://shop.example.org\"] (see its character {})",
                error.column()
            )
        })?
    } else {
        text.split(',').map(str::to_owned).collect()
    };
    let cleaned = listed.iter().map(|origin| origin.trim().trim_end_matches('/').to_ascii_lowercase());
    let origins: Vec<String> = cleaned.filter(|origin| !origin.is_empty()).collect();
    match origins.iter().position(|origin| !is_origin(origin)) {
        Some(at) => Err(format!(
            "number {} in it is no origin; one is a scheme and a host such as https://shop.example.org, or '*'",
            at + 1
        )),
        None => Ok(origins),
    }
}

fn is_origin(text: &str) -> bool {
    let web = |rest: &str| !rest.is_empty() && !rest.contains(['/', '?', '#', '@', '*', ' ']);
    text == "*"
        || text == "null"
        || text.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && web(rest))
}

fn varies_by_origin(headers: &HeaderMap) -> bool {
    let names = headers.get_all(VARY).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    names.map(str::trim).any(|name| name == "*" || name.eq_ignore_ascii_case("origin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors(origins: &str, credentials: &str) -> (Option<Cors>, Vec<String>) {
        let mut settings = Settings::new();
        settings.insert(ORIGINS, origins);
        settings.insert(CREDENTIALS, credentials);
        let mut warnings = Vec::new();
        (Cors::new(&settings, &mut warnings), warnings)
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn an_allowed_origin_is_named_and_another_is_not() {
        let (cors, warnings) = cors(r#"["https://Shop.example.org/", "http://localhost:3000"]"#, "true");
        let cors = cors.unwrap();
        assert!(warnings.is_empty(), "{warnings:?}");
        let answer = |origin: Option<&'static str>| {
            let mut answer = headers(&[("access-control-expose-headers", "x-own"), ("vary", "Accept")]);
            cors.answer(origin.map(HeaderValue::from_static).as_ref(), &mut answer);
            answer
        };
        let allowed = answer(Some("https://shop.example.org"));
        assert_eq!(allowed[ACCESS_CONTROL_ALLOW_ORIGIN], "https://shop.example.org");
        assert_eq!(allowed[ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
        assert!(!allowed.contains_key("access-control-expose-headers"), "the function's own are replaced");
        for other in [answer(Some("https://evil.test")), answer(None)] {
            assert!(!other.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
            assert_eq!(other.get_all(VARY).iter().collect::<Vec<_>>(), ["Accept", "Origin"]);
        }
    }

    #[test]
    fn every_origin_excludes_credentials() {
        let (cors, warnings) = cors("*", "true");
        assert!(warnings[0].contains(CREDENTIALS), "{warnings:?}");
        let mut answer = HeaderMap::new();
        cors.unwrap().answer(Some(&HeaderValue::from_static("https://any.test")), &mut answer);
        assert_eq!(answer, headers(&[("access-control-allow-origin", "*")]));
    }

    #[test]
    fn a_preflight_allows_what_it_asks_for() {
        let cors = cors("https://shop.example.org,https://b.test", "").0.unwrap();
        let asked = headers(&[
            ("origin", "https://b.test"),
            ("access-control-request-method", "PURGE"),
            ("access-control-request-headers", "x-one, x-two"),
        ]);
        assert!(Cors::is_preflight(&Method::OPTIONS, &asked) && !Cors::is_preflight(&Method::GET, &asked));
        assert!(!Cors::is_preflight(&Method::OPTIONS, &headers(&[("origin", "https://b.test")])));
        let answer = cors.preflight(&asked);
        assert_eq!(answer[ACCESS_CONTROL_ALLOW_METHODS], "PURGE");
        assert_eq!(answer[ACCESS_CONTROL_ALLOW_HEADERS], "x-one, x-two");
        let foreign =
            cors.preflight(&headers(&[("origin", "https://c.test"), ("access-control-request-method", "GET")]));
        assert_eq!(foreign, headers(&[("vary", "Origin")]));
    }

    #[test]
    fn what_names_no_origin_is_told() {
        for nothing in ["", "[]", " , "] {
            assert!(matches!(cors(nothing, ""), (None, warnings) if warnings.is_empty()), "{nothing}");
        }
        for wrong in ["[1]", "shop.example.org", "https://shop.example.org/path", "https://*.example.org"] {
            let (cors, warnings) = cors(wrong, "");
            assert!(cors.is_none() && warnings[0].contains(ORIGINS), "{wrong}: {warnings:?}");
        }
    }

    #[test]
    fn what_is_told_never_holds_the_value() {
        for wrong in ["[\"https://a.test\", \"hunter2\"]", "https://a.test,hunter2", "[hunter2", "[{\"hunter2\": 1}]"] {
            let (_, warnings) = cors(wrong, "hunter2");
            assert!(!warnings.is_empty() && !warnings.concat().contains("hunter2"), "{warnings:?}");
        }
    }
}

//! `Strict-Transport-Security` by `extensions.http.hsts` of host.json, as ASP.NET Core sends it: over TLS only, and to no excluded host.

use http::HeaderValue;

use crate::front::caller::Caller;

/// The header, made once.
pub(super) struct Hsts {
    value: HeaderValue,
    excluded: Vec<String>,
}

impl Hsts {
    /// What host.json says; `None` when it is not enabled.
    pub(super) fn new(said: &hearth_model::host_json::Hsts) -> Option<Self> {
        let value = format!(
            "max-age={}{}{}",
            said.max_age.as_secs(),
            if said.include_sub_domains { "; includeSubDomains" } else { "" },
            if said.preload { "; preload" } else { "" }
        );
        let value = HeaderValue::try_from(value).ok().filter(|_| said.enabled)?;
        Some(Self { value, excluded: said.excluded_hosts.clone() })
    }

    /// What this caller is told.
    pub(super) fn value(&self, caller: &Caller) -> Option<HeaderValue> {
        let host = without_port(&caller.host);
        let excluded = || self.excluded.iter().any(|excluded| excluded.eq_ignore_ascii_case(host));
        (caller.scheme == "https" && !excluded()).then(|| self.value.clone())
    }
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_tls_and_no_excluded_host_is_told() {
        let mut said = hearth_model::host_json::Hsts::default();
        assert!(Hsts::new(&said).is_none());
        said.enabled = true;
        said.include_sub_domains = true;
        said.max_age = Duration::from_secs(10 * 24 * 60 * 60);
        let hsts = Hsts::new(&said).unwrap();
        let told = |scheme, host: &str| {
            let caller = Caller {
                scheme,
                host: host.into(),
                prefix: String::new(),
                client: [127, 0, 0, 1].into(),
                patience: Duration::ZERO,
            };
            hsts.value(&caller)
        };
        assert_eq!(told("https", "shop.test:443").unwrap(), "max-age=864000; includeSubDomains");
        assert_eq!(told("http", "shop.test"), None);
        for excluded in ["LocalHost:7071", "127.0.0.1", "[::1]:443"] {
            assert_eq!(told("https", excluded), None, "{excluded}");
        }
    }
}

//! `extensions.http`: what holds for all HTTP functions of an app.

use std::time::Duration;

use http::{HeaderName, HeaderValue};

use super::HostJson;
use crate::json::{FileError, Node};
use crate::time_span::{self, UNBOUNDED};

/// `extensions.http.hsts`: the `Strict-Transport-Security` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hsts {
    /// `isEnabled`: whether it is sent over TLS. Default false.
    pub enabled: bool,
    /// `maxAge`. Default 30 days.
    pub max_age: Duration,
    /// `includeSubDomains`. Default false.
    pub include_sub_domains: bool,
    /// `preload`. Default false.
    pub preload: bool,
    /// `excludedHosts`: host names that never get it, added to `localhost`, `127.0.0.1` and `[::1]`.
    pub excluded_hosts: Vec<String>,
}

impl Default for Hsts {
    fn default() -> Self {
        Self {
            enabled: false,
            max_age: Duration::from_secs(30 * 24 * 60 * 60),
            include_sub_domains: false,
            preload: false,
            excluded_hosts: ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned).into(),
        }
    }
}

impl Hsts {
    fn read(node: &Node<'_>) -> Result<Self, FileError> {
        let flag = |key: &str| node.get(key)?.map_or(Ok(false), |value| value.boolean());
        let mut hsts = Self {
            enabled: flag("isEnabled")?,
            include_sub_domains: flag("includeSubDomains")?,
            preload: flag("preload")?,
            ..Self::default()
        };
        if let Some(age) = node.get("maxAge")? {
            hsts.max_age = time_span::read(&age, 0, UNBOUNDED)?;
        }
        if let Some(hosts) = node.get("excludedHosts")? {
            for host in hosts.elements()? {
                hsts.excluded_hosts.push(host.string()?.to_owned());
            }
        }
        Ok(hsts)
    }
}

pub(super) fn read(http: &Node<'_>, host: &mut HostJson) -> Result<(), FileError> {
    if let Some(prefix) = http.get("routePrefix")? {
        host.route_prefix = route_prefix(&prefix)?;
    }
    host.max_concurrent_requests = limit(http, "maxConcurrentRequests")?;
    host.max_outstanding_requests = limit(http, "maxOutstandingRequests")?;
    if let Some(hsts) = http.get("hsts")? {
        host.hsts = Hsts::read(&hsts)?;
    }
    if let Some(headers) = http.get("customHeaders")? {
        for (name, value) in headers.entries()? {
            // As in .NET configuration a header without a value is none.
            if value.is_null() {
                continue;
            }
            let text = value.scalar_text()?;
            if HeaderName::try_from(&name).is_err() {
                return Err(value.error("is not a valid header name"));
            }
            if HeaderValue::try_from(&text).is_err() {
                return Err(value.error("is not a valid header value: control characters are not allowed"));
            }
            host.custom_headers.insert(name, text);
        }
    }
    Ok(())
}

fn route_prefix(node: &Node<'_>) -> Result<String, FileError> {
    let prefix = node.string()?.trim_matches('/');
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || "{}?*#%\\".contains(c);
    if prefix.contains(forbidden) || prefix.contains("//") {
        return Err(node.error(format_args!(
            "must be literal path segments such as \"api\" or \"v1/api\", not {}",
            node.shown(prefix)
        )));
    }
    Ok(prefix.to_owned())
}

/// A limit that is switched off by -1.
fn limit(node: &Node<'_>, key: &str) -> Result<Option<u32>, FileError> {
    let Some(value) = node.get(key)? else { return Ok(None) };
    match value.integer(-1, i64::from(i32::MAX))? {
        0 => Err(value.error("must be at least 1, or -1 for no limit of the app's own")),
        number => Ok(u32::try_from(number).ok()),
    }
}

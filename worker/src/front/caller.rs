//! Who calls, and under which address: what a link in an answer must begin with to work for this caller.

use std::net::IpAddr;
use std::time::Duration;

/// The caller's side of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// `http` or `https`, as the caller speaks it.
    pub(crate) scheme: &'static str,
    /// Host and port as the caller names them.
    pub(crate) host: String,
    /// What stands before the app's own paths, without a slash at its end: that of a proxy, then `/apps/<app>`. Mostly empty.
    pub(crate) prefix: String,
    /// Where the call comes from.
    pub(crate) client: IpAddr,
    /// How long it waits at most for its answer to begin.
    pub(crate) patience: Duration,
}

impl Caller {
    /// Nobody in particular, who uses this host name of an app: management runs a function by hand.
    pub(crate) fn of_host(host: String) -> Self {
        Self {
            scheme: "http",
            host,
            prefix: String::new(),
            client: IpAddr::from([127, 0, 0, 1]),
            patience: Duration::MAX,
        }
    }

    /// The app's root as the caller reaches it, without a slash at its end.
    pub(crate) fn base_url(&self) -> String {
        [self.scheme, "://", &self.host, &self.prefix].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_url_has_scheme_host_and_prefix() {
        let caller = Caller {
            scheme: "https",
            host: "example.org:8443".into(),
            prefix: "/functions/apps/hello".into(),
            client: [192, 0, 2, 1].into(),
            patience: Duration::ZERO,
        };
        assert_eq!(caller.base_url(), "https://example.org:8443/functions/apps/hello");
    }
}

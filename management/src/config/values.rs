//! Setting values with a form of their own, checked where they enter so that a wrong one fails before a port is bound.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// An http or https URL without query or trailing slash, such as `https://functions.example.org`. A path is that of a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl(String);

impl BaseUrl {
    /// The URL, without a slash at its end.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Of a listening address; an unspecified one is reached at loopback.
    pub(crate) fn of_address(address: std::net::SocketAddr) -> Self {
        Self::of_listener(address, false)
    }

    /// As [`Self::of_address`], of one that may speak TLS.
    pub(crate) fn of_listener(address: std::net::SocketAddr, tls: bool) -> Self {
        let ip = match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::from(std::net::Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        let scheme = if tls { "https" } else { "http" };
        Self(format!("{scheme}://{}", std::net::SocketAddr::new(ip, address.port())))
    }
}

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let trimmed = text.trim_end_matches('/');
        let uri: http::Uri = trimmed.parse().map_err(|error| format!("not a URL: {error}"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err("a URL such as http://127.0.0.1:7070 is needed".into());
        }
        if uri.host().is_none_or(str::is_empty) || trimmed.contains('@') {
            return Err("the URL needs a host and can't hold credentials".into());
        }
        if uri.query().is_some() || trimmed.contains('#') {
            return Err("the URL can't have a query or fragment".into());
        }
        if uri.path().len() > 1 && uri.path().split('/').skip(1).any(|segment| matches!(segment, "" | "." | "..")) {
            return Err("the URL's path can't have empty segments, '.' or '..'".into());
        }
        Ok(Self(trimmed.to_owned()))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A DNS domain in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Domain(String);

impl Domain {
    /// The domain.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Domain {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let domain = text.to_ascii_lowercase();
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if domain.len() <= 190 && domain.split('.').all(label) {
            Ok(Self(domain))
        } else {
            Err("a domain such as functions.example.org is needed".into())
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An IP network in CIDR form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Network(ipnet::IpNet);

impl Network {
    /// The network.
    pub(crate) fn get(&self) -> ipnet::IpNet {
        self.0
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| "a network such as 127.0.0.1/32 or fd00::/8 is needed".into())
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A worker's label, `name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    /// Left of the first `=`.
    pub(crate) name: String,
    /// The rest.
    pub(crate) value: String,
}

impl FromStr for Label {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok(Self { name: name.trim().to_owned(), value: value.trim().to_owned() })
            }
            _ => Err("a label has the form name=value".into()),
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_lose_their_slash_and_refuse_the_rest() {
        assert_eq!("http://h:1/".parse::<BaseUrl>().unwrap().as_str(), "http://h:1");
        assert_eq!("https://example.org".parse::<BaseUrl>().unwrap().as_str(), "https://example.org");
        assert_eq!("https://example.org/hearth/".parse::<BaseUrl>().unwrap().as_str(), "https://example.org/hearth");
        for wrong in [
            "",
            "h:1",
            "ftp://h",
            "http://user@h",
            "http://h?q",
            "http://h/a?q",
            "http://h/a/../b",
            "http://h//a",
            "http://",
        ] {
            assert!(wrong.parse::<BaseUrl>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_unspecified_address_is_reached_at_loopback() {
        assert_eq!(BaseUrl::of_address("0.0.0.0:80".parse().unwrap()).as_str(), "http://127.0.0.1:80");
        assert_eq!(BaseUrl::of_address("[::]:80".parse().unwrap()).as_str(), "http://[::1]:80");
        assert_eq!(BaseUrl::of_address("10.0.0.1:80".parse().unwrap()).as_str(), "http://10.0.0.1:80");
    }

    #[test]
    fn domains_networks_and_labels() {
        assert_eq!("Example.ORG".parse::<Domain>().unwrap().as_str(), "example.org");
        assert_eq!("https://example.org/hearth/".parse::<BaseUrl>().unwrap().as_str(), "https://example.org/hearth");
        for wrong in ["", ".org", "a..b", "-a.b", "a_b", "a b"] {
            assert!(wrong.parse::<Domain>().is_err(), "{wrong}");
        }
        assert_eq!("127.0.0.0/8".parse::<Network>().unwrap().to_string(), "127.0.0.0/8");
        assert!("127.0.0.1".parse::<Network>().is_err());
        assert_eq!("zone=a=b".parse::<Label>().unwrap().to_string(), "zone=a=b");
        assert!("zone".parse::<Label>().is_err());
    }
}

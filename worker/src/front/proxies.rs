//! Trusted proxies: whose word on scheme, host, prefix and client counts, and what functions see of it.
//!
//! `X-Forwarded-*` (or `Forwarded`) headers are believed only on connections from the networks that the operator names.
//! From anybody else they are taken away, so that a function can rely on what it finds in them.

use std::net::IpAddr;

use hearth_model::forwarded::{FOR, HOST, Hops, PREFIX, PROTO};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use ipnet::IpNet;

use crate::front::caller::Caller;
use crate::hop::HOP;

/// Other headers by which proxies tell the same, which functions therefore never get from an untrusted caller.
static RELATIVES: [HeaderName; 6] = [
    HOP,
    HeaderName::from_static("disguised-host"),
    HeaderName::from_static("forwarded"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-original-host"),
    HeaderName::from_static("x-real-ip"),
];

/// Begins the headers by which the sign-in of App Service tells who calls. Moved code relies on them.
const PRINCIPAL: &str = "x-ms-client-principal";

/// Which proxies are trusted, and where callers reach functions when no proxy says.
pub(super) struct Proxies {
    trusted: Vec<IpNet>,
    public: Option<Public>,
}

/// The setting `functions-url`.
struct Public {
    scheme: &'static str,
    authority: String,
    prefix: String,
}

/// The other end of a connection.
#[derive(Debug)]
pub(super) struct Peer {
    address: IpAddr,
    trusted: bool,
    scheme: &'static str,
    /// [`Peer::address`] as the value of a header, made once.
    text: HeaderValue,
}

/// What is known of the caller before the app is found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) scheme: &'static str,
    /// The host as the caller named it, when that is not what stands in the request.
    pub(super) host: Option<String>,
    pub(super) prefix: String,
    pub(super) client: IpAddr,
}

impl Proxies {
    /// `functions_url` is where callers reach functions, possibly with a path.
    pub(super) fn new(trusted: &[IpNet], functions_url: Option<&str>) -> Self {
        Self { trusted: trusted.to_vec(), public: functions_url.and_then(Public::new) }
    }

    pub(super) fn peer(&self, address: IpAddr, tls: bool) -> Peer {
        // A socket for both families shows an IPv4 caller as an IPv6 one.
        let address = address.to_canonical();
        let text = HeaderValue::try_from(address.to_string()).unwrap_or(HeaderValue::from_static("unknown"));
        Peer { address, trusted: self.trusts(address), scheme: if tls { "https" } else { "http" }, text }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
    }

    /// Who calls, by the word of trusted proxies, else by `functions-url`, else as the connection has it. `host` is what stands
    /// in the request.
    pub(super) fn origin(&self, peer: &Peer, host: &str, headers: &HeaderMap) -> Origin {
        let told = if peer.trusted { Hops::read(headers, |address| self.trusts(address)) } else { Hops::default() };
        let outer = told.host.as_deref().unwrap_or(host);
        let public = self.public.as_ref().filter(|public| public.is_for(outer));
        Origin {
            scheme: told.scheme.or_else(|| Some(public?.scheme)).unwrap_or(peer.scheme),
            prefix: told.prefix.or_else(|| Some(public?.prefix.clone())).unwrap_or_default(),
            client: told.client.unwrap_or(peer.address),
            host: told.host,
        }
    }
}

impl Peer {
    /// Whether it is a proxy that is trusted, whose connection therefore carries the requests of several callers.
    pub(super) fn is_proxy(&self) -> bool {
        self.trusted
    }

    /// Makes the headers that functions see true to the caller.
    pub(super) fn tell(&self, caller: &Caller, headers: &mut HeaderMap) {
        let tells = |name: &HeaderName| RELATIVES.contains(name) || name.as_str().starts_with(PRINCIPAL);
        let forged = !self.trusted && headers.keys().any(|name| *name == PREFIX || tells(name));
        if forged {
            let told: Vec<HeaderName> = headers.keys().filter(|name| tells(name)).cloned().collect();
            for name in told {
                headers.remove(name);
            }
        }
        if self.trusted {
            headers.remove(HOP);
        }
        let chain = match self.trusted {
            true => self.chain(headers),
            false => self.text.clone(),
        };
        // Room for all of them at once: the map has just enough for what the caller sent.
        headers.reserve(4);
        headers.insert(FOR, chain);
        headers.insert(PROTO, HeaderValue::from_static(caller.scheme));
        // As it stands in the request, mostly. HTTP/2 has no Host header of its own, and a proxy's is not its caller's.
        let mut told = headers.get_all(http::header::HOST).iter();
        let told = told.next().filter(|host| told.next().is_none() && host.as_bytes() == caller.host.as_bytes());
        if let Some(host) = told.cloned() {
            headers.insert(HOST, host);
        } else if let Ok(host) = HeaderValue::try_from(&caller.host) {
            headers.insert(http::header::HOST, host.clone());
            headers.insert(HOST, host);
        }
        match HeaderValue::try_from(&caller.prefix) {
            Ok(prefix) if !prefix.is_empty() => headers.insert(PREFIX, prefix),
            _ if self.trusted || forged => headers.remove(PREFIX),
            _ => None,
        };
    }

    /// The addresses that a trusted proxy told, and its own.
    fn chain(&self, headers: &HeaderMap) -> HeaderValue {
        let told = headers.get_all(&FOR).iter().filter_map(|value| value.to_str().ok());
        let chain: Vec<&str> = told.chain(self.text.to_str()).collect();
        HeaderValue::try_from(chain.join(", ")).unwrap_or_else(|_| self.text.clone())
    }
}

impl Public {
    fn new(url: &str) -> Option<Self> {
        let url: Uri = url.parse().ok()?;
        Some(Self {
            scheme: if url.scheme_str()? == "https" { "https" } else { "http" },
            authority: url.authority()?.as_str().to_ascii_lowercase(),
            prefix: url.path().trim_end_matches('/').to_owned(),
        })
    }

    /// Whether a host is the public one, or the name of an app below it; such names have no path before them.
    fn is_for(&self, host: &str) -> bool {
        let Some(start) = host.len().checked_sub(self.authority.len()) else { return false };
        let below = start == 0 || (host.as_bytes()[start - 1] == b'.' && self.prefix.is_empty());
        below && host.as_bytes()[start..].eq_ignore_ascii_case(self.authority.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn proxies(functions_url: Option<&str>) -> Proxies {
        Proxies::new(&["10.0.0.0/8".parse().unwrap()], functions_url)
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    const FORGED: [(&str, &str); 8] = [
        ("x-forwarded-for", "192.0.2.7"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "shop.example.org"),
        ("x-forwarded-prefix", "/functions/"),
        ("x-real-ip", "192.0.2.7"),
        ("disguised-host", "shop.example.org"),
        ("x-ms-client-principal", "e30="),
        ("x-ms-client-principal-id", "somebody"),
    ];

    fn seen(proxies: &Proxies, from: &str, headers: &mut HeaderMap) -> Caller {
        let peer = proxies.peer(from.parse().unwrap(), false);
        let Origin { scheme, host, prefix, client } = proxies.origin(&peer, "inner:7071", headers);
        let caller =
            Caller { scheme, host: host.unwrap_or("inner:7071".into()), prefix, client, patience: Duration::ZERO };
        peer.tell(&caller, headers);
        caller
    }

    #[test]
    fn a_trusted_proxy_is_believed_and_added_to_the_chain() {
        let mut headers = headers(&FORGED);
        let caller = seen(&proxies(None), "::ffff:10.1.2.3", &mut headers);
        assert_eq!(caller.base_url(), "https://shop.example.org/functions");
        assert_eq!(caller.client.to_string(), "192.0.2.7");
        assert_eq!(headers[FOR], "192.0.2.7, 10.1.2.3");
        assert_eq!(headers["x-ms-client-principal-id"], "somebody");
        assert_eq!(
            (&headers[PROTO], &headers[HOST], &headers[PREFIX]),
            (
                &HeaderValue::from_static("https"),
                &HeaderValue::from_static("shop.example.org"),
                &HeaderValue::from_static("/functions")
            )
        );
    }

    #[test]
    fn anybody_else_is_not() {
        let mut headers = headers(&FORGED);
        let caller = seen(&proxies(None), "192.0.2.1", &mut headers);
        assert_eq!(
            (caller.base_url().as_str(), caller.client.to_string().as_str()),
            ("http://inner:7071", "192.0.2.1")
        );
        assert_eq!(
            (&headers[FOR], &headers[PROTO], &headers[HOST]),
            (
                &HeaderValue::from_static("192.0.2.1"),
                &HeaderValue::from_static("http"),
                &HeaderValue::from_static("inner:7071")
            )
        );
        assert!(!headers.contains_key(PREFIX));
        for (name, _) in FORGED.iter().skip(4) {
            assert!(!headers.contains_key(*name), "{name}");
        }
    }

    #[test]
    fn the_public_url_speaks_where_no_proxy_does() {
        let proxies = proxies(Some("https://example.org/functions/"));
        let peer = proxies.peer([10, 0, 0, 1].into(), false);
        let base = |host: &str, told: &[(&'static str, &'static str)]| {
            let origin = proxies.origin(&peer, host, &headers(told));
            format!("{} {}", origin.scheme, origin.prefix)
        };
        assert_eq!(base("Example.org", &[]), "https /functions");
        assert_eq!(base("inner", &[("x-forwarded-host", "example.org")]), "https /functions");
        assert_eq!(base("example.org", &[("x-forwarded-proto", "http")]), "http /functions");
        for other in ["hello.example.org", "example.org:7071", "anexample.org", "localhost", ""] {
            assert_eq!(base(other, &[]), "http ", "{other}");
        }
        let proxies = Proxies::new(&[], Some("https://example.org"));
        assert_eq!(proxies.origin(&peer, "hello.example.org", &HeaderMap::new()).scheme, "https");
    }
}

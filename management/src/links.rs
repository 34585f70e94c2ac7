//! The URLs that are handed out: each must work for the caller who is given it, also behind a proxy.
//!
//! What the operator set (`public-url`, `functions-url`) counts first, then what a trusted proxy tells, then the host that
//! the caller wrote. A path in such a base URL stands in every link made from it. Host names of apps have no such path, so
//! where there is one, or where the apps' domain does not lead to that place, links are made by path.

use std::net::{IpAddr, SocketAddr};

use hearth_model::ids::AppName;
use hearth_state::{App, Worker};
use http::Uri;

use crate::ManagementError;
use crate::address::Reached;

/// Where this role and the functions are reached, as the operator set it.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) domain: String,
    pub(crate) public_url: Option<Base>,
    pub(crate) functions_url: Option<Base>,
    pub(crate) addr: SocketAddr,
}

/// The links for one caller.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Links<'a> {
    pub(crate) places: &'a Places,
    pub(crate) reached: &'a Reached,
}

/// Base URLs of an app's functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FunctionUrls {
    /// The one to give away: by host name where that leads there, else by path.
    pub(crate) main: String,
    /// By path.
    pub(crate) by_path: String,
    /// By the app's custom host names, in their order.
    pub(crate) custom: Vec<String>,
}

/// A base URL in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    scheme: String,
    host: String,
    /// With its colon; empty for the scheme's own.
    port: String,
    /// Without a slash at its end.
    path: String,
}

impl Base {
    /// Reads the value of `setting`.
    pub(crate) fn of_setting(setting: &str, text: Option<String>) -> Result<Option<Self>, ManagementError> {
        let Some(text) = text else { return Ok(None) };
        let base = Self::parse(&text).ok_or_else(|| {
            ManagementError::Setting(format!(
                "{setting} '{text}' is not a base URL such as https://functions.example.org"
            ))
        })?;
        Ok(Some(base))
    }

    fn parse(text: &str) -> Option<Self> {
        let url: Uri = text.parse().ok()?;
        let scheme = url.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
        let host = url.host().filter(|host| !host.is_empty())?;
        if url.query().is_some() {
            return None;
        }
        Some(Self {
            scheme: scheme.to_owned(),
            host: host.to_owned(),
            port: url.port_u16().map(|port| format!(":{port}")).unwrap_or_default(),
            path: url.path().trim_end_matches('/').to_owned(),
        })
    }

    fn url(&self) -> String {
        [&self.scheme, "://", &self.host, &self.port, &self.path].concat()
    }

    /// The same place under another host name.
    fn at(&self, host: &str) -> String {
        [&self.scheme, "://", host, &self.port].concat()
    }

    /// Whether host names below `domain` lead to this place with nothing before their paths.
    fn has_names(&self, domain: &str) -> bool {
        let here = |host: &str| {
            let host = host.trim_matches(['[', ']']);
            host == "localhost"
                || host.ends_with(".localhost")
                || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback() || ip.is_unspecified())
        };
        self.path.is_empty() && (!here(domain) || here(&self.host))
    }
}

impl Links<'_> {
    /// Base of this role.
    fn management(&self) -> Base {
        if let Some(base) = &self.places.public_url {
            return base.clone();
        }
        let Reached { scheme, host, prefix, by_name } = self.reached;
        let told = host
            .as_ref()
            .filter(|_| !by_name)
            .and_then(|host| Base::parse(&format!("{}://{host}{prefix}", scheme.unwrap_or("http"))));
        told.unwrap_or_else(|| {
            let addr = self.places.addr;
            let host = match addr.ip() {
                ip if ip.is_unspecified() => self.places.domain.clone(),
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => format!("[{ip}]"),
            };
            let scheme = scheme.unwrap_or("http").to_owned();
            Base { scheme, host, port: format!(":{}", addr.port()), path: String::new() }
        })
    }

    /// Base URL of this role, as the operator set it or the caller came to it.
    pub(crate) fn management_url(&self) -> String {
        self.management().url()
    }

    /// Publishing site of an app: by host name where that leads here, else by path.
    pub(crate) fn scm(&self, app: &AppName) -> String {
        let base = self.management();
        if base.has_names(&self.places.domain) {
            base.at(&format!("{app}.scm.{}", self.places.domain))
        } else {
            self.scm_by_path(app)
        }
    }

    /// Publishing site of an app by path.
    pub(crate) fn scm_by_path(&self, app: &AppName) -> String {
        format!("{}/apps/{app}", self.management().url())
    }

    /// Publishing site of an app in the way in which this caller came to it.
    pub(crate) fn scm_as_reached(&self, app: &AppName) -> String {
        let Reached { scheme, host, prefix, by_name } = self.reached;
        match host {
            Some(host) if *by_name => {
                let set = self.places.public_url.as_ref().map(|base| base.scheme.as_str());
                format!("{}://{host}{prefix}", scheme.or(set).unwrap_or("http"))
            }
            _ => self.scm_by_path(app),
        }
    }

    /// Base URLs of an app's functions, once it is known where functions are served.
    pub(crate) fn functions(&self, app: &App, workers: &[Worker]) -> Option<FunctionUrls> {
        let worker = || Base::parse(&workers.iter().find(|worker| !worker.missing)?.http_url);
        let base = self.places.functions_url.clone().or_else(worker)?;
        let by_path = format!("{}/apps/{}", base.url(), app.name);
        let names = base.has_names(&self.places.domain);
        let main = if names { base.at(&format!("{}.{}", app.name, self.places.domain)) } else { by_path.clone() };
        Some(FunctionUrls { main, by_path, custom: app.host_names.iter().map(|host| base.at(host)).collect() })
    }
}

#[cfg(test)]
mod tests;

//! Function HTTP: accepts connections, finds the app and the route, runs the function, answers.

mod accept;
mod activity;
mod address;
pub(crate) mod answer;
mod body;
mod call;
mod caller;
mod connection;
mod health;
mod invocation;
mod own_certificate;
mod page;
mod policy;
mod proxies;
mod request;
mod security;
mod serve;
mod service;
mod stream;
mod tls;
mod upload;

pub(crate) use caller::Caller;
pub(crate) use connection::Private;
pub(crate) use health::Health;
pub(crate) use own_certificate::OwnCertificate;
pub(crate) use policy::HttpPolicy;
pub(crate) use security::Security;
pub(crate) use serve::Front;
pub(crate) use service::Service;
pub use tls::TlsFiles;

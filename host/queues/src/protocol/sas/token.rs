//! The query parameters that make up a shared access signature.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What need not be escaped in a value of a query.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A shared access signature as it travels; what is absent is empty.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SasToken {
    /// `sv`: version of the service that made it.
    pub version: String,
    /// `ss`: services, of an account SAS.
    pub services: String,
    /// `srt`: kinds of resources, of an account SAS.
    pub resource_types: String,
    /// `sp`: permissions.
    pub permissions: String,
    /// `st`: when it begins.
    pub start: String,
    /// `se`: when it ends.
    pub expiry: String,
    /// `sip`: the caller's address, or a range of them.
    pub ip: String,
    /// `spr`: `https`, or `https,http`.
    pub protocol: String,
    /// `si`: a stored access policy, of a service SAS.
    pub identifier: String,
    /// `ses`: a scope of encryption, which queues do not have.
    pub encryption_scope: String,
    /// `sig`: the signature in base64.
    pub signature: String,
}

/// Without the signature, which opens.
impl std::fmt::Debug for SasToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { version, services, resource_types, permissions, expiry, identifier, .. } = self;
        write!(
            f,
            "SasToken(sv={version} ss={services} srt={resource_types} sp={permissions} se={expiry} si={identifier} ..)"
        )
    }
}

impl SasToken {
    /// The names in a URL of this token's values, in the order in which they are written.
    fn fields(&mut self) -> [(&'static str, &mut String); 11] {
        [
            ("sv", &mut self.version),
            ("ss", &mut self.services),
            ("srt", &mut self.resource_types),
            ("sp", &mut self.permissions),
            ("st", &mut self.start),
            ("se", &mut self.expiry),
            ("sip", &mut self.ip),
            ("spr", &mut self.protocol),
            ("si", &mut self.identifier),
            ("ses", &mut self.encryption_scope),
            ("sig", &mut self.signature),
        ]
    }

    /// Reads it out of a query; none if the query has no signature.
    pub fn parse(query: &str) -> Option<Self> {
        let mut token = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if let Some((_, field)) = token.fields().into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
                *field = percent_decode_str(value).decode_utf8_lossy().into_owned();
            }
        }
        (!token.signature.is_empty()).then_some(token)
    }

    /// As a query without its question mark.
    pub fn to_query(&self) -> String {
        let mut query = String::new();
        for (name, value) in self.clone().fields() {
            if !value.is_empty() {
                query.push_str(if query.is_empty() { "" } else { "&" });
                query.push_str(name);
                query.push('=');
                query.extend(utf8_percent_encode(value, ESCAPED));
            }
        }
        query
    }

    /// Whether it is of an account, and not of one queue.
    pub fn is_of_account(&self) -> bool {
        !self.services.is_empty() || !self.resource_types.is_empty()
    }

    /// The text that is signed for an account.
    pub(super) fn account_text(&self, account: &str) -> String {
        let mut lines = vec![
            account,
            &self.permissions,
            &self.services,
            &self.resource_types,
            &self.start,
            &self.expiry,
            &self.ip,
            &self.protocol,
            &self.version,
        ];
        if self.version.as_str() >= "2020-12-06" {
            lines.push(&self.encryption_scope);
        }
        lines.join("\n") + "\n"
    }

    /// The text that is signed for a queue.
    pub(super) fn service_text(&self, account: &str, queue: &str) -> String {
        let service = if self.version.as_str() >= "2015-02-21" { "/queue" } else { "" };
        let resource = format!("{service}/{account}/{queue}");
        let mut lines = vec![&self.permissions, &self.start, &self.expiry, &resource, &self.identifier];
        if self.version.as_str() >= "2015-04-05" {
            lines.extend([&self.ip, &self.protocol]);
        }
        lines.push(&self.version);
        lines.iter().map(|line| line.as_str()).collect::<Vec<_>>().join("\n")
    }
}

//! What a request asks for, by method, path and headers (reference: Cosmos DB, section 1.2).

use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};

use super::headers::{self, flag};
use crate::protocol::{DocumentError, Link, ResourceKind};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Read,
    List,
    ChangeFeed,
    Query,
    QueryPlan,
    Create,
    Upsert,
    Replace,
    Patch,
    Delete,
    Batch,
    Execute,
}

impl Operation {
    /// Whether nothing is changed by it.
    pub(super) const fn reads(self) -> bool {
        matches!(self, Self::Read | Self::List | Self::ChangeFeed | Self::Query | Self::QueryPlan)
    }
}

/// A request that is understood.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) link: Link<'a>,
    pub(super) operation: Operation,
}

impl<'a> Call<'a> {
    /// # Errors
    /// 404 for a path that the store does not have, 405 for a method that a resource does not have.
    pub(super) fn of(parts: &'a Parts) -> Result<Self, DocumentError> {
        let link = Link::parse(parts.uri.path())?;
        let operation = operation(link.kind, link.feed, &parts.method, &parts.headers)?;
        Ok(Self { link, operation })
    }
}

/// Whether a resource token can open a resource of this kind; the others are for keys alone.
pub(super) const fn is_for_tokens(kind: ResourceKind) -> bool {
    use ResourceKind::{ClientEncryptionKey, Database, Offer, Permission, User};
    !matches!(kind, Database | User | Permission | Offer | ClientEncryptionKey)
}

fn operation(kind: ResourceKind, feed: bool, method: &Method, headers: &HeaderMap) -> Result<Operation, DocumentError> {
    use ResourceKind as K;
    // The account is a resource and no feed; the deletion of a key's items is only ever begun.
    let found = match (method.as_str(), feed) {
        ("POST", _) if kind == K::PartitionKeyDelete => Some(Operation::Delete),
        (_, true) if matches!(kind, K::PartitionKeyDelete | K::Media) => None,
        ("GET", false) => (kind != K::PartitionKeyRange).then_some(Operation::Read),
        ("GET", true) if matches!(kind, K::Document | K::PartitionKeyRange) && headers.contains_key(&headers::A_IM) => {
            Some(Operation::ChangeFeed)
        }
        ("GET", true) => Some(Operation::List),
        // A plan is asked for without the header of a query (reference: section 0, trap 7).
        ("POST", true) if flag(headers, &headers::IS_QUERY_PLAN) => Some(Operation::QueryPlan),
        // Media may be of any type, also that of queries.
        ("POST", true) if is_query(headers) && !(kind == K::Attachment && headers.contains_key(&headers::SLUG)) => {
            Some(Operation::Query)
        }
        ("POST", true) => posted(kind, headers),
        ("POST", false) => (kind == K::StoredProcedure).then_some(Operation::Execute),
        ("PUT", false) => {
            let fixed = matches!(kind, K::Account | K::Database | K::Conflict | K::PartitionKeyRange);
            (!fixed).then_some(Operation::Replace)
        }
        ("PATCH", false) => (kind == K::Document).then_some(Operation::Patch),
        ("DELETE", false) => {
            let lasting = matches!(kind, K::Account | K::PartitionKeyRange | K::Offer | K::ClientEncryptionKey);
            (!lasting).then_some(Operation::Delete)
        }
        _ => None,
    };
    found.ok_or_else(|| not_allowed(method))
}

fn posted(kind: ResourceKind, headers: &HeaderMap) -> Option<Operation> {
    use ResourceKind as K;
    match kind {
        K::Document if flag(headers, &headers::IS_BATCH) => Some(Operation::Batch),
        K::Conflict | K::PartitionKeyRange | K::Offer => None,
        K::Database | K::Container | K::ClientEncryptionKey => Some(Operation::Create),
        _ if flag(headers, &headers::IS_UPSERT) => Some(Operation::Upsert),
        _ => Some(Operation::Create),
    }
}

fn is_query(all: &HeaderMap) -> bool {
    let content = headers::text(all, &http::header::CONTENT_TYPE).unwrap_or("");
    flag(all, &headers::IS_QUERY)
        || content.starts_with("application/query+json")
        || content.starts_with("application/sql")
}

fn not_allowed(method: &Method) -> DocumentError {
    DocumentError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("The requested verb {method} is not supported by this resource."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(method: &str, path: &str, headers: &[(&str, &str)]) -> Result<Operation, u16> {
        let mut request = http::Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        Call::of(&parts).map(|call| call.operation).map_err(|error| error.status.as_u16())
    }

    #[test]
    fn headers_decide_what_a_post_on_items_is() {
        let posted = |headers: &[(&str, &str)]| call("POST", "/dbs/d/colls/c/docs", headers).unwrap();
        assert_eq!(posted(&[]), Operation::Create);
        for yes in ["True", "true", "TRUE", "1"] {
            assert_eq!(posted(&[("x-ms-documentdb-is-upsert", yes)]), Operation::Upsert, "{yes}");
            assert_eq!(posted(&[("x-ms-documentdb-isquery", yes)]), Operation::Query, "{yes}");
            assert_eq!(posted(&[("x-ms-cosmos-is-batch-request", yes)]), Operation::Batch, "{yes}");
            assert_eq!(posted(&[("x-ms-cosmos-is-query-plan-request", yes)]), Operation::QueryPlan, "{yes}");
        }
        assert_eq!(posted(&[("content-type", "application/query+json")]), Operation::Query);
        assert_eq!(posted(&[("x-ms-documentdb-is-upsert", "False")]), Operation::Create);
        assert_eq!(call("GET", "/dbs/d/colls/c/docs", &[("a-im", "Incremental feed")]), Ok(Operation::ChangeFeed));
        assert_eq!(call("GET", "/dbs/d/colls/c/pkranges/", &[]), Ok(Operation::List));
        assert_eq!(call("POST", "/dbs/d/colls/c/sprocs/s", &[]), Ok(Operation::Execute));
        assert_eq!(call("POST", "/dbs/d/colls/c/operations/partitionkeydelete", &[]), Ok(Operation::Delete));
        assert_eq!(call("GET", "/", &[]), Ok(Operation::Read));
    }

    #[test]
    fn what_is_not_there_is_not_found_and_what_cannot_be_done_not_allowed() {
        for path in ["/x", "/dbs/d/x", "/dbs/d/colls/c/x/y", "/colls", "/dbs/d/colls/c/docs/i/x", "/offers/a/b"] {
            assert_eq!(call("GET", path, &[]), Err(404), "{path}");
        }
        for (method, path) in [
            ("PUT", "/dbs/d"),
            ("DELETE", "/offers/a"),
            ("POST", "/offers"),
            ("POST", "/dbs/d"),
            ("PATCH", "/dbs/d/colls/c"),
            ("DELETE", "/dbs"),
            ("PUT", "/"),
            ("POST", "/"),
            ("HEAD", "/"),
            ("POST", "/dbs/d/colls/c/docs/i"),
            ("POST", "/dbs/d/colls/c/conflicts"),
            ("GET", "/media"),
            ("GET", "/dbs/d/colls/c/operations/partitionkeydelete"),
        ] {
            assert_eq!(call(method, path, &[]), Err(405), "{method} {path}");
        }
        assert_eq!(call("GET", "/dbs/%FF", &[]), Err(400), "not UTF-8");
    }
}

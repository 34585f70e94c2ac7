use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hearth_model::clock::{Clock, ManualClock, Timestamp};
use hearth_state::{Database, Keyring, OpenOptions, StateUrl};
use http::StatusCode;
use tower::ServiceExt;

use super::*;
use crate::ServiceOptions;
use crate::protocol::sas::{AccountSas, ServiceSas};
use crate::protocol::{
    AccountName, Scheme, SignedParts, authorization, error_code_of, http_date, read_messages, write_message_body,
};

/// The REST face over a database of its own.
struct Rest {
    service: QueueService,
    account: Arc<Account>,
    clock: Arc<ManualClock>,
    _directory: tempfile::TempDir,
}

struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answered {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

async fn rest() -> Rest {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(1_800_000_000_000_000)));
    let keyring = Keyring::load_or_create(&directory.path().join("key")).unwrap();
    let options = OpenOptions { clock: Arc::clone(&clock) as _, ..OpenOptions::default() };
    let database = Database::open(&StateUrl::sqlite(&directory.path().join("state.db")), options).await.unwrap();
    let options = ServiceOptions { endpoint: "http://127.0.0.1:10001".to_owned(), development: false };
    let service = QueueService::new(database, keyring, Arc::clone(&clock) as _, options);
    service.create_account(&AccountName::parse("shop").unwrap()).await.unwrap();
    let account = service.account("shop").await.unwrap().unwrap();
    service.ensure_queue("shop", "orders").await.unwrap();
    Rest { service, account, clock, _directory: directory }
}

impl Rest {
    async fn send(&self, request: Request<Body>) -> Answered {
        let response = router(self.service.clone()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let error = parts.headers.get("x-ms-error-code").map(|code| code.to_str().unwrap().to_owned());
        if !parts.status.is_success() {
            assert_eq!(error_code_of(&body), error, "an error is told twice: {body:?}");
        }
        assert!(parts.headers.contains_key("x-ms-request-id") && parts.headers.contains_key("x-ms-version"));
        Answered { status: parts.status, headers: parts.headers, body }
    }

    fn request(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_empty() {
            request = request.header("content-length", body.len());
        }
        request.body(Body::from(body.to_owned())).unwrap()
    }

    /// A request that is signed with the account's key.
    async fn signed(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answered {
        let date = http_date(self.clock.now());
        let common = [("x-ms-date", date.as_str()), ("x-ms-version", "2024-05-04")];
        let mut request = self.request(method, target, &[&common, headers].concat(), body);
        let value = self.signature(&request, Scheme::SharedKey);
        request.headers_mut().insert("authorization", value.parse().unwrap());
        self.send(request).await
    }

    fn signature(&self, request: &Request<Body>, scheme: Scheme) -> String {
        let parts = SignedParts {
            method: request.method().as_str(),
            path: request.uri().path(),
            query: request.uri().query().unwrap_or(""),
            headers: request.headers(),
        };
        authorization(scheme, "shop", &self.account.keys[1], &parts)
    }

    async fn code(&self, method: &str, target: &str, body: &str) -> (u16, String) {
        let answered = self.signed(method, target, &[], body).await;
        (answered.status.as_u16(), answered.header("x-ms-error-code").to_owned())
    }
}

fn refused(answered: &Answered, code: ErrorCode) {
    assert_eq!(answered.header("x-ms-error-code"), code.as_str(), "{}", answered.text());
    assert_eq!(answered.status, code.status());
}

#[tokio::test]
async fn a_message_goes_through_its_whole_life() {
    let rest = rest().await;
    let body = write_message_body("<b>ü</b>\r\n");
    let put =
        rest.signed("POST", "/shop/orders/messages?messagettl=-1", &[("x-ms-client-request-id", "mine")], &body).await;
    assert_eq!((put.status, put.header("x-ms-client-request-id")), (StatusCode::CREATED, "mine"));
    assert!(put.text().contains("<ExpirationTime>Fri, 31 Dec 9999 23:59:59 GMT</ExpirationTime>"), "{}", put.text());
    let peeked = rest.signed("GET", "/shop/orders/messages?peekonly=true", &[], "").await;
    let peeked = read_messages(&peeked.body).unwrap();
    assert_eq!((peeked[0].text.as_deref(), peeked[0].pop_receipt.as_ref()), (Some("<b>ü</b>\r\n"), None));
    let got = rest.signed("GET", "/shop/orders/messages?numofmessages=32&visibilitytimeout=60", &[], "").await;
    assert_eq!((got.status, got.header("content-type")), (StatusCode::OK, "application/xml"));
    let got = &read_messages(&got.body).unwrap()[0];
    assert_eq!((got.dequeue_count, got.next_visible), (Some(1), Some(rest.clock.now().plus(Duration::from_secs(60)))));
    let (id, receipt) = (&got.id, got.pop_receipt.as_ref().unwrap());
    let path = format!("/shop/orders/messages/{id}");
    let update = format!("{path}?popreceipt={receipt}&visibilitytimeout=0");
    let updated = rest.signed("PUT", &update, &[], &write_message_body("new")).await;
    assert_eq!(updated.status, StatusCode::NO_CONTENT);
    assert_eq!(updated.header("x-ms-time-next-visible"), http_date(rest.clock.now()));
    let mismatch = (400, "PopReceiptMismatch".to_owned());
    assert_eq!(rest.code("DELETE", &format!("{path}?popreceipt={receipt}"), "").await, mismatch);
    let receipt = updated.header("x-ms-popreceipt");
    assert_eq!(rest.code("DELETE", &format!("{path}?popreceipt={receipt}"), "").await, (204, String::new()));
    let gone = (404, "MessageNotFound".to_owned());
    assert_eq!(rest.code("DELETE", &format!("{path}?popreceipt={receipt}"), "").await, gone);
    assert_eq!(rest.code("DELETE", "/shop/orders/messages", "").await, (204, String::new()));
    let details = rest.signed("HEAD", "/shop/orders?comp=metadata", &[], "").await;
    assert_eq!((details.status, details.header("x-ms-approximate-messages-count")), (StatusCode::OK, "0"));
}

#[tokio::test]
async fn queues_are_made_listed_and_deleted() {
    let rest = rest().await;
    for (value, status) in [("blue", 201), ("blue", 204), ("red", 409)] {
        let created = rest.signed("PUT", "/shop/b-1", &[("x-ms-meta-Team", value)], "").await;
        assert_eq!(created.status.as_u16(), status);
    }
    assert_eq!(rest.signed("GET", "/shop/b-1?comp=metadata", &[], "").await.header("x-ms-meta-team"), "blue");
    let set = rest.signed("PUT", "/shop/b-1?comp=metadata", &[("x-ms-meta-new", "é")], "").await;
    assert_eq!(set.status, StatusCode::NO_CONTENT);
    let listed = rest.signed("GET", "/shop?comp=list&include=metadata&maxresults=1", &[], "").await;
    let page = listed.text();
    assert!(page.contains("<Queue><Name>b-1</Name><Metadata><new>é</new></Metadata></Queue>"), "{page}");
    assert!(page.contains("<NextMarker>orders</NextMarker>") && page.contains("<MaxResults>1</MaxResults>"), "{page}");
    let rest_of = rest.signed("GET", "/shop/?comp=list&marker=orders&prefix=or", &[], "").await;
    assert!(rest_of.text().contains("<Name>orders</Name>") && rest_of.text().contains("<NextMarker />"));
    let policy = "<SignedIdentifiers><SignedIdentifier><Id>a</Id><AccessPolicy><Permission>r</Permission></AccessPolicy>\
        </SignedIdentifier></SignedIdentifiers>";
    assert_eq!(rest.code("PUT", "/shop/b-1?comp=acl", policy).await, (204, String::new()));
    assert!(rest.signed("GET", "/shop/b-1?comp=acl", &[], "").await.text().contains("<Id>a</Id>"));
    assert_eq!(rest.code("DELETE", "/shop/b-1", "").await, (204, String::new()));
    assert_eq!(rest.code("DELETE", "/shop/b-1", "").await, (404, "QueueNotFound".to_owned()));
    let stats = rest.signed("GET", "/shop?restype=service&comp=stats", &[], "").await;
    assert!(stats.text().contains("<Status>live</Status>"), "{}", stats.text());
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_code() {
    let rest = rest().await;
    let message = write_message_body("a");
    let long = write_message_body(&"x".repeat(limits::MESSAGE_BYTES + 1));
    let huge = "x".repeat(limits::BODY_BYTES + 1);
    for (method, target, body, status, code) in [
        ("PUT", "/shop/UPPER", "", 400, "InvalidResourceName"),
        ("PUT", "/shop/a", "", 400, "InvalidResourceName"),
        ("GET", "/shop/orders/nothing", "", 400, "InvalidUri"),
        ("GET", "/shop/orders/messages/a/b", "", 400, "InvalidUri"),
        ("GET", "/shop", "", 400, "InvalidQueryParameterValue"),
        ("GET", "/shop/orders?comp=other", "", 400, "InvalidQueryParameterValue"),
        ("POST", "/shop/orders", "", 405, "UnsupportedHttpVerb"),
        ("PATCH", "/shop/orders/messages", "", 405, "UnsupportedHttpVerb"),
        ("POST", "/shop/none/messages", &message, 404, "QueueNotFound"),
        ("GET", "/shop/none/messages", "", 404, "QueueNotFound"),
        ("GET", "/shop/none/messages?peekonly=true", "", 404, "QueueNotFound"),
        ("GET", "/shop/none?comp=metadata", "", 404, "QueueNotFound"),
        ("GET", "/shop/none?comp=acl", "", 404, "QueueNotFound"),
        ("POST", "/shop/orders/messages", "plain", 400, "InvalidXmlDocument"),
        ("POST", "/shop/orders/messages", "<QueueMessage/>", 400, "MissingRequiredXmlNode"),
        ("POST", "/shop/orders/messages", &long, 400, "MessageTooLarge"),
        ("POST", "/shop/orders/messages", &huge, 400, "MessageTooLarge"),
        ("PUT", "/shop/orders?comp=acl", &huge, 413, "RequestBodyTooLarge"),
        ("POST", "/shop/orders/messages?messagettl=0", &message, 400, "OutOfRangeQueryParameterValue"),
        ("POST", "/shop/orders/messages?messagettl=-2", &message, 400, "OutOfRangeQueryParameterValue"),
        ("POST", "/shop/orders/messages?visibilitytimeout=604801", &message, 400, "OutOfRangeQueryParameterValue"),
        (
            "POST",
            "/shop/orders/messages?visibilitytimeout=9&messagettl=9",
            &message,
            400,
            "OutOfRangeQueryParameterValue",
        ),
        ("GET", "/shop/orders/messages?numofmessages=33", "", 400, "OutOfRangeQueryParameterValue"),
        ("GET", "/shop/orders/messages?numofmessages=0", "", 400, "OutOfRangeQueryParameterValue"),
        ("GET", "/shop/orders/messages?numofmessages=x", "", 400, "InvalidQueryParameterValue"),
        ("GET", "/shop/orders/messages?visibilitytimeout=0", "", 400, "OutOfRangeQueryParameterValue"),
        ("DELETE", "/shop/orders/messages/a", "", 400, "MissingRequiredQueryParameter"),
        ("DELETE", "/shop/orders/messages/a?popreceipt=b", "", 400, "InvalidQueryParameterValue"),
        ("PUT", "/shop/orders/messages/a?popreceipt=b", "", 400, "MissingRequiredQueryParameter"),
        ("PUT", "/shop?restype=service&comp=properties", "<a/>", 400, "InvalidXmlDocument"),
    ] {
        assert_eq!(rest.code(method, target, body).await, (status, code.to_owned()), "{method} {target}");
    }
    let hyphen = rest.signed("PUT", "/shop/orders?comp=metadata", &[("x-ms-meta-a-b", "1")], "").await;
    refused(&hyphen, ErrorCode::InvalidMetadata);
    let version = rest.send(rest.request("GET", "/shop?comp=list", &[("x-ms-version", "new")], "")).await;
    refused(&version, ErrorCode::InvalidHeaderValue);
}

#[tokio::test]
async fn nobody_gets_in_without_a_good_signature() {
    let rest = rest().await;
    let date = http_date(rest.clock.now());
    let list = |headers: &[(&str, &str)]| rest.request("GET", "/shop?comp=list", headers, "");
    let failed = ErrorCode::AuthenticationFailed;
    refused(&rest.send(list(&[])).await, failed);
    refused(
        &rest.send(list(&[("authorization", "Bearer abc"), ("x-ms-date", &date)])).await,
        ErrorCode::InvalidAuthenticationInfo,
    );
    for (authorization, date) in [
        ("SharedKey shop:AAAA", date.as_str()),
        ("SharedKey other:AAAA", date.as_str()),
        ("SharedKeyLite shop:", date.as_str()),
        ("SharedKey shop:AAAA", "yesterday"),
    ] {
        refused(&rest.send(list(&[("authorization", authorization), ("x-ms-date", date)])).await, failed);
    }
    refused(&rest.send(list(&[("authorization", "SharedKey shop:AAAA")])).await, failed);
    let shown = rest.send(list(&[("authorization", "SharedKey shop:AAAA"), ("x-ms-date", &date)])).await;
    assert!(shown.text().contains("string to sign: 'GET\n\n") && shown.text().contains("/shop/shop\ncomp:list"));
    for key in &rest.account.keys {
        assert!(!shown.text().contains(key.to_base64().as_str()));
    }

    let with = |at: Timestamp, scheme| {
        let mut request = list(&[("x-ms-date", &http_date(at))]);
        let value = rest.signature(&request, scheme);
        request.headers_mut().insert("authorization", value.parse().unwrap());
        request
    };
    let now = rest.clock.now();
    for scheme in [Scheme::SharedKey, Scheme::SharedKeyLite] {
        assert_eq!(rest.send(with(now, scheme)).await.status, StatusCode::OK);
        for away in [now.plus(Duration::from_secs(901)), now.minus(Duration::from_secs(901))] {
            let answered = rest.send(with(away, scheme)).await;
            refused(&answered, failed);
            assert!(answered.text().contains("too old or in the future"), "{}", answered.text());
        }
    }
    let mut moved = with(now, Scheme::SharedKey);
    *moved.uri_mut() = "/shop/orders?comp=metadata".parse().unwrap();
    refused(&rest.send(moved).await, failed);
    let unknown = rest.request("GET", "/nobody?comp=list&sig=AAAA&ss=q&srt=s&sp=l&sv=2022-11-02", &[], "");
    refused(&rest.send(unknown).await, failed);
}

#[tokio::test]
async fn signatures_in_urls_allow_what_they_say() {
    let rest = rest().await;
    let (key, now) = (&rest.account.keys[0], rest.clock.now());
    let soon = now.plus(Duration::from_secs(60));
    let account = AccountSas {
        permissions: "alr".to_owned(),
        resource_types: "so".to_owned(),
        expiry: soon,
        ip: "10.0.0.7".to_owned(),
        ..AccountSas::default()
    };
    let query = account.sign("shop", key).to_query();
    let from = |method, target: &str, body: &str, ip: &str| {
        let mut request = rest.request(method, target, &[], body);
        request.extensions_mut().insert(Peer { ip: ip.parse().unwrap(), https: false });
        request
    };
    let listed = rest.send(from("GET", &format!("/shop?comp=list&{query}"), "", "10.0.0.7")).await;
    assert_eq!(listed.status, StatusCode::OK);
    let elsewhere = rest.send(from("GET", &format!("/shop?comp=list&{query}"), "", "10.0.0.8")).await;
    refused(&elsewhere, ErrorCode::AuthorizationSourceIPMismatch);
    let body = write_message_body("by signature");
    let put = rest.send(from("POST", &format!("/shop/orders/messages?{query}"), &body, "10.0.0.7")).await;
    assert_eq!(put.status, StatusCode::CREATED, "{}", put.text());
    let got = rest.send(from("GET", &format!("/shop/orders/messages?{query}"), "", "10.0.0.7")).await;
    refused(&got, ErrorCode::AuthorizationPermissionMismatch);
    let created = rest.send(from("PUT", &format!("/shop/new?{query}"), "", "10.0.0.7")).await;
    refused(&created, ErrorCode::AuthorizationResourceTypeMismatch);

    let policy = format!(
        "<SignedIdentifiers><SignedIdentifier><Id>workers</Id><AccessPolicy><Expiry>{soon}</Expiry>\
         <Permission>p</Permission></AccessPolicy></SignedIdentifier></SignedIdentifiers>"
    );
    assert_eq!(rest.code("PUT", "/shop/orders?comp=acl", &policy).await.0, 204);
    let sas = ServiceSas { identifier: "workers".to_owned(), ..ServiceSas::default() };
    let query = sas.sign("shop", "orders", key).to_query();
    let get = |queue: &str| rest.request("GET", &format!("/shop/{queue}/messages?{query}"), &[], "");
    let got = rest.send(get("orders")).await;
    assert_eq!(read_messages(&got.body).unwrap()[0].text.as_deref(), Some("by signature"));
    refused(&rest.send(get("other")).await, ErrorCode::AuthenticationFailed);
    assert_eq!(rest.code("PUT", "/shop/orders?comp=acl", "").await.0, 204);
    refused(&rest.send(get("orders")).await, ErrorCode::AuthenticationFailed);
}

#[tokio::test]
async fn pages_of_allowed_origins_may_call() {
    let rest = rest().await;
    let announced = [("origin", "https://a.example"), ("access-control-request-method", "PUT")];
    let preflight =
        |more: &[(&str, &str)]| rest.request("OPTIONS", "/shop/orders/messages", &[&announced, more].concat(), "");
    refused(&rest.send(preflight(&[])).await, ErrorCode::CorsPreflightFailure);
    let rules = "<StorageServiceProperties><Cors><CorsRule><AllowedOrigins>https://a.example</AllowedOrigins>\
        <AllowedMethods>PUT,GET</AllowedMethods><AllowedHeaders>x-ms-*</AllowedHeaders><ExposedHeaders>x-ms-request-id\
        </ExposedHeaders><MaxAgeInSeconds>9</MaxAgeInSeconds></CorsRule></Cors></StorageServiceProperties>";
    assert_eq!(rest.code("PUT", "/shop?restype=service&comp=properties", rules).await.0, 202);
    let told = rest.signed("GET", "/shop?restype=service&comp=properties", &[], "").await;
    assert!(told.text().contains("<MaxAgeInSeconds>9<") && told.text().contains("<Logging>"), "{}", told.text());
    let allowed = rest.send(preflight(&[("access-control-request-headers", "x-ms-date, X-MS-Version")])).await;
    assert_eq!(allowed.status, StatusCode::OK);
    assert_eq!(allowed.header("access-control-allow-origin"), "https://a.example");
    assert_eq!(
        (allowed.header("access-control-max-age"), allowed.header("access-control-allow-methods")),
        ("9", "PUT")
    );
    refused(
        &rest.send(preflight(&[("access-control-request-headers", "authorization")])).await,
        ErrorCode::CorsPreflightFailure,
    );
    let seen = rest.signed("GET", "/shop?comp=list", &[("origin", "https://a.example")], "").await;
    assert_eq!(seen.header("access-control-allow-origin"), "https://a.example");
    assert_eq!(seen.header("access-control-expose-headers"), "x-ms-request-id");
    let unseen = rest.signed("GET", "/shop?comp=list", &[("origin", "https://b.example")], "").await;
    assert_eq!((unseen.header("access-control-allow-origin"), unseen.header("vary")), ("", "Origin"));
    let error = rest.signed("GET", "/shop/none/messages", &[("origin", "https://a.example")], "").await;
    assert_eq!((error.status.as_u16(), error.header("access-control-allow-origin")), (404, "https://a.example"));
}

use std::net::IpAddr;

use hearth_model::clock::Timestamp;

use super::*;
use crate::protocol::{AccessPolicy, AccountKey, ErrorCode};

const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn keys() -> Vec<AccountKey> {
    vec![AccountKey::from_bytes(vec![1; 64]), AccountKey::from_base64(KEY).unwrap()]
}

fn caller(ip: &str, https: bool) -> Caller {
    Caller { ip: Some(ip.parse::<IpAddr>().unwrap()), https }
}

/// The code of a refusal; none when it is allowed.
fn of_account(sas: &AccountSas, operation: Operation, from: Caller, now: &str) -> Option<ErrorCode> {
    let token = SasToken::parse(&sas.sign("shop", &keys()[1]).to_query()).unwrap();
    check_account(&token, "shop", &keys(), operation, from, at(now)).err().map(|error| error.code)
}

fn of_queue(sas: &ServiceSas, policy: Option<&AccessPolicy>, operation: Operation, now: &str) -> Option<ErrorCode> {
    let token = SasToken::parse(&sas.sign("shop", "orders", &keys()[1]).to_query()).unwrap();
    let (place, from) = (("shop", "orders"), caller("127.0.0.1", false));
    check_service(&token, place, &keys(), policy, operation, from, at(now)).err().map(|error| error.code)
}

#[test]
fn what_the_official_clients_signed_is_taken() {
    let now = at("2026-03-01T12:00:00Z");
    let from = caller("127.0.0.1", false);
    let place = ("devstoreaccount1", "orders");
    for query in VECTORS_QUEUE {
        let token = SasToken::parse(query).unwrap();
        let checked = check_service(&token, place, &keys(), None, Operation::PutMessage, from, now);
        assert_eq!(checked, Ok(()), "{query}");
        let elsewhere =
            check_service(&token, ("devstoreaccount1", "other"), &keys(), None, Operation::PutMessage, from, now);
        assert_eq!(elsewhere.unwrap_err().code, ErrorCode::AuthenticationFailed);
        let changed = SasToken { permissions: "raup".to_owned(), ..token };
        assert!(check_service(&changed, place, &keys(), None, Operation::PutMessage, from, now).is_err());
    }
    for query in VECTORS_ACCOUNT {
        let token = SasToken::parse(query).unwrap();
        assert!(token.is_of_account());
        let checked = check_account(&token, "devstoreaccount1", &keys(), Operation::PutMessage, from, now);
        assert_eq!(checked, Ok(()), "{query}");
        assert!(check_account(&token, "other", &keys(), Operation::PutMessage, from, now).is_err());
    }
}

#[test]
fn an_account_sas_is_for_what_it_names() {
    let now = "2026-03-01T12:00:00Z";
    let sas = AccountSas {
        permissions: "ar".to_owned(),
        resource_types: "oc".to_owned(),
        expiry: at("2026-03-01T13:00:00Z"),
        ..AccountSas::default()
    };
    let from = caller("10.0.0.7", false);
    assert_eq!(of_account(&sas, Operation::PutMessage, from, now), None);
    assert_eq!(of_account(&sas, Operation::GetQueueMetadata, from, now), None);
    let mismatch = |operation| of_account(&sas, operation, from, now);
    assert_eq!(mismatch(Operation::GetMessages), Some(ErrorCode::AuthorizationPermissionMismatch));
    assert_eq!(mismatch(Operation::ListQueues), Some(ErrorCode::AuthorizationResourceTypeMismatch));
    assert_eq!(mismatch(Operation::SetQueueAcl), Some(ErrorCode::AuthorizationFailure));
    for late in ["2026-03-01T13:00:00Z", "2027-01-01T00:00:00Z"] {
        assert_eq!(of_account(&sas, Operation::PutMessage, from, late), Some(ErrorCode::AuthenticationFailed));
    }
    let later = AccountSas { start: Some(at("2026-03-01T12:30:00Z")), ..sas.clone() };
    assert_eq!(of_account(&later, Operation::PutMessage, from, now), Some(ErrorCode::AuthenticationFailed));
    let secure = AccountSas { https_only: true, ..sas.clone() };
    assert_eq!(of_account(&secure, Operation::PutMessage, from, now), Some(ErrorCode::AuthorizationProtocolMismatch));
    assert_eq!(of_account(&secure, Operation::PutMessage, caller("10.0.0.7", true), now), None);
    let near = AccountSas { ip: "10.0.0.1-10.0.0.9".to_owned(), ..sas.clone() };
    assert_eq!(of_account(&near, Operation::PutMessage, from, now), None);
    assert_eq!(of_account(&near, Operation::PutMessage, caller("::ffff:10.0.0.8", false), now), None);
    for far in ["10.0.0.10", "::1"] {
        let code = of_account(&near, Operation::PutMessage, caller(far, false), now);
        assert_eq!(code, Some(ErrorCode::AuthorizationSourceIPMismatch), "{far}");
    }
    let unknown = Caller { ip: None, https: true };
    assert_eq!(of_account(&near, Operation::PutMessage, unknown, now), Some(ErrorCode::AuthorizationSourceIPMismatch));
}

#[test]
fn a_service_sas_may_leave_what_its_policy_tells() {
    let now = "2026-03-01T12:00:00Z";
    let policy = AccessPolicy {
        id: "workers".to_owned(),
        expiry: "2026-03-02".to_owned(),
        permissions: "p".to_owned(),
        ..AccessPolicy::default()
    };
    let sas = ServiceSas { identifier: "workers".to_owned(), ..ServiceSas::default() };
    assert_eq!(of_queue(&sas, Some(&policy), Operation::GetMessages, now), None);
    assert_eq!(of_queue(&sas, Some(&policy), Operation::DeleteMessage, now), None);
    let other = of_queue(&sas, Some(&policy), Operation::PutMessage, now);
    assert_eq!(other, Some(ErrorCode::AuthorizationPermissionMismatch));
    assert_eq!(of_queue(&sas, None, Operation::GetMessages, now), Some(ErrorCode::AuthenticationFailed), "taken back");
    let ended = of_queue(&sas, Some(&policy), Operation::GetMessages, "2026-03-02T00:00:00Z");
    assert_eq!(ended, Some(ErrorCode::AuthenticationFailed));
    let twice = ServiceSas { permissions: "r".to_owned(), ..sas.clone() };
    assert_eq!(of_queue(&twice, Some(&policy), Operation::GetMessages, now), Some(ErrorCode::AuthenticationFailed));
    let endless = AccessPolicy { expiry: String::new(), ..policy.clone() };
    assert_eq!(of_queue(&sas, Some(&endless), Operation::GetMessages, now), Some(ErrorCode::AuthenticationFailed));
    let own =
        ServiceSas { permissions: "ru".to_owned(), expiry: Some(at("2026-03-02T00:00:00Z")), ..ServiceSas::default() };
    assert_eq!(of_queue(&own, None, Operation::UpdateMessage, now), None);
    assert_eq!(of_queue(&own, None, Operation::ListQueues, now), Some(ErrorCode::AuthorizationFailure));
}

#[test]
fn a_token_without_signature_is_none_and_shows_none() {
    assert!(SasToken::parse("sv=2022-11-02&sp=r").is_none() && SasToken::parse("").is_none());
    let token = SasToken::parse("sv=2022-11-02&SP=r&sig=a%2Bb%3D&other=1").unwrap();
    assert_eq!((token.permissions.as_str(), token.signature.as_str()), ("r", "a+b="));
    assert!(!format!("{token:?}").contains("a+b"));
    assert_eq!(SasToken::parse(&token.to_query()), Some(token));
}

/// Made by `azure-storage-queue` 12.18.1 (PyPI) and `@azure/storage-queue` 12.30.0 (npm).
const VECTORS_QUEUE: [&str; 3] = [
    "st=2026-01-01T00%3A00%3A00Z&se=2099-01-01T00%3A00%3A00Z&sp=ra&sv=2026-10-06&sig=BBPRTgPQSQVS2ZjRtyJQjwfZKzUq2nW5wrrOAHNzN3k%3D",
    "se=2099-01-01T00%3A00%3A00Z&sp=a&sip=127.0.0.1-127.0.0.9&spr=https%2Chttp&sv=2026-10-06&sig=od5%2BotoPR0LOudU2X%2BAc4EyHVKslOrgCvW4byZb0RsA%3D",
    "sv=2026-04-06&st=2026-01-01T00%3A00%3A00Z&se=2099-01-01T00%3A00%3A00Z&sp=ra&sig=1k3tJxUn7eF3h6tEXPM6%2Bl2BX2%2FzPOK5bqUDfr4n3To%3D",
];

/// Made by the same.
const VECTORS_ACCOUNT: [&str; 3] = [
    "se=2099-01-01T00%3A00%3A00Z&sp=a&sv=2026-10-06&ss=q&srt=o&sig=UsqytEqB%2Be3gB07FVTK%2BRPPL2ow%2BcuEZN1izteO7utE%3D",
    "sv=2019-12-12&ss=q&srt=so&se=2099-01-01T00%3A00%3A00Z&sp=rap&sig=Ewpp4XYp824K6BkOTTor6ZFlnjefmuUWWSmgR3Qbpu4%3D",
    "sv=2026-04-06&ss=bq&srt=o&spr=https%2Chttp&se=2099-01-01T00%3A00%3A00Z&sip=127.0.0.1&sp=a&sig=i1ALnkb8hnmohZG9xgyOU96E%2B4Y1Q5Y%2B5LhkjqCb0Bc%3D",
];

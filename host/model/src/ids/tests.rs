use std::collections::HashSet;

use super::*;

#[test]
fn app_names() {
    for good in ["ab", "hello-rust", "a1", &"a".repeat(60)] {
        assert_eq!(AppName::parse(good).unwrap().as_str(), good);
    }
    for bad in ["", "a", "Hello", "1a", "-a", "a-", "a_b", "a.b", "scm", "hearth", "gr\u{fc}n", &"a".repeat(61)] {
        let error = AppName::parse(bad).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("app name '{bad}' is not valid: 2 to 60 lower-case")) || bad.len() > 60,
            "{error}"
        );
    }
}

#[test]
fn other_identities() {
    assert!(DeploymentId::parse("0197c1f2-7a4b-7c3d-9e2f-5a6b7c8d9e0f").is_ok());
    for bad in ["", "0197C1F2-7A4B-7C3D-9E2F-5A6B7C8D9E0F", "0197c1f27a4b7c3d9e2f5a6b7c8d9e0f", "../x"] {
        assert!(DeploymentId::parse(bad).is_err(), "{bad}");
    }
    assert!(WorkerId::parse("worker-1.node_2").is_ok());
    assert!(WorkerId::parse("worker 1").is_err());
    let digest = Digest::from_bytes(&[0xab; 32]);
    assert_eq!(Digest::parse(digest.as_str()), Ok(digest.clone()));
    assert!(Digest::parse(&digest.as_str().to_uppercase()).is_err());
    assert_ne!(InvocationId::random(), InvocationId::random());
    assert_eq!(InvocationId::random().to_string().len(), 36);
}

#[test]
fn function_names_ignore_case() {
    let names: HashSet<_> = ["Hello", "HELLO", "other"].map(|name| FunctionName::parse(name).unwrap()).into();
    assert_eq!(names.len(), 2);
    assert!(FunctionName::parse("a").unwrap() < FunctionName::parse("B").unwrap());
    for bad in ["", "1a", "_a", "a b", "a.b", "host", "HOST", &"a".repeat(129)] {
        assert!(FunctionName::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn identities_are_checked_when_deserialized() {
    assert_eq!(serde_json::from_str::<AppName>("\"hello\"").unwrap().as_str(), "hello");
    assert!(serde_json::from_str::<AppName>("\"Hello\"").is_err());
    assert!(serde_json::from_str::<FunctionName>("\"host\"").is_err());
}

#[test]
fn invocation_ids_are_random_ones_of_version_4_beyond_the_stock() {
    let ids: Vec<String> = (0..3 * STOCK_BYTES / 16).map(|_| InvocationId::random().to_string()).collect();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    assert!(ids.iter().all(|id| id.as_bytes()[14] == b'4' && matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b')));
}

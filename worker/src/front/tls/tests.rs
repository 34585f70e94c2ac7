use std::fs;

use super::*;

/// A certificate of its own for `localhost` and its key, in PEM form.
pub(in crate::front) fn pair() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

fn files(dir: &Path, certificate: &str, key: &str) -> TlsFiles {
    let files = TlsFiles { certificate: dir.join("tls.crt"), key: dir.join("tls.key") };
    fs::write(&files.certificate, certificate).unwrap();
    fs::write(&files.key, key).unwrap();
    files
}

#[test]
fn a_pair_that_cannot_be_used_is_refused_with_its_setting() {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = pair();
    assert_eq!(files(dir.path(), &certificate, &key).check(), Ok(()));
    let (_, other) = pair();
    for (certificate, key, wanted) in [
        (certificate.as_str(), other.as_str(), "--http-tls-key"),
        (certificate.as_str(), "", "--http-tls-key"),
        ("", key.as_str(), "--http-tls-certificate"),
        (key.as_str(), key.as_str(), "--http-tls-certificate"),
    ] {
        let problem = files(dir.path(), certificate, key).check().unwrap_err();
        assert!(problem.starts_with(wanted), "{problem}");
    }
    let missing = TlsFiles { certificate: dir.path().join("none"), key: dir.path().join("none") };
    assert!(missing.check().unwrap_err().starts_with("--http-tls-certificate"));
}

#[test]
fn a_new_pair_is_taken_and_a_broken_one_is_told_once() {
    let dir = tempfile::tempdir().unwrap();
    let (first, key) = pair();
    let tls = Tls::open(files(dir.path(), &first, &key)).unwrap();
    let mut follower = Follower { seen: tls.seen, ends: tls.ends, doubted: None, told: None };
    let mut look = || match follower.look(tls.files.load()) {
        Look::Same => "same",
        Look::New(_) => "new",
        Look::Broken(_) => "broken",
    };
    assert_eq!(look(), "same");
    let (second, second_key) = pair();
    fs::write(&tls.files.certificate, &second).unwrap();
    assert_eq!(look(), "same", "its key may follow in a moment");
    fs::write(&tls.files.key, &second_key).unwrap();
    assert_eq!(look(), "new");
    fs::write(&tls.files.key, &key).unwrap();
    assert_eq!([look(), look(), look(), look()], ["same", "broken", "same", "same"]);
    fs::remove_file(&tls.files.key).unwrap();
    assert_eq!([look(), look(), look(), look()], ["same", "broken", "same", "same"]);
    fs::write(&tls.files.key, &second_key).unwrap();
    assert_eq!([look(), look()], ["new", "same"], "what was good before is good again");
}

#[test]
fn the_end_of_a_certificate_is_told_once_a_day() {
    let hours = |hours: u64| Timestamp::from_micros(0).plus(Duration::from_secs(hours * 60 * 60));
    let mut follower = Follower { seen: [0; 32], ends: None, doubted: None, told: None };
    let mut told = Vec::new();
    for hour in 0..60 {
        if follower.remind(hours(100), hours(hour)).is_some() {
            told.push(hour);
        }
    }
    assert_eq!(told, [0, 24, 48]);
}

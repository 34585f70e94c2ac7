use super::*;

fn directory() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn the_key_survives_and_opens_what_it_sealed() {
    let directory = directory();
    let path = directory.path().join("key");
    let first = Keyring::load_or_create(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 32);
    let sealed = first.seal("app.credential", b"secret");
    assert!(!sealed.windows(6).any(|window| window == b"secret"));
    let second = Keyring::load_or_create(&path).unwrap();
    assert_eq!(second.open("app.credential", &sealed).unwrap(), b"secret");
    assert_eq!(first.derive("aot"), second.derive("aot"));
    assert_ne!(first.derive("aot"), first.derive("hop"));
    assert_eq!(format!("{first:?}"), "Keyring(..)");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn the_same_text_is_sealed_differently_each_time() {
    let keyring = Keyring::load_or_create(&directory().path().join("key")).unwrap();
    assert_ne!(keyring.seal("p", b"secret"), keyring.seal("p", b"secret"));
    assert_eq!(keyring.open("p", &keyring.seal("p", b"")).unwrap(), b"");
}

#[test]
fn another_purpose_key_or_byte_is_refused() {
    let directory = directory();
    let keyring = Keyring::load_or_create(&directory.path().join("key")).unwrap();
    let sealed = keyring.seal("p", b"secret");
    assert!(matches!(keyring.open("q", &sealed), Err(StateError::Corrupt(_))));
    let other = Keyring::load_or_create(&directory.path().join("other")).unwrap();
    assert!(matches!(other.open("p", &sealed), Err(StateError::Corrupt(_))));
    assert!(other.open("p", &sealed).unwrap_err().to_string().contains("does not hold the key"));
    for index in 1..sealed.len() {
        let mut changed = sealed.clone();
        changed[index] ^= 1;
        assert!(keyring.open("p", &changed).is_err(), "byte {index}");
        assert!(keyring.open("p", &sealed[..index]).is_err(), "cut at {index}");
    }
    let mut newer = sealed;
    newer[0] = 3;
    assert!(matches!(keyring.open("p", &newer), Err(StateError::Incompatible(_))));
    assert!(matches!(keyring.open("p", b""), Err(StateError::Corrupt(_))));
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_or_of_another_length_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let directory = directory();
    let path = directory.path().join("key");
    Keyring::load_or_create(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let error = Keyring::load_or_create(&path).unwrap_err();
    assert!(error.to_string().contains("chmod 600"), "{error}");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    for length in [0, 31, 33, 63, 65] {
        std::fs::write(&path, vec![7; length]).unwrap();
        let error = Keyring::load_or_create(&path).unwrap_err();
        assert!(error.to_string().contains("32 bytes"), "{error}");
    }
    let error = Keyring::load_or_create(&directory.path().join("none/key")).unwrap_err();
    assert!(matches!(error, StateError::Configuration(_)), "{error}");
}

#[test]
fn processes_that_create_the_key_at_once_agree() {
    let directory = directory();
    let path = directory.path().join("key");
    let keys: Vec<[u8; 32]> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| Keyring::load_or_create(&path).unwrap().derive("x"))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0]));
}

/// What Hearth 0.1.0 sealed: the same without the four bytes that tell the key.
fn of_version_1(sealed: &[u8]) -> Vec<u8> {
    [&[1], &sealed[5..]].concat()
}

#[test]
fn two_keys_open_what_either_sealed_and_the_first_seals() {
    let [old, new] = [1, 2].map(|byte| Zeroizing::new([byte; 32]));
    let before = Keyring::holding((old.clone(), None)).unwrap();
    let both = Keyring::holding((new.clone(), Some(old))).unwrap();
    let after = Keyring::holding((new, None)).unwrap();
    let sealed = before.seal("p", b"secret");
    for sealed in [&sealed, &of_version_1(&sealed)] {
        assert_eq!(before.open("p", sealed).unwrap(), b"secret");
        assert_eq!(both.open("p", sealed).unwrap(), b"secret");
        assert!(matches!(after.open("p", sealed), Err(StateError::Corrupt(_))));
        assert!(matches!(both.open("q", sealed), Err(StateError::Corrupt(_))));
    }
    let again = both.seal("p", b"secret");
    assert!(again.starts_with(&both.mark()) && !sealed.starts_with(&both.mark()));
    assert_eq!(after.open("p", &again).unwrap(), b"secret");
    assert!(before.open("p", &again).is_err());
    assert_eq!(both.derive("x"), after.derive("x"));
    assert_ne!(both.derive("x"), before.derive("x"));
}

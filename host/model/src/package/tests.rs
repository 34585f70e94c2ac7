//! Packages are built in memory; what no zip tool would write is made by changing the bytes of a good one.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::path::{EntryPath, accept};
use super::*;

pub(crate) type Opened = Package<Cursor<Vec<u8>>>;

/// A zip of the given files; a name that ends with `/` is a folder.
pub(crate) fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        if name.ends_with('/') {
            writer.add_directory(*name, SimpleFileOptions::default()).unwrap();
        } else {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

/// Opens a zip with the default limits.
pub(crate) fn open(bytes: Vec<u8>) -> Result<Opened, PackageError> {
    Package::open(Cursor::new(bytes), &PackageLimits::default())
}

fn refusal(bytes: Vec<u8>) -> String {
    open(bytes).unwrap_err().to_string()
}

/// Replaces every occurrence of some bytes by others of the same length, in local and central headers alike.
fn replaced(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut found = 0;
    for at in 0..=bytes.len() - from.len() {
        if &bytes[at..at + from.len()] == from {
            bytes[at..at + to.len()].copy_from_slice(to);
            found += 1;
        }
    }
    assert!(found > 0);
    bytes
}

/// Where the central header of the entry with this index begins.
fn central(bytes: &[u8], index: usize) -> usize {
    let found = bytes.windows(4).enumerate().filter(|(_, w)| w == b"PK\x01\x02").nth(index);
    found.unwrap().0
}

#[test]
fn files_are_listed_and_read() {
    let bytes =
        zip_of(&[("host.json", b"{}"), ("bin/", b""), ("bin/app.wasm", &[7; 100]), ("./F/function.json", b"x")]);
    let mut package = open(bytes).unwrap();
    let listed: Vec<_> = package.files().iter().map(|(path, size)| (path.as_str(), *size)).collect();
    assert_eq!(listed, [("F/function.json", 1), ("bin/app.wasm", 100), ("host.json", 2)]);
    assert_eq!(package.read("bin/app.wasm").unwrap(), [7; 100]);
    assert_eq!(package.read("F/function.json").unwrap(), b"x");
    assert_eq!(package.read("nothing").unwrap_err().to_string(), "the package holds no file 'nothing'");
    package.verify().unwrap();
    assert!(package.warnings().is_empty());
}

#[test]
fn names_are_accepted_or_refused() {
    for (name, expected) in [
        ("a.txt", Ok(EntryPath::File("a.txt".into()))),
        ("a\\b\\c.txt", Ok(EntryPath::File("a/b/c.txt".into()))),
        ("./a/./b", Ok(EntryPath::File("a/b".into()))),
        ("a/", Ok(EntryPath::Folder("a".into()))),
        ("a\\", Ok(EntryPath::Folder("a".into()))),
        ("./", Ok(EntryPath::Folder(String::new()))),
        ("gr\u{fc}n/..txt", Ok(EntryPath::File("gr\u{fc}n/..txt".into()))),
        ("console.txt", Ok(EntryPath::File("console.txt".into()))),
        ("com10", Ok(EntryPath::File("com10".into()))),
        ("../a", Err("leaves the app's folder by '..'")),
        ("a/../../b", Err("leaves the app's folder by '..'")),
        ("a\\..\\..\\b", Err("leaves the app's folder by '..'")),
        ("a/..", Err("leaves the app's folder by '..'")),
        ("/etc/passwd", Err("absolute")),
        ("\\\\server\\share", Err("absolute")),
        ("C:\\windows\\x", Err("holds ':'")),
        ("c:x", Err("holds ':'")),
        ("a.txt:stream", Err("holds ':'")),
        ("a//b", Err("empty part")),
        ("", Err("empty part")),
        ("NUL", Err("device name")),
        ("a/con.txt", Err("device name")),
        ("aux .c", Err("device name")),
        ("LPT1/x", Err("device name")),
        ("com\u{b2}", Err("device name")),
        ("a.", Err("ends with a dot or a space")),
        ("a /b", Err("ends with a dot or a space")),
        (".../b", Err("ends with a dot or a space")),
        ("a\0b", Err("NUL or another control character")),
        ("a\nb", Err("NUL or another control character")),
    ] {
        match (accept(name.as_bytes()), expected) {
            (Err(problem), Err(part)) => assert!(problem.contains(part), "{name:?}: {problem}"),
            (Ok(path), Ok(expected)) => assert_eq!(path, expected, "{name:?}"),
            (got, _) => panic!("{name:?} gave {got:?}"),
        }
    }
    assert!(accept(b"a\xffb").unwrap_err().contains("not UTF-8"));
    assert!(accept("a/".repeat(600).as_bytes()).unwrap_err().contains("longer than 1024 bytes"));
}

#[test]
fn a_refused_name_is_told() {
    let bytes = replaced(zip_of(&[("host.json", b"{}"), ("xx/evil", b"")]), b"xx/evil", b"../evil");
    assert_eq!(
        refusal(bytes),
        "the zip entry '../evil' is refused: its path leaves the app's folder by '..'; paths must stay inside"
    );
    let bytes = replaced(zip_of(&[("a_b", b"")]), b"a_b", b"a\0b");
    assert!(refusal(bytes).starts_with("the zip entry 'a\\0b' is refused: its name holds a NUL"));
}

#[test]
fn the_same_place_twice_is_refused() {
    let twice = replaced(zip_of(&[("a.txt", b"1"), ("b.txt", b"2")]), b"b.txt", b"a.txt");
    assert!(refusal(twice).contains("two of its entries have the same name"));
    for (files, expected) in [
        (["Hello/function.json", "hello/function.json"], "differs from 'Hello/function.json' only by letter case"),
        (["a.txt", "A.TXT"], "'A.TXT' is refused: it differs from 'a.txt' only by letter case"),
        (["gr\u{fc}n", "GR\u{dc}N"], "differs from 'gr\u{fc}n' only by letter case"),
        (["a", "a/b"], "'a/b' is refused: the zip also holds a file 'a'"),
        (["a/b", "A"], "'A' is refused: the zip also holds a folder 'a'"),
        (["a/b", "a\\b"], "the zip holds this name twice"),
    ] {
        let text = refusal(zip_of(&[(files[0], b"1"), (files[1], b"2")]));
        assert!(text.contains(expected), "{files:?}: {text}");
    }
}

#[test]
fn links_devices_and_odd_folders_are_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let link = writer.finish().unwrap().into_inner();
    assert!(refusal(link).contains("'link' is refused: it is a symbolic link"));

    for (mode, name, expected) in [
        (0o020_666_u32, "a", "device, pipe or socket"),
        (0o010_666, "a", "device, pipe or socket"),
        (0o140_666, "a", "device, pipe or socket"),
        (0o040_755, "a", "marked as a folder"),
        (0o060_666, "a/", "device, pipe or socket"),
    ] {
        let mut bytes = zip_of(&[(name, b"")]);
        let at = central(&bytes, 0);
        bytes[at + 5] = 3;
        bytes[at + 38..at + 42].copy_from_slice(&(mode << 16).to_le_bytes());
        let text = refusal(bytes);
        assert!(text.contains(expected), "{mode:o} {name}: {text}");
    }
}

#[test]
fn encryption_and_unknown_compression_are_refused() {
    let mut encrypted = zip_of(&[("secret", b"text")]);
    let at = central(&encrypted, 0);
    encrypted[at + 8] |= 1;
    encrypted[6] |= 1;
    assert!(refusal(encrypted).contains("'secret' is refused: it is encrypted; make the zip without a password"));

    let mut unknown = zip_of(&[("a", b"text")]);
    let at = central(&unknown, 0);
    unknown[at + 10] = 12;
    let text = refusal(unknown);
    assert!(text.contains("'a' is refused: its compression") && text.contains("use 'stored' or 'deflate'"), "{text}");
}

#[test]
fn limits_are_named() {
    let files: Vec<(String, Vec<u8>)> = (0..5).map(|i| (format!("f{i}"), vec![i; 100])).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, c)| (n.as_str(), c.as_slice())).collect();
    let bytes = zip_of(&files);
    let check = |limits: PackageLimits| Package::open(Cursor::new(bytes.clone()), &limits).unwrap_err().to_string();
    let limits = PackageLimits::default();
    assert!(
        check(PackageLimits { max_entries: 4, ..limits })
            .starts_with("the number of entries in the zip is 5, above the limit max_entries of 4; leave out")
    );
    assert!(
        check(PackageLimits { max_file_bytes: 99, ..limits })
            .starts_with("the unpacked size of 'f0' is 100 bytes, above the limit max_file_bytes of 99 bytes;")
    );
    assert!(check(PackageLimits { max_unpacked_bytes: 499, ..limits }).starts_with(
        "the unpacked size of the package is 500 bytes, above the limit max_unpacked_bytes of 499 bytes;"
    ));
    let exact = PackageLimits { max_entries: 5, max_file_bytes: 100, max_unpacked_bytes: 500, ..limits };
    Package::open(Cursor::new(bytes.clone()), &exact).unwrap();
}

#[test]
fn a_bomb_is_refused_by_its_ratio() {
    let bomb = zip_of(&[("host.json", b"{}"), ("zeros", &vec![0; 20 << 20])]);
    assert!(bomb.len() < 40_000);
    let text = refusal(bomb);
    assert!(text.starts_with("the compression ratio of 'zeros' is 10"), "{text}");
    assert!(text.contains("above the limit max_ratio of 200 : 1"), "{text}");
    open(zip_of(&[("zeros", &vec![0; 1 << 20])])).unwrap();
}

#[test]
fn many_entries_are_refused_before_they_are_read() {
    /// Counts what is read of a zip that declares 200,000 entries.
    struct Counted(Cursor<Vec<u8>>, std::rc::Rc<std::cell::Cell<usize>>);
    impl Read for Counted {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            let n = self.0.read(buf)?;
            self.1.set(self.1.get() + n);
            Ok(n)
        }
    }
    impl Seek for Counted {
        fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
            self.0.seek(to)
        }
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..200_000 {
        writer
            .start_file(i.to_string(), SimpleFileOptions::default().compression_method(CompressionMethod::Stored))
            .unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    let read = std::rc::Rc::default();
    let counted = Counted(Cursor::new(bytes), std::rc::Rc::clone(&read));
    let text = Package::open(counted, &PackageLimits::default()).err().unwrap().to_string();
    assert!(
        text.starts_with("the number of entries in the zip is 200000, above the limit max_entries of 50000"),
        "{text}"
    );
    assert!(read.get() < 100_000, "{} bytes were read", read.get());
}

#[test]
fn truncated_and_foreign_files_are_refused() {
    let whole = zip_of(&[("host.json", b"{}"), ("a", &[1; 500])]);
    for length in 0..whole.len() {
        let error = open(whole[..length].to_vec()).unwrap_err();
        assert!(!error.is_io() && error.to_string().contains("make it again"), "cut at {length}: {error}");
    }
    for foreign in [&b""[..], b"hello", b"\x1f\x8b\x08 gzip", &[0; 4096], b"PK\x03\x04"] {
        assert!(refusal(foreign.to_vec()).starts_with("the package is not a usable zip file"));
    }
}

#[test]
fn lies_about_size_and_content_are_found_when_reading() {
    let text: Vec<u8> = (0..2000_u32).flat_map(|i| i.to_le_bytes()).collect();
    let good = zip_of(&[("a", &text)]);
    let at = central(&good, 0);
    for (declared, expected) in
        [(10_u32, "larger than its declared|more than the 10 bytes"), (9000, "damaged|less than the 9000 bytes")]
    {
        let mut bytes = good.clone();
        bytes[at + 24..at + 28].copy_from_slice(&declared.to_le_bytes());
        let mut package = open(bytes).unwrap();
        let error = package.read("a").unwrap_err();
        assert!(expected.split('|').any(|part| error.to_string().contains(part)), "{error}");
        assert!(!error.is_io());
        package.verify().unwrap_err();
    }
    let mut bytes = good.clone();
    bytes[at + 16] ^= 0xff;
    let error = open(bytes).unwrap().read("a").unwrap_err();
    assert!(error.to_string().contains("'a' is refused: its content is damaged"), "{error}");
    let mut bytes = good;
    bytes[60] ^= 0xff;
    open(bytes).unwrap().verify().unwrap_err();
}

#[test]
fn entries_that_share_bytes_are_refused() {
    let mut bytes = zip_of(&[("a", &[1; 300]), ("b", &[2; 300])]);
    let second = central(&bytes, 1);
    bytes[second + 42..second + 46].copy_from_slice(&0_u32.to_le_bytes());
    assert!(refusal(bytes).contains("share the same bytes"));
}

#[test]
fn local_settings_are_left_out() {
    let package = open(zip_of(&[("host.json", b"{}"), ("Local.Settings.json", b"{}")])).unwrap();
    assert!(!package.files().contains_key("Local.Settings.json"));
    assert_eq!(package.warnings().len(), 1);
    assert!(package.warnings()[0].contains("'Local.Settings.json' was left out"));
}

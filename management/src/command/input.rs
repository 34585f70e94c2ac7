//! Values that do not stand on the command line, where other users of the machine could see them.

use std::io::{IsTerminal, Read};
use std::path::Path;

use crate::exit::{Failure, Kind};
use crate::output;

/// Largest file that is read.
const MOST: u64 = 1 << 20;

/// A value from a file or, with `-`, from standard input. One line end after it is not part of it.
pub(super) fn value(path: &Path) -> Result<String, Failure> {
    let mut text = text(path)?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

/// The content of a file or, with `-`, of standard input.
pub(super) fn text(path: &Path) -> Result<String, Failure> {
    let standard_input = path == Path::new("-");
    let name = if standard_input { "standard input".to_owned() } else { format!("'{}'", path.display()) };
    let unreadable = |error: std::io::Error| Failure::general(format_args!("{name} can't be read: {error}"));
    let mut bytes = Vec::new();
    if standard_input {
        std::io::stdin().lock().take(MOST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        std::fs::File::open(path).map_err(unreadable)?.take(MOST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if bytes.len() as u64 > MOST {
        return Err(Failure::general(format_args!("{name} is larger than {MOST} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| Failure::general(format_args!("{name} is not UTF-8 text")))
}

/// `NAME=VALUE`, split at the first `=`.
pub(super) fn pair<'a>(text: &'a str, form: &str) -> Result<(&'a str, &'a str), Failure> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name, value)),
        // What was given may be a secret that was meant as a value.
        _ => Err(Failure::new(Kind::Usage, format_args!("each setting must have the form {form}"))),
    }
}

/// Asks whether something is to be deleted, by its name; `yes` when it was said already.
pub(super) fn confirm(name: &str, question: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(Kind::Usage, format_args!("deleting '{name}' needs --yes when nobody can be asked")));
    }
    let answer = output::ask(&format!("{question} Type its name:"))
        .map_err(|error| Failure::general(format_args!("the answer can't be read: {error}")))?;
    if answer == name { Ok(()) } else { Err(Failure::general("nothing was deleted")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_is_no_part_of_a_value() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (content, expected) in [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("", "")] {
            std::fs::write(file.path(), content).unwrap();
            assert_eq!(value(file.path()).unwrap(), expected);
        }
        assert!(value(Path::new("/nowhere")).unwrap_err().to_string().contains("'/nowhere'"));
    }

    #[test]
    fn a_pair_is_split_at_its_first_equals_sign() {
        assert_eq!(pair("A=b=c", "NAME=VALUE").unwrap(), ("A", "b=c"));
        assert_eq!(pair("A=", "NAME=VALUE").unwrap(), ("A", ""));
        let refused = pair("secret", "NAME=VALUE").unwrap_err();
        assert!(!refused.to_string().contains("secret"));
        assert!(pair("=b", "NAME=VALUE").is_err());
    }
}

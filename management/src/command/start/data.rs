//! Where the local state of a folder's app lies: in its `.hearth/`, which is no content of the app, or outside the folder. Elsewhere in the
//! folder the app could read keys and database, and each write would be a changed file.

use std::path::{Path, PathBuf};

use crate::config::data::DataDir;
use crate::exit::Failure;
use crate::role;

/// The data directory within the folder.
const OWN: &str = ".hearth";

/// Makes the data directory, the named one or `.hearth/`; absolute, links resolved. The folder must be so too.
pub(super) fn prepare(named: Option<&Path>, folder: &Path) -> Result<DataDir, Failure> {
    let own = folder.join(OWN);
    let wanted = named.unwrap_or(&own);
    // Before it is made: what is refused leaves nothing behind.
    check(&resolved(wanted), wanted, folder)?;
    role::prepare_data(&DataDir::new(Some(wanted)))?;
    let real = std::fs::canonicalize(wanted)
        .map_err(|error| Failure::configuration(format_args!("'{}' can't be read: {error}", wanted.display())))?;
    check(&real, wanted, folder)?;
    let data = DataDir::new(Some(&real));
    if std::fs::canonicalize(&own).is_ok_and(|own| own == real) {
        ignore(&real)?;
    }
    Ok(data)
}

/// Data directory of whom a command asks: the named one, else where `hearth start` of this folder, or of one above it, keeps its state
/// while it runs, else `HEARTH_DATA`.
pub(in crate::command) fn nearest_data(named: Option<PathBuf>) -> Option<PathBuf> {
    let environment = std::env::var_os("HEARTH_DATA").filter(|value| !value.is_empty()).map(PathBuf::from);
    // A flag may have its value from there.
    named.filter(|named| Some(named) != environment.as_ref()).or_else(running_here).or(environment)
}

/// Whether `hearth start` keeps its state in this directory.
pub(in crate::command) fn is_of_start(data: &Path) -> bool {
    data.file_name().is_some_and(|name| name == OWN)
}

fn running_here() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let found = here.ancestors().map(|folder| folder.join(OWN));
    found.into_iter().find(|data| DataDir::new(Some(data)).profile().exists())
}

fn check(real: &Path, wanted: &Path, folder: &Path) -> Result<(), Failure> {
    if real.starts_with(folder) && real != folder.join(OWN) {
        return Err(Failure::configuration(format_args!(
            "--data: '{}' is inside the folder of the app, whose functions could read the keys in it; leave the flag out to use '{OWN}' \
             there, or name a directory outside '{}'",
            wanted.display(),
            folder.display()
        )));
    }
    Ok(())
}

/// The path with the links in it resolved, as far as it exists.
fn resolved(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let real = path.ancestors().find_map(|above| {
        let real = std::fs::canonicalize(above).ok()?;
        Some(real.join(path.strip_prefix(above).ok()?))
    });
    real.unwrap_or_else(|| path.clone())
}

/// Keeps the data out of version control, whatever the project's own rules say.
fn ignore(data: &Path) -> Result<(), Failure> {
    let file = data.join(".gitignore");
    if file.exists() {
        return Ok(());
    }
    std::fs::write(&file, "*\n")
        .map_err(|error| Failure::general(format_args!("'{}' can't be written: {error}", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_is_where_functions_cannot_read_it() {
        let root = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(root.path()).unwrap();
        let folder = root.join("app");
        std::fs::create_dir(&folder).unwrap();
        for inside in ["app", "app/state", "app/.hearth/state", "app/src/../state"] {
            let refused = prepare(Some(&root.join(inside)), &folder).unwrap_err().to_string();
            assert!(refused.contains("--data") && refused.contains("outside"), "{inside}: {refused}");
        }
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "what is refused leaves nothing behind");
        let beside = prepare(Some(&root.join("state")), &folder).unwrap();
        assert_eq!(beside.path(), root.join("state"));
        assert!(!root.join("state/.gitignore").exists());
        let own = prepare(Some(&folder.join("./.hearth")), &folder).unwrap();
        assert_eq!(own.path(), folder.join(".hearth"));
        assert_eq!(std::fs::read_to_string(folder.join(".hearth/.gitignore")).unwrap(), "*\n");
    }
}

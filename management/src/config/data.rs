//! The data directory of a machine: where it is by default and what lies in it.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::settings::MANAGEMENT_PORT;
use crate::platform;

/// Files of one data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DataDir(PathBuf);

impl DataDir {
    /// The named directory, else the default one.
    pub(crate) fn new(named: Option<&Path>) -> Self {
        match named {
            Some(path) => Self(path.to_owned()),
            None => Self(default_directory(platform::is_superuser(), |name| std::env::var_os(name).map(PathBuf::from))),
        }
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Host state on SQLite.
    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("state.db")
    }

    /// The installation key.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.0.join("installation.key")
    }

    /// What a worker keeps of having joined with a one-time token.
    pub(crate) fn member_file(&self) -> PathBuf {
        self.0.join("member.json")
    }

    /// Held by the one `hearth up` that owns the directory.
    pub(crate) fn lock_file(&self) -> PathBuf {
        self.0.join("up.lock")
    }

    /// Management URL and admin key for client commands of the same user.
    pub(crate) fn profile(&self) -> PathBuf {
        self.0.join("profile.json")
    }

    /// Packages and compiled code; may be deleted while nothing runs.
    pub(crate) fn cache(&self) -> PathBuf {
        self.0.join("cache")
    }

    /// Uploads while they arrive.
    pub(crate) fn spool(&self) -> PathBuf {
        self.0.join("spool")
    }

    /// Sockets of running processes.
    pub(crate) fn run(&self) -> PathBuf {
        self.0.join("run")
    }
}

/// Where this user's programs keep what can be made again: a directory of Hearth's own, for projects to share; `None` without a home.
pub(crate) fn user_cache() -> Option<PathBuf> {
    cache_directory(|name| std::env::var_os(name).map(PathBuf::from))
}

fn cache_directory(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let base = variable("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    let base = base.or_else(|| variable("HOME").or_else(|| variable("USERPROFILE")).map(|home| home.join(".cache")));
    Some(base?.join("hearth"))
}

fn default_directory(superuser: bool, variable: impl Fn(&str) -> Option<PathBuf>) -> PathBuf {
    if superuser {
        return PathBuf::from("/var/lib/hearth");
    }
    // The XDG specification: a relative path is to be ignored.
    let base = variable("XDG_DATA_HOME").filter(|path| path.is_absolute());
    let base =
        base.or_else(|| variable("HOME").or_else(|| variable("USERPROFILE")).map(|home| home.join(".local/share")));
    base.unwrap_or_else(|| PathBuf::from(".")).join("hearth")
}

/// The value in force for a setting whose default depends on the machine or on another setting.
pub(crate) fn derived_default(name: &str, matches: &ArgMatches) -> Option<String> {
    let named = matches.try_get_one::<PathBuf>("data").ok().flatten();
    let data = DataDir::new(named.map(PathBuf::as_path));
    match name {
        "data" => Some(data.path().display().to_string()),
        "state" => Some(format!("sqlite:{}", data.database().display())),
        "key-file" => Some(data.key_file().display().to_string()),
        "name" => Some(platform::host_name()),
        "management" => Some(format!("http://127.0.0.1:{MANAGEMENT_PORT}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_of_a_user_follows_the_environment() {
        let home = |name: &str| (name == "HOME").then(|| PathBuf::from("/home/ada"));
        assert_eq!(cache_directory(home), Some(PathBuf::from("/home/ada/.cache/hearth")));
        let xdg = |name: &str| if name == "XDG_CACHE_HOME" { Some(PathBuf::from("/cache")) } else { home(name) };
        assert_eq!(cache_directory(xdg), Some(PathBuf::from("/cache/hearth")));
        assert_eq!(cache_directory(|_| None), None);
    }

    #[test]
    fn the_default_directory_follows_user_and_environment() {
        let home = |name: &str| (name == "HOME").then(|| PathBuf::from("/home/ada"));
        assert_eq!(default_directory(true, home), PathBuf::from("/var/lib/hearth"));
        assert_eq!(default_directory(false, home), PathBuf::from("/home/ada/.local/share/hearth"));
        let xdg = |name: &str| match name {
            "XDG_DATA_HOME" => Some(PathBuf::from("/data")),
            _ => home(name),
        };
        assert_eq!(default_directory(false, xdg), PathBuf::from("/data/hearth"));
        let relative = |name: &str| match name {
            "XDG_DATA_HOME" => Some(PathBuf::from("data")),
            _ => home(name),
        };
        assert_eq!(default_directory(false, relative), PathBuf::from("/home/ada/.local/share/hearth"));
    }
}

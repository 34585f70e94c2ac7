//! Which environment variables a cargo started by xtask may see. `cargo run` leaves variables behind that describe
//! xtask and its toolchain; a compiler of another toolchain that reads them builds the wrong thing or does not start.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;

/// How much is taken away from a child cargo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scrub {
    /// Only what `cargo run` set for xtask: the user's own flags keep working for native builds.
    Caller,
    /// Also every flag, wrapper and profile setting: guests are the same for everybody. The chosen rustup toolchain stays.
    BuildSettings,
    /// Also the rustup toolchain: for a compiler that is not rustup's.
    Toolchain,
}

/// Removes from `command` what its cargo must not inherit.
pub(crate) fn scrub(command: &mut Command, scrub: Scrub) {
    for (name, value) in std::env::vars_os() {
        if name == "LD_LIBRARY_PATH" {
            match library_path(&value) {
                Some(kept) => command.env(&name, kept),
                None => command.env_remove(&name),
            };
        } else if name.to_str().is_some_and(|name| leaks(name, scrub)) {
            command.env_remove(&name);
        }
    }
}

/// Whether the variable must be removed at this level.
fn leaks(name: &str, scrub: Scrub) -> bool {
    const CALLER: [&str; 5] = ["CARGO", "CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "OUT_DIR", "RUST_RECURSION_COUNT"];
    const CALLER_PREFIXES: [&str; 5] = ["CARGO_PKG_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_CFG_", "DEP_"];
    const SETTINGS: [&str; 14] = [
        "CARGO_ENCODED_RUSTDOCFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_INCREMENTAL",
        "CARGO_PRIMARY_PACKAGE",
        "DEBUG",
        "HOST",
        "OPT_LEVEL",
        "PROFILE",
        "RUSTC",
        "RUSTC_BOOTSTRAP",
        "RUSTC_LINKER",
        "RUSTDOC",
        "RUSTFLAGS",
        "TARGET",
    ];
    const SETTING_PREFIXES: [&str; 7] =
        ["CARGO_BUILD_", "CARGO_PROFILE_", "CARGO_TARGET_", "CARGO_UNSTABLE_", "CFLAGS", "RUSTC_W", "RUSTDOCFLAGS"];
    // These say how loud, how parallel and from where, never what is built.
    const HARMLESS: [&str; 1] = ["CARGO_BUILD_JOBS"];

    if HARMLESS.contains(&name) {
        return false;
    }
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    let caller = CALLER.contains(&name) || starts(&CALLER_PREFIXES);
    let settings = SETTINGS.contains(&name) || starts(&SETTING_PREFIXES);
    let toolchain = name == "RUSTUP_TOOLCHAIN";
    match scrub {
        Scrub::Caller => caller,
        Scrub::BuildSettings => caller || settings,
        Scrub::Toolchain => caller || settings || toolchain,
    }
}

/// The user's part of LD_LIBRARY_PATH: without the folders that `cargo run` put in front (target folder, rustup sysroot).
fn library_path(value: &OsStr) -> Option<OsString> {
    let ours = |path: &Path| {
        path.components().any(|part| ["toolchains", "rustlib", "deps"].iter().any(|name| part.as_os_str() == *name))
            || path.ends_with("target/debug")
            || path.ends_with("target/release")
    };
    let kept: Vec<_> =
        std::env::split_paths(value).filter(|path| !path.as_os_str().is_empty() && !ours(path)).collect();
    if kept.is_empty() { None } else { std::env::join_paths(kept).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_run_set_never_leaks() {
        for name in
            ["CARGO", "CARGO_MANIFEST_DIR", "CARGO_PKG_VERSION", "CARGO_PKG_NAME", "DEP_SQLITE3_INCLUDE", "OUT_DIR"]
        {
            for level in [Scrub::Caller, Scrub::BuildSettings, Scrub::Toolchain] {
                assert!(leaks(name, level), "{name} leaks at {level:?}");
            }
        }
    }

    #[test]
    fn native_builds_keep_the_users_flags_and_guests_do_not() {
        for name in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "RUSTC",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTDOCFLAGS",
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS",
            "CARGO_PROFILE_RELEASE_LTO",
            "CFLAGS",
        ] {
            assert!(!leaks(name, Scrub::Caller), "{name} is the user's");
            assert!(leaks(name, Scrub::BuildSettings), "{name} leaks into guests");
        }
    }

    #[test]
    fn the_rustup_choice_stays_for_rustup_only() {
        assert!(!leaks("RUSTUP_TOOLCHAIN", Scrub::BuildSettings));
        assert!(leaks("RUSTUP_TOOLCHAIN", Scrub::Toolchain));
    }

    #[test]
    fn where_crates_come_from_is_never_touched() {
        for name in [
            "CARGO_HOME",
            "CARGO_HTTP_PROXY",
            "CARGO_NET_OFFLINE",
            "CARGO_TERM_COLOR",
            "CARGO_BUILD_JOBS",
            "PATH",
            "HOME",
        ] {
            assert!(!leaks(name, Scrub::Toolchain), "{name} is needed");
        }
    }

    #[test]
    fn the_library_path_keeps_only_the_users_entries() {
        let set = |text: &str| library_path(OsStr::new(text)).map(|kept| kept.to_string_lossy().into_owned());
        assert_eq!(set("/src/target/debug/deps:/home/dev/.rustup/toolchains/stable/lib:/src/target/debug"), None);
        assert_eq!(set("/src/target/debug/deps:/opt/oracle/lib").as_deref(), Some("/opt/oracle/lib"));
    }
}

//! Group commit against one-row commits, on the disk that holds target/: the example of `hearth-state`, in release.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::process;
use crate::workspace::Workspace;

/// Rows per second that are on disk when their caller is told so.
#[derive(Clone, Debug)]
pub(super) struct GroupCommit {
    /// The example's own table.
    pub(super) table: String,
    /// How many times as many rows 64 callers get through as one transaction for each row does.
    pub(super) gain: f64,
}

/// Builds the example with the dependencies of the release build.
pub(super) fn build(workspace: &Workspace) -> anyhow::Result<()> {
    let mut build = workspace.cargo();
    build.args(["build", "--release", "-p", "hearth", "-p", "hearth-state", "--example", "group_commit"]);
    process::run(&mut build)
}

/// Runs the example on files in `folder`.
pub(super) fn measure(workspace: &Workspace, folder: &Path) -> anyhow::Result<GroupCommit> {
    let mut example = Command::new(workspace.target().join("release/examples/group_commit"));
    let table = process::read(example.arg(folder))?;
    let gain = gain(&table).context("cannot understand the table of the example group_commit")?;
    Ok(GroupCommit { table: table.trim_end().to_owned(), gain })
}

/// The last column of the last row.
fn gain(table: &str) -> Option<f64> {
    table.trim_end().lines().last()?.trim_end_matches('|').rsplit_once('|')?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gain_is_the_last_cell() {
        assert_eq!(gain("| one | 10 | 1.0 |\n| 64 callers |  280 |  28.5 |\n"), Some(28.5));
        assert_eq!(gain("no table"), None);
    }
}

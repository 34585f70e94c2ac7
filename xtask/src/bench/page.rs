//! docs/benchmarks.md: each area's figures stand between markers of its own; what stands around them is written by people.

use std::fs;

use anyhow::Context as _;

use crate::output::step;
use crate::workspace::Workspace;

const FILE: &str = "docs/benchmarks.md";

/// Puts the figures of `cargo xtask bench AREA` in their place.
///
/// # Errors
/// When the page or its markers are not there.
pub(super) fn write(workspace: &Workspace, area: &str, text: &str) -> anyhow::Result<()> {
    let file = workspace.root().join(FILE);
    let page = fs::read_to_string(&file).with_context(|| format!("cannot read {FILE}"))?;
    let page = replaced(&page, area, text)
        .with_context(|| format!("{FILE} has lost the marker '{}' or its end", marker(area, "begin")))?;
    fs::write(&file, page).with_context(|| format!("cannot write {FILE}"))?;
    step(format_args!("{FILE} is up to date"));
    Ok(())
}

fn marker(area: &str, which: &str) -> String {
    format!("<!-- made by `cargo xtask bench {area} --write`: {which} -->")
}

/// The page with `text` between the area's markers.
fn replaced(page: &str, area: &str, text: &str) -> Option<String> {
    let (begin, end) = (marker(area, "begin"), marker(area, "end"));
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n\n{}\n\n{end}{after}", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_of_the_area_changes() {
        let area = |name: &str, text: &str| format!("{}\n{text}\n{}\n", marker(name, "begin"), marker(name, "end"));
        let page = format!("before\n{}between\n{}after\n", area("http", "one"), area("js", "two"));
        let new = replaced(&page, "js", "\nnew\n").unwrap();
        assert_eq!(new, format!("before\n{}between\n{}after\n", area("http", "one"), area("js", "\nnew\n")));
        assert_eq!(replaced(&new, "js", "new").unwrap(), new);
        assert_eq!(replaced("a page without markers", "js", "new"), None);
    }
}

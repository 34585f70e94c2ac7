//! Which files of a directory stay out of its package: what `.funcignore` names (gitignore syntax), and always the files
//! that hold secrets or belong to the tools (azure-functions reference, sections 1.4 and 8.4).

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::exit::Failure;

/// Never packed, in any directory, whatever `.funcignore` says. Compared without regard to case.
const NEVER: [&str; 6] = ["local.settings.json", ".funcignore", ".gitignore", ".git", ".vscode", ".hearth"];

/// The rules of one directory.
pub(super) struct Ignored(Gitignore);

impl Ignored {
    /// Reads `.funcignore` in `root`, if there is one.
    pub(super) fn of(root: &Path) -> Result<Self, Failure> {
        let file = root.join(".funcignore");
        let mut builder = GitignoreBuilder::new(root);
        let wrong = |error: ignore::Error| Failure::general(format_args!("'{}': {error}", file.display()));
        if file.is_file()
            && let Some(error) = builder.add(&file)
        {
            return Err(wrong(error));
        }
        builder.build().map(Self).map_err(wrong)
    }

    /// Whether `path`, below the root and with no ignored parent, stays out.
    pub(super) fn is_ignored(&self, path: &Path, is_dir: bool) -> bool {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        NEVER.iter().any(|never| name.eq_ignore_ascii_case(never)) || self.0.matched(path, is_dir).is_ignore()
    }
}

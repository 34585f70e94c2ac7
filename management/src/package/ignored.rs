//! Which files of a directory stay out of its package: what `.funcignore` names (gitignore syntax), and always the files
//! that hold secrets or belong to the tools (azure-functions reference, sections 1.4 and 8.4).

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::exit::Failure;

/// Never packed, in any directory, whatever `.funcignore` says. Compared without regard to case.
const NEVER: [&str; 6] = ["local.settings.json", ".funcignore", ".gitignore", ".git", ".vscode", ".hearth"];

/// The rules of one directory.
pub(super) struct Ignored {
    rules: Gitignore,
    /// Whether node_modules stays out as well.
    modules: bool,
}

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
        let rules = builder.build().map_err(wrong)?;
        Ok(Self { rules, modules: false })
    }

    /// With node_modules left out, wherever it is.
    pub(super) fn without_modules(self) -> Self {
        Self { modules: true, ..self }
    }

    /// Whether `path`, below the root and with no ignored parent, stays out.
    pub(super) fn is_ignored(&self, path: &Path, is_dir: bool) -> bool {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        NEVER.iter().any(|never| name.eq_ignore_ascii_case(never))
            || (self.modules && is_dir && name == "node_modules")
            || self.rules.matched(path, is_dir).is_ignore()
    }
}

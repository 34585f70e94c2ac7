//! What a check answers.

use std::collections::BTreeSet;

use serde::Serialize;

use super::NeededSetting;
use crate::index::AuthLevel;
use crate::package::PackageError;

/// The answer for one package.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// What the package was made for, for example `WebAssembly` or `.NET`; `None` if that can't be told.
    pub kind: Option<String>,
    /// Number of files in the package.
    pub files: usize,
    /// Why nothing of the package runs, if that is so.
    pub refused: Option<Problem>,
    /// The functions by name, ignoring case.
    pub functions: Vec<FunctionReport>,
    /// The component or the scripts whose code tells the functions, which are only known where it is loaded.
    pub in_code: Vec<String>,
    /// About the app as a whole.
    pub findings: Vec<Finding>,
    /// The settings that its functions ask for.
    pub settings: Vec<NeededSetting>,
}

impl Report {
    /// Of a zip that can't be opened as a package.
    pub fn refused(error: &PackageError) -> Self {
        Self { refused: Some(Problem { why: error.to_string(), change: None }), ..Self::default() }
    }

    /// Whether everything in the package runs.
    pub fn all_runs(&self) -> bool {
        self.refused.is_none() && self.functions.iter().all(FunctionReport::runs)
    }

    /// The files of some kind, told by their paths, that functions are run from.
    pub(super) fn files_that_run(&self, is_such: fn(&str) -> bool) -> BTreeSet<String> {
        let of_functions = self.functions.iter().filter_map(|function| function.component.as_ref());
        of_functions.chain(&self.in_code).filter(|path| is_such(path)).cloned().collect()
    }

    /// As JSON: the fields in camel case, and `runs` for the whole and for each function.
    pub fn to_json(&self) -> serde_json::Value {
        let mut json = serde_json::to_value(self).unwrap_or_default();
        json["runs"] = self.all_runs().into();
        for (i, function) in self.functions.iter().enumerate() {
            json["functions"][i]["runs"] = function.runs().into();
        }
        json
    }

    /// How many functions run.
    pub fn running(&self) -> usize {
        self.functions.iter().filter(|function| function.runs()).count()
    }
}

/// One function.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionReport {
    /// Its name as written.
    pub name: String,
    /// Type of its trigger, if it names one.
    pub trigger: Option<String>,
    /// Where it is called, prefix included, for example `/api/items/{id}`.
    pub route: Option<String>,
    /// Methods that reach it; empty for all.
    pub methods: Vec<String>,
    /// Who may call it.
    #[serde(serialize_with = "level")]
    pub auth_level: Option<AuthLevel>,
    /// Path in the package of its component or script.
    pub component: Option<String>,
    /// Whether a setting switches it off.
    pub disabled: bool,
    /// Why it does not run; empty if it does.
    pub problems: Vec<Problem>,
    /// What is worth knowing though it stops nothing.
    pub notes: Vec<String>,
}

impl FunctionReport {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            trigger: None,
            route: None,
            methods: Vec::new(),
            auth_level: None,
            component: None,
            disabled: false,
            problems: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Whether it runs here; a function that a setting switches off does, once it is switched on.
    pub fn runs(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Why something does not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What is wrong, with its place.
    pub why: String,
    /// What to do about it, where the reason does not say.
    pub change: Option<String>,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The app may behave otherwise than it did.
    Warning,
    /// Good to know.
    Note,
}

/// Something about the app as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// What was found, and what to do.
    pub text: String,
}

impl Finding {
    pub(super) fn warning(text: impl Into<String>) -> Self {
        Self { level: Level::Warning, text: text.into() }
    }

    pub(super) fn note(text: impl Into<String>) -> Self {
        Self { level: Level::Note, text: text.into() }
    }
}

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn level<S: serde::Serializer>(level: &Option<AuthLevel>, serializer: S) -> Result<S::Ok, S::Error> {
    level.map(AuthLevel::as_str).serialize(serializer)
}

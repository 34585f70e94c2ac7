//! What a test says of itself: the YAML between `/*---` and `---*/`, as far as a runner needs it.

/// See INTERPRETING.md of test262.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) includes: Vec<String>,
    pub(crate) flags: Vec<String>,
    pub(crate) features: Vec<String>,
    /// Name of the error that has to be thrown.
    pub(crate) negative: Option<String>,
}

impl Metadata {
    /// `None` when the file holds none.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once("/*---")?;
        let (yaml, _) = rest.split_once("---*/")?;
        let mut metadata = Self::default();
        let mut key = "";
        for line in yaml.split(['\n', '\r']) {
            if let Some((name, value)) = line.split_once(':').filter(|_| !line.starts_with([' ', '-', '#'])) {
                key = name.trim();
                let list = value.trim().strip_prefix('[').and_then(|list| list.strip_suffix(']'));
                let values = list.unwrap_or_default().split(',').map(str::trim).filter(|value| !value.is_empty());
                values.for_each(|value| metadata.add(key, value));
            } else if let Some(value) = line.trim().strip_prefix("- ") {
                metadata.add(key, value.trim());
            } else if key == "negative"
                && let Some(name) = line.trim().strip_prefix("type:")
            {
                metadata.negative = Some(name.trim().to_owned());
            }
        }
        Some(metadata)
    }

    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|one| one == flag)
    }

    fn add(&mut self, key: &str, value: &str) {
        let list = match key {
            "includes" => &mut self.includes,
            "flags" => &mut self.flags,
            "features" => &mut self.features,
            _ => return,
        };
        list.push(value.to_owned());
    }
}

#[test]
fn both_forms_of_lists_and_the_expected_error_are_read() {
    let text = "// c\n/*---\ndescription: |\n  flags: of no use\n  - neither\nflags: [module, async]\nnegative:\n  phase: parse\n  \
                type: SyntaxError\nincludes:\n  - a.js\n  - b.js\nfeatures: [x]\n---*/\n";
    let metadata = Metadata::of(text).unwrap();
    assert!(metadata.has("module") && metadata.has("async") && metadata.flags.len() == 2, "{metadata:?}");
    assert_eq!(metadata.includes, ["a.js", "b.js"]);
    assert_eq!((metadata.features, metadata.negative), (vec!["x".to_owned()], Some("SyntaxError".to_owned())));
    assert_eq!(Metadata::of("no metadata"), None);
}

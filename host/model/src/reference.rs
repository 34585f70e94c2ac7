//! References in app settings: values that stand for something that is kept elsewhere (reference: section 1.5).
//!
//! One is known, `@file:/…` for a secret that is mounted as a file. Those of Azure's own stores are refused by name: a function would
//! otherwise be handed the reference as if it were the secret.

/// What the value of a setting stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference<'a> {
    /// Itself.
    None,
    /// The content of a file; the path is absolute and contains no `..`.
    File(&'a str),
}

/// Why a value can't be used. The text is public and does not repeat the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidReference {
    /// It refers to a store of Azure's.
    Foreign(String),
    /// It refers to a file, but not by a path that can be meant.
    Path(String),
}

impl std::fmt::Display for InvalidReference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Foreign(text) | Self::Path(text)) = self;
        f.write_str(text)
    }
}

/// Begins a reference to a file.
const FILE: &str = "@file:";
/// Beginnings of references that Azure resolves, and what they lead to.
const FOREIGN: [(&str, &str); 2] =
    [("@Microsoft.KeyVault(", "Azure Key Vault"), ("@Microsoft.AppConfiguration(", "Azure App Configuration")];

/// Tells what a value stands for. A reference is the whole value, without spaces around it.
pub fn reference(value: &str) -> Result<Reference<'_>, InvalidReference> {
    if let Some((_, store)) = FOREIGN.iter().find(|(prefix, _)| begins(value, prefix)) {
        return Err(InvalidReference::Foreign(format!(
            "its value is a reference to {store}, which is not asked here; set the secret itself (it is kept encrypted), or put it into a \
             file on every worker and set @file:/run/secrets/NAME"
        )));
    }
    if !begins(value, FILE) {
        return Ok(Reference::None);
    }
    let path = &value[FILE.len()..];
    let plain = path.starts_with('/') && !path.split('/').any(|part| part == "..") && !path.contains('\0');
    if !plain || path.ends_with('/') {
        let text = "its value must name a file by its full path, for example @file:/run/secrets/NAME";
        return Err(InvalidReference::Path(text.to_owned()));
    }
    Ok(Reference::File(path))
}

fn begins(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_themselves_unless_they_refer_to_a_file() {
        for text in
            ["", "hello", "@", "@file", "file:/run/secrets/a", "me@file:/a", " @file:/a", "@Microsoft", "ü@file:/x"]
        {
            assert_eq!(reference(text), Ok(Reference::None), "{text}");
        }
        assert_eq!(reference("@file:/run/secrets/db"), Ok(Reference::File("/run/secrets/db")));
        assert_eq!(reference("@File:/run/secrets/a b"), Ok(Reference::File("/run/secrets/a b")));
        for text in
            ["@file:", "@file:db", "@file:./db", "@file:/run/../etc/passwd", "@file:/run/secrets/", "@file:/a\0"]
        {
            assert!(matches!(reference(text), Err(InvalidReference::Path(_))), "{text}");
        }
    }

    #[test]
    fn references_to_azures_stores_are_refused_by_name_and_not_repeated() {
        let text = |value: &str| match reference(value) {
            Err(InvalidReference::Foreign(text)) => text,
            other => panic!("{value}: {other:?}"),
        };
        let vault = text("@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/db)");
        assert!(
            vault.contains("Key Vault") && vault.contains("@file:/run/secrets/") && !vault.contains("vault.example")
        );
        assert!(text("@microsoft.keyvault(VaultName=a;SecretName=b)").contains("Key Vault"));
        assert!(text("@Microsoft.AppConfiguration(Endpoint=a)").contains("App Configuration"));
    }
}

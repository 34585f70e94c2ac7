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

/// Begins a reference to a file.
const FILE: &str = "@file:";
/// Beginnings of references that Azure resolves, and what they lead to.
const FOREIGN: [(&str, &str); 2] =
    [("@Microsoft.KeyVault(", "Azure Key Vault"), ("@Microsoft.AppConfiguration(", "Azure App Configuration")];

/// Tells what a value stands for. The error is public text that does not repeat the value.
pub fn reference(value: &str) -> Result<Reference<'_>, String> {
    let trimmed = value.trim();
    if let Some((_, store)) = FOREIGN.iter().find(|(prefix, _)| begins(trimmed, prefix)) {
        return Err(format!(
            "its value is a reference to {store}, which Hearth does not resolve; set the secret itself (it is kept encrypted), or mount it as a file \
             and set @file:/run/secrets/NAME"
        ));
    }
    if !begins(trimmed, FILE) {
        return Ok(Reference::None);
    }
    let path = &trimmed[FILE.len()..];
    let plain = path.starts_with('/') && !path.split('/').any(|part| part == "..") && !path.contains('\0');
    if !plain || path.ends_with('/') {
        return Err("its value must name a file by its absolute path, for example @file:/run/secrets/NAME".to_owned());
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
        for text in ["", "hello", "@", "@file", "file:/run/secrets/a", "me@file:/a", "@Microsoft", "ü@file:/x"] {
            assert_eq!(reference(text), Ok(Reference::None), "{text}");
        }
        assert_eq!(reference("@file:/run/secrets/db"), Ok(Reference::File("/run/secrets/db")));
        assert_eq!(reference(" @File:/run/secrets/a b\n"), Ok(Reference::File("/run/secrets/a b")));
        for text in
            ["@file:", "@file:db", "@file:./db", "@file:/run/../etc/passwd", "@file:/run/secrets/", "@file:/a\0"]
        {
            assert!(reference(text).unwrap_err().contains("absolute path"), "{text}");
        }
    }

    #[test]
    fn references_to_azures_stores_are_refused_by_name_and_not_repeated() {
        let vault = reference("@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/db)").unwrap_err();
        assert!(
            vault.contains("Key Vault") && vault.contains("@file:/run/secrets/") && !vault.contains("vault.example")
        );
        assert!(reference(" @microsoft.keyvault(VaultName=a;SecretName=b)").is_err());
        assert!(reference("@Microsoft.AppConfiguration(Endpoint=a)").unwrap_err().contains("App Configuration"));
    }
}

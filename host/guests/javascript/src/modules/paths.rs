//! Paths as scripts see them and as the host knows them.

/// Where scripts believe that their package lies; Azure's place. Errors that people read have paths relative to it.
pub(crate) const ROOT: &str = "/home/site/wwwroot";

/// The path that a script sees for a path of the package.
pub(crate) fn absolute(path: &str) -> String {
    if path.is_empty() { ROOT.to_owned() } else { format!("{ROOT}/{path}") }
}

/// The path of the package that a script means; `None` when it lies outside.
pub(crate) fn relative(path: &str) -> Option<&str> {
    match path.strip_prefix(ROOT)? {
        "" => Some(""),
        rest => rest.strip_prefix('/'),
    }
}

/// The folder that holds a path; the empty path is the root.
pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Joins and takes `.` and `..` out; `None` when it leads out of the package.
pub(crate) fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside_the_package() {
        assert_eq!(join("a/b", "../c.js").as_deref(), Some("a/c.js"));
        assert_eq!(join("", "./x").as_deref(), Some("x"));
        assert_eq!(join("a", ".."), Some(String::new()));
        assert_eq!(join("a", "../../x"), None);
        assert_eq!(relative(&absolute("a/b.js")), Some("a/b.js"));
        assert_eq!(relative("/home/site/wwwroot2/a"), None);
    }
}

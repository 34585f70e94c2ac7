//! The settings of an app under development: local.settings.json, and over it the environment of `hearth start` (reference: Azure
//! Functions, section 1.4).

use std::io::ErrorKind;

use hearth_model::local_settings::{FILE_NAME, LocalSettings};

use super::DevelopmentOptions;

const CORS_ORIGINS: &str = "CORS_ALLOWED_ORIGINS";
const CORS_CREDENTIALS: &str = "CORS_SUPPORT_CREDENTIALS";
/// The list of functions in host.json, as a setting that overrides it.
const FUNCTIONS: &str = "AzureFunctionsJobHost__functions";

/// What the file and the environment say at one moment.
#[derive(Default)]
pub(crate) struct Local {
    /// Names and values, the later before the earlier of the same name.
    pub(crate) settings: Vec<(String, String)>,
    /// What stops nothing. Names settings, never values.
    pub(crate) warnings: Vec<String>,
}

impl Local {
    /// Reads the file; without one there is the environment alone.
    pub(super) fn read(options: &DevelopmentOptions) -> Result<Self, String> {
        let file = match std::fs::read(options.folder.join(FILE_NAME)) {
            Ok(bytes) => LocalSettings::parse(FILE_NAME, &bytes).map_err(|error| error.to_string())?,
            Err(error) if error.kind() == ErrorKind::NotFound => LocalSettings::default(),
            Err(error) => return Err(format!("{FILE_NAME} can't be read: {error}")),
        };
        Ok(Self::of(file, options))
    }

    fn of(file: LocalSettings, options: &DevelopmentOptions) -> Self {
        let LocalSettings { mut settings, host, mut warnings } = file;
        for (name, value) in &options.environment {
            if settings.get(name).is_some_and(|own| own != value) {
                warnings.push(format!(
                    "{FILE_NAME}: '{name}' is not used: the environment has a value for it, which counts"
                ));
            }
            settings.insert(name, value);
        }
        let (origins, credentials) = match &options.cors {
            Some(origins) => (origins.clone(), options.cors_credentials),
            None => (host.cors, options.cors_credentials || host.cors_credentials),
        };
        if !origins.is_empty() {
            settings.insert(CORS_ORIGINS, serde_json::Value::from(origins).to_string());
            settings.insert(CORS_CREDENTIALS, credentials.to_string());
        }
        for (at, name) in options.functions.iter().enumerate() {
            settings.insert(format!("{FUNCTIONS}__{at}"), name);
        }
        let settings = settings.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { settings, warnings }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hearth_model::host_json::HostJson;
    use hearth_model::ids::{AppName, DeploymentId};
    use hearth_model::settings::Settings;

    use super::*;

    fn options(folder: &std::path::Path) -> DevelopmentOptions {
        DevelopmentOptions {
            app: AppName::parse("shop").unwrap(),
            deployment: DeploymentId::parse("00000000-0000-7000-8000-000000000001").unwrap(),
            folder: folder.to_owned(),
            functions: Vec::new(),
            cors: None,
            cors_credentials: false,
            check_keys: false,
            environment: Vec::new(),
            tell: Arc::new(|_| {}),
        }
    }

    fn settings(local: &Local) -> Settings {
        local.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    #[test]
    fn the_environment_wins_and_a_value_that_is_not_used_is_told_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let text = r#"{ "Values": { "Mode": "file", "Same": "1", "Own": "x" }, "Host": { "CORS": "https://a.test", "CORSCredentials": true } }"#;
        std::fs::write(folder.path().join(FILE_NAME), text).unwrap();
        let mut options = options(folder.path());
        options.environment = [("MODE", "environment"), ("Same", "1"), ("PATH", "/bin")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        let local = Local::read(&options).unwrap();
        let read = settings(&local);
        assert_eq!(read.get("Mode"), Some("environment"));
        assert_eq!((read.get("Own"), read.get("PATH")), (Some("x"), Some("/bin")));
        assert_eq!(read.get(CORS_ORIGINS), Some(r#"["https://a.test"]"#));
        assert_eq!(read.get(CORS_CREDENTIALS), Some("true"));
        assert_eq!(local.warnings.len(), 1, "{:?}", local.warnings);
        assert!(
            local.warnings[0].contains("'MODE'") && !local.warnings[0].contains("environment has a value for it: ")
        );

        options.cors = Some(vec!["*".to_owned()]);
        let local = Local::read(&options).unwrap();
        assert_eq!(settings(&local).get(CORS_ORIGINS), Some(r#"["*"]"#), "the command line wins");
        assert_eq!(settings(&local).get(CORS_CREDENTIALS), Some("false"));
    }

    #[test]
    fn a_file_that_is_missing_is_none_and_one_that_is_encrypted_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Local::read(&options(folder.path())).unwrap().settings.is_empty());
        std::fs::write(folder.path().join(FILE_NAME), r#"{ "IsEncrypted": true, "Values": { "A": "x" } }"#).unwrap();
        let error = Local::read(&options(folder.path())).err().unwrap();
        assert!(error.contains("func settings decrypt"), "{error}");
    }

    #[test]
    fn the_functions_to_load_are_put_over_host_json() {
        let mut options = options(std::path::Path::new("/nowhere"));
        options.functions = vec!["Hello".to_owned(), "Bye".to_owned()];
        let local = Local::read(&options).unwrap();
        let host = HostJson::parse(br#"{ "version": "2.0" }"#, &settings(&local)).unwrap();
        assert!(host.allows("hello") && host.allows("Bye") && !host.allows("Other"), "{:?}", host.functions);
        assert!(host.warnings.is_empty(), "{:?}", host.warnings);
    }
}

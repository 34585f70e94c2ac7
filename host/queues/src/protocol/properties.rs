//! Properties of the service and its statistics in XML (REST reference: Queue Service Properties, Queue Service Stats).
//!
//! Logging and metrics are kept and given back; they switch nothing on here. CORS rules take effect.

use hearth_model::clock::Timestamp;

use super::error::{ErrorCode, ProtocolError};
use super::xml::{self, Element, Writer};
use super::{http_date, limits};

/// What of requests is to be logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logging {
    /// Requests that delete.
    pub delete: bool,
    /// Requests that read.
    pub read: bool,
    /// Requests that write.
    pub write: bool,
    /// For how many days; none for ever.
    pub retention_days: Option<u32>,
}

/// What is to be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// Whether anything is.
    pub enabled: bool,
    /// Whether by operation.
    pub include_apis: Option<bool>,
    /// For how many days; none for ever.
    pub retention_days: Option<u32>,
}

/// Which scripts of web pages may call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsRule {
    /// Origins, separated by commas, or `*`.
    pub allowed_origins: String,
    /// Methods, separated by commas.
    pub allowed_methods: String,
    /// Headers that a request may have, separated by commas; a `*` at an end stands for anything.
    pub allowed_headers: String,
    /// Headers of the answer that a script may read.
    pub exposed_headers: String,
    /// For how many seconds a browser may remember the answer.
    pub max_age_seconds: u32,
}

/// Properties; what is none is left as it is when they are set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceProperties {
    /// Of the log of requests.
    pub logging: Option<Logging>,
    /// Counted by the hour.
    pub hour_metrics: Option<Metrics>,
    /// Counted by the minute.
    pub minute_metrics: Option<Metrics>,
    /// Rules in order; the first that fits counts.
    pub cors: Option<Vec<CorsRule>>,
}

impl ServiceProperties {
    /// These, with the others where these have none.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self {
            logging: self.logging.or(others.logging),
            hour_metrics: self.hour_metrics.or(others.hour_metrics),
            minute_metrics: self.minute_metrics.or(others.minute_metrics),
            cors: self.cors.or(others.cors),
        }
    }

    /// What an account begins with.
    pub fn initial() -> Self {
        let metrics = |enabled, include_apis, retention_days| Some(Metrics { enabled, include_apis, retention_days });
        Self {
            logging: Some(Logging { delete: false, read: false, write: false, retention_days: None }),
            hour_metrics: metrics(false, None, None),
            minute_metrics: metrics(false, None, None),
            cors: Some(Vec::new()),
        }
    }
}

/// Reads the body of Set Queue Service Properties, or an answer.
///
/// # Errors
/// [`ErrorCode::InvalidXmlDocument`] for another document or too many rules, [`ErrorCode::MissingRequiredXmlNode`] and
/// [`ErrorCode::InvalidXmlNodeValue`] for a part that cannot be.
pub fn read_properties(body: &[u8]) -> Result<ServiceProperties, ProtocolError> {
    let document = |error: String| ProtocolError::new(ErrorCode::InvalidXmlDocument, error);
    let root = xml::read(body).map_err(document)?;
    if root.name != "StorageServiceProperties" {
        return Err(document(format!("its element is '{}' and not 'StorageServiceProperties'", root.name)));
    }
    let logging = |element: &Element| {
        let [delete, read, write] = ["Delete", "Read", "Write"].map(|name| flag(element, name));
        Ok::<_, ProtocolError>(Logging {
            delete: delete?,
            read: read?,
            write: write?,
            retention_days: retention(element)?,
        })
    };
    let metrics = |element: &Element| {
        let include_apis = element.child("IncludeAPIs").map(|_| flag(element, "IncludeAPIs")).transpose()?;
        let enabled = flag(element, "Enabled")?;
        Ok::<_, ProtocolError>(Metrics { enabled, include_apis, retention_days: retention(element)? })
    };
    let cors = |element: &Element| {
        let rules = element.all("CorsRule").map(rule).collect::<Result<Vec<_>, _>>()?;
        if rules.len() > limits::CORS_RULES {
            return Err(document(format!("it has {} CORS rules, and 5 are the most", rules.len())));
        }
        Ok(rules)
    };
    Ok(ServiceProperties {
        logging: root.child("Logging").map(logging).transpose()?,
        hour_metrics: root.child("HourMetrics").map(metrics).transpose()?,
        minute_metrics: root.child("MinuteMetrics").map(metrics).transpose()?,
        cors: root.child("Cors").map(cors).transpose()?,
    })
}

/// The answer to Get Queue Service Properties, and the body of Set.
pub fn write_properties(properties: &ServiceProperties) -> String {
    let mut writer = Writer::document();
    writer.open("StorageServiceProperties");
    if let Some(logging) = &properties.logging {
        writer.open("Logging");
        writer.text("Version", "1.0");
        for (name, flag) in [("Delete", logging.delete), ("Read", logging.read), ("Write", logging.write)] {
            writer.text(name, if flag { "true" } else { "false" });
        }
        write_retention(&mut writer, logging.retention_days);
        writer.close("Logging");
    }
    for (name, metrics) in [("HourMetrics", &properties.hour_metrics), ("MinuteMetrics", &properties.minute_metrics)] {
        let Some(metrics) = metrics else { continue };
        writer.open(name);
        writer.text("Version", "1.0");
        writer.text("Enabled", if metrics.enabled { "true" } else { "false" });
        if let Some(include) = metrics.include_apis {
            writer.text("IncludeAPIs", if include { "true" } else { "false" });
        }
        write_retention(&mut writer, metrics.retention_days);
        writer.close(name);
    }
    if let Some(rules) = &properties.cors {
        writer.open("Cors");
        for rule in rules {
            writer.open("CorsRule");
            writer.text("AllowedOrigins", &rule.allowed_origins);
            writer.text("AllowedMethods", &rule.allowed_methods);
            writer.text("AllowedHeaders", &rule.allowed_headers);
            writer.text("ExposedHeaders", &rule.exposed_headers);
            writer.text("MaxAgeInSeconds", &rule.max_age_seconds.to_string());
            writer.close("CorsRule");
        }
        writer.close("Cors");
    }
    writer.close("StorageServiceProperties");
    writer.finish()
}

/// Statistics of the replication to another place. There is none here, so it is always complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Until when everything is replicated.
    pub last_sync: Timestamp,
}

impl Statistics {
    /// The answer to Get Queue Service Stats.
    pub fn to_xml(self) -> String {
        let mut writer = Writer::document();
        writer.open("StorageServiceStats");
        writer.open("GeoReplication");
        writer.text("Status", "live");
        writer.text("LastSyncTime", &http_date(self.last_sync));
        writer.close("GeoReplication");
        writer.close("StorageServiceStats");
        writer.finish()
    }
}

fn write_retention(writer: &mut Writer, days: Option<u32>) {
    writer.open("RetentionPolicy");
    writer.text("Enabled", if days.is_some() { "true" } else { "false" });
    if let Some(days) = days {
        writer.text("Days", &days.to_string());
    }
    writer.close("RetentionPolicy");
}

fn retention(element: &Element) -> Result<Option<u32>, ProtocolError> {
    let Some(policy) = element.child("RetentionPolicy") else { return Ok(None) };
    if !flag(policy, "Enabled")? {
        return Ok(None);
    }
    number(policy, "Days", 1, 365).map(Some)
}

fn rule(element: &Element) -> Result<CorsRule, ProtocolError> {
    const METHODS: [&str; 8] = ["DELETE", "GET", "HEAD", "MERGE", "POST", "OPTIONS", "PUT", "PATCH"];
    let text = |name: &str| element.text_of(name).unwrap_or("").trim().to_owned();
    let rule = CorsRule {
        allowed_origins: text("AllowedOrigins"),
        allowed_methods: text("AllowedMethods"),
        allowed_headers: text("AllowedHeaders"),
        exposed_headers: text("ExposedHeaders"),
        max_age_seconds: number(element, "MaxAgeInSeconds", 0, u32::MAX)?,
    };
    if rule.allowed_origins.is_empty() {
        return Err(ProtocolError::new(ErrorCode::MissingRequiredXmlNode, "CorsRule/AllowedOrigins"));
    }
    let unknown = rule.allowed_methods.split(',').map(str::trim).find(|method| !METHODS.contains(method));
    if let Some(method) = unknown {
        return Err(ProtocolError::new(ErrorCode::InvalidXmlNodeValue, format!("AllowedMethods has '{method}'")));
    }
    Ok(rule)
}

fn flag(element: &Element, name: &str) -> Result<bool, ProtocolError> {
    match element.text_of(name).map(str::trim) {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => Err(ProtocolError::new(ErrorCode::InvalidXmlNodeValue, format!("{name} is true or false"))),
        None => Err(ProtocolError::new(ErrorCode::MissingRequiredXmlNode, format!("{}/{name}", element.name))),
    }
}

fn number(element: &Element, name: &str, least: u32, most: u32) -> Result<u32, ProtocolError> {
    let Some(text) = element.text_of(name) else {
        return Err(ProtocolError::new(ErrorCode::MissingRequiredXmlNode, format!("{}/{name}", element.name)));
    };
    let wrong =
        || ProtocolError::new(ErrorCode::InvalidXmlNodeValue, format!("{name} is a number from {least} to {most}"));
    text.trim().parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_go_both_ways() {
        let mut all = ServiceProperties::initial();
        assert_eq!(read_properties(write_properties(&all).as_bytes()).unwrap(), all);
        all.hour_metrics = Some(Metrics { enabled: true, include_apis: Some(true), retention_days: Some(7) });
        all.cors = Some(vec![CorsRule {
            allowed_origins: "https://a.example,*".to_owned(),
            allowed_methods: "GET,PUT".to_owned(),
            allowed_headers: "x-ms-*".to_owned(),
            exposed_headers: "*".to_owned(),
            max_age_seconds: 60,
        }]);
        assert_eq!(read_properties(write_properties(&all).as_bytes()).unwrap(), all);
        let part = ServiceProperties { cors: all.cors.clone(), ..ServiceProperties::default() };
        let read = read_properties(write_properties(&part).as_bytes()).unwrap();
        assert_eq!(read, part);
        assert_eq!(read.or(ServiceProperties::initial()).hour_metrics.map(|metrics| metrics.enabled), Some(false));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let code = |body: &str| read_properties(body.as_bytes()).unwrap_err().code;
        let within = |part: &str| code(&format!("<StorageServiceProperties>{part}</StorageServiceProperties>"));
        assert_eq!(code("<Other/>"), ErrorCode::InvalidXmlDocument);
        assert_eq!(within("<Logging><Delete>yes</Delete></Logging>"), ErrorCode::InvalidXmlNodeValue);
        assert_eq!(within("<HourMetrics/>"), ErrorCode::MissingRequiredXmlNode);
        let rule = "<CorsRule><AllowedOrigins>*</AllowedOrigins><AllowedMethods>BREW</AllowedMethods>\
            <MaxAgeInSeconds>1</MaxAgeInSeconds></CorsRule>";
        assert_eq!(within(&format!("<Cors>{rule}</Cors>")), ErrorCode::InvalidXmlNodeValue);
        let rules = rule.replace("BREW", "GET").repeat(6);
        assert_eq!(within(&format!("<Cors>{rules}</Cors>")), ErrorCode::InvalidXmlDocument);
    }
}

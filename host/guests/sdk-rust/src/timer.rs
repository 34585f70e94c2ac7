//! What a timer function learns of its timer.

use serde::Deserialize;

use crate::data::{Data, Trigger};
use crate::{Context, Error, Result, Timestamp};

/// The payload of a `#[timer]` function.
///
/// ```
/// use hearth_sdk::prelude::*;
///
/// #[timer(schedule = "0 */5 * * * *")]
/// fn tidy(timer: Timer) {
///     if timer.is_past_due {
///         log::warn!("late; due again at {:?}", timer.schedule_status.map(|status| status.next));
///     }
/// }
///
/// tidy(Timer { is_past_due: true, ..Timer::default() });
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timer {
    /// Whether the run makes up for one or more that nobody was there for.
    pub is_past_due: bool,
    /// What is remembered of the schedule; none where nothing is (`use_monitor = false`, or more often than once a minute).
    pub schedule_status: Option<ScheduleStatus>,
    /// Whether the schedule follows the clock through the change to summer time and back.
    pub adjust_for_dst: bool,
}

/// What is remembered of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleStatus {
    /// When the function ran last; none if it never did.
    pub last: Option<Timestamp>,
    /// When it is due next.
    pub next: Option<Timestamp>,
    /// When this was written.
    pub last_updated: Option<Timestamp>,
}

/// The JSON of the host (reference: Azure Functions, section 3.7).
#[derive(Deserialize)]
struct Payload {
    #[serde(rename = "Schedule")]
    schedule: Option<Schedule>,
    #[serde(rename = "ScheduleStatus")]
    status: Option<Status>,
    #[serde(rename = "IsPastDue", default)]
    is_past_due: bool,
}

#[derive(Deserialize)]
struct Schedule {
    #[serde(rename = "AdjustForDST", default)]
    adjust_for_dst: bool,
}

#[derive(Deserialize)]
struct Status {
    #[serde(rename = "Last")]
    last: Option<String>,
    #[serde(rename = "Next")]
    next: Option<String>,
    #[serde(rename = "LastUpdated")]
    last_updated: Option<String>,
}

impl Timer {
    /// From the payload of a timer trigger. A manual run may have none.
    pub(crate) fn from_trigger(trigger: &Trigger) -> Result<Self> {
        let json = match &trigger.data {
            Data::None => return Ok(Self::default()),
            Data::Text(text) if text.trim().is_empty() => return Ok(Self::default()),
            Data::Json(json) | Data::Text(json) => json,
            other => {
                return Err(Error::internal(format!("a timer's payload is JSON, the host gave {}", other.kind())));
            }
        };
        let payload: Option<Payload> = serde_json::from_str(json).context("reading the timer's payload")?;
        Ok(payload.map_or_else(Self::default, |payload| Self {
            is_past_due: payload.is_past_due,
            schedule_status: payload.status.map(ScheduleStatus::from),
            adjust_for_dst: payload.schedule.is_some_and(|schedule| schedule.adjust_for_dst),
        }))
    }
}

impl From<Status> for ScheduleStatus {
    fn from(status: Status) -> Self {
        let time =
            |text: Option<String>| text.and_then(|text| text.parse().ok()).filter(|time: &Timestamp| !time.is_never());
        Self { last: time(status.last), next: time(status.next), last_updated: time(status.last_updated) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(data: Data) -> Result<Timer> {
        Timer::from_trigger(&Trigger { data, metadata: Vec::new() })
    }

    #[test]
    fn the_payload_of_the_host_is_read() {
        let json = r#"{"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"0001-01-01T00:00:00","LastUpdated":"2024-05-01T10:00:00.0012+02:00","Next":"2024-05-01T10:05:00+02:00"},"IsPastDue":true}"#;
        let timer = read(Data::Json(json.to_owned())).unwrap();
        let status = timer.schedule_status.unwrap();
        assert!(timer.is_past_due && timer.adjust_for_dst);
        assert_eq!(status.last, None);
        assert_eq!(status.next.unwrap().to_string(), "2024-05-01T10:05:00+02:00");
        assert_eq!(status.last_updated.unwrap().unix_seconds(), 1_714_550_400);
    }

    #[test]
    fn a_timer_without_monitor_and_a_manual_run_have_no_status() {
        let timer = read(Data::Json(r#"{"Schedule":{},"ScheduleStatus":null,"IsPastDue":false}"#.to_owned())).unwrap();
        assert_eq!(timer, Timer::default());
        for nothing in [Data::None, Data::Text(String::new()), Data::Json("null".to_owned())] {
            assert_eq!(read(nothing).unwrap(), Timer::default());
        }
        assert!(read(Data::Text("soon".to_owned())).unwrap_err().to_string().contains("timer's payload"));
    }
}

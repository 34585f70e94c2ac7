//! What a function is told of its timer (reference: section 3.7).

use hearth_engine::contract::{NamedData, RetryContext, TypedData};
use hearth_model::clock::Timestamp;
use hearth_model::expression::BindingData;
use hearth_model::ids::InvocationId;
use hearth_model::retry::RetryPolicy;
use hearth_model::timer_schedule::TimerSchedule;
use hearth_state::{OccurrenceKind, TimerClaim};
use serde_json::json;

use crate::Event;

/// .NET's first moment, which stands for a run that never was.
const NEVER_RAN: &str = "0001-01-01T00:00:00";

/// Name of the value for expressions and in the metadata.
const NAME: &str = "TimerTrigger";

/// The event of one attempt. `is_monitored` is whether the function is shown the status.
pub(super) fn event(
    schedule: &TimerSchedule,
    is_monitored: bool,
    claim: &TimerClaim,
    retry: Option<RetryPolicy>,
    now: Timestamp,
) -> Event {
    let status = is_monitored.then_some((claim.last, claim.next, claim.updated));
    let payload = payload(schedule, status, claim.kind == OccurrenceKind::PastDue);
    let mut binding_data = BindingData::new();
    binding_data.insert(NAME, payload.as_str());
    let unscheduled = |reason: &str| ("UnscheduledInvocationReason", reason.to_owned());
    let details = match claim.kind {
        OccurrenceKind::Scheduled => Vec::new(),
        OccurrenceKind::PastDue => {
            vec![unscheduled("IsPastDue"), ("OriginalSchedule", schedule.zone().round_trip(claim.due))]
        }
        OccurrenceKind::Startup => vec![unscheduled("RunOnStartup")],
    };
    Event {
        id: InvocationId::random(),
        data: TypedData::Json(payload.clone()),
        metadata: vec![NamedData { name: NAME.to_owned(), data: TypedData::Json(payload) }],
        binding_data,
        reason: format!("Timer fired at {}", schedule.zone().round_trip(now)),
        details,
        retry: retry.map(|policy| RetryContext {
            retry_count: claim.failures,
            max_retry_count: policy.max_retries.map_or(-1, |most| i32::try_from(most).unwrap_or(i32::MAX)),
            last_error: claim.error.clone(),
        }),
    }
}

/// The payload of a run that was asked for by hand, at no time of its schedule: nothing is past due, and no status is kept.
pub fn manual_payload(schedule: &TimerSchedule) -> String {
    payload(schedule, None, false)
}

/// Last run, next occurrence, and when they were written down.
type Status = (Option<Timestamp>, Option<Timestamp>, Timestamp);

fn payload(schedule: &TimerSchedule, status: Option<Status>, is_past_due: bool) -> String {
    let local = |at: Option<Timestamp>| at.map_or(NEVER_RAN.to_owned(), |at| schedule.zone().local(at));
    let status = status.map(|(last, next, updated)| {
        json!({ "Last": local(last), "LastUpdated": local(Some(updated)), "Next": local(next) })
    });
    let payload = json!({
        "Schedule": { "AdjustForDST": schedule.follows_clocks() },
        "ScheduleStatus": status,
        "IsPastDue": is_past_due,
    });
    payload.to_string()
}

/// The line at the start of listening.
pub(super) fn next_occurrences(function: &str, schedule: &TimerSchedule, now: Timestamp) -> String {
    let next: Vec<String> =
        schedule.following(now).take(5).map(|at| format!("\n{} ({at})", schedule.zone().local(at))).collect();
    match next.as_slice() {
        [] => format!(
            "The schedule of '{function}' ({schedule}) has no occurrence in the future: the function will not run."
        ),
        next => format!(
            "The next {} occurrences of the schedule of '{function}' ({schedule}) will be:{}",
            next.len(),
            next.concat()
        ),
    }
}

//! What can be seen of a schedule when it is compiled: that it is none. The host reads it in full (reference: sections 3.2 and 3.3).

use syn::LitStr;

/// Names of the fields with their least and greatest number.
const FIELDS: [(&str, u32, u32); 6] = [
    ("second", 0, 59),
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day", 1, 31),
    ("month", 1, 12),
    ("day of the week", 0, 6),
];

/// Six fields, or five without the seconds; a time span; or something with `%SETTING%`, of which nothing is known yet.
pub(crate) fn check(schedule: &LitStr) -> syn::Result<()> {
    let text = schedule.value();
    if text.contains('%') || is_time_span(text.trim()) {
        return Ok(());
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    let ranges = match fields.len() {
        6 => &FIELDS[..],
        5 => &FIELDS[1..],
        count => {
            let message = format!(
                "a schedule has six fields (second, minute, hour, day, month, day of the week) or five without the seconds, or is a time \
                 span such as \"00:05:00\"; this has {count}"
            );
            return Err(syn::Error::new(schedule.span(), message));
        }
    };
    for (field, (name, least, most)) in fields.iter().zip(ranges) {
        if let Err(wrong) = check_field(field, *least, *most) {
            return Err(syn::Error::new(schedule.span(), format!("`{field}` in the place of the {name}: {wrong}")));
        }
    }
    Ok(())
}

/// `*`, numbers and names, with `,`, `-` and `/` between them.
fn check_field(field: &str, least: u32, most: u32) -> Result<(), String> {
    for member in field.split(',') {
        let (range, step) = member.split_once('/').map_or((member, None), |(range, step)| (range, Some(step)));
        if step.is_some_and(|step| step.parse::<u32>().is_err()) {
            return Err("after `/` stands a whole number".to_owned());
        }
        if range == "*" {
            continue;
        }
        for bound in range.splitn(2, '-') {
            let is_name = most < 13 && !bound.is_empty() && bound.chars().all(|c| c.is_ascii_alphabetic());
            let in_range = bound.parse::<u32>().is_ok_and(|number| (least..=most).contains(&number));
            // `L` and `W` of other systems are no beginning of a name, but may look like one.
            if !in_range && !(is_name && (most == 12 || most == 6)) {
                return Err(format!("expected `*`, or {least} to {most}, with `,`, `-` and `/`"));
            }
        }
    }
    Ok(())
}

/// `[d.]hh:mm[:ss[.fffffff]]`, as .NET writes it.
pub(crate) fn is_time_span(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    (2..=3).contains(&parts.len())
        && parts.iter().all(|part| {
            !part.is_empty()
                && part.chars().all(|c| c.is_ascii_digit() || c == '.')
                && part.starts_with(|c: char| c.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    fn checked(text: &str) -> Result<(), String> {
        check(&LitStr::new(text, Span::call_site())).map_err(|error| error.to_string())
    }

    #[test]
    fn schedules_of_the_reference_pass() {
        for text in [
            "0 */5 * * * *",
            "*/5 * * * *",
            "0 0 9-17 * * MON-FRI",
            "0 30 9 1,15 JAN,jul *",
            "0 0 0 31 2 *",
            "5/10 0 0 * * sun",
            "00:05:00",
            "1.00:00:00",
            "%SCHEDULE%",
            "0 %MINUTE% * * * *",
        ] {
            assert_eq!(checked(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_named() {
        for (text, expected) in [
            ("", "six fields"),
            ("* * * *", "this has 4"),
            ("0 0 0 1 1 * 2024", "this has 7"),
            ("@daily", "six fields"),
            ("0 60 * * * *", "`60` in the place of the minute: expected `*`, or 0 to 59"),
            ("0 0 24 * * *", "place of the hour"),
            ("0 0 0 0 * *", "or 1 to 31"),
            ("0 0 0 * * 7", "place of the day of the week"),
            ("0 0 0 ? * *", "place of the day"),
            ("0 0 0 L * *", "place of the day"),
            ("0 */x * * * *", "whole number"),
            ("0 1,,2 * * * *", "expected"),
        ] {
            let error = checked(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}

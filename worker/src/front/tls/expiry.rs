//! When a certificate ends: read from its DER form, because the TLS library keeps that to itself.

use std::time::Duration;

use hearth_model::clock::Timestamp;

/// A certificate that ends within this time is warned about.
const SOON: Duration = Duration::from_secs(14 * 24 * 60 * 60);

const SEQUENCE: u8 = 0x30;
const EXPLICIT_VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The end of validity, `None` if the certificate can't be read.
pub(super) fn not_after(certificate: &[u8]) -> Option<Timestamp> {
    let (SEQUENCE, certificate, _) = element(certificate)? else { return None };
    let (SEQUENCE, mut fields, _) = element(certificate)? else { return None };
    if let (EXPLICIT_VERSION, _, rest) = element(fields)? {
        fields = rest;
    }
    // Serial number, algorithm, issuer.
    for _ in 0..3 {
        fields = element(fields)?.2;
    }
    let (SEQUENCE, validity, _) = element(fields)? else { return None };
    let (_, _, after) = element(validity)?;
    let (tag, text, _) = element(after)?;
    time(tag, std::str::from_utf8(text).ok()?)
}

/// What there is to say about an end, nothing while it is far.
pub(super) fn notice(ends: Timestamp, now: Timestamp) -> Option<String> {
    if now >= ends {
        Some(format!("the certificate ended at {ends}; callers refuse it"))
    } else if ends.since(now) < SOON {
        Some(format!("the certificate ends at {ends}; replace the file in time, it is read again by itself"))
    } else {
        None
    }
}

/// Tag, content and what follows of the first element.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ` (RFC 5280, section 4.1.2.5).
fn time(tag: u8, text: &str) -> Option<Timestamp> {
    let digits = text.strip_suffix('Z').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let digits = match (tag, digits.len()) {
        (UTC_TIME, 12) => format!("{}{digits}", if digits < "50" { "20" } else { "19" }),
        (GENERALIZED_TIME, 14) => digits.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    Timestamp::parse_rfc3339(&format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(8, 10),
        part(10, 12),
        part(12, 14)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn the_end_is_read_from_a_certificate() {
        for (year, wanted) in [(2031, "2031-02-03T00:00:00Z"), (2060, "2060-02-03T00:00:00Z")] {
            let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
            params.not_after = rcgen::date_time_ymd(year, 2, 3);
            let key = rcgen::KeyPair::generate().unwrap();
            assert_eq!(not_after(params.self_signed(&key).unwrap().der()), Some(at(wanted)));
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_end() {
        for wrong in [&[][..], &[0x30], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], b"hello", &[0x30, 3, 0x30, 1, 0]] {
            assert_eq!(not_after(wrong), None);
        }
    }

    #[test]
    fn an_end_is_spoken_of_when_it_is_near() {
        let ends = at("2026-12-31T00:00:00Z");
        assert_eq!(notice(ends, at("2026-12-01T00:00:00Z")), None);
        assert!(notice(ends, at("2026-12-20T00:00:00Z")).unwrap().contains("ends at 2026-12-31"));
        assert!(notice(ends, ends).unwrap().contains("ended"));
    }
}

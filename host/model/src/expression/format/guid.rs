//! GUIDs: `D` with dashes (the default), `N` digits alone, `B` in braces, `P` in parentheses, `X` as a C initialiser.

use uuid::Uuid;

/// A GUID with dashes; the other forms are too easily something else.
pub(super) fn parse(text: &str) -> Option<Uuid> {
    if text.len() != 36 { None } else { Uuid::try_parse(text).ok() }
}

pub(super) fn format(guid: Uuid, format: &str) -> Result<String, String> {
    match format {
        "D" | "d" => Ok(guid.hyphenated().to_string()),
        "N" | "n" => Ok(guid.simple().to_string()),
        "B" | "b" => Ok(guid.braced().to_string()),
        "P" | "p" => Ok(format!("({})", guid.hyphenated())),
        "X" | "x" => {
            let (first, second, third, rest) = guid.as_fields();
            let rest: Vec<String> = rest.iter().map(|byte| format!("0x{byte:02x}")).collect();
            Ok(format!("{{0x{first:08x},0x{second:04x},0x{third:04x},{{{}}}}}", rest.join(",")))
        }
        _ => Err("a GUID has the formats D, N, B, P and X".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_five_forms() {
        let guid = parse("0f8fad5b-d9cb-469f-a165-70867728950e").unwrap();
        let text = |f| format(guid, f).unwrap();
        assert_eq!(text("D"), "0f8fad5b-d9cb-469f-a165-70867728950e");
        assert_eq!(text("n"), "0f8fad5bd9cb469fa16570867728950e");
        assert_eq!(text("B"), "{0f8fad5b-d9cb-469f-a165-70867728950e}");
        assert_eq!(text("P"), "(0f8fad5b-d9cb-469f-a165-70867728950e)");
        assert_eq!(text("X"), "{0x0f8fad5b,0xd9cb,0x469f,{0xa1,0x65,0x70,0x86,0x77,0x28,0x95,0x0e}}");
        assert_eq!(format(guid, "Q").unwrap_err(), "a GUID has the formats D, N, B, P and X");
        assert_eq!(parse("0f8fad5bd9cb469fa16570867728950e"), None);
    }
}

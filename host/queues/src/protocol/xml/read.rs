//! Reads a document into elements.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Elements may lie so deep.
const DEPTH: usize = 8;
/// Most elements of a document: a page of a listing has 5,000 queues with a name and metadata.
const ELEMENTS: usize = 200_000;

/// An element. Names are without their namespace; comments are left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    /// All text directly in it, as it stands.
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// The document's one element, or why it is none.
pub(crate) fn read(body: &[u8]) -> Result<Element, String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = std::str::from_utf8(body).map_err(|error| format!("it is not UTF-8 ({error})"))?;
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let (mut open, mut root, mut count): (Vec<Element>, Option<Element>, usize) = (Vec::new(), None, 0);
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event().map_err(|error| format!("at byte {at}: {error}"))?;
        match event {
            Event::Start(start) => {
                count += 1;
                if root.is_some() || open.len() >= DEPTH || count > ELEMENTS {
                    return Err(format!("at byte {at}: it has too many elements, or they lie too deep"));
                }
                let name = start.local_name().as_ref().to_owned();
                open.push(Element { name, ..Element::default() });
            }
            Event::End(_) => {
                let Some(done) = open.pop() else { return Err(format!("at byte {at}: nothing is open")) };
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => root = Some(done),
                }
            }
            // Ends of lines stay as they are: a message comes out as it went in, though XML would make them alike.
            Event::Text(part) => add(&mut open, &part, at)?,
            Event::CData(part) => add(&mut open, &part, at)?,
            Event::GeneralRef(reference) => {
                let unknown = || format!("at byte {at}: only the entities of XML itself and characters can be named");
                let character = match reference.resolve_char_ref().map_err(|_| unknown())? {
                    Some(character) => character,
                    None => match reference.as_ref() as &str {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => return Err(unknown()),
                    },
                };
                add(&mut open, character.encode_utf8(&mut [0; 4]), at)?;
            }
            Event::DocType(_) => return Err(format!("at byte {at}: document types are not taken")),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Empty(_) => return Err(format!("at byte {at}: an element without an end")),
            Event::Eof if open.is_empty() => return root.ok_or_else(|| "it has no element".to_owned()),
            Event::Eof => return Err("it ends within an element".to_owned()),
        }
    }
}

fn add(open: &mut [Element], text: &str, at: u64) -> Result<(), String> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(format!("at byte {at}: text stands outside of the element")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Writer;
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let text = "a < b && \"c\" > 'd' \r\n\t é \u{1f600} ]]> &amp; ";
        let mut writer = Writer::document();
        writer.open_with("A", &[("b", "\"<")]);
        writer.text("T", text);
        writer.empty("E");
        writer.close("A");
        let read = read(writer.finish().as_bytes()).unwrap();
        assert_eq!((read.name.as_str(), read.text_of("T"), read.text_of("E")), ("A", Some(text), Some("")));
        assert_eq!(read.all("T").count(), 1);
    }

    #[test]
    fn forms_of_xml_that_clients_write_are_read() {
        for body in [
            "\u{feff}<?xml version='1.0'?>\n<M>\n  <T>a&#x41;&#66;<![CDATA[<&>]]></T><!-- no --></M>\n",
            "<ns:M xmlns:ns='x'><ns:T>aAB<![CDATA[<&>]]></ns:T></ns:M>",
        ] {
            assert_eq!(read(body.as_bytes()).unwrap().text_of("T"), Some("aAB<&>"), "{body}");
        }
        assert_eq!(read(b"<M><T>a\r\nb</T></M>").unwrap().text_of("T"), Some("a\r\nb"), "as it was written");
    }

    #[test]
    fn hostile_documents_are_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY x \"xxxx\"><!ENTITY y \"&x;&x;\">]><a>&y;</a>";
        let deep = "<a>".repeat(100_000);
        for (body, why) in [
            (bomb, "document types"),
            ("<a>&y;</a>", "entities"),
            ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "document types"),
            (deep.as_str(), "too deep"),
            ("<a><b></a>", "at byte"),
            ("<a>", "ends within"),
            ("", "no element"),
            ("text", "outside"),
            ("<a/><b/>", "too many"),
            ("<a>&#0;</a>", "characters"),
        ] {
            let error = read(body.as_bytes()).unwrap_err();
            assert!(error.contains(why), "{}: {error}", &body[..body.len().min(60)]);
        }
        assert!(read(b"<a>\xff</a>").unwrap_err().contains("UTF-8"));
    }
}

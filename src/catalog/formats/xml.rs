//! Rows of an XML feed: the `item` elements of RSS 2.0 or the `entry` elements of Atom, each with its members by name.
//!
//! A feed is bytes from outside: a document type is refused, so no entity is ever expanded, elements nest only so deep, and no row is longer
//! than rows of other files.

use super::Reject;
use super::records::{Leash, ROW_BYTES_MAX, RawRow, ReadRow};
use super::value::Value;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Elements inside one another within a row.
const DEPTH_MAX: usize = 8;
/// The namespace prefix of Google's attributes, which go before members of the feed's own format with the same name.
const GOOGLE: &str = "g";

/// The rows of an XML feed.
pub(super) struct XmlRows {
    reader: Reader<Counted>,
    left: Arc<AtomicU64>,
    lines: Arc<AtomicU64>,
    buffer: Vec<u8>,
}

/// Counts the lines that have been passed.
struct Counted {
    reader: BufReader<Leash>,
    lines: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Counted {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        let passed = &self.reader.buffer()[..count];
        self.lines.fetch_add(passed.iter().filter(|&&byte| byte == b'\n').count() as u64, Ordering::Relaxed);
        self.reader.consume(count);
    }
}

/// The members of a row by name.
type Fields = Vec<(Cow<'static, str>, Value<'static>)>;

/// An element that has not ended.
#[derive(Default)]
struct Open {
    name: String,
    is_google: bool,
    text: String,
    members: Vec<Member>,
}

struct Member {
    name: String,
    is_google: bool,
    value: Value<'static>,
}

impl Open {
    fn of(tag: &BytesStart<'_>) -> Self {
        let name = tag.name();
        let is_google = name.prefix().is_some_and(|prefix| prefix.into_inner() == GOOGLE);
        Self { name: name.local_name().into_inner().to_owned(), is_google, ..Self::default() }
    }

    /// Adds a member; what stands several times becomes a list.
    fn add(&mut self, Self { name, is_google, text, members }: Self) {
        let value = if members.is_empty() { Value::Text(Cow::Owned(text.trim().to_owned())) } else { Value::Object(fields(members)) };
        let Some(known) = self.members.iter_mut().find(|member| member.name == name) else {
            return self.members.push(Member { name, is_google, value });
        };
        match (known.is_google, is_google) {
            (true, false) => {}
            (false, true) => *known = Member { name, is_google, value },
            (true, true) | (false, false) => match &mut known.value {
                Value::List(values) => values.push(value),
                single => *single = Value::List(vec![std::mem::replace(single, Value::Null), value]),
            },
        }
    }
}

fn fields(members: Vec<Member>) -> Fields {
    members.into_iter().map(|member| (Cow::Owned(member.name), member.value)).collect()
}

fn fault(reason: impl ToString) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.to_string())
}

impl XmlRows {
    pub(super) fn new(reader: Box<dyn BufRead + Send>) -> Self {
        let (left, lines) = (Arc::new(AtomicU64::new(ROW_BYTES_MAX as u64)), Arc::new(AtomicU64::new(0)));
        let leash = Leash::new(reader, Arc::clone(&left));
        let mut reader = Reader::from_reader(Counted { reader: BufReader::new(leash), lines: Arc::clone(&lines) });
        // Feeds are written by hand often enough.
        reader.config_mut().allow_dangling_amp = true;
        Self { reader, left, lines, buffer: Vec::new() }
    }

    fn line(&self) -> u64 {
        self.lines.load(Ordering::Relaxed) + 1
    }

    pub(super) fn read<T>(&mut self, make: &mut dyn FnMut(&RawRow<'_>) -> Result<T, Reject>) -> ReadRow<T> {
        self.left.store(ROW_BYTES_MAX as u64, Ordering::Relaxed);
        let read = self.next_row();
        let line = self.line();
        match read {
            Err(error) => (line, Err(error)),
            Ok(None) => (line, Ok(None)),
            Ok(Some((line, fields))) => (line, Ok(Some(make(&RawRow { line, fields: &fields, json: None })))),
        }
    }

    /// The next row and the line on which it begins.
    fn next_row(&mut self) -> io::Result<Option<(u64, Fields)>> {
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer).map_err(fault)? {
                Event::Start(tag) if matches!(tag.name().local_name().into_inner(), "item" | "entry") => {
                    let line = self.line();
                    return self.members().map(|members| Some((line, fields(members))));
                }
                Event::DocType(_) => return Err(fault("a document type is not read")),
                Event::Eof => return Ok(None),
                Event::Start(_)
                | Event::End(_)
                | Event::Empty(_)
                | Event::Text(_)
                | Event::CData(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::GeneralRef(_) => {}
            }
        }
    }

    /// The members of the element that has just begun, up to its end.
    fn members(&mut self) -> io::Result<Vec<Member>> {
        let mut open = vec![Open::default()];
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer).map_err(fault)?;
            let depth = open.len();
            let Some(last) = open.last_mut() else { return Err(fault("an element ended twice")) };
            match event {
                Event::Start(_) if depth > DEPTH_MAX => {
                    return Err(fault(format!("more than {DEPTH_MAX} elements inside one another")));
                }
                Event::Start(tag) => open.push(Open::of(&tag)),
                Event::Empty(tag) => last.add(Open { text: address_of(&tag), ..Open::of(&tag) }),
                Event::Text(text) => last.text.push_str(&text.xml10_content()),
                Event::CData(text) => last.text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => refer(&reference, &mut last.text),
                Event::End(_) => {
                    let ended = open.pop().unwrap_or_default();
                    match open.last_mut() {
                        Some(around) => around.add(ended),
                        None => return Ok(ended.members),
                    }
                }
                Event::DocType(_) => return Err(fault("a document type is not read")),
                Event::Eof => return Err(fault("the file ends within an element")),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }
}

/// What an element without content says: the address of a link, as Atom writes it.
fn address_of(tag: &BytesStart<'_>) -> String {
    let href = tag.attributes().flatten().find(|attribute| attribute.key.into_inner() == "href");
    href.map(|attribute| attribute.value.into_owned().replace("&amp;", "&")).unwrap_or_default()
}

/// Numbers and the five names of XML; other names stand as they are, for HTML has more of them.
fn refer(reference: &BytesRef<'_>, text: &mut String) {
    let name = reference.xml10_content();
    let letter = match &*name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten(),
    };
    match letter {
        Some(letter) => text.push(letter),
        None => text.extend(["&", &name, ";"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = (Vec<(u64, String)>, Option<String>);

    /// Rows with their lines, and why reading ended early.
    fn read(xml: &str) -> Read {
        let mut rows = XmlRows::new(Box::new(io::Cursor::new(xml.to_owned().into_bytes())));
        let mut found = Vec::new();
        loop {
            let (line, read) = rows.read(&mut |row| Ok(format!("{:?}", row.fields)));
            match read {
                Ok(Some(row)) => found.push((line, row.expect("a row"))),
                Ok(None) => return (found, None),
                Err(error) => return (found, Some(error.to_string())),
            }
        }
    }

    fn one(xml: &str) -> String {
        let (rows, fault) = read(xml);
        assert_eq!((rows.len(), fault), (1, None), "{xml}");
        rows[0].1.clone()
    }

    #[test]
    fn items_and_entries_are_rows_with_their_lines() {
        let (rows, fault) =
            read("<rss>\n<channel><title>Shop</title>\n<item><g:id>1</g:id></item>\n\n<item>\n<id>2</id></item></channel></rss>");
        assert_eq!(fault, None);
        assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 5]);
        assert_eq!(one("<feed><entry><id>a</id></entry></feed>"), r#"[("id", Text("a"))]"#);
    }

    #[test]
    fn members_are_texts_lists_and_objects() {
        assert_eq!(one("<item><a>x &amp; &#233; &lt;b&gt; &nbsp;</a></item>"), r#"[("a", Text("x & é <b> &nbsp;"))]"#);
        assert_eq!(one("<item><a><![CDATA[<p>x</p>]]></a><!-- no --></item>"), r#"[("a", Text("<p>x</p>"))]"#);
        assert_eq!(one("<item><a>1</a><a>2</a><a>3</a></item>"), r#"[("a", List([Text("1"), Text("2"), Text("3")]))]"#);
        assert_eq!(one("<item><s><c>US</c></s></item>"), r#"[("s", Object([("c", Text("US"))]))]"#);
        assert_eq!(one("<item><link href='http://a/?b&amp;c'/></item>"), r#"[("link", Text("http://a/?b&c"))]"#);
        assert_eq!(one("<item><id>urn:1</id><g:id>1</g:id><title>t</title></item>"), r#"[("id", Text("1")), ("title", Text("t"))]"#);
    }

    #[test]
    fn what_could_do_harm_ends_the_file() {
        let check = |xml: &str, expected: &str| {
            let (_, fault) = read(xml);
            assert!(fault.as_deref().is_some_and(|fault| fault.contains(expected)), "{fault:?}");
        };
        check("<!DOCTYPE rss [<!ENTITY a \"b\">]><rss><item><a>&a;</a></item></rss>", "a document type");
        check(&format!("<item>{}</item>", "<a>".repeat(9)), "inside one another");
        check(&format!("<item><a>{}</a></item>", "x".repeat(ROW_BYTES_MAX + 1)), "longer than");
        check("<item><a>x</a>", "ends within");
        check("<item><a>x</b></item>", "");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(xml in "[<>/&;!\\[\\]a-c\"= itemCDATA-]{0,60}") {
            let _ = read(&xml);
            let _ = read(&format!("<item>{xml}</item>"));
        }
    }
}

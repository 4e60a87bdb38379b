//! Files that are not UTF-8: what spreadsheets and shop systems of some countries write by default.
//!
//! Somebody may say what a file is in. Else UTF-16 is told by its mark or by the zeros between its letters, XML by its declaration, and the rest by what
//! comes out of it (`telling`). What cannot be told is said, and not guessed: a shop of question marks is worse than none. A file that is UTF-8 but for
//! a few bytes is read as such, and the few as Windows-1252 (`clean`).

use super::telling;
use encoding_rs::{CoderResult, Decoder, GB18030, GBK, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, X_USER_DEFINED};
use serde::Deserialize;
use std::io::{self, Read};
use std::str::FromStr;

const READ_BYTES: usize = 1 << 14;
/// Characters of UTF-8 for each byte that is part of none, in a file that is all but UTF-8; two bytes of another encoding may look like one.
const WHOLE_MIN: usize = 4;
/// What cannot be told, and what to do about it.
const UNTOLD: &str = "is not UTF-8, and which encoding it is in cannot be told: say it with --encoding (`encoding` of a feed), as in --encoding windows-1250, or save it as UTF-8, which spreadsheets call `CSV UTF-8`";

/// How the letters of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Encoding {
    /// One of the Encoding Standard (WHATWG).
    Listed(&'static encoding_rs::Encoding),
    /// Code page 850: Western Europe under DOS.
    Dos850,
    /// Code page 852: Central Europe under DOS.
    Dos852,
}

/// From `0x80` on.
const DOS_850: &str = concat!(
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐",
    "└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}"
);
/// From `0x80` on.
const DOS_852: &str = concat!(
    "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐",
    "└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}"
);
/// Numbers of code pages, and what people call them, where the Encoding Standard has no name for it.
const FURTHER_NAMES: [(&str, &str); 9] = [
    ("cp932", "shift_jis"),
    ("windows-932", "shift_jis"),
    ("cp936", "gbk"),
    ("cp949", "euc-kr"),
    ("cp950", "big5"),
    ("cp874", "windows-874"),
    ("macroman", "macintosh"),
    ("mac-roman", "macintosh"),
    ("utf16", "utf-16"),
];

impl FromStr for Encoding {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let name = name.trim().to_ascii_lowercase().replace('_', "-");
        match name.trim_start_matches("cp").trim_start_matches("ibm").trim_start_matches("dos-") {
            "850" => return Ok(Self::Dos850),
            "852" => return Ok(Self::Dos852),
            _ => {}
        }
        let known = FURTHER_NAMES.iter().find(|(further, _)| *further == name).map_or(name.as_str(), |(_, known)| known);
        let found = [known.to_owned(), known.replace('-', "_")].iter().find_map(|name| encoding_rs::Encoding::for_label(name.as_bytes()));
        let found = found.filter(|found| *found != REPLACEMENT && *found != X_USER_DEFINED);
        found.map(Self::of_list).ok_or_else(|| {
            format!("{name:?} is no encoding that is read: utf-8, utf-16, windows-1250 to -1258, shift_jis, gbk, big5, euc-kr, koi8-r, macintosh, cp850 …")
        })
    }
}

impl TryFrom<String> for Encoding {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse()
    }
}

impl Encoding {
    /// Of a file that begins so; none of one that is UTF-8, or all but.
    ///
    /// # Errors
    /// What it cannot be told from.
    pub(super) fn of(sample: &[u8]) -> Result<Option<Self>, String> {
        if let Some(wide) = wide(sample) {
            return Ok(Some(wide));
        }
        if let Some(declared) = declared(sample) {
            return Ok(declared);
        }
        let (mut strange, mut whole) = (0, 0);
        let mut chunks = sample.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            whole += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
            // A character that the end of the sample cuts is none of them.
            strange += if chunks.peek().is_none() && whole > 0 { 0 } else { chunk.invalid().len() };
        }
        if strange == 0 || whole >= WHOLE_MIN * strange {
            return Ok(None);
        }
        telling::told(sample).map(Some).ok_or_else(|| UNTOLD.to_owned())
    }

    pub(super) fn of_list(listed: &'static encoding_rs::Encoding) -> Self {
        // The one holds the other, and says more.
        Self::Listed(if listed == GBK { GB18030 } else { listed })
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Listed(listed) => listed.name(),
            Self::Dos850 => "cp850",
            Self::Dos852 => "cp852",
        }
    }

    pub(super) fn is_utf_8(self) -> bool {
        self == Self::Listed(UTF_8)
    }

    /// Whether it writes Latin letters, and is met with in mail rather than in tables.
    pub(super) fn is_further_latin(self) -> bool {
        matches!(self, Self::Listed(listed) if matches!(listed.name(), "ISO-8859-3" | "ISO-8859-4" | "ISO-8859-13" | "windows-1258"))
    }

    /// Bytes as text.
    pub(super) fn decoded(self, bytes: &[u8]) -> String {
        match self {
            Self::Listed(listed) => listed.decode_without_bom_handling(bytes).0.into_owned(),
            Self::Dos850 => in_page(bytes, DOS_850),
            Self::Dos852 => in_page(bytes, DOS_852),
        }
    }
}

fn in_page(bytes: &[u8], page: &str) -> String {
    let letters: Vec<char> = page.chars().collect();
    let letter = |byte: u8| byte.checked_sub(0x80).map_or(Some(char::from(byte)), |at| letters.get(usize::from(at)).copied());
    bytes.iter().map(|byte| letter(*byte).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// UTF-16, by its mark or by the zeros of plain letters.
fn wide(sample: &[u8]) -> Option<Encoding> {
    const LOOKED_AT: usize = 4_096;
    let (little, big) = (Encoding::Listed(UTF_16LE), Encoding::Listed(UTF_16BE));
    match sample {
        [0xff, 0xfe, ..] => return Some(little),
        [0xfe, 0xff, ..] => return Some(big),
        _ => {}
    }
    let begin = &sample[..sample.len().min(LOOKED_AT)];
    let zeros = |at: usize| begin.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
    let (high, low) = (zeros(0), zeros(1));
    let is_wide = |zeros: usize, others: usize| zeros * 4 > begin.len() / 2 && others * 20 < zeros;
    match (is_wide(low, high), is_wide(high, low)) {
        (true, _) => Some(little),
        (_, true) => Some(big),
        (false, false) => None,
    }
}

/// What an XML file says of itself, where it is one of those that are known: some, or UTF-8.
fn declared(sample: &[u8]) -> Option<Option<Encoding>> {
    let text = sample.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = text.windows(2).position(|bytes| bytes == b"?>")?;
    let declaration = String::from_utf8_lossy(&text[..end]).to_lowercase();
    let name = declaration.split("encoding").nth(1)?.trim_start().strip_prefix('=')?.trim_start();
    let name = name.strip_prefix(['"', '\''])?.split(['"', '\'']).next()?;
    // Told by its zeros if it were so.
    let is_wide = |encoding: Encoding| encoding.name().starts_with("UTF-16");
    let known = name.parse().ok().filter(|encoding: &Encoding| !encoding.is_utf_8() && !is_wide(*encoding));
    known.map(Some)
}

/// What is read, as UTF-8.
pub(super) struct Transcoded<R> {
    inner: R,
    decoding: Decoding,
    ready: Vec<u8>,
    given: usize,
    has_ended: bool,
}

enum Decoding {
    Listed(Box<Decoder>),
    Page(Encoding),
}

impl<R: Read> Transcoded<R> {
    pub(super) fn new(inner: R, encoding: Encoding) -> Self {
        let decoding = match encoding {
            Encoding::Listed(listed) => Decoding::Listed(Box::new(listed.new_decoder_without_bom_handling())),
            Encoding::Dos850 | Encoding::Dos852 => Decoding::Page(encoding),
        };
        Self { inner, decoding, ready: Vec::new(), given: 0, has_ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let mut bytes = vec![0; READ_BYTES];
        let count = self.inner.read(&mut bytes)?;
        self.has_ended = count == 0;
        let bytes = &bytes[..count];
        let text = match &mut self.decoding {
            Decoding::Page(encoding) => encoding.decoded(bytes),
            Decoding::Listed(decoder) => {
                let needed = decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() * 4 + 16);
                let mut text = String::with_capacity(needed);
                let (result, ..) = decoder.decode_to_string(bytes, &mut text, self.has_ended);
                debug_assert_eq!(result, CoderResult::InputEmpty, "there is room for the longest that may come out");
                text
            }
        };
        (self.ready, self.given) = (text.into_bytes(), 0);
        Ok(())
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() && !self.has_ended {
            self.refill()?;
        }
        let rest = &self.ready[self.given..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
#[path = "encoding_tests.rs"]
mod tests;

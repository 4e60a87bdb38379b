//! Files that are not UTF-8: what spreadsheets and shop systems of some countries write by default.
//!
//! UTF-16 is told by its mark or by the zeros between its letters. Of the code pages of Windows those of Cyrillic, of Central and of Western Europe are told by
//! how their letters stand: Cyrillic ones fill whole words, those of Latin alphabets stand alone between plain ones. What cannot be told is said, and not
//! guessed: a shop of question marks is worse than none. A file that is UTF-8 but for a few bytes is read as such, and the few as Windows-1252 (`clean`).

use super::clean::windows_1252;
use std::io::{self, Read};

const READ_BYTES: usize = 1 << 14;
/// Bytes beyond ASCII that have to be there before anything is told from them.
const TELLING_BYTES_MIN: usize = 8;

/// How the letters of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Two bytes each, the low one first.
    Utf16Le,
    /// Two bytes each, the high one first.
    Utf16Be,
    /// Cyrillic.
    Windows1251,
    /// Latin, of Central Europe.
    Windows1250,
    /// Latin, of Western Europe.
    Windows1252,
}

/// From `0x80` on; behind `0xbf` the alphabet in order.
const CYRILLIC: [char; 64] = [
    'Ђ', 'Ѓ', '‚', 'ѓ', '„', '…', '†', '‡', '€', '‰', 'Љ', '‹', 'Њ', 'Ќ', 'Ћ', 'Џ', 'ђ', '‘', '’', '“', '”', '•', '–', '—', '\u{98}', '™',
    'љ', '›', 'њ', 'ќ', 'ћ', 'џ', '\u{a0}', 'Ў', 'ў', 'Ј', '¤', 'Ґ', '¦', '§', 'Ё', '©', 'Є', '«', '¬', '\u{ad}', '®', 'Ї', '°', '±', 'І',
    'і', 'ґ', 'µ', '¶', '·', 'ё', '№', 'є', '»', 'ј', 'Ѕ', 'ѕ', 'ї',
];
/// From `0x80` on.
const CENTRAL: [char; 128] = [
    '€', '\u{81}', '‚', '\u{83}', '„', '…', '†', '‡', '\u{88}', '‰', 'Š', '‹', 'Ś', 'Ť', 'Ž', 'Ź', '\u{90}', '‘', '’', '“', '”', '•', '–',
    '—', '\u{98}', '™', 'š', '›', 'ś', 'ť', 'ž', 'ź', '\u{a0}', 'ˇ', '˘', 'Ł', '¤', 'Ą', '¦', '§', '¨', '©', 'Ş', '«', '¬', '\u{ad}', '®',
    'Ż', '°', '±', '˛', 'ł', '´', 'µ', '¶', '·', '¸', 'ą', 'ş', '»', 'Ľ', '˝', 'ľ', 'ż', 'Ŕ', 'Á', 'Â', 'Ă', 'Ä', 'Ĺ', 'Ć', 'Ç', 'Č', 'É',
    'Ę', 'Ë', 'Ě', 'Í', 'Î', 'Ď', 'Đ', 'Ń', 'Ň', 'Ó', 'Ô', 'Ő', 'Ö', '×', 'Ř', 'Ů', 'Ú', 'Ű', 'Ü', 'Ý', 'Ţ', 'ß', 'ŕ', 'á', 'â', 'ă', 'ä',
    'ĺ', 'ć', 'ç', 'č', 'é', 'ę', 'ë', 'ě', 'í', 'î', 'ď', 'đ', 'ń', 'ň', 'ó', 'ô', 'ő', 'ö', '÷', 'ř', 'ů', 'ú', 'ű', 'ü', 'ý', 'ţ', '˙',
];

/// Letters of Cyrillic outside the run of the alphabet, in Windows-1251.
const CYRILLIC_APART: [u8; 12] = [0xa1, 0xa2, 0xa3, 0xa5, 0xa8, 0xaa, 0xaf, 0xb2, 0xb3, 0xb4, 0xb8, 0xba];
/// What Central Europe writes between letters where Western Europe has signs that stand alone: `ł`, `ą`, `ż`, `ť`, `ľ`, `š` and `ž`.
const CENTRAL_LETTERS: [u8; 12] = [0x8d, 0x8f, 0x9a, 0x9d, 0x9e, 0x9f, 0xa3, 0xa5, 0xb3, 0xb9, 0xbe, 0xbf];

/// Signs that stand between words: quotes, dashes, dots, the euro, trade marks.
const SIGNS: [u8; 21] =
    [0x80, 0x82, 0x84, 0x85, 0x86, 0x87, 0x89, 0x8a, 0x8b, 0x8c, 0x8e, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x99, 0x9b, 0x9c];

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
        let told = Told::of(sample);
        if told.strange < TELLING_BYTES_MIN || told.whole >= told.strange {
            return Ok(None);
        }
        told.encoding().map(Some).ok_or_else(|| {
            "is not UTF-8, and which encoding it is in cannot be told: save it as UTF-8, which spreadsheets call `CSV UTF-8`".to_owned()
        })
    }
}

/// UTF-16, by its mark or by the zeros of plain letters.
fn wide(sample: &[u8]) -> Option<Encoding> {
    const LOOKED_AT: usize = 4_096;
    match sample {
        [0xff, 0xfe, ..] => return Some(Encoding::Utf16Le),
        [0xfe, 0xff, ..] => return Some(Encoding::Utf16Be),
        _ => {}
    }
    let begin = &sample[..sample.len().min(LOOKED_AT)];
    let zeros = |at: usize| begin.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
    let (high, low) = (zeros(0), zeros(1));
    let is_wide = |zeros: usize, others: usize| zeros * 4 > begin.len() / 2 && others * 20 < zeros;
    match (is_wide(low, high), is_wide(high, low)) {
        (true, _) => Some(Encoding::Utf16Le),
        (_, true) => Some(Encoding::Utf16Be),
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
    match name {
        "windows-1251" | "cp1251" => Some(Some(Encoding::Windows1251)),
        "windows-1250" | "cp1250" => Some(Some(Encoding::Windows1250)),
        "windows-1252" | "cp1252" | "iso-8859-1" => Some(Some(Encoding::Windows1252)),
        _ => None,
    }
}

/// How the bytes beyond ASCII stand in a file that is not all UTF-8.
#[derive(Default)]
struct Told {
    /// Bytes that are no part of a character of UTF-8.
    strange: usize,
    /// Characters of UTF-8 of several bytes.
    whole: usize,
    high: usize,
    /// Of them in runs of three and more Cyrillic letters.
    in_words: usize,
    /// Of them in runs of one or two.
    alone: usize,
    /// Neither letters of Cyrillic nor of its neighbourhood: below `0xc0`.
    low: usize,
    /// In a run a letter that would be a capital right behind one that would be small.
    capitals_behind: usize,
    capitals: usize,
    smalls: usize,
    /// The last five letters of the Russian alphabet.
    last_letters: usize,
    /// Bytes of [`CENTRAL_LETTERS`] between letters.
    central: usize,
    /// Neither letters nor such signs as stand between words in the code pages of Windows.
    senseless: usize,
}

impl Told {
    fn of(sample: &[u8]) -> Self {
        let mut told = Self::default();
        for chunk in sample.utf8_chunks() {
            told.whole += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
            told.strange += chunk.invalid().len();
        }
        // A character that the end of the sample cuts is none of them.
        told.strange = told.strange.saturating_sub(3);
        let is_letter = |byte: u8| byte >= 0xc0 || CYRILLIC_APART.contains(&byte);
        for run in sample.chunk_by(|one, next| is_letter(*one) == is_letter(*next)).filter(|run| is_letter(run[0])) {
            match run.len() {
                0..=2 => told.alone += run.len(),
                length => told.in_words += length,
            }
            told.capitals_behind += run.windows(2).filter(|pair| pair[0] >= 0xe0 && (0xc0..0xe0).contains(&pair[1])).count();
            told.capitals += run.iter().filter(|byte| (0xc0..0xe0).contains(*byte)).count();
            told.smalls += run.iter().filter(|byte| **byte >= 0xe0).count();
            told.last_letters += run.iter().filter(|byte| **byte >= 0xfb).count();
        }
        told.high = sample.iter().filter(|byte| **byte >= 0x80).count();
        told.low = sample.iter().filter(|byte| **byte >= 0x80 && !is_letter(**byte)).count();
        let is_central =
            |three: &&[u8]| three[0].is_ascii_alphabetic() && CENTRAL_LETTERS.contains(&three[1]) && three[2].is_ascii_alphabetic();
        let is_sign = |byte: u8| SIGNS.contains(&byte) || CENTRAL_LETTERS.contains(&byte) || (0xa0..0xc0).contains(&byte);
        told.senseless = sample.iter().filter(|byte| **byte >= 0x80 && !is_letter(**byte) && !is_sign(**byte)).count();
        told.central = sample.windows(3).filter(is_central).count();
        told
    }

    fn encoding(&self) -> Option<Encoding> {
        let is_most = |part: usize| part * 5 >= self.high * 4;
        let hardly_any = |part: usize| part * 33 <= self.high;
        if is_most(self.in_words) && self.low * 6 <= self.high {
            let is_russian = self.smalls > self.capitals
                && self.capitals > 0
                && hardly_any(self.capitals_behind)
                && self.last_letters * 100 >= self.high;
            return is_russian.then_some(Encoding::Windows1251);
        }
        let is_latin = is_most(self.alone + self.low) && hardly_any(self.senseless);
        let is_central = self.central >= 3 && self.central * 20 >= self.high;
        match (is_latin, is_central) {
            (true, true) => Some(Encoding::Windows1250),
            (true, false) => Some(Encoding::Windows1252),
            (false, _) => None,
        }
    }
}

/// What is read, as UTF-8.
pub(super) struct Transcoded<R> {
    inner: R,
    encoding: Encoding,
    /// Bytes of a character that has not come whole.
    begun: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
    has_ended: bool,
}

impl<R: Read> Transcoded<R> {
    pub(super) fn new(inner: R, encoding: Encoding) -> Self {
        Self { inner, encoding, begun: Vec::new(), ready: Vec::new(), given: 0, has_ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let mut bytes = vec![0; READ_BYTES];
        let count = self.inner.read(&mut bytes)?;
        self.has_ended = count == 0;
        let mut bytes = [std::mem::take(&mut self.begun), bytes[..count].to_vec()].concat();
        let mut text = String::with_capacity(bytes.len() * 2);
        match self.encoding {
            Encoding::Utf16Le | Encoding::Utf16Be => {
                let whole = if self.has_ended { bytes.len() } else { whole_units(&bytes, self.encoding) };
                self.begun = bytes.split_off(whole);
                let units = bytes.chunks(2).map(|pair| unit(pair, self.encoding));
                text.extend(char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)));
            }
            Encoding::Windows1251 => text.extend(bytes.iter().map(|byte| cyrillic(*byte))),
            Encoding::Windows1250 => text.extend(bytes.iter().map(|byte| table(*byte, &CENTRAL))),
            Encoding::Windows1252 => text.extend(bytes.iter().map(|byte| windows_1252(*byte))),
        }
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

/// Bytes that end with a whole character.
fn whole_units(bytes: &[u8], encoding: Encoding) -> usize {
    let even = bytes.len() - bytes.len() % 2;
    let begins_a_pair = even >= 2 && (0xd800..0xdc00).contains(&unit(&bytes[even - 2..even], encoding));
    if begins_a_pair { even - 2 } else { even }
}

fn unit(pair: &[u8], encoding: Encoding) -> u16 {
    match *pair {
        [first, second] if encoding == Encoding::Utf16Le => u16::from_le_bytes([first, second]),
        [first, second] => u16::from_be_bytes([first, second]),
        _ => 0xfffd,
    }
}

fn cyrillic(byte: u8) -> char {
    match byte {
        0xc0.. => char::from_u32(0x410 + u32::from(byte - 0xc0)).unwrap_or(char::REPLACEMENT_CHARACTER),
        _ => table(byte, &CYRILLIC),
    }
}

fn table(byte: u8, letters: &[char]) -> char {
    byte.checked_sub(0x80).map_or(char::from(byte), |at| letters.get(usize::from(at)).copied().unwrap_or(char::REPLACEMENT_CHARACTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUSSIAN: &str =
        "id;название;цена\n1;Кукла мягкая с платьем, 30 см;950\n2;Машинка большая «Гонщик» № 5;1 200\n3;Юла музыкальная для малышей;450\n";
    const WESTERN: &str =
        "id;titre;prix\n1;Théière à café émaillée;12,50 €\n2;Bouilloire « Été » – 1,5 l;30\n3;Größe für Füße, Maß;9\n4;Œuf à la coque;2\n";
    const POLISH: &str =
        "id;nazwa;cena\n1;Łóżko dziecięce białe;300\n2;Krzesło składane, źródło światła;90\n3;Półka wisząca dębowa;40\n4;Żółta miska;9\n";

    fn written(text: &str, encode: impl Fn(char) -> u8) -> Vec<u8> {
        text.chars().map(|letter| if letter.is_ascii() { letter as u8 } else { encode(letter) }).collect()
    }

    fn in_table(decode: impl Fn(u8) -> char) -> impl Fn(char) -> u8 {
        move |letter| (0x80..=0xff_u8).find(|byte| decode(*byte) == letter).expect("the encoding has the letter")
    }

    fn in_units(text: &str, order: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    fn read_back(bytes: &[u8], encoding: Encoding) -> String {
        let mut text = String::new();
        Transcoded::new(bytes, encoding).read_to_string(&mut text).expect("is text");
        text
    }

    #[test]
    fn what_a_file_is_written_in_is_told_and_read() {
        let files = [
            (written(RUSSIAN, in_table(cyrillic)), Encoding::Windows1251, RUSSIAN),
            (written(WESTERN, in_table(windows_1252)), Encoding::Windows1252, WESTERN),
            (written(POLISH, in_table(|byte| table(byte, &CENTRAL))), Encoding::Windows1250, POLISH),
            (in_units(WESTERN, u16::to_le_bytes), Encoding::Utf16Le, WESTERN),
            (in_units(WESTERN, u16::to_be_bytes), Encoding::Utf16Be, WESTERN),
        ];
        for (bytes, encoding, text) in files {
            assert_eq!(Encoding::of(&bytes), Ok(Some(encoding)), "{text}");
            assert_eq!(read_back(&bytes, encoding), text);
        }
        let marked = in_units("\u{feff}id,title\n1,Ёлка 🎄\n", u16::to_le_bytes);
        assert_eq!(Encoding::of(&marked), Ok(Some(Encoding::Utf16Le)));
        assert_eq!(read_back(&marked, Encoding::Utf16Le), "\u{feff}id,title\n1,Ёлка 🎄\n");
    }

    #[test]
    fn utf_8_with_a_slip_stays_what_it_is() {
        for text in [RUSSIAN, WESTERN, POLISH, "id,title\n1,plain\n", ""] {
            assert_eq!(Encoding::of(text.as_bytes()), Ok(None));
            let cut = &text.as_bytes()[..text.len().saturating_sub(1)];
            assert_eq!(Encoding::of(cut), Ok(None), "cut");
        }
        // Typographic signs and no letters are what English files have.
        let english: Vec<u8> = b"id,title\n1,\x93Soft\x94 toy \x96 bear\x92s friend\x99\n".repeat(4);
        assert_eq!(Encoding::of(&english), Ok(Some(Encoding::Windows1252)));
        let slipped = [b"id,title\n1,a\xa0lamp \xa0\n".as_slice(), WESTERN.as_bytes()].concat();
        assert_eq!(Encoding::of(&slipped), Ok(None));
    }

    #[test]
    fn what_cannot_be_told_is_said() {
        let greek: Vec<u8> =
            b"id;title\n1;\xca\xe1\xf1\xdd\xea\xeb\xe1 \xea\xe1\xe9 \xf4\xf1\xe1\xf0\xdd\xe6\xe9 \xec\xe9\xea\xf1\xfc\n".to_vec();
        let japanese: Vec<u8> = b"id,title\n1,\x83e\x81[\x83u\x83\x8b\x82\xc6\x88\xd6\x8eq\n2,\x97\xe2\x91\xa0\x8c\xc9\n".to_vec();
        let hebrew: Vec<u8> = b"id,title\n1,\xf9\xe5\xec\xe7\xef \xf2\xe5\xe2\xec \xec\xe1\xef \xe2\xe3\xe5\xec\n".to_vec();
        for bytes in [greek, japanese, hebrew] {
            let said = Encoding::of(&bytes.repeat(4)).expect_err("is none of them");
            assert!(said.contains("UTF-8"), "{said}");
        }
    }

    #[test]
    fn an_xml_file_says_what_it_is() {
        let of = |declaration: &str| Encoding::of(declaration.as_bytes());
        assert_eq!(of("<?xml version=\"1.0\" encoding=\"windows-1251\"?><a/>"), Ok(Some(Encoding::Windows1251)));
        assert_eq!(of("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"), Ok(Some(Encoding::Windows1252)));
        assert_eq!(of("<?xml version='1.0' encoding='utf-8'?><a/>"), Ok(None));
    }

    #[test]
    fn a_character_that_two_reads_part_is_read_whole() {
        struct Slow<'a>(&'a [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let count = self.0.len().min(1).min(buffer.len());
                buffer[..count].copy_from_slice(&self.0[..count]);
                self.0 = &self.0[count..];
                Ok(count)
            }
        }
        let bytes = in_units("Ёлка 🎄!", u16::to_be_bytes);
        let mut text = String::new();
        Transcoded::new(Slow(&bytes), Encoding::Utf16Be).read_to_string(&mut text).expect("is text");
        assert_eq!(text, "Ёлка 🎄!");
        // A byte too few is said and not lost.
        assert_eq!(read_back(&bytes[..bytes.len() - 1], Encoding::Utf16Be), "Ёлка 🎄\u{fffd}");
    }
}

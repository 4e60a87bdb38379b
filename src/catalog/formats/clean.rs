//! Text as feeds deliver it, made plain: encodings, character references, markup and white space.

use std::borrow::Cow;

/// What Windows-1252 puts where Latin-1 has control characters (WHATWG Encoding Standard, index windows-1252).
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–',
    '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Named character references that shops' texts use.
const NAMED: &[(&str, &str)] = &[
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("reg", "®"),
    ("trade", "™"),
    ("copy", "©"),
    ("deg", "°"),
    ("frac12", "½"),
    ("frac14", "¼"),
    ("frac34", "¾"),
    ("ndash", "–"),
    ("mdash", "—"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("hellip", "…"),
    ("bull", "•"),
    ("times", "×"),
    ("eacute", "é"),
    ("uuml", "ü"),
    ("ouml", "ö"),
    ("auml", "ä"),
    ("szlig", "ß"),
    ("euro", "€"),
    ("pound", "£"),
];

/// Longest reference looked for, `&` and `;` included.
const REFERENCE_BYTES_MAX: usize = 12;

/// Bytes as text: UTF-8, else Windows-1252, in which every byte means something.
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|&byte| windows_1252(byte)).collect()),
    }
}

pub(super) fn windows_1252(byte: u8) -> char {
    if (0x80..0xa0).contains(&byte) { WINDOWS_1252[usize::from(byte - 0x80)] } else { char::from(byte) }
}

/// Text for people: references replaced, tags dropped, control characters made spaces, ends trimmed.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let is_plain = |byte: u8| byte != b'&' && byte != b'<' && (byte >= b' ' || byte == b'\n') && byte != 0x7f;
    if text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let without_references = if text.contains('&') { replace_references(text) } else { Cow::Borrowed(text) };
    let without_tags = if without_references.contains('<') { drop_tags(&without_references) } else { without_references.into_owned() };
    let visible = without_tags.replace(|letter: char| letter.is_control() && letter != '\n', " ");
    Cow::Owned(visible.trim().to_owned())
}

fn replace_references(text: &str) -> Cow<'_, str> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(REFERENCE_BYTES_MAX).position(|byte| byte == b';');
        match end.and_then(|end| Some((end, reference(&rest[1..end])?))) {
            Some((end, letter)) => {
                plain.push_str(&letter);
                rest = &rest[end + 1..];
            }
            None => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// What stands between `&` and `;`.
fn reference(name: &str) -> Option<Cow<'static, str>> {
    let Some(number) = name.strip_prefix('#') else {
        return NAMED.iter().find(|(known, _)| *known == name).map(|(_, text)| Cow::Borrowed(*text));
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    // As browsers read it: numbers of Windows-1252 mean its characters.
    let letter = u8::try_from(code).map_or_else(|_| char::from_u32(code), |byte| Some(windows_1252(byte)));
    letter.map(|letter| Cow::Owned(letter.to_string()))
}

/// Drops what looks like a tag (`<` before a letter, `/` or `!`, up to `>`); block ends become line breaks.
fn drop_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let is_tag = rest[1..].starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '/' || letter == '!');
        match rest.find('>').filter(|_| is_tag) {
            Some(end) => {
                let name = rest[1..end].trim_start_matches('/').split(|letter: char| !letter.is_ascii_alphanumeric()).next();
                let is_block = name.is_some_and(|name| ["p", "br", "li", "div", "tr", "ul", "h1", "h2", "h3"].contains(&name));
                if !plain.is_empty() && !plain.ends_with(['\n', ' ']) {
                    plain.push(if is_block { '\n' } else { ' ' });
                }
                rest = &rest[end + 1..];
            }
            None => {
                plain.push('<');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// At most `bytes_max` bytes of the text, cut between characters.
pub(super) fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// The texts apart by these marks, without blanks around them; `\,` is a comma.
pub(super) fn parts(texts: &str, marks: &[char]) -> Vec<String> {
    const COMMA: &str = "\u{1}";
    let whole = texts.replace("\\,", COMMA);
    whole.split(marks).map(|part| part.trim().replace(COMMA, ",")).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_plain() {
        let check = |text: &str, expected: &str| assert_eq!(plain(text), expected, "{text}");
        check("  plain ", "plain");
        check("Apple&#xAE; iPhone&#174; &amp; more &#x97; now", "Apple® iPhone® & more — now");
        check("<p>One</p><p>two <b>bold</b></p>", "One\ntwo bold");
        check("5 < 6 & 7 > 3 &unknown; &", "5 < 6 & 7 > 3 &unknown; &");
        check("tab\there", "tab here");
        check("&lt;p&gt;x&lt;/p&gt;", "x");
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_read_as_windows_1252() {
        assert_eq!(decoded(b"caf\xe9 \x80 5"), "café € 5");
        assert_eq!(decoded("naïve".as_bytes()), "naïve");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cleaned_without_panic(text in "[&#<>;a-z0-9é/! x]{0,40}") {
            proptest::prop_assert!(plain(&text).len() <= text.len() * 3);
        }
    }
}

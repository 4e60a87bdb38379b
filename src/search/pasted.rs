//! What was pasted rather than typed: the address of a page, and text with the marks of one around it.
//!
//! `https://shop.example/p/apple-ipad-air-16gb?ref=mail` is a product that somebody was told of, and `<b>laptop</b>` came along from where it was copied. Taken
//! for words they find what says `com`, `www` and `b`.

use std::borrow::Cow;

/// What addresses begin with.
const ADDRESSES: [&str; 3] = ["https://", "http://", "www."];
/// A longer mark is no mark.
const MARK_BYTES_MAX: usize = 256;
/// Signs that pages write with letters.
const SIGNS: [(&str, &str); 7] =
    [("&nbsp;", " "), ("&quot;", "\""), ("&#39;", "'"), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];

/// The words of what was typed or pasted. What was typed comes back as it is.
#[must_use]
pub(super) fn plain(typed: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(typed);
    if text.contains('<') {
        text = Cow::Owned(without_marks(&text));
    }
    if text.contains('&') && SIGNS.iter().any(|(sign, _)| text.contains(sign)) {
        text = Cow::Owned(SIGNS.iter().fold(text.into_owned(), |text, (sign, letter)| text.replace(sign, letter)));
    }
    if ADDRESSES.iter().any(|begin| text.contains(begin)) {
        let words: Vec<Cow<'_, str>> = text.split_whitespace().map(|word| address(word).map_or(Cow::Borrowed(word), Cow::Owned)).collect();
        text = Cow::Owned(words.join(" "));
    }
    text
}

/// A text without what stands in it as `<b>` and `</b>`; `price < 50` keeps its sign.
fn without_marks(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let mark = &rest[at..];
        let is_mark = mark[1..].trim_start_matches(['/', '!']).starts_with(|letter: char| letter.is_ascii_alphabetic());
        // Not the whole rest, at each of a thousand signs.
        let end = mark.bytes().take(MARK_BYTES_MAX + 1).position(|byte| byte == b'>').filter(|_| is_mark).map_or(1, |end| end + 1);
        plain.push_str(&rest[..at]);
        plain.push_str(if end == 1 { "<" } else { " " });
        rest = &mark[end..];
    }
    plain.push_str(rest);
    plain
}

/// What an address is of: the part of its path that says most, without the marks between its words; none for what is no address, and nothing of one that
/// is only a shop's.
fn address(word: &str) -> Option<String> {
    let begin = ADDRESSES.iter().find(|begin| word.starts_with(**begin))?;
    let path = word[begin.len()..].split(['?', '#']).next().unwrap_or_default();
    let parts = path.split('/').skip(1).filter(|part| !part.is_empty());
    // Of equals the last, which is what the others lead to.
    let of = parts.max_by_key(|part| (part.contains(BETWEEN), if part.contains(BETWEEN) { part.len() } else { 0 })).unwrap_or_default();
    let of = [".html", ".htm", ".php", ".aspx"].iter().find_map(|end| of.strip_suffix(end)).unwrap_or(of).replace("%20", " ");
    // One mark may be part of a code.
    let marks_count = of.matches(BETWEEN).count();
    Some(if marks_count > 1 { of.replace(BETWEEN, " ") } else { of })
}

/// What stands between the words of a path.
const BETWEEN: [char; 4] = ['-', '_', '+', ' '];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_is_read_as_the_words_in_it() {
        let check =
            |typed: &str, expected: &str| assert_eq!(plain(typed).split_whitespace().collect::<Vec<_>>().join(" "), expected, "{typed}");
        check("<b>laptop</b> bag", "laptop bag");
        check("<a href=\"x\">Laptop</a>", "Laptop");
        check("tom &amp; jerry", "tom & jerry");
        check("https://www.example.com/site/apple-ipad-air-16gb/1234.p?id=12", "apple ipad air 16gb");
        check("https://shop.example/p/out-07017", "out-07017");
        check("www.example.com/products/lamp.html", "lamp");
        check("http://shop.example/p/B00X/", "B00X");
        check("https://shop.example", "");
        check("red www.example.com/desk_lamp_oak/", "red desk lamp oak");
    }

    #[test]
    fn a_mark_ends_within_its_bytes_or_is_none() {
        let long = format!("<a {}>x", "y".repeat(MARK_BYTES_MAX - 3));
        assert_eq!(plain(&long), " x");
        let longer = format!("<a {}>x", "y".repeat(MARK_BYTES_MAX - 2));
        assert_eq!(plain(&longer), longer);
        assert_eq!(plain(&"<é".repeat(300)), "<é".repeat(300));
    }

    #[test]
    fn what_is_typed_stays_as_it_is() {
        for typed in ["price < 50", "a<b", "3 < 5 > 2", "black & decker", "at&t", "wwe 2k", "<3", "http", "tv <= $500", "x <", ""] {
            assert!(matches!(plain(typed), Cow::Borrowed(_)) || plain(typed) == typed, "{typed}: {}", plain(typed));
        }
    }
}

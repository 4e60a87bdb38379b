//! Bytes as text: base64url without padding (RFC 4648, section 5), which needs no escapes in an address, and the padded form (section 4)
//! where others ask for it.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The bytes as text, four characters for three bytes.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().enumerate().fold(0_u32, |bits, (at, &byte)| bits | u32::from(byte) << (16 - 8 * at));
        (0..=group.len()).for_each(|at| text.push(char::from(DIGITS[(bits >> (18 - 6 * at)) as usize & 63])));
    }
    text
}

/// The bytes of a text; none when it is not exactly what [`encode`] gives for some bytes.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text.as_bytes().chunks(4) {
        let mut bits = 0_u32;
        for (at, &digit) in group.iter().enumerate() {
            bits |= value_of(digit)? << (18 - 6 * at);
        }
        let count = group.len() - 1;
        let beyond = bits & ((1_u32 << (24 - 8 * count)) - 1);
        if count == 0 || beyond != 0 {
            return None;
        }
        bytes.extend(&bits.to_be_bytes()[1..=count]);
    }
    Some(bytes)
}

/// The bytes in the alphabet of RFC 4648, section 4, padded with `=`.
#[must_use]
pub fn encode_padded(bytes: &[u8]) -> String {
    let mut text: String = encode(bytes)
        .chars()
        .map(|digit| {
            if digit == '-' {
                '+'
            } else if digit == '_' {
                '/'
            } else {
                digit
            }
        })
        .collect();
    text.extend(std::iter::repeat_n('=', text.len().wrapping_neg() % 4));
    text
}

/// The bytes of a padded text; none when it is not exactly what [`encode_padded`] gives for some bytes.
#[must_use]
pub fn decode_padded(text: &str) -> Option<Vec<u8>> {
    let plain = text.trim_end_matches('=');
    let bytes = decode(&plain.replace('+', "-").replace('/', "_"))?;
    (encode_padded(&bytes) == text).then_some(bytes)
}

fn value_of(digit: u8) -> Option<u32> {
    Some(match digit {
        b'A'..=b'Z' => u32::from(digit - b'A'),
        b'a'..=b'z' => u32::from(digit - b'a') + 26,
        b'0'..=b'9' => u32::from(digit - b'0') + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_vectors_of_rfc_4648_hold() {
        let check = |bytes: &str, text: &str| assert_eq!((encode(bytes.as_bytes()), decode(text)), (text.to_owned(), Some(bytes.into())));
        check("", "");
        check("f", "Zg");
        check("fo", "Zm8");
        check("foo", "Zm9v");
        check("foobar", "Zm9vYmFy");
        assert_eq!(encode(&[0xfb, 0xff]), "-_8");
        ["Z", "Zg==", "Zh", "Zm9", "é", "Zm 8"].iter().for_each(|text| assert_eq!(decode(text), None, "{text}"));
    }

    #[test]
    fn the_padded_form_is_that_of_section_4() {
        let check =
            |bytes: &[u8], text: &str| assert_eq!((encode_padded(bytes), decode_padded(text)), (text.to_owned(), Some(bytes.into())));
        check(b"", "");
        check(b"f", "Zg==");
        check(b"fo", "Zm8=");
        check(b"foo", "Zm9v");
        check(&[0xfb, 0xff], "+/8=");
        ["Zg", "Zg=", "Zg===", "-_8=", "Zh=="].iter().for_each(|text| assert_eq!(decode_padded(text), None, "{text}"));
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }

        #[test]
        fn any_text_is_bytes_or_nothing(text in "[A-Za-z0-9_=-]{0,12}|\\PC{0,6}") {
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}

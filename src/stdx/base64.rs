//! Bytes as text that needs no escapes in an address: base64url without padding (RFC 4648, section 5).

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

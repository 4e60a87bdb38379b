//! Texts that say who somebody is, sealed: what stands in events, state and checkpoints in their place.
//!
//! A sealed text is a text: it begins with a control character that no text from outside may hold, and then names the key that opens it. So
//! everything that carries texts carries sealed ones without knowing, and whoever forgets to open one shows nothing. Old journals hold these
//! fields in the clear and are read as they are. Nothing here can open anything: keys are kept elsewhere, and outside the journal.
//!
//! The two texts by which a buyer is recognised, e-mail address and street, carry a keyed digest behind a dot. It is how the engine counts for
//! one person what several keys seal; without the shop's secret nobody can tell from it whose it is, nor try out whose it could be.

use super::trade::{Address, Buyer};
use crate::stdx::base64;
use serde::{Deserialize, Serialize};

/// What a sealed text begins with.
const MARK: char = '\u{1}';
/// What stands before a digest; no digit of base64.
const DIGEST_MARK: char = '.';
/// Longest sealed text: the longest personal text (512 bytes), its key's number, nonce and tag, in base64.
const SEALED_BYTES_MAX: usize = 1 + (512_usize + 8 + 28).div_ceil(3) * 4;
/// Shortest: one byte.
const SEALED_BYTES_MIN: usize = 1 + (1_usize + 8 + 28).div_ceil(3) * 4 - 2;

/// The number of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyNumber(pub u64);

/// What is alike for texts that say the same, whatever keys they are sealed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextDigest(pub [u8; 16]);

/// The parts of a sealed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The key that opens it.
    pub key: KeyNumber,
    /// What the key opens.
    pub bytes: Vec<u8>,
    /// What it is recognised by.
    pub digest: Option<TextDigest>,
}

/// A sealed text of these bytes, which the key `number` opens.
#[must_use]
pub fn text_of(number: KeyNumber, sealed: &[u8], digest: Option<TextDigest>) -> String {
    let bytes = [number.0.to_le_bytes().as_slice(), sealed].concat();
    let digest = digest.map_or_else(String::new, |digest| format!("{DIGEST_MARK}{}", base64::encode(&digest.0)));
    format!("{MARK}{}{digest}", base64::encode(&bytes))
}

/// Whether a text claims to be sealed.
#[must_use]
pub fn is_marked(text: &str) -> bool {
    text.starts_with(MARK)
}

/// Sealed bytes and digest of a text, both encoded; none when it is in the clear or cannot be a sealed text.
fn halves(text: &str) -> Option<(&str, Option<&str>)> {
    let encoded = text.strip_prefix(MARK)?;
    let (body, digest) = encoded.split_once(DIGEST_MARK).map_or((encoded, None), |(body, digest)| (body, Some(digest)));
    (SEALED_BYTES_MIN..=SEALED_BYTES_MAX).contains(&(1 + body.len())).then_some((body, digest))
}

fn decoded(digest: &str) -> Option<TextDigest> {
    base64::decode(digest)?.try_into().ok().map(TextDigest)
}

/// The parts of a sealed text; none when the text is in the clear or is no sealed text.
#[must_use]
pub fn parts_of(text: &str) -> Option<Sealed> {
    let (body, digest) = halves(text)?;
    let digest = digest.map_or(Some(None), |digest| decoded(digest).map(Some))?;
    let bytes = base64::decode(body)?;
    let (number, sealed) = bytes.split_first_chunk()?;
    Some(Sealed { key: KeyNumber(u64::from_le_bytes(*number)), bytes: sealed.to_vec(), digest })
}

/// Whether a sealed text stands anywhere in the bytes of an entry.
#[must_use]
pub fn stands_in(entry: &[u8]) -> bool {
    let is_digit = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let marks = entry.iter().enumerate().filter(|(_, byte)| char::from(**byte) == MARK);
    marks.map(|(place, _)| entry[place + 1..].iter().take_while(is_digit).count()).any(|digits| digits >= SEALED_BYTES_MIN - 1)
}

/// What a sealed text is recognised by, if by anything.
#[must_use]
pub fn digest_of(text: &str) -> Option<TextDigest> {
    halves(text)?.1.and_then(decoded)
}

/// The key that opens a text; none when it is in the clear. Of what is behind the number nothing is looked at.
#[must_use]
pub fn key_of(text: &str) -> Option<KeyNumber> {
    // Twelve digits are nine bytes, the number among them.
    let bytes = base64::decode(halves(text)?.0.get(..12)?)?;
    bytes.first_chunk().map(|number| KeyNumber(u64::from_le_bytes(*number)))
}

/// Something with texts that say who somebody is.
pub trait Personal {
    /// Visits each such text that is not empty, with the path of its field.
    fn personal(&mut self, visit: &mut dyn FnMut(&'static str, &mut String));

    /// All such texts, also empty ones.
    fn texts(&self) -> impl Iterator<Item = &str>;

    /// The keys that open them, in order and without repetition.
    fn keys(&self) -> Vec<KeyNumber> {
        let mut keys: Vec<KeyNumber> = self.texts().filter_map(key_of).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

/// Country, region and postal code stay in the clear: taxes, shipping zones and sourcing are decided by them, long after an order was placed
/// and for as long as its accounts are kept. They name a district, not a person.
impl Personal for Address {
    fn texts(&self) -> impl Iterator<Item = &str> {
        [&self.name, &self.street, &self.city].into_iter().map(String::as_str)
    }

    fn personal(&mut self, visit: &mut dyn FnMut(&'static str, &mut String)) {
        let Self { name, street, city, postal_code: _, region: _, country: _ } = self;
        for (field, text) in [("address.name", name), ("address.street", street), ("address.city", city)] {
            // Blanks count as missing, and stay so.
            if !text.trim().is_empty() {
                visit(field, text);
            }
        }
    }
}

/// Names of shoppers and visits are the shop's own numbers for people, not people's.
impl Personal for Buyer {
    fn texts(&self) -> impl Iterator<Item = &str> {
        [&self.email, &self.name, &self.phone].into_iter().filter_map(|text| text.as_deref())
    }

    fn personal(&mut self, visit: &mut dyn FnMut(&'static str, &mut String)) {
        let Self { shopper: _, session: _, email, name, phone, consent: _, agent: _ } = self;
        for (field, text) in [("buyer.email", email), ("buyer.name", name), ("buyer.phone", phone)] {
            text.iter_mut().filter(|text| !text.is_empty()).for_each(|text| visit(field, text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_names_its_key_and_nothing_else_is_one() {
        for digest in [None, Some(TextDigest([9; 16]))] {
            let text = text_of(KeyNumber(258), &[7; 40], digest);
            assert!(is_marked(&text) && text.chars().skip(1).all(|letter| letter.is_ascii_graphic()));
            let expected = Sealed { key: KeyNumber(258), bytes: vec![7; 40], digest };
            assert_eq!((parts_of(&text), key_of(&text), digest_of(&text)), (Some(expected), Some(KeyNumber(258)), digest));
            assert!(stands_in(format!("an entry with {text} in it").as_bytes()) && !stands_in(&text.as_bytes()[1..]));
        }
        let check = |text: &str| assert_eq!(parts_of(text), None, "{text:?}");
        check("ada@example.org");
        check("\u{1}");
        check("\u{1}AAAA");
        check(&format!("\u{1}{}", "!".repeat(60)));
        check(&format!("{}.", text_of(KeyNumber(1), &[7; 40], None)));
        check(&format!("{}.AAAA", text_of(KeyNumber(1), &[7; 40], None)));
        check(&format!("\u{1}{}", "A".repeat(SEALED_BYTES_MAX)));
    }

    #[test]
    fn the_longest_and_the_shortest_text_can_be_sealed() {
        for bytes in [1, 512] {
            let text = text_of(KeyNumber(u64::MAX), &vec![0; bytes + 28], Some(TextDigest([0; 16])));
            assert!(parts_of(&text).is_some() && stands_in(text.as_bytes()), "{bytes}");
        }
    }

    #[test]
    fn empty_fields_stay_empty() {
        let mut visited = Vec::new();
        let mut address = Address { name: "Ada".to_owned(), street: " ".to_owned(), country: "DE".to_owned(), ..Address::default() };
        address.personal(&mut |field, _| visited.push(field));
        Buyer { email: Some("a@b".to_owned()), ..Buyer::default() }.personal(&mut |field, _| visited.push(field));
        assert_eq!(visited, ["address.name", "buyer.email"]);
    }
}

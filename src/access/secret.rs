//! Secrets of keys: `sk_` name `_` secret checksum.
//!
//! ```text
//! sk_<16 letters a to p>_<48 hexadecimal digits: 192 random bits><8 digits: CRC-32C of everything before>
//! ```
//!
//! The checksum lets a scanner of source code and a server tell a secret from a slip without looking anything up. What is kept is a digest:
//! of so many random bits a plain one is enough.

use crate::id::KeyId;
use crate::stdx::digest::{Digest, blake3, crc32c};

/// Random bytes that a new key takes: 8 for its name, 24 for its secret.
pub const KEY_RANDOM_BYTES: usize = 32;
const NAME_BYTES: usize = 8;
const PREFIX: &str = "sk_";
const CHECK_DIGITS: usize = 8;
const TEXT_BYTES: usize = PREFIX.len() + 2 * KEY_RANDOM_BYTES + 1 + CHECK_DIGITS;
/// What keeps these digests apart from every other use of the hash.
const DOMAIN: &[u8] = b"shopkeeper access key\0";

/// A key as somebody shows it: well-formed, not yet known to be good.
#[derive(Clone, PartialEq, Eq)]
pub struct Presented {
    /// Its name.
    pub key: KeyId,
    /// The digest of its secret.
    pub secret: Digest,
}

/// A new secret as it is shown once, and what is kept of it. A key that has a name keeps it.
#[must_use]
pub fn new_secret(random: [u8; KEY_RANDOM_BYTES], name: Option<&KeyId>) -> Option<(String, Presented)> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let name = name.map_or_else(|| letters(&random[..NAME_BYTES]), |name| name.as_str().to_owned());
    let start = format!("{PREFIX}{name}_{}", hex(&random[NAME_BYTES..]));
    let text = format!("{start}{:08x}", crc32c(start.as_bytes()));
    let presented = Presented::parse(&text)?;
    Some((text, presented))
}

/// Bytes as letters, two for each: a name that is drawn must not look like a card number, which is refused wherever it is written.
#[must_use]
pub fn letters(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|half| char::from(b'a' + half)).collect()
}

impl Presented {
    /// Reads what a client sends; none when it is no key, or one with a slip in it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != TEXT_BYTES || !text.is_ascii() {
            return None;
        }
        let (start, check) = text.split_at(TEXT_BYTES - CHECK_DIGITS);
        let (name, secret) = start.strip_prefix(PREFIX)?.split_once('_')?;
        let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit));
        let is_whole = name.len() == 2 * NAME_BYTES
            && name.bytes().all(|letter| (b'a'..=b'p').contains(&letter))
            && digits(secret)
            && format!("{:08x}", crc32c(start.as_bytes())) == check;
        let key = KeyId::new(name).ok().filter(|_| is_whole)?;
        Some(Self { key, secret: blake3(&[DOMAIN, secret.as_bytes()]) })
    }
}

impl std::fmt::Debug for Presented {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Presented({})", self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_as_it_was_made_and_no_slip_gets_through() {
        let (text, kept) = new_secret([7; KEY_RANDOM_BYTES], None).expect("a key");
        assert_eq!((text.len(), Presented::parse(&text)), (76, Some(kept.clone())));
        let (again, rotated) = new_secret([9; KEY_RANDOM_BYTES], Some(&kept.key)).expect("a key");
        assert!(again != text && rotated.key == kept.key && rotated.secret != kept.secret);
        for at in 0..text.len() {
            let mut slip = text.clone().into_bytes();
            slip[at] = if slip[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(Presented::parse(&String::from_utf8(slip).expect("text")), None, "letter {at}");
        }
        for other in ["", "sk_", "sk_é", &text[1..], &format!("{text} "), &text.to_uppercase()] {
            assert_eq!(Presented::parse(other), None, "{other}");
        }
        assert!(!format!("{kept:?}").contains(&text[20..30]), "nothing of a secret is written anywhere");
    }
}

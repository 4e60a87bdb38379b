//! Names that the shop has signed: whoever shows one is taken for whom it names, until it ends. Nothing has to be kept of them.
//!
//! ```text
//! st1.<expires: milliseconds>.<base64url of subject>.<base64url of HMAC-SHA256 over purpose, expires, subject>
//! ```

use crate::stdx::base64;
use crate::stdx::clock::Timestamp;
use crate::stdx::crypto::hmac_sha256;
use crate::stdx::digest::same;

const START: &str = "st1";
/// Longest text that is looked at.
const TEXT_BYTES_MAX: usize = 1_024;

/// What a signed name is good for; one is never good for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To act as a shopper under a key.
    Shopper,
    /// To be the same browser again.
    Visit,
}

/// Signs and reads.
pub struct Signer([u8; 32]);

impl Signer {
    /// Under a secret of the shop.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// The signed name; `scope` is whatever it must be shown together with, such as a key's name.
    #[must_use]
    pub fn sign(&self, purpose: Purpose, scope: &str, subject: &str, expires_at: Timestamp) -> String {
        let tag = self.tag(purpose, scope, subject, expires_at);
        format!("{START}.{}.{}.{}", expires_at.0, base64::encode(subject.as_bytes()), base64::encode(&tag))
    }

    /// Whom it names, and until when; none when it was signed for something else, was changed, or has ended.
    #[must_use]
    pub fn read(&self, purpose: Purpose, scope: &str, text: &str, now: Timestamp) -> Option<(String, Timestamp)> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let mut parts = text.split('.');
        let (start, expires, subject, tag) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let expires_at = Timestamp(expires.parse().ok()?);
        let subject = String::from_utf8(base64::decode(subject)?).ok()?;
        let tag = base64::decode(tag)?;
        let is_ours = start == START && parts.next().is_none() && same(&tag, &self.tag(purpose, scope, &subject, expires_at));
        (is_ours && now < expires_at).then_some((subject, expires_at))
    }

    fn tag(&self, purpose: Purpose, scope: &str, subject: &str, expires_at: Timestamp) -> [u8; 32] {
        let purpose: &[u8] = match purpose {
            Purpose::Shopper => b"shopper token\0",
            Purpose::Visit => b"visit\0",
        };
        let length = (scope.len() as u64).to_le_bytes();
        hmac_sha256(&self.0, &[purpose, &length, scope.as_bytes(), &expires_at.0.to_le_bytes(), subject.as_bytes()])
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Signer(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_name_is_good_for_one_thing_for_a_while_and_unchanged() {
        let signer = Signer::new([1; 32]);
        let text = signer.sign(Purpose::Shopper, "k", "ann", Timestamp(100));
        let read = |purpose, scope, text: &str, now| signer.read(purpose, scope, text, Timestamp(now));
        assert_eq!(read(Purpose::Shopper, "k", &text, 99), Some(("ann".to_owned(), Timestamp(100))));
        assert_eq!(read(Purpose::Shopper, "k", &text, 100), None);
        assert_eq!(read(Purpose::Visit, "k", &text, 99), None);
        assert_eq!(read(Purpose::Shopper, "other", &text, 99), None);
        assert_eq!(Signer::new([2; 32]).read(Purpose::Shopper, "k", &text, Timestamp(99)), None);
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(read(Purpose::Shopper, "k", &String::from_utf8(changed).expect("text"), 99), None, "letter {at}");
        }
        assert_eq!(read(Purpose::Shopper, "k", &format!("{text}.x"), 99), None);
    }
}
